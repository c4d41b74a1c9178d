"""What the parser makes of questions: selections, ranges, classes, tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from assistant.planner.chat_model import EmbeddedChatModel, respond
from assistant.planner.clauses import split
from assistant.planner.dialogue import CONTEXT, read_dialogue
from assistant.planner.plan import make_plan
from assistant.planner.remarks import what_is_asked
from assistant.planner.slots import read_slots
from assistant.planner.text import edit_distance, normalise


def plan(*turns: str, selected: list[int] | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Plan the last of some turns, the earlier ones having found the events `selected`."""
    messages: list[BaseMessage] = [SystemMessage(CONTEXT + json.dumps({"events": 400}))]
    calls = []
    for number, turn in enumerate(turns):
        messages.append(HumanMessage(turn))
        calls = [(c.tool, c.arguments) for c in make_plan(read_dialogue(messages)).calls]
        for i, (tool, arguments) in enumerate(calls):
            key = f"{number}-{i}"
            messages.append(
                AIMessage("", tool_calls=[{"name": tool, "args": arguments, "id": key}])
            )
            found = json.dumps({"selected": selected or []})
            messages.append(ToolMessage(found, tool_call_id=key))
        messages.append(AIMessage("done."))
    return calls


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("the first twenty νe events", "the first 20 nue events"),
        ("one hundred and five", "105"),
        ("events three and five", "events 3 and 5"),
        ("a dozen ν_μ CC", "12 numu cc"),
        ("$\\nu_e$ and ν_τ", "nue and nutau"),
        ("which one is it", "which one is it"),
        ("1,000 events", "1000 events"),
        ("Clasify teh evnts", "classify the events"),
    ],
)
def test_normalise(written: str, read: str) -> None:
    assert normalise(written) == read


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("I'm new here. Classify event 5.", "classify event 5."),
        ("I think the VLM is overconfident, so plot its calibration", "plot the vlm's calibration"),
        ("my student likes event 87. can you show it?", "can you show event 87?"),
        ("list the NC events, because I want to scan them tonight.", "list the nc events."),
        ("keep the QE as quiet, need them later", "keep the qe as quiet"),
        ("I only want events above 3 GeV.", "i only want events above 3 gev."),
        (
            "people worry about numu. Give me the purity for the CNN",
            "give me the purity for the cnn of numu",
        ),
    ],
)
def test_what_only_tells_is_set_aside(said: str, asked: str) -> None:
    assert what_is_asked(normalise(said), 400) == asked


@given(st.text(alphabet="abcde", max_size=6), st.text(alphabet="abcde", max_size=6))
def test_edit_distance_is_symmetric_and_zero_only_for_the_same(a: str, b: str) -> None:
    assert edit_distance(a, b, 9) == edit_distance(b, a, 9)
    assert (edit_distance(a, b, 9) == 0) == (a == b)


