"""Batches of questions: conversations, resumption, errors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import classifier
from assistant.assistant import Assistant
from assistant.batch import run_batch
from nulens.errors import FormatError

SAMPLES = Path(classifier.__file__).parent / "data"


@pytest.fixture(autouse=True)
def own_data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("NULENS_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.yaml"
    path.write_text(
        "- How many events are in this data set?\n- - Show me event 7\n  - sorry, I meant 17\n"
    )
    return path


def test_answers_and_report(questions, tmp_path):
    seen = []
    summary = run_batch(
        questions, out=tmp_path / "out", progress=lambda done, total: seen.append((done, total))
    )
    assert (summary.answered, summary.failed, summary.kept) == (3, 0, 0)
    assert seen == [(1, 2), (2, 2)]
    lines = (tmp_path / "out/answers.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [r["question"] for r in records] == [
        "How many events are in this data set?",
        "Show me event 7",
        "sorry, I meant 17",
    ]
    assert records[2]["answer"]["steps"][0]["indices"] == [17]
    figure = records[2]["answer"]["figures"][0]
    assert "Plotly.newPlot" in (tmp_path / "out" / figure["path"]).read_text()
    report = (tmp_path / "out/report.md").read_text()
    assert "## How many events are in this data set?" in report
    assert records[0]["answer"]["text"] in report
    assert f"[Figure: {figure['title']}]({figure['path']})" in report
    assert Assistant().sessions() == []  # a person's list of conversations stays as it was


def test_interrupted_batch_goes_on(questions, tmp_path):
    out = tmp_path / "out"
    run_batch(questions, out=out)
    answers = out / "answers.jsonl"
    lines = answers.read_text().splitlines(keepends=True)
    answers.write_text(lines[0] + lines[1] + lines[2][:40])  # killed within the last line
    summary = run_batch(questions, out=out)
    assert (summary.answered, summary.kept) == (2, 1)
    again = run_batch(questions, out=out)
    assert (again.answered, again.kept) == (0, 3)


def test_each_question_about_its_own_data(tmp_path):
    shutil.copy(SAMPLES / "sample-modular-pixel.h5", tmp_path / "pixel.h5")
    path = tmp_path / "questions.yaml"
    path.write_text(
        "- How many views does an event have?\n"
        "- ask:\n  - How many views does an event have?\n  - Show me event 2\n  data: pixel.h5\n"
    )
    summary = run_batch(path, out=tmp_path / "out")
    assert (summary.answered, summary.failed) == (3, 0)
    lines = (tmp_path / "out/answers.jsonl").read_text().splitlines()
    results = [json.loads(line)["answer"]["steps"][0]["result"] for line in lines]
    assert [r["n_views"] for r in results[:2]] == [3, 2]
    report = (tmp_path / "out/report.md").read_text()
    assert f"Events: `{tmp_path / 'pixel.h5'}`" in report


def test_a_wrong_path_is_told_before_the_first_question(tmp_path):
    path = tmp_path / "questions.yaml"
    path.write_text("- How many events?\n- ask: And here?\n  data: nowhere.h5\n")
    with pytest.raises(FormatError, match=r"nowhere\.h5"):
        run_batch(path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no questions"),
        ("ask: x", "no questions"),
        ("- {a: 1}", "no question,"),
        ("- [1, 2]", "no question,"),
        ("- ask: How many?\n  data: 3", "no question,"),
        ("- []", "no question,"),
        ("a: [", "not YAML"),
    ],
)
def test_bad_lists(text, what, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(FormatError, match=what):
        run_batch(path, out=tmp_path / "out")


def test_missing_list(tmp_path):
    with pytest.raises(FormatError, match=r"nowhere\.yaml"):
        run_batch(tmp_path / "nowhere.yaml", out=tmp_path / "out")
