"""Files to sections: what is read, and what is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest

from knowledge.documents import MAX_BYTES, Document, read_document
from knowledge.readers.columns import reading_order
from nulens.errors import FormatError


def _headings(document: Document) -> list[tuple[str, int | None]]:
    return [(section.heading, section.page) for section in document.sections]


def test_markdown_is_cut_at_its_headings_and_freed_of_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "cryostat.md"
    path.write_text(
        "---\nkey: value\n---\n# The *test* cryostat\n\nIt is `cold`.\n\n## Filling\n"
        "Gas is [purged](http://x.org) first.\n\n### Level\n\n| sensor | level |\n| --- | --- |\n"
        "| top | 3.2 m |\n\n```\n# no heading\n```\n",
        encoding="utf-8",
    )
    document = read_document(path)
    assert document.title == "The test cryostat"
    assert [s.heading for s in document.sections] == ["The test cryostat", "Filling", "Level"]
    assert document.sections[0].text == "It is cold."
    assert document.sections[1].text == "Gas is purged first."
    assert "top | 3.2 m" in document.sections[2].text
    assert "# no heading" in document.sections[2].text


def test_text_headings_are_numbered_underlined_or_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text(
        "Notes on the pump\n\nIt hums.\n\n1.2 Bearings\nThey are dry.\n\nMAINTENANCE\nOil it.\n\n"
        "Spare parts\n-----------\nNone. See No. 4 of the list.\n"
    )
    document = read_document(path)
    assert document.title == "Notes on the pump"
    assert [s.heading for s in document.sections] == [
        "Notes on the pump",
        "1.2 Bearings",
        "MAINTENANCE",
        "Spare parts",
    ]


def test_html_scripts_and_navigation_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>Lasers</title><style>p {}</style></head><body><nav>Home</nav>"
        "<h1>UV laser</h1><p>It fires at <b>266</b> nm.</p><script>alert(1)</script>"
        "<h2>Mirrors</h2><table><tr><td>M1</td><td>45 deg</td></tr></table>"
        "<div hidden>secret</div><p style='color: red; Display: none'>secret</p></body></html>"
    )
    document = read_document(path)
    assert document.title == "Lasers"
    assert [(s.heading, s.text) for s in document.sections] == [
        ("UV laser", "It fires at 266 nm."),
        ("Mirrors", "M1 | 45 deg"),
    ]


def test_pdf_columns_are_read_one_after_the_other_with_their_pages(
    tmp_path: Path, make_pdf
) -> None:
    left = [
        "The left column speaks of the drift",
        "of charge through the liquid in a field of",
        "half a kilovolt per centi-",
        "metre, and then it ends here.",
    ]
    right = [
        "The right column speaks of light which",
        "is emitted by excimers and is shifted",
        "by a coating before any sensor will",
        "see it, and that is all of it.",
    ]
    page = [(72, 800, 18, "A title over both of the columns of this page")]
    page += [(60, 770, 13, "1 Drift"), (310, 770, 13, "2 Light")]
    for row, (a, b) in enumerate(zip(left, right, strict=True)):
        page += [(60, 750 - 14 * row, 10, a), (310, 750 - 14 * row, 10, b)]
    last = [(60, 750, 10, "The second page goes on about the light and ends.")]
    document = read_document(make_pdf(tmp_path / "two.pdf", [page, last]))
    assert _headings(document) == [("1 Drift", 1), ("2 Light", 1), ("2 Light", 2)]
    drift, light, _ = document.sections
    assert drift.text.endswith("half a kilovolt per centimetre, and then it ends here.")
    assert "light which is emitted by excimers and is shifted by a coating" in light.text


def test_a_line_that_runs_into_the_gutter_stays_in_its_column() -> None:
    left = ["the length of the", "secondary track and its straightness", "efficiency falls. The"]
    left += ["tree has 300 stages.", "It took forty minutes", "on a desktop machine."]
    right = [
        "of which a third",
        "was lost.",
        "8. Outlook",
        "A repetition",
        "is asked for",
        "in 2026.",
    ]
    lines = [f"{a:38}{b}" for a, b in zip(left, right, strict=True)]
    assert reading_order(lines) == [*left, "", *right]


def test_a_short_line_before_a_paragraph_heads_it(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text(
        "RUN LOG\n\nRun 12, 3 May\nCosmic run of eight hours with a rate of 92 Hz all night.\n\n"
        "Run 13, 4 May\n\nNo data, since the pump had to be exchanged in the afternoon.\n"
        "It is better now\n\nthe end of it\nA line that goes on, so that it looks like text.\n",
        encoding="utf-8",
    )
    document = read_document(path)
    assert document.title == "RUN LOG"
    assert _headings(document) == [("Run 12, 3 May", None), ("Run 13, 4 May", None)]
    assert document.sections[1].text.endswith("so that it looks like text.")


def test_pages_and_running_heads_of_a_long_pdf(tmp_path: Path, make_pdf) -> None:
    pages = [
        [
            (60, 820, 9, "Annual report"),
            (60, 700, 10, f"This is what is said on leaf {n} only."),
            (300, 30, 9, str(n)),
        ]
        for n in range(1, 7)
    ]
    document = read_document(make_pdf(tmp_path / "report.pdf", pages))
    assert [section.page for section in document.sections] == [1, 2, 3, 4, 5, 6]
    assert document.sections[3].text == "This is what is said on leaf 4 only."


def _encrypted(path: Path, source: Path, password: str) -> Path:
    writer = pypdf.PdfWriter(clone_from=source)
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(path)
    return path


def test_encrypted_pdf_is_refused_and_one_locked_against_changes_is_read(
    tmp_path, make_pdf
) -> None:
    plain = make_pdf(
        tmp_path / "plain.pdf", [[(60, 700, 10, "Forty two tonnes of argon are kept.")]]
    )
    assert "Forty two" in read_document(_encrypted(tmp_path / "b.pdf", plain, "")).sections[0].text
    with pytest.raises(FormatError, match="is encrypted"):
        read_document(_encrypted(tmp_path / "a.pdf", plain, "secret"))


def test_scan_is_refused(tmp_path: Path, make_pdf) -> None:
    path = make_pdf(tmp_path / "scan.pdf", [[], [(60, 20, 9, "2")], [], []])
    with pytest.raises(FormatError, match="is a scan: 4 of its 4 pages") as caught:
        read_document(path)
    assert "OCR" in caught.value.remedy


def test_pdf_bomb_is_refused(tmp_path: Path, pdf_bomb: Path) -> None:
    with pytest.raises(FormatError, match="unfolds"):
        read_document(pdf_bomb)


@pytest.mark.parametrize("garbage", [b"%PDF-1.7\nnonsense", b"%PDF", b"\x89PNG" * 99])
def test_damaged_pdf_is_refused(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(garbage)
    with pytest.raises(FormatError, match="is damaged"):
        read_document(path)


def test_pdf_that_was_cut_off_is_refused(tmp_path: Path, make_pdf) -> None:
    path = make_pdf(tmp_path / "cut.pdf", [[(60, 700, 10, "Some text that is here.")]])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FormatError, match="is damaged"):
        read_document(path)


def test_utf8_with_a_few_broken_bytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "broken.md"
    path.write_bytes("# Mesures\n\nDéjà mesuré à côté. ".encode() * 60 + b"\xff end")
    text = read_document(path).sections[-1].text
    assert "Déjà mesuré à côté." in text
    assert text.endswith("\N{REPLACEMENT CHARACTER} end")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_text_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "caf.txt"
    said = "Le câble arrêté près de la fenêtre mesure déjà dix mètres, à côté du bâtiment. " * 5
    path.write_bytes(said.encode(encoding))
    assert read_document(path).sections[0].text.startswith("Le câble arrêté près")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"abc\x00def", "zero bytes"),
        (b"\xff\xfea\x00b\x00\x00", "encoding"),
        (b"  \n\n ", "holds no text"),
        (bytes(range(128, 256)) * 40, "is not text"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=reason):
        read_document(path)


def test_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as stream:
        stream.truncate(300_000_000)  # a sparse file
    assert MAX_BYTES < 300_000_000
    with pytest.raises(FormatError, match="has 300 MB"):
        read_document(path)


@pytest.mark.parametrize("name", ["a.docx", "missing.md"])
def test_other_kinds_and_missing_files(tmp_path: Path, name: str) -> None:
    if name.endswith("docx"):
        (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(FormatError, match=r"is of a kind|is not a file"):
        read_document(tmp_path / name)
