import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from classifier.events import Hits
from classifier.models.unlike import Unlikeness, detector_key, hit_statistics
from tests.classifier.models.pictures import PIXELS, WIRES, event, events


def _made(n, seed, shift=0.0):
    """Features of three classes around three points, their logits, and hit statistics."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    features = random.normal(size=(n, 16)).astype(np.float32) + shift
    features[np.arange(n), labels] += 4.0
    statistics = random.normal(size=(n, 10)).astype(np.float32)
    return features, 3.0 * features[:, :3], labels, statistics


@pytest.fixture(scope="module")
def measure():
    features, logits, labels, statistics = _made(900, 0)
    fitted = Unlikeness.fit(features, logits, labels, statistics)
    f, z, _, s = _made(900, 1)
    return fitted.with_held_out(fitted.raw(f, z, s))


def test_it_is_the_share_of_held_out_events_that_are_less_unusual(measure):
    features, logits, _, statistics = _made(3000, 2)
    unlike = measure(features, logits, statistics)
    assert unlike.min() >= 0.0
    assert unlike.max() <= 1.0
    np.testing.assert_allclose(np.quantile(unlike, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.05)


@pytest.mark.parametrize("what", ["features", "logits", "statistics"])
def test_an_event_that_is_strange_in_one_way_is_unlike(measure, what):
    features, logits, _, statistics = _made(300, 3)
    strange = {"features": features, "logits": logits, "statistics": statistics}
    if what == "logits":
        strange["logits"] = np.full_like(logits, -8.0)
    else:
        strange[what] = strange[what] + 6.0
    assert (measure(**strange) > 0.99).all()


def test_noise_is_told_from_events_by_its_hits():
    random = np.random.default_rng(4)
    real = events(150, seed=5)
    noise = []
    for one in real[:75]:
        views = np.zeros((2, 64 * 64), dtype=np.uint8)
        for v in range(2):
            values = one.hits.value[one.hits.view == v]
            views[v, random.choice(64 * 64, len(values), replace=False)] = values
        noise.append(event(Hits.from_views(views.reshape(2, 64, 64))))
    statistics = np.stack([hit_statistics(e) for e in real])
    fitted = Unlikeness.fit(*_made(75, 6)[:3], statistics[:75])
    features, logits, _, _ = _made(75, 7)
    known = fitted.raw(features, logits, statistics[75:])
    unknown = fitted.raw(features, logits, np.stack([hit_statistics(e) for e in noise]))
    assert roc_auc_score([0] * 75 + [1] * 75, np.concatenate([known, unknown])) > 0.99


def test_statistics_of_nothing_are_finite():
    empty = Hits.from_views(np.zeros((2, 64, 64), dtype=np.uint8))
    assert np.isfinite(hit_statistics(event(empty))).all()


def test_neighbours_do_not_reach_over_the_edge():
    views = np.zeros((2, 64, 64), dtype=np.uint8)
    views[0, 10, 63] = views[0, 11, 0] = views[0, 63, 5] = views[1, 0, 5] = 50
    alone = hit_statistics(event(Hits.from_views(views)))
    none = np.log((0.5 / 5.0) / (1 - 0.5 / 5.0))
    np.testing.assert_allclose(alone[5:8], none, rtol=1e-5)


def test_detectors_are_known_by_their_views():
    assert detector_key(WIRES) == "U-V-Z"
    assert detector_key(PIXELS) == "XZ-YZ"
