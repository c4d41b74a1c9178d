"""Large sets of events read a piece at a time, by several processes at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from classifier.events import EventSet

Read = TypeVar("Read")
_EVENTS = 256
_SMALL = 16
"""Pieces that one process reads sooner than others are started."""


def read_pieces(
    read: Callable[[EventSet], Read], events: EventSet, workers: int | None = None
) -> list[Read]:
    """Return what `read` makes of each piece of the events, in order.

    Parameters
    ----------
    read : callable
        A function of a module, which another process can import.
    events : EventSet
    workers : int, optional
        Processes that read; default: one a core for large sets, none for small ones.
    """
    pieces = [events[i : i + _EVENTS] for i in range(0, len(events), _EVENTS)]
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if len(pieces) > _SMALL else 1
    if workers <= 1:
        return [read(piece) for piece in pieces]
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        return list(pool.map(read, pieces))
