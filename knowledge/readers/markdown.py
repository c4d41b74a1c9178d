"""Markdown to sections, by its headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.section import Section

if TYPE_CHECKING:
    from markdown_it.token import Token


def read_markdown(text: str) -> tuple[str, list[Section]]:
    """Return the title and the sections of a Markdown text.

    Emphasis, links and code marks are taken off; a table's row becomes one line with its cells
    between bars, so that a row can be quoted as it stands.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(_without_front_matter(text))
    title = ""
    heading = ""
    lines: list[str] = []
    sections: list[Section] = []

    def close() -> None:
        if "".join(lines).strip():
            sections.append(Section(heading or title, "\n".join(lines).strip()))
        lines.clear()

    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "heading_open":
            close()
            said = _inline(tokens[position + 1])
            if token.tag == "h1" and not title:
                title, heading = said, ""
            else:
                heading = said
            position += 3
            continue
        if token.type == "tr_open":
            end = next(i for i in range(position, len(tokens)) if tokens[i].type == "tr_close")
            cells = [_inline(t) for t in tokens[position:end] if t.type == "inline"]
            lines.append(" | ".join(cells))
            position = end
        elif token.type == "inline":
            lines.append(_inline(token))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip())
        elif token.type in ("paragraph_close", "table_close", "list_item_close") and lines:
            lines.append("")
        position += 1
    close()
    return title, sections


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts).strip()


def _without_front_matter(text: str) -> str:
    if text.startswith("---\n") and (end := text.find("\n---\n", 4)) > 0:
        return text[end + 5 :]
    return text
