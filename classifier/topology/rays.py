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
def _filled(hits: Array, row: int, column: int, direction: int, reach: int) -> tuple[int, int]:
    """Follow a ray, one pixel wide to either side, until five pixels in a row are empty.

    Returns the number of filled steps and the last filled one.
    """
    height, width = hits.shape
    # The neighbours across the ray: tracks are one pixel wide and rays are rounded.
    down = abs(_ROWS[direction, MOST_REACH]) > abs(_COLUMNS[direction, MOST_REACH])
    beside_r, beside_c = (0, 1) if down else (1, 0)
    filled = 0
    last = 0
    for step in range(2, reach + 1):
        r = row + _ROWS[direction, step]
        c = column + _COLUMNS[direction, step]
        if r < 0 or c < 0 or r >= height or c >= width:
            break
        hit = hits[r, c]
        if not hit:
            hit = r >= beside_r and c >= beside_c and hits[r - beside_r, c - beside_c]
        if not hit:
            i, j = r + beside_r, c + beside_c
            hit = i < height and j < width and hits[i, j]
        if hit:
            filled += 1
            last = step
        elif step - max(last, 1) > 5:
            break
    return filled, last


@nb.njit(cache=True)
def scan(hits: Array, row: float, column: float, n_rays: int, reach: int) -> Array:
    """Return the filled steps of each ray around a point, shape (n_rays,).

    A ray that is less than half filled counts nothing. Angles are measured from the direction of
    growing rows towards growing columns.

    Parameters
    ----------
    hits : ndarray of bool, shape (H, W)
    row, column : float
        It is looked from the nearest pixel.
    n_rays : int
        A divisor of `N_DIRECTIONS`.
    reach : int
        Steps, at most `MOST_REACH`.
    """
    runs = np.zeros(n_rays, dtype=np.float64)
    r, c = int(np.rint(row)), int(np.rint(column))
    for k in range(n_rays):
        filled, last = _filled(hits, r, c, k * (N_DIRECTIONS // n_rays), reach)
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
