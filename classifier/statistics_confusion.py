"""Confusion matrices, and counts corrected for the confusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from classifier.events import CLASSES, EventClass
from classifier.intervals import ONE_SIGMA, Proportion, proportion
from nulens.errors import NuLensError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ConfusionMatrix:
    """How often each true class is given each label.

    Attributes
    ----------
    truth : tuple of str
        Names of the rows: the three classes, then other true classes that occur.
    predicted : tuple of str
        Names of the columns: the three classes.
    counts : ndarray of int, shape (rows, 3)
    unknown : int
        Events of unknown truth, which are in no cell.
    """

    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    unknown: int = 0

    def normalised(self, by: Literal["truth", "prediction"]) -> Floats:
        """Return shares of each true class (rows add to 1) or of each label (columns add to 1).

        The diagonal holds the efficiencies or the purities; NaN where there are no events.
        """
        axis = 1 if by == "truth" else 0
        total = self.counts.sum(axis=axis, keepdims=True).astype(np.float64)
        with np.errstate(invalid="ignore"):
            return np.where(total > 0, self.counts / np.where(total > 0, total, 1), np.nan)

    def share(
        self,
        truth: str,
        predicted: str,
        by: Literal["truth", "prediction"] = "truth",
        *,
        confidence: float = ONE_SIGMA,
    ) -> Proportion:
        """Return one cell as a share of its true class or of its label, with its interval."""
        row, column = self.truth.index(truth), self.predicted.index(predicted)
        total = self.counts[row].sum() if by == "truth" else self.counts[:, column].sum()
        return proportion(int(self.counts[row, column]), int(total), confidence=confidence)


@dataclass(frozen=True)
class CorrectedCounts:
    """Numbers of true events of each class, estimated from the numbers of labels.

    Attributes
    ----------
    classes : tuple of str
    observed : ndarray, shape (3,)
        Events given each label.
    values : ndarray, shape (3,)
        Estimated true events; may be negative within errors, which keeps the estimate unbiased.
    errors : ndarray, shape (3,)
        Standard deviations, both sources together.
    covariance : ndarray, shape (3, 3)
        ``counting`` + ``response``.
    counting : ndarray, shape (3, 3)
        From the Poisson fluctuation of the observed numbers.
    response : ndarray, shape (3, 3)
        From the limited number of labelled events that measured the confusion.
    condition : float
        Condition number of the confusion; large where classes are hard to tell apart.
    """

    classes: tuple[str, ...]
    observed: Floats
    values: Floats
    errors: Floats
    covariance: Floats
    counting: Floats
    response: Floats
    condition: float


def accuracy(
    truth: Sequence[str | None], predicted: Sequence[str], *, confidence: float = ONE_SIGMA
) -> Proportion:
    """Return the share of right labels among events truly of the three classes.

    Other true classes and unknown truth are left out, as everywhere in NuLens.
    """
    matrix = confusion_matrix(truth, predicted)
    three = matrix.counts[: len(CLASSES)]
    return proportion(int(np.trace(three)), int(three.sum()), confidence=confidence)


def confusion_matrix(truth: Sequence[str | None], predicted: Sequence[str]) -> ConfusionMatrix:
    """Count labels against truth; rows are truth, columns are predictions.

    Parameters
    ----------
    truth : sequence of label or None
    predicted : sequence of label
    """
    if len(truth) != len(predicted):
        raise NuLensError("Truth and predictions have different lengths.", "Use the same events.")
    known = [EventClass(t) if isinstance(t, str) else None for t in truth]
    rows = [label for label in EventClass if label in CLASSES or label in known]
    counts = np.zeros((len(rows), len(CLASSES)), dtype=np.int64)
    row_of = {label: i for i, label in enumerate(rows)}
    column_of = {label: i for i, label in enumerate(CLASSES)}
    for label, guess in zip(known, predicted, strict=True):
        if label is not None:
            counts[row_of[label], column_of[EventClass(guess)]] += 1
    return ConfusionMatrix(
        truth=tuple(label.value for label in rows),
        predicted=tuple(label.value for label in CLASSES),
        counts=counts,
        unknown=sum(label is None for label in known),
    )


def corrected_counts(
    observed: npt.ArrayLike, matrix: ConfusionMatrix, *, background: npt.ArrayLike | None = None
) -> CorrectedCounts:
    """Estimate how many events of each class there are from how many got each label.

    The labels' expectation is ``observed = R @ true + background`` with the response
    ``R[j, i] = P(label j | class i)``, the confusion matrix normalised by truth; it is inverted
    (Cowan, Statistical Data Analysis (1998), section 11.2). The covariance has two parts: counting,
    ``R^-1 diag(observed) R^-T``; and the response, where class i's row is multinomial with m_i
    labelled events, ``R^-1 (sum_i true_i^2 C_i) R^-T``,
    ``C_i = (diag(R_i) - R_i R_i^T) / m_i`` (first-order propagation through the inverse as in
    Lefebvre et al., Nucl. Instrum. Meth. A 451 (2000) 520, hep-ex/9909031).

    Parameters
    ----------
    observed : array-like, shape (3,)
        Events given each label, in the order of `CLASSES`; others than those behind `matrix`.
    matrix : ConfusionMatrix
        Of labelled events of the same kind; only its rows of the three classes are used.
    background : array-like, shape (3,), optional
        Expected labels of events of no class, to be taken off first.

    Raises
    ------
    NuLensError
        If a class has no labelled events, or the classes cannot be told apart.
    """
    labels = np.asarray(observed, dtype=np.float64)
    n_classes = len(CLASSES)
    if labels.shape != (n_classes,) or (labels < 0).any():
        raise NuLensError("The observed counts are no three counts.", "Give one for each class.")
    three = matrix.counts[:n_classes].astype(np.float64)
    measured = three.sum(axis=1)
    for label, total in zip(CLASSES, measured, strict=True):
        if total == 0:
            raise NuLensError(
                f"No labelled {label.symbol} event measured the confusion.",
                "Use a labelled sample that has all three classes.",
            )
    rows = three / measured[:, None]
    response = rows.T
    condition = float(np.linalg.cond(response))
    if not condition < 1e6:
        raise NuLensError(
            "The confusion matrix cannot be inverted: two classes get the same labels.",
            "Use a better classifier, or more labelled events.",
        )
    inverse = np.linalg.inv(response)
    taken = labels if background is None else labels - np.asarray(background, dtype=np.float64)
    values = inverse @ taken
    counting = inverse @ np.diag(labels) @ inverse.T
    spread = np.zeros((n_classes, n_classes))
    for row, total, value in zip(rows, measured, values, strict=True):
        spread += value**2 * (np.diag(row) - np.outer(row, row)) / total
    from_response = inverse @ spread @ inverse.T
    covariance = counting + from_response
    return CorrectedCounts(
        classes=tuple(label.value for label in CLASSES),
        observed=labels,
        values=values,
        errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        counting=counting,
        response=from_response,
        condition=condition,
    )
