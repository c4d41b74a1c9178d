"""PDF to sections with page numbers; the parsing runs in a process of its own.

A PDF can be made to unfold to gigabytes or to loop. The parser is therefore a child with a limit on
its memory and time: what goes wrong there ends that child, with a reason, and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from knowledge.section import Section
from nulens.errors import FormatError

_SECONDS = 300


def read_pdf(path: Path) -> tuple[str, list[Section]]:
    """Return the title and the sections of a PDF; a section ends at a heading or a page's end.

    Raises
    ------
    FormatError
        If the PDF is damaged, encrypted, a scan without text, or unfolds beyond the limits.
    """
    command = [sys.executable, "-m", "knowledge.readers.pdf_worker", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _unfolds(path) from error
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise _unfolds(path)
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        raise FormatError(
            path, "is damaged: its parser broke off", "Print it to a new PDF, or ingest its text."
        ) from error
    if "refused" in found:
        raise FormatError(path, found["refused"], found["remedy"])
    sections = [Section(s["heading"], s["text"], s["page"]) for s in found["sections"]]
    return found["title"], sections


def _unfolds(path: Path) -> FormatError:
    return FormatError(
        path, "unfolds to more than it may (memory or time)", "Leave it out, or print it anew."
    )
