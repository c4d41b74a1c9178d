"""Answers made of quotations: the sentences of the best passages that answer a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from knowledge.query import read_query
from knowledge.ranking import MAX_QUESTION, Passage, query_vector, relevant_hits
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index
from knowledge.terms import normalised, terms

_SENTENCES = 4
_PASSAGES = 5

# Weights beside the sentence's cosine, chosen on the tuned half of the evaluation's questions.
_COVERED, _PASSAGE, _NUMBER_BONUS = 0.5, 3.0, 0.15

# A question after a quantity is answered by a sentence with a number.
_QUANTITY = re.compile(
    r"\b(how (?:fast|many|much|long|far|large|big|deep|wide|high|heavy|often|old|strong|thick|tall"
    r"|cold|hot|dense|accurate|precise|well|soon|quickly|massive)|what (?:value|fraction|percentage"
    r"|temperature|energy|mass|distance|field|voltage|speed|size|length|rate)|value|lifetime|length"
    r"|velocity|speed|mass|density|radius|energy|pitch|spacing|threshold|temperature|wavelength"
    r"|voltage|number of|when|which year|numerical)\b"
)
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class ExtractiveAnswer:
    """Quoted sentences that answer a question.

    Attributes
    ----------
    sentences : list of Passage
        Best first; ``text`` is one sentence, verbatim, ``score`` how well it answers.
    passages : list of Passage
        What was searched through, best first.
    found : bool
        False if nothing relevant is in the collection; both lists are then empty.
    """

    sentences: list[Passage]
    passages: list[Passage]
    found: bool


def answer_extractively(
    question: str,
    collection: str = SHIPPED_COLLECTION,
    k: int = _SENTENCES,
    settings: KnowledgeSettings | None = None,
) -> ExtractiveAnswer:
    """Answer a question by quoting the sentences that answer it.

    Parameters
    ----------
    question : str
        In words, symbols or both.
    collection : str
        Where to look.
    k : int
        Most sentences to quote.

    Returns
    -------
    ExtractiveAnswer

    Raises
    ------
    NuLensError
        If the collection's name is not allowed or the index does not answer.
    """
    index = open_index(collection, settings)
    asked = question[:MAX_QUESTION].strip()
    hits = relevant_hits(asked, index, _PASSAGES) if asked else []
    if not hits:
        return ExtractiveAnswer([], [], False)
    query = read_query(asked, index.refresh(), index.encoder)
    vector = query_vector(query, index)
    total = sum(query.idf.values()) or 1.0
    asks_number = bool(_QUANTITY.search(normalised(asked)))
    said: list[tuple[Passage, str]] = []
    scores: list[float] = []
    for hit in hits:
        headings = f"{hit.chunk.section} {hit.chunk.title}"
        for sentence, own in hit.said.items():
            held = set(terms(f"{headings} {sentence}"))
            covered = sum(idf for term, idf in query.idf.items() if term in held) / total
            number = _NUMBER_BONUS if asks_number and _NUMBER.search(sentence) else 0.0
            scores.append(float(own @ vector) + _COVERED * covered + _PASSAGE * hit.fused + number)
            said.append((hit.passage, sentence))
    best = np.argsort(-np.array(scores), kind="stable")[:k]
    quoted = [replace(said[i][0], text=said[i][1]) for i in best]
    return ExtractiveAnswer(quoted, [hit.passage for hit in hits], True)
