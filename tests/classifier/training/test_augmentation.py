from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from classifier.training.augmentation import Augmentation, augment
from classifier.training.data import DeviceEvents, load_sparse
from tests.classifier.models.pictures import PIXELS, WIRES, event_set

NONE = replace(Augmentation(), **{f.name: type(f.default)(0) for f in fields(Augmentation)})


@pytest.fixture(scope="module", params=[WIRES, PIXELS], ids=lambda g: g.name)
def data(request):
    return DeviceEvents([load_sparse(event_set(60, geometry=request.param))], torch.device("cpu"))


def changed(data, settings, seed=0):
    hits = data.batch(np.arange(len(data)))
    return hits, *augment(hits, data.tables, settings, torch.Generator().manual_seed(seed))


def columns(hits, event, view):
    return hits.column[(hits.event == event) & (hits.view == view)]


def test_nothing_changes_if_nothing_is_asked_for(data):
    before, after, factor = changed(data, NONE)
    for name in ("event", "view", "row", "column", "value"):
        torch.testing.assert_close(getattr(after, name), getattr(before, name))
    assert (factor == 1).all()


def test_views_that_share_the_drift_axis_are_reflected_together(data):
    before, after, _ = changed(data, replace(NONE, reflect=0.5))
    geometry = data.geometries[0]
    flipped = np.zeros((60, geometry.n_views), dtype=bool)
    for i in range(60):
        for v in range(geometry.n_views):
            old, new = columns(before, i, v), columns(after, i, v)
            flipped[i, v] = torch.equal(new, geometry.shape[1] - 1 - old)
            assert flipped[i, v] or torch.equal(new, old)
    assert 0.2 < flipped[:, 0].mean() < 0.8
    together = (flipped == flipped[:, :1]).all()
    assert together == (geometry is WIRES)


def test_u_and_v_are_exchanged_but_pixel_views_are_not(data):
    before, after, _ = changed(data, replace(NONE, swap=1.0))
    expected = before.view
    if data.geometries[0] is WIRES:
        expected = torch.tensor([1, 0, 2])[before.view]
    torch.testing.assert_close(after.view, expected)


def test_shifted_hits_stay_inside(data):
    _, after, _ = changed(data, replace(NONE, shift_rows=20, shift_columns=30))
    height, width = data.geometries[0].shape
    assert after.row.min() >= 0
    assert after.row.max() < height
    assert after.column.min() >= 0
    assert after.column.max() < width


def test_dead_rows_are_dead_from_end_to_end(data):
    before, after, _ = changed(data, replace(NONE, dead=0.5))

    def key(h):
        return (h.event * 8 + h.view) * 1000 + h.row

    gone = torch.isin(key(before), key(after), invert=True)
    assert 0.01 < gone.float().mean() < 0.2
    # A row lives or dies whole: no hit of a surviving row is missing.
    assert len(after.value) == int((~gone).sum())


def test_charges_keep_their_mean_and_saturate(data):
    before, after, _ = changed(data, replace(NONE, gain=0.1, view_gain=0.05, hit_noise=0.1))
    assert float(after.value.mean() / before.value.mean()) == pytest.approx(1.0, abs=0.06)
    assert not torch.allclose(after.value, before.value)
    _, loud, _ = changed(data, replace(NONE, gain=3.0))
    assert loud.value.max() == 1.0


def test_noise_thresholds_resolution_and_lost_views(data):
    before, after, _ = changed(data, replace(NONE, noise=20.0))
    assert len(after.value) > len(before.value)
    before, after, _ = changed(data, replace(NONE, threshold=0.2))
    assert len(after.value) < len(before.value)
    _, _, factor = changed(data, replace(NONE, half=0.4, quarter=0.3))
    assert set(factor.tolist()) == {1, 2, 4}
    _, after, _ = changed(data, replace(NONE, drop_view=1.0))
    views = torch.bincount(after.event * 8 + after.view, minlength=480).view(60, 8) > 0
    assert (views.sum(1) == data.geometries[0].n_views - 1).all()


def test_the_same_seed_changes_alike(data):
    _, a, fa = changed(data, Augmentation(), 5)
    _, b, fb = changed(data, Augmentation(), 5)
    _, c, _ = changed(data, Augmentation(), 6)
    assert torch.equal(a.value, b.value)
    assert torch.equal(fa, fb)
    assert len(a.value) != len(c.value) or not torch.equal(a.value, c.value)
