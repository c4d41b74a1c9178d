import numpy as np
import pandas as pd
import pytest

from classifier.evaluation.robustness import (
    NOISE_HITS,
    add_noise,
    drop_view,
    kill_channels,
    lower_resolution,
    pure_noise,
    stresses,
)
from classifier.events import DUNE_FD_HD, EventSet, Hits


class Memory:
    """Four events with 3 % of pixels hit."""

    source = "memory"
    geometry = DUNE_FD_HD
    fingerprint = "memory"

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        views = rng.integers(1, 256, (4, 3, 500, 500)) * (rng.random((4, 3, 500, 500)) < 0.03)
        self.hits = [Hits.from_views(v.astype(np.uint8)) for v in views]
        self.table = pd.DataFrame({"id": list("abcd"), "truth": ["nue_cc", "nc", "nc", "numu_cc"]})

    def read_hits(self, index):
        return self.hits[index]

    def read_truth(self, index):
        return None


@pytest.fixture
def events():
    return EventSet.of(Memory()).take([1, 3])


@pytest.mark.parametrize("factor", [2, 4, 3])
def test_coarser_pixels_are_means_of_blocks(events, factor):
    coarse = lower_resolution(events, factor)
    image = events[0].views.astype(float)
    side = -(-500 // factor)
    padded = np.zeros((3, side * factor, side * factor))
    padded[:, :500, :500] = image
    expected = padded.reshape(3, side, factor, side, factor).mean(axis=(2, 4))
    assert np.allclose(coarse[0].views, expected)
    assert coarse.geometry.views[0].row_pitch_cm == pytest.approx(0.467 * factor)
    assert coarse.geometry.vertex == (5 / factor, 250 / factor)
    assert coarse[0].hits.value.min() > 0


def test_noise_smears_and_adds_but_keeps_saturation_and_type(events):
    one, four = add_noise(events, 1), add_noise(events, 4)
    before = events[0].views.astype(float)
    for changed, times in ((one, 1), (four, 4)):
        after = changed[0].views
        assert after.dtype == np.uint8
        new = (before == 0) & (after > 0)
        assert new.sum() == pytest.approx(3 * times * NOISE_HITS, rel=0.5)
        middle = (before > 40) & (before < 200)
        spread = (after - before)[middle].std()
        assert spread == pytest.approx(times * 0.05 * 38, rel=0.2)


def test_changes_are_the_same_each_time_and_keep_labels(events):
    changed = add_noise(events, 2)
    assert np.array_equal(changed[1].views, changed[1].views)
    assert list(changed.indices) == [1, 3]
    assert changed.labels.tolist() == events.labels.tolist()
    assert changed.reader.fingerprint != events.reader.fingerprint
    assert changed.reader.fingerprint == add_noise(events, 2).reader.fingerprint
    assert add_noise(events, 3).reader.fingerprint != changed.reader.fingerprint


def test_dead_rows_are_empty_and_the_rest_is_as_it_was(events):
    before = events[0].views
    after = kill_channels(events, 0.1)[0].views
    dead = (after == 0).all(axis=2) & (before > 0).any(axis=2)
    assert dead.mean() == pytest.approx(0.1, abs=0.03)
    assert np.array_equal(after[~dead], before[~dead])
    assert np.array_equal(kill_channels(events, 0.0)[0].views, before)


def test_view_is_dropped(events):
    after = drop_view(events, 1)[0].views
    assert not after[1].any()
    assert np.array_equal(after[[0, 2]], events[0].views[[0, 2]])


def test_noise_keeps_charges_and_nothing_else(events):
    before, after = events[0].views, pure_noise(events)[0].views
    assert np.array_equal(np.sort(before, axis=None), np.sort(after, axis=None))
    assert ((before > 0) & (after > 0)).sum() < 0.1 * (before > 0).sum()


def test_every_stress_can_be_read(events):
    found = stresses(events)
    assert next(iter(found)) == "as recorded"
    assert len(found) == 1 + 2 + 4 + 3 + 3
    for changed in found.values():
        assert len(changed[0].hits) > 0
