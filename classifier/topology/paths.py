"""Paths in one view: chains of hits followed from the vertex, or from the end of what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.rays import peaks, scan, thicken

Array = npt.NDArray[Any]

MAX_STEPS = 1024
N_ANGLES = 144
"""Directions in which prongs are looked for at the vertex: one each 2.5 degrees."""
PRONG_REACH = 40
SEED_REACH = 16
MIN_PIXELS = 4
"""The shortest path, in pixels: 2 cm."""


@dataclass(frozen=True, eq=False)
class Path:
    """A chain of hits in one view.

    Attributes
    ----------
    points : ndarray of float, shape (n, 2)
        Row and column, from the end nearer to the vertex.
    from_vertex : bool
        Whether it starts at the vertex.
    core : ndarray of float, shape (n,)
        Charge along the path: of each point and the pixels beside it, each counted once.
    along : ndarray of float, shape (n,)
        Distance from the start along the path in pixels.
    """

    points: npt.NDArray[np.float64]
    from_vertex: bool
    core: npt.NDArray[np.float64]
    along: npt.NDArray[np.float64]

    @classmethod
    def joined(cls, first: Path, second: Path) -> Path:
        """Return two chains as one."""
        gap = float(math.dist(first.points[-1], second.points[0]))
        return cls(
            np.concatenate([first.points, second.points]),
            first.from_vertex,
            np.concatenate([first.core, second.core]),
            np.concatenate([first.along, second.along + first.length + gap]),
        )

    def piece(self, begin: int, end: int) -> Path:
        """Return the chain from one point to before another."""
        return Path(
            self.points[begin:end],
            self.from_vertex and begin == 0,
            self.core[begin:end],
            self.along[begin:end] - self.along[begin],
        )

    def reversed(self) -> Path:
        """Return the chain from its other end."""
        return Path(
            np.ascontiguousarray(self.points[::-1]),
            self.from_vertex,
            np.ascontiguousarray(self.core[::-1]),
            self.along[-1] - self.along[::-1],
        )

    def losses(self, edges: Array) -> npt.NDArray[np.float64]:
        """Return the charge between distances along the path, shape (len(edges) - 1,)."""
        running = np.concatenate([[0.0], np.cumsum(self.core)])
        ends = np.searchsorted(self.along, edges)
        ends[-1] = np.searchsorted(self.along, edges[-1] + 1e-6)  # the end of the path is in it
        return np.diff(running[ends])

    @property
    def length(self) -> float:
        """Length in pixels."""
        return float(self.along[-1])

    @property
    def chord(self) -> float:
        """Distance between the ends in pixels."""
        return float(math.dist(self.points[0], self.points[-1]))


@nb.njit(cache=True)
def _next(
    hits: Array,
    used: Array,
    r: float,
    c: float,
    dr: float,
    dc: float,
    gap: int,
    spread: float,
) -> tuple[float, float, bool]:
    """Look ahead for the nearest hit in a cone; between equally near ones, the straightest."""
    height, width = hits.shape
    for step in range(1, gap + 1):
        reach = int(1.0 + spread * step)
        best = 1e9
        found_r, found_c = 0.0, 0.0
        for side in range(-reach, reach + 1):
            i = round(r + step * dr - side * dc)
            j = round(c + step * dc + side * dr)
            if i < 0 or j < 0 or i >= height or j >= width or not hits[i, j]:
                continue
            if i == int(r) and j == int(c):
                continue
            if used[i, j]:
                continue
            off = abs((i - r) * dc - (j - c) * dr)
            if off < best:
                best, found_r, found_c = off, float(i), float(j)
        if best < 1e9:
            return found_r, found_c, True
    return r, c, False


@nb.njit(cache=True)
def follow(hits: Array, used: Array, row: float, column: float, angle: float) -> Array:
    """Follow a chain of hits from a point in a direction until it ends or kinks.

    Gaps of up to 6 pixels are crossed, of up to 16 once the chain is 40 pixels long and straight:
    the gaps between wire planes are about that wide.

    Returns
    -------
    ndarray of float, shape (n, 2)
        The start and the hits of the chain.
    """
    out = np.empty((MAX_STEPS, 2))
    out[0, 0], out[0, 1] = row, column
    n = 1
    dr, dc = math.cos(angle), math.sin(angle)
    while n < MAX_STEPS:
        r, c = out[n - 1, 0], out[n - 1, 1]
        young = n < 5
        nr, nc, found = _next(hits, used, r, c, dr, dc, 6, 0.36 if young else 0.27)
        if not found and n > 40:
            nr, nc, found = _next(hits, used, r, c, dr, dc, 16, 0.1)
        if not found:
            break
        out[n, 0], out[n, 1] = nr, nc
        n += 1
        # Direction of the last dozen hits: from the mean of the older half to that of the newer.
        k = min(n, 12)
        half = k // 2
        older = out[n - k : n - half]
        newer = out[n - half : n]
        vr = newer[:, 0].mean() - older[:, 0].mean()
        vc = newer[:, 1].mean() - older[:, 1].mean()
        size = math.hypot(vr, vc)
        if size > 0 and n >= 4:
            dr, dc = vr / size, vc / size
    return out[:n].copy()


@nb.njit(cache=True)
def mark(used: Array, points: Array, skip: int) -> None:
    """Mark a path and the pixels beside it as used, but for its first `skip` points."""
    height, width = used.shape
    for k in range(skip, len(points)):
        r, c = int(points[k, 0]), int(points[k, 1])
        for i in range(max(r - 1, 0), min(r + 2, height)):
            for j in range(max(c - 1, 0), min(c + 2, width)):
                used[i, j] = True


@nb.njit(cache=True)
def core_charge(charge: Array, taken: Array, points: Array) -> Array:
    """Sum charge in the 3 x 3 pixels of each point, each pixel once."""
    height, width = charge.shape
    out = np.zeros(len(points))
    for k in range(len(points)):
        r, c = round(points[k, 0]), round(points[k, 1])
        for i in range(max(r - 1, 0), min(r + 2, height)):
            for j in range(max(c - 1, 0), min(c + 2, width)):
                if charge[i, j] > 0 and not taken[i, j]:
                    taken[i, j] = True
                    out[k] += charge[i, j]
    return out


@nb.njit(cache=True)
def _next_seed(keep: Array, used: Array, rows: Array, columns: Array, start: int) -> int:
    """Return the next hit of the list with at least four unused ones around it, or -1."""
    height, width = keep.shape
    for k in range(start, len(rows)):
        r, c = rows[k], columns[k]
        if used[r, c]:
            continue
        company = 0
        for i in range(max(r - 5, 0), min(r + 6, height)):
            for j in range(max(c - 5, 0), min(c + 6, width)):
                if keep[i, j] and not used[i, j]:
                    company += 1
        if company >= 5:
            return k
    return -1


@nb.njit(cache=True)
def _best_angle(keep: Array, used: Array, row: float, column: float) -> float:
    """Return the direction in which most unused hits line up."""
    height, width = keep.shape
    r0, c0 = int(row), int(column)
    top, left = max(r0 - SEED_REACH, 0), max(c0 - SEED_REACH, 0)
    bottom, right = min(r0 + SEED_REACH + 1, height), min(c0 + SEED_REACH + 1, width)
    rows, columns = np.nonzero(keep[top:bottom, left:right] & ~used[top:bottom, left:right])
    thick = thicken(bottom - top, right - left, rows, columns)
    runs = scan(thick, row - top, column - left, N_ANGLES // 2, SEED_REACH)
    return 4 * math.pi * runs.argmax() / N_ANGLES


@nb.njit(cache=True)
def _smooth_length(points: Array) -> Array:
    """Distance along a chain of pixels, its staircase smoothed over 7 points."""
    n = len(points)
    out = np.zeros(n)
    last_r, last_c = points[0, 0], points[0, 1]
    for k in range(1, n):
        # The window shrinks towards the ends, so that these stay where they are.
        half = min(3, k, n - 1 - k)
        r = points[k - half : k + half + 1, 0].mean()
        c = points[k - half : k + half + 1, 1].mean()
        out[k] = out[k - 1] + math.hypot(r - last_r, c - last_c)
        last_r, last_c = r, c
    return out


class Tracer:
    """Finds the paths of one view; hits that a path or a shower has taken are not used again.

    Parameters
    ----------
    charge : ndarray, shape (H, W)
    keep : ndarray of bool, shape (H, W)
        Hits that are not isolated.
    rows, columns : ndarray of int, shape (n,)
        The same hits as a list.
    vertex : (row, column)
    """

    def __init__(
        self,
        charge: Array,
        keep: Array,
        rows: Array,
        columns: Array,
        vertex: tuple[float, float],
    ) -> None:
        self.charge = charge
        self.keep = keep
        self.vertex = vertex
        self.used = np.zeros_like(keep)
        self.taken = np.zeros_like(keep)
        order = np.argsort((rows - vertex[0]) ** 2 + (columns - vertex[1]) ** 2, kind="stable")
        self.rows, self.columns = rows[order], columns[order]
        self._next = 0

    def prongs(self) -> list[Path]:
        """Return the paths that leave the vertex, longest first."""
        row, column = self.vertex
        height, width = self.keep.shape
        thick = thicken(height, width, self.rows, self.columns)
        runs = scan(thick, row, column, N_ANGLES, PRONG_REACH)
        chains = [
            follow(self.keep, self.used, row, column, 2 * math.pi * k / N_ANGLES)
            for k in peaks(runs, float(MIN_PIXELS), 3)
        ]
        paths = []
        for points in sorted(chains, key=len, reverse=True):
            # What a longer prong covers is the same prong seen from a neighbouring angle.
            rows, columns = points.astype(np.int64).T
            fresh = ~self.used[rows, columns][3:]
            if fresh.sum() >= max(MIN_PIXELS - 2, 0.5 * len(fresh)):
                path = self._take(points, from_vertex=True)
                if path.length >= MIN_PIXELS:
                    paths.append(path)
        return paths

    def detached(self) -> Path | None:
        """Return the next path among the hits that are left, nearest to the vertex first."""
        while True:
            k = _next_seed(self.keep, self.used, self.rows, self.columns, self._next)
            if k < 0:
                return None
            self._next = k + 1
            row, column = float(self.rows[k]), float(self.columns[k])
            angle = _best_angle(self.keep, self.used, row, column)
            points = follow(self.keep, self.used, row, column, angle)
            back = follow(self.keep, self.used, row, column, angle + math.pi)
            if len(back) > 3:
                points = np.concatenate([back[:0:-1], points])
            if math.dist(points[-1], self.vertex) < math.dist(points[0], self.vertex):
                points = points[::-1].copy()
            path = self._take(points, from_vertex=False)
            if path.length >= 2 * MIN_PIXELS:
                return path

    def _take(self, points: Array, *, from_vertex: bool) -> Path:
        mark(self.used, points, 0)
        core = core_charge(self.charge, self.taken, points)
        return Path(points, from_vertex, core, _smooth_length(points))
