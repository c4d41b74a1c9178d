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
    missing_of_all, missing_of_best : float
        Share of the question's terms, weighted by their rarity in the documents and discounted as
        said, that they or their keys do not hold.
    largest_of_best, rarest_of_best : float
        Largest of these terms by that rarity (over 8), and by rarity in English.
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
    wrong_kind : float
        1 if the question wants a kind of answer of ``STRICT`` that they lack.
    alike : float
        :func:`knowledge.likeness.likeness`.
    """

    missing_of_all: float = 0.0
    missing_of_best: float = 0.0
    largest_of_best: float = 0.0
    rarest_of_best: float = 0.0
    strange_name: float = 0.0
    other_matter: float = 0.0
    other_object: float = 0.0
    focus: float = 0.0
    unknown: float = 0.0
    wrong_kind: float = 0.0
    alike: float = 0.0


SUPPORT = tuple(field.name for field in fields(Support))
USED = ("lexical", "adapted", "adapted_sentence", "adapted_key")
"""Features of the best passage beside those of :class:`Support`."""


def supported(
    query: Query,
    texts: Sequence[str],
    held: Callable[[str, int], bool],
    near: Set[str],
    alike: float,
) -> Support:
    """Return what the best passages have of a question.

    ``held`` looks a term up in the first n, ``near`` are the terms of what is nearest in the best.
    """
    idf = query.idf
    total = sum(idf.values()) or 1.0
    every = len(texts)
    missing = {
        n: {t: expected(t) for t in idf if t[0] != "=" and not held(t, n)} for n in (1, every)
    }
    weight = {n: [idf[t] * d for t, d in lost.items()] for n, lost in missing.items()}
    wanted = answer_type(query.question)
    strange = any(
        (meant := terms(name)) and not any(held(term, every) for term in meant)
        for name in names(query.question)
    )
    asked_for = next((term for term in focus_terms(query.question) if term in idf), None)
    return Support(
        missing_of_all=sum(weight[every]) / total,
        missing_of_best=sum(weight[1]) / total,
        largest_of_best=max(weight[1], default=0.0) / 8,
        rarest_of_best=max((query.rarity[t] * d for t, d in missing[1].items()), default=0.0),
        strange_name=float(strange),
        other_matter=float(bool(missing[every].keys() & matter_terms())),
        other_object=float(bool(object_terms(query.question) - near)),
        focus=missing[1].get(asked_for, 0.0) if asked_for else 0.0,
        unknown=len(query.unknown) / max(1, len(idf)),
        wrong_kind=float(
            wanted is not None
            and wanted[0] in STRICT
            and not any(wanted[1].search(text) for text in texts)
        ),
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


def weighted(weights: Mapping[str, float], names: Sequence[str], values: Sequence[float]) -> float:
    """Return the sum of features times weights; features without a weight count nothing."""
    return float(sum(weights.get(n, 0.0) * v for n, v in zip(names, values, strict=True)))


def fused(evidence: Evidence) -> float:
    """Return the score that candidates are ordered by, a logit up to a constant.

    A user's passage without keys competes with shipped ones by weights of its own.
    """
    model = fitted()["ranking"]["keyed" if evidence.keyed else "unkeyed"]
    return float(model["offset"]) + weighted(model["weights"], NAMES, evidence.values())


def features(best: Evidence, support: Support) -> dict[str, float]:
    """Return what :func:`relevance` weighs, by name."""
    return vars(best) | vars(support)


def relevance(best: Evidence, support: Support) -> float:
    """Return the calibrated probability that the best passages answer the question."""
    model = fitted()["keyed" if best.keyed else "unkeyed"]
    found = features(best, support)
    logit = model["intercept"] + sum(w * found[name] for name, w in model["weights"].items())
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
