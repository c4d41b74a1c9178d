"""The vertex of an interaction, found from the views alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from classifier.topology.rays import thicken
from classifier.topology.vertex_candidates import (
    BLOCK,
    FEATURES,
    candidates,
    describe,
)

MOST_SHIFT = 40
"""Largest shift between views, in pixels."""
CANDIDATES = 10
"""Points of each view that are described: so many with most prongs, and so many upstream."""
UPSTREAM_WEIGHT = 1000.0
"""Score, in pixels of prong, that all charge upstream would cost a point upstream."""
PRIOR_REACH = 16.0
"""Pixels from where the crop centres within which the vertex is looked for."""
WEIGHTS_FILE = Path(__file__).with_name("vertex_weights.json")
"""Written by `classifier.evaluation.vertex_score`."""

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
    shift = np.arange(-MOST_SHIFT, MOST_SHIFT + 1)
    # Row k is the last view's profile, shifted the other way by shift[k].
    shifted = np.lib.stride_tricks.sliding_window_view(np.pad(profiles[-1], MOST_SHIFT), size)[::-1]
    for v, profile in enumerate(profiles[:-1]):
        common = np.minimum(profile, shifted).sum(axis=1) - 1e-3 * abs(shift)
        shifts[v] = shift[common.argmax()]
    return shifts


@dataclass(frozen=True, eq=False)
class Proposals:
    """Sets of one point a view that may be the vertex.

    Attributes
    ----------
    positions : ndarray of float, shape (n, n_views, 2)
        NaN in views that show nothing there.
    features : ndarray of float, shape (n, 28)
        Means over the views of `vertex_candidates.FEATURES`, smallest of the views, spread in the
        common coordinate in pixels, share of the views without a point.
    common : ndarray of float, shape (n,)
        Their coordinate that the views share, in pixels.
    """

    positions: npt.NDArray[np.float64]
    features: npt.NDArray[np.float64]
    common: npt.NDArray[np.float64]


def propose(
    keep: Sequence[Array],
    hits: Sequence[tuple[Array, Array, Array]],
    *,
    common_axis: int,
    beam_axis: int,
    prior: tuple[float, float] | None,
    centred: bool,
    shifts: npt.NDArray[np.int64],
    mip: float,
) -> Proposals:
    """Find points that prongs leave, at one value of the coordinate that the views share.

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
        Near where the crop puts the vertex; None where it is not known.
    centred : bool
        Whether the crop centres on the vertex there.
    shifts : ndarray of int, shape (n_views,)
        See `align`.
    mip : float
        Charge per pixel of a minimum-ionising particle.
    """
    centre = np.array(prior if prior is not None else (0.0, 0.0))
    farthest = PRIOR_REACH if centred else 0.0
    points, features = [], []
    for image, listed in zip(keep, hits, strict=True):
        thick = thicken(image.shape[0], image.shape[1], listed[0], listed[1])
        table = candidates(image, thick, *listed, beam_axis, centre, farthest)
        best = table[_promising(table)]
        told = [describe(thick, *listed, beam_axis, centre, mip, r, c, u) for r, c, _, u in best]
        points.append(best[:, :3])
        features.append(np.array(told).reshape(-1, len(FEATURES)))
    return _sets(points, features, common_axis, shifts)


def _promising(table: Array) -> npt.NDArray[np.int64]:
    """Return the points with most prongs, and those with most prongs for being upstream."""
    upstream = table[:, 2] - UPSTREAM_WEIGHT * table[:, 3]
    both = [np.argsort(-score, kind="stable")[:CANDIDATES] for score in (table[:, 2], upstream)]
    return np.unique(np.concatenate(both))


@nb.njit(cache=True)
def _partners(own: Array, others: Array, score: Array) -> Array:
    """Return for each point the two best of another view near its common coordinate, or -1."""
    found = np.full((len(own), 2), -1, dtype=np.int64)
    for k in range(len(own)):
        first = second = -1e9
        for i in range(len(others)):
            apart = abs(others[i] - own[k])
            if apart > BLOCK:
                continue
            rated = score[i] - 2.0 * apart
            if rated > first:
                second, found[k, 1] = first, found[k, 0]
                first, found[k, 0] = rated, i
            elif rated > second:
                second, found[k, 1] = rated, i
        if found[k, 1] < 0:
            found[k, 1] = found[k, 0]
    return found


def _sets(
    points: list[Array],
    features: list[Array],
    common_axis: int,
    shifts: npt.NDArray[np.int64],
) -> Proposals:
    """Put each point together with those of the other views at the same common coordinate."""
    n_views = len(points)
    common = [p[:, common_axis] - shift for p, shift in zip(points, shifts, strict=True)]
    chosen: set[tuple[int, ...]] = set()
    for v in range(n_views):
        partners = [
            _partners(common[v], common[other], points[other][:, 2]).tolist()
            for other in range(n_views)
            if other != v
        ]
        for k, *options in zip(range(len(points[v])), *partners, strict=True):
            for those in product(*options):
                # Where no second partner is near, the first is named twice.
                chosen.add((*those[:v], k, *those[v:]))
    table = np.array(sorted(chosen), dtype=np.int64).reshape(-1, n_views)
    there = table >= 0
    count = np.maximum(there.sum(axis=1), 1)
    size = len(FEATURES)
    positions = np.full((len(table), n_views, 2), np.nan)
    total = np.zeros((len(table), size))
    least = np.full((len(table), size), np.inf)
    low, high = np.full(len(table), np.inf), np.full(len(table), -np.inf)
    for v in range(n_views):
        seen, which = there[:, v], table[there[:, v], v]
        positions[seen, v] = points[v][which, :2]
        total[seen] += features[v][which]
        least[seen] = np.minimum(least[seen], features[v][which])
        low[seen] = np.minimum(low[seen], common[v][which])
        high[seen] = np.maximum(high[seen], common[v][which])
    others = np.stack([(high - low) / BLOCK, 1.0 - count / n_views], axis=1)
    features_of_sets = np.hstack([total / count[:, None], least, others])
    return Proposals(positions, features_of_sets, (low + high) / 2)


@cache
def _weights() -> dict[bool, tuple[Array, ...]]:
    """Return, for crops that centre on the vertex and those that do not, the layers' weights."""
    told = json.loads(WEIGHTS_FILE.read_text())
    return {
        kind == "centred": tuple(np.array(layer) for layer in told[kind]["layers"])
        for kind in ("centred", "first_hit")
    }


def rate(features: Array, layers: Sequence[Array]) -> Array:
    """Return how likely each set of points is the vertex, up to a constant: a small network."""
    mean, spread, w1, b1, w2 = layers
    scaled = np.clip((features - mean) / spread, -5.0, 5.0)
    return np.tanh(scaled @ w1 + b1) @ w2


def choose(proposals: Proposals, n_views: int, centre: tuple[float, float] | None) -> Vertex:
    """Take the proposal that is most likely the vertex.

    Parameters
    ----------
    proposals : Proposals
    n_views : int
    centre : (row, column) or None
        Where the crop centres on the vertex: it is there in a view that shows none.
    """
    position = np.full((n_views, 2), np.nan if centre is None else centre)
    if len(proposals.positions):
        best = proposals.positions[
            rate(proposals.features, _weights()[centre is not None]).argmax()
        ]
        position = np.where(np.isfinite(best), best, position)
    return Vertex(position)
