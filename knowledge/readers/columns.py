"""The reading order of a page that is set in columns."""

from __future__ import annotations

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
    left, right = gutter
    ordered: list[str] = []
    band: list[str] = []

    def close() -> None:
        ordered.extend(reading_order([line[:left].rstrip() for line in band]))
        ordered.extend(reading_order([line[right:].rstrip() for line in band]))
        band.clear()

    for line in lines:
        if line[left:right].strip():  # goes across the gutter
            close()
            ordered.append(line.rstrip())
        else:
            band.append(line)
    close()
    return ordered


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
