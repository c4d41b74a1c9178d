"""Two classifiers on the same events, and the events that one gets wrong or hesitates over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from classifier.events import CLASSES, EventClass
from classifier.intervals import ONE_SIGMA, Interval, Proportion, proportion
from classifier.models.base import Predictions
from nulens.errors import NuLensError


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test of two classifiers on the same events.

    Attributes
    ----------
    only_first, only_second : int
        Events that only one of them gets right.
    p_value : float
        Probability of a split at least this uneven if both are equally good, two-sided.
    difference : Interval
        Accuracy of the first less that of the second.
    n : int
    """

    only_first: int
    only_second: int
    p_value: float
    difference: Interval
    n: int


@dataclass(frozen=True)
class Agreement:
    """How far two classifiers say the same.

    Attributes
    ----------
    share : Proportion
        Events with the same label.
    kappa : float
        Agreement beyond chance, 1 for full; NaN where both give one same label always.
    table : ndarray of int, shape (3, 3)
        Rows: labels of the first; columns: of the second; in the order of `CLASSES`.
    differ : ndarray of int
        Positions of the events where they differ.
    """

    share: Proportion
    kappa: float
    table: npt.NDArray[np.int64]
    differ: npt.NDArray[np.int64]


def mcnemar(
    first_right: npt.ArrayLike, second_right: npt.ArrayLike, *, confidence: float = ONE_SIGMA
) -> McNemar:
    """Test whether two classifiers are equally good on the same events.

    McNemar, Psychometrika 12 (1947) 153, with the exact binomial probability; the interval of the
    difference is that of paired proportions (Agresti, Categorical Data Analysis, 3rd ed. (2013),
    section 11.1.1).

    Parameters
    ----------
    first_right, second_right : array-like of bool, shape (n,)
    """
    first = np.asarray(first_right, dtype=np.bool_)
    second = np.asarray(second_right, dtype=np.bool_)
    if first.shape != second.shape or first.ndim != 1:
        raise NuLensError("The classifiers were asked about different events.", "Use the same.")
    n = len(first)
    ours, theirs = int((first & ~second).sum()), int((second & ~first).sum())
    apart = ours + theirs
    p_value = min(1.0, 2 * float(special.bdtr(min(ours, theirs), apart, 0.5))) if apart else 1.0
    if n == 0:
        nothing = Interval(float("nan"), -1.0, 1.0, 0, confidence, "paired")
        return McNemar(0, 0, 1.0, nothing, 0)
    shift = (ours - theirs) / n
    spread = np.sqrt(max(apart - (ours - theirs) ** 2 / n, 0.0)) / n
    half = float(special.ndtri((1 + confidence) / 2) * spread)
    low, high = max(-1.0, shift - half), min(1.0, shift + half)
    return McNemar(ours, theirs, p_value, Interval(shift, low, high, n, confidence, "paired"), n)


def agreement(
    first: Sequence[str], second: Sequence[str], *, confidence: float = ONE_SIGMA
) -> Agreement:
    """Compare the labels that two classifiers give to the same events.

    Cohen's kappa: Educ. Psychol. Meas. 20 (1960) 37.
    """
    if len(first) != len(second):
        raise NuLensError("The classifiers were asked about different events.", "Use the same.")
    order = {label.value: i for i, label in enumerate(CLASSES)}
    a = np.array([order[EventClass(v)] for v in first], dtype=np.int64)
    b = np.array([order[EventClass(v)] for v in second], dtype=np.int64)
    table = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    np.add.at(table, (a, b), 1)
    n, same = len(a), int(np.trace(table))
    chance = float((table.sum(axis=0) * table.sum(axis=1)).sum() / n**2) if n else 1.0
    kappa = (same / n - chance) / (1 - chance) if chance < 1 else float("nan")
    return Agreement(
        proportion(same, n, confidence=confidence), kappa, table, np.flatnonzero(a != b)
    )


def worst_mistakes(
    predictions: Predictions, truth: Sequence[str | None], n: int = 5
) -> pd.DataFrame:
    """Return the wrongly labelled events that the model was surest of, the surest first.

    Events that are truly of none of the three classes, or of unknown truth, are left out.

    Parameters
    ----------
    predictions : Predictions
    truth : sequence of label or None
        Of the same events.

    Returns
    -------
    DataFrame
        Columns ``index``, ``truth``, ``label``, ``confidence`` (probability of the label) and
        ``p_truth`` (that of the true class).
    """
    table = _verdicts(predictions)
    table["truth"] = pd.Series([t if isinstance(t, str) else None for t in truth], dtype=object)
    order = {label.value: i for i, label in enumerate(CLASSES)}
    column = table["truth"].map(order)
    wrong = table[column.notna() & (table["truth"] != table["label"])].copy()
    column = column[wrong.index].astype(int)
    wrong["p_truth"] = predictions.probabilities[wrong.index, column].astype(np.float64)
    wrong = wrong.sort_values(["confidence", "index"], ascending=[False, True]).head(n)
    return wrong[["index", "truth", "label", "confidence", "p_truth"]].reset_index(drop=True)


def least_sure(predictions: Predictions, n: int = 5) -> pd.DataFrame:
    """Return the events whose most probable class is the least probable, the least sure first.

    Returns
    -------
    DataFrame
        Columns ``index``, ``label`` and ``confidence`` (probability of the label).
    """
    table = _verdicts(predictions).sort_values(["confidence", "index"]).head(n)
    return table[["index", "label", "confidence"]].reset_index(drop=True)


def _verdicts(predictions: Predictions) -> pd.DataFrame:
    best = predictions.probabilities.max(axis=1, initial=0.0)
    return pd.DataFrame(
        {
            "index": predictions.indices,
            "label": pd.Series([label.value for label in predictions.labels], dtype=object),
            "confidence": best.astype(np.float64),
        }
    )
