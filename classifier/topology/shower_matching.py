"""Showers of different views that are one shower in space, and where it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.matching import SLACK, Frame
from classifier.topology.showers import Shower, axis, in_cone

LEAST_LIKENESS = 0.1
"""Showers of two views may be one if they are at least this alike."""
BESIDE_PIXELS = 2.0
SPREAD = 0.03
"""Half width of the way along an axis, at its start and for each pixel on."""
HIDDEN = -0.5
"""A pixel of a track hides charge of a shower, but a shower on top of it is seen beside it."""
STEP_CM = 0.25
LEAST_GAP_CM = 2.0
"""A gap of less is none: wires miss hits, and the vertex is known to a pixel or two."""
GOES_ON_CM = 6.0
FARTHEST_CM = 100.0
"""Seven radiation lengths (PDG: 14.0 cm): no photon that is seen converts farther away."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SpaceShower:
    """A shower in space.

    Attributes
    ----------
    parts : dict of view number to Shower
    axes : dict of view number to ndarray of float, shape (2,)
        Unit vector (rows, columns) of its axis in each view.
    gap_cm : float
        Distance in space from the vertex to its start; 0 where no gap is seen.
    stretch : dict of view number to float
        Centimetres in space per pixel along the axis.
    charge : float
        Median of the views that show it.
    """

    parts: dict[int, Shower]
    axes: dict[int, npt.NDArray[np.float64]]
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
def way(
    charge: Array, tracks: Array, row: float, column: float, dr: float, dc: float, reach: int
) -> Array:
    """Walk along an axis and tell at each pixel whether there is charge.

    Returns
    -------
    ndarray of float, shape (reach,)
        1 where there is charge, -1 where there is none, `HIDDEN` where there is a track's only, 0
        outside the image.
    """
    height, width = charge.shape
    out = np.zeros(reach)
    for step in range(reach):
        wide = int(BESIDE_PIXELS + SPREAD * step)
        for side in range(-wide, wide + 1):
            i = int(np.rint(row + step * dr - side * dc))
            j = int(np.rint(column + step * dc + side * dr))
            if not (0 <= i < height and 0 <= j < width):
                continue
            if charge[i, j] > 0 and not tracks[i, j]:
                out[step] = 1.0
                break
            if charge[i, j] > 0:
                out[step] = HIDDEN
            elif out[step] == 0.0:
                out[step] = -1.0
    return out


def find_gap(ways: dict[int, Array], stretch: dict[int, float]) -> float:
    """Return how far from the vertex charge begins, all views together, in cm; 0 for no gap.

    The views' ways are added up along the axis in space, filled pixels against empty ones. The gap
    ends where most is empty so far, looked for until charge has gone on for `GOES_ON_CM`: a shower
    that has begun has holes of its own.

    Parameters
    ----------
    ways : dict of view number to ndarray
        See `way`.
    stretch : dict of view number to float
        Centimetres in space per pixel.
    """
    length = min(max(float(len(w)) * stretch[v] for v, w in ways.items()), FARTHEST_CM)
    n = int(length / STEP_CM)
    if not n:
        return 0.0
    total, weight = np.zeros(n), np.full(n, 1e-9)
    middle = (np.arange(n) + 0.5) * STEP_CM
    for v, told in ways.items():
        at = (middle / stretch[v]).astype(np.int64)
        known = at < len(told)
        here = told[at[known]]
        # A view in which the axis points at the viewer tells little.
        total[known] += here / stretch[v]
        weight[known] += (here != 0) / stretch[v]
    filled = np.concatenate([[0.0], np.cumsum(total / weight * STEP_CM)])
    lowest = np.minimum.accumulate(filled)
    gone_on = np.flatnonzero(filled - lowest >= GOES_ON_CM)
    # What fills the first centimetres of a way with a gap belongs to another prong.
    begun = int(gone_on[0]) if len(gone_on) else n
    end = int(filled[: begun + 1].argmin())
    return end * STEP_CM if filled[end] <= -LEAST_GAP_CM else 0.0


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
    axes, ways, steps = {}, {}, {}
    for p in parts:
        # Photons and electrons come from the vertex: the axis is the line from there.
        step = p.centre - vertex[p.view]
        distance = float(np.hypot(*step))
        if distance < 2.0:
            step = np.array(axis(p.shower.path))
            distance = 1.0
        axes[p.view] = step / distance
        view = hits[p.view]
        (row, column), (dr, dc) = vertex[p.view], axes[p.view]
        ways[p.view] = way(view.charge, view.tracks, row, column, dr, dc, int(distance) + 2)
        steps[p.view] = step
    space = float(np.linalg.norm(frame.projection.in_space(steps)[0]))
    stretch = {}
    for v, step in steps.items():
        flat = float(np.linalg.norm(step * frame.projection.pitch[v]))
        stretch[v] = max(space, flat) / max(float(np.hypot(*step)), 1.0)
    charge = median(p.shower.charge for p in parts)
    return SpaceShower(
        {p.view: p.shower for p in parts},
        axes,
        find_gap(ways, stretch),
        stretch,
        charge,
    )
