"""How probable it is that the documents answer a question, and which passage does.

Weights are fitted by ``python -m knowledge.calibration`` and kept in ``fitted.json``: a conditional
logit over passages, one over sentences, and a logistic regression on the best passages together.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.answer_types import STRICT, answer_type
from knowledge.evidence import NAMES, Evidence
from knowledge.matter import matter_terms, object_terms
from knowledge.query import Query
from knowledge.terms import STOPWORDS, terms

THRESHOLD = 0.5
"""Least score of the best passage for a question to count as covered."""

_FOCUS = re.compile(
    r"\b(?:how many|how much|which|whose|what(?:(?: is|'s| are| was| were) the)?)"
    r"\s+(\w+(?:\W+\w+)?)",
    re.I,
)

KEY_FEATURES = ("by_key", "key", "key_mean", "key_lexical", "adapted_key", "adapted_key_mean")
"""Features that only a chunk with keys has."""


@dataclass(frozen=True)
class Support:
    """What the best passages have of a question, the best alone or the first five together.

    A word that no passage has counts the less, the larger the share of the corpus' questions with
    it whose answers lack it: people ask "how heavy" for a density, but "which weekday" for a
    weekday.

    Attributes
    ----------
    covered, covered_by_best : float
        Share of the question's terms that they or their keys hold, weighted by their rarity.
    missing, missing_of_best : float
        The same share of terms that they do not hold, each discounted as said.
    largest, largest_of_best, rarest_of_best : float
        Largest of these terms by rarity in the documents (over 8), and by rarity in English.
    strange_name : float
        1 if the question has a proper name or acronym that none of them holds.
    other_matter : float
        1 if the question names a material or particle that none of them holds.
    other_object : float
        1 if the question is on a material that neither the best's headings nor its nearest keys
        and what they quote hold.
    focus : float
        Discount of what "how many", "which" or "what" asks for, if the best lacks it; else 0.
    unknown : float
        Share of terms that are in no chunk at all.
    terms : float
        Number of terms over 10, at most 1.
    wrong_kind, wrong_strict_kind : float
        1 if the question wants a kind of answer that they lack; a kind of ``STRICT``.
    nearest_sentence : float
        Largest adapted cosine of their sentences.
    lead : float
        Score of the best over the mean of the others, over 5.
    nearness, usual, spread : float
        By how many deviations the best's nearest key is nearer than the corpus' questions are on
        average, and mean and deviation of their cosines; 0 without keys.
    alike : float
        How much the question is like those that the shipped corpus answers (a logit); 0 elsewhere.
    """

    covered: float = 0.0
    covered_by_best: float = 0.0
    missing: float = 0.0
    missing_of_best: float = 0.0
    largest: float = 0.0
    largest_of_best: float = 0.0
    rarest_of_best: float = 0.0
    strange_name: float = 0.0
    other_matter: float = 0.0
    other_object: float = 0.0
    focus: float = 0.0
    unknown: float = 0.0
    terms: float = 0.0
    wrong_kind: float = 0.0
    wrong_strict_kind: float = 0.0
    nearest_sentence: float = 0.0
    lead: float = 0.0
    nearness: float = 0.0
    usual: float = 0.0
    spread: float = 0.0
    alike: float = 0.0


SUPPORT = tuple(field.name for field in fields(Support))
USED = (
    "cosine",
    "sentence",
    "lexical",
    "coverage",
    "adapted",
    "adapted_sentence",
    *KEY_FEATURES[1:],
)
"""Features of the best passage beside those of :class:`Support`."""


def supported(
    query: Query,
    evidence: Sequence[Evidence],
    scores: Sequence[float],
    texts: Sequence[str],
    held: Callable[[str, int], bool],
    near: Set[str],
    standing: tuple[float, float, float],
    alike: float,
) -> Support:
    """Return what the best passages have of a question.

    ``held`` looks a term up in the first n, ``near`` are the terms of what is nearest in the best,
    ``standing`` is :meth:`knowledge.keys.KeyMatches.standing`.
    """
    idf = query.idf
    total = sum(idf.values()) or 1.0
    covered = {n: {term for term in idf if held(term, n)} for n in (1, len(texts))}
    missing = {
        n: {t: expected(t) for t in idf if t not in have and t[0] != "="}
        for n, have in covered.items()
    }
    weight = {n: [idf[t] * d for t, d in lost.items()] for n, lost in missing.items()}
    every = len(texts)
    wanted = answer_type(query.question)
    wrong = wanted is not None and not any(wanted[1].search(text) for text in texts)
    strange = any(
        (meant := terms(name)) and not any(held(term, every) for term in meant)
        for name in names(query.question)
    )
    others = scores[1:]
    asked_for = next((term for term in focus_terms(query.question) if term in idf), None)
    return Support(
        covered=sum(idf[t] for t in covered[every]) / total,
        covered_by_best=sum(idf[t] for t in covered[1]) / total,
        missing=sum(weight[every]) / total,
        missing_of_best=sum(weight[1]) / total,
        largest=max(weight[every], default=0.0) / 8,
        largest_of_best=max(weight[1], default=0.0) / 8,
        rarest_of_best=max((query.rarity[t] * d for t, d in missing[1].items()), default=0.0),
        strange_name=float(strange),
        other_matter=float(bool(missing[every].keys() & matter_terms())),
        other_object=float(bool(object_terms(query.question) - near)),
        focus=missing[1].get(asked_for, 0.0) if asked_for else 0.0,
        unknown=len(query.unknown) / max(1, len(idf)),
        terms=min(1.0, len(idf) / 10),
        wrong_kind=float(wrong),
        wrong_strict_kind=float(wrong and wanted is not None and wanted[0] in STRICT),
        nearest_sentence=max(one.adapted_sentence for one in evidence),
        lead=(scores[0] - sum(others) / len(others)) / 5 if others else 0.0,
        nearness=standing[0],
        usual=standing[1],
        spread=standing[2],
        alike=alike,
    )


def focus_terms(question: str) -> list[str]:
    """Return the terms of what a question asks for, its focus first: users of "how many users"."""
    found = _FOCUS.search(question)
    return [term for term in terms(found[1]) if term[0] != "="] if found else []


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


@lru_cache(maxsize=1)
def fitted() -> dict[str, Any]:
    """Return the fitted weights."""
    stored: dict[str, Any] = json.loads(
        files("knowledge").joinpath("fitted.json").read_text(encoding="utf-8")
    )
    return stored


def expected(term: str) -> float:
    """Return the share of the corpus' questions with a term whose answers have it, too."""
    return float(fitted()["expected"].get(term, 1.0))


