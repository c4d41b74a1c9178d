from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from classifier.events import DUNE_FD_HD, GEOMETRIES, MODULAR_PIXEL, Event, Geometry, Hits
from classifier.topology import measure, reconstruct
from classifier.topology.projection import Projection

DUNE = Path(__file__).parents[2] / ".." / "shared" / "data" / "dune-cvn"


def project(points: np.ndarray, geometry: Geometry, vertex: np.ndarray) -> list[np.ndarray]:
    """Rows and columns in each view of points in cm relative to the vertex."""
    projection = Projection.of(geometry)
    assert projection.axes is not None
    return [
        vertex + (points @ projection.axes[v].T) / projection.pitch[v]
        for v in range(geometry.n_views)
    ]


def draw(geometry: Geometry, tracks: list[np.ndarray], mev_per_cm: float = 2.1) -> Event:
    """Draw straight lines from the vertex to each end point, 1 mm steps, charge as deposited."""
    calibration = Projection.of(geometry).mev_per_unit
    assert geometry.vertex is not None
    vertex = np.array(geometry.vertex)
    views = np.zeros((geometry.n_views, *geometry.shape))
    for end in tracks:
        length = float(np.linalg.norm(end))
        points = np.linspace(0, 1, max(int(length / 0.1), 2))[:, None] * np.asarray(end)
        for v, at in enumerate(project(points, geometry, vertex)):
            pixel = np.rint(at).astype(int)
            inside = ((pixel >= 0) & (pixel < geometry.shape)).all(axis=1)
            deposit = mev_per_cm * length / len(points) / calibration
            np.add.at(views[v], tuple(pixel[inside].T), deposit)
    return Event("drawn", 0, geometry, Hits.from_views(views.astype(np.float32)))


def shower(geometry: Geometry, start: np.ndarray, axis: np.ndarray, seed: int = 0) -> Event:
    """Draw a bundle of short random steps around an axis, denser in its middle."""
    rng = np.random.default_rng(seed)
    axis = axis / np.linalg.norm(axis)
    depth = np.concatenate([np.linspace(0, 6, 60), 6 + rng.gamma(3.0, 10.0, 1500)])
    width = np.concatenate([np.zeros(60), 0.12 * depth[60:]])
    points = start + depth[:, None] * axis + width[:, None] * rng.normal(size=(len(depth), 3))
    views = np.zeros((geometry.n_views, *geometry.shape))
    for v, at in enumerate(project(points, geometry, np.array(geometry.vertex))):
        pixel = np.rint(at).astype(int)
        inside = ((pixel >= 0) & (pixel < geometry.shape)).all(axis=1)
        np.add.at(views[v], tuple(pixel[inside].T), 35.0)
    return Event("shower", 0, geometry, Hits.from_views(views.astype(np.float32)))


def together(*events: Event) -> Event:
    geometry = events[0].geometry
    return Event("sum", 0, geometry, Hits.from_views(sum(e.views for e in events)))


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
@pytest.mark.parametrize("end", [(30, 20, 80), (-50, 10, 60), (10, -40, 90)])
def test_length_of_a_straight_track_in_space(geometry, end):
    found = measure(draw(geometry, [np.array(end)]))
    assert found.longest_track_cm == pytest.approx(np.linalg.norm(end), rel=0.05)
    assert found.track_straightness > 0.97
    assert found.track_contained is True
    assert found.n_prongs == 1
    assert found.n_tracks == 1
    assert not found.has_shower
    assert found.track_dedx == pytest.approx(2.1, rel=0.2)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_track_that_leaves(geometry):
    found = measure(draw(geometry, [np.array([30, 10, 400])]))
    assert found.track_contained is False
    assert found.has_track


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_star_of_three_tracks(geometry):
    ends = [np.array(e) for e in [(60, 0, 60), (-40, 20, 80), (5, -30, 60)]]
    event = draw(geometry, ends)
    found = measure(event)
    assert found.n_prongs == 3
    assert found.n_tracks == 3
    lengths = sorted((float(np.linalg.norm(e)) for e in ends), reverse=True)
    assert found.longest_track_cm == pytest.approx(lengths[0], rel=0.08)
    assert found.second_track_cm == pytest.approx(lengths[1], rel=0.08)
    vertex = reconstruct(event).vertex.position
    assert np.abs(vertex - np.array(geometry.vertex)).max() <= 3
    assert found.vertex_activity == pytest.approx(3 * 5 * 2.1, rel=0.5)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_shower_at_the_vertex_and_apart_from_it(geometry):
    attached = measure(shower(geometry, np.zeros(3), np.array([0.1, 0.1, 1.0])))
    assert attached.has_shower
    assert attached.shower_energy > 100
    assert attached.vertex_gap_cm < 2
    track = draw(geometry, [np.array([-50.0, 40, 40])])
    apart = shower(geometry, np.array([12.0, -6, 12]), np.array([1.0, -0.5, 1.0]))
    found = measure(together(track, apart))
    assert found.has_shower
    assert found.vertex_gap_cm == pytest.approx(18, abs=5)
    assert found.longest_track_cm == pytest.approx(75, rel=0.1)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_dedx_follows_the_charge(geometry):
    one = measure(draw(geometry, [np.array([20, 10, 70])]))
    two = measure(draw(geometry, [np.array([20, 10, 70])], mev_per_cm=4.2))
    assert two.initial_dedx == pytest.approx(2 * one.initial_dedx, rel=0.02)


