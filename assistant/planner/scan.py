"""A text that is read piece by piece: what has been understood is not read twice."""

from __future__ import annotations

import re

BLANK = "\x00"


class Scan:
    """A normalised text whose understood parts are blanked; positions stay as they are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = text

    def take(self, pattern: str, group: int = 0) -> re.Match[str] | None:
        """Find the pattern in what is left, and blank that group of it."""
        found = re.search(pattern, self.left)
        if found:
            self.blank(*found.span(group))
        return found

    def take_all(self, pattern: str) -> list[re.Match[str]]:
        """Find the pattern everywhere in what is left, and blank it."""
        found = list(re.finditer(pattern, self.left))
        for match in found:
            self.blank(*match.span())
        return found

    def blank(self, start: int, end: int) -> None:
        """Mark a stretch as understood."""
        self.left = self.left[:start] + BLANK * (end - start) + self.left[end:]

    def has(self, pattern: str) -> bool:
        """Say whether the whole text, blanked or not, has this pattern as words."""
        return (
            re.search(rf"(?<![\w]){pattern}(?![\w])" if pattern[0] != "^" else pattern, self.text)
            is not None
        )
