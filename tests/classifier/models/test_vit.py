from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.events import SOURCES
from classifier.models.vit import VIT_HUGE, VisionTransformer, VitConfig, VitEncoder
from tests.classifier.models.pictures import WIRES, events

SMALL = VitConfig(width=32, layers=2, heads=2, mlp=64)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return VisionTransformer(SMALL).eval()


def test_sizes():
    shipped = sum(p.numel() for p in VisionTransformer().parameters())
    assert 2 * shipped < 16e6  # fp16
    with torch.device("meta"):
        huge = sum(p.numel() for p in VitEncoder(VIT_HUGE).parameters())
    # ViT-H/14 has 632 M (arXiv:2010.11929, table 1).
    assert huge == pytest.approx(632e6, rel=0.02)


@torch.no_grad()
def test_padding_changes_nothing(network):
    some = [*events(3), *events(3, geometry=WIRES)]
    together, *_ = network(network.encode_events(some).to("cpu"))
    alone = torch.cat([network(network.encode_events([e]).to("cpu"))[0] for e in some])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_every_part_learns_from_class_and_sources():
    network = VisionTransformer(replace(SMALL, patch=16, fine_radius=0))
    logits, _, sources = network(network.encode_events(events(3)).to("cpu"))
    assert sources.shape == (3, sources.shape[1], len(SOURCES))
    (logits.square().sum() + sources.square().sum()).backward()
    still = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    # A bias of the keys changes no attention.
    assert not [name for name in still if not name.endswith("k_proj.bias")]


@torch.no_grad()
def test_the_order_of_tokens_does_not_matter(network):
    tokens = network.encode_events(events(1)).to("cpu")
    order = torch.randperm(tokens.mask.shape[1])
    fields = ("pixels", "row", "column", "level", "view", "mask")
    shuffled = replace(tokens, **{f: getattr(tokens, f)[:, order] for f in fields})
    torch.testing.assert_close(network(tokens)[0], network(shuffled)[0], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_where_a_token_is_matters(network):
    tokens = network.encode_events(events(1)).to("cpu")
    moved = replace(tokens, row=tokens.row + 3)
    assert not torch.allclose(network(tokens)[0], network(moved)[0], atol=1e-4)


@torch.no_grad()
def test_features_of_the_encoder(network):
    tokens = network.encode_events(events(4)).to("cpu")
    features, mask = network.encoder(tokens)
    assert features.shape == (4, 1 + tokens.mask.shape[1], 32)
    np.testing.assert_array_equal(mask[:, 1:], tokens.mask)
    assert mask[:, 0].all()
