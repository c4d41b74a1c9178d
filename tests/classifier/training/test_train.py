import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from classifier import load_classifier
from classifier.formats.nulens_hdf5 import convert
from classifier.models.supervised import build_network
from classifier.training.data import DeviceEvents, load_sparse
from classifier.training.presets import Preset, preset
from classifier.training.supervised import Source, Trainer
from classifier.training.train import train
from nulens.errors import ModelError
from tests.classifier.models.pictures import PIXELS, WIRES, event_set

ROOT = Path(__file__).parents[3]
SIZES = {"width": 32, "layers": 2, "heads": 2, "mlp": 64}
SMALL = Preset(network=SIZES, batch=12, learning_rate=3e-3, ema=0.9)
QUIET = {"report": lambda line: None}


@pytest.fixture
def small(monkeypatch):
    """Make the preset ``default`` of the ViT small enough for a test."""
    monkeypatch.setitem(preset.__globals__["PRESETS"]["vit"], "default", SMALL)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    convert(event_set(240), folder / "pixels.h5")
    convert(event_set(90, seed=1, geometry=WIRES), folder / "wires.h5")
    return folder


@pytest.fixture(scope="module")
def data():
    return DeviceEvents([load_sparse(event_set(60))], torch.device("cpu"))


def test_a_model_learns_is_calibrated_and_is_written(small, files, tmp_path):
    lines = []
    out = tmp_path / "model"
    card = train(
        "vit",
        [files / "pixels.h5", files / "wires.h5"],
        out,
        epochs=10,
        seed=1,
        command="nulens train vit",
        report=lines.append,
    )
    assert card["metrics"]["pixels.h5"]["accuracy"] > 0.8
    assert card["metrics"]["pixels.h5"]["events"] == 24
    assert card["command"] == "nulens train vit"
    assert any("s left" in line for line in lines)
    assert list((out / "log").rglob("events.out.tfevents*"))
    assert not list(out.glob("*.checkpoint.safetensors"))
    classifier = load_classifier(out)
    for geometry in (PIXELS, WIRES):
        new = event_set(60, seed=7, geometry=geometry)
        predictions = classifier.predict(new)
        accuracy = (predictions.probabilities.argmax(1) == new.labels).mean()
        assert accuracy > 0.75
        assert 0.2 < np.median(predictions.unlike) < 0.8


