"""What a person who waits is told."""

from __future__ import annotations

from assistant.agent import Planned, Working
from assistant.answer import Step
from assistant.assistant import Assistant
from assistant.doing import DOING, Doing
from assistant.tools import TOOLS


def test_every_tool_has_its_words() -> None:
    assert {spec.name for spec in TOOLS} == set(DOING)


def test_it_follows_a_real_answer(assistant: Assistant) -> None:
    doing = Doing(assistant.workspace)
    said = [str(doing)]
    for part in assistant.stream("Classify events 0 to 9 with the CNN"):
        doing.see(part)
        said.append(str(doing))
    told = " | ".join(said)
    assert said[0].startswith("Reading the question … ")
    assert "Classifying events … " in told
    assert "Classifying events: 10 of 10 … " in told
    assert "Reading the result … " in told


def test_loading_and_the_time_left(assistant: Assistant) -> None:
    doing = Doing(assistant.workspace)
    doing.see(Planned("classify_events", {}))
    assistant.workspace.loading = "VLM"
    assert str(doing).startswith("Loading the VLM")
    assistant.workspace.loading = None
    doing.see(Working("classify_events", 100, 1000))
    assert doing._begun is not None
    doing._begun = doing._begun[0] - 10.0, 100  # ten seconds ago
    doing.see(Working("classify_events", 200, 1000))
    assert ": 200 of 1000, about 80 s left … " in str(doing)
    doing.see(Step("classify_events", {}, None, {}, 1.0))
    assert "left" not in str(doing)
