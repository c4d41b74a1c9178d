"""HTML to sections, by its headings; scripts, navigation and hidden parts are left out."""

from __future__ import annotations

import re
import warnings

from knowledge.section import Section

_LEFT_OUT = ["script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "form"]
_BLOCKS = ["p", "li", "pre", "blockquote", "dt", "dd", "figcaption", "tr", "div", "section", "td"]
_UNSEEN = (
    "[hidden], [aria-hidden=true], [style*='display:none' i], [style*='display: none' i], "
    "[style*='visibility:hidden' i], [style*='visibility: hidden' i]"
)
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]


def read_html(text: str) -> tuple[str, list[Section]]:
    """Return the title and the sections of an HTML page."""
    from bs4 import BeautifulSoup, NavigableString, Tag, XMLParsedAsHTMLWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(text, "lxml")
    for tag in soup(_LEFT_OUT):
        tag.decompose()
    for tag in soup.select(_UNSEEN):
        tag.decompose()
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    heading = ""
    pieces: list[str] = []
    sections: list[Section] = []

    def close() -> None:
        lines = [re.sub(r"\s+", " ", line).strip(" |") for line in "".join(pieces).split("\n")]
        body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        if body:
            sections.append(Section(heading or title, body))
        pieces.clear()

    for node in (soup.body or soup).descendants:
        if isinstance(node, Tag):
            if node.name in _HEADINGS:
                close()
                heading = node.get_text(" ", strip=True)
                title = title or heading
            elif node.name in ("td", "th"):
                pieces.append(" | ")
            elif node.name in _BLOCKS or node.name == "br":
                pieces.append("\n")
        elif type(node) is NavigableString and node.find_parent(_HEADINGS) is None:
            pieces.append(re.sub(r"\s+", " ", str(node)))
    close()
    return title, sections
