"""The classifiers by name."""
