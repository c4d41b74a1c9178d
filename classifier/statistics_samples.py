"""Means, medians and histograms of a quantity, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from classifier.intervals import ONE_SIGMA, Interval, poisson_limits
from nulens.errors import NuLensError

Floats = npt.NDArray[np.float64]

_RESAMPLES = 1000
# Beyond this many values the bootstrap gives the standard error, only more slowly.
_BOOTSTRAP_MOST = 10_000
_MOST_BINS = 60


@dataclass(frozen=True)
class Description:
    """A quantity in numbers; ``unknown`` values count nowhere else."""

    n: int
    unknown: int
    mean: Interval
    median: Interval
    std: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Histogram:
    """Counts in bins, with the Poisson interval of each.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
        Bins include their lower edge, the last one also its upper.
    counts : ndarray of int, shape (bins,)
    low, high : ndarray, shape (bins,)
        Garwood intervals.
    n : int
        Values inside the edges.
    below, above, unknown : int
        Values outside the edges, and NaN.
    """

    edges: Floats
    counts: npt.NDArray[np.int64]
    low: Floats
    high: Floats
    n: int
    below: int
    above: int
    unknown: int


def mean(values: npt.ArrayLike, *, confidence: float = ONE_SIGMA, seed: int = 0) -> Interval:
    """Return the mean of the known values.

    The interval is the percentile bootstrap (Efron, Ann. Statist. 7 (1979) 1), reproducible by its
    seed; beyond 10,000 values Student's interval of the standard error, which it tends to. With one
    value there is no interval.
    """
    x = _known(values)
    n = len(x)
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0, confidence)
    centre = float(x.mean())
    if n == 1:
        return Interval(centre, float("nan"), float("nan"), 1, confidence)
    tail = (1 - confidence) / 2
    if n > _BOOTSTRAP_MOST:
        half = float(special.stdtrit(n - 1, 1 - tail) * x.std(ddof=1) / np.sqrt(n))
        return Interval(centre, centre - half, centre + half, n, confidence, "standard error")
    rng = np.random.default_rng(seed)
    means = [x[rng.integers(0, n, n)].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(
        centre, min(centre, float(low)), max(centre, float(high)), n, confidence, "bootstrap"
    )


def median(values: npt.ArrayLike, *, confidence: float = ONE_SIGMA) -> Interval:
    """Return the median of the known values.

    The interval lies between two order statistics and covers at least `confidence` whatever the
    distribution (David and Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1); it is NaN
    where there are too few values for that.
    """
    x = np.sort(_known(values))
    n = len(x)
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0, confidence)
    tail = (1 - confidence) / 2
    # The largest k with P(fewer than k of n values lie below the median) <= tail.
    below = np.searchsorted(special.bdtr(np.arange(n // 2 + 1), n, 0.5), tail, side="right")
    k = int(below)
    low, high = (x[k - 1], x[n - k]) if k else (float("nan"), float("nan"))
    return Interval(float(np.median(x)), float(low), float(high), n, confidence, "order statistics")


def describe(values: npt.ArrayLike, *, confidence: float = ONE_SIGMA) -> Description:
    """Return mean, median, spread and range of the known values."""
    x = _known(values)
    return Description(
        n=len(x),
        unknown=np.size(values) - len(x),
        mean=mean(x, confidence=confidence),
        median=median(x, confidence=confidence),
        std=float(x.std(ddof=1)) if len(x) > 1 else float("nan"),
        minimum=float(x.min()) if len(x) else float("nan"),
        maximum=float(x.max()) if len(x) else float("nan"),
    )


def bin_edges(values: npt.ArrayLike, bins: int | None = None) -> Floats:
    """Choose the edges of a histogram: `bins` of one width, or as many as suit the values.

    Whole numbers of a short range get a bin each; otherwise the finer of Sturges' and Freedman and
    Diaconis' rules (`numpy.histogram_bin_edges`), 60 bins at most.

    Raises
    ------
    NuLensError
        If `bins` is not between 1 and 1000.
    """
    x = _known(values)
    if bins is not None:
        if not 1 <= bins <= 1000:
            raise NuLensError(f"{bins} bins cannot be drawn.", "Ask for 1 to 1000 bins.")
        return np.histogram_bin_edges(x, bins=bins)
    if len(x) and np.ptp(x) <= 40 and (x == np.round(x)).all():
        return np.arange(x.min() - 0.5, x.max() + 1)
    span, n = (np.ptp(x), len(x)) if len(x) else (0.0, 0)
    quartiles = np.subtract(*np.percentile(x, [75, 25])) if n else 0.0
    fine = span * np.cbrt(n) / (2 * quartiles) if quartiles > 0 else 1.0
    rule = max(np.ceil(np.log2(n + 1)), np.ceil(min(fine, _MOST_BINS)))
    return np.histogram_bin_edges(x, bins=int(max(1, rule)))


def histogram(
    values: npt.ArrayLike,
    edges: npt.ArrayLike | None = None,
    *,
    bins: int | None = None,
    confidence: float = ONE_SIGMA,
) -> Histogram:
    """Count values in bins.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    edges : array-like, shape (bins + 1,), optional
        Increasing; chosen by `bin_edges` unless given.

    Raises
    ------
    NuLensError
        If the edges do not increase.
    """
    x = _known(values)
    borders = bin_edges(x, bins) if edges is None else np.asarray(edges, dtype=np.float64)
    if borders.ndim != 1 or len(borders) < 2 or not (np.diff(borders) > 0).all():
        raise NuLensError("The bin edges do not increase.", "Give increasing bin edges.")
    counts, _ = np.histogram(x, bins=borders)
    low, high = poisson_limits(counts, confidence=confidence)
    return Histogram(
        edges=borders,
        counts=counts.astype(np.int64),
        low=low,
        high=high,
        n=int(counts.sum()),
        below=int((x < borders[0]).sum()),
        above=int((x > borders[-1]).sum()),
        unknown=np.size(values) - len(x),
    )


def histograms(
    values: npt.ArrayLike,
    groups: Sequence[str | None],
    *,
    bins: int | None = None,
    confidence: float = ONE_SIGMA,
) -> dict[str, Histogram]:
    """Count values in the same bins for each group, in the order of the groups' first events."""
    x = np.asarray(values, dtype=np.float64)
    names = ["unknown" if not isinstance(g, str) else str(g) for g in groups]
    edges = bin_edges(x, bins)
    return {
        name: histogram(x[[g == name for g in names]], edges, confidence=confidence)
        for name in dict.fromkeys(names)
    }


def _known(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64).reshape(-1)
    return x[np.isfinite(x)]
