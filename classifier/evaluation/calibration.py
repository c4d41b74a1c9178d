"""Whether probabilities mean what they say: temperature, reliability, calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]

N_BINS = 15
"""Bins of the calibration error, as in Guo et al., arXiv:1706.04599, section 2."""


@dataclass(frozen=True)
class Reliability:
    """Accuracy against confidence in bins that hold equally many events.

    Attributes
    ----------
    confidence, accuracy : ndarray of float, shape (bins,)
        Means in each bin.
    low, high : ndarray of float, shape (bins,)
        Clopper-Pearson interval of the accuracy, 68.27 %.
    count : ndarray of int, shape (bins,)
    """

    confidence: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]


def _bins(confidence: Floats, n_bins: int) -> list[npt.NDArray[np.int64]]:
    order = np.argsort(confidence, kind="stable")
    return [part for part in np.array_split(order, min(n_bins, max(len(order), 1))) if len(part)]


def _top(probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
    """Return confidence and correctness of the events whose class is known."""
    known = np.asarray(labels) >= 0
    p = np.asarray(probabilities, dtype=np.float64)[known]
    return p.max(axis=1, initial=0.0), (p.argmax(axis=1) == np.asarray(labels)[known]) * 1.0


def reliability(probabilities: Floats, labels: Labels, n_bins: int = N_BINS) -> Reliability:
    """Compare the confidence in the chosen class with how often it is right.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
    labels : ndarray of int, shape (n,)
        Events with -1 are left out.
    n_bins : int
        Bins of equal content; fewer where there are fewer events.
    """
    from classifier.statistics import proportion

    confidence, right = _top(probabilities, labels)
    parts = _bins(confidence, n_bins)
    shares = [proportion(int(right[i].sum()), len(i)) for i in parts]
    return Reliability(
        np.array([confidence[i].mean() for i in parts]),
        np.array([s.value for s in shares]),
        np.array([s.low for s in shares]),
        np.array([s.high for s in shares]),
        np.array([len(i) for i in parts], dtype=np.int64),
    )


def expected_calibration_error(
    probabilities: Floats, labels: Labels, n_bins: int = N_BINS
) -> float:
    """Return the mean distance of accuracy and confidence over bins of equal content.

    Naeini et al., AAAI 2015; equal content as in Nixon et al., arXiv:1904.01685. NaN without
    events.
    """
    confidence, right = _top(probabilities, labels)
    return _ece(confidence, right, _bins(confidence, n_bins))


def _ece(confidence: Floats, right: Floats, parts: list[npt.NDArray[np.int64]]) -> float:
    if not len(confidence):
        return float("nan")
    return float(sum(abs(right[i].sum() - confidence[i].sum()) for i in parts) / len(confidence))


@dataclass(frozen=True)
class Spread:
    """Calibration error of a perfectly calibrated model: mean and 95 % quantile."""

    mean: float
    upper: float


def perfect_spread(
    probabilities: Floats, n_bins: int = N_BINS, repeats: int = 1000, seed: int = 0
) -> Spread:
    """Return the calibration error that chance alone gives to a model with these confidences.

    In each repetition every event is right with the probability that the model states.
    """
    confidence = np.asarray(probabilities, dtype=np.float64).max(axis=1, initial=0.0)
    if not len(confidence):
        return Spread(float("nan"), float("nan"))
    parts = _bins(confidence, n_bins)
    rng = np.random.default_rng(seed)
    errors = np.empty(repeats)
    for k in range(repeats):
        errors[k] = _ece(confidence, (rng.random(len(confidence)) < confidence) * 1.0, parts)
    return Spread(float(errors.mean()), float(np.quantile(errors, 0.95)))
