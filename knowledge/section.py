"""One titled stretch of a document: what every reader makes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One titled stretch of a document.

    ``page`` is the page it starts on, None where the document has no pages.
    """

    heading: str
    text: str
    page: int | None = None
