"""What may answer a question: chunks that dense search, keywords or keys propose, with evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.adaptation import adapted
from knowledge.encoder import mean_vector
from knowledge.evidence import Evidence, heading_terms
from knowledge.index import Index, StoredChunk, without_citations
from knowledge.keys import KeyMatches
from knowledge.keywords import KeywordIndex, share_of_bm25
from knowledge.matter import object_terms
from knowledge.query import Query, read_query
from knowledge.relevance import Support, fused, likeness, supported, with_neutral_keys
from knowledge.shipped import keys_of
from knowledge.terms import terms

_CANDIDATES = 60
"""Chunks that each of the two searches proposes."""

_SUPPORTING = 5
"""Candidates that together must hold what the question speaks of."""

_KEYS = 30
"""Nearest keys whose chunks are candidates too."""


@dataclass(frozen=True)
class Candidate:
    """A chunk that may answer, and what speaks for it."""

    fused: float
    row: int
    evidence: Evidence
    chunk: StoredChunk
    quotes: Mapping[str, float]


@dataclass(frozen=True)
class Gathered:
    """A question and its candidates, before any fitted weight was applied to them."""

    query: Query
    vector: npt.NDArray[np.float32]
    keywords: KeywordIndex
    matches: KeyMatches | None
    candidates: list[Candidate]

    def ordered(self) -> tuple[list[Candidate], Support]:
        """Return the candidates, best first, and what the best have of the question together."""
        found = []
        for one in self.candidates:
            evidence = one.evidence if one.evidence.keyed else with_neutral_keys(one.evidence)
            found.append(replace(one, evidence=evidence, fused=fused(evidence)))
        if not found:
            return [], Support()
        found.sort(key=lambda one: -one.fused)
        few = found[:_SUPPORTING]
        rows = np.array([one.row for one in few], dtype=np.int64)

        def has(term: str, first: int) -> bool:
            if self.keywords.holds(term, rows[:first]).any():
                return True
            return self.matches is not None and any(
                self.matches.holds(one.chunk.id, term) for one in few[:first]
            )

        return found, supported(
            self.query,
            [one.evidence for one in few],
            [one.fused for one in few],
            [without_citations(one.chunk.text) for one in few],
            has,
            self._nearest_terms(few[0].chunk) if object_terms(self.query.question) else set(),
            self.matches.standing(few[0].chunk.id) if self.matches else (0.0, 0.0, 0.0),
            likeness(self.vector) if self.matches else 0.0,
        )

    def _nearest_terms(self, chunk: StoredChunk) -> set[str]:
        """Return the terms of a chunk's headings, nearest keys and their answers, or of all."""
        keys = self.matches.nearest_of(chunk.id) if self.matches else []
        said = [text for key in keys for text in (key.question, *key.quote)] or [chunk.text]
        return {
            term
            for text in (chunk.title, chunk.section, *said)
            for term in terms(without_citations(text))
        }


def gather(question: str, index: Index, n: int, hidden: Collection[int] = ()) -> Gathered:
    """Return the ``n`` most promising candidates of a question.

    The keys of the numbers in ``hidden`` are taken for not there.
    """
    keywords = index.refresh()
    query = read_query(question, keywords, index.encoder)
    vector = query_vector(query, index)
    keys = keys_of(index)
    matches = keys.match(query, vector, hidden) if keys else None
    if not len(keywords):
        return Gathered(query, vector, keywords, matches, [])
    near = matches.nearest(_KEYS) if matches else []
    cosines, lexical = _proposed(index, keywords, query, vector, index.rows(near))
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
        found.append(Candidate(0.0, row, evidence, chunk, match.quotes if match else {}))
    return Gathered(query, vector, keywords, matches, found)


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


def query_vector(query: Query, index: Index) -> npt.NDArray[np.float32]:
    """Return the mean of what the question says as it stands and with its symbols spelt out.

    Not brought to unit length: the two agree the less, the less can be made of the question.
    """
    return mean_vector(index.encoder, (query.question, query.text))


def _proposed(
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
