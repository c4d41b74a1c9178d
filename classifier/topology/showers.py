"""Whether a path is the axis of an electromagnetic shower, and which hits the shower has."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.paths import Path as Chain

Array = npt.NDArray[Any]

AXIS_PIXELS = 60
"""The direction of a path is that of its first 60 pixels: 30 cm, two radiation lengths (PDG)."""
OPENING = 0.30
"""Half width of the cone around the axis, as a slope; about 17 degrees."""
WIDEST = 40.0
"""Half width in pixels that the cone does not exceed: 20 cm, two Molière radii (PDG: 9.0 cm)."""


@dataclass(frozen=True, eq=False)
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
    features : ndarray of float
        What the score is made of; see `FEATURES`.
    """

    path: Chain
    score: float
    charge: float
    extent: float
    features: npt.NDArray[np.float64]


def axis(path: Chain) -> tuple[float, float]:
    """Return the direction of the start of a path as a unit vector (rows, columns)."""
    dr, dc = _axis(path.points, path.along)
    return float(dr), float(dc)


@nb.njit(cache=True)
def _axis(points: Array, along: Array) -> tuple[float, float]:
    n = min(max(int(np.searchsorted(along, AXIS_PIXELS)), 2), len(points))
    if n < 4:
        r, c = points[n - 1, 0] - points[0, 0], points[n - 1, 1] - points[0, 1]
    else:
        half = n // 2
        r = points[half:n, 0].mean() - points[:half, 0].mean()
        c = points[half:n, 1].mean() - points[:half, 1].mean()
    size = math.hypot(r, c)
    if size == 0:
        return 1.0, 0.0
    return r / size, c / size


@nb.njit(cache=True)
def _surroundings(
    rows: Array,
    columns: Array,
    values: Array,
    core: Array,
    points: Array,
    dr: float,
    dc: float,
    length: float,
) -> tuple[float, float, float, float, float]:
    """Sum up the hits in a cone around an axis.

    Returns the number of hits off the axis and their charge up to the end of the path, number and
    charge beyond it, and the distance that holds 90 % of all.
    """
    row, column = points[0, 0], points[0, 1]
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
def _clean_share(charge: Array, core: Array, points: Array) -> float:
    """Return the share of 8-point pieces of a path with nothing two to five pixels beside it."""
    height, width = charge.shape
    pieces = clean = 0
    for start in range(0, len(points), 8):
        empty = True
        for k in range(start, min(start + 8, len(points))):
            r, c = int(points[k, 0]), int(points[k, 1])
            for i in range(max(r - 5, 0), min(r + 6, height)):
                for j in range(max(c - 5, 0), min(c + 6, width)):
                    if charge[i, j] > 0 and not core[i, j]:
                        empty = False
                        break
                if not empty:
                    break
            if not empty:
                break
        pieces += 1
        clean += empty
    return clean / max(pieces, 1)


@nb.njit(cache=True)
def _shape(points: Array) -> tuple[float, float]:
    """Return how far points stray from straight pieces of 16, in pixels, and how these turn.

    The first is a root mean square, the second the mean angle between neighbours in radians.
    """
    n = len(points)
    size = min(16, n)
    squares = 0.0
    count = 0
    turns = 0.0
    n_turns = 0
    last = 0.0
    for start in range(0, n - size + 1, size):
        piece = points[start : start + size]
        mr, mc = piece[:, 0].mean(), piece[:, 1].mean()
        rr = rc = cc = 0.0
        for k in range(size):
            a, b = piece[k, 0] - mr, piece[k, 1] - mc
            rr += a * a
            rc += a * b
            cc += b * b
        angle = 0.5 * math.atan2(2 * rc, rr - cc)
        for k in range(size):
            off = (piece[k, 0] - mr) * math.sin(angle) - (piece[k, 1] - mc) * math.cos(angle)
            squares += off * off
            count += 1
        if start > 0:
            turn = abs(angle - last) % math.pi
            turns += min(turn, math.pi - turn)
            n_turns += 1
        last = angle
    return math.sqrt(squares / max(count, 1)), turns / max(n_turns, 1)


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


@nb.njit(cache=True)
def in_cone(
    rows: Array, columns: Array, row: float, column: float, dr: float, dc: float, reach: float
) -> Array:
    """Tell which hits lie in the cone around an axis."""
    inside = np.zeros(len(rows), dtype=np.bool_)
    for k in range(len(rows)):
        a = (rows[k] - row) * dr + (columns[k] - column) * dc
        off = abs((rows[k] - row) * dc - (columns[k] - column) * dr)
        inside[k] = 0 <= a <= reach and off <= min(3.0 + OPENING * a, WIDEST)
    return inside


