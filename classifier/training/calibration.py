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

    Biases, and a matrix in place of the temperature, are kept if the labels gain by them what the
    Bayesian information criterion asks of so many parameters (Schwarz, Ann. Statist. 6, 461, 1978):
    a good model needs none, and would lose a little accuracy by some that follow chance.

    Parameters
    ----------
    parts : sequence of (logits, labels)
        Data sets of equal weight, whatever their sizes.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    # In single precision the loss would have no slope over the optimiser's small steps.
    exact = [(logits.astype(np.float64), labels) for logits, labels in parts]
    n = sum(len(labels) for _, labels in exact)

    def loss(x: npt.NDArray[np.float64]) -> float:
        scaling = _scaling(x)
        means = [
            -log_softmax(scaling.scores(logits), axis=1)[np.arange(len(labels)), labels].mean()
            for logits, labels in exact
        ]
        return float(np.mean(means))

    def criterion(found: Any) -> float:
        return 2.0 * n * float(found.fun) + len(found.x) * float(np.log(n))

    temperature, bias = [(-2.3, 2.3)], [(-3.0, 3.0)] * 2
    tried = [
        minimize(loss, start, method="L-BFGS-B", bounds=bounds)
        for start, bounds in (
            (np.zeros(1), temperature),
            (np.zeros(3), temperature + bias),
            (np.concatenate([np.eye(3).ravel(), np.zeros(2)]), [(-5.0, 5.0)] * 9 + bias),
        )
    ]
    return _scaling(min(tried, key=criterion).x)


def _scaling(x: npt.NDArray[np.float64]) -> Scaling:
    """Return the scaling of fitted parameters: 1, 3 with biases, 11 with a matrix as well."""
    first, second = (float(b) for b in x[-2:]) if len(x) > 1 else (0.0, 0.0)
    bias = (first, second, -first - second)
    if len(x) <= 3:
        return Scaling(float(np.exp(x[0])), bias)
    return Scaling(
        1.0, bias, tuple((float(a), float(b), float(c)) for a, b, c in x[:9].reshape(3, 3))
    )


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
