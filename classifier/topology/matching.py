"""Paths of different views that are one track in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.topology.paths import Path
from classifier.topology.projection import Projection

LEAST_OVERLAP = 0.5
"""Two paths may be one track if their ranges of the common coordinate overlap by this much."""
MOST_STRETCH = 1.75
"""Largest length in space over that of the longest projection: 1 / sin 35.7°, of a vertical track
in the induction views of DUNE; 1.41 for two orthogonal views that share an axis."""
SLACK = 6.0
"""Pixels by which ranges of the common coordinate may differ at each end without penalty."""


@dataclass(frozen=True, eq=False)
class Track:
    """A track in space.

    Attributes
    ----------
    paths : dict of view number to Path
    length_cm : float
    stretch : dict of view number to float
        Centimetres in space per pixel along the path of each view.
    """

    paths: dict[int, Path]
    length_cm: float
    stretch: dict[int, float]

    @property
    def from_vertex(self) -> bool:
        """Whether at least half of its paths start at the vertex."""
        return 2 * sum(p.from_vertex for p in self.paths.values()) >= len(self.paths)

    @property
    def straightness(self) -> float:
        """Chord over length, of the view that shows it longest."""
        longest = max(self.paths.values(), key=lambda p: p.length)
        return min(longest.chord / longest.length, 1.0)


def _range(path: Path, common: int, shift: float) -> tuple[float, float]:
    values = path.points[:, common] - shift
    return float(values.min()), float(values.max())


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    (a0, a1), (b0, b1) = a, b
    shared = min(a1, b1) - max(a0, b0) + SLACK
    return shared / (max(a1, b1) - min(a0, b0) + SLACK)


def combine(paths: dict[int, Path], projection: Projection) -> Track:
    """Join the projections of one track.

    Where a view shows less of the common coordinate than another (the track leaves its image), its
    displacement is scaled up to the same range.
    """
    common = projection.common_axis
    steps = {v: p.points[-1] - p.points[0] for v, p in paths.items()}
    if common is not None and len(paths) > 1:
        widest = max((s[common] for s in steps.values()), key=abs)
        for v, step in steps.items():
            if abs(widest) > 3 * SLACK and step[common] * widest > 0:
                ratio = widest / step[common]
                if 1.1 < ratio < 1 / LEAST_OVERLAP**2:
                    steps[v] = step * ratio
    space = float(np.linalg.norm(projection.in_space(steps)))
    flat = {v: float(np.linalg.norm(s * projection.pitch[v])) for v, s in steps.items()}
    # The longest projection is never much shorter than the track: views are that different.
    space = min(space, MOST_STRETCH * max(flat.values()))
    stretch: dict[int, float] = {}
    for v in paths:
        factor = max(space / flat[v], 1.0) if flat[v] > 0 else 1.0
        stretch[v] = factor * flat[v] / max(float(np.linalg.norm(steps[v])), 1e-9)
    longest = max(paths.values(), key=lambda p: p.length)
    crooked = min(longest.length / max(longest.chord, 1.0), 1.5)
    return Track(dict(paths), max(space, max(flat.values())) * crooked, stretch)


def match(
    views: Sequence[Sequence[Path]], projection: Projection, shifts: npt.NDArray[np.int64]
) -> list[Track]:
    """Join paths across views, the longest first.

    Parameters
    ----------
    views : sequence of sequences of Path
        The track-like paths of each view.
    projection : Projection
    shifts : ndarray of int, shape (n_views,)
        See `classifier.topology.vertex.align`.

    Returns
    -------
    list of Track
        Longest in space first.
    """
    common = projection.common_axis
    left = sorted(
        ((v, p) for v, paths in enumerate(views) for p in paths), key=lambda x: -x[1].length
    )
    tracks: list[Track] = []
    while left:
        view, anchor = left.pop(0)
        chosen = {view: anchor}
        if common is not None:
            extent = _range(anchor, common, shifts[view])
            for other in range(len(views)):
                rated = [
                    (_overlap(extent, _range(p, common, shifts[v])) - _penalty(anchor, p), k)
                    for k, (v, p) in enumerate(left)
                    if v == other != view
                ]
                best, k = max(rated, default=(0.0, -1))
                if best >= LEAST_OVERLAP:
                    chosen[other] = left.pop(k)[1]
        tracks.append(combine(chosen, projection))
    return sorted(tracks, key=lambda t: -t.length_cm)


def _penalty(anchor: Path, path: Path) -> float:
    """Return what is taken off an overlap where only one path starts at the vertex."""
    return 0.1 if anchor.from_vertex != path.from_vertex else 0.0
