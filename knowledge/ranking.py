"""Questions to passages: dense and keyword search fused, a score that can say "nothing here"."""

from __future__ import annotations

import math
from collections.abc import Collection

from knowledge.chunks import sentences
from knowledge.gathering import Candidate, gather
from knowledge.hits import Hit, Passage, distinct, merged_neighbours
from knowledge.index import Index
from knowledge.relevance import (
    THRESHOLD,
    Support,
    relevance,
)
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index
from nulens.errors import NuLensError

_FETCHED = 30
"""Candidates whose text and sentences are read."""

MAX_QUESTION = 2000


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
    return if_covered(rank(question, index, max(k, 5)))[:k]


def if_covered(hits: list[Hit]) -> list[Hit]:
    """Return the hits, none if the best is too improbable to bear on its question."""
    return hits if max((hit.score for hit in hits), default=0.0) >= THRESHOLD else []


def find(
    question: str, index: Index, n: int, hidden: Collection[int] = ()
) -> tuple[list[Candidate], Support]:
    """Return the best candidates, best first, and what they have of the question together.

    The keys of the numbers in ``hidden`` are taken for not there.
    """
    return gather(question, index, n, hidden).ordered()


def rank(question: str, index: Index, k: int, hidden: Collection[int] = ()) -> list[Hit]:
    """Return the best ``k`` hits whether or not they are relevant, with their scores."""
    found, support = find(question, index, max(_FETCHED, 2 * k), hidden)
    if not found:
        return []
    covered = relevance(found[0].evidence, support)
    hits = [
        Hit(
            one.chunk,
            # The ranking is a conditional logit: differences of its scores are log odds.
            covered * math.exp(one.fused - found[0].fused),
            one.fused,
            dict(zip(sentences(one.chunk.text), one.chunk.sentence_vectors, strict=True)),
            one.quotes,
        )
        for one in found[: 2 * max(k, 10)]  # duplicates and neighbours leave enough
    ]
    hits = merged_neighbours(distinct(hits))[: max(k, 10)]
    if index.settings.reranker is not None:
        from knowledge.reranker import reranked

        order = reranked(question, [hit.chunk.text for hit in hits], index.settings.reranker)
        hits = [hits[i] for i in order]
    return hits[:k]