@settings(deadline=None)  # the first plan compiles patterns
@given(st.text(max_size=200))
def test_any_text_can_be_planned(text: str) -> None:
    make_plan(read_dialogue([HumanMessage(text)]))


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("classify events 0 to 9", "0:10"),
        ("classify events 10-19", "10:20"),
        ("classify events 10..19", "10:20"),
        ("classify events 0:9", "0:9"),
        ("classify event number 7", "7:8"),
        ("classify events 3, 17 and 250", "[3, 17, 250]"),
        ("classify events 3-5 and 9", "3:6 or 9:10"),
        ("classify the last 5 events", "-5:"),
        ("classify the first two dozen events", "0:24"),
        ("classify every 10th event", "::10"),
        ("classify the second half of the data set", "200:400"),
        ("classify events above 20 GeV", "energy > 20"),
        ("classify events below 500 MeV", "energy < 0.5"),
        ("classify events with energies between 2 and 5 GeV", "energy >= 2 and energy <= 5"),
        ("classify the νe CC events of at least 3 GeV", "energy >= 3 and truth == nue_cc"),
        ("classify true numu events without protons", "protons == 0 and truth == numu_cc"),
        ("classify events with tracks longer than 1.5 m", "longest_track_cm > 150"),
        ("classify all events", "all"),
        ("classify one-proton events", "protons == 1"),
        ("classify numu 1p events", "protons == 1 and truth == numu_cc"),
        (
            "classify the CC0pi numu",
            "charged_pions == 0 and neutral_pions == 0 and truth == numu_cc",
        ),
        ("classify NC pi0 events", "neutral_pions > 0 and truth == nc"),
    ],
)
def test_selections(said: str, expression: str) -> None:
    assert plan(said) == [("classify_events", {"events": expression, "model": "vlm"})]


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ("true NC events that the CNN calls νe CC", [("nc", "true"), ("nue_cc", "predicted")]),
        ("νμ CC candidates", [("numu_cc", "predicted")]),
        ("the NC events", [("nc", None)]),
        ("events that are really NC", [("nc", "true")]),
        ("NC misidentified as electron neutrinos", [("nc", None), ("nue_cc", "predicted")]),
        ("classify the muon neutrino events", [("numu_cc", None)]),
    ],
)
def test_truth_and_verdict_are_told_apart(said: str, roles: list[tuple[str, str | None]]) -> None:
    assert [(c.name, c.role) for c in read_slots(normalise(said)).classes] == roles


@pytest.mark.parametrize(
    ("said", "tool", "wanted"),
    [
        ("Which networks disagree on events 5 to 8?", "compare_classifiers", {"events": "5:9"}),
        ("Is the ViT better than the CNN?", "compare_classifiers", {"models": ["vit", "cnn"]}),
        ("purity of the CNN nue sample above 0.9", "aggregate_statistics", {"cut": 0.9}),
        (
            "Which cut gives 90 % purity for nue CC with the CNN?",
            "aggregate_statistics",
            {"statistic": "efficiency", "target": "nue_cc", "at": 0.9},
        ),
        ("clasify 201,207,and 213 w/ VIT", "classify_events", {"events": "[201, 207, 213]"}),
        ("Let me see the pictures of the first six numu events", "select_events", {"limit": 6}),
        ("What kinds of event fake a nue CC signal?", "search_knowledge", {}),
        (
            "What is the highest energy in the file, and which event is it?",
            "select_events",
            {"sort_by": "energy", "limit": 1, "descending": True},
        ),
        ("ROC of the vit for NC", "aggregate_statistics", {"target": "nc", "statistic": "roc"}),
        ("three worst blunders of the CNN", "aggregate_statistics", {"top": 3}),
        ("Why is event 9 NC?", "explain_event", {"events": "9:10"}),
        ("Which events look like event 4?", "find_similar_events", {"events": "4:5"}),
        ("What if view U of event 4 were dead?", "probe_event", {"views": ["U"]}),
        ("Event 4 at a quarter of the resolution?", "probe_event", {"factor": 4}),
        ("How heavy is the muon?", "particle_properties", {"particle": "muon"}),
        ("What is a Michel electron?", "search_knowledge", {}),
        ("How often do all three coincide?", "compare_classifiers", {"events": "all"}),
        ("NC rejection of the cnn's nue selection", "aggregate_statistics", {"target": "nue_cc"}),
        ("mean energy of DIS and QE", "aggregate_statistics", {"by": "mode"}),
        ("What in the picture makes event 5 a nue?", "explain_event", {"events": "5:6"}),
    ],
)
def test_tools(said: str, tool: str, wanted: dict[str, Any]) -> None:
    called, arguments = plan(said)[0]
    assert called == tool
    assert {k: arguments[k] for k in wanted} == wanted


def test_several_requests_in_one_question() -> None:
    question = (
        "Classify the first 50 events with the CNN and show me the one it is least sure about"
    )
    assert [tool for tool, _ in plan(question)] == [
        "classify_events",
        "aggregate_statistics",
        "display_event",
    ]


def test_clauses_are_not_cut_inside_a_condition() -> None:
    assert split("select events that are nc and have 2 protons") == [
        "select events that are nc and have 2 protons"
    ]
    assert len(split("how many events are there, and what is the accuracy of the cnn?")) == 2


