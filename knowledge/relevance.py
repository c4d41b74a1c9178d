"""How probable it is that a passage bears on a question."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from knowledge.keywords import KeywordIndex
from knowledge.query import Query


@dataclass(frozen=True)
class Evidence:
    """What is known of a question and a passage.

    Attributes
    ----------
    cosine : float
        Of their embeddings.
    lexical : float
        BM25 over the most that it could be.
    coverage : float
        Share of the question's terms that the passage holds, weighted by their rarity in English.
    missed : float
        Rarity of the rarest word of the question that the passage does not hold.
    unknown : float
        Rarity of the rarest word of the question that no passage holds.
    """

    cosine: float
    lexical: float
    coverage: float
    missed: float
    unknown: float

    @classmethod
    def of(
        cls, query: Query, keywords: KeywordIndex, row: int, cosine: float, lexical: float
    ) -> Evidence:
        """Collect the evidence on one row of the keyword index."""
        rows = np.array([row], dtype=np.int64)
        held = {term: bool(keywords.holds(term, rows)[0]) for term in query.terms}
        total = sum(query.rarity.values())
        missed = [query.rarity[term] for term, is_held in held.items() if not is_held]
        unknown = [query.rarity[term] for term in query.unknown]
        covered = sum(query.rarity[term] for term, is_held in held.items() if is_held)
        return cls(
            cosine=cosine,
            lexical=lexical,
            coverage=covered / total if total else 0.0,
            missed=max(missed, default=0.0),
            unknown=max(unknown, default=0.0),
        )

    def values(self) -> list[float]:
        """Return the features in the order of the fitted coefficients."""
        return [self.cosine, self.lexical, self.coverage, self.missed, self.unknown]


@lru_cache(maxsize=1)
def _fitted() -> tuple[list[float], float]:
    stored = json.loads(files("knowledge").joinpath("relevance.json").read_text(encoding="utf-8"))
    return stored["coefficients"], stored["intercept"]


def relevance(evidence: Evidence) -> float:
    """Return the calibrated probability, from a logistic regression on the evidence."""
    coefficients, intercept = _fitted()
    logit = intercept + sum(c * v for c, v in zip(coefficients, evidence.values(), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
