"""Passages from the documents, quoted and cited."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from assistant.answer import Citation
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
    quotes = [_quote(s) for s in answer.sentences]
    passages = [_quote(p) for p in answer.passages]
    cited = _cited(quotes, passages)
    result = Knowledge(
        question=arguments.question, found=bool(quotes), quotes=quotes, passages=passages
    )
    return Outcome(
        result=result,
        summary=_summary(quotes, cited),
        citations=[Citation(c.document, c.section, c.page, c.text) for c in cited],
    )


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