FEATURES = (
    "hits off the axis per pixel of length",
    "share of the charge off the axis",
    "hits beyond the end per pixel of length",
    "share of the path with nothing beside it",
    "straying from straight pieces in pixels",
    "mean turn between straight pieces in radians",
    "share of the path without hits",
    "median charge per length in minimum-ionising particles",
    "spread of the charge along the path over its mean",
    "logarithm of the length in pixels",
    "logarithm of the charge in the cone in minimum-ionising pixels",
)
"""What tells a shower from a track."""


def features(
    path: Chain,
    rows: Array,
    columns: Array,
    values: Array,
    charge: Array,
    core: Array,
    mip: float,
) -> tuple[npt.NDArray[np.float64], float, float]:
    """Measure what tells a shower from a track.

    Parameters
    ----------
    path : Chain
    rows, columns, values : ndarray, shape (n,)
        All hits of the view.
    charge : ndarray, shape (H, W)
        The same as an image.
    core : ndarray of bool, shape (H, W)
        Pixels that belong to this path or to a track; they are not counted as surroundings.
    mip : float
        Charge per pixel of length of a minimum-ionising particle.

    Returns
    -------
    features : ndarray of float, shape (11,)
        See `FEATURES`.
    charge, extent : float
        Of the cone; see `Shower`.
    """
    dr, dc = axis(path)
    reach = (path.points - path.points[0]) @ np.array([dr, dc])
    length = max(float(reach.max()), 1.0)
    near_n, near_q, far_n, far_q, extent = _surroundings(
        rows, columns, values, core, path.points, dr, dc, length
    )
    own = float(path.core.sum())
    stray, turn = _shape(path.points)
    median, mean, spread = _losses(path.along, path.core)
    measured = np.array(
        [
            min(near_n / length, 3.0),
            near_q / max(near_q + own, 1.0),
            min(far_n / length, 3.0),
            _clean_share(charge, core, path.points),
            min(stray, 2.0),
            turn,
            max(1.0 - len(path.points) / max(path.length, 1.0), 0.0),
            min(median / mip, 5.0),
            min(spread / mean if mean > 0 else 0.0, 3.0),
            math.log(path.length),
            math.log1p((own + near_q + far_q) / mip),
        ]
    )
    return measured, own + near_q + far_q, max(extent, length)


@nb.njit(cache=True)
def _losses(along: Array, core: Array) -> tuple[float, float, float]:
    """Return median, mean and spread of the charge per pixel of length, in pieces of 4 pixels."""
    n = max(int(along[-1] / 4.0), 1)
    sums = np.zeros(n)
    for k in range(len(along)):
        sums[min(int(along[k] / 4.0), n - 1)] += core[k]
    sums[: n - 1] /= 4.0
    sums[n - 1] /= max(along[-1] - 4.0 * (n - 1), 1.0)
    return np.median(sums), sums.mean(), sums.std()


WEIGHTS_FILE = Path(__file__).with_name("shower_weights.json")
"""Written by `classifier.evaluation.shower_score`."""


def expand(x: Array) -> Array:
    """Return features with their squares and products, shape (..., 77) for 11."""
    first, second = np.triu_indices(x.shape[-1])
    return np.concatenate([x, x[..., first] * x[..., second]], axis=-1)


@cache
def _weights() -> tuple[Array, Array, Array, float]:
    told = json.loads(WEIGHTS_FILE.read_text())
    return (
        np.array(told["mean"]),
        np.array(told["spread"]),
        np.array(told["weights"]),
        float(told["bias"]),
    )


def score(measured: Array) -> float:
    """Return how shower-like a path with these features is, 0 to 1.

    A logistic regression in the features, their squares and products, fitted to simulated paths.
    """
    return float(_logistic(measured, *_weights()))


@nb.njit(cache=True)
def _logistic(x: Array, mean: Array, spread: Array, weights: Array, bias: float) -> float:
    """Return the logistic function of a sum over features, their squares and products."""
    scaled = np.minimum(np.maximum((x - mean) / spread, -5.0), 5.0)
    n = len(scaled)
    total = bias
    k = n
    for i in range(n):
        total += weights[i] * scaled[i]
        for j in range(i, n):
            total += weights[k] * scaled[i] * scaled[j]
            k += 1
    return 1.0 / (1.0 + math.exp(-min(max(total, -30.0), 30.0)))
