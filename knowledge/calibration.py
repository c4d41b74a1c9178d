"""Fit what retrieval weighs: ``python -m knowledge.calibration``.

The linear map of :mod:`knowledge.adaptation` is learned from the corpus' questions. The weights in
``fitted.json`` are fitted to the ``tuned`` half of the evaluation's questions, and, so that
documents without keys fare well, to questions of the corpus with all keys hidden; others of them,
asked with their own key hidden, are further answerable ones to set when to decline. A question of
the corpus tells little on keys: those of one section were written to differ from each other. The
intercepts are set so that ``DECLINED`` of the evaluation's answerable questions, each scored by a
model that has not seen it, fall below the threshold.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge import adaptation, evidence, quoting
from knowledge.chunks import chunks, sentences
from knowledge.evaluation import questions
from knowledge.evidence import Evidence
from knowledge.gathering import Candidate, Gathered, gather
from knowledge.hits import Hit
from knowledge.index import (
    Index,
    StoredChunk,
    embedded_sentence,
    embedded_text,
    index_terms,
)
from knowledge.keys import VECTORS, corpus_questions, key_terms
from knowledge.relevance import KEY_FEATURES, SUPPORT, USED, Support, fitted
from knowledge.settings import SHIPPED_COLLECTION
from knowledge.shipped import corpus_documents, encode, open_index

DECLINED = 0.02
_WITHOUT_KEYS = 450  # questions of the corpus that stand for those to a user's own documents
_WITHOUT_OWN = 400  # questions of the corpus that are asked as if only the others were keys
_DEPTH = 30
_HITS = 5

# Where the fits start, and what they are held to: about what was found by hand.
_RANKING = {
    "cosine": 3, "sentence": 3, "lexical": 4, "key": 2, "adapted": 3, "adapted_sentence": 3,
    "adapted_key": 4, "adapted_key_mean": 3,
}  # fmt: skip
_SENTENCES = {
    "cosine": 3, "adapted": 4, "coverage": 2, "fits": 1, "passage": -0.6, "key": 0.5, "best_key": 1,
}  # fmt: skip

Array = npt.NDArray[np.float64]


@dataclass
class Asked:
    """A question of the fit, what was found, and what would have been right.

    ``keys`` says whether there were keys, ``own`` whether it is a question of the corpus.
    """

    question: str
    relevant: set[tuple[str, str]]
    answers: Callable[[str], bool]
    keys: bool
    own: bool
    gathered: Gathered
    found: list[Candidate]
    support: Support

    def order(self) -> None:
        """Order what was found by the present weights."""
        self.found, self.support = self.gathered.ordered()


def fit_adaptation() -> None:
    """Fit and write the linear map of the embedding space."""
    place: dict[tuple[str, str], int] = {}
    whole: list[tuple[str, int]] = []
    single: list[tuple[str, int]] = []
    for name, document in corpus_documents().items():
        for chunk in chunks(document):
            at = place.setdefault((name, chunk.section), len(place))
            whole.append((embedded_text(document.title, chunk.section, chunk.text), at))
            single += [(embedded_sentence(chunk.section, s), at) for s in sentences(chunk.text)]
    encoder = open_index(SHIPPED_COLLECTION).encoder
    texts = [
        (encode(encoder, [text for text, _ in part]), np.array([at for _, at in part]))
        for part in (whole, single)
    ]
    with np.load(VECTORS, allow_pickle=False) as stored:
        asked = stored["vectors"].astype(np.float32)
    wanted = np.array([place[key.document, key.section] for key in corpus_questions()])
    down, up = adaptation.fit(asked, wanted, texts)
    np.savez(adaptation.PATH, down=down.astype(np.float16), up=up.astype(np.float16))


def fit() -> dict[str, Any]:
    """Fit, write and return the weights."""
    index = open_index(SHIPPED_COLLECTION)
    stored = dict(fitted(), expected=_expected())
    _write(stored)
    asked = _ask(index)
    stored["neutral"] = _neutral(asked)
    stored["ranking"] = _fit_ranking(asked, stored["neutral"])
    _write(stored)
    for one in asked:
        one.order()
    stored["sentences"] = _fit_sentences(asked, index)
    keyed = [one for one in asked if one.keys]
    stored["alike"], alike = _fit_likeness(keyed)
    for one, value in zip(keyed, alike, strict=True):
        one.support = replace(one.support, alike=value)
    stored["keyed"] = _fit_relevance(keyed)
    stored["unkeyed"] = _fit_relevance(
        [replace(one, support=replace(one.support, alike=0.0)) for one in asked if not one.keys]
    )
    _write(stored)
    return stored


def _write(stored: dict[str, Any]) -> None:
    path = Path(str(files("knowledge"))) / "fitted.json"
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fitted.cache_clear()


def _expected() -> dict[str, float]:
    """Return by term how often the section that answers a question with it has it, if not always.

    A section has what its text and its other questions have; one is added to either count.
    """
    held: dict[tuple[str, str], set[str]] = {}
    for name, document in corpus_documents().items():
        for part in document.sections:
            found = held.setdefault((name, part.heading), set())
            found.update(index_terms(document.title, part.heading, part.text))
    asked = [
        ((key.document, key.section), set(own))
        for key, own in zip(corpus_questions(), key_terms(), strict=True)
    ]
    count = Counter(term for _, own in asked for term in own)
    within = Counter((place, term) for place, own in asked for term in own)
    had = Counter(
        term
        for place, own in asked
        for term in own
        if term in held[place] or within[place, term] > 1
    )
    shares = {term: (had[term] + 1) / (n + 1) for term, n in sorted(count.items())}
    return {term: round(share, 4) for term, share in shares.items() if share < 1}


def _ask(index: Index) -> list[Asked]:
    keys = corpus_questions()
    every = range(len(keys))
    chunk_of: dict[str, StoredChunk] = {}
    made: list[Asked] = []

    def ask(
        question: str,
        relevant: set[tuple[str, str]],
        answers: Callable[[str], bool],
        hidden: Collection[int] = (),
        own: bool = False,
    ) -> None:
        found = gather(question, index, _DEPTH, hidden)
        if found.candidates:
            shared = [
                replace(c, chunk=chunk_of.setdefault(c.chunk.id, c.chunk))  # to save memory
                for c in found.candidates
            ]
            found = replace(found, candidates=shared)
            keyed = len(hidden) < len(keys)
            made.append(Asked(question, relevant, answers, keyed, own, found, *found.ordered()))

    for question in questions():
        if question.half == "tuned":
            pattern = re.compile(question.answer or r"(?!)")
            for without in ((), every):
                ask(question.question, set(question.relevant), _matcher(pattern), without)
    drawn = random.Random(5).sample(every, _WITHOUT_KEYS + _WITHOUT_OWN)
    for place, number in enumerate(drawn):
        key = keys[number]
        hidden: Collection[int] = every if place < _WITHOUT_KEYS else (number,)
        ask(key.question, {(key.document, key.section)}, key.quote.__contains__, hidden, True)
    return made


def _matcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _is_relevant(one: Asked, candidate: Candidate) -> bool:
    return (candidate.chunk.document, candidate.chunk.section) in one.relevant


def _known(one: Evidence) -> list[float]:
    return [1.0, one.sentence, one.adapted_sentence, one.lexical]


def _neutral(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Return how the features of keys follow from those of the text where a passage is good."""
    good = [
        candidate.evidence
        for one in asked
        if one.keys and not one.own and one.relevant
        for place, candidate in enumerate(one.found)
        if candidate.evidence.keyed and (place < 3 or _is_relevant(one, candidate))
    ]
    known = np.array([_known(one) for one in good])
    return {
        name: np.linalg.lstsq(known, np.array([getattr(one, name) for one in good]))[0]
        .round(4)
        .tolist()
        for name in KEY_FEATURES
    }


