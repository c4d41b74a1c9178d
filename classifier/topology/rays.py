"""Rays of hits around a point."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

N_DIRECTIONS = 144
"""One each 2.5 degrees; fewer are looked into by leaving some out."""
MOST_REACH = 40

_ANGLES = 2 * np.pi * np.arange(N_DIRECTIONS)[:, None] / N_DIRECTIONS
_ROWS = np.rint(np.cos(_ANGLES) * np.arange(MOST_REACH + 1)).astype(np.int64)
_COLUMNS = np.rint(np.sin(_ANGLES) * np.arange(MOST_REACH + 1)).astype(np.int64)
"""Pixels of each direction, step by step."""


@nb.njit(cache=True)
def thicken(height: int, width: int, rows: Array, columns: Array) -> Array:
    """Draw hits one pixel wider to either side, for rays that run across that side.

    Tracks are one pixel wide and rays are rounded.

    Parameters
    ----------
    height, width : int
        Of the image.
    rows, columns : ndarray of int, shape (n,)
        The hits.

    Returns
    -------
    ndarray of bool, shape (2, height + 2 `MOST_REACH`, width + 2 `MOST_REACH`)
        Wider in columns, and wider in rows, with an empty frame that no ray leaves.
    """
    out = np.zeros((2, height + 2 * MOST_REACH, width + 2 * MOST_REACH), dtype=np.bool_)
    for k in range(len(rows)):
        r, c = rows[k], columns[k]
        for j in range(max(c - 1, 0), min(c + 2, width)):
            out[0, r + MOST_REACH, j + MOST_REACH] = True
        for i in range(max(r - 1, 0), min(r + 2, height)):
            out[1, i + MOST_REACH, c + MOST_REACH] = True
    return out


@nb.njit(cache=True)
def _filled(thick: Array, row: int, column: int, direction: int, reach: int) -> tuple[int, int]:
    """Follow a ray until five pixels in a row are empty.

    Returns the number of filled steps and the last filled one.
    """
    down = abs(_ROWS[direction, MOST_REACH]) > abs(_COLUMNS[direction, MOST_REACH])
    hits = thick[0 if down else 1]
    filled = 0
    last = 0
    for step in range(2, reach + 1):
        if hits[row + _ROWS[direction, step], column + _COLUMNS[direction, step]]:
            filled += 1
            last = step
        elif step - max(last, 1) > 5:
            break
    return filled, last


@nb.njit(cache=True)
def scan(thick: Array, row: float, column: float, n_rays: int, reach: int) -> Array:
    """Return the filled steps of each ray around a point of the image, shape (n_rays,).

    A ray that is less than half filled counts nothing. Angles are measured from the direction of
    growing rows towards growing columns.

    Parameters
    ----------
    thick : ndarray of bool
        See `thicken`.
    row, column : float
        It is looked from the nearest pixel; from none outside the image.
    n_rays : int
        A divisor of `N_DIRECTIONS`.
    reach : int
        Steps, at most `MOST_REACH`.
    """
    runs = np.zeros(n_rays, dtype=np.float64)
    r, c = int(np.rint(row)) + MOST_REACH, int(np.rint(column)) + MOST_REACH
    height, width = thick.shape[1:]
    if min(r, c, height - 1 - r, width - 1 - c) < MOST_REACH:
        return runs
    for k in range(n_rays):
        filled, last = _filled(thick, r, c, k * (N_DIRECTIONS // n_rays), reach)
        if last >= 3 and filled >= 0.5 * (last - 1):
            runs[k] = filled
    return runs


@nb.njit(cache=True)
def peaks(runs: Array, least: float, apart: int) -> Array:
    """Return the rays that are longest among their neighbours within `apart` steps."""
    n = len(runs)
    free = runs >= least
    found = np.empty(n, dtype=np.int64)
    count = 0
    while True:
        best = -1
        for k in range(n):
            if free[k] and (best < 0 or runs[k] > runs[best]):
                best = k
        if best < 0:
            return found[:count]
        found[count] = best
        count += 1
        for j in range(-apart, apart + 1):
            free[(best + j) % n] = False
