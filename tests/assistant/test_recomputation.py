"""The numbers of answers, computed anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.constants import c

from assistant.agent import Work, run_tool
from assistant.answer import Answer, Step
from assistant.assistant import Assistant
from assistant.recomputation import Recomputed, differences, recompute
from assistant.tools import TOOLS
from assistant.tools.context import Selections, ToolContext

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("describe_dataset", {"events": "truth == numu_cc"}),
    ("select_events", {"events": "truth != nc and label == nc", "model": "cnn"}),
    ("select_events", {"events": "truth == nc", "sort_by": "energy", "limit": 3}),
    ("select_events", {"events": "all", "sort_by": "confidence", "descending": False, "limit": 4}),
    ("classify_events", {"events": "0:20", "models": ["cnn", "vit"]}),
    ("classify_events", {"events": "30", "model": "vit"}),
    ("compare_classifiers", {"events": "energy > 2", "models": ["vlm", "vit", "cnn"]}),
    ("aggregate_statistics", {"statistic": "count", "where": "label == nc", "by": "truth"}),
    ("aggregate_statistics", {"statistic": "mean", "column": "lepton_energy", "by": "truth"}),
    ("aggregate_statistics", {"statistic": "mean", "column": "longest_track_cm", "events": "0:3"}),
    ("aggregate_statistics", {"statistic": "histogram", "by": "truth", "bins": 7}),
    ("aggregate_statistics", {"statistic": "histogram", "column": "p_nc", "model": "vit"}),
    ("aggregate_statistics", {"statistic": "accuracy", "by": "energy", "level": 0.9}),
    ("aggregate_statistics", {"statistic": "accuracy", "by": "label", "model": "cnn"}),
    ("aggregate_statistics", {"statistic": "efficiency", "target": "nue_cc", "cut": 0.5}),
    ("aggregate_statistics", {"statistic": "purity", "target": "nc", "by": "energy"}),
    ("aggregate_statistics", {"statistic": "purity", "model": "cnn"}),
    ("aggregate_statistics", {"statistic": "confusion_matrix"}),
    ("aggregate_statistics", {"statistic": "roc"}),
    ("aggregate_statistics", {"statistic": "calibration"}),
    ("aggregate_statistics", {"statistic": "corrected_counts"}),
    ("aggregate_statistics", {"statistic": "worst_mistakes", "top": 3}),
    ("aggregate_statistics", {"statistic": "least_sure", "events": "truth == nc", "top": 2}),
    ("explain_event", {"events": "5"}),
    ("display_event", {"events": "[3, 17]"}),
    ("find_similar_events", {"events": "7", "k": 4}),
    ("probe_event", {"events": "9", "change": "drop_views"}),
    ("probe_event", {"events": "9", "change": "keep_views", "views": ["Z"]}),
    ("probe_event", {"events": "9", "change": "resolution", "factor": 4}),
    ("probe_event", {"events": "9", "change": "mask", "region": "vertex"}),
    ("particle_properties", {"particle": "K+"}),
    ("search_knowledge", {"question": "What is the radiation length of liquid argon?"}),
    ("aggregate_statistics", {"statistic": "purity", "target": "numu_cc", "at": 0.7}),
    ("aggregate_statistics", {"statistic": "efficiency", "target": "nc", "at": 0.6}),
    ("aggregate_statistics", {"statistic": "mean", "column": "energy", "by": "protons"}),
    ("aggregate_statistics", {"statistic": "count", "by": "energy"}),
]


def call(assistant: Assistant, tool: str, arguments: dict[str, Any]) -> Answer:
    work = Work(ToolContext(assistant.workspace, Selections()))
    run_tool(work, next(t for t in TOOLS if t.name == tool), arguments)
    return Answer(work.steps[0].result.get("summary", ""), work.steps, work.citations)


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_what_the_tools_say_comes_out_again(
    assistant: Assistant, tool: str, arguments: dict[str, Any]
) -> None:
    answer = call(assistant, tool, arguments)
    assert "error" not in answer.steps[0].result
    found = recompute(answer, assistant.workspace)
    assert found.disagreeing == []
    assert found.unchecked == []
    assert found.agreeing > 0


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        (*CALLS[0], ["energy_mean"]),
        (*CALLS[4], ["by_model", 1, "n_correct"]),
        (*CALLS[6], ["pairs", 0, "p_value"]),
        (*CALLS[14], ["estimates", 0, "value"]),
        (*CALLS[17], ["matrix", 1, 1]),
        (*CALLS[20], ["rows", 0, "corrected"]),
        (*CALLS[25], ["neighbours", 0, "similarity"]),
    ],
)
def test_a_wrong_number_is_found(
    assistant: Assistant, tool: str, arguments: dict[str, Any], path: list[str | int]
) -> None:
    answer = call(assistant, tool, arguments)
    place: Any = answer.steps[0].result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] += 0.5
    found = recompute(answer, assistant.workspace)
    assert any(str(path[-1]) in d for d in found.disagreeing)


def test_wrong_events_and_unknown_numerals_are_found(assistant: Assistant) -> None:
    answer = call(assistant, "classify_events", {"events": "0:5", "model": "cnn"})
    step = replace(answer.steps[0], indices=[0, 1, 2, 3, 5])
    assert (
        "other events"
        in recompute(replace(answer, steps=[step]), assistant.workspace).disagreeing[-1]
    )
    more = replace(answer, text="It is 123.456 cm.")
    assert recompute(more, assistant.workspace).unchecked == ["123.456 cm"]


def test_classes_that_are_swapped_in_the_text_are_found(assistant: Assistant) -> None:
    answer = call(assistant, "describe_dataset", {"events": "0:20"})
    counts = answer.steps[0].result["class_counts"]
    assert counts == {"nue_cc": 8, "nc": 12}
    swapped = answer.text.replace("8 νe CC", "12 νe CC").replace("12 NC", "8 NC")
    found = recompute(replace(answer, text=swapped), assistant.workspace)
    assert [d.split(" in ")[0] for d in found.disagreeing] == ["12 νe CC", "8 NC"]


def test_a_failed_step_carries_the_size_of_the_data_alone(assistant: Assistant) -> None:
    answer = call(assistant, "display_event", {"events": "5000"})
    failed = Answer(answer.steps[0].result["error"], answer.steps)
    assert str(len(assistant.events)) in failed.text
    assert recompute(failed, assistant.workspace) == Recomputed(agreeing=4)


def test_differences_are_told_by_place() -> None:
    assert differences({"a": [1.0, 2.0]}, {"a": [1.0, np.float64(2.0)]}, "x") == []
    assert differences({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]}, "x") == [
        "x a[1]: 2.0 where 3.0 is computed"
    ]
    assert differences({"a": None}, {"a": float("nan")}, "x") == []
    assert differences({}, {"a": 1}, "x") == ["x a: None where 1 is computed"]
    assert differences(Step("", {}, None, {}, 0.0).result, {"a": [1]}, "x")


def test_a_purity_out_of_reach_is_refused(assistant: Assistant) -> None:
    asked = {"statistic": "efficiency", "target": "nue_cc", "at": 0.9}
    answer = call(assistant, "aggregate_statistics", {**asked, "events": "truth == nc"})
    assert "No cut gives" in answer.steps[0].result["error"]
    answer = call(assistant, "aggregate_statistics", {**asked, "cut": 0.5})
    assert "A cut is given" in answer.steps[0].result["error"]


def test_groups_of_a_number_ascend(assistant: Assistant) -> None:
    asked = {"statistic": "mean", "column": "energy", "by": "energy"}
    means = call(assistant, "aggregate_statistics", asked).steps[0].result["estimates"][5:]
    values = [e["value"] for e in means]
    assert values == sorted(values)
    assert len(values) == 5


@pytest.mark.parametrize(
    ("particle", "said"), [("K+", "3.711"), ("muon", "658.6"), ("proton", None)]
)
def test_how_far_a_particle_flies(assistant: Assistant, particle: str, said: str | None) -> None:
    answer = call(assistant, "particle_properties", {"particle": particle})
    result = answer.steps[0].result
    if said is None:
        assert result["ctau_cm"] is None
        assert "c·τ" not in answer.text
        return
    assert result["ctau_cm"] == pytest.approx(100 * c * result["lifetime_s"], rel=1e-4)
    assert f"a c·τ of {said}" in answer.text
    step = answer.steps[0]
    wrong = replace(step, result=result | {"ctau_cm": 2 * result["ctau_cm"]})
    assert recompute(answer, assistant.workspace).disagreeing == []
    assert recompute(replace(answer, steps=[wrong]), assistant.workspace).disagreeing
