"""How much a question is like those that the shipped corpus answers, from its wording alone.

Prices, people, other fields and other experiments are told from what the corpus is asked about by
the stems of the question, those that follow each other, and its vector, in a logistic regression
that ``python -m knowledge.calibration`` fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.relevance import fitted
from knowledge.terms import stems

_LEAST = 5  # questions that a stem or a pair must be in to have a weight
_STRENGTH = 10.0  # inverse of the penalty on the squared weights


@lru_cache(maxsize=20_000)
def stems_and_pairs(text: str) -> frozenset[str]:
    """Return the stems of a question that was spelt out, stop words too, and pairs in a row."""
    said = stems(text)
    return frozenset(said) | {f"{first} {second}" for first, second in pairwise(said)}


def likeness(
    text: str, vector: npt.NDArray[np.floating[Any]], model: Mapping[str, Any] | None = None
) -> float:
    """Return the logit that the shipped corpus answers a question.

    Parameters
    ----------
    text : str
        The question with its symbols spelt out.
    vector : ndarray, (dimension,)
        Its embedding.
    model : mapping, optional
        What :func:`fit` returned; by default what is stored.
    """
    model = model or fitted()["alike"]
    said = stems_and_pairs(text)
    return (
        float(vector @ np.array(model["weights"])) / float(np.linalg.norm(vector))
        + sum(model["words"].get(own, 0.0) for own in said) / math.sqrt(max(1, len(said)))
        + float(model["intercept"])
    )


def fit(
    texts: Sequence[str],
    vectors: npt.NDArray[np.float64],
    answered: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.float64],
) -> dict[str, Any]:
    """Return the model of :func:`likeness`, fitted to questions that count so much each."""
    from scipy.sparse import csr_matrix, diags, hstack
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer(analyzer=stems_and_pairs, binary=True, min_df=_LEAST)
    length = [1 / math.sqrt(max(1, len(stems_and_pairs(text)))) for text in texts]
    rows = hstack([diags(length) @ words.fit_transform(texts), csr_matrix(vectors)]).tocsr()
    model = LogisticRegression(C=_STRENGTH, max_iter=3000).fit(rows, answered, counts)
    weights = model.coef_[0].round(3)
    names = words.get_feature_names_out().tolist()
    return {
        "words": dict(zip(names, weights[: len(names)].tolist(), strict=True)),
        "weights": weights[len(names) :].tolist(),
        "intercept": round(float(model.intercept_[0]), 3),
    }
