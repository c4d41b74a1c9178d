"""The child that parses one PDF: ``python -m knowledge.readers.pdf_worker FILE`` writes JSON."""

from __future__ import annotations

import json
import re
import statistics
import sys
from typing import Any

from knowledge.readers.columns import reading_order
from knowledge.readers.text import is_heading

_MEMORY = 3 * 1024**3
_CPU_SECONDS = 240
_MAX_PAGES = 5000
_MIN_LETTERS = 20  # a page with fewer holds a figure or a scan
_HEADING_SIZE = 1.12  # of the body's font size


class _RefusedError(Exception):
    """The PDF is not taken, for a reason and with a remedy."""


def main(path: str) -> None:
    """Write the sections of the PDF, or why it is refused, to standard output."""
    _limit()
    try:
        result: dict[str, Any] = _read(path)
    except _RefusedError as refused:
        result = {"refused": refused.args[0], "remedy": refused.args[1]}
    json.dump(result, sys.stdout)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows; the parent's time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))


def _read(path: str) -> dict[str, Any]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError, PyPdfError

    logging.disable(logging.CRITICAL)  # pypdf reports each oddity of a file there
    sys.setrecursionlimit(3000)
    try:
        reader = PdfReader(path)
        _unlock(reader)
        if len(reader.pages) > _MAX_PAGES:
            raise _RefusedError(
                f"has more than {_MAX_PAGES} pages", "Split it and ingest the parts."
            )
        pages = [_page(page) for page in reader.pages]
        title = str((reader.metadata and reader.metadata.title) or "").strip()
    except LimitReachedError as error:
        raise _RefusedError(
            "unfolds to more than it may", "Leave it out, or print it to a new PDF."
        ) from error
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        RecursionError,
    ) as error:
        raise _RefusedError(
            f"is damaged ({type(error).__name__})", "Print it to a new PDF, or ingest its text."
        ) from error
    _check(pages)
    return {"title": title, "sections": _sections(pages)}


def _unlock(reader: Any) -> None:
    from pypdf.errors import DependencyError, PyPdfError

    if not reader.is_encrypted:
        return
    try:
        opened = reader.decrypt("")  # many are only locked against changes
    except (DependencyError, PyPdfError, NotImplementedError):
        opened = 0
    if not opened:
        raise _RefusedError("is encrypted", "Save it without a password and ingest that file.")


def _page(page: Any) -> tuple[list[str], set[str]]:
    """Return a page's lines in reading order, and the texts set in a larger font."""
    sizes: list[tuple[float, str]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            scale = (tm[0] ** 2 + tm[1] ** 2) ** 0.5 * (cm[0] ** 2 + cm[1] ** 2) ** 0.5
            sizes.append((size * scale, text))

    page.extract_text(visitor_text=visit)
    grid = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    lines = reading_order(grid.split("\n"))
    if not sizes:
        return lines, set()
    letters = [size for size, text in sizes for _ in range(len(text) // 10 + 1)]
    body = statistics.median(letters)
    large = {
        _key(line)
        for size, text in sizes
        if size > _HEADING_SIZE * body
        for line in text.split("\n")
    }
    return lines, large - {""}


def _key(line: str) -> str:
    return re.sub(r"\W+", "", line).lower()


def _check(pages: list[tuple[list[str], set[str]]]) -> None:
    letters = [sum(c.isalpha() for line in lines for c in line) for lines, _ in pages]
    printed = sum(len("".join(line.split())) for lines, _ in pages for line in lines)
    with_text = sum(n >= _MIN_LETTERS for n in letters)
    if with_text <= len(pages) // 5:
        raise _RefusedError(
            f"is a scan: {len(pages) - with_text} of its {len(pages)} pages have no text",
            "Run text recognition (OCR) over it and ingest the result.",
        )
    if sum(letters) < 0.4 * printed:
        raise _RefusedError(
            "holds glyphs that do not map to letters", "Ingest another version of its text."
        )


def _sections(pages: list[tuple[list[str], set[str]]]) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = []
    heading = ""
    repeated = _running_lines([lines for lines, _ in pages])
    for number, (lines, large) in enumerate(pages, start=1):
        body: list[str] = []
        for line in lines:
            if _key(line) in repeated or re.fullmatch(r"\s*(page\s+)?\d{1,4}\s*", line, re.I):
                continue
            title = line.strip()
            big = _key(line) in large and len(title) <= 120 and any(c.isalpha() for c in title)
            if big or (is_heading(title) and (not body or not body[-1].endswith("-"))):
                _close(sections, heading, body, number)
                body, heading = [], title
            else:
                body.append(line.strip())
        _close(sections, heading, body, number)
    return sections


def _close(sections: list[dict[str, Any]], heading: str, body: list[str], page: int) -> None:
    text = joined(body)
    if text:
        sections.append({"heading": heading, "text": text, "page": page})


def joined(lines: list[str]) -> str:
    """Join the lines of a page to paragraphs; a word hyphenated at a line's end becomes whole."""
    text = "\n".join(lines)
    text = re.sub(r"([a-zà-ÿ])-\n([a-zà-ÿ])", r"\1\2", text)
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def _running_lines(pages: list[list[str]]) -> set[str]:
    """Return the keys of lines that head or foot most pages."""
    seen: dict[str, int] = {}
    for lines in pages:
        filled = [line for line in lines if line.strip()]
        for key in {_key(re.sub(r"\d+", "", line)) for line in filled[:1] + filled[-1:]}:
            seen[key] = seen.get(key, 0) + 1
    return {key for key, n in seen.items() if key and len(pages) >= 4 and n > len(pages) / 2}


if __name__ == "__main__":
    main(sys.argv[1])
