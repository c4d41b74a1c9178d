"""What kind of answer a question wants."""

from __future__ import annotations

import pytest

from knowledge.answer_types import answer_type


@pytest.mark.parametrize(
    ("question", "kind", "answer", "no_answer"),
    [
        ("How far does a gamma go?", "length", "It converts after 18 cm.", "It converts late."),
        ("What is the lifetime of the muon?", "duration", "It lives 2.2 us.", "It decays."),
        ("how heavy is the liquid", "mass", "It has 1.396 g/cm3.", "It is dense."),
        ("How fast do electrons drift?", "speed", "At 1.6 mm/us.", "At 500 V/cm."),
        ("Peak energy of the beam", "energy", "It peaks at 2.5 GeV.", "It peaks."),
        ("What share is lost?", "share", "About 30 % are lost.", "Some are lost."),
        ("Which company made it?", "company", "A firm in Italy did.", "It was made in 2010."),
        ("On what date was it filled?", "date", "It was filled in 2015.", "It was filled."),
        ("which licence is it under?", "licence", "It is under the MIT licence.", "It is old."),
        ("What did it cost?", "price", "It cost 3 million dollars.", "It was large."),
    ],
)
def test_kinds(question: str, kind: str, answer: str, no_answer: str) -> None:
    wanted = answer_type(question)
    assert wanted is not None
    assert wanted[0] == kind
    assert wanted[1].search(answer)
    assert not wanted[1].search(no_answer)


def test_a_question_why_wants_no_kind() -> None:
    assert answer_type("Why is argon used?") is None
