"""How well a score ranks signal above background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.intervals import ONE_SIGMA, Interval
from nulens.errors import NuLensError

Floats = npt.NDArray[np.float64]

_RESAMPLES = 400


@dataclass(frozen=True)
class RocCurve:
    """Background kept against signal kept, from the strictest cut to the loosest.

    Attributes
    ----------
    background, signal : ndarray, shape (cuts + 1,)
        Efficiencies of both; the first point is (0, 0).
    cut : ndarray, shape (cuts + 1,)
        Events with a score of this or more are kept; infinity at the first point.
    auc : Interval
    """

    background: Floats
    signal: Floats
    cut: Floats
    auc: Interval


def roc_curve(
    signal: npt.ArrayLike, scores: npt.ArrayLike, *, confidence: float = ONE_SIGMA, seed: int = 0
) -> RocCurve:
    """Return the receiver operating characteristic (Fawcett, Pattern Recogn. Lett. 27 (2006) 861).

    Parameters
    ----------
    signal : array-like of bool, shape (n,)
    scores : array-like of float, shape (n,)
        Larger is more like signal.
    """
    is_signal, s = _checked(signal, scores)
    ranks = _Ranks(is_signal, s)
    kept, spoiled = ranks.totals(np.ones(len(s)))
    with np.errstate(invalid="ignore"):
        return RocCurve(
            background=np.concatenate([[0.0], np.cumsum(spoiled) / spoiled.sum()]),
            signal=np.concatenate([[0.0], np.cumsum(kept) / kept.sum()]),
            cut=np.concatenate([[np.inf], ranks.cuts]),
            auc=roc_auc(is_signal, s, confidence=confidence, seed=seed),
        )


def roc_auc(
    signal: npt.ArrayLike, scores: npt.ArrayLike, *, confidence: float = ONE_SIGMA, seed: int = 0
) -> Interval:
    """Return the probability that a signal event scores above a background event.

    Ties count half (Hanley and McNeil, Radiology 143 (1982) 29). The interval is the percentile
    bootstrap over events, signal and background apart (Efron, Ann. Statist. 7 (1979) 1); it has no
    width where the two do not overlap. NaN where one of them has no events.
    """

    def area(kept: Floats, spoiled: Floats) -> float:
        above = np.cumsum(kept) - kept / 2
        return float((spoiled * above).sum() / (kept.sum() * spoiled.sum()))

    return _bootstrap(signal, scores, area, confidence, seed)


def pr_auc(
    signal: npt.ArrayLike, scores: npt.ArrayLike, *, confidence: float = ONE_SIGMA, seed: int = 0
) -> Interval:
    """Return the average purity over all signal efficiencies (average precision).

    The sum of purity times step in efficiency, without interpolation (Davis and Goadrich, ICML
    2006, warn of it). The interval is made as in `roc_auc`.
    """

    def area(kept: Floats, spoiled: Floats) -> float:
        signal_above, all_above = np.cumsum(kept), np.cumsum(kept + spoiled)
        share = np.divide(signal_above, all_above, out=np.zeros_like(kept), where=all_above > 0)
        return float((share * kept).sum() / kept.sum())

    return _bootstrap(signal, scores, area, confidence, seed)


class _Ranks:
    """Events grouped by score, the highest first, so that a resampling needs no new sorting."""

    def __init__(self, signal: npt.NDArray[np.bool_], scores: Floats) -> None:
        cuts, group = np.unique(-scores, return_inverse=True)
        self.cuts = -cuts
        self.group = group
        self.signal = signal

    def totals(self, weights: Floats) -> tuple[Floats, Floats]:
        """Sum the weights of signal and background at each score."""
        n = len(self.cuts)
        kept = np.bincount(self.group, weights * self.signal, n).astype(np.float64)
        return kept, np.bincount(self.group, weights * ~self.signal, n).astype(np.float64)


def _bootstrap(
    signal: npt.ArrayLike,
    scores: npt.ArrayLike,
    area: Callable[[Floats, Floats], float],
    confidence: float,
    seed: int,
) -> Interval:
    is_signal, s = _checked(signal, scores)
    n = len(s)
    ours, others = np.flatnonzero(is_signal), np.flatnonzero(~is_signal)
    if not len(ours) or not len(others):
        return Interval(float("nan"), float("nan"), float("nan"), n, confidence)
    ranks = _Ranks(is_signal, s)
    value = area(*ranks.totals(np.ones(n)))
    rng = np.random.default_rng(seed)
    areas = np.empty(_RESAMPLES)
    for i in range(_RESAMPLES):
        drawn = (part[rng.integers(0, len(part), len(part))] for part in (ours, others))
        weights = np.bincount(np.concatenate(list(drawn)), minlength=n).astype(np.float64)
        areas[i] = area(*ranks.totals(weights))
    tail = (1 - confidence) / 2
    low, high = np.quantile(areas, [tail, 1 - tail])
    return Interval(
        value, min(value, float(low)), max(value, float(high)), n, confidence, "bootstrap"
    )


def _checked(signal: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], Floats]:
    is_signal = np.asarray(signal, dtype=np.bool_)
    s = np.asarray(scores, dtype=np.float64)
    if is_signal.shape != s.shape or s.ndim != 1:
        raise NuLensError("Truth and scores have different lengths.", "Give one of each an event.")
    if not np.isfinite(s).all():
        raise NuLensError("Some scores are not finite.", "Leave those events out.")
    return is_signal, s