@pytest.mark.parametrize(
    ("turns", "tool", "wanted"),
    [
        (["Classify events 0 to 9", "and with the CNN?"], "classify_events", {"model": "cnn"}),
        (["Show event 4", "next one"], "display_event", {"events": "5:6"}),
        (["Show event 4", "why?"], "explain_event", {"events": "@last"}),
        (["Purity of NC at 0.8", "and at 0.9?"], "aggregate_statistics", {"cut": 0.9}),
        (["Mean energy of NC", "numu?"], "aggregate_statistics", {"events": "truth == numu_cc"}),
        (["Classify events 0 to 9", "and 10 to 19?"], "classify_events", {"events": "10:20"}),
        (["Explain event 4", "no, 14"], "explain_event", {"events": "14:15"}),
    ],
)  # fmt: skip
def test_follow_ups(turns: list[str], tool: str, wanted: dict[str, Any]) -> None:
    called, arguments = plan(*turns, selected=[4])[-1]
    assert called == tool
    assert {k: arguments[k] for k in wanted} == wanted


def test_the_least_follows_the_most_and_the_reference_is_remembered() -> None:
    ranked = plan("show me the most energetic NC event", "and the least energetic", selected=[4])
    assert [c[0] for c in ranked] == ["select_events", "display_event"]
    assert ranked[0][1]["descending"] is False
    found = plan("events similar to 12", "classify those", "and the original one?", selected=[3, 8])
    assert found[0][1]["events"] == "12:13"


def test_a_later_clause_counts_what_the_first_asked_about() -> None:
    calls = plan("What is a neutral current, and how many do we have here?")
    assert [c[0] for c in calls] == ["search_knowledge", "describe_dataset"]
    assert calls[1][1]["events"] == "truth == nc"


@pytest.mark.parametrize("clause", ["tell me which are NC", "which ones are NC?"])
def test_a_later_clause_asks_for_some_of_the_events_of_the_first(clause: str) -> None:
    classified, selected = plan(f"Classify events 0 to 9 with the ViT, and {clause}")
    assert classified == ("classify_events", {"events": "0:10", "model": "vit"})
    assert selected[0] == "select_events"
    assert selected[1]["events"] == "@last and label == nc"


def test_it_is_a_chat_model_of_langchain() -> None:
    reply = EmbeddedChatModel().invoke([HumanMessage("Show me event 3")])
    assert reply.tool_calls[0]["name"] == "display_event"
    assert reply.tool_calls[0]["args"] == {"events": "3:4"}


def test_it_stops_at_an_error_and_says_it() -> None:
    first = respond([HumanMessage("Classify event 3 and show it")])
    error = json.dumps({"error": "There is no event 3.", "remedy": "Name another."})
    tool = ToolMessage(error, tool_call_id=first.tool_calls[0]["id"], status="error")
    last = respond([HumanMessage("Classify event 3 and show it"), first, tool])
    assert last.tool_calls == []
    assert last.text == "There is no event 3. Name another."


@pytest.mark.parametrize(
    "said",
    [
        "Fine-tune the CNN on events 0 to 9",
        "delete the NC events from the file",
        "and could you overwrite the label of event 4 with nc",
        "write me a python script that reads the maps",
        "make the ViT more accurate",
        "what is the weather like in Geneva?",
    ],
)
def test_deeds_without_a_tool_are_declined(said: str) -> None:
    assert make_plan(read_dialogue([HumanMessage(said)])).reply == "decline"


_BOTH = "mode == dis or mode == qe"


