"""Fit what retrieval weighs: ``python -m knowledge.calibration``.

The linear map of :mod:`knowledge.adaptation` is learned from the corpus' questions. The weights in
``fitted.json`` are fitted to the ``tuned`` half of the evaluation's questions: asked of the shipped
corpus with its keys; with the keys of some documents hidden, as if a user had added those;
and of small collections without keys, such as a user makes, whose documents the linear map has not
seen and which do not answer most of what they are asked. Questions of the corpus, asked with their
own key hidden, are further answerable ones to set when to decline. The intercepts are set so that a
share of the evaluation's answerable questions, each scored by a model that has not seen it, falls
below the threshold.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge import adaptation, evidence, likeness, quoting
from knowledge.chunks import chunks, sentences
from knowledge.evaluation import Question, questions
from knowledge.fitting import Rows, conditional_logit, logistic
from knowledge.gathering import Candidate, Gathered, gather
from knowledge.hits import Hit
from knowledge.index import (
    Index,
    StoredChunk,
    embedded_sentence,
    embedded_text,
    index_terms,
    reopen,
)
from knowledge.keys import VECTORS, corpus_questions, key_terms, key_texts
from knowledge.relevance import KEY_FEATURES, SUPPORT, USED, Support, features, fitted
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import corpus_documents, encode, open_index
from knowledge.writing import write_document

DECLINED = {"keyed": 0.02, "unkeyed": 0.03}
"""Share of answerable questions below the threshold; without keys the two overlap more."""

_COUNT_OF_OWN = 0.3  # what a question of the corpus counts beside one of the evaluation
_WITHOUT_OWN = 400  # questions of the corpus that are asked as if only the others were keys
_FOLDS = 3  # parts of the corpus, each asked about with a map that has not seen it
_PARTS = 5  # small collections that each of them is cut into, beside the whole of it
_ASKED = {"own": 8, "other": 16, "far": 16}
"""Questions of a collection: of its corpus questions, what others answer, what nothing answers."""
_ADDED = 10  # parts of the corpus that are by turns taken for a user's documents beside the others
_DEPTH = 30
_HITS = 5

# Where the fits start, and what they are held to: about what was found by hand.
_RANKING = {
    "cosine": 3, "sentence": 3, "lexical": 4, "key": 2, "adapted": 3, "adapted_sentence": 3,
    "adapted_key": 4, "adapted_key_mean": 3,
}  # fmt: skip
_RANKING_WITHOUT_KEYS = {
    "cosine": 5, "sentence": 6, "lexical": 6, "adapted": 4, "adapted_sentence": 5,
}  # fmt: skip
_SENTENCES = {
    "cosine": 3, "adapted": 4, "coverage": 2, "fits": 1, "passage": -0.6, "key": 0.5, "best_key": 1,
}  # fmt: skip

Array = npt.NDArray[np.float64]
Answers = Callable[[str], bool]


@dataclass
class Asked:
    """A question of the fit, what was found, and what would have been right.

    ``kind`` says of what it was asked: ``keyed``, the shipped corpus; ``mixed``, that with some
    keys hidden; ``unkeyed``, a small collection. ``own`` says whether it is a question of the
    corpus, ``factors`` which linear map was used, None for the stored one.
    """

    question: str
    relevant: set[tuple[str, str]]
    answers: Answers
    kind: str
    own: bool
    gathered: Gathered
    found: list[Candidate]
    support: Support
    factors: adaptation.Factors | None = None

    def order(self) -> None:
        """Order what was found by the present weights."""
        self.found, self.support = self.gathered.ordered()


def fit_adaptation(names: Collection[str]) -> adaptation.Factors:
    """Fit the linear map of the embedding space to some shipped documents."""
    place: dict[tuple[str, str], int] = {}
    whole: list[tuple[str, int]] = []
    single: list[tuple[str, int]] = []
    for name, document in corpus_documents().items():
        for chunk in chunks(document) if name in names else ():
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
    keys = corpus_questions()
    rows = [i for i, key in enumerate(keys) if key.document in names]
    wanted = np.array([place[keys[i].document, keys[i].section] for i in rows])
    return adaptation.fit(asked[rows], wanted, texts)


def fit() -> dict[str, Any]:
    """Fit, write and return the weights."""
    index = open_index(SHIPPED_COLLECTION)
    stored = dict(fitted(), expected=_expected())
    _write(stored)
    keyed, mixed, unkeyed = _ask_shipped(index), _ask_mixed(index), _ask_collections()
    stored["ranking"] = _fit_ranking(keyed, mixed, unkeyed)
    _write(stored)
    for one in (*keyed, *unkeyed):
        one.order()
    stored["sentences"] = _fit_sentences([*keyed, *unkeyed], index)
    stored["alike"], apart = _fit_likeness([one for one in keyed if not one.own])
    for one in (*keyed, *unkeyed):
        model = apart.get(one.question, stored["alike"])
        alike = likeness.likeness(one.gathered.query.text, one.gathered.vector, model)
        one.support = replace(one.support, alike=alike)
    stored["keyed"] = _fit_relevance(keyed, "keyed")
    stored["unkeyed"] = _fit_relevance(unkeyed, "unkeyed")
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


def _asked(
    question: str,
    index: Index,
    relevant: set[tuple[str, str]],
    answers: Answers,
    kind: str,
    hidden: Collection[int] = (),
    own: bool = False,
) -> list[Asked]:
    """Return what was found for a question, as a list of one, or of none if nothing was."""
    found = gather(question, index, _DEPTH, hidden)
    if not found.candidates:
        return []
    shared = [replace(c, chunk=_shared(c.chunk, index.name)) for c in found.candidates]
    found = replace(found, candidates=shared)
    return [Asked(question, relevant, answers, kind, own, found, *found.ordered())]


_chunks: dict[tuple[str, str], StoredChunk] = {}


def _shared(chunk: StoredChunk, collection: str) -> StoredChunk:
    """Return the one copy of a chunk that is kept in memory."""
    return _chunks.setdefault((collection, chunk.id), chunk)


def _tuned() -> list[tuple[Question, Answers]]:
    return [
        (question, _matcher(re.compile(question.answer or r"(?!)")))
        for question in questions()
        if question.half == "tuned"
    ]


def _ask_shipped(index: Index) -> list[Asked]:
    made: list[Asked] = []
    for question, answers in _tuned():
        made += _asked(question.question, index, set(question.relevant), answers, "keyed")
    keys = corpus_questions()
    for number in random.Random(5).sample(range(len(keys)), _WITHOUT_OWN):
        key = keys[number]
        place, answers = {(key.document, key.section)}, key.quote.__contains__
        made += _asked(key.question, index, place, answers, "keyed", (number,), own=True)
    return made


def _ask_mixed(index: Index) -> list[Asked]:
    """Ask the shipped corpus with the keys of some documents hidden, as if a user had added them.

    Each question is asked with those among them that answer it, and with others.
    """
    names = sorted(corpus_documents())
    random.Random(6).shuffle(names)
    group = {name: place % _ADDED for place, name in enumerate(names)}
    hidden: list[set[int]] = [set() for _ in range(_ADDED)]
    for number, key in enumerate(corpus_questions()):
        hidden[group[key.document]].add(number)
    made: list[Asked] = []
    for question, answers in _tuned():
        for turn in (0, 1) if question.relevant else ():
            keys = hidden[(group[question.relevant[0][0]] + turn) % _ADDED]
            relevant = set(question.relevant)
            made += _asked(question.question, index, relevant, answers, "mixed", keys)
    return made


def _ask_collections() -> list[Asked]:
    """Ask small collections without keys, by a map that has not seen their documents."""
    names = sorted(corpus_documents())
    draw = random.Random(7)
    made: list[Asked] = []
    with TemporaryDirectory() as folder:
        settings = KnowledgeSettings(Path(folder))
        for fold in range(_FOLDS):
            held = names[fold::_FOLDS]
            factors = fit_adaptation(set(names) - set(held))
            parts = [held, *(held[part::_PARTS] for part in range(_PARTS))]
            with adaptation.instead(factors):
                for number, part in enumerate(parts):
                    index = _collection(f"part-{fold}-{number}", part, settings)
                    made += [
                        replace(one, factors=factors)
                        for question in _questions_on(part, draw)
                        for one in _asked(
                            question[0], index, *question[1:3], "unkeyed", (), question[3]
                        )
                    ]
        reopen(settings)
    return made


def _collection(name: str, documents: Collection[str], settings: KnowledgeSettings) -> Index:
    index = Index(name, settings)
    shipped = corpus_documents()
    for document in documents:
        write_document(index, document, shipped[document], lambda said: encode(index.encoder, said))
    index.touch()
    return index


def _questions_on(
    documents: Collection[str], draw: random.Random
) -> Iterator[tuple[str, set[tuple[str, str]], Answers, bool]]:
    """Yield questions, what of some documents is relevant, what answers, and whose they are."""
    shipped = corpus_documents()
    texts = [part.text for name in documents for part in shipped[name].sections]
    other, far = [], []
    for question, answers in _tuned():
        relevant = {place for place in question.relevant if place[0] in documents}
        if relevant:
            yield question.question, relevant, answers, False
        elif not question.relevant:
            far.append(question.question)
        elif not any(map(answers, texts)):
            other.append(question.question)
    for group, n in ((other, _ASKED["other"]), (far, _ASKED["far"])):
        for asked in draw.sample(group, n):
            yield asked, set(), _matcher(re.compile(r"(?!)")), False
    keys = [key for key in corpus_questions() if key.document in documents]
    for key in draw.sample(keys, _ASKED["own"]):
        yield key.question, {(key.document, key.section)}, key.quote.__contains__, True


def _matcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _is_relevant(one: Asked, candidate: Candidate) -> bool:
    return (candidate.chunk.document, candidate.chunk.section) in one.relevant


def _fit_ranking(
    keyed: Sequence[Asked], mixed: Sequence[Asked], unkeyed: Sequence[Asked]
) -> dict[str, Any]:
    every = [name for name in evidence.NAMES if name != "keyed"]
    of_text = [name for name in every if name not in KEY_FEATURES]
    weights = {
        "keyed": conditional_logit(
            [_rows(one, every, 0.15) for one in keyed if one.relevant], every, _RANKING, held=0.03
        ),
        "unkeyed": conditional_logit(
            [_rows(one, of_text, 0.3) for one in unkeyed if one.relevant],
            of_text,
            _RANKING_WITHOUT_KEYS,
            held=0.03,
        ),
    }
    offset = _fit_offset(mixed, weights)
    return {
        kind: {"offset": offset if kind == "unkeyed" else 0.0, "weights": found}
        for kind, found in weights.items()
    }


def _rows(one: Asked, names: Sequence[str], weight_of_own: float) -> Rows:
    return (
        np.array([[getattr(c.evidence, name) for name in names] for c in one.found]),
        np.array([_is_relevant(one, c) for c in one.found]),
        weight_of_own if one.own else 1.0,
    )


def _fit_offset(asked: Sequence[Asked], weights: Mapping[str, Mapping[str, float]]) -> float:
    """Return what passages without keys must be given to compete with those that have them."""
    lists = []
    for one in asked:
        kinds = ["keyed" if c.evidence.keyed else "unkeyed" for c in one.found]
        score = [
            sum(w * getattr(c.evidence, name) for name, w in weights[kind].items())
            for c, kind in zip(one.found, kinds, strict=True)
        ]
        right = np.array([_is_relevant(one, c) for c in one.found])
        if right.any():
            lists.append((np.array(score), np.array(kinds) == "unkeyed", right))

    def loss(offset: float) -> float:
        value = 0.0
        for score, without, right in lists:
            chance = np.exp(score + offset * without - score.max())
            value -= np.log(chance[right].sum() / chance.sum())
        return value

    from scipy.optimize import minimize_scalar

    return round(float(minimize_scalar(loss, bounds=(-20, 40), method="bounded").x), 4)


def _fit_sentences(asked: Sequence[Asked], index: Index) -> dict[str, float]:
    lists: list[Rows] = []
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
        with adaptation.instead(one.factors) if one.factors else nullcontext():
            made = quoting.sentence_evidence(
                one.gathered.query, one.gathered.vector, hits, index.encoder
            )
        lists.append(
            (
                np.array([features.values() for _, _, features in made]),
                np.array([one.answers(text) for _, text, _ in made]),
                0.3 if one.own or one.kind == "unkeyed" else 1.0,
            )
        )
    return conditional_logit(lists, quoting.NAMES, _SENTENCES, held=0.01)


def _fit_likeness(asked: Sequence[Asked]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Fit what tells questions that the corpus answers from others by their wording.

    Returned with the model is for each question one that has not seen it.
    """
    from sklearn.model_selection import StratifiedKFold

    with np.load(VECTORS, allow_pickle=False) as stored:
        own = stored["vectors"].astype(np.float64)
    own_texts = [spelt_out for _, spelt_out in key_texts()]
    vectors = np.array([one.gathered.vector for one in asked], dtype=np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    answerable = np.array([bool(one.relevant) for one in asked])

    def fitted_to(rows: npt.NDArray[np.int64]) -> dict[str, Any]:
        return likeness.fit(
            [*own_texts, *(asked[row].gathered.query.text for row in rows)],
            np.concatenate([own, vectors[rows]]),
            np.concatenate([np.ones(len(own), dtype=bool), answerable[rows]]),
            np.concatenate([np.full(len(own), _COUNT_OF_OWN), np.ones(len(rows))]),
        )

    parts = StratifiedKFold(10, shuffle=True, random_state=2).split(vectors, answerable)
    apart = {
        asked[row].question: model
        for seen, unseen in parts
        for model in [fitted_to(seen)]
        for row in unseen
    }
    return fitted_to(np.arange(len(asked))), apart


def _fit_relevance(asked: Sequence[Asked], kind: str) -> dict[str, Any]:
    left_out = () if kind == "keyed" else KEY_FEATURES
    used = [name for name in (*USED, *SUPPORT) if name not in left_out]
    found = [features(one.found[0].evidence, one.support) for one in asked]
    return logistic(
        np.array([[one[name] for name in used] for one in found]),
        np.array([bool(one.relevant) for one in asked]),
        used,
        [one.question for one in asked],
        # Questions of the corpus are easier than those of users.
        np.array([not one.own for one in asked]),
        DECLINED[kind],
    )


if __name__ == "__main__":
    down, up = fit_adaptation(corpus_documents())
    np.savez(adaptation.PATH, down=down.astype(np.float16), up=up.astype(np.float16))
    print(f"linear map written to {adaptation.PATH}", flush=True)
    fit()
    print("weights written to fitted.json")
