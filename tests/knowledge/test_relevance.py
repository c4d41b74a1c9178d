"""What the best passages lack of a question."""

from __future__ import annotations

import pytest

from knowledge.ranking import find
from knowledge.relevance import Support, focus_terms
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index


def _support(question: str, settings: KnowledgeSettings) -> Support:
    return find(question, open_index(SHIPPED_COLLECTION, settings), 30)[1]


@pytest.mark.parametrize("other", ["tungsten", "germanium", "lithium"])
def test_another_material_is_noticed(other: str, shipped: KnowledgeSettings) -> None:
    assert _support(f"What is the radiation length of {other}?", shipped).other_matter == 1.0
    assert _support("What is the radiation length of argon?", shipped).other_matter == 0.0


@pytest.mark.parametrize("other", ["lead", "water", "rock"])
def test_another_object_is_noticed(other: str, shipped: KnowledgeSettings) -> None:
    assert _support(f"What is the dielectric constant of {other}?", shipped).other_object == 1.0
    assert _support("Which errors lead to this?", shipped).other_object == 0.0
    assert _support("How much rock lies above the far detector?", shipped).other_object == 0.0


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("How many users has it?", "user"),
        ("which language is it written in", "languag"),
        ("What is the salary of a postdoc?", "salari"),
        ("Why does it drift?", None),
    ],
)
def test_focus_of_a_question(question: str, focus: str | None) -> None:
    assert next(iter(focus_terms(question)), None) == focus


def test_a_focus_that_no_passage_has_counts(shipped: KnowledgeSettings) -> None:
    assert _support("How many citations does the DUNE TDR have?", shipped).focus > 0.3
    assert _support("How many wires does MicroBooNE have?", shipped).focus == 0.0
