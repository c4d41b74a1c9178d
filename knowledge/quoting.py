"""Which sentences of the best passages answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from knowledge.adaptation import adapted
from knowledge.answer_types import answer_type
from knowledge.encoder import Encoder
from knowledge.evidence import heading_terms
from knowledge.hits import Hit
from knowledge.index import without_citations
from knowledge.query import Query
from knowledge.relevance import fitted, weighted
from knowledge.terms import terms


@dataclass(frozen=True)
class SentenceEvidence:
    """Features of a question and one sentence of a hit.

    Attributes
    ----------
    cosine : float
        Of the question and the sentence.
    adapted : float
        The same by :mod:`knowledge.adaptation`.
    nearest : float
        1 for the nearest sentence of its hit.
    neighbour : float
        Largest cosine of the sentences before and after.
    coverage, with_heading : float
        Share of the question's terms, weighted by inverse document frequency, that the sentence
        holds, alone and with its headings.
    opens : float
        1 for the first sentence of its hit.
    fits, unfit : float
        1 if the question wants a kind of answer, and the sentence has it or not.
    keyed : float
        1 if its hit has keys.
    key : float
        Cosine of the nearest key that the sentence answers, else 0.
    best_key : float
        1 if that is the nearest key of its hit.
    passage : float
        How far its hit's score is below the best.
    top, place : float
        1 for the best hit, and one over the hit's place.
    length : float
        Words over 50, at most 1.
    """

    cosine: float = 0.0
    adapted: float = 0.0
    nearest: float = 0.0
    neighbour: float = 0.0
    coverage: float = 0.0
    with_heading: float = 0.0
    opens: float = 0.0
    fits: float = 0.0
    unfit: float = 0.0
    keyed: float = 0.0
    key: float = 0.0
    best_key: float = 0.0
    passage: float = 0.0
    top: float = 0.0
    place: float = 0.0
    length: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return the features in the order of :data:`NAMES`."""
        return tuple(vars(self).values())


NAMES = tuple(field.name for field in fields(SentenceEvidence))


@lru_cache(maxsize=20_000)
def _sentence_terms(sentence: str) -> frozenset[str]:
    return frozenset(terms(without_citations(sentence)))


def sentence_evidence(
    query: Query, vector: npt.NDArray[np.float32], hits: Sequence[Hit], encoder: Encoder
) -> list[tuple[Hit, str, SentenceEvidence]]:
    """Return the features of each sentence of the hits, which are given best first."""
    asked = adapted(vector, encoder)
    total = sum(query.idf.values()) or 1.0
    wanted = answer_type(query.question)
    made = []
    for place, hit in enumerate(hits, start=1):
        own_vectors = np.stack(list(hit.said.values()))
        cosine = (own_vectors @ vector).tolist()
        near = (adapted(own_vectors, encoder) @ asked).tolist()
        nearest_key = max(hit.quotes.values(), default=0.0)
        headings = heading_terms(f"{hit.chunk.section} {hit.chunk.title}")
        for i, sentence in enumerate(hit.said):
            own = _sentence_terms(sentence)
            fits = wanted is not None and bool(wanted[1].search(without_citations(sentence)))
            key = hit.quotes.get(sentence, 0.0)
            evidence = SentenceEvidence(
                cosine=cosine[i],
                adapted=near[i],
                nearest=float(cosine[i] == max(cosine)),
                neighbour=max(cosine[max(0, i - 1) : i] + cosine[i + 1 : i + 2], default=0.0),
                coverage=sum(idf for term, idf in query.idf.items() if term in own) / total,
                with_heading=sum(
                    idf for term, idf in query.idf.items() if term in own or term in headings
                )
                / total,
                opens=float(i == 0),
                fits=float(fits),
                unfit=float(wanted is not None and not fits),
                keyed=float(bool(hit.quotes)),
                key=key,
                best_key=float(key > 0.0 and key == nearest_key),
                passage=hits[0].fused - hit.fused,
                top=float(place == 1),
                place=1.0 / place,
                length=min(1.0, len(sentence.split()) / 50),
            )
            made.append((hit, sentence, evidence))
    return made


def best_sentences(
    query: Query, vector: npt.NDArray[np.float32], hits: Sequence[Hit], encoder: Encoder, k: int
) -> list[tuple[Hit, str]]:
    """Return the ``k`` sentences that answer best, best first."""
    made = sentence_evidence(query, vector, hits, encoder)
    weights = fitted()["sentences"]
    scores = np.array([weighted(weights, NAMES, one.values()) for _, _, one in made])
    return [made[i][:2] for i in np.argsort(-scores, kind="stable")[:k]]
