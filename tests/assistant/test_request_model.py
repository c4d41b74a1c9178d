"""The network that reads what is asked for, and what becomes of a plan that it contradicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.planner import fit_requests, request_model
from assistant.planner.dialogue import Call, Dialogue, Turn
from assistant.planner.plan import make_plan
from assistant.planner.request_model import LABELS, Reading, as_input, joined, read_request
from assistant.planner.requests import Plan
from assistant.planner.rereading import disagree, split_as

CONTEXT = {"events": 397, "views": ["U", "V", "Z"], "classifiers": ["vlm", "vit", "cnn"]}


def dialogue(*turns: Turn) -> Dialogue:
    return Dialogue(list(turns), CONTEXT)


@pytest.mark.parametrize(
    ("question", "tool", "statistic"),
    [
        ("fair enough, let me look at number 30", "display_event", None),
        ("At what wavelength does liquid argon scintillate?", "search_knowledge", None),
        ("Which of the true nue does the ViT miss?", "select_events", None),
        ("Suppose the U plane were dead: what becomes of event 7?", "probe_event", None),
        (
            "how efficient is the ViT for numu at 0.8",
            "aggregate_statistics",
            "efficiency",
        ),
        ("Book me a flight to Chicago", "decline", None),
    ],
)
def test_requests_are_told_apart(question: str, tool: str, statistic: str | None) -> None:
    reading = read_request(dialogue(Turn(question)))
    assert reading is not None
    assert (reading.tool, reading.statistic) == (tool, statistic)


def test_a_later_question_is_read_with_the_one_before() -> None:
    before = Turn("Purity of nue at 0.6?", [Call("aggregate_statistics", {"statistic": "purity"})])
    assert as_input(dialogue(before, Turn("and at 0.8?"))) == (
        "after purity: Purity of nue at 0.6? >> and at 0.8?"
    )
    reading = read_request(dialogue(before, Turn("and at 0.8?")))
    assert reading is not None
    assert (reading.statistic, reading.scope) == ("purity", "same")
    assert len(joined("mean", "word " * 100, "and?").split()) < 50


READING = Reading("select_events", None, 0.99, "none", 1.0, "new")


@pytest.mark.parametrize(
    ("plan", "reading", "differs"),
    [
        (Plan([Call("select_events", {})]), READING, False),
        (Plan([Call("classify_events", {})]), READING, True),
        (Plan([Call("classify_events", {})]), READING._replace(certainty=0.5), False),
        (Plan(reply="decline"), READING, True),
        (Plan(reply="no_quantity"), READING, False),
        (Plan(reply="which_event"), READING._replace(tool="explain_event"), False),
        (Plan([Call("describe_dataset", {})]), READING._replace(statistic="count"), False),
        (Plan([Call("display_event", {})]), READING._replace(tool="decline"), False),
    ],
)
def test_who_is_followed(plan: Plan, reading: Reading, differs: bool) -> None:
    assert disagree(plan, reading) is differs


def test_a_split_is_added_only_where_none_was_read() -> None:
    reading = READING._replace(tool="aggregate_statistics", statistic="mean", split="truth")
    plan = Plan([Call("aggregate_statistics", {"statistic": "mean"})])
    split_as(plan, reading)
    split_as(plan, reading._replace(split="mode"))
    assert plan.calls[0].arguments["by"] == "truth"


def test_the_rules_plan_alone_without_the_base_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_model, "_load", lambda: None)
    request_model._read.cache_clear()
    plan = make_plan(dialogue(Turn("Show event 3")))
    assert [c.tool for c in plan.calls] == ["display_event"]
    request_model._read.cache_clear()


def test_the_tuned_layers_are_put_on_no_other_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NULENS_MINILM", "another/model")
    request_model._load.cache_clear()
    assert request_model._load() is None
    request_model._load.cache_clear()


def test_requests_to_tune_on_have_labels() -> None:
    known = fit_requests.examples()
    assert len(known) > 5000
    assert {label for e in known for label in e.labels} >= set(range(len(LABELS) - 1))


def test_tuning_writes_weights_that_can_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    few = fit_requests.examples()[:96]
    weights = tmp_path / "weights.safetensors"
    monkeypatch.setattr(fit_requests, "examples", lambda: few)
    monkeypatch.setattr(fit_requests, "WEIGHTS", weights)
    assert fit_requests.fit() == 96
    monkeypatch.setattr(request_model, "WEIGHTS", weights)
    request_model._load.cache_clear()
    request_model._read.cache_clear()
    reading = read_request(dialogue(Turn("Show event 3")))
    request_model._load.cache_clear()
    request_model._read.cache_clear()
    assert reading is not None
    assert reading.tool
