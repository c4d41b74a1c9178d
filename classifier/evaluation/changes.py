"""Changes of single events that probe an explanation: harmless ones, and removals of an object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry, Hits
from classifier.topology import Reconstruction
from classifier.topology.measurement import MIN_SHOWER_MEV
from classifier.topology.projection import Projection
from classifier.topology.reconstruction import CENTRED
from classifier.topology.showers import OPENING, WIDEST, axis

MASK_PIXELS = 3
"""Half width of what is removed around a track, in pixels."""


def harmless(event: Event, rng: np.random.Generator) -> Event:
    """Change an event in ways that leave its physics as it is.

    Columns (drift time, or the horizontal and the vertical) are mirrored at random, those that
    views share together, and shifted by up to 8 pixels where nothing is cut off and the crop does
    not centre on the interaction; charges scale by up to 3 %.
    """
    hits, geometry = event.hits, event.geometry
    column = hits.column.astype(np.int64)
    for views in _by_column_axis(geometry).values():
        here = np.isin(hits.view, views)
        if not here.any():
            continue
        if rng.integers(2):
            column[here] = geometry.shape[1] - 1 - column[here]
        if geometry.name in CENTRED:
            continue
        room_left, room_right = column[here].min(), geometry.shape[1] - 1 - column[here].max()
        column[here] += rng.integers(-min(8, room_left), min(8, room_right) + 1)
    value = np.minimum(hits.value * rng.uniform(0.97, 1.03), geometry.saturation)
    if hits.value.dtype.kind in "ui":
        value = np.maximum(np.rint(value), 1)
    return _with(event, hits.view, hits.row, column, value.astype(hits.value.dtype))


def _by_column_axis(geometry: Geometry) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for v, view in enumerate(geometry.views):
        found.setdefault(view.column_axis, []).append(v)
    return found


def _with(event: Event, view: Any, row: Any, column: Any, value: Any) -> Event:
    order = np.lexsort((column, row, view))
    hits = Hits(
        view[order].astype(np.uint8),
        row[order].astype(np.uint16),
        column[order].astype(np.uint16),
        value[order],
    )
    return replace(event, hits=hits)


def without_longest_track(event: Event, found: Reconstruction) -> Event:
    """Remove the hits of the longest track in all views; unchanged without a track."""
    gone = np.zeros((event.geometry.n_views, *event.geometry.shape), dtype=bool)
    for v, path in (found.tracks[0].paths if found.tracks else {}).items():
        for row, column in path.points.astype(np.int64):
            top, left = max(row - MASK_PIXELS, 0), max(column - MASK_PIXELS, 0)
            gone[v, top : row + MASK_PIXELS + 1, left : column + MASK_PIXELS + 1] = True
    return _without(event, gone)


def without_showers(event: Event, found: Reconstruction) -> Event:
    """Remove every shower with its cone in all views, tracks spared; unchanged without a shower."""
    hits, geometry = event.hits, event.geometry
    gone = np.zeros((geometry.n_views, *geometry.shape), dtype=bool)
    calibration = Projection.of(geometry).mev_per_unit
    for v, showers in enumerate(found.showers):
        here = hits.view == v
        rows, columns = hits.row[here].astype(np.int64), hits.column[here].astype(np.int64)
        for shower in showers:
            if shower.charge * calibration < MIN_SHOWER_MEV:
                continue
            dr, dc = axis(shower.path)
            row, column = shower.path.points[0]
            along = (rows - row) * dr + (columns - column) * dc
            off = np.abs((rows - row) * dc - (columns - column) * dr)
            inside = (along >= -2) & (off <= np.minimum(3.0 + OPENING * along, WIDEST))
            gone[v, rows[inside], columns[inside]] = True
    for track in found.tracks:
        for v, path in track.paths.items():
            rows, columns = path.points.astype(np.int64).T
            gone[v, rows, columns] = False
    return _without(event, gone)


def _without(event: Event, gone: npt.NDArray[np.bool_]) -> Event:
    hits = event.hits
    keep = ~gone[hits.view, hits.row, hits.column]
    return replace(
        event, hits=Hits(hits.view[keep], hits.row[keep], hits.column[keep], hits.value[keep])
    )
