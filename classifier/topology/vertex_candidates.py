"""Points of each view that may be the vertex, and what speaks for each."""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.rays import peaks, scan

N_RAYS = 72
"""Directions that are looked into around a candidate: one each 5 degrees."""
REACH = 40
"""How far a ray is followed, in pixels: 20 cm, 1.4 radiation lengths (PDG: 14.0 cm)."""
BLOCK = 4
"""One candidate is kept in each block of this many pixels squared."""
MOST_UPSTREAM = 0.4
"""No vertex has more than this share of the charge upstream of it: the beam comes from there."""
NEAR = 4.0
"""Pixels around a candidate in which protons and fragments leave their charge: 2 cm."""
SECTORS = 36
FAR_HITS = 500
"""Where there are more hits than this, only some of those out of reach are looked at."""

Array = npt.NDArray[Any]

FEATURES = (
    "filled pixels of the rays that nothing continues backwards",
    "rays with hits, back to back ones apart",
    "longest ray",
    "longest ray that goes on behind",
    "share of the hits nearby that lie on rays",
    "share of the charge upstream",
    "share of the hits upstream within reach",
    "logarithm of the charge within 2 cm in minimum-ionising pixels",
    "share of all hits in the four fullest of 36 sectors",
    "share of all charge in the four fullest of 36 sectors",
    "share of all hits within reach",
    "square root of the rows after the first hit",
    "distance to where the crop puts the vertex",
)
"""What speaks for or against a candidate in one view."""


@nb.njit(cache=True)
def vertex_score(hits: Array, thick: Array, row: float, column: float) -> float:
    """Add up the prongs of a point; a prong that goes on straight behind it cancels.

    The end of a track scores once, a point in its middle nothing, a star the sum of its arms. The
    sum is multiplied by the share of nearby hits that lie on the prongs, which is low inside a
    shower, where any point has arms.
    """
    runs = scan(thick, row, column, N_RAYS, REACH)
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
def candidates(
    keep: Array,
    thick: Array,
    rows: Array,
    columns: Array,
    values: Array,
    beam_axis: int,
    prior: Array,
    farthest: float,
) -> Array:
    """Score the first hit of each block; columns row, column, score, share of charge upstream.

    Those farther than `farthest` pixels from `prior` are left out where `farthest` is not 0.
    """
    height, width = keep.shape
    along = np.zeros(height if beam_axis == 0 else width)
    for k in range(len(rows)):
        along[rows[k] if beam_axis == 0 else columns[k]] += values[k]
    upstream = np.cumsum(along)
    upstream /= max(upstream[-1], 1.0)
    seen = np.zeros((height // BLOCK + 1, width // BLOCK + 1), dtype=np.bool_)
    out = np.empty((len(rows), 4))
    count = 0
    for k in range(len(rows)):
        r, c = rows[k], columns[k]
        depth = r if beam_axis == 0 else c
        before = upstream[depth - 3] if depth >= 3 else 0.0
        if before > MOST_UPSTREAM or seen[r // BLOCK, c // BLOCK]:
            continue
        if farthest > 0 and math.hypot(r - prior[0], c - prior[1]) > farthest:
            continue
        seen[r // BLOCK, c // BLOCK] = True
        out[count, 0] = r
        out[count, 1] = c
        out[count, 2] = vertex_score(keep, thick, r, c)
        out[count, 3] = before
        count += 1
    return out[:count]


@nb.njit(cache=True)
def describe(
    thick: Array,
    rows: Array,
    columns: Array,
    values: Array,
    beam_axis: int,
    prior: Array,
    mip: float,
    row: float,
    column: float,
    upstream: float,
) -> Array:
    """Return the `FEATURES` of one candidate."""
    out = np.zeros(13)
    runs = scan(thick, row, column, N_RAYS, REACH)
    n = len(runs)
    explained = 1.0
    near = REACH / 2
    for k in peaks(runs, 4.0, 2):
        behind = 0.0
        for j in range(n // 2 - 2, n // 2 + 3):
            behind = max(behind, runs[(k + j) % n])
        out[0] += runs[k] - behind
        out[1] += runs[k] > behind + 3.0
        out[2] = max(out[2], runs[k])
        out[3] = max(out[3], min(runs[k], behind))
        explained += min(runs[k], near)
    hits = np.zeros(SECTORS)
    charge = np.zeros(SECTORS)
    reach_hits = before = near_hits = 0.0
    first = 1e9
    local = 0.0
    stride = 1 + len(rows) // FAR_HITS
    for k in range(len(rows)):
        r, c = rows[k] - row, columns[k] - column
        depth = r if beam_axis == 0 else c
        first = min(first, depth)
        if k % stride and (abs(r) > REACH or abs(c) > REACH):
            continue
        distance = math.hypot(r, c)
        if distance <= NEAR:
            local += values[k]
        if distance <= near:
            near_hits += 1
        if distance <= REACH:
            reach_hits += 1
            before += depth < -2
        if distance > 3.0 and k % stride == 0:
            sector = int((math.atan2(c, r) / (2 * math.pi) + 0.5) * SECTORS) % SECTORS
            hits[sector] += 1
            charge[sector] += values[k]
    out[0] = min(out[0], 4.0 * REACH) / REACH
    out[2] /= REACH
    out[3] /= REACH
    out[4] = min(explained / max(near_hits, 1.0), 1.0)
    out[5] = upstream
    out[6] = before / max(reach_hits, 1.0)
    out[7] = math.log1p(local / mip)
    out[8] = np.sort(hits)[-4:].sum() / max(hits.sum(), 1.0)
    out[9] = np.sort(charge)[-4:].sum() / max(charge.sum(), 1.0)
    out[10] = reach_hits / max(len(rows), 1)
    out[11] = math.sqrt(max(-first, 0.0)) / 10.0
    out[12] = math.hypot(row - prior[0], column - prior[1]) / 10.0
    return out
