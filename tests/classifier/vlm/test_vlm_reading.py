"""Shortcuts of inference against the plain way to do the same."""

import numpy as np
import pytest
import torch

from classifier import claims
from classifier.events import CLASSES
from classifier.models.vlm import VlmClassifier
from classifier.models.vlm_backbone import BackboneConfig, open_backbone
from classifier.models.vlm_evidence import informed, sayings
from classifier.models.vlm_inference import for_inference
from classifier.models.vlm_measured import Measurement
from classifier.models.vlm_reading import Reader, name_tokens, open_text
from classifier.topology import measure

VISION = {"width": 32, "layers": 1, "heads": 4, "mlp": 64}


@pytest.fixture(scope="module", params=["language_model", "mllama"])
def backbone(request):
    base = str(request.getfixturevalue(request.param))
    torch.manual_seed(0)
    found = open_backbone(BackboneConfig(base=base, quantise="bf16", vision=VISION), training=False)
    for name, parameter in found.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    for_inference(found)
    found.model.float()
    return found


def naively(backbone, event):
    """Score each class name in a sequence of its own, without any cache."""
    text = open_text(backbone, event.geometry, "full")
    scores = []
    for name in name_tokens(backbone.processor.tokenizer):
        inputs = backbone.processor([text], [event])
        n = inputs["input_ids"].shape[1]
        ids = torch.cat([inputs["input_ids"], torch.tensor([name])], dim=1)
        inputs |= {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        cross = inputs.get("cross_attention_mask")
        if cross is not None:
            more = cross[:, -1:].expand(-1, len(name), -1, -1)
            inputs["cross_attention_mask"] = torch.cat([cross, more], dim=1)
        with torch.inference_mode():
            logits = backbone.model(**inputs, use_cache=False).logits.log_softmax(-1)
        scores.append(sum(float(logits[0, n + i - 1, t]) for i, t in enumerate(name)))
    return scores


@pytest.mark.parametrize("share", [True, False])
def test_probabilities_are_those_of_whole_sequences(backbone, events, share):
    reader = Reader(backbone, events.geometry, share=share)
    with torch.inference_mode():
        found = reader.log_probabilities(reader.start(list(events[:3])))
    expected = [naively(backbone, event) for event in events[:3]]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_the_shared_prompt_is_used(backbone, events):
    reader = Reader(backbone, events.geometry)
    fed = []

    def note(module, inputs, named):
        fed.append(named["input_ids"].shape)

    hook = backbone.model.register_forward_pre_hook(note, with_kwargs=True)
    with torch.inference_mode():
        reader.start(list(events[:2]))
        reader.start(list(events[2:4]))
    hook.remove()
    first, second, third = (shape[1] for shape in fed)
    assert first > 50  # the text, once
    assert second == third < 100


def test_classes_that_begin_alike_are_told_apart(backbone):
    names = name_tokens(backbone.processor.tokenizer)
    assert len({tuple(name) for name in names}) == 3
    assert all(names)


def test_explanations_do_not_depend_on_the_batch(backbone, events):
    def explain(rows, label):
        reader = Reader(backbone, events.geometry)
        with torch.inference_mode():
            return reader.explain(reader.start([events[i] for i in rows]), [label] * len(rows))

    together = explain([0, 1, 2], CLASSES[1])
    assert together == [explain([i], CLASSES[1])[0] for i in range(3)]
    for text in together:
        assert claims.read(text).unread == ()


def test_the_label_is_the_predicted_one(backbone, events):
    vlm = VlmClassifier("vlm", "0", backbone, {}, {}, batch=4)
    told = vlm.explain_many(list(events[:6]))
    assert [t.label for t in told] == vlm.predict(events[:6]).labels
    assert all(claims.read(t.text).verdict is t.label for t in told)


def test_predictions_keep_the_order_of_the_events(backbone, events):
    vlm = VlmClassifier("vlm", "0", backbone, {}, {}, batch=4)
    calls = []
    together = vlm.predict(events[:10], progress=lambda *seen: calls.append(seen))
    assert calls[-1] == (10, 10)
    one = vlm.predict(events[7])
    np.testing.assert_allclose(together.probabilities[7], one.probabilities[0], atol=1e-5)
    assert together.unlike.tolist() == [1.0] * 10  # nothing is known of the detector
    assert vlm.embed(events[:3]).shape[0] == 3
    assert len(vlm.predict(events[:0])) == 0


def test_images_first_is_another_order_of_the_same(language_model, events):
    config = BackboneConfig(base=str(language_model), images_first=True, vision=VISION)
    turned = open_backbone(config, training=False)
    for_inference(turned)
    text = open_text(turned, events.geometry, "full")
    assert text.index("<filename>") < text.index("Is this NuE CC")
    assert len(VlmClassifier("vlm", "0", turned, {}, {}).predict(events[:2])) == 2


def test_explanations_state_what_is_read_in_the_light_of_the_measurement(backbone, events):
    if not backbone.embedded:
        pytest.skip("large models have no readers")
    some = list(events[:3])
    topologies = [measure(e) for e in some]
    with torch.inference_mode():
        said = informed(backbone, some, topologies)
        pixels = backbone.processor.encode_images(some)["pixels"]
        read = backbone.base.projector.read
        told = read(*backbone.base.encoder(pixels), Measurement.of(topologies))
    assert said == sayings(told)
    vlm = VlmClassifier("vlm", "0", backbone, {}, {})
    for explanation, wanted in zip(vlm.explain_many(some), said, strict=True):
        stated = {(c.quantity, c.value) for c in claims.parse(explanation.text)}
        assert stated == wanted


def test_explanations_say_what_is_read_and_nothing_else(backbone, events):
    reader = Reader(backbone, events.geometry)
    said = [
        frozenset({("has_track", True)}),
        frozenset({("n_prongs", 3.0), ("longest_track_cm", 120.0), ("vertex_activity", "low")}),
    ]
    with torch.inference_mode():
        texts = reader.explain(reader.start(list(events[:2])), [CLASSES[0]] * 2, said)
    for text, wanted in zip(texts, said, strict=True):
        assert {(c.quantity, c.value) for c in claims.parse(text)} == wanted
