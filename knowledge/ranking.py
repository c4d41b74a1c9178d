"""Questions to passages: dense and keyword search fused, a score that can say "nothing here"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.encoder import question_vector
from knowledge.index import Index, StoredChunk
from knowledge.keywords import KeywordIndex
from knowledge.query import Query, read_query
from knowledge.relevance import Evidence, relevance
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index
from nulens.errors import NuLensError

_CANDIDATES = 60
"""Chunks that each of the two searches proposes."""

_FETCHED = 20
"""Fused candidates whose text is read; duplicates and neighbours leave k or more of them."""

DENSE_WEIGHT = 0.6
"""Share of the cosine in the fused score; the rest is BM25 over the best that it could be."""

THRESHOLD = 0.5
"""Least calibrated score of the best passage for the question to count as covered."""

_MAX_QUESTION = 2000


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
class _Hit:
    chunk: StoredChunk
    score: float
    fused: float


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
    question = question[:_MAX_QUESTION].strip()
    if not question:
        return []
    ranked = rank(question, open_index(collection, settings), max(k, 5))
    if not ranked or max(passage.score for passage in ranked) < THRESHOLD:
        return []
    return ranked[:k]


def rank(question: str, index: Index, k: int) -> list[Passage]:
    """Return the best ``k`` passages whether or not they are relevant, with their scores."""
    keywords = index.refresh()
    if not len(keywords):
        return []
    query = read_query(question, keywords, index.encoder)
    vector = question_vector(index.encoder, query.text)
    cosines, lexical = candidates(index, keywords, query, vector)
    rows = np.array(sorted(cosines), dtype=np.int64)
    cosine = np.array([cosines[row] for row in rows], dtype=np.float32)
    fused = DENSE_WEIGHT * cosine + (1 - DENSE_WEIGHT) * lexical[rows]
    best = np.argsort(-fused, kind="stable")[: max(_FETCHED, 2 * k)]
    chunks = {c.id: c for c in index.fetch([keywords.ids[rows[i]] for i in best])}
    hits = []
    for i in best:
        row, share = int(rows[i]), float(lexical[rows[i]])
        chunk = chunks.get(keywords.ids[row])
        if chunk is not None:
            evidence = Evidence.of(query, keywords, row, float(cosine[i]), share)
            hits.append(_Hit(chunk, relevance(evidence), float(fused[i])))
    hits = _merged(_distinct(hits))[: max(k, 10)]
    if index.settings.reranker is not None:
        from knowledge.reranker import reranked

        order = reranked(question, [hit.chunk.text for hit in hits], index.settings.reranker)
        hits = [hits[i] for i in order]
    return [
        Passage(h.chunk.document, h.chunk.section, h.chunk.page, h.chunk.text, round(h.score, 4))
        for h in hits[:k]
    ]


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


def _distinct(hits: Sequence[_Hit]) -> list[_Hit]:
    """Leave out hits that say what a better one says already, but for a few words."""
    kept: list[tuple[_Hit, set[tuple[str, ...]]]] = []
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


def _merged(hits: Sequence[_Hit]) -> list[_Hit]:
    """Join hits that follow each other in one section, at the rank of the better."""
    merged: list[list[_Hit]] = []
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


def _joined(group: Sequence[_Hit]) -> _Hit:
    if len(group) == 1:
        return group[0]
    in_order = sorted(group, key=lambda hit: hit.chunk.position)
    text = in_order[0].chunk.text
    for hit in in_order[1:]:
        text += _beyond_overlap(text, hit.chunk.text)
    first = in_order[0].chunk
    chunk = StoredChunk(
        first.id, first.document, first.title, first.section, first.page, first.position, text
    )
    return _Hit(chunk, max(h.score for h in group), max(h.fused for h in group))


def _beyond_overlap(before: str, after: str) -> str:
    """Return what ``after`` adds to ``before``, whose end it may repeat."""
    for n in range(min(len(before), len(after)), 20, -1):
        if before.endswith(after[:n]):
            return after[n:]
    return " " + after
