"""Fit the relevance score to the `tuned` questions: ``python -m knowledge.calibration``.

Writes ``relevance.json``: coefficients, intercept, and the threshold below which a question counts
as not covered, set so that 2 % of the answerable questions of that half fall below it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from knowledge.evaluation import questions
from knowledge.ranking import evidence_of_best
from knowledge.relevance import features
from knowledge.settings import SHIPPED_COLLECTION
from knowledge.shipped import open_index

DECLINED = 0.02


def fit() -> dict[str, object]:
    """Fit, write and return the coefficients."""
    from sklearn.linear_model import LogisticRegression

    index = open_index(SHIPPED_COLLECTION)
    tuned = [question for question in questions() if question.half == "tuned"]
    values = np.array([features(*evidence_of_best(q.question, index)) for q in tuned])
    answerable = np.array([bool(q.relevant) for q in tuned])
    model = LogisticRegression(C=3.0, max_iter=5000).fit(values, answerable)
    scores = model.predict_proba(values)[:, 1]
    fitted: dict[str, object] = {
        "coefficients": [round(float(c), 4) for c in model.coef_[0]],
        "intercept": round(float(model.intercept_[0]), 4),
        "threshold": round(float(np.quantile(scores[answerable], DECLINED)), 4),
    }
    path = Path(str(files("knowledge"))) / "relevance.json"
    path.write_text(json.dumps(fitted) + "\n", encoding="utf-8")
    return fitted


if __name__ == "__main__":
    print(fit())
