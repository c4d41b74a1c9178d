import numpy as np
import pytest
from scipy import special

from classifier.evaluation.calibration import (
    expected_calibration_error,
    perfect_spread,
    reliability,
)


def softmax(logits, temperature=1.0):
    return special.softmax(logits / temperature, axis=1)


def draw(n=20000, seed=0):
    """Logits whose softmax is exactly right, and labels drawn from it."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 3))
    p = softmax(logits)
    labels = (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)
    return logits, labels


def test_events_without_a_class_do_not_count():
    logits, labels = draw(2000)
    p = softmax(logits)
    both = np.concatenate([p, p]), np.concatenate([labels, np.full(2000, -1)])
    assert expected_calibration_error(*both) == expected_calibration_error(p, labels)


def test_error_is_small_where_calibrated_and_large_where_overconfident():
    logits, labels = draw()
    assert expected_calibration_error(softmax(logits), labels) < 0.015
    sharp = softmax(logits, 0.25)
    accuracy = (sharp.argmax(axis=1) == labels).mean()
    expected = sharp.max(axis=1).mean() - accuracy
    assert expected_calibration_error(sharp, labels) == pytest.approx(expected, rel=0.1)
    assert np.isnan(expected_calibration_error(np.zeros((0, 3)), np.zeros(0, dtype=int)))


def test_reliability_bins_hold_all_events_and_cover_the_truth():
    logits, labels = draw(3000)
    found = reliability(softmax(logits), labels)
    assert found.count.sum() == 3000
    assert np.ptp(found.count) <= 1
    assert (np.diff(found.confidence) > 0).all()
    inside = (found.low <= found.confidence) & (found.confidence <= found.high)
    assert inside.mean() > 0.4
    assert ((found.low <= found.accuracy) & (found.accuracy <= found.high)).all()


def test_calibrated_models_lie_in_the_spread_and_overconfident_ones_do_not():
    inside = []
    for seed in range(40):
        logits, labels = draw(400, seed=seed)
        p = softmax(logits)
        spread = perfect_spread(p, repeats=200)
        assert 0 < spread.mean < spread.upper
        inside.append(expected_calibration_error(p, labels) < spread.upper)
        sharp = softmax(logits, 0.3)
        assert expected_calibration_error(sharp, labels) > perfect_spread(sharp, repeats=99).upper
    assert 0.8 <= np.mean(inside) <= 1.0
