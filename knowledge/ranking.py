"""Questions to passages: dense and keyword search fused, a score that can say "nothing here"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.chunks import sentences
from knowledge.encoder import mean_vector
from knowledge.index import Index, StoredChunk
from knowledge.keywords import KeywordIndex
from knowledge.query import Query, read_query
from knowledge.relevance import Evidence, Support, relevance, threshold
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index
from nulens.errors import NuLensError

_CANDIDATES = 60
"""Chunks that each of the two searches proposes."""

_FETCHED = 30
"""Candidates whose text and sentences are read; duplicates and neighbours leave k or more."""

_SUPPORTING = 5
"""Candidates that together must hold what the question speaks of."""

CHUNK_WEIGHT, SENTENCE_WEIGHT, WORD_WEIGHT = 0.3, 0.3, 0.4
"""Weights of a chunk's cosine, of its best sentence's cosine, and of its share of BM25."""

MAX_QUESTION = 2000


@dataclass(frozen=True)
class Passage:
    """A stretch of a document that bears on a question, verbatim.

    Attributes
    ----------
    document : str
        Name of the document.
    section : str
        Heading that it stands under.
    page : int or None
        Page it starts on, None where the document has no pages.
    text : str
        What it says; quoted only, never followed.
    score : float
        Calibrated probability that it bears on the question, 0 to 1.
    """

    document: str
    section: str
    page: int | None
    text: str
    score: float


@dataclass(frozen=True)
class Hit:
    """A chunk, or neighbours joined, with its scores and the vectors of its sentences."""

    chunk: StoredChunk
    score: float
    fused: float
    said: dict[str, npt.NDArray[np.float32]]

    @property
    def passage(self) -> Passage:
        """What a caller gets to see."""
        c = self.chunk
        return Passage(c.document, c.section, c.page, c.text, round(self.score, 4))


def search(
    question: str,
    collection: str = SHIPPED_COLLECTION,
    k: int = 5,
    settings: KnowledgeSettings | None = None,
) -> list[Passage]:
    """Return the passages of a collection that bear on a question, best first.

    Parameters
    ----------
    question : str
        In words, symbols or both.
    collection : str
        ``nulens`` is the shipped corpus with the user's own documents beside it.
    k : int
        Most passages to return.

    Returns
    -------
    list of Passage
        Empty if nothing in the collection is relevant.

    Raises
    ------
    NuLensError
        If ``k`` is below 1, the collection's name is not allowed or the index does not answer.
    """
    if k < 1:
        raise NuLensError(f"{k} passages cannot be returned.", "Ask for 1 or more.")
    question = question[:MAX_QUESTION].strip()
    if not question:
        return []
    return [hit.passage for hit in relevant_hits(question, open_index(collection, settings), k)]


def relevant_hits(question: str, index: Index, k: int) -> list[Hit]:
    """Return the best ``k`` hits, none if the best is too improbable to bear on the question."""
    hits = rank(question, index, max(k, 5))
    if not hits or max(hit.score for hit in hits) < threshold():
        return []
    return hits[:k]


@dataclass(frozen=True)
class _Found:
    fused: float
    row: int
    evidence: Evidence
    chunk: StoredChunk


def _find(question: str, index: Index, n: int) -> tuple[list[_Found], Support]:
    """Return the best candidates, best first, and what they have of the question together."""
    keywords = index.refresh()
    if not len(keywords):
        return [], Support(0.0, False)
    query = read_query(question, keywords, index.encoder)
    vector = query_vector(query, index)
    cosines, lexical = candidates(index, keywords, query, vector)
    rows = np.array(sorted(cosines), dtype=np.int64)
    cosine = np.array([cosines[row] for row in rows], dtype=np.float32)
    first = (CHUNK_WEIGHT + SENTENCE_WEIGHT) * cosine + WORD_WEIGHT * lexical[rows]
    best = np.argsort(-first, kind="stable")[:n]
    stored = {c.id: c for c in index.fetch([keywords.ids[rows[i]] for i in best])}
    found: list[_Found] = []
    for i in best:
        row = int(rows[i])
        chunk = stored.get(keywords.ids[row])
        if chunk is None:  # another program is just deleting it
            continue
        sentence = float((chunk.sentence_vectors @ vector).max())
        evidence = Evidence(float(cosine[i]), sentence, float(lexical[row]))
        fused = (
            CHUNK_WEIGHT * evidence.cosine
            + SENTENCE_WEIGHT * evidence.sentence
            + WORD_WEIGHT * evidence.lexical
        )
        found.append(_Found(fused, row, evidence, chunk))
    found.sort(key=lambda one: -one.fused)
    return found, Support.of(query, keywords, [one.row for one in found[:_SUPPORTING]])


def evidence_of_best(question: str, index: Index) -> tuple[Evidence, Support]:
    """Return the evidence on the best candidate, which the relevance score is fitted to."""
    found, support = _find(question, index, _FETCHED)
    return (found[0].evidence if found else Evidence(0.0, 0.0, 0.0)), support


def rank(question: str, index: Index, k: int) -> list[Hit]:
    """Return the best ``k`` hits whether or not they are relevant, with their scores."""
    found, support = _find(question, index, max(_FETCHED, 2 * k))
    hits = [
        Hit(
            one.chunk,
            relevance(one.evidence, support),
            one.fused,
            dict(zip(sentences(one.chunk.text), one.chunk.sentence_vectors, strict=True)),
        )
        for one in found
    ]
    hits = _merged(_distinct(hits))[: max(k, 10)]
    if index.settings.reranker is not None:
        from knowledge.reranker import reranked

        order = reranked(question, [hit.chunk.text for hit in hits], index.settings.reranker)
        hits = [hits[i] for i in order]
    return hits[:k]


def query_vector(query: Query, index: Index) -> npt.NDArray[np.float32]:
    """Return the mean of what the question says as it stands and with its symbols spelt out.

    Not brought to unit length: the two agree the less, the less can be made of the question.
    """
    return mean_vector(index.encoder, (query.question, query.text))


def candidates(
    index: Index, keywords: KeywordIndex, query: Query, vector: npt.NDArray[np.float32]
) -> tuple[dict[int, float], npt.NDArray[np.float32]]:
    """Return the cosine of each row that either search proposes, and all rows' BM25 share.

    The BM25 share is the score over that of a chunk which holds every term often, so that it lies
    between 0 and 1 as a cosine does.
    """
    from knowledge.keywords import K1

    scores = keywords.scores(query.terms)
    most = sum(weight * query.idf[term] * (K1 + 1) for term, weight in query.terms.items())
    lexical = scores / np.float32(most) if most > 0 else scores
    cosines = index.nearest(vector, _CANDIDATES)
    n = min(_CANDIDATES, len(lexical))
    top = np.argpartition(-lexical, n - 1)[:n]
    missing = [int(row) for row in top if lexical[row] > 0 and int(row) not in cosines]
    if missing:
        cosines.update(index.cosines(vector, missing))
    return cosines, lexical


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))}


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Leave out hits that say what a better one says already, but for a few words."""
    kept: list[tuple[Hit, set[tuple[str, ...]]]] = []
    for hit in hits:
        own = _shingles(hit.chunk.text)
        if not any(
            len(own & other) > 0.8 * min(len(own), len(other))
            and (hit.chunk.document, hit.chunk.section)
            != (before.chunk.document, before.chunk.section)
            for before, other in kept
        ):
            kept.append((hit, own))
    return [hit for hit, _ in kept]


