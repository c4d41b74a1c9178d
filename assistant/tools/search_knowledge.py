"""Passages from the documents, quoted and cited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from assistant.answer import Citation
from assistant.planner.lexicon import COMMON_WORDS, DOMAIN_WORDS
from assistant.tools.base import Arguments, Outcome, Result
from assistant.tools.context import ToolContext


class SearchKnowledge(Arguments):
    """Search the documents on neutrinos, liquid argon, detectors, classifiers; cites passages."""

    question: str = Field(min_length=1, max_length=2000, description="The question in words.")


class Quote(BaseModel):
    """A verbatim passage."""

    document: str
    section: str
    page: int | None
    text: str


class Knowledge(Result):
    """What the documents say; nothing where they do not cover the question."""

    question: str
    found: bool
    quotes: list[Quote]
    passages: list[Quote]


def run(context: ToolContext, arguments: SearchKnowledge) -> Outcome:
    """Search the documents and quote the sentences that answer."""
    from knowledge.retrieval import answer_extractively

    answer = answer_extractively(arguments.question)
    if answer.found and not _covers([p.text for p in answer.passages], arguments.question):
        answer = replace(answer, sentences=[], passages=[], found=False)
    quotes = [_quote(s) for s in answer.sentences] if answer.found else []
    passages = [_quote(p) for p in answer.passages] if answer.found else []
    cited = _cited(quotes, passages)
    result = Knowledge(
        question=arguments.question, found=bool(quotes), quotes=quotes, passages=passages
    )
    return Outcome(
        result=result,
        summary=_summary(quotes, cited),
        citations=[Citation(c.document, c.section, c.page, c.text) for c in cited],
    )


def _covers(passages: list[str], question: str) -> bool:
    """Say whether what is asked about occurs in the passages at all.

    A passage on the boiling point of argon resembles a question on that of ethanol. A noun that is
    neither plain English nor of the field, and that no passage has, is about something else.
    """
    text = " ".join(passages).lower()
    nouns = re.findall(
        r"\b(?:of|in|about|for|on|from) (?:an? |the )?([a-z]{4,})\b", question.lower()
    )
    strange = [n for n in nouns if n not in DOMAIN_WORDS and n not in COMMON_WORDS]
    return all(n[:5] in text for n in strange)


def _quote(passage: Any) -> Quote:
    return Quote(
        document=passage.document,
        section=passage.section,
        page=passage.page,
        text=" ".join(str(passage.text).split()),
    )


def _cited(quotes: list[Quote], passages: list[Quote]) -> list[Quote]:
    """Return the passages that the quotes stand in, each once, in their order."""
    cited: list[Quote] = []
    for quote in quotes:
        home = next(
            (
                p
                for p in passages
                if (p.document, p.section) == (quote.document, quote.section)
                and quote.text in p.text
            ),
            quote,
        )
        if home not in cited:
            cited.append(home)
    return cited


def _summary(quotes: list[Quote], cited: list[Quote]) -> str:
    if not quotes:
        return "The documents do not cover this question."
    sentences = []
    for quote in quotes:
        place = next(
            i
            for i, c in enumerate(cited, 1)
            if quote is c or (quote.text in c.text and c.document == quote.document)
        )
        sentences.append(f"{quote.text} [{place}]")
    sources = "; ".join(
        f"[{i}] {c.document}, {c.section}" + (f", page {c.page}" if c.page else "")
        for i, c in enumerate(cited, 1)
    )
    return f"{' '.join(sentences)}\nSources: {sources}."
