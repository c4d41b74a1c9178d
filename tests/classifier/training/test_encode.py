from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.events import SOURCES, Geometry, Hits, View
from classifier.models.batching import rasterize, tokenize
from classifier.models.vit import VisionTransformer, VitConfig
from classifier.training.data import DeviceEvents, load_sparse
from classifier.training.encode import image_batch, rasterize_hits, token_batch
from tests.classifier.models.pictures import PIXELS, WIRES, event, event_set

CPU = torch.device("cpu")
SETS = [event_set(5, geometry=WIRES), event_set(4, seed=1)]
ALL = [event for events in SETS for event in events]


@pytest.fixture(scope="module")
def data():
    return DeviceEvents([load_sparse(events) for events in SETS], CPU)


def test_images_are_those_of_the_readers(data):
    order = [6, 0, 8, 3]
    made = image_batch(rasterize_hits(data.batch(np.array(order)), data.tables, 32))
    wanted = rasterize([ALL[i] for i in order])
    np.testing.assert_allclose(made.images, wanted.images, atol=1e-3)
    np.testing.assert_array_equal(made.slots, wanted.slots)
    np.testing.assert_allclose(made.share, wanted.share)
    np.testing.assert_array_equal(data.batch(np.array(order)).labels, [1, 0, 0, 0])


def test_tokens_are_those_of_the_readers(data):
    order = np.array([2, 7, 5, 1])
    rasters = rasterize_hits(data.batch(order), data.tables, 32)
    made = token_batch(rasters, data.tables, 32, 3)
    wanted = tokenize([ALL[i] for i in order], 32, 3).to("cpu")
    np.testing.assert_array_equal(made.mask.sum(1), wanted.mask.sum(1))
    torch.manual_seed(0)
    network = VisionTransformer(VitConfig(width=32, layers=2, heads=2, mlp=64)).eval()
    with torch.no_grad():
        torch.testing.assert_close(network(made)[0], network(wanted)[0], atol=1e-3, rtol=1e-3)


def test_lower_resolution_is_that_of_a_coarser_detector(data):
    order = np.arange(5, 9)
    for k in (2, 4):
        factor = torch.full((4,), k)
        made = image_batch(rasterize_hits(data.batch(order), data.tables, 32, factor))
        pitch = 0.5 * k
        views = tuple(View(v.name, v.row_axis, v.column_axis, pitch, pitch) for v in PIXELS.views)
        coarse = Geometry("coarse", views, (64 // k, 64 // k), vertex=(16 / k, 32 / k))
        blocks = [
            ALL[i].views.reshape(2, 64 // k, k, 64 // k, k).mean((2, 4), dtype=np.float32)
            for i in order
        ]
        wanted = rasterize([event(Hits.from_views(b), coarse) for b in blocks])
        np.testing.assert_allclose(made.images[..., :64, :64], wanted.images, atol=1e-3)


def test_some_tokens_are_taken_by_chance_where_there_are_too_many(data):
    rasters = rasterize_hits(data.batch(np.array([0, 5])), data.tables, 16)
    every = token_batch(rasters, data.tables, 16, 3)
    assert every.mask.sum(1).min() > 7
    few = token_batch(rasters, data.tables, 16, 3, 7, torch.Generator().manual_seed(0))
    other = token_batch(rasters, data.tables, 16, 3, 7, torch.Generator().manual_seed(1))
    assert few.mask.shape == (2, 7)
    assert few.mask.all()
    assert not torch.equal(few.pixels, other.pixels)
    known = {tuple(p.tolist()) for p in every.pixels[0]}
    assert all(tuple(p.tolist()) in known for p in few.pixels[0])


def test_sources_are_the_charge_of_each_patch(data):
    hits = data.batch(np.array([0, 5]))
    kinds = torch.arange(len(hits.value)) % len(SOURCES)
    hits = replace(hits, source=kinds)
    rasters = rasterize_hits(hits, data.tables, 32)
    tokens = token_batch(rasters, data.tables, 32, 1)
    wanted = torch.zeros(2, len(SOURCES)).index_put_(
        (hits.event, kinds), hits.value, accumulate=True
    )
    torch.testing.assert_close(tokens.sources.sum(1), wanted)
    # A token's sources are those of its own hits.
    some = tokens.sources[0].sum(-1) > 0
    assert torch.equal(some, tokens.pixels[0].sum(-1) > 0)


def test_an_event_without_hits(data):
    none = replace(data.batch(np.array([5])), event=torch.zeros(0, dtype=torch.int64))
    for name in ("view", "row", "column"):
        none = replace(none, **{name: torch.zeros(0, dtype=torch.int64)})
    none = replace(none, value=torch.zeros(0), source=torch.zeros(0, dtype=torch.int64))
    tokens = token_batch(rasterize_hits(none, data.tables, 16), data.tables, 16, 3)
    assert tokens.mask.sum() == 1
    assert not tokens.pixels.any()
