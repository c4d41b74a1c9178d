"""Symbols, synonyms, spelling and cutting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunks import Chunk, chunks, sentences
from knowledge.documents import Document
from knowledge.encoder import load_encoder
from knowledge.keywords import KeywordIndex
from knowledge.query import read_query
from knowledge.section import Section
from knowledge.spelling import Speller, edits
from knowledge.terms import terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X0 of LAr", "radiation length of liquid argon"),
        ("$X_0$", "X₀"),
        ("ν_e", "electron neutrino"),
        ("νμ CC", "muon neutrinos, charged current"),
        ("π⁰", "neutral pions"),
        ("dE/dx", "stopping power"),
        ("2p2h", "meson-exchange currents"),
        ("1.6 mm/μs", "1.6 millimetres per microsecond"),
        ("quantization", "quantisation"),
        ("flavor of an optimizer", "flavour of an optimiser"),
        ("Δm²₃₁", "mass splitting"),
        ("λ_int in cm", "nuclear interaction length in cm"),
        ("S/N of the planes", "signal to noise ratio of the planes"),
        ("v_d at 500 V/cm", "drift velocity at 500 V/cm"),
        ("FD-VD", "far detector with vertical drift"),
        ("FWHM", "width at half maximum"),
    ],
)
def test_two_ways_to_say_it_share_terms(one: str, other: str) -> None:
    mine, theirs = set(terms(one)), set(terms(other))
    assert len(mine & theirs) >= min(2, len(theirs)) or {t for t in mine & theirs if t[0] == "="}


def test_spelling_finds_the_nearest_term() -> None:
    speller = Speller([("radiat", 9), ("radiant", 1), ("length", 20), ("muon", 5), ("gluon", 1)])
    assert speller.nearest("lenght") == "length"
    assert speller.nearest("raditaion") is None
    assert speller.nearest("radait") == "radiat"
    assert speller.nearest("moun") == "muon"
    assert speller.nearest("pizza") is None
    assert speller.nearest("nuon") is None  # the first letter is right


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("temprature of the liquid", {"temperatur", "liquid"}),
        ("photo-electrons", {"photo", "electron", "photoelectron"}),
        ("wave length", {"wave", "length", "wavelength"}),
        ("nEXO", {"nexo"}),
    ],
)
def test_a_question_is_read_by_the_words_of_the_documents(question: str, found: set[str]) -> None:
    keywords = KeywordIndex()
    said = ["temperature liquid photoelectrons wavelength next", "wave length of photo electrons"]
    keywords.replace(np.zeros(0, dtype=bool), ["a", "b"], [terms(text) for text in said])
    query = read_query(question, keywords, load_encoder())
    assert {term for term in query.terms if term[0] != "="} == found
    assert "temperature" in query.text or "temp" not in question


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_is_a_distance(a: str, b: str) -> None:
    assert edits(a, b) == edits(b, a)
    assert (edits(a, b) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= edits(a, b) <= max(len(a), len(b))


def test_sentences_end_where_they_end() -> None:
    text = (
        "The pitch is 4.7 mm (DUNE TDR vol. IV, J. Phys. Conf. Ser. 308). See Fig. 3, e.g. there. "
        "Is it so? Yes.\nrow | 1\nrow | 2"
    )
    assert sentences(text) == [
        "The pitch is 4.7 mm (DUNE TDR vol. IV, J. Phys. Conf. Ser. 308).",
        "See Fig. 3, e.g. there.",
        "Is it so?",
        "Yes.",
        "row | 1",
        "row | 2",
    ]


def _chunked(text: str, words: int, overlap: int) -> list[Chunk]:
    document = Document("T", [Section("S", text), Section("Sources", "- none")], "0", "x")
    return chunks(document, words, overlap)


def test_chunks_overlap_by_sentences_and_leave_sources_out() -> None:
    text = " ".join(f"Sentence number {i} has six words." for i in range(30))
    made = _chunked(text, 40, 1)
    assert {chunk.section for chunk in made} == {"S"}
    assert all(len(chunk.text.split()) <= 40 for chunk in made)
    for before, after in itertools.pairwise(made):
        assert sentences(before.text)[-1] == sentences(after.text)[0]


@given(st.lists(st.sampled_from(["One two.", "A b c d e.", "word " * 50, "x | y\n"]), max_size=12))
def test_no_word_is_lost(parts: list[str]) -> None:
    text = " ".join(parts)
    joined = " ".join(chunk.text for chunk in _chunked(text, 20, 0))
    assert joined.split() == text.split()
