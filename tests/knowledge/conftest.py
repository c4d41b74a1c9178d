"""What the tests of the knowledge room share: indexes of their own, PDFs made by hand."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from knowledge.settings import KnowledgeSettings

Line = tuple[float, float, float, str]
MakePdf = Callable[[Path, Sequence[Sequence[Line]]], Path]


@pytest.fixture
def settings(tmp_path: Path) -> KnowledgeSettings:
    """An index of the test's own."""
    return KnowledgeSettings(tmp_path / "index")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    """An index with the shipped corpus, which tests only read."""
    return KnowledgeSettings(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Write a PDF of pages of (x, y, font size, text)."""

    def make(path: Path, pages: Sequence[Sequence[Line]]) -> Path:
        path.write_bytes(_pdf([zlib.compress(_stream(page)) for page in pages]))
        return path

    return make


@pytest.fixture
def pdf_bomb(tmp_path: Path) -> Path:
    """A PDF of a few MB whose one page unfolds to two gigabytes of text."""
    packer = zlib.compressobj(9)
    line = b"BT /F1 10 Tf 60 700 Td (boom) Tj ET\n" * 30_000
    packed = b"".join(packer.compress(line) for _ in range(2000)) + packer.flush()
    path = tmp_path / "bomb.pdf"
    path.write_bytes(_pdf([packed]))
    return path


def _stream(lines: Sequence[Line]) -> bytes:
    return b"".join(
        b"BT /F1 %g Tf %g %g Td (%s) Tj ET\n"
        % (size, x, y, text.replace("(", "\\(").replace(")", "\\)").encode("cp1252"))
        for x, y, size, text in lines
    )


def _pdf(streams: Sequence[bytes]) -> bytes:
    """Return a PDF with one page a compressed content stream."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [font]
    root = 2 + 2 * len(streams)
    kids = []
    for packed in streams:
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
        )
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 1 0 R >> >> >>" % (root, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects.append(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % root)
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root %d 0 R >>\n"
        b"startxref\n%d\n%%%%EOF"
        % (len(objects) + 1, table, len(objects) + 1, len(objects), len(out))
    )
