from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.events import SOURCES, Hits
from classifier.models.batching import SOURCE_CELL
from classifier.models.vit import VIT_HUGE, VisionTransformer, VitConfig, VitEncoder
from tests.classifier.models.pictures import WIRES, event, events

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
    network = VisionTransformer(SMALL)
    pixels = network.encode_events(events(3)).to("cpu")
    cells = len(pixels.event), pixels.height // SOURCE_CELL, pixels.width // SOURCE_CELL
    logits, _, sources = network(replace(pixels, sources=torch.rand(*cells, len(SOURCES))))
    said, charge = sources
    assert said.shape == charge.shape
    (logits.square().sum() + said.square().sum()).backward()
    still = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    # A bias of the keys changes no attention.
    assert not [name for name in still if not name.endswith("k_proj.bias")]


@torch.no_grad()
def test_charge_of_sources_goes_with_cells_and_patches(network):
    pixels = network.encode_events(events(3)).to("cpu")
    n, (rows, columns) = len(pixels.event), (pixels.height // 8, pixels.width // 8)
    image = pixels.place // (pixels.height * pixels.width)
    row, column = pixels.place // pixels.width % pixels.height, pixels.place % pixels.width
    grid = torch.zeros(n, rows, columns, len(SOURCES))
    grid[image, row // 8, column // 8, 1] = 1.0
    _, charge = network(replace(pixels, sources=grid))[2]
    _, mask = network.encoder(pixels)
    patches = int(mask.sum()) - len(pixels)
    cells = len(charge) - patches
    assert (charge[:, 1] > 0).all()
    assert charge[:cells].sum() == charge[cells:].sum() == grid.sum()


@torch.no_grad()
def test_an_event_without_hits_has_a_verdict(network):
    nothing = event(Hits.from_views(np.zeros((2, 64, 64), dtype=np.uint8)))
    some = [*events(2), nothing]
    logits, *_ = network(network.encode_events(some).to("cpu"))
    alone, *_ = network(network.encode_events([nothing]).to("cpu"))
    assert torch.isfinite(logits).all()
    torch.testing.assert_close(logits[2:], alone, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_where_a_pixel_is_matters(network):
    pixels = network.encode_events(events(1)).to("cpu")
    moved = replace(pixels, vertex=pixels.vertex + 32)
    assert not torch.allclose(network(pixels)[0], network(moved)[0], atol=1e-4)


@torch.no_grad()
def test_features_of_the_encoder(network):
    some = events(4)
    features, mask = network.encoder(network.encode_events(some).to("cpu"))
    assert features.shape == (4, mask.shape[1], 32)
    assert mask[:, 0].all()
    for one, seen in zip(some, mask, strict=True):
        hits = one.hits
        patches = {*zip(hits.view, hits.row // 32, hits.column // 32, strict=True)}
        assert seen.sum() == 1 + len(patches)
