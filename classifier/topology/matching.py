"""Paths of different views that are one track in space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from classifier.topology.paths import Path
from classifier.topology.projection import Projection

LEAST_LIKENESS = 0.35
"""Two paths may be one track if they are at least this alike."""
MOST_STRETCH = 1.75
"""Largest length in space over that of the longest projection: 1 / sin 35.7°, of a vertical track
in the induction views of DUNE; 1.41 for two orthogonal views that share an axis."""
SLACK = 6.0
"""Pixels by which ranges of the common coordinate may differ at each end without penalty."""
STEEP = 50.0
"""Pixels of the common coordinate from which its share tells what share of a track a view shows."""
LEAST_SHARE = 0.4
"""Smallest share of a track that a view is taken to show."""
CANDIDATES = 2
"""Paths of another view that are tried with each path."""
BORDER = 3
"""Pixels from the border of the image within which a path leaves it."""


@dataclass(frozen=True)
class Frame:
    """What joins views to one another.

    Attributes
    ----------
    projection : Projection
    shape : (rows, columns)
    shifts : ndarray of int, shape (n_views,)
        See `classifier.topology.vertex.align`.
    top : ndarray of bool, shape (n_views,)
        Whether a path that ends in the first rows of a view leaves it; an image that starts at the
        vertex has no border upstream.
    """

    projection: Projection
    shape: tuple[int, int]
    shifts: npt.NDArray[np.int64]
    top: npt.NDArray[np.bool_]

    def leaves(self, view: int, path: Path) -> bool:
        """Tell whether a path ends at the border of its image."""
        (height, width), (row, column) = self.shape, path.points[-1]
        if row >= height - BORDER or column < BORDER or column >= width - BORDER:
            return True
        return bool(row < BORDER and self.top[view])


@dataclass(frozen=True, eq=False)
class Track:
    """A track in space.

    Attributes
    ----------
    paths : dict of view number to Path
    length_cm : float
    stretch : dict of view number to float
        Centimetres in space per pixel along the path of each view.
    leaves : bool
        Whether it leaves the image of a view.
    """

    paths: dict[int, Path]
    length_cm: float
    stretch: dict[int, float]
    leaves: bool

    @property
    def from_vertex(self) -> bool:
        """Whether at least half of its paths start at the vertex."""
        return 2 * sum(p.from_vertex for p in self.paths.values()) >= len(self.paths)

    @property
    def straightness(self) -> float:
        """Chord over length, of the view that shows it longest."""
        longest = max(self.paths.values(), key=lambda p: p.length)
        return min(longest.chord / longest.length, 1.0)


@dataclass(frozen=True, eq=False)
class _Piece:
    """A path with what matching asks of it."""

    view: int
    path: Path
    first: float
    last: float
    leaves: bool

    @cached_property
    def charge(self) -> float:
        return max(float(self.path.core.sum()), 1.0)

    @property
    def extent(self) -> float:
        return abs(self.last - self.first)


def _piece(view: int, path: Path, frame: Frame) -> _Piece:
    common = frame.projection.common_axis or 0
    first, last = path.points[[0, -1], common] - frame.shifts[view]
    return _Piece(view, path, float(first), float(last), frame.leaves(view, path))


def _likeness(a: _Piece, b: _Piece) -> float:
    """Return how well two paths agree in the common coordinate and in charge, 1 at best."""
    low = max(min(a.first, a.last), min(b.first, b.last))
    high = min(max(a.first, a.last), max(b.first, b.last))
    shared = high - low + SLACK
    shorter, longer = (a, b) if a.extent < b.extent else (b, a)
    # What leaves its image need not go as far as another view shows.
    whole = shorter.extent if shorter.leaves else longer.extent
    overlap = min(shared / (whole + SLACK), 1.0)
    # The same way out, unless too flat to tell.
    if min(a.extent, b.extent) > 2 * SLACK and (a.last - a.first) * (b.last - b.first) < 0:
        overlap -= 0.3
    late = max(abs(a.first - b.first) - SLACK, 0.0) / (longer.extent + SLACK)
    overlap -= 0.5 * min(late, 1.0)
    if a.path.from_vertex != b.path.from_vertex:
        overlap -= 0.1
    ratio = math.log(a.charge / b.charge)
    if (ratio > 0 and b.leaves) or (ratio < 0 and a.leaves):
        return overlap
    return overlap - 0.25 * min(abs(ratio), 2.0)


def _shares(pieces: Sequence[_Piece]) -> list[float]:
    """Return what share of the track each view shows: less than all only where it leaves."""
    most_charge = max(p.charge for p in pieces)
    widest = max(p.extent for p in pieces)
    shares = []
    for p in pieces:
        share = 1.0
        if p.leaves:
            # Charge of other objects on top, or a scattered end, mislead one of the two.
            share = p.charge / most_charge
            if widest > STEEP:
                share = max(share, (p.extent + 1.0) / widest)
        shares.append(min(max(share, LEAST_SHARE), 1.0))
    return shares


def _in_space(pieces: Sequence[_Piece], projection: Projection) -> tuple[float, float]:
    """Return the length in space in cm of a straight track and by how much the views disagree."""
    shares = _shares(pieces)
    steps = {
        p.view: (p.path.points[-1] - p.path.points[0]) / share
        for p, share in zip(pieces, shares, strict=True)
    }
    space, residual = projection.in_space(steps)
    size = float(np.linalg.norm(space))
    longest = max(float(np.linalg.norm(s * projection.pitch[v])) for v, s in steps.items())
    # The longest projection is never much shorter than the track: views are that different.
    return max(min(size, MOST_STRETCH * longest), longest), residual


def _combine(pieces: Sequence[_Piece], frame: Frame) -> Track:
    """Join the projections of one track.

    Where the track leaves a view's image, its displacement there is scaled up to what the view that
    shows most of it shows: by the common coordinate, or, where that hardly changes, by the charge.
    """
    projection = frame.projection
    space, _ = _in_space(pieces, projection)
    shares = _shares(pieces)
    stretch: dict[int, float] = {}
    crooked = 1.0
    longest = 0.0
    for p, share in zip(pieces, shares, strict=True):
        chord = max(p.path.chord, 1.0)
        stretch[p.view] = max(space * share / chord, float(projection.pitch[p.view].min()))
        if p.path.length > longest:
            longest = p.path.length
            crooked = min(p.path.length / chord, 1.5)
    return Track(
        {p.view: p.path for p in pieces}, space * crooked, stretch, any(p.leaves for p in pieces)
    )


def match(views: Sequence[Sequence[Path]], frame: Frame) -> list[Track]:
    """Join paths across views, the longest first.

    Parameters
    ----------
    views : sequence of sequences of Path
        The track-like paths of each view.
    frame : Frame

    Returns
    -------
    list of Track
        Longest in space first.
    """
    left = [_piece(v, p, frame) for v, paths in enumerate(views) for p in paths]
    left.sort(key=lambda p: -p.path.length)
    alone = frame.projection.common_axis is None
    tracks: list[Track] = []
    while left:
        anchor = left.pop(0)
        chosen: tuple[_Piece, ...] = (anchor,) if alone else _partners(anchor, left, frame)
        left = [p for p in left if p not in chosen]
        tracks.append(_combine(chosen, frame))
    return sorted(tracks, key=lambda t: -t.length_cm)


def _partners(anchor: _Piece, left: Sequence[_Piece], frame: Frame) -> tuple[_Piece, ...]:
    """Return a path with those of the other views that fit it, and one another, best."""
    options: list[list[tuple[float, _Piece | None]]] = []
    for view in range(len(frame.shifts)):
        if view == anchor.view:
            continue
        rated = [(_likeness(anchor, p), p) for p in left if p.view == view]
        rated = [r for r in rated if r[0] >= LEAST_LIKENESS]
        rated.sort(key=lambda r: -r[0])
        options.append([*rated[:CANDIDATES], (LEAST_LIKENESS, None)])
    best = -math.inf
    chosen: tuple[_Piece, ...] = (anchor,)
    for choice in product(*options):
        pieces = (anchor, *(p for _, p in choice if p is not None))
        total = sum(s for s, _ in choice)
        if len(pieces) > 2:
            length, residual = _in_space(pieces, frame.projection)
            total -= min(2.0 * residual / (0.1 * length + 3.0), 3.0) * 0.5
            total += 0.5 * _likeness(pieces[1], pieces[2])
        if total > best:
            best, chosen = total, pieces
    return chosen
