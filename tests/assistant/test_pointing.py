"""What a turn points back at: places in a listing, earlier selections, parts of one turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from assistant.planner.chat_model import respond
from assistant.planner.corrections import without_lead
from assistant.planner.dialogue import CONTEXT, read_dialogue
from assistant.planner.plan import Plan, make_plan


def hold(*turns: tuple[str, list[int]], then: str) -> Plan:
    """Plan the turn `then` after turns whose last steps left these events selected."""
    messages: list[BaseMessage] = [SystemMessage(CONTEXT + json.dumps({"events": 400}))]
    for number, (question, selected) in enumerate(turns):
        messages.append(HumanMessage(question))
        for i, call in enumerate(make_plan(read_dialogue(messages)).calls):
            key = f"{number}-{i}"
            wanted = {"name": call.tool, "args": call.arguments, "id": key}
            messages.append(AIMessage("", tool_calls=[wanted]))
            found = json.dumps({"selected": selected, "found": True, "summary": "done"})
            messages.append(ToolMessage(found, tool_call_id=key))
        messages.append(AIMessage("done."))
    return make_plan(read_dialogue([*messages, HumanMessage(then)]))


def events(plan: Plan) -> list[tuple[str, Any]]:
    return [(c.tool, c.arguments.get("events")) for c in plan.calls]


MISTAKES = ("the four worst mistakes of the cnn", [40, 7, 99, 12])


@pytest.mark.parametrize(
    ("then", "tool", "meant"),
    [
        ("explain the second worst one", "explain_event", "7:8"),
        ("show me the last of them", "display_event", "12:13"),
        ("show the first two", "display_event", "[40, 7]"),
        ("draw the worst one", "display_event", "40:41"),
        ("and the third?", "display_event", "99:100"),
        ("classify all four with the vit", "classify_events", "@last"),
    ],
)
def test_places_in_a_listing(then: str, tool: str, meant: str) -> None:
    assert events(hold(MISTAKES, then=then)) == [(tool, meant)]


@pytest.mark.parametrize(
    ("then", "tool", "meant"),
    [
        ("show the other three", "display_event", "[40, 99, 12]"),
        ("classify them with the vlm", "classify_events", "[40, 7, 99, 12]"),
        ("mask its shower", "probe_event", "@last"),
        ("explain the fourth", "explain_event", "12:13"),
    ],
)
def test_a_listing_after_one_of_its_events(then: str, tool: str, meant: str) -> None:
    seen = ("show the second one", [7])
    assert events(hold(MISTAKES, seen, then=then)) == [(tool, meant)]


NEUTRAL = ("select NC events above 5 GeV", [3, 8, 21])
CUT = "energy > 5 and truth == nc"


def test_an_earlier_selection_is_found_again() -> None:
    looked = ("explain event 30", [30])
    plan = hold(NEUTRAL, looked, then="back to that selection: how many have a proton?")
    assert plan.calls[0].arguments["events"] == CUT
    assert plan.calls[1].arguments["where"] == "protons > 0"
    muons = ("select numu events above 5 GeV", [1, 2])
    plan = hold(NEUTRAL, muons, then="mean energy of the first selection")
    assert events(plan) == [("aggregate_statistics", CUT)]
    plan = hold(NEUTRAL, ("with a proton", [8, 21]), then="undo that")
    assert events(plan) == [("select_events", CUT)]


def test_the_rest_is_what_a_narrowing_left_out() -> None:
    run = ("classify events 0 to 9 with the cnn", list(range(10)))
    narrowed = ("which of them are NC?", [2, 5])
    plan = hold(run, narrowed, then="what are the others called?")
    assert events(plan)[-1][1] == "0:10 and not (0:10 and label_cnn == nc)"


def test_a_share_leaves_the_whole_to_the_next_classifier() -> None:
    share = ("what fraction of them does the cnn call NC?", [3])
    plan = hold(NEUTRAL, share, then="and the vit?")
    assert events(plan) == [("classify_events", CUT), ("aggregate_statistics", "@last")]
    assert [c.arguments["model"] for c in plan.calls] == ["vit", "vit"]


@pytest.mark.parametrize(
    ("said", "meant", "takes_back"),
    [
        ("hmm, no, i meant the vit", "the vit", True),
        ("ok, the vit", "the vit", False),
        ("oops wrong one: 78", "event 78", True),
        ("make that 30", "30", True),
        ("mean energy", "mean energy", False),
        ("i said 30 to 39 but i need 130 to 139", "130 to 139", True),
    ],
)
def test_leads_of_corrections(said: str, meant: str, takes_back: bool) -> None:
    assert without_lead(said) == (meant, takes_back)


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        (
            "classify events 0-20 and list the ones it calls nue",
            [("classify_events", "0:21"), ("select_events", "@last and label == nue_cc")],
        ),
        ("explain events 12 and 13", [("explain_event", "12:13"), ("explain_event", "13:14")]),
        (
            "compare cnn and vit on nue and then on numu",
            [
                ("compare_classifiers", "truth == nue_cc"),
                ("compare_classifiers", "truth == numu_cc"),
            ],
        ),
        (
            "show event 9; classify it; find three like it",
            [
                ("display_event", "9:10"),
                ("classify_events", "@last"),
                ("find_similar_events", "@last"),
            ],
        ),
    ],
)
def test_every_part_of_a_turn_is_done(asked: str, made: list[tuple[str, str]]) -> None:
    assert events(hold(then=asked)) == made


def test_each_threshold_is_a_number_of_its_own() -> None:
    plan = hold(then="purity of NC at 0.5, 0.7 and 0.9 with the vit")
    assert [c.arguments["cut"] for c in plan.calls] == [0.5, 0.7, 0.9]
    assert {c.arguments["model"] for c in plan.calls} == {"vit"}


def test_a_part_that_is_not_done_is_named() -> None:
    plan = hold(then="show event 30, and what is the weather like in Rome?")
    assert events(plan) == [("display_event", "30:31")]
    said = [SystemMessage(CONTEXT + '{"events": 400}')]
    question = HumanMessage("show event 30, and what is the weather like in Rome?")
    call = AIMessage("", tool_calls=[{"name": "display_event", "args": {}, "id": "a"}])
    done = ToolMessage(json.dumps({"summary": "Event 30."}), tool_call_id="a")
    text = str(respond([*said, question, call, done]).text)
    assert text.startswith("Event 30.")
    assert "I did not do one part of this: “what is the weather like in rome" in text


@pytest.mark.parametrize(
    "asked", ["how sure are you of that number?", "where does that come from?"]
)
def test_questions_about_the_answer_run_its_steps_again(asked: str) -> None:
    before = ("purity of numu at 0.8 for the cnn", [1, 2, 3])
    plan = hold(before, then=asked)
    assert [c.arguments for c in plan.calls] == [c.arguments for c in hold(then=before[0]).calls]


TEN = ("classify events 260 to 269", list(range(260, 270)))
SINGLES = (("classify event 100", [100]), ("and event 101?", [101]))


@pytest.mark.parametrize(
    ("before", "then", "made"),
    [
        # Named as well as pointed at, several looked at one by one, verdicts of another model.
        (
            (TEN,),
            "and the ViT, what does it say about the same ten, 260 to 269?",
            [("classify_events", "260:270")],
        ),
        (SINGLES, "both of them also with the cnn network", [("classify_events", "[100, 101]")]),
        (
            (("show event 250", [250]), ("what is it in truth, which class?", [250])),
            "is that also what the cnn says?",
            [("classify_events", "@last")],
        ),
        ((TEN,), "would the cnn classify them correctly?", [("classify_events", "@last")]),
        (SINGLES, "which of the two has more hits?", [("select_events", "[100, 101]")]),
        ((TEN,), "split those by flavour", [("aggregate_statistics", "@last")]),
        ((MISTAKES,), "the first of this list: why so?", [("explain_event", "40:41")]),
    ],
)
def test_going_on_from_results(
    before: tuple[tuple[str, list[int]], ...], then: str, made: list[tuple[str, str]]
) -> None:
    assert events(hold(*before, then=then)) == made
