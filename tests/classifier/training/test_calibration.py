import numpy as np
import pytest
from scipy.special import softmax

from classifier.models.calibrated import Scaling
from classifier.training.calibration import Outcome, fit_scaling, measure


def drawn(n, scale, seed=0, prefers=(0.0, 0.0, 0.0)):
    """Logits that are `scale` times too large for labels drawn from them, and prefer a class."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (n, 3))
    p = softmax(logits, axis=1)
    labels = (random.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)
    return (scale * (logits + np.array(prefers))).astype(np.float32), labels


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_overconfidence(scale):
    found = fit_scaling([drawn(20000, scale)])
    assert found.temperature == pytest.approx(scale, rel=0.05)
    assert found.bias == pytest.approx((0, 0, 0), abs=0.06)


def test_the_bias_undoes_a_preference():
    found = fit_scaling([drawn(20000, 3.0, prefers=(1.0, -0.5, -0.5))])
    assert found.temperature == pytest.approx(3.0, rel=0.05)
    assert found.bias == pytest.approx((-1.0, 0.5, 0.5), abs=0.06)
    assert sum(found.bias) == pytest.approx(0)


def test_a_model_that_prefers_nothing_gets_no_bias():
    none = [fit_scaling([drawn(300, 1.5, seed)]).bias == (0, 0, 0) for seed in range(40)]
    # Twice what chance gains follows a chi-square of two parameters: beyond 2 log(300) in 0.3 %.
    assert np.mean(none) >= 0.95


def test_a_matrix_undoes_a_model_that_confuses_two_classes():
    logits, labels = drawn(6000, 1.0)
    # It tells the first class as it is, the other two as more alike than they are.
    mixing = np.array([[1.0, 0.0, 0.0], [0.0, 0.8, 0.2], [0.0, 0.2, 0.8]])
    blurred = np.log(softmax(logits, axis=1) @ mixing).astype(np.float32)
    found = fit_scaling([(blurred[:5000], labels[:5000])])

    def log_loss(shares):
        return -np.log(shares[np.arange(1000), labels[5000:]]).mean()

    assert log_loss(found(blurred[5000:])) < log_loss(Scaling()(blurred[5000:])) - 0.005


def test_data_sets_weigh_alike_whatever_their_sizes():
    small, large = drawn(2000, 1.0, 1), drawn(20000, 3.0, 2)
    assert 1.2 < fit_scaling([small, large]).temperature < 2.8


def test_measures():
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.1, 0.1, 0.8]]))
    none = np.zeros((4, 0), dtype=np.float32)
    found = measure(Outcome(logits, none, none, np.array([0, 1, 2, 2])))
    assert found["accuracy"] == 0.75
    assert found["correct"] == 3
    low, high = found["interval"]
    assert low < 0.75 < high
    # Rows are the truth: one true NC event was called νe CC.
    assert found["confusion"] == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert found["log_loss"] == pytest.approx(-np.log([0.7, 0.5, 0.3, 0.8]).mean(), abs=1e-4)
