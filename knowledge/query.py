"""A question as the two searches read it: weighted terms, and a text to embed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from knowledge.encoder import Encoder
from knowledge.keywords import KeywordIndex
from knowledge.terms import STOPWORDS, normalised, stem, terms

_CORRECTED = 0.7
"""Weight of a term that stands for a misspelt word."""

_SHORTEST_PART = 4
"""Letters of each of two words that may be one: wave length."""

_CONCEPT = 1.0
"""Weight of a concept's term."""


@dataclass(frozen=True)
class Query:
    """A question that was read.

    Attributes
    ----------
    question : str
        As it was asked.
    text : str
        Its spelling corrected and its symbols spelt out.
    terms : dict
        Index terms and their weights.
    idf : dict
        Inverse document frequency of each; that of a term in no chunk for one that is unknown.
    rarity : dict
        How rare each term's word is in English at large, 0 (common) to 1.
    unknown : list of str
        Words that are no stop words and in no chunk, corrections aside.
    """

    question: str
    text: str
    terms: dict[str, float]
    idf: dict[str, float]
    rarity: dict[str, float]
    unknown: list[str]


def read_query(question: str, keywords: KeywordIndex, encoder: Encoder) -> Query:
    """Read a question against the vocabulary of a collection."""
    corrections = _corrections(question, keywords, encoder)
    corrected = question
    for word, meant in corrections.items():
        corrected = re.sub(rf"\b{re.escape(word)}\b", meant, corrected, flags=re.I)
    weights: dict[str, float] = {}
    for term in (*terms(corrected), *_put_together(corrected, keywords)):
        weight = _CONCEPT if term.startswith("=") else 1.0
        weights[term] = max(weights.get(term, 0.0), weight)
    for meant in corrections.values():
        if stem(meant) in weights:
            weights[stem(meant)] *= _CORRECTED
    unknown = [t for t in weights if not t.startswith("=") and t not in keywords.vocabulary]
    rarity = dict.fromkeys(weights, 0.5)
    for word in re.findall(r"[a-z0-9.]+", normalised(corrected)):
        if stem(word) in weights:
            rarity[stem(word)] = english_rarity(word, encoder)
    return Query(
        question=question,
        text=spelt_out(corrected),
        terms=weights,
        idf={term: keywords.idf(term) for term in weights},
        rarity=rarity,
        unknown=unknown,
    )


def spelt_out(question: str) -> str:
    """Return a question with the symbols that an embedding model does not know in words."""
    return " ".join(normalised(question).split())


def english_rarity(word: str, encoder: Encoder) -> float:
    """Return how rare a word is, from its place in BERT's vocabulary, which goes by frequency.

    A word of several pieces was not among the 30,000 most frequent: 1. Encoders without that
    vocabulary give 0.5 for every word.
    """
    pieces: Any = getattr(encoder, "word_pieces", None)
    if pieces is None:
        return 0.5
    ids: Sequence[int] = pieces(word)
    if len(ids) != 1:
        return 1.0
    # Ids 1996 to 29,612 are whole words in order of frequency; below are marks and letters.
    return float(np.clip(np.log(max(ids[0] - 1995, 1)) / np.log(27_617), 0.0, 1.0))


def _corrections(question: str, keywords: KeywordIndex, encoder: Encoder) -> dict[str, str]:
    """Return the misspelt words of a question and what is put in their place."""
    found: dict[str, str] = {}
    for word in re.findall(r"[A-Za-z]{4,}", question):
        low = word.lower()
        if sum(letter.isupper() for letter in word) > 1:
            continue  # a name: nEXO is no slip for next
        if low in STOPWORDS or any(t in keywords.vocabulary for t in terms(low)):
            continue
        if english_rarity(low, encoder) < 1.0 and hasattr(encoder, "word_pieces"):
            continue  # a word of the language, if not of the documents
        speller = keywords.speller()
        nearest = _with_ending_of(low, speller.nearest(stem(low))) or speller.nearest(low)
        if nearest is not None:
            found[word] = nearest
    return found


def _with_ending_of(word: str, meant: str | None) -> str | None:
    """Return the stem that was meant with the ending of the word as it stands: temperatur-e."""
    if meant is None or not word.startswith(stem(word)):
        return meant
    whole = meant + word[len(stem(word)) :]
    return whole if stem(whole) == meant else meant


def _put_together(text: str, keywords: KeywordIndex) -> list[str]:
    """Return the terms of the documents that two words in a row are together: photo-electron."""
    said = re.findall(r"[a-z]+", normalised(text))
    joined = (
        stem(first + second)
        for first, second in pairwise(said)
        if min(len(first), len(second)) >= _SHORTEST_PART and not {first, second} & STOPWORDS
    )
    return [term for term in joined if term in keywords.vocabulary]
