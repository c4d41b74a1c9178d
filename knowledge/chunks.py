"""Sections cut into the chunks that are indexed."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from knowledge.documents import Document

WORDS = 130
"""Most words of a chunk."""

OVERLAP = 1
"""Sentences that a chunk repeats of the one before it."""

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|cf|ca|approx|resp|Fig|Figs|Eq|Eqs|Sec|Sect|Ref|Refs|Tab|Ch"
    r"|Chap|App|No|Nos|[Vv]ols?|pp?|Dr|Prof|Mr|Mrs|Ms|St|Phys|Rev|Lett|Nucl|Instrum|Meth|Methods"
    r"|Commun|Eur|Proc|Ann|Annu|Mod|Inst|Sci|Conf|Ser|Astron|Astrophys|Lab|Tech|Technol|Prog|Part"
    r"|Rep|Appl|At|Soc|Jpn|Chem|Stat|Comput|Softw|Mach|Learn|Trans|Int|Symp|Univ|Adv|Res|Bull"
    r"|Acad|Natl|Math|Opt|Mater|Radiat|Accel|Cosmol|Geophys|Gen|Dept|Collab)|\b[A-Z])\.$"
)
_BRACKETS = re.compile(
    r"\([^()\n]{0,400}(?:\([^()\n]{0,99}\)[^()\n]{0,99}){0,6}\)|\[[^\[\]\n]{0,400}\]"
)
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z0-9νμπτγα~≈+−-])|\n+")


@dataclass(frozen=True)
class Chunk:
    """A stretch of one section, as long as the embedding model reads.

    ``position`` counts the chunks of the document from 0.
    """

    position: int
    section: str
    page: int | None
    text: str


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, verbatim; a line of a table or list is one."""
    found: list[str] = []
    start = 0
    # What stands in brackets, such as a citation with its journal, belongs to one sentence.
    brackets = [match.span() for match in _BRACKETS.finditer(text)]
    for match in _END.finditer(text):
        before = bisect_left(brackets, (match.start(),)) - 1
        if before >= 0 and match.start() < brackets[before][1] - 1:
            continue
        piece = text[start : match.end()]
        if match.group()[0] != "\n" and _ABBREVIATION.search(
            text[max(start, match.start() - 20) : match.start() + 1]
        ):
            continue
        if piece.strip():
            found.append(piece.strip())
        start = match.end()
    if text[start:].strip():
        found.append(text[start:].strip())
    return found


def chunks(document: Document, words: int = WORDS, overlap: int = OVERLAP) -> list[Chunk]:
    """Cut the sections of a document, at sentences, into chunks of at most ``words`` words.

    Sections named Sources or References hold citations, not answers, and are left out.
    """
    made: list[Chunk] = []
    for section in document.sections:
        if re.fullmatch(r"\W*(sources|references|bibliography)\W*", section.heading, re.I):
            continue
        for text in _pieces(section.text, words, overlap):
            made.append(Chunk(len(made), section.heading, section.page, text))
    return made


def _pieces(text: str, words: int, overlap: int) -> list[str]:
    parts = [part for said in _lines(text) for part in _short(said, words)]
    pieces: list[str] = []
    current: list[str] = []
    count = 0
    for part in parts:
        n = len(part.split())
        if current and count + n > words:
            pieces.append("".join(current).strip())
            kept = current[-overlap:] if overlap else []
            kept_words = sum(len(k.split()) for k in kept)
            current, count = (kept, kept_words) if kept_words + n <= words else ([], 0)
        current.append(part)
        count += n
    if current:
        pieces.append("".join(current).strip())
    return pieces


def _lines(text: str) -> list[str]:
    """Return the sentences with the blank that follows each, so that joining gives the text."""
    cut: list[str] = []
    position = 0
    for said in sentences(text):
        start = text.index(said, position)
        if cut:
            cut[-1] += text[position:start]
        cut.append(said)
        position = start + len(said)
    return cut


def _short(said: str, words: int) -> list[str]:
    # A "sentence" without an end, such as a table read as one line, is cut at words.
    parts = said.split(" ")
    if len(parts) <= words:
        return [said]
    return [" ".join(parts[i : i + words]) + " " for i in range(0, len(parts), words)]
