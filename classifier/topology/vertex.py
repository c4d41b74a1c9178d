"""Where charge starts: the vertex of an interaction, found from the views alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

N_RAYS = 72
"""Directions that are looked into around a candidate: one each 5 degrees."""
REACH = 40
"""How far a ray is followed, in pixels: 20 cm, 1.4 radiation lengths (PDG: 14.0 cm)."""
BLOCK = 4
"""One candidate is kept in each block of this many pixels squared."""
MOST_UPSTREAM = 0.25
"""No vertex has more than this share of the charge upstream of it: the beam comes from there."""
MOST_SHIFT = 40
"""Largest shift between views, in pixels."""
UPSTREAM_WEIGHT = 1000.0
"""Score, in pixels of prong, that all charge upstream would cost."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Vertex:
    """Row and column of the vertex in each view, NaN where the view does not show it.

    Attributes
    ----------
    position : ndarray of float, shape (n_views, 2)
    """

    position: npt.NDArray[np.float64]

    @property
    def found(self) -> bool:
        """Whether any view shows a vertex."""
        return bool(np.isfinite(self.position).any())


@nb.njit(cache=True)
def crowded(charge: Array, rows: Array, columns: Array, reach: int, least: int) -> Array:
    """Tell hits with at least `least` others within `reach` pixels from isolated ones.

    Parameters
    ----------
    charge : ndarray, shape (H, W)
    rows, columns : ndarray of int, shape (n,)
        The hits.

    Returns
    -------
    ndarray of bool, shape (H, W)
    """
    height, width = charge.shape
    keep = np.zeros((height, width), dtype=np.bool_)
    for k in range(len(rows)):
        r, c = rows[k], columns[k]
        others = -1
        for i in range(max(r - reach, 0), min(r + reach + 1, height)):
            for j in range(max(c - reach, 0), min(c + reach + 1, width)):
                if charge[i, j] > 0:
                    others += 1
            if others >= least:
                break
        keep[r, c] = others >= least
    return keep


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


