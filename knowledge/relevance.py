"""How probable it is that a passage bears on a question.

A logistic regression on a few features, fitted to the ``tuned`` half of the evaluation's questions
by ``python -m knowledge.calibration``, which writes ``relevance.json``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from knowledge.keywords import KeywordIndex
from knowledge.query import Query
from knowledge.terms import STOPWORDS, terms


@dataclass(frozen=True)
class Evidence:
    """What speaks for one passage.

    Attributes
    ----------
    cosine : float
        Of the question and the chunk.
    sentence : float
        Of the question and the chunk's nearest sentence.
    lexical : float
        BM25 over the most that it could be.
    """

    cosine: float
    sentence: float
    lexical: float


@dataclass(frozen=True)
class Support:
    """What the best passages together have of a question.

    Attributes
    ----------
    coverage : float
        Share of the question's terms that they hold, weighted by inverse document frequency.
    strange_name : bool
        The question has a proper name or acronym that none of them holds.
    """

    coverage: float
    strange_name: bool

    @classmethod
    def of(cls, query: Query, keywords: KeywordIndex, rows: Sequence[int]) -> Support:
        """Look the terms and names of a question up in some rows of the keyword index."""
        at = np.array(rows, dtype=np.int64)

        def held(term: str) -> bool:
            return bool(keywords.holds(term, at).any())

        total = sum(query.idf.values())
        covered = sum(idf for term, idf in query.idf.items() if held(term))
        strange = any(
            (meant := terms(name)) and not any(held(term) for term in meant)
            for name in names(query.question)
        )
        return cls(covered / total if total else 0.0, strange)


def names(question: str) -> list[str]:
    """Return the words of a question that are written like names: DUNE, Higgs, LArPix."""
    found = []
    for position, word in enumerate(re.findall(r"[A-Za-z][A-Za-z0-9'-]*", question)):
        word = word.removesuffix("'s").strip("'-")
        capitals = sum(c.isupper() for c in word)
        named = capitals >= 2 or (capitals == 1 and word[0].isupper() and position > 0)
        if named and len(word) >= 3 and word.lower() not in STOPWORDS:
            found.append(word)
    return found


def features(evidence: Evidence, support: Support) -> list[float]:
    """Return the features in the order of the fitted coefficients."""
    return [
        evidence.cosine,
        evidence.sentence,
        evidence.lexical,
        support.coverage,
        float(support.strange_name),
    ]


@lru_cache(maxsize=1)
def _fitted() -> tuple[list[float], float, float]:
    stored = json.loads(files("knowledge").joinpath("relevance.json").read_text(encoding="utf-8"))
    return stored["coefficients"], stored["intercept"], stored["threshold"]


def threshold() -> float:
    """Return the least score of the best passage for a question to count as covered."""
    return _fitted()[2]


def relevance(evidence: Evidence, support: Support) -> float:
    """Return the calibrated probability that a passage bears on a question."""
    coefficients, intercept, _ = _fitted()
    values = features(evidence, support)
    logit = intercept + sum(c * v for c, v in zip(coefficients, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
