import json
from pathlib import Path

import pytest

import classifier
from classifier import open_events
from classifier.evaluation.topology_accuracy import main, measure_accuracy, table

SAMPLES = Path(classifier.__file__).parent / "data"


@pytest.fixture(scope="module", params=["dune-fd-hd", "modular-pixel"])
def accuracy(request):
    return measure_accuracy(open_events(SAMPLES / f"sample-{request.param}.h5")[:60])


def test_vertex_is_within_three_pixels_in_most_events(accuracy):
    assert accuracy["vertex"]["agree"]["n"] == 60
    assert accuracy["vertex"]["agree"]["value"] > 0.7
    assert accuracy["vertex"]["absolute"]["value"] < 2.0


def test_what_is_claimed_agrees_with_truth_more_often_than_not(accuracy):
    for name, least in (
        ("has_shower", 0.85),
        ("has_track", 0.8),
        ("track_contained", 0.8),
        ("longest_track_cm", 0.7),
    ):
        assert accuracy[name]["agree"]["value"] > least, name
    assert accuracy["n_prongs"]["one_off"]["value"] > 0.75
    assert abs(accuracy["longest_track_cm"]["difference"]["value"]) < 5.0


def test_a_table_for_each_file_is_printed_and_kept(tmp_path, capsys):
    files = [str(SAMPLES / f"sample-{name}.h5") for name in ("dune-fd-hd", "modular-pixel")]
    main([*files, "--events", "2", "--out", str(tmp_path / "new" / "folder")])
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "new" / "folder" / "topology.md").read_text()
    assert "2 events of dune-fd-hd" in printed
    assert "2 events of modular-pixel" in printed
    kept = json.loads((tmp_path / "new" / "folder" / "topology.json").read_text())
    assert [f["events"] for f in kept["files"]] == [2, 2]
    assert kept["files"][0]["has_track"]["recall"]["n"] <= 2


def test_no_events_give_no_figures():
    found = measure_accuracy(open_events(SAMPLES / "sample-dune-fd-hd.h5")[:0])
    assert found["vertex"]["agree"]["value"] is None
    assert "| longest_track_cm | 0 |  |  |  |  |" in table(found)
