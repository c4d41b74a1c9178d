"""Every numeral of a text against steps and passages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.answer import Citation, Step
from assistant.grounding import MARK, ground, mark, numerals
from assistant.tools.explain_event import Claim, _measured


def step(**result: Any) -> Step:
    return Step("a_tool", {}, [3, 4, 5], result, 0.1)


def unsupported(text: str, *steps: Step, citations: tuple[Citation, ...] = ()) -> list[str]:
    return ground(text, steps, citations)[1]


@pytest.mark.parametrize(
    "text",
    [
        "The accuracy is 93.2 % (91.8–94.5 %).",
        "It is 0.93.",
        "About 93 percent.",
        "Event 3 and the 5th event.",
        "3 events.",
        "A mean of 2.5 GeV, or 2500 MeV.",
        "It differs by 5.9 percentage points.",
    ],
)
def test_rounded_numbers_are_found(text: str) -> None:
    one = step(value=0.9318, low=0.9181, high=0.9449, energy_mean=2.4999, difference=-0.0588)
    assert unsupported(text, one) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("The accuracy is 94.2 %.", ["94.2 %"]),
        ("Event 7 is meant.", ["7"]),
        ("A mean of 2.5 MeV.", ["2.5 MeV"]),
        ("0.932 of 17 events.", ["17"]),
        ("ninety-seven of them", ["ninety-seven"]),
        ("1.2e-3 of all", ["1.2e-3"]),
    ],
)
def test_other_numbers_are_not(text: str, missing: list[str]) -> None:
    assert unsupported(text, step(value=0.9318, energy_mean=2.4999)) == missing


def test_names_are_no_numerals() -> None:
    text = "ViT-h/14, π0, argon-40, SmolLM2-135M, 2x2, K0S [1]"
    assert [n.text for n in numerals(text) if n.text not in ("14", "40")] == []


def test_passages_support_what_they_say() -> None:
    cited = Citation("argon", "Radiation", 12, "The radiation length is 14.0 cm.")
    assert unsupported("It is 14.0 cm (page 12).", citations=(cited,)) == []
    assert unsupported("It is 18 cm.", citations=(cited,)) == ["18 cm"]


def test_summaries_support_nothing() -> None:
    assert unsupported("It is 0.5.", step(summary="It is 0.5.")) == ["0.5"]


def test_marks_stand_behind_the_numeral() -> None:
    assert mark("There are 7 of 9.", ["7"]) == f"There are 7 {MARK} of 9."


@given(st.floats(min_value=1e-3, max_value=1e4), st.integers(min_value=0, max_value=5))
def test_any_rounding_of_a_result_is_found(value: float, decimals: int) -> None:
    assert unsupported(f"It is {value:.{decimals}f}.", step(value=value)) == []


@given(st.floats(0, 1e4))
@example(383.9502)
def test_what_is_measured_beside_a_claim_is_rounded_once(length: float) -> None:
    claim = Claim(
        claim="It is long.",
        quantity="longest_track_cm",
        claimed=1.0,
        measured=length,
        unit="cm",
        score=0.0,
    )
    assert unsupported(_measured(claim), step(claims=[claim.model_dump()])) == []
