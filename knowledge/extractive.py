"""Answers made of quotations: the sentences of the best passages that answer a question."""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.gathering import query_vector
from knowledge.hits import Hit, Passage
from knowledge.index import Index
from knowledge.query import read_query
from knowledge.quoting import best_sentences
from knowledge.ranking import MAX_QUESTION, relevant_hits
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index

_SENTENCES = 6
PASSAGES = 5


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
    hits = relevant_hits(asked, index, PASSAGES) if asked else []
    return quoted(asked, hits, index, k)


def quoted(question: str, hits: list[Hit], index: Index, k: int = _SENTENCES) -> ExtractiveAnswer:
    """Quote the ``k`` sentences of the hits that answer a question best; nothing without hits."""
    if not hits:
        return ExtractiveAnswer([], [], False)
    query = read_query(question, index.refresh(), index.encoder)
    vector = query_vector(query, index)
    best = best_sentences(query, vector, hits, index.encoder, k)
    sentences = [replace(hit.passage, text=sentence) for hit, sentence in best]
    return ExtractiveAnswer(sentences, [hit.passage for hit in hits], True)
