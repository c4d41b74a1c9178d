"""A quick pattern finds and replaces what the plain expression does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.patterns import Pattern

_PARTS = ["x", "0", " ", "nu", "nue", "_", "boone", "mu", "u", "%", "delta", "m2", "how fast", "!"]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bx ?_?0\b",
        r"\bnu ?_?e(?:'?s)?\b|\bnues\b",
        r"\b(?:u|mu) ?boone\b",
        r"\bdelta ?m ?\^?2? ?_?(21|31)?\b",
        r"\bper ?cent\b|%",
        r"\b(?:how fast|speed of) [a-z ]{0,20}mu",
        r"\bm_a\b",
    ],
)
@given(text=st.lists(st.sampled_from(_PARTS), max_size=8).map("".join))
def test_quick_and_plain_agree(pattern: str, text: str) -> None:
    quick, plain = Pattern(pattern), re.compile(pattern)
    assert quick.found_in(text) == (plain.search(text) is not None)
    assert quick.replaced_in(text, "<>") == plain.sub("<>", text)
