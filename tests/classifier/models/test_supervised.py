import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from classifier import load_classifier
from classifier.events import View
from classifier.models.batching import rasterize
from classifier.models.calibrated import Calibration, Scaling
from classifier.models.cnn import SiameseCnn
from classifier.models.supervised import SupervisedClassifier, build_network, save_classifier
from classifier.models.unlike import Unlikeness, hit_statistics
from classifier.models.vit import VisionTransformer, VitConfig
from nulens.errors import ModelError
from tests.classifier.models.pictures import PIXELS, WIRES, event_set, events


def _network(kind):
    torch.manual_seed(3)
    if kind == "vit":
        return VisionTransformer(VitConfig(width=32, layers=2, heads=2, mlp=64)).eval()
    network = SiameseCnn()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(rasterize(events(8, seed=5, geometry=WIRES)).to("cpu"))
    return network.eval()


def _save(folder, kind, network):
    some = events(60, seed=9)
    batch = network.encode_events(some).to("cpu")
    with torch.no_grad():
        logits, features = (o.numpy() for o in network(batch)[:2])
    statistics = np.stack([hit_statistics(e) for e in some])
    fitted = Unlikeness.fit(features, logits, np.arange(60) % 3, statistics)
    fitted = fitted.with_held_out(fitted.raw(features, logits, statistics))
    card = {"name": kind, "seed": 3}
    calibration = Calibration(Scaling(2.0, (0.1, 0.0, -0.1)), fitted)
    save_classifier(folder, kind, network, {"XZ-YZ": calibration}, card)


@pytest.fixture(scope="module", params=["cnn", "vit"])
def trained(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / request.param
    network = _network(request.param)
    _save(folder, request.param, network)
    return folder, network


def test_a_loaded_model_says_what_the_trained_one_said(trained):
    folder, network = trained
    classifier = SupervisedClassifier.load(folder, device="cpu", dtype=torch.float32)
    some = events(7)
    with torch.no_grad():
        logits = network(network.encode_events(some).to("cpu"))[0]
    predictions = classifier.predict(some)
    # fp16 weights and folded batch norms cost a little.
    expected = torch.softmax(logits / 2.0 + torch.tensor([0.1, 0.0, -0.1]), 1)
    np.testing.assert_allclose(predictions.probabilities, expected, atol=5e-3)
    assert not np.allclose(predictions.probabilities[0], predictions.probabilities[1], atol=1e-4)
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert classifier.card["seed"] == 3
    assert classifier.name == folder.name


def test_predictions_do_not_depend_on_batches(trained):
    classifier = SupervisedClassifier.load(trained[0], device="cpu", dtype=torch.float32)
    events_ = event_set(40)
    together = classifier.predict(events_)
    assert together.indices.tolist() == list(range(40))
    chosen = events_.take([31, 2, 17])
    apart = classifier.predict(chosen)
    np.testing.assert_array_equal(apart.indices, [31, 2, 17])
    np.testing.assert_allclose(apart.probabilities, together.probabilities[[31, 2, 17]], atol=1e-5)
    np.testing.assert_allclose(apart.unlike, together.unlike[[31, 2, 17]], atol=1e-3)
    one = classifier.predict(events_[17])
    np.testing.assert_allclose(one.probabilities[0], together.probabilities[17], atol=1e-5)
    assert len(classifier.predict(events_[0:0])) == 0
    assert classifier.embed(events_[0:0]).shape[0] == 0
    assert classifier.embed(chosen).shape == (3, classifier.network.head.in_features)


def test_default_precision_is_close_to_float32(trained):
    exact = SupervisedClassifier.load(trained[0], device="cpu", dtype=torch.float32)
    some = events(12)
    np.testing.assert_allclose(
        load_classifier(trained[0]).predict(some).probabilities,
        exact.predict(some).probabilities,
        atol=0.02,
    )


def test_progress_is_told(trained):
    told = []
    load_classifier(trained[0]).predict(event_set(40), progress=lambda *a: told.append(a))
    assert told == [(32, 40), (40, 40)]


def test_another_detector_is_unlike_the_training_data(trained):
    classifier = load_classifier(trained[0])
    foreign = replace(PIXELS, views=(View("A", "z", "x", 0.5, 0.5), PIXELS.views[1]))
    mixed = [*events(3), *events(3, geometry=foreign), *events(2, geometry=WIRES)]
    predictions = classifier.predict(mixed)
    assert (predictions.unlike[3:] == 1.0).all()
    assert predictions.unlike[:3].min() < 1.0
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0, atol=1e-6)


def test_the_version_is_a_hash_of_the_weights(trained, tmp_path):
    folder, network = trained
    kind = folder.name
    _save(tmp_path / "same", kind, network)
    assert load_classifier(tmp_path / "same").version == load_classifier(folder).version
    with torch.no_grad():
        network.head.bias += 1.0
    _save(tmp_path / "other", kind, network)
    with torch.no_grad():
        network.head.bias -= 1.0
    assert load_classifier(tmp_path / "other").version != load_classifier(folder).version


@pytest.fixture
def folder(tmp_path):
    _save(tmp_path / "vit", "vit", _network("vit"))
    return tmp_path / "vit"


def _cut(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


def _garbage(folder):
    (folder / "model.safetensors").write_bytes(b"\x80\x04not safe at all" * 100)


def _change(folder, name, change):
    tensors = load_file(folder / "model.safetensors")
    tensors[name] = change(tensors[name])
    save_file(tensors, folder / "model.safetensors")


def _config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "damaged"),
        (_garbage, "damaged"),
        (lambda f: (f / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda f: (f / "card.json").unlink(), "has no card.json"),
        (lambda f: (f / "config.json").write_text("{"), "damaged"),
        (lambda f: _config(f, format=9), "not of format 1"),
        (lambda f: _config(f, classes=["a", "b"]), "predicts"),
        (lambda f: _config(f, kind="tree"), "no network 'tree'"),
        (lambda f: _config(f, network={"breadth": 3}), "not sizes of a vit"),
        (lambda f: _change(f, "network.head.weight", lambda t: t[:, :5].clone()), "do not fit"),
        (lambda f: _change(f, "network.head.bias", lambda t: t * np.nan), "not finite"),
    ],
)
def test_a_damaged_folder_is_refused(folder, damage, says):
    damage(folder)
    with pytest.raises(ModelError, match=says) as caught:
        load_classifier(folder)
    assert caught.value.remedy


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError, match="vlm, vit, cnn"):
        load_classifier("resnet")
    with pytest.raises(ModelError, match="no network 'resnet'"):
        build_network("resnet")
