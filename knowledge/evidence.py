"""What speaks for one passage as the answer to a question, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from knowledge.terms import terms


@dataclass(frozen=True)
class Evidence:
    """Features of a question and one chunk; each is 0 to 1 or a cosine.

    Attributes
    ----------
    cosine : float
        Of the question and the chunk.
    sentence, second : float
        Of the question and the chunk's nearest sentence, and the next one.
    heading : float
        Of the question and the chunk's title and section.
    lexical : float
        BM25 over the most that it could be.
    coverage, in_section, in_title : float
        Share of the question's terms, weighted by inverse document frequency, that the chunk, its
        section's heading and its document's title hold.
    by_cosine, by_lexical, by_key : float
        One over its place among the candidates by each search, as in reciprocal rank fusion
        (Cormack, Clarke, Buettcher, SIGIR 2009).
    missing, largest : float
        Share of the question's terms, discounted as in :class:`knowledge.relevance.Support`, that
        neither the chunk nor its keys hold, and the largest of them by rarity (over 8).
    unnamed : float
        Share of the question's names that the chunk does not write in the same way.
    document : float
        Mean cosine of the three nearest candidates of its document.
    adapted, adapted_sentence : float
        As ``cosine`` and ``sentence``, by :mod:`knowledge.adaptation`.
    keyed : float
        1 if the chunk has keys; without keys the following are 0.
    key, key_mean, key_lexical, adapted_key, adapted_key_mean : float
        Of the question and the chunk's keys, as in :class:`knowledge.keys.KeyMatch`.
    """

    cosine: float = 0.0
    sentence: float = 0.0
    second: float = 0.0
    heading: float = 0.0
    lexical: float = 0.0
    coverage: float = 0.0
    in_section: float = 0.0
    in_title: float = 0.0
    by_cosine: float = 0.0
    by_lexical: float = 0.0
    by_key: float = 0.0
    missing: float = 0.0
    largest: float = 0.0
    unnamed: float = 0.0
    document: float = 0.0
    adapted: float = 0.0
    adapted_sentence: float = 0.0
    keyed: float = 0.0
    key: float = 0.0
    key_mean: float = 0.0
    key_lexical: float = 0.0
    adapted_key: float = 0.0
    adapted_key_mean: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return the features in the order of :data:`NAMES`."""
        return tuple(vars(self).values())


NAMES = tuple(field.name for field in fields(Evidence))


@lru_cache(maxsize=50_000)
def heading_terms(heading: str) -> frozenset[str]:
    """Return the index terms of a heading."""
    return frozenset(terms(heading))
