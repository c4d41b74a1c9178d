"""Questions to passages: dense and keyword search fused, a score that can say "nothing here"."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.adaptation import adapted
from knowledge.chunks import sentences
from knowledge.encoder import mean_vector
from knowledge.evidence import Evidence, heading_terms
from knowledge.hits import Hit, Passage, distinct, merged_neighbours
from knowledge.index import Index, StoredChunk, without_citations
from knowledge.keywords import KeywordIndex, share_of_bm25
from knowledge.query import Query, read_query
from knowledge.relevance import (
    THRESHOLD,
    Support,
    fused,
    likeness,
    relevance,
    supported,
    with_neutral_keys,
)
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import keys_of, open_index
from nulens.errors import NuLensError

_CANDIDATES = 60
"""Chunks that each of the two searches proposes."""

_FETCHED = 30
"""Candidates whose text and sentences are read."""

_SUPPORTING = 5
"""Candidates that together must hold what the question speaks of."""

_KEYS = 30
"""Nearest keys whose chunks are candidates too."""

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
    hits = rank(question, index, max(k, 5))
    if not hits or max(hit.score for hit in hits) < THRESHOLD:
        return []
    return hits[:k]


@dataclass(frozen=True)
class Candidate:
    """A chunk that may answer, and what speaks for it."""

    fused: float
    row: int
    evidence: Evidence
    chunk: StoredChunk
    quotes: Mapping[str, float]


def find(
    question: str, index: Index, n: int, hidden: Collection[int] = ()
) -> tuple[list[Candidate], Support]:
    """Return the best candidates, best first, and what they have of the question together.

    The keys of the numbers in ``hidden`` are taken for not there.
    """
    keywords = index.refresh()
    if not len(keywords):
        return [], Support()
    query = read_query(question, keywords, index.encoder)
    vector = query_vector(query, index)
    keys = keys_of(index)
    matches = keys.match(query, vector, hidden) if keys else None
    near = matches.nearest(_KEYS) if matches else []
    cosines, lexical = candidates(index, keywords, query, vector, index.rows(near))
    rows = np.array(sorted(cosines), dtype=np.int64)
    cosine = np.array([cosines[row] for row in rows], dtype=np.float32)
    key = [matches.best(keywords.ids[row]) if matches else 0.0 for row in rows]
    key_cosine = np.array(key, dtype=np.float32)
    first = np.maximum(cosine, key_cosine) + cosine + lexical[rows]
    best = np.argsort(-first, kind="stable")[:n]
    stored = {c.id: c for c in index.fetch([keywords.ids[rows[i]] for i in best])}
    coverage = _coverage(query, keywords, rows[best])
    adapted_vector = adapted(vector, index.encoder)
    places = {
        name: _places(score)[best]
        for name, score in (("c", cosine), ("l", lexical[rows]), ("k", key_cosine))
    }
    by_document: dict[str, list[float]] = {}
    for i in np.argsort(-cosine, kind="stable"):
        by_document.setdefault(keywords.ids[rows[i]].rpartition(":")[0], []).append(cosine[i])
    total = sum(query.idf.values()) or 1.0

    def held(heading: str) -> float:
        own = heading_terms(heading)
        return sum(idf for term, idf in query.idf.items() if term in own) / total

    found: list[Candidate] = []
    for at, i in enumerate(best):
        row = int(rows[i])
        id_ = keywords.ids[row]
        chunk, match = stored.get(id_), matches.of(id_) if matches else None
        if chunk is None:  # another program is just deleting it
            continue
        said = np.sort(chunk.sentence_vectors @ vector)[::-1]
        evidence = Evidence(
            cosine=float(cosine[i]),
            sentence=float(said[0]),
            second=float(said[min(1, len(said) - 1)]),
            heading=float(chunk.heading_vector @ vector),
            lexical=float(lexical[row]),
            coverage=float(coverage[at]),
            in_section=held(chunk.section),
            in_title=held(chunk.title),
            by_cosine=float(places["c"][at]),
            by_lexical=float(places["l"][at]),
            by_key=float(places["k"][at]) if match else 0.0,
            document=float(np.mean(by_document[chunk.id.rpartition(":")[0]][:3])),
            adapted=float(adapted(chunk.vector, index.encoder) @ adapted_vector),
            adapted_sentence=float(
                (adapted(chunk.sentence_vectors, index.encoder) @ adapted_vector).max()
            ),
            keyed=float(match is not None),
            key=match.cosine if match else 0.0,
            key_mean=match.mean if match else 0.0,
            key_lexical=match.lexical if match else 0.0,
            adapted_key=match.adapted if match else 0.0,
            adapted_key_mean=match.adapted_mean if match else 0.0,
        )
        if match is None:
            evidence = with_neutral_keys(evidence)
        quotes = match.quotes if match else {}
        found.append(Candidate(fused(evidence), row, evidence, chunk, quotes))
    found.sort(key=lambda one: -one.fused)
    best_few = found[:_SUPPORTING]
    held_in = np.array([one.row for one in best_few], dtype=np.int64)

    def has(term: str, first: int) -> bool:
        if keywords.holds(term, held_in[:first]).any():
            return True
        return matches is not None and any(
            matches.holds(c.chunk.id, term) for c in best_few[:first]
        )

    return found, supported(
        query,
        [one.evidence for one in best_few],
        [one.fused for one in best_few],
        [without_citations(one.chunk.text) for one in best_few],
        has,
        likeness(vector) if keys else 0.0,
    )


def _places(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return one over each score's place from the top."""
    inverse = np.empty(len(scores))
    inverse[np.argsort(-scores, kind="stable")] = 1.0 / np.arange(1, len(scores) + 1)
    return inverse


def _coverage(
    query: Query, keywords: KeywordIndex, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the share of the question's terms that each row holds, weighted by their rarity."""
    covered = np.zeros(len(rows))
    for term, idf in query.idf.items():
        covered += idf * keywords.holds(term, rows)
    return covered / (sum(query.idf.values()) or 1.0)


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


def query_vector(query: Query, index: Index) -> npt.NDArray[np.float32]:
    """Return the mean of what the question says as it stands and with its symbols spelt out.

    Not brought to unit length: the two agree the less, the less can be made of the question.
    """
    return mean_vector(index.encoder, (query.question, query.text))


def candidates(
    index: Index,
    keywords: KeywordIndex,
    query: Query,
    vector: npt.NDArray[np.float32],
    more: Collection[int],
) -> tuple[dict[int, float], npt.NDArray[np.float32]]:
    """Return the cosine of each row that a search or ``more`` proposes, and all rows' BM25 share.

    The BM25 share is the score over that of a chunk which holds every term often, so that it lies
    between 0 and 1 as a cosine does.
    """
    lexical = share_of_bm25(keywords, query.terms)
    cosines = index.nearest(vector, _CANDIDATES)
    n = min(_CANDIDATES, len(lexical))
    top = np.argpartition(-lexical, n - 1)[:n]
    proposed = {int(row) for row in top if lexical[row] > 0} | set(more)
    missing = sorted(proposed - set(cosines))
    if missing:
        cosines.update(index.cosines(vector, missing))
    return cosines, lexical
