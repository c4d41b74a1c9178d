"""The two fits that calibration makes: which of a list is right, and whether any is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = tuple[Array, npt.NDArray[np.bool_], float]
"""Features of the rows of a list, which of them are right, and the weight of the list."""


def conditional_logit(
    lists: Sequence[Rows], names: Sequence[str], start: Mapping[str, float], held: float
) -> dict[str, float]:
    """Return weights by which a right row is the likeliest of its list (McFadden, 1974).

    ``held`` weighs the squared distance from ``start``, in units of each feature's spread.
    """
    from scipy.optimize import minimize

    lists = [one for one in lists if one[1].any()]
    spread = np.concatenate([values for values, _, _ in lists]).std(axis=0) + 1e-6
    first = np.array([float(start.get(name, 0.0)) for name in names]) * spread
    total = sum(weight for _, _, weight in lists)

    def loss(weights: Array) -> tuple[float, Array]:
        value, slope = 0.0, np.zeros_like(weights)
        for values, right, weight in lists:
            scaled = values / spread
            score = scaled @ weights
            chance = np.exp(score - score.max())
            value -= weight * np.log(chance[right].sum() / chance.sum())
            among = np.where(right, chance, 0.0)
            slope -= weight * (among / among.sum() - chance / chance.sum()) @ scaled
        away = weights - first
        return value / total + held * away @ away, slope / total + 2 * held * away

    found = minimize(loss, first, jac=True, method="L-BFGS-B").x / spread
    return {name: round(float(w), 4) for name, w in zip(names, found, strict=True)}


def logistic(
    values: Array,
    right: npt.NDArray[np.bool_],
    names: Sequence[str],
    groups: Sequence[str],
    hardest: npt.NDArray[np.bool_],
    declined: float,
) -> dict[str, Any]:
    """Return a logistic regression whose one half lies where few right rows fall below.

    That is a share ``declined`` of the ``hardest`` right rows, each scored by a model that has not
    seen its group: rows that a model has seen score too well to set its threshold by.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    spread = values.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.1, max_iter=5000, class_weight="balanced")
    parts = StratifiedGroupKFold(10, shuffle=True, random_state=1)
    scores = cross_val_predict(
        model, values / spread, right, groups=groups, cv=parts, method="decision_function"
    )
    model.fit(values / spread, right)
    threshold = np.quantile(scores[hardest & right], declined)
    return {
        "weights": {
            n: round(float(c), 4) for n, c in zip(names, model.coef_[0] / spread, strict=True)
        },
        # Its zero is a probability of one half, the threshold.
        "intercept": round(float(model.intercept_[0] - threshold), 4),
    }
