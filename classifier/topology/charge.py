"""Deposits: in all, near the vertex, along a track, over the first centimetres of an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry
from classifier.topology.matching import Track
from classifier.topology.projection import Projection

VERTEX_RADIUS_CM = 5.0
START_CM = 3.0
SKIPPED_CM = 0.5
"""The first half centimetre of an object is left out: it is shared with what else starts there."""
TUBE_PIXELS = 1.5
"""Half width in pixels of the tube around an axis in which charge at its start is summed."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Ray:
    """Where an object starts in a view and where it goes.

    Attributes
    ----------
    start : ndarray of float, shape (2,)
        Row and column.
    direction : ndarray of float, shape (2,)
        Pixels (rows, columns) for one centimetre in space.
    """

    start: npt.NDArray[np.float64]
    direction: npt.NDArray[np.float64]


def visible_energy(event: Event, calibration: float) -> float:
    """Return the deposit in MeV, mean of the views that see any."""
    values = np.nan_to_num(event.hits.value.astype(np.float64), posinf=0.0, neginf=0.0)
    sums = np.bincount(event.hits.view, weights=values, minlength=event.geometry.n_views)
    seen = sums[sums > 0]
    return float(seen.mean() * calibration) if len(seen) else 0.0


def vertex_activity(event: Event, vertex: npt.NDArray[np.float64], projection: Projection) -> float:
    """Return the deposit in MeV within 5 cm of the vertex, mean of the views that show it.

    Parameters
    ----------
    event : Event
    vertex : ndarray of float, shape (n_views, 2)
    projection : Projection
    """
    sums = []
    hits = event.hits
    for v, (row, column) in enumerate(vertex):
        if not np.isfinite(row + column):
            continue
        here = (hits.view == v) & np.isfinite(hits.value)
        distance = np.hypot(
            (hits.row[here].astype(np.float64) - row) * projection.pitch[v, 0],
            (hits.column[here].astype(np.float64) - column) * projection.pitch[v, 1],
        )
        sums.append(float(hits.value[here][distance <= VERTEX_RADIUS_CM].sum(dtype=np.float64)))
    return float(np.mean(sums)) * projection.mev_per_unit if sums else 0.0


@nb.njit(cache=True)
def _tube(
    rows: Array, columns: Array, values: Array, row: float, column: float, dr: float, dc: float
) -> float:
    """Sum the charge of the start of an object; `dr`, `dc` are pixels for one centimetre."""
    size = np.hypot(dr, dc)
    total = 0.0
    for k in range(len(rows)):
        r, c = rows[k] - row, columns[k] - column
        along = (r * dr + c * dc) / size
        across = abs(r * dc - c * dr) / size
        if SKIPPED_CM * size <= along < (SKIPPED_CM + START_CM) * size and across <= TUBE_PIXELS:
            total += values[k]
    return total


def initial_dedx(event: Event, rays: Mapping[int, Ray], calibration: float) -> float | None:
    """Return the loss over the first centimetres of an object in MeV/cm.

    Views in which it runs along the wires count little; those in which it points at the viewer,
    nothing.

    Parameters
    ----------
    event : Event
    rays : mapping of view number to Ray
    calibration : float
        MeV per unit of charge.
    """
    hits = event.hits
    losses, weights = [], []
    for v, ray in rays.items():
        size = float(np.hypot(*ray.direction))
        if size * START_CM < 2.0:
            continue
        here = (hits.view == v) & np.isfinite(hits.value)
        total = _tube(
            hits.row[here].astype(np.float64),
            hits.column[here].astype(np.float64),
            hits.value[here].astype(np.float64),
            float(ray.start[0]),
            float(ray.start[1]),
            float(ray.direction[0]),
            float(ray.direction[1]),
        )
        if total > 0:
            losses.append(total * calibration / START_CM)
            weights.append(_wire_weight(float(ray.direction[0]) / size, v, event.geometry))
    return float(np.average(losses, weights=weights)) if losses else None


def _wire_weight(across: float, view: int, geometry: Geometry) -> float:
    """Return how well a view measures charge along a direction with this share across wires."""
    wires = geometry.views[view].row_axis == "wire"
    return max(abs(across), 0.05) ** 2 if wires else 1.0


def track_dedx(track: Track, calibration: float, geometry: Geometry) -> float:
    """Return the median loss along a track in 2 cm steps, mean of the views, in MeV/cm."""
    total = weight = 0.0
    for v, path in track.paths.items():
        step = path.points[-1] - path.points[0]
        w = _wire_weight(step[0] / max(float(np.hypot(*step)), 1.0), v, geometry)
        length = path.length * track.stretch[v]
        edges = np.arange(0.0, length + 1e-9, 2.0)
        if len(edges) < 2:
            loss = float(path.core.sum()) / max(length, 0.5)
        else:
            loss = median(path.losses(edges / track.stretch[v]).tolist()) / 2.0
        total += w * loss * calibration
        weight += w
    return total / weight
