"""What every room of NuLens shares: the error tree, cache directories and base models."""

__version__ = "0.1.0"
