import numpy as np
import pytest
import torch

from classifier.events import DUNE_FD_HD, MODULAR_PIXEL
from classifier.models.vlm_backbone import BackboneConfig, open_backbone
from classifier.models.vlm_readings import word_count
from classifier.training.conversations import Conversations, Material, without_rows
from classifier.training.supervised import Source


@pytest.fixture(scope="module")
def backbone(language_model):
    return open_backbone(BackboneConfig(base=str(language_model)), training=True)


@pytest.fixture
def material(events, stated):
    captions = [stated if i % 2 else None for i in range(len(events))]
    return Material([events], events.labels, events.table["energy"].to_numpy(float), captions)


def talk(material, backbone, **options):
    options = {"seed": 0, **options}
    sources = options.pop("sources", [Source(np.arange(len(material.labels)))])
    return Conversations(material, backbone, sources, options.pop("size", 8), **options)


def test_a_step_is_the_same_each_time(material, backbone):
    first, again = (talk(material, backbone)[3] for _ in range(2))
    assert torch.equal(first.inputs["input_ids"], again.inputs["input_ids"])
    assert torch.equal(first.answers, again.answers)
    assert not np.array_equal(first.numbers, talk(material, backbone, seed=1)[3].numbers)


def test_each_event_comes_once_an_epoch(material, backbone):
    conversations = talk(material, backbone, size=12)
    numbers = np.concatenate([conversations[step].numbers for step in range(5)])
    assert sorted(numbers) == list(range(60))


def test_sources_give_their_shares(material, backbone):
    sources = [Source(np.arange(10), 1.0), Source(np.arange(10, 60), 3.0)]
    numbers = talk(material, backbone, sources=sources)[0].numbers
    assert (numbers < 10).sum() == 2


def test_answers_name_the_class_and_the_claims(material, backbone):
    batch = talk(material, backbone)[0]
    tokenizer = backbone.processor.tokenizer
    for i, number in enumerate(batch.numbers):
        name = tokenizer.decode(batch.answers[i][batch.named[i]])
        assert name == (" NuE CC", " NuMu CC", " NC")[material.labels[number]]
        said = tokenizer.decode(batch.answers[i][batch.answered[i]])
        if material.captions[number] is None:
            assert said == name
        else:
            assert said.startswith(f"{name}. ")
            assert said.endswith("<|im_end|>")
            assert "vertex" in said


def test_prompts_end_together_and_vary(material, backbone):
    conversations = talk(material, backbone, aside_share=1.0)
    tokenizer = backbone.processor.tokenizer
    texts = set()
    for step in range(12):
        batch = conversations[step]
        ids = batch.inputs["input_ids"]
        assert all(tokenizer.decode(row).endswith("I classify the pixel maps as") for row in ids)
        assert (ids == backbone.base.config.image_token_id).sum(1).tolist() == [word_count()] * 8
        texts |= set(tokenizer.batch_decode(ids))
        dead = batch.dead[:, 0] >= 0
        assert all(("are dead" in tokenizer.decode(r)) == d for r, d in zip(ids, dead, strict=True))
    assert any("minimum-ionising" in text for text in texts)
    assert any("Views: U, V, Z" in text for text in texts)
    assert any("GeV" in text for text in texts)


def test_no_asides_if_none_are_wanted(material, backbone):
    batch = talk(material, backbone, aside_share=0.0)[0]
    assert (batch.dead == -1).all()


def test_dead_rows_are_taken_out(event):
    without = without_rows(event, 1, 20, 30)
    assert not (
        (without.hits.view == 1) & (without.hits.row >= 20) & (without.hits.row <= 30)
    ).any()
    gone = len(event.hits) - len(without.hits)
    assert gone == ((event.hits.view == 1) & (event.hits.row >= 20) & (event.hits.row <= 30)).sum()
    assert gone > 0
    assert without_rows(event, -1, 0, 0) is event


def test_events_of_two_geometries_are_numbered_through(make_events, events):
    other = make_events(MODULAR_PIXEL, 6)
    labels = np.concatenate([events.labels, other.labels])
    material = Material([events, other], labels, np.ones(66), [None] * 66)
    assert material.geometry(59) == DUNE_FD_HD
    assert material.geometry(60) == MODULAR_PIXEL
    assert material.event(61).id == "event1"
