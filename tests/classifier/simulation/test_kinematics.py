import math

import numpy as np
import pytest

from classifier.simulation import kinematics as k


def test_boost_and_back_is_the_identity() -> None:
    p = np.array([0.3, -0.2, 0.5, 1.1])
    frame = np.array([0.1, 2.0, -0.7, 3.0])
    there = k.boost(p, frame, -1.0)
    np.testing.assert_allclose(k.boost(there, frame, 1.0), p, atol=1e-12)
    assert k.invariant_mass(there) == pytest.approx(k.invariant_mass(p))
    np.testing.assert_allclose(k.boost(frame, frame, -1.0)[:3], 0.0, atol=1e-12)


@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (1.0, -2.0, 0.5)])
def test_along_keeps_the_angle(axis: tuple[float, float, float]) -> None:
    a = np.array(axis) / np.linalg.norm(axis)
    for phi in (0.0, 1.0, 4.0):
        v = k.along(np.array(axis), 0.3, phi)
        assert np.linalg.norm(v) == pytest.approx(1.0)
        assert a @ v == pytest.approx(0.3)


def test_breakup_momentum_of_the_pion() -> None:
    # PDG: the muon of pi -> mu nu has 29.8 MeV/c.
    assert k.breakup_momentum(0.13957, 0.10566, 0.0) == pytest.approx(0.0298, abs=1e-4)
    assert k.breakup_momentum(0.2, 0.15, 0.1) == 0.0


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_phase_space_conserves_energy_and_momentum(n: int) -> None:
    rng = np.random.default_rng(n)
    parent = np.array([0.4, -1.0, 3.0, 5.0])
    masses = np.array([0.938, 0.14, 0.14, 0.135, 0.14, 0.135])[:n]
    out = k.phase_space(rng, parent, masses)
    np.testing.assert_allclose(out.sum(axis=0), parent, atol=1e-9)
    for p, m in zip(out, masses, strict=True):
        assert k.invariant_mass(p) == pytest.approx(m, abs=1e-6)


def test_three_body_phase_space_fills_the_dalitz_plot_evenly() -> None:
    # Massless daughters: the energy fraction of each has density 2x, mean 2/3 (of 2E/M).
    rng = np.random.default_rng(1)
    parent = np.array([0.0, 0.0, 0.0, 1.0])
    x = np.array([2.0 * k.phase_space(rng, parent, np.zeros(3))[:, 3] for _ in range(6000)])
    np.testing.assert_allclose(x.mean(axis=0), 2.0 / 3.0, atol=0.012)
    np.testing.assert_allclose((x**2).mean(axis=0), 0.5, atol=0.015)


def test_scattered_lepton_has_the_wanted_q2_and_w() -> None:
    rng = np.random.default_rng(2)
    neutrino = np.array([0.0, 0.0, 4.0, 4.0])
    target = np.array([0.1, 0.15, -0.05, 0.92])
    good, lepton, hadrons = k.scatter_lepton(rng, neutrino, target, 0.8, 1.4, 0.10566)
    assert good
    q = neutrino - lepton
    assert q[:3] @ q[:3] - q[3] ** 2 == pytest.approx(0.8)
    assert k.invariant_mass(hadrons) == pytest.approx(1.4)
    np.testing.assert_allclose(lepton + hadrons, neutrino + target)
    assert not k.scatter_lepton(rng, neutrino, target, 50.0, 1.4, 0.10566)[0]


def test_q2_limits_close_at_the_threshold() -> None:
    # Tau production on a nucleon at rest: E = m_tau + m_tau²/2M = 3.46 GeV.
    low, high = k.q2_limits(3.44, 0.938919, 0.938919, 1.77686)
    assert high < low
    low, high = k.q2_limits(3.6, 0.938919, 0.938919, 1.77686)
    assert 0.0 < low < high
    low, high = k.q2_limits(1.0, 0.938919, 0.938919, 0.0)
    s = 0.938919**2 + 2 * 0.938919
    assert high == pytest.approx((s - 0.938919**2) ** 2 / s)
    assert math.isclose(low, 1e-9)