def _fit_ranking(asked: Sequence[Asked], neutral: dict[str, list[float]]) -> dict[str, float]:
    used = [name for name in evidence.NAMES if name != "keyed"]

    def row(one: Evidence) -> list[float]:
        values = vars(one)
        if not one.keyed:
            known = np.array(_known(one))
            values = values | {n: float(known @ np.array(neutral[n])) for n in KEY_FEATURES}
        return [values[name] for name in used]

    lists = [
        (
            np.array([row(c.evidence) for c in one.found]),
            np.array([_is_relevant(one, c) for c in one.found]),
            1.0 if one.keys and not one.own else 0.15,
        )
        for one in asked
        if one.relevant
    ]
    return _conditional_logit(lists, used, _RANKING, held=0.1)


def _fit_sentences(asked: Sequence[Asked], index: Index) -> dict[str, float]:
    lists = []
    for one in asked:
        if not one.relevant:
            continue
        hits = [
            Hit(
                c.chunk,
                0.0,
                c.fused,
                dict(zip(sentences(c.chunk.text), c.chunk.sentence_vectors, strict=True)),
                c.quotes,
            )
            for c in one.found[:_HITS]
        ]
        made = quoting.sentence_evidence(
            one.gathered.query, one.gathered.vector, hits, index.encoder
        )
        lists.append(
            (
                np.array([features.values() for _, _, features in made]),
                np.array([one.answers(text) for _, text, _ in made]),
                1.0 if one.keys and not one.own else 0.3,
            )
        )
    return _conditional_logit(lists, quoting.NAMES, _SENTENCES, held=0.01)


