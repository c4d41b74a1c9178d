"""Pieces of tracks: cut where a track kinks, joined where a gap or a crossing broke it."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.paths import Path, follow

KINK_ARM = 14
"""Points on each side of a kink that give the directions: 7 cm."""
KINK_DEGREES = 17.0
"""Smallest kink that ends a track; a muon of 0.3 GeV/c scatters by 2° over two arms (PDG)."""
END_POINTS = 24
"""Points at the end of a piece that give its direction: 12 cm."""
JOIN_DEGREES = 14.0
SHORTEST_EXTENSION = 6
"""Points that a track must go on for through a shower."""
AT_VERTEX_PIXELS = 4.0
LONGEST_GAP = 60
"""Pixels: 30 cm, of which hits must fill half unless both pieces point at each other."""
EMPTY_GAP = 14
"""Pixels that a gap without hits may have: the 2.4 cm between wire frames, seen slantwise."""
TO_VERTEX_PIXELS = 160
"""Farthest start of a piece that may still be traced back to the vertex."""

Array = npt.NDArray[Any]


@nb.njit(cache=True)
def _direction(points: Array) -> tuple[float, float]:
    """Return the unit vector along points, from the first to the last: their principal axis."""
    mr, mc = points[:, 0].mean(), points[:, 1].mean()
    rr = rc = cc = 0.0
    for k in range(len(points)):
        a, b = points[k, 0] - mr, points[k, 1] - mc
        rr += a * a
        rc += a * b
        cc += b * b
    angle = 0.5 * math.atan2(2 * rc, rr - cc)
    dr, dc = math.cos(angle), math.sin(angle)
    last = len(points) - 1
    if (points[last, 0] - points[0, 0]) * dr + (points[last, 1] - points[0, 1]) * dc < 0:
        return -dr, -dc
    return dr, dc


@nb.njit(cache=True)
def _sharpest(points: Array, arm: int) -> tuple[int, float]:
    """Return the point where a path turns most, and by how much, in radians."""
    best, at = 0.0, -1
    for k in range(arm, len(points) - arm):
        ar, ac = _direction(points[k - arm : k + 1])
        br, bc = _direction(points[k : k + arm + 1])
        turn = math.acos(min(max(ar * br + ac * bc, -1.0), 1.0))
        if turn > best:
            best, at = turn, k
    return at, best


def cut_at_kinks(path: Path) -> list[Path]:
    """Return the straight pieces of a path, in order; only the first may start at the vertex."""
    at, turn = _sharpest(path.points, KINK_ARM)
    if at < 0 or turn < math.radians(KINK_DEGREES):
        return [path]
    return [*cut_at_kinks(path.piece(0, at)), *cut_at_kinks(path.piece(at, len(path.points)))]


@nb.njit(cache=True)
def _filled(keep: Array, r0: float, c0: float, r1: float, c1: float, beside: int) -> float:
    """Return the share of a straight line with a hit within `beside` pixels of it."""
    height, width = keep.shape
    steps = max(int(math.hypot(r1 - r0, c1 - c0)), 1)
    count = 0
    for k in range(1, steps):
        r = round(r0 + (r1 - r0) * k / steps)
        c = round(c0 + (c1 - c0) * k / steps)
        there = False
        for i in range(max(r - beside, 0), min(r + beside + 1, height)):
            for j in range(max(c - beside, 0), min(c + beside + 1, width)):
                there |= keep[i, j]
        count += there
    return count / max(steps - 1, 1)


@nb.njit(cache=True)
def _best_join(
    keep: Array, ends: Array, starts: Array, lengths: Array, cos_join: float
) -> tuple[int, int]:
    """Return which oriented piece best continues which other, or (-1, -1).

    `ends` and `starts` hold row, column and direction; oriented pieces 2 i and 2 i + 1 are piece i
    forwards and backwards.
    """
    best, first, second = 1e9, -1, -1
    n = len(ends)
    for a in range(n):
        for b in range(n):
            if a // 2 == b // 2:
                continue
            gr, gc = starts[b, 0] - ends[a, 0], starts[b, 1] - ends[a, 1]
            gap = math.hypot(gr, gc)
            longer = max(lengths[a // 2], lengths[b // 2])
            if gap > LONGEST_GAP or gap > 0.6 * longer + 6.0:
                continue
            cos = ends[a, 2] * starts[b, 2] + ends[a, 3] * starts[b, 3]
            along = gr * ends[a, 2] + gc * ends[a, 3]
            if cos < cos_join or along < -4.0:
                continue
            off_a = abs(gr * ends[a, 3] - gc * ends[a, 2])
            off_b = abs(gr * starts[b, 3] - gc * starts[b, 2])
            if max(off_a, off_b) > 2.5 + 0.1 * gap:
                continue
            if gap > EMPTY_GAP:
                full = _filled(keep, ends[a, 0], ends[a, 1], starts[b, 0], starts[b, 1], 1)
                if full < 0.5:
                    continue
            cost = gap + 2.0 * (off_a + off_b) + 100.0 * (1.0 - cos)
            if cost < best:
                best, first, second = cost, a, b
    return first, second


def join(pieces: list[Path], keep: Array, vertex: tuple[float, float]) -> list[Path]:
    """Join pieces of tracks that continue each other straight on.

    Parameters
    ----------
    pieces : list of Path
        The track-like paths of a view.
    keep : ndarray of bool, shape (H, W)
        Hits that are not isolated, whoever has them.
    vertex : (row, column)

    Returns
    -------
    list of Path
        Each from its end nearer to the vertex.
    """
    pieces = list(pieces)
    cos_join = math.cos(math.radians(JOIN_DEGREES))
    arms = [(_start(p), _end(p)) for p in pieces]
    while len(pieces) > 1:
        # Backwards, a piece ends where it starts, in the opposite direction.
        back = np.array([1.0, 1.0, -1.0, -1.0])
        both = np.array(arms)
        starts = np.stack([both[:, 0], both[:, 1] * back], axis=1).reshape(-1, 4)
        ends = np.stack([both[:, 1], both[:, 0] * back], axis=1).reshape(-1, 4)
        lengths = np.array([p.length for p in pieces])
        a, b = _best_join(keep, ends, starts, lengths, cos_join)
        if a < 0:
            break
        first, second = pieces[a // 2], pieces[b // 2]
        whole = Path.joined(
            first.reversed() if a % 2 else first, second.reversed() if b % 2 else second
        )
        first_prong, second_prong = first.from_vertex, second.from_vertex
        if first_prong and second_prong:
            break  # two prongs back to back stay two
        if second_prong or (
            not first_prong
            and math.dist(whole.points[-1], vertex) < math.dist(whole.points[0], vertex)
        ):
            whole = whole.reversed()
        whole = replace(whole, from_vertex=first_prong or second_prong)
        left = [k for k in range(len(pieces)) if k not in (a // 2, b // 2)]
        pieces = [*(pieces[k] for k in left), whole]
        arms = [*(arms[k] for k in left), (_start(whole), _end(whole))]
    return pieces


def _end(path: Path) -> tuple[float, float, float, float]:
    dr, dc = _direction(path.points[-END_POINTS:])
    return float(path.points[-1, 0]), float(path.points[-1, 1]), dr, dc


def _start(path: Path) -> tuple[float, float, float, float]:
    dr, dc = _direction(path.points[:END_POINTS])
    return float(path.points[0, 0]), float(path.points[0, 1]), dr, dc


def extend(
    path: Path, keep: Array, charge: Array, others: Array, vertex: tuple[float, float]
) -> Path:
    """Follow a track on at both ends, through hits that showers took, not beyond the vertex.

    Parameters
    ----------
    path : Path
    keep : ndarray of bool, shape (H, W)
    charge : ndarray, shape (H, W)
    others : ndarray of bool, shape (H, W)
        Pixels of the other tracks.
    vertex : (row, column)
    """
    if not path.from_vertex:
        path = _further(path.reversed(), keep, charge, others, vertex).reversed()
    return _further(path, keep, charge, others, vertex)


def _further(
    path: Path, keep: Array, charge: Array, others: Array, vertex: tuple[float, float]
) -> Path:
    row, column, dr, dc = _end(path)
    points = follow(keep, others, row, column, math.atan2(dc, dr))
    turned = math.radians(KINK_DEGREES)
    both = np.concatenate([path.points[-END_POINTS:], points[1:]])
    at, turn = _sharpest(both, KINK_ARM)
    if turn > turned:
        points = points[: max(at - END_POINTS + 1, 1)]
    # No farther than what is sure is long, and not through the vertex to another prong.
    points = points[: int(path.length)]
    arrived = np.flatnonzero(np.hypot(*(points - vertex).T) <= AT_VERTEX_PIXELS)
    points = points[: arrived[0] + 1] if len(arrived) else points
    if len(points) < SHORTEST_EXTENSION:
        return path
    return Path.joined(path, _charged(points[1:], charge, path))


def _charged(points: Array, charge: Array, path: Path) -> Path:
    """Return points as a path that has no more charge each than the median of another."""
    core = charge[tuple(np.rint(points).astype(np.int64).T)].astype(np.float64)
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    return Path(points, False, np.minimum(core, median(path.core.tolist())), along)


def trace_back(path: Path, keep: Array, charge: Array, vertex: tuple[float, float]) -> Path:
    """Extend a piece of a track back to the vertex where hits, of whatever object, lead there.

    A track that leaves the vertex within a shower is found only where it comes out of it.
    """
    row, column, dr, dc = _start(path)
    step = np.array([vertex[0] - row, vertex[1] - column])
    distance = float(np.hypot(*step))
    if path.from_vertex or distance > min(TO_VERTEX_PIXELS, 1.5 * path.length) or distance < 1:
        return path
    off = abs(step[0] * dc - step[1] * dr)
    if step @ (dr, dc) > 0 or off > 2.5 + 0.1 * distance:
        return path
    if distance > EMPTY_GAP and _filled(keep, row, column, *vertex, 2) < 0.7:
        return path
    n = max(int(distance), 1)
    line = np.array(vertex) + (np.array([row, column]) - vertex) * np.arange(n)[:, None] / n
    line = line[((line >= 0) & (line <= np.array(keep.shape) - 1)).all(axis=1)]
    if not len(line):
        return path
    return Path.joined(replace(_charged(line, charge, path), from_vertex=True), path)
