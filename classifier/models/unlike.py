"""How unlike the training data an event is, from features, logits and the hits themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry
from classifier.models.batching import normalised_hits, vertex_pixel

Array = npt.NDArray[np.float32]

COMPONENTS = 48
"""Principal components of the features that are kept: some hundred events must fix them."""


def detector_key(geometry: Geometry) -> str:
    """Name what makes events of two geometries comparable: the views."""
    return "-".join(view.name for view in geometry.views)


def hit_statistics(event: Event) -> Array:
    """Describe the hits of an event by a few numbers that need no network.

    Shares are mapped by a logit and counts by a logarithm, so that each is roughly normal over
    neutrino events. Noise without tracks stands out by how few of its hits have neighbours.

    Returns
    -------
    ndarray of float32, shape (10,)
        Number of hits, share in the fullest view, mean and spread of the values, share at
        saturation, shares with a neighbour along rows, columns and either diagonal within two
        pixels, spread along rows and columns, share near the vertex.
    """
    hits, geometry = normalised_hits(event)
    n = len(hits)
    if n == 0:
        return np.full(10, -10.0, dtype=np.float32)
    view, row, column = (a.astype(np.int64) for a in (hits.view, hits.row, hits.column))
    value = hits.value.astype(np.float64) / geometry.saturation
    width = geometry.shape[1] + 4
    key = (view * (geometry.shape[0] + 4) + row) * width + column
    occupied = np.zeros((geometry.n_views * (geometry.shape[0] + 4) + 4) * width, dtype=bool)
    occupied[key] = True

    def logit(share: float) -> float:
        share = (share * n + 0.5) / (n + 1.0)
        return float(np.log(share / (1.0 - share)))

    along_row = occupied[key + 1].mean()
    along_column = occupied[key + width].mean()
    around = np.zeros(n, dtype=bool)
    for step in range(-2, 3):
        around |= occupied[key + 2 * width + step] | occupied[key + width + step]
    row0, column0 = (pixel // 16 for pixel in vertex_pixel(geometry))
    near = (np.abs(row // 16 - row0) <= 1) & (np.abs(column // 16 - column0) <= 1)
    return np.array(
        [
            np.log(n),
            logit(np.bincount(view).max() / n),
            np.log(max(value.mean(), 1e-4)),
            np.log(value.std() + 1e-2),
            logit((value >= 1.0).mean()),
            logit(along_row),
            logit(along_column),
            logit(around.mean()),
            np.log(row.std() + 1.0) + np.log(column.std() + 1.0),
            logit(near.mean()),
        ],
        dtype=np.float32,
    )


@dataclass(frozen=True)
class Unlikeness:
    """Distances of an event from the training data of one detector, and how usual each is.

    Three scores are taken: the Mahalanobis distance of the features to the nearest class mean
    (Lee et al., arXiv:1807.03888, eq. 2), the energy score of the logits (Liu et al.,
    arXiv:2010.03759, eq. 4) and the Mahalanobis distance of `hit_statistics`. Each is measured in
    units of its spread over training events; the largest counts, because an event needs to be
    strange in one way only.

    Attributes
    ----------
    center, axes : ndarray, shapes (d,), (d, k)
        Mean of the features and their principal axes.
    means : ndarray, shape (3, k)
        Class means along these axes.
    precision : ndarray, shape (k, k)
        Inverse of the covariance within classes.
    hits_mean, hits_precision : ndarray, shapes (s,), (s, s)
        The same for the hit statistics, without classes.
    scale : ndarray, shape (3, 2)
        Median, and distance from it to the 90 % quantile, of each score.
    quantiles : ndarray, shape (q,)
        Sorted scores of held-out events.
    """

    center: Array
    axes: Array
    means: Array
    precision: Array
    hits_mean: Array
    hits_precision: Array
    scale: Array
    quantiles: Array

    @classmethod
    def fit(
        cls,
        features: Array,
        logits: Array,
        labels: npt.NDArray[np.int64],
        statistics: Array,
    ) -> Unlikeness:
        """Learn what events of one detector look like; `with_held_out` must follow."""
        from sklearn.covariance import LedoitWolf

        center = features.mean(axis=0)
        k = min(COMPONENTS, features.shape[1], len(features) // 8)
        _, _, axes = np.linalg.svd(features - center, full_matrices=False)
        reduced = (features - center) @ axes[:k].T
        means = np.stack([reduced[labels == c].mean(axis=0) for c in range(3)])
        within = LedoitWolf(assume_centered=True).fit(reduced - means[labels])
        hits = LedoitWolf().fit(statistics)
        blank = cls(
            *(
                np.asarray(a, dtype=np.float32)
                for a in (
                    center,
                    axes[:k].T,
                    means,
                    within.precision_,
                    hits.location_,
                    hits.precision_,
                    np.array([[0.0, 1.0]] * 3),
                    np.zeros(1),
                )
            )
        )
        parts = blank.scores(features, logits, statistics)
        median, high = np.quantile(parts, [0.5, 0.9], axis=0)
        scale = np.stack([median, np.maximum(high - median, 1e-6)], axis=1)
        return cls(**{**blank.__dict__, "scale": scale.astype(np.float32)})

    def with_held_out(self, scores: npt.NDArray[np.floating]) -> Unlikeness:
        """Return the same measure, calibrated on `raw` scores of events kept out of training."""
        grid = np.quantile(scores, np.linspace(0.0, 1.0, min(len(scores), 2001)))
        return Unlikeness(**{**self.__dict__, "quantiles": grid.astype(np.float32)})

    def scores(self, features: Array, logits: Array, statistics: Array) -> Array:
        """Return the three scores, shape (n, 3), before they are put on one scale."""
        reduced = (features - self.center) @ self.axes
        away = reduced[:, None, :] - self.means
        distance = np.einsum("ncd,de,nce->nc", away, self.precision, away).min(axis=1)
        largest = logits.max(axis=1)
        energy = -largest - np.log(np.exp(logits - largest[:, None]).sum(axis=1))
        off = statistics - self.hits_mean
        strange = np.einsum("nd,de,ne->n", off, self.hits_precision, off)
        return np.stack(
            [np.sqrt(np.maximum(distance, 0)), energy, np.sqrt(np.maximum(strange, 0))], axis=1
        )

    def raw(self, features: Array, logits: Array, statistics: Array) -> Array:
        """Return the largest of the three scores in units of its spread, shape (n,)."""
        parts = self.scores(features, logits, statistics)
        return ((parts - self.scale[:, 0]) / self.scale[:, 1]).max(axis=1)

    def __call__(self, features: Array, logits: Array, statistics: Array) -> Array:
        """Return the share of held-out events that are less unusual, shape (n,), 0 to 1."""
        raw = self.raw(features, logits, statistics)
        share = np.interp(raw, self.quantiles, np.linspace(0.0, 1.0, len(self.quantiles)))
        return share.astype(np.float32)