def test_cross_validation_then_a_model_of_all(small, files, tmp_path):
    first = tmp_path / "first"
    train("vit", files / "pixels.h5", first, epochs=4, **QUIET)
    folds = tmp_path / "folds.csv"
    rows = [f"event{i},{(i // 3) % 3}" for i in range(90)]
    folds.write_text("\n".join(["id,fold", *rows]) + "\n")
    card = train(
        "vit",
        files / "wires.h5",
        tmp_path / "second",
        epochs=3,
        init=first,
        folds=folds,
        rehearse=files / "pixels.h5",
        **QUIET,
    )
    assert card["metrics"]["wires.h5"]["how"] == "cross-validation"
    assert card["metrics"]["wires.h5"]["events"] == 90
    assert card["metrics"]["pixels.h5"]["accuracy"] > 0.6
    with np.load(tmp_path / "second" / "folds.npz") as stored:
        assert sorted(stored["id"]) == sorted(f"event{i}" for i in range(90))
        number = np.array([int(i.removeprefix("event")) for i in stored["id"]])
        np.testing.assert_array_equal(stored["fold"], (number // 3) % 3)
        np.testing.assert_array_equal(stored["label"], number % 3)
        np.testing.assert_allclose(stored["probabilities"].sum(axis=1), 1.0, atol=1e-5)
        right = (stored["probabilities"].argmax(1) == stored["label"]).sum()
    assert right == card["metrics"]["wires.h5"]["correct"]


def test_minutes_are_kept(small, files, tmp_path):
    train("vit", files / "pixels.h5", tmp_path / "warm", epochs=0.1, **QUIET)
    started = time.monotonic()
    card = train("vit", files / "pixels.h5", tmp_path / "timed", minutes=0.15, **QUIET)
    assert 4.0 < card["training"]["seconds"] < 9.0
    assert time.monotonic() - started < 25.0


def test_frozen_parameters_stay(data):
    torch.manual_seed(0)
    network = build_network("cnn")
    before = {k: v.clone() for k, v in network.state_dict().items()}
    settings = replace(preset("cnn", "cpu"), batch=6, ema=0.5)
    trainer = Trainer(network, data, settings, frozen=("branch",), **QUIET)
    trainer.fit([Source(np.arange(60))], steps=3)
    for name, value in network.state_dict().items():
        same = torch.equal(value, before[name])
        if name.startswith("branch"):
            assert same, name
        elif name.endswith("weight"):
            assert not same, name


def test_training_stops_early_and_keeps_the_best(data):
    settings = replace(SMALL, learning_rate=0.3, patience=2)
    network = build_network("vit", SIZES)
    lines = []
    trainer = Trainer(network, data, settings, report=lines.append)
    found = trainer.fit([Source(np.arange(30))], steps=60, validation=np.arange(30, 60), every=2)
    losses = [float(x.split("loss ")[1].split(",")[0]) for x in lines if "validation" in x]
    assert found["best_loss"] == pytest.approx(min(losses), abs=1e-4)
    if found["steps"] < 60:
        assert min(losses[-2:]) >= found["best_loss"] - 1e-4


SCRIPT = """
import sys, torch
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.classifier.training.test_train import run
run(Path(sys.argv[1]))
"""


def run(checkpoint: Path | None):
    """Train for 40 steps, as the killed process does."""
    # Sums of a convolution's gradient depend on how many threads share them.
    torch.set_num_threads(1)
    torch.manual_seed(4)
    network = build_network("vit", SIZES)
    data = DeviceEvents([load_sparse(event_set(60))], torch.device("cpu"))
    trainer = Trainer(network, data, SMALL, seed=2, checkpoint=checkpoint, **QUIET)
    trainer.fit(
        [Source(np.arange(50))], steps=40, validation=np.arange(50, 60), every=7, save_every=3
    )
    return network.state_dict()


def test_a_killed_training_goes_on_to_the_same_result(tmp_path):
    checkpoint = tmp_path / "part.checkpoint.safetensors"
    script = SCRIPT.format(root=str(ROOT))
    process = subprocess.Popen([sys.executable, "-c", script, str(checkpoint)], cwd=ROOT)
    try:
        while not checkpoint.exists():
            assert process.poll() is None, "the training ended before it was killed"
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    threads = torch.get_num_threads()
    try:
        resumed, unbroken = run(checkpoint), run(None)
    finally:
        torch.set_num_threads(threads)
    for name, value in unbroken.items():
        assert torch.equal(value, resumed[name]), name


def test_a_damaged_checkpoint_is_refused(tmp_path, data):
    path = tmp_path / "all.checkpoint.safetensors"
    path.write_bytes(b"not a checkpoint")
    trainer = Trainer(build_network("vit", SIZES), data, SMALL, checkpoint=path, **QUIET)
    with pytest.raises(ModelError, match="is damaged"):
        trainer.fit([Source(np.arange(60))], steps=2)
    path.unlink()
    trainer.fit([Source(np.arange(60))], steps=2)
    other = build_network("vit", {**SIZES, "layers": 1})
    with pytest.raises(ModelError, match="of another model"):
        Trainer(other, data, SMALL, checkpoint=path, **QUIET).fit([Source(np.arange(60))], steps=4)


def test_bad_requests_are_explained(files, tmp_path):
    with pytest.raises(ModelError, match="no preset 'giant'"):
        train("vit", files / "pixels.h5", tmp_path, preset_name="giant")
    with pytest.raises(ModelError, match="'tree' is not trained here"):
        train("tree", files / "pixels.h5", tmp_path)
    with pytest.raises(ModelError, match="0 data sets"):
        train("vit", [], tmp_path)
    convert(event_set(30, labels=[0, 1] * 15), tmp_path / "two.h5")
    with pytest.raises(ModelError, match=r"two.h5 has no event of class nc"):
        train("vit", tmp_path / "two.h5", tmp_path / "out", **QUIET)
    convert(event_set(10, labels=[-1] * 10), tmp_path / "none.h5")
    with pytest.raises(ModelError, match="tells its true class"):
        train("vit", tmp_path / "none.h5", tmp_path / "out", **QUIET)
    convert(event_set(9), tmp_path / "few.h5")
    with pytest.raises(ModelError, match="too few to train on"):
        train("vit", tmp_path / "few.h5", tmp_path / "out", **QUIET)
    assert not (tmp_path / "out").exists()


def test_starting_from_a_model_of_another_kind_is_refused(small, files, tmp_path):
    train("vit", files / "pixels.h5", tmp_path / "vit", epochs=0.1, **QUIET)
    with pytest.raises(ModelError, match="is a vit, not a cnn"):
        train("cnn", files / "pixels.h5", tmp_path / "cnn", init=tmp_path / "vit", **QUIET)
