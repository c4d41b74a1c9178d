"""Which parts of a picture a verdict rests on: cover them one by one and classify again."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.models.base import Predictions, Progress

_CELLS = 4
"""Cells along each side of the box around the hits; coarse, so that an answer takes seconds."""


def occlusion(model: Any, events: Any, before: Predictions, progress: Progress) -> Any:
    """Draw the event with what each cell of its views adds to the chosen class.

    Occlusion sensitivity (Zeiler and Fergus, arXiv:1311.2901): the fall of the probability of the
    chosen class when a cell's hits are removed.

    Parameters
    ----------
    model : Classifier
    events : EventSet
        One event.
    before : Predictions
        Verdict on the whole event.
    progress : callable
        Called with (cells covered, cells in all); may stop the work by an error.
    """
    from classifier.display import event_display
    from classifier.events import Event, Hits

    event = events[0]
    hits = event.hits
    chosen = int(before.probabilities[0].argmax())
    maps = np.zeros((event.geometry.n_views, *event.geometry.shape), dtype=np.float32)
    covered: list[Event] = []
    boxes: list[tuple[int, slice, slice]] = []
    for view in range(event.geometry.n_views):
        for rows, columns in _cells(hits, view):
            inside = (hits.view == view) & (hits.row >= rows.start) & (hits.row < rows.stop)
            inside &= (hits.column >= columns.start) & (hits.column < columns.stop)
            if not inside.any():
                continue
            rest = Hits(
                hits.view[~inside], hits.row[~inside], hits.column[~inside], hits.value[~inside]
            )
            covered.append(Event(event.id, event.index, event.geometry, rest))
            boxes.append((view, rows, columns))
    if covered:
        after = model.predict(covered, progress=progress).probabilities[:, chosen]
        for (view, rows, columns), p in zip(boxes, after, strict=True):
            maps[view, rows, columns] = float(before.probabilities[0, chosen]) - float(p)
    title = f"Event {event.index}: what its verdict rests on"
    return event_display(event, title, saliency=maps)


def _cells(hits: Any, view: int) -> list[tuple[slice, slice]]:
    own = hits.view == view
    if not own.any():
        return []
    row_edges = _edges(hits.row[own])
    column_edges = _edges(hits.column[own])
    return [
        (slice(int(a), int(b)), slice(int(c), int(d)))
        for a, b in pairwise(row_edges)
        for c, d in pairwise(column_edges)
    ]


def _edges(positions: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Edges that give each strip about the same number of hits."""
    edges = np.quantile(positions, np.linspace(0, 1, _CELLS + 1)).astype(np.int64)
    edges[-1] += 1
    return np.unique(edges)
