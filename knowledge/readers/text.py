"""Plain text to sections, by what looks like a heading."""

from __future__ import annotations

import re

from knowledge.section import Section

_NUMBERED = re.compile(
    r"^(\d{1,2}(\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+[A-Z]\S*(\s+\S+){0,9}$"
)
_SHORT = 60
"""Characters of a line that may head what follows it without any other mark."""

_UNDERLINE = re.compile(r"^([=\-~^*#\"'+])\1{2,}\s*$")


def is_heading(line: str) -> bool:
    """Say whether a line alone looks like a heading: numbered, or all in capitals."""
    line = line.strip()
    if not 3 <= len(line) <= 90 or line.endswith((".", ",", ";", ":")):
        return False
    if _NUMBERED.match(line):
        return True
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= 4 and line == line.upper() and len(line.split()) <= 10


def _heads(line: str, below: str) -> bool:
    """Say whether a line alone is short beside the paragraph that starts after it: Run 12, 3 May.

    What continues a sentence or opens a list or table is none.
    """
    return (
        3 <= len(line) <= _SHORT
        and len(line.split()) <= 9
        and (line[0].isupper() or line[0].isdigit())
        and (line[-1].isalnum() or line[-1] in ")]%")
        and not re.search(r"[.;!?]\s| {3,}|\t|\|", line)
        and len(below) > max(40, len(line))
        and (below[0].isupper() or below[0].isdigit())
    )


def _below(lines: list[str], position: int) -> str:
    """Return the first line with text below a position."""
    for at in range(position + 1, len(lines)):
        if lines[at].strip():
            return lines[at].strip()
    return ""


def read_text(text: str) -> tuple[str, list[Section]]:
    """Return the title and the sections of a plain text.

    A heading follows an empty line: a short line with an underline of marks, with a section
    number, in capitals, or before a paragraph of longer lines. The title is a first line that
    stands alone.
    """
    lines = text.split("\n")
    title = ""
    heading = ""
    body: list[str] = []
    sections: list[Section] = []

    def close() -> None:
        if "".join(body).strip():
            sections.append(Section(heading or title, "\n".join(body).strip()))
        body.clear()

    position = 0
    while position < len(lines):
        line = lines[position].strip()
        after = lines[position + 1].strip() if position + 1 < len(lines) else ""
        alone = not body or not body[-1].strip()
        underlined = bool(line) and len(line) <= 90 and bool(_UNDERLINE.match(after))
        first = not title and not sections and not body and bool(line)
        stands_alone = first and len(line) <= 90 and not after and not line.endswith(".")
        if (
            alone
            and line
            and (
                underlined
                or is_heading(line)
                or stands_alone
                or _heads(line, _below(lines, position))
            )
        ):
            close()
            if not title and not sections:
                title = line
            else:
                heading = line
            position += 2 if underlined else 1
            continue
        body.append(lines[position].rstrip())
        position += 1
    close()
    return title, sections
