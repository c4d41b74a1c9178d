"""Showers of different views that are one shower in space, and where it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.matching import SLACK, Frame
from classifier.topology.showers import Shower, axis, in_cone

LEAST_LIKENESS = 0.1
"""Showers of two views may be one if they are at least this alike."""
EMPTY_PIXELS = 4
"""A gap of fewer empty pixels than this, 2 cm, is none: wires miss hits."""
HIDDEN_PIXELS = 6
"""A track that covers more of the way than this, 3 cm, hides whether there is a gap."""
LOOSE = 2.0
"""Half width in pixels of the tube along the axis: the vertex is known to a pixel or two."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SpaceShower:
    """A shower in space.

    Attributes
    ----------
    parts : dict of view number to Shower
    axes : dict of view number to ndarray of float, shape (2,)
        Unit vector (rows, columns) of its axis in each view.
    starts : dict of view number to float
        Distance in pixels, along the axis, from the vertex to the first charge; -1 where a track
        hides it.
    gap_cm : float
        Distance in space from the vertex to its start; 0 where no gap is seen.
    stretch : dict of view number to float
        Centimetres in space per pixel along the axis.
    charge : float
        Median of the views that show it.
    """

    parts: dict[int, Shower]
    axes: dict[int, npt.NDArray[np.float64]]
    starts: dict[int, float]
    gap_cm: float
    stretch: dict[int, float]
    charge: float


@dataclass(frozen=True, eq=False)
class _Part:
    view: int
    shower: Shower
    centre: npt.NDArray[np.float64]
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ViewHits:
    """The hits of a view, and which pixels its tracks cover.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (n,)
    charges : ndarray of float, shape (n,)
    charge : ndarray of float, shape (H, W)
        The same as an image.
    tracks : ndarray of bool, shape (H, W)
    """

    rows: Array
    columns: Array
    charges: Array
    charge: Array
    tracks: Array


@nb.njit(cache=True)
def first_charge(
    charge: Array, tracks: Array, row: float, column: float, dr: float, dc: float, reach: int
) -> float:
    """Walk along an axis from the vertex and return where charge starts, in pixels; 0 at once.

    Pixels that a track covers are neither charge nor gap; -1 where they hide most of the way.
    """
    height, width = charge.shape
    empty = 0
    covered = 0
    for step in range(1, reach):
        half = LOOSE + 0.03 * step
        there = False
        hidden = False
        for side in range(-int(half + 0.5), int(half + 0.5) + 1):
            i = round(row + step * dr - side * dc)
            j = round(column + step * dc + side * dr)
            if 0 <= i < height and 0 <= j < width and charge[i, j] > 0:
                if tracks[i, j]:
                    hidden = True
                else:
                    there = True
        if there:
            # A stray hit is no start: charge must go on.
            filled = 0
            for more in range(1, 9):
                found = False
                wide = int(LOOSE + 0.03 * (step + more))
                for side in range(-wide, wide + 1):
                    i = round(row + (step + more) * dr - side * dc)
                    j = round(column + (step + more) * dc + side * dr)
                    if 0 <= i < height and 0 <= j < width and charge[i, j] > 0:
                        found = True
                filled += found
            if filled >= 5:
                if covered > max(empty, HIDDEN_PIXELS):
                    return -1.0
                return float(step) if empty >= EMPTY_PIXELS else 0.0
            empty += 1
        elif hidden:
            covered += 1
        else:
            empty += 1
    return float(reach)


def _part(view: int, shower: Shower, hits: ViewHits, frame: Frame) -> _Part | None:
    dr, dc = axis(shower.path)
    row, column = shower.path.points[0]
    inside = in_cone(hits.rows, hits.columns, row, column, dr, dc, shower.extent * 1.2 + 10.0)
    inside &= ~hits.tracks[hits.rows, hits.columns]
    charges = hits.charges[inside]
    if not len(charges):
        return None
    places = np.stack([hits.rows[inside], hits.columns[inside]], axis=1).astype(np.float64)
    centre = charges @ places / charges.sum()
    common = frame.projection.common_axis or 0
    order = np.argsort(places[:, common])
    running = np.cumsum(charges[order]) / charges.sum()
    low, high = places[order, common][np.searchsorted(running, [0.05, 0.95])]
    return _Part(view, shower, centre, low - frame.shifts[view], high - frame.shifts[view])


def _likeness(a: _Part, b: _Part) -> float:
    """Return how well two showers agree in the common coordinate and in charge, 1 at best."""
    shared = min(a.high, b.high) - max(a.low, b.low) + SLACK
    whole = max(a.high, b.high) - min(a.low, b.low) + SLACK
    ratio = abs(math.log(max(a.shower.charge, 1.0) / max(b.shower.charge, 1.0)))
    return shared / whole - 0.25 * min(ratio, 4.0)


def match_showers(
    showers: Sequence[Sequence[Shower]],
    hits: Sequence[ViewHits],
    vertex: npt.NDArray[np.float64],
    frame: Frame,
) -> list[SpaceShower]:
    """Join showers across views, the largest first.

    Parameters
    ----------
    showers : sequence of sequences of Shower
        Of each view.
    hits : sequence of ViewHits
    vertex : ndarray of float, shape (n_views, 2)
    frame : Frame

    Returns
    -------
    list of SpaceShower
        Largest charge first.
    """
    left = [
        part
        for v, some in enumerate(showers)
        for shower in some
        if (part := _part(v, shower, hits[v], frame)) is not None
    ]
    left.sort(key=lambda p: -p.shower.charge)
    found = []
    while left:
        anchor = left.pop(0)
        chosen = [anchor]
        for view in range(len(showers)):
            if view == anchor.view or frame.projection.common_axis is None:
                continue
            rated = [(_likeness(anchor, p), k) for k, p in enumerate(left) if p.view == view]
            best, k = max(rated, default=(0.0, -1))
            if best >= LEAST_LIKENESS:
                chosen.append(left.pop(k))
        found.append(_whole(chosen, hits, vertex, frame))
    return sorted(found, key=lambda s: -s.charge)


def _whole(
    parts: Sequence[_Part],
    hits: Sequence[ViewHits],
    vertex: npt.NDArray[np.float64],
    frame: Frame,
) -> SpaceShower:
    """Find axis and start of a shower from its parts."""
    axes, starts, steps = {}, {}, {}
    for p in parts:
        # Photons and electrons come from the vertex: the axis is the line from there.
        step = p.centre - vertex[p.view]
        distance = float(np.hypot(*step))
        if distance < 2.0:
            step = np.array(axis(p.shower.path))
            distance = 1.0
        axes[p.view] = step / distance
        view = hits[p.view]
        starts[p.view] = first_charge(
            view.charge,
            view.tracks,
            float(vertex[p.view, 0]),
            float(vertex[p.view, 1]),
            float(step[0] / distance),
            float(step[1] / distance),
            int(distance) + 2,
        )
        steps[p.view] = step
    space = float(np.linalg.norm(frame.projection.in_space(steps)[0]))
    stretch = {}
    for v, step in steps.items():
        flat = float(np.linalg.norm(step * frame.projection.pitch[v]))
        stretch[v] = max(space, flat) / max(float(np.hypot(*step)), 1.0)
    gaps = [start * stretch[v] for v, start in starts.items() if start >= 0] or [0.0]
    charge = float(np.median([p.shower.charge for p in parts]))
    return SpaceShower(
        {p.view: p.shower for p in parts},
        axes,
        starts,
        float(np.median(gaps)),
        stretch,
        charge,
    )
