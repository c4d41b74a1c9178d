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

_SENTENCES = 3
_PASSAGES = 5

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
    said = [
        (hit.passage, sentence, float(own @ vector))
        for hit in hits
        for sentence, own in hit.said.items()
        if len(sentence) > 2
    ]
    total = sum(query.idf[t] * w for t, w in query.terms.items()) or 1.0
    asks_number = bool(_QUANTITY.search(normalised(asked)))
    scores = []
    for passage, sentence, similar in said:
        held = set(terms(f"{passage.section} {sentence}"))
        covered = sum(query.idf[t] * w for t, w in query.terms.items() if t in held) / total
        number = 0.08 if asks_number and _NUMBER.search(sentence) else 0.0
        scores.append(similar + 0.5 * covered + 0.5 * passage.score + number)
    best = np.argsort(-np.array(scores), kind="stable")[:k]
    quoted = [replace(said[i][0], text=said[i][1]) for i in best]
    return ExtractiveAnswer(quoted, [hit.passage for hit in hits], True)
