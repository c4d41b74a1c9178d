"""Events in, calibrated class probabilities and measured topology out."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.events import EventSet
    from classifier.models.base import Classifier

__all__ = ["load_classifier", "open_events"]


def open_events(path: str | PathLike[str]) -> EventSet:
    """Open a file or folder of events; see `classifier.formats.open_events`."""
    from classifier.formats import open_events as _open

    return _open(path)


def load_classifier(name: str | PathLike[str]) -> Classifier:
    """Load a classifier by name or path; see `classifier.models.load_classifier`."""
    from classifier.models import load_classifier as _load

    return _load(name)
