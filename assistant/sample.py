"""The bundled sample: simulated events to look at on a fresh machine."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.events import EventSet


def sample_path() -> Path:
    """Return the path of the bundled sample of the DUNE far detector."""
    import classifier

    return Path(classifier.__file__).parent / "data" / "sample-dune-fd-hd.h5"


def open_or_sample(data: str | PathLike[str] | None) -> EventSet:
    """Open `data`, or the bundled sample where it is None."""
    from classifier import open_events

    return open_events(sample_path() if data is None else data)
