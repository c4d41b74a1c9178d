"""What may answer a question: chunks that dense search, keywords or keys propose, with evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.adaptation import adapted
from knowledge.encoder import Encoder, MiniLM, mean_vector
from knowledge.evidence import Evidence, heading_terms
from knowledge.index import Index, StoredChunk, without_citations
from knowledge.keys import KeyMatches
from knowledge.keywords import KeywordIndex, share_of_bm25
from knowledge.likeness import likeness
from knowledge.matter import object_terms
from knowledge.query import Query, read_query
from knowledge.relevance import Support, expected, fused, names, supported
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
    alike: float

    def ordered(self) -> tuple[list[Candidate], Support]:
        """Return the candidates, best first, and what the best have of the question together."""
        found = [replace(one, fused=fused(one.evidence)) for one in self.candidates]
        if not found:
            return [], Support()
        found.sort(key=lambda one: -one.fused)
        # Shipped passages do not vouch for what a user's document lacks, nor it for them.
        kind = found[0].evidence.keyed
        few = [one for one in found if one.evidence.keyed == kind][:_SUPPORTING]
        rows = np.array([one.row for one in few], dtype=np.int64)

        def has(term: str, first: int) -> bool:
            if self.keywords.holds(term, rows[:first]).any():
                return True
            if self.matches is None:
                return False
            return any(one.chunk.id in self.matches.holders(term) for one in few[:first])

        return found, supported(
            self.query,
            [without_citations(one.chunk.text) for one in few],
            has,
            self._nearest_terms(few[0].chunk) if object_terms(self.query.question) else set(),
            self.alike,
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
    alike = likeness(query.text, vector) if isinstance(index.encoder, MiniLM) else 0.0
    if not len(keywords) or not query.terms:
        return Gathered(query, vector, keywords, matches, [], alike)
    by_keys = matches.nearest(_KEYS) if matches else []
    cosines, lexical = _proposed(index, keywords, query, vector, index.rows(by_keys))
    rows = np.array(sorted(cosines), dtype=np.int64)
    cosine = np.array([cosines[row] for row in rows], dtype=np.float32)
    key = [matches.best(keywords.ids[row]) if matches else 0.0 for row in rows]
    key_cosine = np.array(key, dtype=np.float32)
    first = np.maximum(cosine, key_cosine) + cosine + lexical[rows]
    best = _most_promising(first, key_cosine > 0, n)
    held = _held(query, keywords, rows[best])
    ids = [keywords.ids[rows[i]] for i in best]
    lost = _lost(query, held, matches, ids)
    stored = {c.id: c for c in index.fetch(ids)}
    named = names(question)
    near = _nearness(vector, [stored[id_] for id_ in ids if id_ in stored], index.encoder)
    places = {
        name: _places(score)[best]
        for name, score in (("c", cosine), ("l", lexical[rows]), ("k", key_cosine))
    }
    by_document: dict[str, list[float]] = {}
    for i in np.argsort(-cosine, kind="stable"):
        by_document.setdefault(keywords.ids[rows[i]].rpartition(":")[0], []).append(cosine[i])
    total = sum(query.idf.values()) or 1.0
    coverage = np.array(list(query.idf.values())) @ held / total

    def in_heading(heading: str) -> float:
        own = heading_terms(heading)
        return sum(idf for term, idf in query.idf.items() if term in own) / total

    found: list[Candidate] = []
    for at, i in enumerate(best):
        row = int(rows[i])
        id_ = keywords.ids[row]
        chunk, match = stored.get(id_), matches.of(id_) if matches else None
        if chunk is None:  # another program is just deleting it
            continue
        sentence, second, of_whole, of_sentence = near[id_]
        evidence = Evidence(
            cosine=float(cosine[i]),
            sentence=sentence,
            second=second,
            heading=float(chunk.heading_vector @ vector),
            lexical=float(lexical[row]),
            coverage=float(coverage[at]),
            in_section=in_heading(chunk.section),
            in_title=in_heading(chunk.title),
            by_cosine=float(places["c"][at]),
            by_lexical=float(places["l"][at]),
            by_key=float(places["k"][at]) if match else 0.0,
            missing=float(lost[:, at].sum()) / total,
            largest=float(lost[:, at].max(initial=0.0)) / 8,
            unnamed=_unnamed(named, chunk),
            document=float(np.mean(by_document[chunk.id.rpartition(":")[0]][:3])),
            adapted=of_whole,
            adapted_sentence=of_sentence,
            keyed=float(match is not None),
            key=match.cosine if match else 0.0,
            key_mean=match.mean if match else 0.0,
            key_lexical=match.lexical if match else 0.0,
            adapted_key=match.adapted if match else 0.0,
            adapted_key_mean=match.adapted_mean if match else 0.0,
        )
        found.append(Candidate(0.0, row, evidence, chunk, match.quotes if match else {}))
    return Gathered(query, vector, keywords, matches, found, alike)


def _most_promising(
    scores: npt.NDArray[np.float32], keyed: npt.NDArray[np.bool_], n: int
) -> npt.NDArray[np.int64]:
    """Return the best ``n``, with the best third of as many that have no keys among them.

    Keys raise a score, so that a user's few documents would not be seen beside the shipped ones.
    """
    order = np.argsort(-scores, kind="stable")
    few = order[~keyed[order]][: n // 3]
    others = order[~np.isin(order, few)]
    return np.concatenate([few, others[: n - len(few)]])


def _nearness(
    vector: npt.NDArray[np.float32], found: Sequence[StoredChunk], encoder: Encoder
) -> dict[str, tuple[float, float, float, float]]:
    """Return by chunk the cosines of its nearest sentences, and the adapted ones of it and them.

    That is of the nearest sentence, of the next one, then by :mod:`knowledge.adaptation` of the
    chunk and of its nearest sentence.
    """
    if not found:
        return {}
    ends = np.cumsum([len(chunk.sentence_vectors) for chunk in found])
    said = np.concatenate([chunk.sentence_vectors for chunk in found])
    mapped = adapted(vector, encoder)
    cosine, near = said @ vector, adapted(said, encoder) @ mapped
    whole = adapted(np.stack([chunk.vector for chunk in found]), encoder) @ mapped
    made = {}
    for i, (chunk, end) in enumerate(zip(found, ends, strict=True)):
        own = slice(end - len(chunk.sentence_vectors), end)
        first, second = np.sort(cosine[own])[[-1, -min(2, len(cosine[own]))]]
        made[chunk.id] = (float(first), float(second), float(whole[i]), float(near[own].max()))
    return made


def _places(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return one over each score's place from the top."""
    inverse = np.empty(len(scores))
    inverse[np.argsort(-scores, kind="stable")] = 1.0 / np.arange(1, len(scores) + 1)
    return inverse


def _held(
    query: Query, keywords: KeywordIndex, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Say which of the question's terms (rows) each chunk (columns) holds."""
    held = [keywords.holds(term, rows) for term in query.idf]
    return np.array(held, dtype=bool).reshape(len(query.idf), len(rows))


def _lost(
    query: Query,
    held: npt.NDArray[np.bool_],
    matches: KeyMatches | None,
    ids: Sequence[str],
) -> npt.NDArray[np.float64]:
    """Return the discounted rarity of each term (rows) that neither chunk nor keys hold, else 0."""
    lost = np.zeros(held.shape)
    for at, (term, idf) in enumerate(query.idf.items()):
        if term[0] == "=":
            continue
        holders = matches.holders(term) if matches else ()
        by_key = np.array([id_ in holders for id_ in ids], dtype=bool)
        lost[at] = np.where(held[at] | by_key, 0.0, idf * expected(term))
    return lost


def _unnamed(named: Sequence[str], chunk: StoredChunk) -> float:
    said = f"{chunk.title} {chunk.section} {chunk.text}"
    return sum(name not in said for name in named) / len(named) if named else 0.0


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
