import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from classifier.claims import Claim
from classifier.events import CLASSES
from classifier.models.vlm_readings import readings, spelling, target, word_count
from classifier.models.vlm_sentences import ORDER, plain
from classifier.models.vlm_words import EVENNESS, VisualWords, most_likely


def test_words_stand_in_the_sentences(stated):
    """What the projector spells of a value is what the explanation says of it."""
    for claim in stated:
        reading = readings()[claim.quantity]
        words = reading.words[target(claim.quantity, [claim])]
        said = " ".join(plain([claim]).split())
        text = "".join(words).strip()
        # The last word is repeated where other values have more.
        while text not in said and len(words) > 1:
            words = words[:-1]
            text = "".join(words).strip()
        assert text in said
        assert len(words) > 1 or len(reading.words[0]) == 1


def test_all_spellings_of_a_quantity_are_equally_long():
    for reading in readings().values():
        assert len({len(words) for words in reading.words}) == 1
        assert len(reading.values) == len(reading.words)


@pytest.mark.parametrize(
    ("quantity", "value", "nearest"),
    [
        ("longest_track_cm", 144.0, 140.0),
        ("longest_track_cm", 4000.0, 990.0),
        ("n_prongs", 17, 9.0),
        ("initial_dedx", 2.2, 2.0),
        ("has_track", True, True),
        ("vertex_activity", "high", "high"),
    ],
)
def test_the_nearest_value_is_the_target(quantity, value, nearest):
    assert readings()[quantity].values[target(quantity, [Claim(quantity, value)])] == nearest


def test_what_is_not_claimed_is_none():
    assert readings()["vertex_gap_cm"].values[target("vertex_gap_cm", [])] is None
    with pytest.raises(ValueError, match="must state n_prongs"):
        target("n_prongs", [])


def test_numbers_are_read_as_their_median():
    values = readings()["n_prongs"].values
    logits = torch.full((1, len(values)), -30.0)
    logits[0, [1, 2, 7]] = torch.log(torch.tensor([0.3, 0.3, 0.4]))
    assert values[int(most_likely("n_prongs", logits)[0])] == 2.0


def test_a_number_is_claimed_if_that_is_more_likely_than_not():
    values = readings()["vertex_gap_cm"].values
    logits = torch.full((2, len(values)), -30.0)
    logits[0, [0, 8]] = torch.log(torch.tensor([0.4, 0.6]))
    logits[1, [0, 8]] = torch.log(torch.tensor([0.6, 0.4]))
    found = [values[int(i)] for i in most_likely("vertex_gap_cm", logits)]
    assert found == [7.0, None]


def test_the_class_word_is_a_mean_of_the_names(language_model):
    spelt = spelling(AutoTokenizer.from_pretrained(language_model))
    words = VisualWords(16, spelt)
    embedding = torch.nn.Embedding(1000, 8)
    with torch.no_grad():
        words.label.weight.zero_()
        words.label.bias.copy_(EVENNESS * torch.tensor([0.7, 0.2, 0.1]).log())
        out = words(torch.randn(2, 5, 16), torch.ones(2, 5, dtype=torch.bool), embedding)
        names = embedding(torch.tensor([row[0] for row in spelt["class"][1:]]))
    assert out.shape == (2, word_count(), 8)
    mean = (torch.tensor([[0.7], [0.2], [0.1]]) * names).sum(0)
    torch.testing.assert_close(out[0, 2], mean)


def test_padding_is_not_looked_at(language_model):
    words = VisualWords(16, spelling(AutoTokenizer.from_pretrained(language_model))).eval()
    features = torch.randn(1, 6, 16)
    longer = torch.cat([features, torch.full((1, 3, 16), 9.0)], dim=1)
    mask = torch.tensor([[True] * 6 + [False] * 3])
    with torch.no_grad():
        plainly = words.read(features, mask[:, :6])
        padded = words.read(longer, mask)
    for quantity in (*ORDER, "class"):
        np.testing.assert_allclose(plainly[quantity], padded[quantity], atol=1e-5)
    assert plainly["class"].shape == (1, len(CLASSES))
