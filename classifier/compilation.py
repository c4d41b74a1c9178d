"""Compile what Numba compiles before anyone waits for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

_EVENTS = 20
"""Of each detector; so many reach every function."""


def compile_ahead(progress: Callable[[int, int], None] | None = None) -> None:
    """Fill Numba's cache with simulation and topology of both detectors, by using them.

    Machine code is kept beside the package, or in the user's cache where that cannot be written:
    where any later run finds it. With a full cache this takes seconds.

    Parameters
    ----------
    progress : callable, optional
        Called with (detectors done, detectors in all).
    """
    from classifier.events import EventClass
    from classifier.formats import open_events
    from classifier.simulation.driver import simulate
    from classifier.simulation.event import DETECTORS
    from classifier.topology import measure

    one_each = {label.value: 1.0 for label in EventClass}
    with tempfile.TemporaryDirectory() as folder:
        for done, geometry in enumerate(DETECTORS):
            if progress:
                progress(done, len(DETECTORS))
            path = Path(folder) / f"{geometry}.h5"
            simulate(path, geometry, _EVENTS, "dune", 1, classes=one_each, cosmics=1.0)
            for event in open_events(path):
                measure(event)
    if progress:
        progress(len(DETECTORS), len(DETECTORS))