def _conditional_logit(
    lists: Sequence[tuple[Array, npt.NDArray[np.bool_], float]],
    names: Sequence[str],
    start: Mapping[str, float],
    held: float,
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


def _fit_likeness(asked: Sequence[Asked]) -> tuple[dict[str, Any], list[float]]:
    """Fit what tells questions that the corpus answers from others by their vectors.

    The corpus' own questions count a tenth each beside those of the evaluation. Returned with the
    model are the logits of ``asked``, those of the evaluation each by a model that has not seen it.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    with np.load(VECTORS, allow_pickle=False) as stored:
        own = stored["vectors"].astype(np.float64)
    vectors = np.array([one.gathered.vector for one in asked], dtype=np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    answerable = np.array([bool(one.relevant) for one in asked])
    others = np.flatnonzero([not one.own for one in asked])

    def fitted_to(rows: npt.NDArray[np.int64]) -> Any:
        weights = np.concatenate([np.full(len(own), 0.1), np.ones(len(rows))])
        return LogisticRegression(C=5.0, max_iter=2000).fit(
            np.concatenate([own, vectors[rows]]),
            np.concatenate([np.ones(len(own), dtype=bool), answerable[rows]]),
            weights,
        )

    model = fitted_to(others)
    logits = model.decision_function(vectors)
    parts = StratifiedKFold(10, shuffle=True, random_state=2)
    for seen, unseen in parts.split(others, answerable[others]):
        part = others[unseen]
        logits[part] = fitted_to(others[seen]).decision_function(vectors[part])
    return {
        "weights": model.coef_[0].round(3).tolist(),
        "intercept": round(float(model.intercept_[0]), 3),
    }, logits.tolist()


def _fit_relevance(asked: Sequence[Asked]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    used = [*USED, *SUPPORT]
    values = np.array(
        [
            [(vars(one.found[0].evidence) | vars(one.support))[name] for name in used]
            for one in asked
        ]
    )
    answerable = np.array([bool(one.relevant) for one in asked])
    spread = values.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.1, max_iter=5000, class_weight="balanced")
    # Questions that a model has seen score too well to set its threshold by.
    parts = StratifiedKFold(10, shuffle=True, random_state=1)
    scores = cross_val_predict(
        model, values / spread, answerable, cv=parts, method="decision_function"
    )
    model.fit(values / spread, answerable)
    # Where there are keys, questions of the corpus are easier than those of users.
    hardest = answerable & np.array([not (one.keys and one.own) for one in asked])
    return {
        "weights": {
            n: round(float(c), 4) for n, c in zip(used, model.coef_[0] / spread, strict=True)
        },
        # Its zero is a probability of one half, the threshold.
        "intercept": round(float(model.intercept_[0] - np.quantile(scores[hardest], DECLINED)), 4),
    }


if __name__ == "__main__":
    fit_adaptation()
    print(f"linear map written to {adaptation.PATH}", flush=True)
    fit()
    print("weights written to fitted.json")
