"""Whether a path is the axis of an electromagnetic shower, and which hits the shower has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.paths import Path

Array = npt.NDArray[Any]

AXIS_PIXELS = 60
"""The direction of a path is that of its first 60 pixels: 30 cm, two radiation lengths (PDG)."""
OPENING = 0.30
"""Half width of the cone around the axis, as a slope; about 17 degrees."""
WIDEST = 40.0
"""Half width in pixels that the cone does not exceed: 20 cm, two Molière radii (PDG: 9.0 cm)."""


@dataclass(frozen=True)
class Shower:
    """A path with what surrounds it.

    Attributes
    ----------
    score : float
        How shower-like it is, 0 to 1.
    charge : float
        Charge in the cone around the axis, the path's own included.
    extent : float
        Distance in pixels from the start to where 90 % of that charge is passed.
    features : tuple of float
        What the score is made of; see `features`.
    """

    path: Path
    score: float
    charge: float
    extent: float
    features: tuple[float, ...]


def axis(path: Path) -> tuple[float, float]:
    """Return the direction of the start of a path as a unit vector (rows, columns)."""
    end = int(np.searchsorted(path.along, AXIS_PIXELS))
    points = path.points[: max(end, 2)]
    if len(points) < 4:
        step = points[-1] - points[0]
    else:
        half = len(points) // 2
        step = points[half:].mean(axis=0) - points[:half].mean(axis=0)
    size = math.hypot(*step)
    if size == 0:
        return 1.0, 0.0
    return float(step[0] / size), float(step[1] / size)


@nb.njit(cache=True)
def _surroundings(
    rows: Array,
    columns: Array,
    values: Array,
    core: Array,
    row: float,
    column: float,
    dr: float,
    dc: float,
    length: float,
) -> tuple[float, float, float, float, float]:
    """Sum up the hits in a cone around an axis.

    Returns the number of hits off the axis and their charge up to the end of the path, number and
    charge beyond it, and the distance that holds 90 % of all.
    """
    near_n = near_q = far_n = far_q = 0.0
    reach = length * 1.5 + 60.0
    profile = np.zeros(1024)
    for k in range(len(rows)):
        a = (rows[k] - row) * dr + (columns[k] - column) * dc
        if a < 0 or a > reach:
            continue
        off = abs((rows[k] - row) * dc - (columns[k] - column) * dr)
        if off > min(3.0 + OPENING * a, WIDEST):
            continue
        if core[rows[k], columns[k]]:
            continue
        if a <= length:
            near_n += 1
            near_q += values[k]
        else:
            far_n += 1
            far_q += values[k]
        profile[min(int(a), 1023)] += values[k]
    total = profile.sum()
    running = 0.0
    extent = 0.0
    for i in range(1024):
        running += profile[i]
        if running >= 0.9 * total:
            extent = float(i)
            break
    return near_n, near_q, far_n, far_q, extent


@nb.njit(cache=True)
def absorb(
    used: Array,
    rows: Array,
    columns: Array,
    row: float,
    column: float,
    dr: float,
    dc: float,
    reach: float,
) -> None:
    """Mark the hits in the cone as used."""
    for k in range(len(rows)):
        a = (rows[k] - row) * dr + (columns[k] - column) * dc
        if a < 0 or a > reach:
            continue
        off = abs((rows[k] - row) * dc - (columns[k] - column) * dr)
        if off <= min(3.0 + OPENING * a, WIDEST):
            used[rows[k], columns[k]] = True


def features(
    path: Path, rows: Array, columns: Array, values: Array, core: Array, mip: float
) -> tuple[tuple[float, ...], float, float]:
    """Measure what tells a shower from a track.

    Parameters
    ----------
    path : Path
    rows, columns, values : ndarray, shape (n,)
        All hits of the view.
    core : ndarray of bool, shape (H, W)
        Pixels that belong to this path or to a track; they are not counted as surroundings.
    mip : float
        Charge per pixel of length of a minimum-ionising particle.

    Returns
    -------
    features : tuple of float
        Hits off the axis per pixel of length; share of the charge off the axis; hits beyond the end
        per pixel of length; spread of the charge along the path over its mean; crookedness (1
        minus chord over length); charge per length in units of `mip`; logarithm of the length.
    charge, extent : float
        Of the cone; see `Shower`.
    """
    dr, dc = axis(path)
    row, column = path.points[0]
    reach = (path.points - path.points[0]) @ np.array([dr, dc])
    length = max(float(reach.max()), 1.0)
    near_n, near_q, far_n, far_q, extent = _surroundings(
        rows, columns, values, core, row, column, dr, dc, length
    )
    own = float(path.core.sum())
    edges = np.arange(0.0, path.length + 4.0, 4.0)
    binned = np.histogram(path.along, bins=edges, weights=path.core)[0] if len(edges) > 2 else None
    spread = 0.0
    if binned is not None and binned.mean() > 0:
        spread = float(binned.std() / binned.mean())
    measured = (
        near_n / length,
        near_q / max(near_q + own, 1.0),
        far_n / length,
        spread,
        1.0 - path.chord / max(path.length, 1.0),
        own / max(path.length, 1.0) / mip,
        math.log(path.length),
    )
    return measured, own + near_q + far_q, max(extent, length)


WEIGHTS = (6.0, 4.0, 1.0, 0.6, 6.0, 0.1, 0.0)
BIAS = -4.0


def score(measured: tuple[float, ...]) -> float:
    """Return how shower-like a path with these features is, 0 to 1 (logistic)."""
    clipped = [min(x, 3.0) for x in measured[:-1]] + [measured[-1]]
    return 1.0 / (
        1.0 + math.exp(-(BIAS + sum(w * x for w, x in zip(WEIGHTS, clipped, strict=True))))
    )