@pytest.mark.parametrize(
    ("turns", "tool", "wanted"),
    [
        (
            ("how many events are DIS?", "and RES?"),
            "aggregate_statistics",
            {"events": "mode == res"},
        ),
        (
            ("purity of the CNN for nue at 0.8", "and the efficiency?"),
            "aggregate_statistics",
            {"statistic": "efficiency", "cut": 0.8, "target": "nue_cc", "model": "cnn"},
        ),
        (("cut for 90 % purity of nc, cnn", "and 80 %?"), "aggregate_statistics", {"at": 0.8}),
        (
            ("how many DIS numu are there?", "and how many DIS altogether?"),
            "aggregate_statistics",
            {"events": "mode == dis"},
        ),
        (
            ("select events below 800 MeV", "make that 1200 MeV"),
            "select_events",
            {"events": "energy < 1.2"},
        ),
        (("drop view V of event 12", "or U?"), "probe_event", {"views": ["U"], "events": "12:13"}),
        (("accuracy of the vit", "by energy"), "aggregate_statistics", {"by": "energy"}),
        (("events similar to 14", "ten of them"), "find_similar_events", {"k": 10}),
        (("efficiency of the cnn for nue at 0.5", "0.9"), "aggregate_statistics", {"cut": 0.9}),
        (("histogram of the energy", "finer, 40"), "aggregate_statistics", {"bins": 40}),
        (
            ("list numu above 10 GeV", "above 20"),
            "select_events",
            {"events": "energy > 20 and truth == numu_cc"},
        ),
        (
            ("accuracy of the vit above 10 GeV", "and below that?"),
            "aggregate_statistics",
            {"events": "energy <= 10", "model": "vit"},
        ),
        (
            ("numu above 3 GeV with the cnn", "5 rather than 3"),
            "classify_events",
            {"events": "energy > 5 and truth == numu_cc", "model": "cnn"},
        ),
        (
            ("classify 5 and 6 with the cnn", "add event 12"),
            "classify_events",
            {"events": "[5, 6] or 12:13", "model": "cnn"},
        ),
        (
            ("mean energy of nue", "plot it", "and for numu"),
            "aggregate_statistics",
            {"events": "truth == numu_cc", "statistic": "histogram"},
        ),
        (
            ("run the cnn on 0-9", "and the vit", "how do they compare"),
            "compare_classifiers",
            {"events": "@last", "models": ["cnn", "vit"]},
        ),
        (
            ("select numu above 8 GeV", "make it 10 GeV"),
            "select_events",
            {"events": "energy > 10 and truth == numu_cc"},
        ),
        (("count dis events", "qe", "both"), "aggregate_statistics", {"events": _BOTH}),
        (
            ("classify 5 with the cnn", "and 7", "both with the vit"),
            "classify_events",
            {"events": "5:6 or 7:8", "model": "vit"},
        ),
        (
            ("accuracy of the vit for nc", "the other two models?"),
            "aggregate_statistics",
            {"events": "truth == nc", "model": "vlm"},
        ),
        (("mask the shower of 12", "and the vertex?"), "probe_event", {"region": "vertex"}),
        (("drop view U of 12", "the V one too?"), "probe_event", {"views": ["U", "V"]}),
        (
            ("events above 5 GeV without protons", "and with one?"),
            "select_events",
            {"events": "energy > 5 and protons == 1"},
        ),
        (("purity of nc at 0.5", "with which efficiency?"), "aggregate_statistics", {"cut": 0.5}),
        (("how many events are below 1 GeV?", "list them"), "select_events", {"events": "@last"}),
        (
            ("numu above 10 GeV", "remove the DIS ones"),
            "select_events",
            {"events": "@last and not (mode == dis)"},
        ),
    ],
)
def test_fragments_change_one_thing(
    turns: tuple[str, ...], tool: str, wanted: dict[str, Any]
) -> None:
    calls = plan(*turns)
    assert calls[0][0] == tool
    assert wanted.items() <= calls[0][1].items()


@pytest.mark.parametrize(
    "said",
    ["What purity of the argon is needed?", "how efficient is light collection in DUNE?"],
)
def test_physics_with_a_tools_word_is_looked_up(said: str) -> None:
    assert [c[0] for c in plan(said)] == ["search_knowledge"]


def test_two_sided_cuts_and_missing_quantities() -> None:
    assert plan("accuracy of the cnn for 5 < E < 15 GeV")[0][1]["events"] == (
        "energy > 5 and energy < 15"
    )
    missing = make_plan(read_dialogue([HumanMessage("histogram of the muon momentum")]))
    assert missing.reply == "no_quantity"


