"""The reading order of a page that is set in columns."""

from __future__ import annotations

import re

_MIN_LINES = 4  # a gutter must part at least so many lines
_MIN_GUTTER = 2  # characters
_SHARE = 0.9  # of the lines in a band that leave the gutter blank


def reading_order(lines: list[str]) -> list[str]:
    """Put the lines of a page into reading order.

    Parameters
    ----------
    lines : list of str
        The page as a grid of characters, where what is printed lower comes later and what is
        printed to the right stands further right.

    Returns
    -------
    list of str
        The lines of bands that are parted by a blank gutter, column by column; the others, such as
        a title over both columns, as they are.
    """
    gutter = _gutter(lines)
    if gutter is None:
        return [line.rstrip() for line in lines]
    ordered: list[str] = []
    band: list[tuple[str, str]] = []

    def close() -> None:
        for column in ([left for left, _ in band], [right for _, right in band]):
            read = _without_blank_ends(reading_order(column))
            if read and ordered and ordered[-1].endswith((".", "!", "?", ":")):
                ordered.append("")  # a paragraph ended there; else it runs on
            ordered.extend(read)
        band.clear()

    for line in lines:
        parts = _parted(line, *gutter)
        if parts is None:  # goes across the gutter
            close()
            ordered.append(line.rstrip())
        else:
            band.append(parts)
    close()
    return ordered


def _without_blank_ends(lines: list[str]) -> list[str]:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _parted(line: str, left: int, right: int) -> tuple[str, str] | None:
    """Return what a line has on either side of the gutter, None if it goes across.

    A line that is longer than most of its column ends within the gutter: it is parted at its own
    blanks there.
    """
    if not line[left:right].strip():
        return line[:left].rstrip(), line[right:].rstrip()
    for blank in re.finditer(rf" {{{_MIN_GUTTER},}}|$", line):
        if blank.start() < right and blank.end() > left:
            # Blanks keep the right column's lines under each other.
            return line[: blank.start()], " " * max(0, blank.end() - right) + line[blank.end() :]
    return None


def _gutter(lines: list[str]) -> tuple[int, int] | None:
    """Return the widest strip of blanks that parts the lines, as character positions."""
    filled = [line for line in lines if line.strip()]
    width = max((len(line) for line in filled), default=0)
    if len(filled) < _MIN_LINES or width < 40:
        return None
    counts = [0] * (width + 1)
    for line in filled:
        for position, character in enumerate(line):
            counts[position] += character != " "
    allowed = (1 - _SHARE) * len(filled)
    best: tuple[int, int] | None = None
    start: int | None = None
    for position in range(width // 5, width * 4 // 5 + 1):
        # A single space in a blank strip of words would be a gutter of one character.
        if counts[position] <= allowed:
            start = position if start is None else start
        else:
            if start is not None and (best is None or position - start > best[1] - best[0]):
                best = (start, position)
            start = None
    if best is None or best[1] - best[0] < _MIN_GUTTER:
        return None
    left, right = best
    both = sum(bool(line[:left].strip()) and bool(line[right:].strip()) for line in filled)
    return best if both >= _MIN_LINES else None
