"""Whether a question is worded like those that the corpus answers."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.gathering import gather
from knowledge.likeness import fit, likeness, stems_and_pairs
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index


def test_stems_and_those_that_follow_each_other_are_told_apart() -> None:
    assert stems_and_pairs("how many wires") == {"how", "mani", "wire", "how mani", "mani wire"}
    assert stems_and_pairs("many wires how") != stems_and_pairs("how many wires")


def test_words_that_only_unanswered_questions_have_speak_against_an_answer() -> None:
    things = ["argon", "neon", "xenon", "krypton", "helium", "radon"]
    texts = [f"what is the {what} of {thing}" for what in ("mass", "price") for thing in things]
    vectors = np.random.default_rng(1).normal(size=(len(texts), 8)) / 10
    answered = np.array([" mass " in text for text in texts])
    model = fit(texts, vectors, answered, np.ones(len(texts)))
    assert set(model["words"]) == {
        "what", "is", "the", "mass", "price", "of",
        "what is", "is the", "the mass", "the price", "mass of", "price of",
    }  # fmt: skip
    anything = np.ones(8)
    assert likeness("what is the price of gold", anything, model) < 0
    assert likeness("what is the mass of gold", anything, model) > 0


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("How fast do electrons drift at 500 V/cm?", "How fast can a cheetah run?"),
        ("Which wires does MicroBooNE have?", "Who is the spokesperson of MicroBooNE?"),
        ("Why was argon chosen as the target medium?", "Why was the director dismissed?"),
    ],
)
def test_the_shipped_corpus_is_asked_about_some_things(
    inside: str, outside: str, shipped: KnowledgeSettings
) -> None:
    index = open_index(SHIPPED_COLLECTION, shipped)
    assert gather(inside, index, 1).alike > gather(outside, index, 1).alike + 1
