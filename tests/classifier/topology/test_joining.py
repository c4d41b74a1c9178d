import numpy as np
import pytest

from classifier.topology.joining import cut_at_kinks, extend, join, trace_back
from classifier.topology.paths import Path

SHAPE = (200, 200)


def line(start, end, *, from_vertex=False):
    n = int(np.hypot(*np.subtract(end, start))) + 1
    points = np.rint(np.linspace(start, end, n))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    return Path(points, from_vertex, np.full(n, 40.0), along)


def image(*paths):
    charge = np.zeros(SHAPE, dtype=np.float32)
    for path in paths:
        charge[tuple(path.points.astype(int).T)] = 40.0
    return charge


def test_path_is_cut_where_it_kinks_and_nowhere_else():
    bent = Path.joined(line((10, 100), (60, 100), from_vertex=True), line((61, 101), (100, 130)))
    first, second = cut_at_kinks(bent)
    assert first.from_vertex
    assert not second.from_vertex
    assert abs(first.points[-1] - (60, 100)).max() <= 3
    straight = line((10, 100), (90, 130))
    assert cut_at_kinks(straight) == [straight]


def test_pieces_are_joined_across_a_gap_but_not_around_a_corner():
    near, far = line((10, 100), (50, 100), from_vertex=True), line((60, 100), (120, 100))
    aside = line((60, 120), (60, 170))
    keep = image(near, far, aside) > 0
    joined = join([far, aside, near], keep, (10.0, 100.0))
    assert len(joined) == 2
    whole = max(joined, key=lambda p: p.length)
    assert whole.from_vertex
    assert whole.length == pytest.approx(110, abs=2)
    assert tuple(whole.points[0]) == (10, 100)


def test_two_prongs_back_to_back_stay_two():
    up = line((99, 100), (40, 100), from_vertex=True)
    down = line((101, 100), (160, 100), from_vertex=True)
    assert len(join([up, down], image(up, down) > 0, (100.0, 100.0))) == 2


def test_track_is_followed_through_the_hits_of_others_but_not_past_the_vertex():
    known, hidden = line((80, 100), (160, 100)), line((40, 100), (79, 100))
    other_prong = line((10, 100), (39, 100))
    charge = image(known, hidden, other_prong)
    longer = extend(known, charge > 0, charge, np.zeros(SHAPE, dtype=bool), (40.0, 100.0))
    assert longer.length == pytest.approx(120, abs=6)
    assert longer.points[:, 0].min() >= 38


def test_track_is_traced_back_to_the_vertex_only_along_hits():
    track, between = line((80, 100), (160, 100)), line((41, 100), (79, 100))
    filled, empty = image(track, between), image(track)
    vertex = (40.0, 100.0)
    found = trace_back(track, filled > 0, filled, vertex)
    assert found.from_vertex
    assert found.length == pytest.approx(120, abs=2)
    assert trace_back(track, empty > 0, empty, vertex) is track