def pixels(geometry: Geometry, *at: tuple[int, int, int, float]) -> Event:
    views = np.zeros((geometry.n_views, *geometry.shape), dtype=np.float32)
    for view, row, column, value in at:
        views[view, row, column] = value
    return Event("pixels", 0, geometry, Hits.from_views(views))


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
@pytest.mark.parametrize(
    "at", [[], [(0, 5, 250, 40.0)], [(0, 0, 0, np.nan)], [(1, 1, 1, np.inf), (0, 5, 5, 1.0)]]
)
def test_nothing_to_see(geometry, at):
    found = measure(pixels(geometry, *at))
    assert found.n_hits == len(at)
    assert found.n_prongs == found.n_tracks == found.n_showers == 0
    assert found.longest_track_cm == 0
    assert found.initial_dedx is None
    assert not found.has_shower
    assert not found.has_track
    assert np.isfinite(found.visible_energy)
    assert np.isfinite(found.vertex_activity)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_full_of_noise(geometry):
    rng = np.random.default_rng(0)
    views = rng.random((geometry.n_views, *geometry.shape)) < 0.02
    found = measure(Event("noise", 0, geometry, Hits.from_views(views.astype(np.uint8) * 30)))
    assert found.n_hits == views.sum()
    assert not found.has_track


def test_one_view_alone_gives_its_projection():
    event = draw(DUNE_FD_HD, [np.array([40.0, 0, 60])])
    views = event.views.copy()
    views[:2] = 0
    found = measure(Event("z", 0, DUNE_FD_HD, Hits.from_views(views)))
    assert found.longest_track_cm == pytest.approx(72.1, rel=0.05)


def test_unknown_geometry_is_measured_without_calibration():
    known = draw(MODULAR_PIXEL, [np.array([10.0, 0, 60])])
    strange = Geometry("strange", MODULAR_PIXEL.views, MODULAR_PIXEL.shape, 0, 255.0, None)
    found = measure(Event("x", 0, strange, known.hits))
    assert found.longest_track_cm == pytest.approx(60.8, rel=0.1)
    assert np.isnan(found.visible_energy)


@pytest.mark.dune
@pytest.mark.skipif(not DUNE.is_dir(), reason="the shared DUNE maps are not here")
def test_real_maps_are_told_apart_by_what_is_measured():
    from sklearn.metrics import roc_auc_score

    from classifier.formats import open_events

    events = open_events(DUNE / "tutorial")
    labels = events.table["truth"].to_numpy()
    chosen = np.concatenate(
        [np.flatnonzero(labels == name)[:40] for name in ("nue_cc", "numu_cc", "nc")]
    )
    table = pd.DataFrame([asdict(measure(event)) for event in events.take(chosen)])
    truth = labels[chosen]
    muon = truth == "numu_cc"
    assert roc_auc_score(muon, table.longest_track_cm) > 0.9
    assert roc_auc_score(truth[~muon] == "nue_cc", table.shower_energy[~muon]) > 0.8
    assert table.has_shower[truth == "nue_cc"].mean() > 0.9
    assert table.has_track[muon].mean() > 0.75
    through_going = table.longest_track_cm[muon] > 100
    assert table.track_dedx[muon][through_going].median() == pytest.approx(2.1, abs=0.3)
