"""What a turn means after another: cuts taken away, statistics by sound, verdicts alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from assistant.planner.cuts import apart
from assistant.planner.dialogue import CONTEXT, read_dialogue
from assistant.planner.fit_intents import examples
from assistant.planner.intent_model import intent_points, likely_statistic
from assistant.planner.lifted_cuts import without_cuts
from assistant.planner.plan import Plan, make_plan
from assistant.planner.slots import read_slots
from assistant.planner.text import normalise

_QE = "energy < 2 and mode == qe and truth == numu_cc"


def plan(*turns: str, selected: tuple[int, ...] = (3, 7, 9)) -> Plan:
    """Plan the last of some turns; each earlier call has found the events `selected`."""
    messages: list[BaseMessage] = [SystemMessage(CONTEXT + json.dumps({"events": 400}))]
    last = Plan()
    for number, turn in enumerate(turns):
        messages.append(HumanMessage(turn))
        last = make_plan(read_dialogue(messages))
        for i, call in enumerate(last.calls):
            key = f"{number}-{i}"
            made = {"name": call.tool, "args": call.arguments, "id": key}
            messages.append(AIMessage("", tool_calls=[made]))
            found = {"selected": selected} if "events" in call.arguments else {"found": True}
            messages.append(ToolMessage(json.dumps(found), tool_call_id=key))
        messages.append(AIMessage("done."))
    return last


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("same without the last cut", "mode == qe and truth == numu_cc"),
        ("forget the energy cut", "mode == qe and truth == numu_cc"),
        ("all modes", "energy < 2 and truth == numu_cc"),
        ("whatever the flavour", "energy < 2 and mode == qe"),
        ("classify event 5", _QE),
    ],
)
def test_cuts_are_taken_away(said: str, left: str) -> None:
    asked = "select numu QE events under 2 GeV"
    assert without_cuts(_QE, normalise(said), asked) == left


def test_bounds_that_nothing_meets_together_are_alternatives() -> None:
    assert apart(["energy > 30", "energy < 2"]) == ["energy < 2 or energy > 30"]
    assert apart(["energy > 2", "energy < 30"]) == ["energy > 2", "energy < 30"]


@pytest.mark.parametrize(
    ("turns", "tool", "wanted"),
    [
        (["purity?", "for nue"], "aggregate_statistics", {"events": "all", "target": "nue_cc"}),
        (
            [
                "VLM against CNN on nutau",
                "all the antineutrinos in the sample, whatever the flavour",
            ],
            "compare_classifiers",
            {"events": "nu_pdg < 0", "models": ["vlm", "cnn"]},
        ),
        (
            ["efficiency of nue at a cut of 0.6", "what would that be if I tightened it to 0.85?"],
            "aggregate_statistics",
            {"events": "all", "target": "nue_cc", "cut": 0.85},
        ),
        (
            ["compare cnn and vlm on events 0-39", "oops, I meant the vit rather than the cnn"],
            "compare_classifiers",
            {"events": "0:40", "models": ["vit", "vlm"]},
        ),
        (
            ["mean energy of nue", "Restrict that last one to quasi-elastic"],
            "aggregate_statistics",
            {"events": "truth == nue_cc and mode == qe", "column": "energy"},
        ),
        (
            ["Give me a cut on p_nue with 95% purity", "what efficiency is left?"],
            "aggregate_statistics",
            {"statistic": "efficiency", "target": "nue_cc", "at": 0.95},
        ),
        (
            ["How does accuracy change with energy for the CNN?", "which bin is worst?"],
            "aggregate_statistics",
            {"statistic": "accuracy", "model": "cnn", "by": "energy"},
        ),
        (
            ["list nue above 8 GeV", "raise the cut to 12"],
            "select_events",
            {"events": "energy > 12 and truth == nue_cc"},
        ),
        (
            ["energy histogram of nutau", "hmm the bins look odd, use 5 GeV wide bins"],
            "aggregate_statistics",
            {"events": "truth == nutau_cc", "bin_width": 5.0},
        ),
        (
            ["count nc with pi0", "and with charged pions instead"],
            "aggregate_statistics",
            {"events": "truth == nc and charged_pions > 0"},
        ),
        (
            ["mean energy of numu", "for QE", "with at least one proton instead of QE"],
            "aggregate_statistics",
            {"events": "truth == numu_cc and protons > 0"},
        ),
        (
            ["energy histogram of nue", "now QE only", "drop the QE requirement"],
            "aggregate_statistics",
            {"events": "truth == nue_cc"},
        ),
        (
            ["how many events in 3-4 GeV", "and above that"],
            "aggregate_statistics",
            {"events": "energy > 4"},
        ),
        (
            ["purity of nue at 90% efficiency", "80"],
            "aggregate_statistics",
            {"events": "all", "at": 0.8},
        ),
        (
            ["accuracy on the first 50 events", "oh I meant the last 50"],
            "aggregate_statistics",
            {"events": "-50:"},
        ),
        (
            ["confusion matrix of the vit", "without DIS", "only DIS then"],
            "aggregate_statistics",
            {"events": "mode == dis"},
        ),
        (
            ["numu purity", "at 90 % efficiency"],
            "aggregate_statistics",
            {"statistic": "purity", "at": 0.9},
        ),
        (
            ["compare vlm and cnn on NC", "below 3"],
            "compare_classifiers",
            {"events": "truth == nc and energy < 3"},
        ),
        (
            ["compare vlm and cnn on DIS", "on how many do they disagree?"],
            "select_events",
            {"events": "@differ"},
        ),
        (
            ["numu CC, 1-3 GeV", "up to 5 GeV"],
            "select_events",
            {"events": "energy >= 1 and energy <= 5 and truth == numu_cc"},
        ),
        (
            ["classify 10 to 19", "same w/o event 12"],
            "classify_events",
            {"events": "10:20 and not 12:13"},
        ),
        (["find 3 events like 33", "what about 34"], "find_similar_events", {"events": "34:35"}),
        (["classify events 0-9", "how many came out as nue"], "aggregate_statistics", {}),
        (["drop view Z in event 31", "U?"], "probe_event", {"views": ["U"]}),
        (
            ["what does the vit say of event 41 at a quarter of the resolution?", "And by eight?"],
            "probe_event",
            {"events": "41:42", "change": "resolution", "factor": 8, "model": "vit"},
        ),
        (
            ["lower the resolution of event 41 by 4", "And what about the V view gone?"],
            "probe_event",
            {"change": "drop_views", "views": ["V"]},
        ),
        (
            ["purity of the vit for numu at 0.8", "swap in the VLM"],
            "aggregate_statistics",
            {"model": "vlm", "target": "numu_cc", "cut": 0.8},
        ),
        (
            ["do ViT and VLM agree on nue events?", "throw in the CNN"],
            "compare_classifiers",
            {"events": "truth == nue_cc", "models": ["vit", "vlm", "cnn"]},
        ),
        (
            ["nue efficiency of the cnn by energy", "now purity"],
            "aggregate_statistics",
            {"statistic": "purity", "by": "energy", "target": "nue_cc", "model": "cnn"},
        ),
        (
            ["Compare the ViT and the CNN on QE events", "which of the two is better calibrated?"],
            "aggregate_statistics",
            {"events": "@last", "statistic": "calibration", "model": "cnn"},
        ),
        (
            ["histogram the energies of NC events, 15 bins", "twice as many bins"],
            "aggregate_statistics",
            {"events": "truth == nc", "bins": 30},
        ),
        (
            ["how many nue events above 5 GeV are there", "how many below"],
            "aggregate_statistics",
            {"events": "energy <= 5 and truth == nue_cc"},
        ),
        (
            ["events between 0.8 and 1.2 GeV", "move the upper edge to 1.5 GeV"],
            "select_events",
            {"events": "energy >= 0.8 and energy <= 1.5"},
        ),
        (["events 5, 15 and 25 with the CNN", "drop 5"], "classify_events", {"model": "cnn"}),
        (
            ["classify 5-9 with the cnn", "oops, 45-49, not 5-9"],
            "classify_events",
            {"events": "45:50", "model": "cnn"},
        ),
        (
            ["purity of the cnn's nc above 0.7", "and without the cut?"],
            "aggregate_statistics",
            {"statistic": "purity", "target": "nc", "cut": None},
        ),
        (
            ["accuracy of the vlm, 90 % interval", "and 99?"],
            "aggregate_statistics",
            {"events": "all", "level": 0.99},
        ),
        (
            ["compare the vlm and the cnn on events 3 to 20", "replace the vlm by the vit"],
            "compare_classifiers",
            {"models": ["vit", "cnn"]},
        ),
        (
            ["accuracy of the cnn by energy", "and on the interaction mode?"],
            "aggregate_statistics",
            {"statistic": "accuracy", "by": "mode"},
        ),
        (
            ["roc of the vit for nue", "what does purity mean?", "ok, roc for the cnn"],
            "aggregate_statistics",
            {"statistic": "roc", "target": "nue_cc", "model": "cnn"},
        ),
        (
            [
                "classify events 3, 7 and 9 with the vit",
                "What happens in deep inelastic scattering?",
            ],
            "search_knowledge",
            {},
        ),
        (
            ["show events 3, 7 and 9", "classify all but the first with the cnn"],
            "classify_events",
            {"events": "[7, 9]"},
        ),
        (
            ["how many true numu have no proton?", "as a percentage of the numu?"],
            "aggregate_statistics",
            {"events": "truth == numu_cc", "where": "protons == 0"},
        ),
        (
            ["purity of the vit's nue above 0.5", "What would the CNN give there?"],
            "aggregate_statistics",
            {"statistic": "purity", "model": "cnn", "cut": 0.5},
        ),
        (
            ["the five events most like 12", "search only among the true NC"],
            "find_similar_events",
            {"events": "12:13", "among": "truth == nc"},
        ),
    ],
)
def test_a_turn_changes_what_it_names(turns: list[str], tool: str, wanted: dict[str, Any]) -> None:
    call = plan(*turns).calls[-1]
    assert call.tool == tool
    assert {k: call.arguments.get(k) for k in wanted} == wanted


def test_selections_of_one_letter() -> None:
    named = ("remember events 50 to 70 as A", "and 150 to 170 as B")
    assert plan(*named).calls[-1].arguments["name"] == "b"
    calls = plan(*named, "accuracy of the cnn on A and B").calls
    assert sorted(c.arguments["events"] for c in calls) == ["@a", "@b"]
    assert plan(*named, "draw a histogram").calls[-1].arguments["events"] != "@a"


@pytest.mark.parametrize(
    ("said", "events"),
    [
        (
            "events where only the VLM is right",
            "correct_vlm == true and correct_vit == false and correct_cnn == false",
        ),
        (
            "true nue that both the CNN and the ViT call NC",
            "truth == nue_cc and label_cnn == nc and label_vit == nc",
        ),
        ("events with a proton and a neutron", "protons > 0 and neutrons > 0"),
    ],
)
def test_what_several_classifiers_say_alike(said: str, events: str) -> None:
    (call,) = plan(said).calls
    assert (call.tool, call.arguments["events"]) == ("select_events", events)


def test_statistics_are_told_by_how_they_sound() -> None:
    text = normalise("rate the CNN on true nue")
    assert likely_statistic(text, read_slots(text, n=400), None) == "accuracy"
    said = "mean energy, the confusion matrix and the accuracy of the cnn on DIS events"
    found = [c.arguments["statistic"] for c in plan(said).calls]
    assert found == ["mean", "confusion_matrix", "accuracy"]


def test_what_was_called_before_counts() -> None:
    text, slots = normalise("and the shower?"), read_slots("and the shower?", n=400)
    points = {b: intent_points(text, slots, b) for b in ("probe_event", "explain_event")}
    for before, found in points.items():
        assert max(found, key=lambda tool: found[tool]) == before


def test_examples_name_what_they_follow() -> None:
    found = examples()
    assert sum(e.before is not None for e in found) > 1000
    assert {e.intent.split()[0] for e in found if e.before} >= {"explain_event", "decline"}


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("Show event -3", "negative"),
        ("which models do you have?", "models"),
        ("why?", "which_event"),
    ],
)
def test_what_is_answered_without_a_tool(said: str, reply: str) -> None:
    found = plan(said)
    assert (found.reply, found.calls) == (reply, [])


@pytest.mark.parametrize(
    "said", ["how many protons does event 12 have", "is event 12 QE?", "does event 12 have a pi0?"]
)
def test_the_truth_of_one_event_is_on_record(said: str) -> None:
    (call,) = plan(said).calls
    assert (call.tool, call.arguments) == ("describe_dataset", {"events": "12:13"})


@pytest.mark.parametrize(
    ("turns", "tool", "wanted"),
    [
        (
            ("How pure is the nue selection above 0.9? 90 % CL please",),
            "aggregate_statistics",
            {"statistic": "purity", "cut": 0.9, "level": 0.9},
        ),
        (
            ("efficiency of nue at 0.8 with the cnn", "purity at the same working point?"),
            "aggregate_statistics",
            {"statistic": "purity", "cut": 0.8, "model": "cnn"},
        ),
        (
            ("sort the nue events by energy", "top 5 only"),
            "select_events",
            {"events": "truth == nue_cc", "sort_by": "energy", "limit": 5},
        ),
        (
            ("mean lepton energy of the numu below 5 GeV",),
            "aggregate_statistics",
            {"events": "energy < 5 and truth == numu_cc", "column": "lepton_energy"},
        ),
        (
            ("How often does the CNN take a nue for an NC?",),
            "aggregate_statistics",
            {"events": "truth == nue_cc", "where": "label == nc"},
        ),
        (
            ("What is a Michel electron?", "How much energy can it have at most?"),
            "search_knowledge",
            {},
        ),
        (("explain event 12", "Is a 3 cm gap consistent with a photon?"), "search_knowledge", {}),
        (
            ("classify events 5 to 10", "is the cnn calibrated?"),
            "aggregate_statistics",
            {"events": "all", "statistic": "calibration"},
        ),
        (("What if view Q of event 10 were missing?",), "probe_event", {"views": ["Q"]}),
    ],
)
def test_what_qualifies_continues_or_stands_alone(
    turns: tuple[str, ...], tool: str, wanted: dict[str, Any]
) -> None:
    call = plan(*turns).calls[-1]
    assert call.tool == tool
    assert wanted.items() <= call.arguments.items()


def test_the_verdict_on_the_event_at_hand_is_asked_for() -> None:
    (call,) = plan("show event 12", "does the CNN get it right?", selected=(12,)).calls
    assert (call.tool, call.arguments["model"]) == ("classify_events", "cnn")
    (shown,) = plan("pictures of the first six numu events", "show those").calls[-1:]
    assert shown.tool == "display_event"