@pytest.mark.parametrize(
    ("turn", "shown"),
    [("the event before", "29:30"), ("next", "31:32"), ("and the one after 40", "41:42")],
)
def test_neighbours_of_the_event_just_shown(turn: str, shown: str) -> None:
    assert plan("show event 30", turn, selected=[30]) == [("display_event", {"events": shown})]


@pytest.mark.parametrize(
    ("said", "events"),
    [
        ("events with more protons than 4", "protons > 4"),
        ("list nc with neither protons nor neutrons", "protons == 0 and neutrons == 0"),
        ("events with no protons, neutrons or pi0", "neutral_pions == 0 and neutrons == 0"),
        ("events with |E - 5 GeV| < 0.5 GeV", "energy >= 4.5 and energy <= 5.5"),
        ("events within 1 GeV of 6 GeV", "energy >= 5 and energy <= 7"),
        ("events outside 2-40 GeV", "energy < 2 or energy > 40"),
        ("show events 100-120 except 110", "not 110:111"),
        ("list numu events with 1 or 2 charged pions", "charged_pions <= 2"),
        ("list events over 25 GeV, excluding taus", "truth != nutau_cc"),
        ("list the electron antineutrinos", "nu_pdg == -12"),
        ("list NC events with one pi0 or more", "neutral_pions > 0"),
        ("classify events 1 to 9, sorry, 2 to 8", "2:9"),
        ("classify all but the first 380 events", "380:400"),
    ],
)
def test_less_usual_conditions(said: str, events: str) -> None:
    assert events in plan(said)[0][1]["events"]


@pytest.mark.parametrize("said", ["What is Q²?", "How is δ_CP measured?"])
def test_what_no_event_records_is_still_looked_up(said: str) -> None:
    assert [call.tool for call in make_plan(read_dialogue([HumanMessage(said)])).calls] == [
        "search_knowledge"
    ]


def test_as_many_events_are_drawn_as_are_named() -> None:
    assert plan("show events 40 to 45") == [("display_event", {"events": "40:46", "limit": 6})]


@pytest.mark.parametrize(
    "said", ["and these?", "why?", "do it again", "which is better?", "with the cnn instead"]
)
def test_what_refers_to_nothing_is_asked_back(said: str) -> None:
    assert make_plan(read_dialogue([HumanMessage(said)])).reply == "which_event"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("classify events 1 to 5 with GoogLeNet", "which_model"),
        ("use the Kalman filter on events 0-5", "which_model"),
        ("mean temperature of the cryostat during event 5", "no_quantity"),
        ("histogram of the scattering angles of the nue events", "no_quantity"),
        ("Plot Q² for the res events", "no_quantity"),
        ("which run does event 7 belong to?", "no_quantity"),
        ("how many photo-electrons are in event 3?", "no_quantity"),
    ],
)
def test_what_does_not_exist_is_not_replaced(said: str, reply: str) -> None:
    assert make_plan(read_dialogue([HumanMessage(said)])).reply == reply


@pytest.mark.parametrize(
    ("said", "tool", "event"),
    [
        ("bring 77 up", "display_event", "77:78"),
        ("Why is event 3 classified as it is?", "explain_event", "3:4"),
        ("remove the long track from 210, cnn", "probe_event", "210:211"),
        ("is 33 an nc?", "classify_events", "33:34"),
    ],
)
def test_a_bare_number_is_an_event(said: str, tool: str, event: str) -> None:
    named = [SystemMessage(CONTEXT + json.dumps({"events": 400})), HumanMessage(said)]
    calls = make_plan(read_dialogue(named)).calls
    assert [(c.tool, c.arguments["events"]) for c in calls] == [(tool, event)]