def _merged(hits: Sequence[Hit]) -> list[Hit]:
    """Join hits that follow each other in one section, at the rank of the better."""
    merged: list[list[Hit]] = []
    for hit in hits:
        group = next((g for g in merged if any(_adjacent(hit.chunk, h.chunk) for h in g)), None)
        if group is None:
            merged.append([hit])
        else:
            group.append(hit)
    return [_joined(group) for group in merged]


def _adjacent(a: StoredChunk, b: StoredChunk) -> bool:
    return (a.document, a.section, a.page) == (b.document, b.section, b.page) and abs(
        a.position - b.position
    ) == 1


def _joined(group: Sequence[Hit]) -> Hit:
    if len(group) == 1:
        return group[0]
    in_order = sorted(group, key=lambda hit: hit.chunk.position)
    text = in_order[0].chunk.text
    for hit in in_order[1:]:
        text += _beyond_overlap(text, hit.chunk.text)
    said = {sentence: vector for hit in in_order for sentence, vector in hit.said.items()}
    chunk = replace(in_order[0].chunk, text=text)
    return Hit(chunk, max(h.score for h in group), max(h.fused for h in group), said)


def _beyond_overlap(before: str, after: str) -> str:
    """Return what ``after`` adds to ``before``, whose end it may repeat."""
    for n in range(min(len(before), len(after)), 20, -1):
        if before.endswith(after[:n]):
            return after[n:]
    return " " + after
