"""``nulens simulate``: shares of classes, and mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.commands.simulate import simulate
from classifier import open_events


def test_classes_come_in_the_shares_asked_for(tmp_path: Path):
    out = str(tmp_path / "a.h5")
    options = ["--geometry", "modular-pixel", "--events", "8", "--workers", "1", "--seed", "4"]
    done = CliRunner().invoke(simulate, [out, *options, "--classes", "nc=3, cosmic=1"])
    assert done.exit_code == 0, done.output
    events = open_events(out)
    counts = events.table["truth"].value_counts().to_dict()
    assert set(counts) == {"nc", "cosmic"}
    assert abs(counts["nc"] - 6) <= 1
    assert events.reader.provenance["command"].endswith("--classes nc=3,cosmic=1")


@pytest.mark.parametrize("text", ["nc", "nc=many", "", "nc=1,,cosmic=1"])
def test_what_is_no_share_is_refused(tmp_path: Path, text: str):
    done = CliRunner().invoke(simulate, [str(tmp_path / "a.h5"), "--classes", text])
    assert done.exit_code == 2
    assert "is not a class and its share" in done.output
    assert not list(tmp_path.iterdir())
