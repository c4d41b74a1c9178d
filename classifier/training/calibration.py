"""What is fitted after training: how logits are scaled, and the measure of unlikeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import CLASSES
from classifier.models.calibrated import Scaling
from classifier.models.unlike import Unlikeness


@dataclass(frozen=True)
class Outcome:
    """What a network says of some events, with what is true of them.

    Attributes
    ----------
    logits, features, statistics : ndarray of float32, shapes (n, 3), (n, d), (n, s)
    labels : ndarray of int64, shape (n,)
    """

    logits: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    statistics: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def join(cls, parts: Sequence[Outcome]) -> Outcome:
        """Put several together."""
        return cls(
            np.concatenate([p.logits for p in parts]),
            np.concatenate([p.features for p in parts]),
            np.concatenate([p.statistics for p in parts]),
            np.concatenate([p.labels for p in parts]),
        )


def fit_scaling(parts: Sequence[tuple[npt.NDArray[Any], npt.NDArray[np.int64]]]) -> Scaling:
    """Find the scaling that makes held-out logits most likely.

    Biases are kept if the labels gain by them what the Bayesian information criterion asks of two
    parameters (Schwarz, Ann. Statist. 6, 461, 1978): a good model needs none, and would lose a
    little accuracy by biases that follow chance.

    Parameters
    ----------
    parts : sequence of (logits, labels)
        Data sets of equal weight, whatever their sizes.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    # In single precision the loss would have no slope over the optimiser's small steps.
    exact = [(logits.astype(np.float64), labels) for logits, labels in parts]

    def scaling(x: npt.NDArray[np.float64]) -> Scaling:
        first, second = x[1:] if len(x) > 1 else (0.0, 0.0)
        return Scaling(float(np.exp(x[0])), (float(first), float(second), -float(first + second)))

    def loss(x: npt.NDArray[np.float64]) -> float:
        tried = scaling(x)
        total = 0.0
        for logits, labels in exact:
            p = log_softmax(logits / tried.temperature + np.array(tried.bias), axis=1)
            total -= float(p[np.arange(len(labels)), labels].mean())
        return total / len(exact)

    bounds = [(-2.3, 2.3), (-3.0, 3.0), (-3.0, 3.0)]
    plain, biased = (
        minimize(loss, np.zeros(n), method="L-BFGS-B", bounds=bounds[:n]) for n in (1, 3)
    )
    n = sum(len(labels) for _, labels in exact)
    return scaling(biased.x if (plain.fun - biased.fun) * n > np.log(n) else plain.x)


def fit_reference(outcome: Outcome) -> Unlikeness:
    """Fit the measure of unlikeness on training events; it still needs held-out ones."""
    return Unlikeness.fit(outcome.features, outcome.logits, outcome.labels, outcome.statistics)


def measure(outcome: Outcome, scaling: Scaling | None = None) -> dict[str, Any]:
    """Return accuracy with its Clopper-Pearson interval (68.27 %), AUC, log loss, confusion.

    The confusion matrix has a row for each true class and a column for each predicted one.
    """
    from scipy.stats import binomtest
    from sklearn.metrics import confusion_matrix, log_loss, roc_auc_score

    p = (scaling or Scaling())(outcome.logits.astype(np.float64))
    right = int((p.argmax(axis=1) == outcome.labels).sum())
    interval = binomtest(right, len(outcome)).proportion_ci(0.6827, method="exact")
    return {
        "events": len(outcome),
        "correct": right,
        "accuracy": round(right / len(outcome), 4),
        "interval": [round(float(interval.low), 4), round(float(interval.high), 4)],
        "auc_ovr": round(float(roc_auc_score(outcome.labels, p, multi_class="ovr")), 4),
        "auc_nue_cc": round(float(roc_auc_score(outcome.labels == 0, p[:, 0])), 4),
        "log_loss": round(float(log_loss(outcome.labels, p, labels=range(len(CLASSES)))), 4),
        "confusion": confusion_matrix(
            outcome.labels, p.argmax(axis=1), labels=range(len(CLASSES))
        ).tolist(),
    }
