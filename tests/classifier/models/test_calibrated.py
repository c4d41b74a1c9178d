import numpy as np
import pytest

from classifier.models.calibrated import (
    Calibration,
    Scaling,
    calibration_tensors,
    probabilities,
    read_calibrations,
    unlikeness_of,
)
from classifier.models.unlike import Unlikeness
from nulens.errors import ModelError


@pytest.fixture(scope="module")
def unlikeness():
    random = np.random.default_rng(1)
    features, logits, statistics = (
        random.normal(size=(200, k)).astype(np.float32) for k in (8, 3, 4)
    )
    fitted = Unlikeness.fit(features, logits, np.arange(200) % 3, statistics)
    return fitted.with_held_out(fitted.raw(features, logits, statistics))


def test_a_temperature_softens_and_a_bias_shifts():
    logits = np.array([[4.0, 0.0, 0.0]])
    assert Scaling(100.0)(logits).max() < 0.35
    shifted = np.exp([1.0, 0.5, 0.5])
    found = Scaling(2.0, (-1.0, 0.5, 0.5))(logits)[0]
    np.testing.assert_allclose(found, shifted / shifted.sum(), rtol=1e-6)


def test_each_detector_has_its_own_and_a_new_one_the_mean(unlikeness):
    known = {
        "U-V-Z": Calibration(Scaling(1.0, (0.2, 0.0, -0.2)), unlikeness),
        "XZ-YZ": Calibration(Scaling(4.0), unlikeness),
    }
    logits = np.tile(np.array([2.0, 1.0, -3.0], dtype=np.float32), (3, 1))
    shares = probabilities(logits, np.array(["XZ-YZ", "new", "U-V-Z"]), known)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(shares[0], Scaling(4.0)(logits[:1])[0])
    np.testing.assert_allclose(shares[1], Scaling(2.0, (0.1, 0.0, -0.1))(logits[:1])[0])
    np.testing.assert_allclose(shares[2], Scaling(1.0, (0.2, 0.0, -0.2))(logits[:1])[0])
    features, statistics = np.zeros((3, 8), np.float32), np.zeros((3, 4), np.float32)
    unlike = unlikeness_of(features, logits, statistics, np.array(["XZ-YZ", "new", "x"]), known)
    assert unlike[0] < 1.0
    assert unlike[1:].tolist() == [1.0, 1.0]


def test_a_matrix_mixes_log_probabilities():
    logits = np.array([[2.0, 1.0, -1.0]])
    p = np.exp(logits[0]) / np.exp(logits[0]).sum()
    found = Scaling(1.0, (0.0, 0.0, 0.0), ((2.0, 0.0, 0.5), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    expected = np.array([p[0] ** 2, p[1], p[2] * p[0] ** 0.5])
    np.testing.assert_allclose(found(logits)[0], expected / expected.sum(), rtol=1e-6)


@pytest.mark.parametrize(
    "scaling",
    [
        Scaling(1.5, (0.5, -0.25, -0.25)),
        Scaling(1.0, (0.5, -0.25, -0.25), ((1.5, 0.0, 0.5), (0.0, 1.0, 0.25), (0.0, 0.0, 1.0))),
    ],
)
def test_what_is_stored_comes_back(scaling, unlikeness, tmp_path):
    stored = calibration_tensors({"U-V-Z": Calibration(scaling, unlikeness)})
    back = read_calibrations(stored, tmp_path)["U-V-Z"]
    assert back.scaling == scaling
    np.testing.assert_array_equal(back.unlikeness.quantiles, unlikeness.quantiles)
    with pytest.raises(ModelError, match="bias"):
        read_calibrations({k: v for k, v in stored.items() if "bias" not in k}, tmp_path)
