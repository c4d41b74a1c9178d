"""Batches of questions: conversations, resumption, errors."""

from __future__ import annotations

import json

import pytest

from assistant.batch import run_batch
from nulens.errors import FormatError


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
    report = (tmp_path / "out/report.md").read_text()
    assert "## How many events are in this data set?" in report
    assert records[0]["answer"]["text"] in report


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


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "no questions"), ("- {a: 1}", "neither"), ("- [1, 2]", "neither"), ("a: [", "not YAML")],
)
def test_bad_lists(text, what, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(FormatError, match=what):
        run_batch(path, out=tmp_path / "out")


def test_missing_list(tmp_path):
    with pytest.raises(FormatError, match=r"nowhere\.yaml"):
        run_batch(tmp_path / "nowhere.yaml", out=tmp_path / "out")
