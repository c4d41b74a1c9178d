"""Where a sentence ends, and how sections are cut."""

from __future__ import annotations

import itertools
import time

import pytest

from knowledge.chunks import chunks, sentences
from knowledge.documents import Document
from knowledge.index import without_citations
from knowledge.section import Section


@pytest.mark.parametrize(
    "text",
    [
        "It marks the vertex (Alvarez-Ruso et al., Prog. Part. Nucl. Phys. 100, 1, 2018).",
        "Ranges are listed by Groom, Mokhov and Striganov, At. Data Nucl. Data Tables 78, 2001.",
        "Louis Michel gave it (L. Michel, Proc. Phys. Soc. A 63, 514, 1950).",
        "The light is seen in Fig. 3 and vol. IV of it, Eq. 2.",
        "Some (It is cold. It is dark. And so on.) say so.",
        "The values [see Ref. 4. Also there] agree.",
    ],
)
def test_abbreviations_and_brackets_end_no_sentence(text: str) -> None:
    assert sentences(text) == [text]
    assert sentences(f"{text} Then it ends.") == [text, "Then it ends."]


def test_ends_of_sentences() -> None:
    assert sentences("It is one part. Another follows! Is it so? νe are few.\n20 MeV | 3 cm") == [
        "It is one part.",
        "Another follows!",
        "Is it so?",
        "νe are few.",
        "20 MeV | 3 cm",
    ]


@pytest.mark.parametrize("piece", ["(", "(a", "( () ", "(. ", "a. B", "(a (b) c) d. E "])
def test_time_grows_with_the_text_alone(piece: str) -> None:
    start = time.process_time()
    sentences(piece * 50_000)
    assert time.process_time() - start < 5


def test_citations_are_left_out_of_what_is_embedded() -> None:
    said = "The pitch is 4.8 mm (DUNE TDR vol. IV, JINST 15 T08010, 2020), or 3 mm (SBND) [3, 4]."
    assert without_citations(said) == "The pitch is 4.8 mm, or 3 mm (SBND)."


def test_chunks_keep_whole_sentences_and_overlap_by_one() -> None:
    said = [
        f"Module {i} reads {i} channels of the wall with nine more words here." for i in range(30)
    ]
    made = chunks(Document("T", [Section("S", " ".join(said)), Section("Sources", "A.")], "", ""))
    assert len(made) > 2
    assert {chunk.section for chunk in made} == {"S"}
    for before, after in itertools.pairwise(made):
        assert sentences(before.text)[-1] == sentences(after.text)[0]
    assert all(s in said for chunk in made for s in sentences(chunk.text))