def likeness(vector: npt.NDArray[np.float32]) -> float:
    """Return the logit that the shipped corpus answers a question, from its vector alone.

    Prices, people, other fields and other experiments are told from what the corpus is asked about.
    """
    model = fitted()["alike"]
    return float(vector @ np.array(model["weights"])) / float(np.linalg.norm(vector)) + float(
        model["intercept"]
    )


def weighted(weights: Mapping[str, float], names: Sequence[str], values: Sequence[float]) -> float:
    """Return the sum of features times weights; features without a weight count nothing."""
    return float(sum(weights.get(n, 0.0) * v for n, v in zip(names, values, strict=True)))


def fused(evidence: Evidence) -> float:
    """Return the score that candidates are ordered by, a logit up to a constant.

    A user's passage without keys competes with shipped ones by weights of its own.
    """
    model = fitted()["ranking"]["keyed" if evidence.keyed else "unkeyed"]
    return float(model["offset"]) + weighted(model["weights"], NAMES, evidence.values())


def relevance(best: Evidence, support: Support) -> float:
    """Return the calibrated probability that the best passages answer the question."""
    model = fitted()["keyed" if best.keyed else "unkeyed"]
    logit = (
        model["intercept"]
        + weighted(model["weights"], NAMES, best.values())
        + weighted(model["weights"], SUPPORT, tuple(vars(support).values()))
    )
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
