import numpy as np
import pytest

from classifier.topology.shower_matching import HIDDEN, find_gap, way


def reach(*pieces: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(n, value) for value, n in pieces])


def test_way_tells_charge_from_nothing_and_from_tracks():
    charge = np.zeros((60, 60), dtype=np.float32)
    charge[30, 30:40] = charge[30, 50:] = 40.0
    tracks = np.zeros(charge.shape, dtype=bool)
    tracks[30, 30:34] = True
    told = way(charge, tracks, 30.0, 20.0, 0.0, 1.0, 60)
    assert told[2:8].tolist() == [-1.0] * 6
    assert set(told[10:12]) == {HIDDEN}
    assert told[15:20].tolist() == [1.0] * 5
    assert told[22:28].tolist() == [-1.0] * 6
    assert told[30:40].tolist() == [1.0] * 10
    assert told[45:].tolist() == [0.0] * 15


@pytest.mark.parametrize(
    ("ways", "gap"),
    [
        ({0: reach((1, 80)), 1: reach((1, 80))}, 0.0),
        ({0: reach((-1, 40), (1, 60)), 1: reach((-1, 40), (1, 60))}, 20.0),
        # A prong covers the way in one view of three.
        ({0: reach((1, 100)), 1: reach((-1, 40), (1, 60)), 2: reach((-1, 40), (1, 60))}, 20.0),
        # Two pixels without hits are no gap, nor is a hole in a shower that has begun.
        ({0: reach((-1, 2), (1, 60)), 1: reach((1, 62))}, 0.0),
        ({0: reach((1, 30), (-1, 25), (1, 60))}, 0.0),
        # A short prong at the vertex, then nothing.
        ({0: reach((1, 5), (-1, 35), (1, 60)), 1: reach((1, 5), (-1, 35), (1, 60))}, 20.0),
        # Behind a track in one view, nothing in the other.
        ({0: reach((HIDDEN, 40), (1, 60)), 1: reach((-1, 40), (1, 60))}, 20.0),
    ],
)
def test_gap_is_where_charge_begins_in_most_views(ways, gap):
    assert find_gap(ways, dict.fromkeys(ways, 0.5)) == pytest.approx(gap, abs=0.5)


def test_gap_is_measured_in_space():
    ways = {0: reach((-1, 40), (1, 60)), 1: reach((-1, 20), (1, 30))}
    assert find_gap(ways, {0: 0.5, 1: 1.0}) == pytest.approx(20.0, abs=1.0)
