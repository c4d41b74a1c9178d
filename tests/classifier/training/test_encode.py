from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.events import SOURCES, Geometry, Hits, View
from classifier.models.batching import SOURCE_CELL, occupied_pixels, rasterize
from classifier.training.data import DeviceEvents, load_sparse
from classifier.training.encode import image_batch, pixel_batch, rasterize_hits
from tests.classifier.models.pictures import PIXELS, WIRES, event, event_set

CPU = torch.device("cpu")
SETS = [event_set(5, geometry=WIRES), event_set(4, seed=1)]
ALL = [event for events in SETS for event in events]


@pytest.fixture(scope="module")
def data():
    return DeviceEvents([load_sparse(events) for events in SETS], CPU)


def test_images_are_those_of_the_readers(data):
    order = [6, 0, 8, 3]
    made = image_batch(rasterize_hits(data.batch(np.array(order)), data.tables))
    wanted = rasterize([ALL[i] for i in order])
    np.testing.assert_allclose(made.images, wanted.images, atol=1e-3)
    np.testing.assert_array_equal(made.slots, wanted.slots)
    np.testing.assert_allclose(made.share, wanted.share)
    np.testing.assert_array_equal(data.batch(np.array(order)).labels, [1, 0, 0, 0])


def test_pixels_are_those_of_the_readers(data):
    order = np.array([2, 7, 5, 1])
    made = pixel_batch(rasterize_hits(data.batch(order), data.tables), data.tables)
    wanted = occupied_pixels([ALL[i] for i in order])
    for name in ("place", "event", "view", "vertex"):
        np.testing.assert_array_equal(getattr(made, name), getattr(wanted, name))
    np.testing.assert_allclose(made.value, wanted.value, atol=1e-3)
    assert (made.height, made.width, len(made)) == (wanted.height, wanted.width, 4)


def test_lower_resolution_is_that_of_a_coarser_detector(data):
    order = np.arange(5, 9)
    for k in (2, 4):
        factor = torch.full((4,), k)
        made = image_batch(rasterize_hits(data.batch(order), data.tables, factor))
        pitch = 0.5 * k
        views = tuple(View(v.name, v.row_axis, v.column_axis, pitch, pitch) for v in PIXELS.views)
        coarse = Geometry("coarse", views, (64 // k, 64 // k), vertex=(16 / k, 32 / k))
        blocks = [
            ALL[i].views.reshape(2, 64 // k, k, 64 // k, k).mean((2, 4), dtype=np.float32)
            for i in order
        ]
        wanted = rasterize([event(Hits.from_views(b), coarse) for b in blocks])
        np.testing.assert_allclose(made.images[..., :64, :64], wanted.images, atol=1e-3)


def test_sources_are_the_charge_of_each_cell(data):
    hits = data.batch(np.array([0, 5]))
    kinds = torch.arange(len(hits.value)) % len(SOURCES)
    pixels = pixel_batch(rasterize_hits(replace(hits, source=kinds), data.tables), data.tables)
    wanted = torch.zeros(2, len(SOURCES)).index_put_(
        (hits.event, kinds), hits.value, accumulate=True
    )
    by_event = torch.stack([pixels.sources[pixels.event == i].sum((0, 1, 2)) for i in range(2)])
    torch.testing.assert_close(by_event, wanted)
    # Cells with charge are those with pixels.
    rest, column = pixels.place // pixels.width, pixels.place % pixels.width
    cells = torch.zeros(pixels.sources.shape[:3], dtype=torch.bool)
    cells[rest // pixels.height, rest % pixels.height // SOURCE_CELL, column // SOURCE_CELL] = True
    assert torch.equal(pixels.sources.sum(-1) > 0, cells)


def test_an_event_without_hits(data):
    none = replace(data.batch(np.array([5])), event=torch.zeros(0, dtype=torch.int64))
    for name in ("view", "row", "column"):
        none = replace(none, **{name: torch.zeros(0, dtype=torch.int64)})
    none = replace(none, value=torch.zeros(0), source=torch.zeros(0, dtype=torch.int64))
    pixels = pixel_batch(rasterize_hits(none, data.tables), data.tables)
    assert len(pixels) == 1
    assert not len(pixels.place)
