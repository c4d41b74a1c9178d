import math

import numpy as np
import pytest

from classifier.events import DUNE_FD_HD, GEOMETRIES, Event, Hits
from classifier.topology import measure
from classifier.topology.projection import Projection


def lines(geometry, *ends, late=1.0, blob=0.0):
    """Draw straight tracks of 2.1 MeV/cm; the last 3 cm of each lose `late` times as much."""
    projection = Projection.of(geometry)
    vertex = np.array(geometry.vertex)
    views = np.zeros((geometry.n_views, *geometry.shape))
    for end in np.array(ends, dtype=float):
        length = float(np.linalg.norm(end))
        share = np.linspace(0, 1, int(length * 10))
        charge = np.where(share * length > length - 3, late, 1.0) * 0.21 / projection.mev_per_unit
        for v in range(geometry.n_views):
            flat = share[:, None] * end @ projection.axes[v].T
            at = np.rint(vertex + flat / projection.pitch[v]).astype(int)
            np.add.at(views[v], tuple(at.T), charge)
            row, column = at[-1]
            views[v, row + 2 : row + 6, column + 2 : column + 6] += blob / projection.mev_per_unit
    return Event("lines", 0, geometry, Hits.from_views(views.astype(np.float32)))


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_end_of_a_track(geometry):
    through = measure(lines(geometry, (20, 10, 70)))
    stopping = measure(lines(geometry, (20, 10, 70), late=2.5))
    decaying = measure(lines(geometry, (20, 10, 70), blob=1.0))
    assert through.track_end_rise == pytest.approx(1.0, abs=0.3)
    assert stopping.track_end_rise > through.track_end_rise + 0.8
    assert through.track_end_activity < 4
    assert decaying.track_end_activity > through.track_end_activity + 5


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=str)
def test_direction_and_balance_of_tracks(geometry):
    ahead = measure(lines(geometry, (0, 0, 80)))
    slanted = measure(lines(geometry, (60, 0, 60)))
    both = measure(lines(geometry, (60, 20, 60), (-60, -20, 60)))
    assert ahead.track_angle == pytest.approx(0, abs=5)
    assert slanted.track_angle == pytest.approx(45, abs=6)
    assert ahead.forward > slanted.forward > 0.5
    assert both.imbalance < 0.3 * slanted.imbalance
    assert ahead.fullest_share > 0.95 > both.fullest_share
    assert both.track_share == pytest.approx(0.5, abs=0.1)
    assert ahead.diffuse_share < 0.05


def test_heavy_tracks_are_counted():
    muon, proton = lines(DUNE_FD_HD, (0, 10, 80)), lines(DUNE_FD_HD, (30, 0, 20))
    views = muon.views + 2.5 * proton.views
    found = measure(Event("both", 0, DUNE_FD_HD, Hits.from_views(views)))
    assert found.n_heavy_tracks == 1
    assert found.second_track_dedx > 1.5 * found.track_dedx


def test_nothing_to_measure_is_no_number():
    found = measure(Event("empty", 0, DUNE_FD_HD, Hits.from_views(np.zeros((3, 500, 500)))))
    assert math.isnan(found.track_angle)
    assert math.isnan(found.forward)
    assert math.isnan(found.shower_length_cm)
    assert found.second_shower_energy == 0
