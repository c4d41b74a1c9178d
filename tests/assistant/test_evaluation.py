"""The checker of conversations, and the shipped conversations themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.answer import Answer, Step
from assistant.assistant import Assistant
from assistant.conversations import (
    QUESTIONS,
    SAMPLE,
    Conversation,
    Turn,
    check_turn,
    expected_indices,
    load_questions,
)
from assistant.evaluation import hold_all, paraphrase, report
from nulens.errors import FormatError

HELD_OUT = Path(__file__).parent / "data" / "heldout.jsonl"


def answer(tool: str, indices: list[int] | None, **arguments: object) -> Answer:
    return Answer("It is 5 cm.", [Step(tool, dict(arguments), indices, {}, 0.0)])


def test_what_a_turn_names_must_hold(assistant: Assistant) -> None:
    events = assistant.events
    turn = Turn(
        "?", ["classify_events"], indices="-3:", arguments={"model": "cnn"}, contains=["cm"]
    )
    good = answer("classify_events", [45, 46, 47], model="cnn")
    assert check_turn(turn, good, events) == []
    assert check_turn(turn, answer("classify_events", [45, 46], model="cnn"), events)
    assert check_turn(turn, answer("classify_events", [45, 46, 47], model="vit"), events)
    assert check_turn(turn, answer("display_event", [45, 46, 47], model="cnn"), events)
    assert check_turn(Turn("?", [], abstain=True), good, events)
    assert check_turn(Turn("?", contains=["kg"]), good, events)
    assert check_turn(Turn("?"), Answer("7", unsupported=["7"]), events)


def test_a_refusal_holds_no_result(assistant: Assistant) -> None:
    turn = Turn("?", refused=True)
    read = Step("search_knowledge", {}, None, {"found": True}, 0.0)
    failed = Step("display_event", {}, None, {"error": "There is no event 900."}, 0.0)
    assert check_turn(turn, Answer("Which one?"), assistant.events) == []
    assert check_turn(turn, Answer("No.", [read, failed]), assistant.events) == []
    assert check_turn(turn, answer("display_event", [3]), assistant.events)
    assert Conversation("x", "", [turn]).kind == "declined"


def test_tools_must_come_in_order(assistant: Assistant) -> None:
    steps = [Step(t, {}, None, {}, 0.0) for t in ("select_events", "display_event")]
    both = Answer("", steps)
    assert check_turn(Turn("?", ["select_events", "display_event"]), both, assistant.events) == []
    assert check_turn(Turn("?", ["display_event", "select_events"]), both, assistant.events)


def test_cuts_are_resolved_on_the_events(assistant: Assistant) -> None:
    assert expected_indices("truth==nc", assistant.events) == list(range(12))
    assert expected_indices("0:2", assistant.events) == [0, 1]


def test_conversations_are_held_and_counted(assistant: Assistant, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    shown = {"tools": ["display_event"]}
    lines = [
        {"id": "good", "data": "", "turns": [{"ask": "Show event 3", "indices": "3:4", **shown}]},
        {"id": "bad", "data": "", "turns": [{"ask": "Show event 3", "tools": ["classify_events"]}]},
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(line) for line in lines))
    outcomes = hold_all(load_questions(path), lambda _: assistant, verify=True)
    found = report(outcomes, [outcomes])
    assert (found.passed, found.total, found.passed_every_time) == (1, 2, 1)
    assert found.by_tool == {"display_event": (1, 1), "classify_events": (0, 1)}
    assert "| all | 1 | 2 | 50.0 % |" in found.markdown("Small")
    assert "disagreeing: 0" in found.markdown("Small")
    assert found.recomputed == found.numerals > 0
    assert assistant.sessions() == []


def test_a_bad_line_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": 1}')
    with pytest.raises(FormatError, match="line 1"):
        load_questions(path)


def test_paraphrases_keep_numbers_and_names() -> None:
    question = "Classify events 10 to 19 with the CNN"
    for seed in range(20):
        changed = paraphrase(question, seed).lower()
        assert "10 to 19" in changed
        assert "cnn" in changed


def test_shipped_conversations_are_whole() -> None:
    tuned, unseen = (load_questions(QUESTIONS / f"{n}.jsonl") for n in ("tuned", "unseen"))
    assert len(tuned) + len(unseen) >= 250
    assert len(unseen) >= 100
    asked = [c.turns[0].ask for c in (*tuned, *unseen)]
    assert not {c.id for c in tuned} & {c.id for c in unseen}
    assert len(asked) > 250


def test_held_out_conversations_are_whole() -> None:
    held = load_questions(HELD_OUT)
    kinds = [c.kind for c in held]
    assert len({c.id for c in held}) == len(held) >= 220
    assert kinds.count("multi-turn") >= 55
    assert kinds.count("declined") >= 25
    asked = {t.ask for c in held for t in c.turns}
    public = {
        t.ask
        for n in ("tuned", "unseen")
        for c in load_questions(QUESTIONS / f"{n}.jsonl")
        for t in c.turns
    }
    assert not asked & public


def test_expected_selections_hold_on_the_bundled_sample() -> None:
    from assistant.sample import open_or_sample

    events = open_or_sample(None)
    specs = [t.indices for c in load_questions(HELD_OUT) if c.data == SAMPLE for t in c.turns]
    found = [expected_indices(s, events) for s in specs if s is not None]
    assert found
    assert all(found)
