import numpy as np
import pytest

from classifier.evaluation.changes import harmless, without_longest_track, without_showers
from classifier.events import GEOMETRIES, Event, Hits
from classifier.topology import measure, reconstruct
from classifier.topology.projection import Projection


def line(views, geometry, end, deposit=1.0):
    """Add a straight track from the vertex, `end` in cm."""
    projection = Projection.of(geometry)
    points = np.linspace(0, 1, int(np.linalg.norm(end) * 10))[:, None] * np.asarray(end, float)
    for v in range(geometry.n_views):
        at = np.array(geometry.vertex) + (points @ projection.axes[v].T) / projection.pitch[v]
        pixel = np.rint(at).astype(int)
        inside = ((pixel >= 0) & (pixel < geometry.shape)).all(axis=1)
        np.add.at(views[v], tuple(pixel[inside].T), deposit * 0.21 / projection.mev_per_unit)


@pytest.fixture(params=GEOMETRIES.values(), ids=lambda g: g.name)
def event(request):
    """A track of 94 cm, a short one, and a cone of scattered charge."""
    geometry = request.param
    views = np.zeros((geometry.n_views, *geometry.shape))
    line(views, geometry, (-50, 0, 80))
    line(views, geometry, (-5, 20, 20))
    rng = np.random.default_rng(0)
    axis = np.array([0.5, 0.1, 0.86])
    depth = 6 + rng.gamma(3.0, 8.0, 800)
    points = depth[:, None] * axis + 0.1 * depth[:, None] * rng.normal(size=(800, 3))
    line(views, geometry, 20 * axis)
    projection = Projection.of(geometry)
    for v in range(geometry.n_views):
        at = np.array(geometry.vertex) + (points @ projection.axes[v].T) / projection.pitch[v]
        pixel = np.rint(at).astype(int)
        inside = ((pixel >= 0) & (pixel < geometry.shape)).all(axis=1)
        np.add.at(views[v], tuple(pixel[inside].T), 35.0)
    hits = Hits.from_views(np.minimum(views, 255).astype(np.uint8))
    return Event("drawn", 0, geometry, hits)


def test_harmless_changes_move_the_picture_but_not_what_is_measured(event):
    before = measure(event)
    rng = np.random.default_rng(1)
    for _ in range(4):
        changed = harmless(event, rng)
        assert len(changed.hits) == len(event.hits)
        assert not np.array_equal(changed.views, event.views)
        after = measure(changed)
        assert after.longest_track_cm == pytest.approx(before.longest_track_cm, rel=0.15)
        assert after.has_shower == before.has_shower
        assert after.visible_energy == pytest.approx(before.visible_energy, rel=0.05)


def test_removing_the_longest_track_leaves_the_shower(event):
    before = measure(event)
    after = measure(without_longest_track(event, reconstruct(event)))
    assert before.longest_track_cm == pytest.approx(94, rel=0.08)
    assert after.longest_track_cm < 0.6 * before.longest_track_cm
    assert after.has_shower


def test_removing_showers_leaves_the_longest_track(event):
    before = measure(event)
    assert before.has_shower
    after = measure(without_showers(event, reconstruct(event)))
    assert after.shower_energy < 0.5 * before.shower_energy
    assert after.longest_track_cm == pytest.approx(before.longest_track_cm, rel=0.2)


def test_nothing_to_remove(event):
    empty = Event("empty", 0, event.geometry, Hits.from_views(np.zeros_like(event.views)))
    found = reconstruct(empty)
    assert len(without_longest_track(empty, found).hits) == 0
    assert len(without_showers(empty, found).hits) == 0
    assert len(harmless(empty, np.random.default_rng(0)).hits) == 0
