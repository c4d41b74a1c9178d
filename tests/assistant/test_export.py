"""A conversation as a script, run in a fresh process, and as documents."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.export import export_session
from nulens.errors import NuLensError

_QUESTIONS = [
    "How many events are in this data set?",
    "Call the true numu events below 10 GeV 'soft muons'",
    "Mean energy of the soft muons",
    "Which events have at least 2 protons?",
    "and how many of them are NC?",
    "What is the mass of the muon?",
    "Classify event 5000",
]


@pytest.fixture
def kept(assistant: Assistant) -> Assistant:
    for question in _QUESTIONS:
        assistant.ask(question, "talk")
    return assistant


def test_the_script_prints_the_same_numbers(kept: Assistant, tmp_path: Path) -> None:
    path = export_session("talk", tmp_path / "talk.py")
    done = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NULENS_DATA_DIR": str(tmp_path / "fresh")},
    )
    summaries = [
        s.result["summary"]
        for _, answer in kept.history("talk")
        for s in answer.steps
        if "summary" in s.result
    ]
    assert done.stdout.splitlines() == "\n".join(summaries).splitlines()


def test_documents(kept: Assistant, tmp_path: Path) -> None:
    kept.ask("Show me event 3", "talk")
    text = export_session("talk", tmp_path / "talk.md", "markdown").read_text()
    assert "## How many events are in this data set?" in text
    assert "| νμ CC |" in text
    page = export_session("talk", tmp_path / "talk.html", "html").read_text()
    assert "Plotly.newPlot" in page
    assert "<script>alert" not in page


def test_questions_are_escaped(assistant: Assistant, tmp_path: Path) -> None:
    assistant.ask('Show event 3 "<b>now</b>"\nprint(1)', "talk")
    page = export_session("talk", tmp_path / "talk.html", "html").read_text()
    assert "<b>now" not in page
    script = export_session("talk", tmp_path / "talk.py").read_text()
    assert "\nprint(1)" not in script


def test_an_unknown_conversation(tmp_path: Path) -> None:
    with pytest.raises(NuLensError, match="no conversation"):
        export_session("nothing", tmp_path / "x.py")
