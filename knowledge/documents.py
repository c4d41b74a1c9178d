"""A document as titled sections of plain text, whatever file it came in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.section import Section
from nulens.errors import FormatError

MAX_BYTES = 128 * 1024 * 1024
"""Largest file taken: a book of text is 1-2 MB, a scanned-free thesis 50 MB."""

MAX_CHARACTERS = 40_000_000
"""Most text taken from one document, against files that unfold to far more than they are."""

TEXT_SUFFIXES = (".md", ".markdown", ".txt", ".text", ".rst")
HTML_SUFFIXES = (".html", ".htm", ".xhtml")
PDF_SUFFIXES = (".pdf",)
SUFFIXES = TEXT_SUFFIXES + HTML_SUFFIXES + PDF_SUFFIXES

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_WESTERN = 0.3  # share of letters with accents that no text in a western language exceeds


@dataclass(frozen=True)
class Document:
    """A document that was read.

    Attributes
    ----------
    title : str
        Its own title, else the file's name.
    sections : list of Section
        In reading order, none empty.
    sha256 : str
        Hash of the file's bytes.
    source : str
        Where it came from: an absolute path, or ``corpus:<name>`` for a shipped one.
    """

    title: str
    sections: list[Section]
    sha256: str
    source: str


def read_document(path: str | Path) -> Document:
    """Read a Markdown, text, HTML or PDF file.

    Raises
    ------
    FormatError
        If the file is missing, empty, too large, of another kind, not text, damaged, encrypted,
        or a scan without text.
    """
    path = Path(path)
    _check(path)
    suffix = path.suffix.lower()
    if suffix in PDF_SUFFIXES:
        from knowledge.readers.pdf import read_pdf

        title, sections = read_pdf(path)
    elif suffix in HTML_SUFFIXES:
        from knowledge.readers.html import read_html

        title, sections = read_html(decode(path))
    elif suffix in (".md", ".markdown"):
        from knowledge.readers.markdown import read_markdown

        title, sections = read_markdown(decode(path))
    else:
        from knowledge.readers.text import read_text

        title, sections = read_text(decode(path))
    sections = [section for section in sections if section.text.strip()]
    if not sections:
        raise FormatError(path, "holds no text", "Leave it out, or give a version that has text.")
    if sum(len(section.text) for section in sections) > MAX_CHARACTERS:
        raise FormatError(
            path,
            f"unfolds to more than {MAX_CHARACTERS // 1_000_000} million characters",
            "Split it, or leave it out.",
        )
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    title = title.strip() or path.stem
    sections = [replace(section, heading=section.heading or title) for section in sections]
    return Document(title, sections, sha256, str(path.resolve()))


def decode(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 or, failing those, its likeliest other encoding.

    Raises
    ------
    FormatError
        If the bytes are not text in any of them.
    """
    raw = path.read_bytes()
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return _plain(raw.decode(encoding))
            except UnicodeDecodeError as error:
                raise _not_text(path, f"breaks off its own {encoding} encoding") from error
    if b"\x00" in raw[:65536]:
        raise _not_text(path, "is not a text file: it holds zero bytes")
    text = raw.decode("utf-8", errors="replace")
    broken = text.count(_REPLACEMENT)
    sound = sum(c > "\x7f" for c in text) - broken
    if broken <= min(sound, len(text) // 1000):  # UTF-8, but for a few bytes at most
        return _plain(text)
    if sum(byte > 0x7F for byte in raw) < _WESTERN * len(raw):
        text = raw.decode("cp1252", errors="replace")
    else:
        from charset_normalizer import from_bytes

        # A sample is enough to tell an encoding by, and keeps large files quick.
        best = from_bytes(raw[:262_144]).best()
        text = raw.decode(best.encoding, errors="replace") if best else _REPLACEMENT
    if text.count(_REPLACEMENT) > len(text) // 1000:
        raise _not_text(path, "is not text in any encoding that could be told")
    return _plain(text)


def _plain(text: str) -> str:
    # Control characters other than tab and line ends have no place in quoted text.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _not_text(path: Path, what: str) -> FormatError:
    return FormatError(path, what, "Save it as UTF-8 text and ingest it again.")


def _check(path: Path) -> None:
    if not path.is_file():
        raise FormatError(path, "is not a file", "Check the path.")
    if path.suffix.lower() not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise FormatError(path, "is of a kind that is not read", f"Give one of {kinds}.")
    size = path.stat().st_size
    if size == 0:
        raise FormatError(path, "is empty", "Leave it out.")
    if size > MAX_BYTES:
        raise FormatError(
            path,
            f"has {size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB taken",
            "Split it into parts and ingest those.",
        )
