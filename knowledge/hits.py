"""What a search returns: passages for users, hits with their scores for what works on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.index import StoredChunk


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
    quotes: Mapping[str, float]

    @property
    def passage(self) -> Passage:
        """What a caller gets to see."""
        c = self.chunk
        return Passage(c.document, c.section, c.page, c.text, round(self.score, 4))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))}


def distinct(hits: Sequence[Hit]) -> list[Hit]:
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


def merged_neighbours(hits: Sequence[Hit]) -> list[Hit]:
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
    quotes = {quote: cosine for hit in group for quote, cosine in hit.quotes.items()}
    return Hit(chunk, max(h.score for h in group), max(h.fused for h in group), said, quotes)


def _beyond_overlap(before: str, after: str) -> str:
    """Return what ``after`` adds to ``before``, whose end it may repeat."""
    for n in range(min(len(before), len(after)), 20, -1):
        if before.endswith(after[:n]):
            return after[n:]
    return " " + after