@pytest.mark.parametrize(
    ("said", "events"),
    [
        (
            "numu CC events with a muon of more than 10 GeV",
            "lepton_energy > 10 and truth == numu_cc",
        ),
        ("NC events with two charged pions or more", "charged_pions >= 2 and truth == nc"),
        ("events with 3 protons or fewer", "protons <= 3"),
        ("events with 2 protons at most and 1 neutron", "protons <= 2 and neutrons == 1"),
        ("events with 2 protons, at least one pi0", "neutral_pions >= 1 and protons == 2"),
        ("events with two tracks or more", "n_tracks >= 2"),
        (
            "the events without any neutron but with two or more π±",
            "charged_pions >= 2 and neutrons == 0",
        ),
        ("which events have π± and a pi0", "charged_pions > 0 and neutral_pions > 0"),
        (
            "list the events without a single pion, charged or neutral",
            "charged_pions == 0 and neutral_pions == 0",
        ),
        ("list the events with energy inferior to 1 GeV", "energy < 1"),
        ("list the events between 12 and 9 GeV", "energy >= 9 and energy <= 12"),
        (
            "select events that are either νμ CC below 1 GeV or νe CC above 30 GeV",
            "((truth == numu_cc and energy < 1) or (truth == nue_cc and energy > 30))",
        ),
        ("which of the first 20 events show a shower?", "0:20 and has_shower == true"),
        (
            "keep events 0 to 40 whose longest track is over 1.5 m and stays inside the image",
            "0:41 and longest_track_cm > 150 and track_contained == true",
        ),
    ],
)
def test_conditions_behind_their_noun_and_in_pairs(said: str, events: str) -> None:
    assert plan(said)[0][1]["events"] == events


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (
            "What share of the true νe CC events went through a resonance?",
            {"statistic": "count", "events": "truth == nue_cc", "where": "mode == res"},
        ),
        (
            "Averaged over the NC events, which P(νe CC) does the CNN assign?",
            {"statistic": "mean", "events": "truth == nc", "column": "p_nue_cc", "model": "cnn"},
        ),
        (
            "How broad is the energy distribution of the NC events (standard deviation)?",
            {"statistic": "mean", "column": "energy"},
        ),
        (
            "How are the interaction modes distributed among the tau neutrinos?",
            {"statistic": "count", "by": "mode", "events": "truth == nutau_cc"},
        ),
        (
            "Top 3 howlers of the VLM among the NC events?",
            {"statistic": "worst_mistakes", "top": 3, "events": "truth == nc"},
        ),
        ("Energy spectrum in 5 GeV steps", {"statistic": "histogram", "bin_width": 5.0}),
        (
            "mean distance between vertex and shower start of the nue CC",
            {"statistic": "mean", "column": "vertex_gap_cm"},
        ),
        (
            "numu purity at p>0.75 for the cnn, w/ 90% CL interval",
            {"statistic": "purity", "cut": 0.75, "level": 0.9},
        ),
        ("vit accuracy, confidence level 0.95", {"statistic": "accuracy", "level": 0.95}),
        (
            "How many final-state protons has an NC event in the average?",
            {"statistic": "mean", "column": "protons", "events": "truth == nc"},
        ),
        (
            "List the six worst mistakes of the ViT, these where it was very sure of itself.",
            {"statistic": "worst_mistakes", "top": 6, "model": "vit"},
        ),
        (
            "plot the longest track length for the numu",
            {"statistic": "histogram", "column": "longest_track_cm"},
        ),
        (
            "If I count the CNN's nue labels I am biased, right? Give me the corrected count",
            {"statistic": "corrected_counts", "target": "nue_cc", "model": "cnn"},
        ),
        ("histogram of the hits, 500-hit wide bins", {"column": "n_hits", "bin_width": 500.0}),
        (
            "NC rejection at 80% nue efficiency with vit",
            {"statistic": "purity", "target": "nue_cc", "at": 0.8},
        ),
        ("mode composition of nc", {"statistic": "count", "by": "mode", "events": "truth == nc"}),
        (
            "In which energy bin is the CNN worst?",
            {"statistic": "accuracy", "by": "energy", "model": "cnn"},
        ),
        (
            "mean energy of the events the vlm gets right vs those it gets wrong",
            {"statistic": "mean", "by": "correct", "events": "all"},
        ),
        (
            "What efficiency at 95 % purity do we get for nue?",
            {"statistic": "efficiency", "target": "nue_cc", "at": 0.95},
        ),
        ("mean p_nc over the nc events", {"column": "p_nc", "events": "truth == nc"}),
        ("histogram of the hits? just 30 bins is fine", {"column": "n_hits", "bins": 30}),
        ("Count the events in 2 GeV wide energy bins", {"statistic": "histogram"}),
        ("did the ViT do better on nue or on numu?", {"statistic": "accuracy", "by": "truth"}),
        ("spectrum of the hits for tau, 15 bins", {"events": "truth == nutau_cc", "bins": 15}),
    ],
)
def test_less_usual_statistics(said: str, wanted: dict[str, Any]) -> None:
    (tool, arguments), *more = plan(said)
    assert tool == "aggregate_statistics"
    assert not more
    assert {k: arguments.get(k) for k in wanted} == wanted