@nb.njit(cache=True)
def vertex_score(hits: Array, row: float, column: float) -> float:
    """Add up the prongs of a point; a prong that goes on straight behind it cancels.

    The end of a track scores once, a point in its middle nothing, a star the sum of its arms. The
    sum is multiplied by the share of nearby hits that lie on the prongs, which is low inside a
    shower, where any point has arms.
    """
    runs = scan(hits, row, column, N_RAYS, REACH)
    n = len(runs)
    total = 0.0
    explained = 1.0
    near = REACH / 2
    for k in peaks(runs, 4.0, 2):
        behind = 0.0
        for j in range(n // 2 - 2, n // 2 + 3):
            behind = max(behind, runs[(k + j) % n])
        total += runs[k] - behind
        explained += min(runs[k], near)
    height, width = hits.shape
    half = int(near)
    top, left = max(int(row) - half, 0), max(int(column) - half, 0)
    bottom, right = min(int(row) + half + 1, height), min(int(column) + half + 1, width)
    there = 0
    for r in range(top, bottom):
        for c in range(left, right):
            there += hits[r, c]
    return min(total, 4.0 * REACH) * min(explained / max(there, 1.0), 1.0)


@nb.njit(cache=True)
def _candidates(
    keep: Array,
    rows: Array,
    columns: Array,
    values: Array,
    prior: Array,
    width_of_prior: float,
    beam_axis: int,
) -> Array:
    """Score the first hit of each block; columns row, column, score."""
    height, width = keep.shape
    along = np.zeros(height if beam_axis == 0 else width)
    for k in range(len(rows)):
        along[rows[k] if beam_axis == 0 else columns[k]] += values[k]
    upstream = np.cumsum(along)
    upstream /= max(upstream[-1], 1.0)
    seen = np.zeros((height // BLOCK + 1, width // BLOCK + 1), dtype=np.bool_)
    out = np.empty((len(rows), 3))
    count = 0
    for k in range(len(rows)):
        r, c = rows[k], columns[k]
        depth = r if beam_axis == 0 else c
        before = upstream[depth - 3] if depth >= 3 else 0.0
        if before > MOST_UPSTREAM or seen[r // BLOCK, c // BLOCK]:
            continue
        penalty = UPSTREAM_WEIGHT * before
        if width_of_prior > 0:
            distance = math.hypot(r - prior[0], c - prior[1]) / width_of_prior
            if distance > 8.0:
                continue
            penalty += 20.0 * distance
        seen[r // BLOCK, c // BLOCK] = True
        out[count, 0] = r
        out[count, 1] = c
        out[count, 2] = vertex_score(keep, r, c) - penalty
        count += 1
    return out[:count]


@nb.njit(cache=True)
def _refine(keep: Array, row: float, column: float) -> tuple[float, float]:
    """Move to the best-scoring hit within one block of a candidate."""
    height, width = keep.shape
    best = -1e9
    best_r, best_c = row, column
    for r in range(max(int(row) - BLOCK, 0), min(int(row) + BLOCK + 1, height)):
        for c in range(max(int(column) - BLOCK, 0), min(int(column) + BLOCK + 1, width)):
            if not keep[r, c]:
                continue
            score = vertex_score(keep, float(r), float(c))
            if score > best:
                best, best_r, best_c = score, float(r), float(c)
    return best_r, best_c


def align(
    hits: Sequence[tuple[Array, Array, Array]], common_axis: int, size: int
) -> npt.NDArray[np.int64]:
    """Find by how much each view is shifted along the coordinate that all share.

    Each view is cropped by its own hits, so that the same drift time is not the same column. The
    profiles of charge along the common coordinate are laid over that of the last view.

    Parameters
    ----------
    hits : sequence of (rows, columns, values)
    common_axis : int
    size : int
        Pixels along it.

    Returns
    -------
    ndarray of int, shape (n_views,)
        To be subtracted from the coordinate in each view.
    """
    profiles = []
    for view in hits:
        profile = np.bincount(view[common_axis], weights=view[2], minlength=size)[:size]
        profiles.append(np.minimum(profile, np.quantile(profile, 0.98) + 1.0))
    shifts = np.zeros(len(hits), dtype=np.int64)
    fixed = np.pad(profiles[-1], MOST_SHIFT)
    for v, profile in enumerate(profiles[:-1]):
        common = [
            np.minimum(profile, fixed[MOST_SHIFT - k : MOST_SHIFT - k + size]).sum() - 1e-3 * abs(k)
            for k in range(-MOST_SHIFT, MOST_SHIFT + 1)
        ]
        shifts[v] = int(np.argmax(common)) - MOST_SHIFT
    return shifts


def find_vertex(
    keep: Sequence[Array],
    hits: Sequence[tuple[Array, Array, Array]],
    *,
    common_axis: int,
    beam_axis: int,
    prior: tuple[float, float] | None,
    prior_width: float,
    shifts: npt.NDArray[np.int64],
) -> Vertex:
    """Find the point that prongs leave, at one value of the coordinate that the views share.

    Parameters
    ----------
    keep : sequence of ndarray of bool, shape (H, W)
        Hits that are not isolated, a view each.
    hits : sequence of (rows, columns, values)
        The same as lists.
    common_axis : int
        Image axis that all views share: 1 for drift time, 0 for depth.
    beam_axis : int
        Image axis along the beam.
    prior : (row, column) or None
        Where the crop puts the vertex; None where it is not fixed.
    prior_width : float
        Pixels over which the prior fades; 0 switches it off.
    shifts : ndarray of int, shape (n_views,)
        See `align`.

    Returns
    -------
    Vertex
    """
    n_views = len(keep)
    size = keep[0].shape[common_axis]
    centre = np.array(prior if prior is not None else (0.0, 0.0))
    fade = prior_width if prior is not None else 0.0
    tables = [_candidates(keep[v], *hits[v], centre, fade, beam_axis) for v in range(n_views)]
    best_at = np.zeros((n_views, size))
    for v, table in enumerate(tables):
        if not len(table):
            continue
        profile = np.full(size, -np.inf)
        at = np.clip(table[:, common_axis].astype(np.int64) - shifts[v], 0, size - 1)
        np.maximum.at(profile, at, table[:, 2])
        # Views agree on the common coordinate within a block.
        padded = np.pad(profile, BLOCK, constant_values=-np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * BLOCK + 1)
        best_at[v] = np.maximum(windows.max(axis=1), -100.0)
    position = np.full((n_views, 2), np.nan)
    if fade > 0:
        # The crop is centred on the interaction: charge only corrects it by a few pixels.
        for v, table in enumerate(tables):
            best = table[table[:, 2].argmax()] if len(table) else np.array([0.0, 0.0, -1.0])
            position[v] = _refine(keep[v], best[0], best[1]) if best[2] > 0 else centre
        return Vertex(position)
    if not any(len(t) for t in tables):
        return Vertex(position)
    common = int(best_at.sum(axis=0).argmax())
    for v, table in enumerate(tables):
        near = table[np.abs(table[:, common_axis] - shifts[v] - common) <= BLOCK]
        if len(near):
            row, column, _ = near[near[:, 2].argmax()]
            position[v] = _refine(keep[v], row, column)
    return Vertex(position)
