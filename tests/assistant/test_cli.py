"""The command: help without heavy imports, exit statuses, errors without tracebacks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from assistant.commands import COMMANDS
from assistant.session import SessionStore

HEAVY = {"torch", "transformers", "streamlit", "chromadb", "pandas", "numpy", "langchain", "duckdb"}


def nulens(*arguments: str, data_dir: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    environment = dict(os.environ)
    if data_dir:
        environment["NULENS_DATA_DIR"] = str(data_dir)
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )


def test_help_is_quick_and_lists_every_command():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = nulens("--help")
        seconds.append(time.perf_counter() - start)
    assert done.returncode == 0
    assert min(seconds) < 0.5
    names = [
        "ask",
        "chat",
        "batch",
        "classify",
        "convert",
        "evaluate",
        "export",
        "simulate",
        "train",
        "ingest",
        "search",
    ]
    for name in [*names, "predictions", "doctor"]:
        assert f"\n  {name} " in done.stdout


def test_no_heavy_import():
    code = f"import sys, assistant.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_every_command_has_an_example(command):
    done = nulens(command, "--help")
    assert done.returncode == 0
    assert f"Example: nulens {command}" in done.stdout
    assert done.stderr == ""


def test_bad_usage_is_status_2():
    done = nulens("ask")
    assert done.returncode == 2
    assert "QUESTION" in done.stderr
    assert nulens("nonsense").returncode == 2


@pytest.fixture
def bad_events(tmp_path):
    """Damaged inputs of every kind, by name."""
    pixel_map = bytes(750_000)
    folders = {}
    for name, content in {
        "truncated": zlib.compress(os.urandom(750_000))[:300_000],
        "empty": b"",
        "gzip": __import__("gzip").compress(pixel_map),
        "small": zlib.compress(pixel_map[:1000]),
    }.items():
        folder = tmp_path / name / "nue"
        folder.mkdir(parents=True)
        (folder / "event0.gz").write_bytes(content)
        folders[name] = folder.parent
    import h5py

    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["something"] = [1, 2, 3]
    (tmp_path / "text.h5").write_text("not HDF5")
    (tmp_path / "void").mkdir()
    return folders | {
        "foreign": tmp_path / "foreign.h5",
        "text": tmp_path / "text.h5",
        "missing": tmp_path / "nowhere",
        "void": tmp_path / "void",
    }


@pytest.mark.parametrize(
    "kind", ["truncated", "empty", "gzip", "small", "foreign", "text", "missing", "void"]
)
def test_bad_events_give_two_sentences_and_status_1(kind, bad_events, tmp_path):
    done = nulens("convert", str(bad_events[kind]), str(tmp_path / "out.h5"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    what, remedy = done.stderr.strip().splitlines()[-2:]
    assert what.startswith("Error: ")
    assert str(bad_events[kind]) in what
    assert remedy.endswith(".")
    assert not (tmp_path / "out.h5").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_path_without_permission(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0)
    done = nulens("convert", str(folder), str(tmp_path / "out.h5"))
    assert done.returncode == 1
    assert "ermission" in done.stderr


def test_interrupting_says_so_and_keeps_the_conversation_as_it_was(tmp_path):
    command = [sys.executable, "-m", "assistant", "ask", "--session", "s"]
    environment = os.environ | {"NULENS_DATA_DIR": str(tmp_path)}
    running = subprocess.Popen(
        [*command, "Classify all events with the ViT"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background inherit that interrupts are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    kept = tmp_path / "sessions.sqlite"  # made when the events are opened
    for _ in range(600):
        if kept.exists() or running.poll() is not None:
            break
        time.sleep(0.1)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 1
    assert said.strip() == "Interrupted."
    assert SessionStore(kept).sessions() == []


def test_doctor_reports_as_json():
    done = nulens("doctor", "--json")
    report = json.loads(done.stdout)
    assert {"packages", "base_models", "classifiers", "device", "remedies"} <= set(report)
    assert all(row["status"] == "ok" for row in report["base_models"])
    rows = [row for name in report if name != "remedies" for row in report[name]]
    assert done.returncode == any(row["status"] == "missing" for row in rows)
