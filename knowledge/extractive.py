"""Answers made of quotations: the sentences of the best passages that answer a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from knowledge.chunks import sentences
from knowledge.encoder import question_vector
from knowledge.index import embedded_sentence
from knowledge.query import read_query
from knowledge.ranking import Passage, search
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import encode, open_index
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
    passages = search(question, collection, _PASSAGES, settings)
    if not passages:
        return ExtractiveAnswer([], [], False)
    index = open_index(collection, settings)
    query = read_query(question, index.refresh(), index.encoder)
    said = [
        (passage, sentence)
        for passage in passages
        for sentence in dict.fromkeys(sentences(passage.text))
        if len(sentence) > 2
    ]
    texts = [embedded_sentence(passage.section, sentence) for passage, sentence in said]
    cosine = encode(index.encoder, texts) @ question_vector(index.encoder, query.text)
    total = sum(query.idf[t] * w for t, w in query.terms.items()) or 1.0
    asks_number = bool(_QUANTITY.search(normalised(question)))
    scores = []
    for (passage, sentence), similar in zip(said, cosine, strict=True):
        held = set(terms(f"{passage.section} {sentence}"))
        covered = sum(query.idf[t] * w for t, w in query.terms.items() if t in held) / total
        number = 0.08 if asks_number and _NUMBER.search(sentence) else 0.0
        scores.append(float(similar) + 0.5 * covered + 0.5 * passage.score + number)
    best = np.argsort(-np.array(scores), kind="stable")[:k]
    quoted = [replace(said[i][0], text=said[i][1]) for i in best]
    return ExtractiveAnswer(quoted, passages, True)