def test_lists_that_go_on_and_numbers_to_draw() -> None:
    classified = plan("Run the CNN over events 0, 10, 20 and so on up to 90")
    assert classified[0][1]["events"] == str(list(range(0, 91, 10)))
    drawn = plan("Pick 15 DIS events at random")[0][1]
    assert (drawn["events"], drawn["limit"]) == ("mode == dis", 15)


def test_no_probability_is_above_one() -> None:
    question = "Purity of the CNN's νe CC selection for a probability above 1.7?"
    assert make_plan(read_dialogue([HumanMessage(question)])).reply == "no_probability"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (
            "numu with two protons, hardest first",
            {"events": "protons == 2 and truth == numu_cc", "sort_by": "energy", "limit": None},
        ),
        ("the three NC events of the highest energy", {"sort_by": "energy", "limit": 3}),
        ("DIS events except those above 20 GeV", {"events": "not (energy > 20) and mode == dis"}),
        (
            "over 5 neutrons or over 5 protons, which events are that?",
            {"events": "(neutrons > 5 or protons > 5)"},
        ),
        (
            "events where both VLM and CNN are wrong but ViT is right",
            {"events": "correct_vlm == false and correct_cnn == false and correct_vit == true"},
        ),
        ("list numu events not called numu", {"events": "truth == numu_cc and label != numu_cc"}),
    ],
)
def test_ranks_exceptions_and_alternatives(said: str, wanted: dict[str, Any]) -> None:
    tool, arguments = plan(said)[-1]
    assert tool == "select_events"
    assert {key: arguments.get(key) for key in wanted} == wanted


def test_what_is_asked_of_the_first_by_rank_is_asked_of_them_alone() -> None:
    selected, asked = plan("accuracy of the VLM for the 50 most energetic numu")
    assert (selected[1]["sort_by"], selected[1]["limit"]) == ("energy", 50)
    assert asked[1]["events"] == "@last"


def test_a_condition_that_is_not_read_is_told() -> None:
    asked = HumanMessage("numu with a visible muon above 10 GeV")
    messages = [SystemMessage(CONTEXT + json.dumps({"events": 400})), asked]
    assert make_plan(read_dialogue(messages)).left


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("How many events have at least five final-state protons?", {"events": "protons >= 5"}),
        ("confusion matrix, leaving the tau neutrinos out", {"events": "truth != nutau_cc"}),
        ("20-bin histogram of the energy", {"bins": 20}),
        ("anything resembling 310? the 8 nearest will do", {"k": 8}),
        ("I insist to keep 85 percent of the numu CC, what purity is left?", {"at": 0.85}),
        ("Define lowE as everything below 2.5 GeV.", {"events": "energy < 2.5", "name": "lowe"}),
        ("how many QE, RES and DIS of each for the numu", {"by": "mode"}),
        ("give me the pi0 events", {"events": "neutral_pions > 0"}),
        ("which model is best on the NC here, is its lead significant?", {"events": "truth == nc"}),
    ],
)
def test_arguments_in_other_words(said: str, wanted: dict[str, Any]) -> None:
    assert wanted.items() <= plan(said)[0][1].items()
