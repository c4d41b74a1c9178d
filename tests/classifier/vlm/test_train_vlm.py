"""The whole way: tune on a CPU, write, load, predict, explain."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from classifier import claims
from classifier.claims import Claim
from classifier.events import MODULAR_PIXEL
from classifier.formats import open_events
from classifier.models import load_classifier
from classifier.models.vlm_backbone import BackboneConfig, open_backbone
from classifier.training import qlora
from classifier.training.captions import Caption, load_captions, write_captions
from classifier.training.conversations import Material
from classifier.training.data import DeviceEvents, load_sparse
from classifier.training.qlora import Tuner, VlmPreset
from classifier.training.supervised import Source
from classifier.training.train_vlm import train_vlm
from classifier.training.vlm_experiment import ask
from classifier.training.vlm_reader import fit_words
from nulens.errors import ModelError

SMALL = {"width": 32, "layers": 1, "heads": 4, "mlp": 64}


def silent(line):
    pass


@pytest.mark.parametrize("kind", ["language_model", "mllama"])
def test_tunes_saves_loads_predicts_explains(kind, request, events, tmp_path):
    base = str(request.getfixturevalue(kind))
    card = train_vlm(
        events.source, tmp_path / "vlm", base=base, steps=2, batch=4, device="cpu", report=silent
    )
    assert card["training"]["steps"] == 2
    assert card["backbone"]["quantise"] == "nf4"
    loaded = load_classifier(tmp_path / "vlm")
    predictions = loaded.predict(events[:5])
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert list(predictions.indices) == [0, 1, 2, 3, 4]
    assert ((predictions.unlike >= 0) & (predictions.unlike <= 1)).all()
    told = loaded.explain(events[0])
    reading = claims.read(told.text)
    assert reading.unread == ()
    assert reading.verdict is told.label
    assert {c.quantity for c in reading.claims} == {e.quantity for e in told.evidence}


def test_goes_on_with_real_maps_in_folds(language_model, make_events, events, tmp_path):
    folds = tmp_path / "folds.csv"
    ids = events.table["id"]
    folds.write_text("id,fold\n" + "".join(f"{e},{i // 3 % 2}\n" for i, e in enumerate(ids)))
    other = make_events(MODULAR_PIXEL, 60)
    options = {"base": str(language_model), "batch": 4, "steps": 1, "device": "cpu"}
    card = train_vlm(
        other.source,
        tmp_path / "vlm",
        real=events.source,
        folds=folds,
        real_steps=1,
        report=silent,
        **options,
    )
    assert [entry["trained_on"] for entry in card["data"]] == [60, 48]
    found = np.load(tmp_path / "vlm" / "folds.npz")
    assert sorted(found["id"]) == sorted(ids)
    assert found["probabilities"].shape == (60, 3)
    before = load_classifier(tmp_path / "vlm" / "pretrained")
    after = load_classifier(tmp_path / "vlm")
    assert before.version != after.version
    assert set(before.calibrations) == {"XZ-YZ"}
    assert set(after.calibrations) == {"U-V-Z", "XZ-YZ"}
    again = train_vlm(
        other.source, tmp_path / "more", init=tmp_path / "vlm", report=silent, **options
    )
    assert again["base_hash"] == card["base_hash"]


@pytest.fixture
def tuner(language_model, events, stated):
    def make(preset=None, captions: Caption | None = stated, **options):
        torch.manual_seed(0)
        backbone = open_backbone(
            BackboneConfig(base=str(language_model), vision=SMALL, rank=4), training=True
        )
        energies = events.table["energy"].to_numpy(float)
        material = Material([events], events.labels, energies, [captions] * len(events))
        data = DeviceEvents([load_sparse(events)], torch.device("cpu"))
        preset = preset or VlmPreset(batch=4, workers=0)
        return Tuner(backbone, material, data, preset, report=silent, **options)

    return make


def test_learns_to_answer(tuner):
    rates = {"adapter": 1e-2, "projector": 1e-2, "encoder": 1e-3}
    preset = VlmPreset(batch=8, rates=rates, alone=0.0, workers=0)
    tuned = tuner(preset, captions=None, style_shares=(0, 0, 1), aside_share=0.0)
    before, _ = ask(tuned.backbone, tuned.feeder.data, tuned.material, np.arange(15), "none")
    told = tuned.fit([Source(np.arange(60))], steps=40)
    after, features = ask(tuned.backbone, tuned.feeder.data, tuned.material, np.arange(15), "none")
    # Of random weights, none of the three names is likely; later one of them nearly always follows.
    assert np.exp(before).sum(axis=1).max() < 0.01
    assert np.exp(after).sum(axis=1).min() > 0.2
    assert told["verdict"] < 3.0
    assert features.shape == (15, 32)


def test_a_killed_training_goes_on_to_the_same_weights(tuner, tmp_path, monkeypatch):
    source = [Source(np.arange(60))]
    whole = tuner()
    whole.fit(source, steps=4)
    killed = tuner(checkpoint=tmp_path / "checkpoint")
    step = killed._step

    def dies(batch, number, done):
        if number == 3:
            raise KeyboardInterrupt
        return step(batch, number, done)

    monkeypatch.setattr(killed, "_step", dies)
    with pytest.raises(KeyboardInterrupt):
        killed.fit(source, steps=4, save_every=2)
    resumed = tuner(checkpoint=tmp_path / "checkpoint")
    assert resumed.fit(source, steps=4)["steps"] == 4
    for a, b in zip(whole.holder.parameters(), resumed.holder.parameters(), strict=True):
        torch.testing.assert_close(a, b)
    kept = load_file(tmp_path / "checkpoint")
    assert not any("embed_tokens" in name for name in kept)


def test_the_projector_learns_alone_first(tuner):
    tuned = tuner(VlmPreset(batch=4, workers=0, alone=1.0))
    before = {k: v.clone() for k, v in tuned.holder.state_dict().items()}
    tuned.fit([Source(np.arange(60))], steps=2)
    changed = {k for k, v in tuned.holder.state_dict().items() if not torch.equal(v, before[k])}
    assert changed
    assert all("projector" in name for name in changed)


def test_what_has_no_rate_stays(tuner):
    preset = VlmPreset(
        batch=4, rates={"adapter": 1e-3, "projector": 0.0, "encoder": 0.0}, workers=0
    )
    tuned = tuner(preset)
    before = {k: v.clone() for k, v in tuned.holder.state_dict().items()}
    tuned.fit([Source(np.arange(60))], steps=2)
    changed = {k for k, v in tuned.holder.state_dict().items() if not torch.equal(v, before[k])}
    assert changed
    assert all("lora" in name for name in changed)


def test_the_projector_learns_to_read(tuner):
    tuned = tuner()
    state = {k: v.clone() for k, v in tuned.backbone.base.projector.state_dict().items()}
    words = fit_words(
        tuned.backbone,
        tuned.feeder.data,
        tuned.material,
        np.arange(60),
        epochs=16,
        batch=16,
        report=silent,
    )
    # All events have the same caption, so that reading it is easy.
    assert words["n_prongs"] == words["has_track"] == words["vertex_activity"] == 1.0
    assert words["has_track measured"] == words["n_showers measured"] == 1.0
    kept = tuned.backbone.base.projector.state_dict()
    assert torch.equal(kept["label.weight"], state["label.weight"])
    assert (
        fit_words(
            tuned.backbone,
            tuned.feeder.data,
            replace(tuned.material, captions=[None] * 60),
            np.arange(60),
            report=silent,
        )
        == {}
    )


def test_memory_that_runs_out_is_told(tuner):
    tuned = tuner()

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    tuned.backbone.base.projector.register_forward_pre_hook(full)
    with pytest.raises(ModelError, match="does not fit into the memory"):
        tuned.fit([Source(np.arange(60))], steps=1)


def test_an_unknown_preset_is_refused(events, tmp_path):
    with pytest.raises(ModelError, match="no preset 'tpu'"):
        train_vlm(events.source, tmp_path, preset_name="tpu", report=silent)


def test_captions_are_kept_beside_their_file(make_events):
    events = make_events(MODULAR_PIXEL, 3)
    path = write_captions(events)
    text = path.read_text()
    assert "[null, null, null]" in " ".join(text.split()).replace("[ ", "[").replace(" ]", "]")
    kept = text.replace("null", '[["n_prongs", 2]]', 1)
    path.write_text(kept)
    reopened = open_events(events.source)
    assert load_captions(reopened[:2]) == [(Claim("n_prongs", 2),), None]
    path.write_text(kept.replace('"fingerprint": "', '"fingerprint": "x'))
    assert load_captions(reopened[:2]) == [None, None]


def test_rates_fall_after_they_have_risen():
    preset = VlmPreset(alone=0.1, warmup=0.1)
    shares = [qlora._share(done, "adapter", preset) for done in (0.05, 0.15, 0.2, 0.6, 1.0)]
    assert shares[0] == 0.0
    assert 0.0 < shares[1] < shares[2]
    assert shares[2] > shares[3] > shares[4] > 0.0
    assert qlora._share(0.1, "projector", preset) > 0.9
