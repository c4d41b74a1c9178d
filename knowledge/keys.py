"""Questions that each shipped section answers, as further keys to it.

A question is nearer to another question than to the text that answers both: documents are expanded
by questions when they are indexed (Nogueira et al., Document Expansion by Query Prediction,
arXiv:1904.08375). ``corpus_questions.jsonl`` holds them, each with the sentences that answer;
``python -m knowledge.shipped`` writes their vectors and words beside it. Documents of users have no
such keys and are found by their text alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.adaptation import adapted
from knowledge.encoder import Encoder
from knowledge.keywords import KeywordIndex, share_of_bm25
from knowledge.query import Query, spelt_out
from knowledge.terms import terms

FOLDER = Path(str(files("knowledge")))
VECTORS = FOLDER / "corpus_questions.npz"
WORDS = FOLDER / "corpus_question_words.npz"

_HIDDEN = -2.0  # below every cosine
_NEAREST = 3  # keys of a chunk that are looked at together


@dataclass(frozen=True)
class Key:
    """A question, the section that answers it, and its sentences that do, verbatim."""

    document: str
    section: str
    question: str
    quote: tuple[str, ...]


@dataclass(frozen=True)
class KeyMatch:
    """How near the keys of one chunk are to a question.

    Attributes
    ----------
    cosine, mean : float
        Of the question with the nearest key, and on the average of the three nearest.
    adapted, adapted_mean : float
        The same cosines by :mod:`knowledge.adaptation`.
    lexical : float
        Largest BM25 of a key over the most that it could be.
    quotes : dict
        By sentence, the adapted cosine of the nearest key that it answers.
    """

    cosine: float
    mean: float
    adapted: float
    adapted_mean: float
    lexical: float
    quotes: Mapping[str, float]


@lru_cache(maxsize=1)
def corpus_questions() -> list[Key]:
    """Return the questions of the shipped corpus."""
    text = (FOLDER / "corpus_questions.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [
        Key(row["document"], row["section"], row["question"], tuple(row["quote"])) for row in rows
    ]


class Keys:
    """The keys to a collection's chunks.

    Parameters
    ----------
    chunk_ids : list of str
        The chunk that each question is a key to.
    vectors : ndarray, (n, dimension)
        Unit vectors of the questions.
    words : KeywordIndex
        The questions as rows, in the same order.
    keys : sequence of Key
        The questions and the sentences that answer them.
    encoder : Encoder
        What made the vectors.
    """

    def __init__(
        self,
        chunk_ids: list[str],
        vectors: npt.NDArray[np.float32],
        words: KeywordIndex,
        keys: Sequence[Key],
        encoder: Encoder,
    ) -> None:
        order = sorted(range(len(chunk_ids)), key=chunk_ids.__getitem__)
        self._of: dict[str, slice] = {}
        for at, i in enumerate(order):
            before = self._of.get(chunk_ids[i], slice(at, at))
            self._of[chunk_ids[i]] = slice(before.start, at + 1)
        self._starts = [where.start for where in self._of.values()]
        self._place = {chunk: i for i, chunk in enumerate(self._of)}
        self._order = np.array(order, dtype=np.int64)
        self._at = np.argsort(self._order)
        self._chunk = [chunk_ids[i] for i in order]
        self._vectors, self._words, self._keys = vectors, words, keys
        self._adapted = adapted(vectors, encoder)
        self._encoder = encoder

    def match(
        self,
        query: Query,
        vector: npt.NDArray[np.float32],
        hidden: Collection[int] = (),
    ) -> KeyMatches:
        """Compare a question with all keys but those of the given numbers."""
        cosine = self._vectors @ vector
        lexical = share_of_bm25(self._words, query.terms)
        near = self._adapted @ adapted(vector, self._encoder)
        cosine[list(hidden)] = near[list(hidden)] = _HIDDEN
        order = self._order
        return KeyMatches(self, cosine[order], near[order], lexical[order])


class KeyMatches:
    """One question compared with all keys."""

    def __init__(
        self,
        keys: Keys,
        cosine: npt.NDArray[np.float32],
        near: npt.NDArray[np.float32],
        lexical: npt.NDArray[np.float32],
    ) -> None:
        self._keys, self._cosine, self._adapted, self._lexical = keys, cosine, near, lexical
        self._best = np.maximum.reduceat(near, keys._starts) if len(near) else near
        self._holders: dict[str, Set[str]] = {}

    def nearest(self, n: int) -> list[str]:
        """Return the chunks of the ``n`` nearest keys."""
        best = np.argsort(-(self._cosine + self._adapted), kind="stable")[:n]
        chunks = [self._keys._chunk[i] for i in best if self._cosine[i] > _HIDDEN]
        return list(dict.fromkeys(chunks))

    def best(self, chunk: str) -> float:
        """Return the adapted cosine of the nearest key of a chunk, 0 if it has none."""
        place = self._keys._place.get(chunk)
        return 0.0 if place is None else max(0.0, float(self._best[place]))

    def holders(self, term: str) -> Set[str]:
        """Return the chunks with a key that has a term."""
        if term not in self._holders:
            at = self._keys._at[self._keys._words.postings(term)[0]]
            at = at[self._cosine[at] > _HIDDEN]
            self._holders[term] = {self._keys._chunk[i] for i in at}
        return self._holders[term]

    def nearest_of(self, chunk: str) -> list[Key]:
        """Return the nearest keys of a chunk, nearest first."""
        where = self._keys._of.get(chunk, slice(0, 0))
        near = self._cosine[where] + self._adapted[where]
        best = [i for i in np.argsort(-near, kind="stable")[:_NEAREST] if near[i] > _HIDDEN]
        return [self._keys._keys[self._keys._order[where][i]] for i in best]

    def of(self, chunk: str) -> KeyMatch | None:
        """Return how near the keys of a chunk are, None if it has none."""
        where = self._keys._of.get(chunk, slice(0, 0))
        cosine = self._cosine[where]
        seen = cosine > _HIDDEN
        if not seen.any():
            return None
        quotes: dict[str, float] = {}
        near = self._adapted[where][seen]
        for i, own in zip(self._keys._order[where][seen], near, strict=True):
            for sentence in self._keys._keys[i].quote:
                quotes[sentence] = max(quotes.get(sentence, _HIDDEN), float(own))
        return KeyMatch(
            float(cosine[seen].max()),
            _mean_of_nearest(cosine[seen]),
            float(self._adapted[where][seen].max()),
            _mean_of_nearest(self._adapted[where][seen]),
            float(self._lexical[where][seen].max()),
            quotes,
        )


def _mean_of_nearest(cosines: npt.NDArray[np.float32]) -> float:
    return float(np.sort(cosines)[-_NEAREST:].mean())


def key_texts() -> list[tuple[str, str]]:
    """Return what the embedding model reads of each question: as asked, and spelt out."""
    return [(key.question, spelt_out(key.question)) for key in corpus_questions()]


def key_terms() -> list[list[str]]:
    """Return the index terms of each question."""
    return [terms(key.question) for key in corpus_questions()]
