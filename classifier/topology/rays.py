"""Rays of hits around a point."""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@nb.njit(cache=True)
def ray_fill(hits: Array, row: float, column: float, angle: float, reach: int) -> tuple[int, int]:
    """Follow a ray, one pixel wide to either side, until five pixels in a row are empty.

    Returns the number of filled steps and the last filled one.
    """
    height, width = hits.shape
    dr, dc = math.cos(angle), math.sin(angle)
    filled = 0
    last = 0
    for step in range(2, reach + 1):
        r = round(row + step * dr)
        c = round(column + step * dc)
        if r < 0 or c < 0 or r >= height or c >= width:
            break
        hit = hits[r, c]
        if not hit:
            # The neighbours across the ray: tracks are one pixel wide and rays are rounded.
            if abs(dr) > abs(dc):
                hit = (c > 0 and hits[r, c - 1]) or (c + 1 < width and hits[r, c + 1])
            else:
                hit = (r > 0 and hits[r - 1, c]) or (r + 1 < height and hits[r + 1, c])
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
    """
    runs = np.zeros(n_rays, dtype=np.float64)
    for k in range(n_rays):
        filled, last = ray_fill(hits, row, column, 2 * math.pi * k / n_rays, reach)
        if last >= 3 and filled >= 0.5 * (last - 1):
            runs[k] = filled
    return runs


@nb.njit(cache=True)
def peaks(runs: Array, least: float, apart: int) -> Array:
    """Return the rays that are longest among their neighbours within `apart` steps."""
    n = len(runs)
    order = np.argsort(-runs)
    taken = np.zeros(n, dtype=np.bool_)
    found = np.empty(n, dtype=np.int64)
    count = 0
    for k in order:
        if runs[k] < least:
            break
        free = True
        for j in range(-apart, apart + 1):
            if taken[(k + j) % n]:
                free = False
                break
        if free:
            taken[k] = True
            found[count] = k
            count += 1
    return found[:count]
