import numpy as np
import pytest

from classifier.simulation import tau
from classifier.simulation.constants import M_TAU
from classifier.simulation.kinematics import boost, charge_of


def decays(n: int, momentum: float = 20.0) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(1)
    parent = np.array([0.0, 0.0, momentum, np.hypot(momentum, M_TAU)])
    return [tau.decay(rng, 15, parent) for _ in range(n)]


@pytest.mark.parametrize("code", [15, -15])
def test_decays_conserve_energy_momentum_charge_and_lepton_number(code: int) -> None:
    rng = np.random.default_rng(4)
    parent = np.array([1.0, -2.0, 6.0, 0.0])
    parent[3] = np.sqrt(M_TAU**2 + parent[:3] @ parent[:3])
    for _ in range(800):
        codes, momenta = tau.decay(rng, code, parent)
        np.testing.assert_allclose(momenta.sum(axis=0), parent, atol=1e-6)
        assert sum(charge_of(int(c)) for c in codes) == charge_of(code)
        assert codes[-1] == (16 if code > 0 else -16)


def test_branching_ratios() -> None:
    events = decays(12000)
    first = np.array([codes[0] for codes, _ in events])
    # PDG 2022: 17.82 and 17.39 %, one prong 85 %, modes with a neutral pion about 41 %.
    assert np.mean(first == 11) == pytest.approx(0.178, abs=0.012)
    assert np.mean(first == 13) == pytest.approx(0.174, abs=0.012)
    prongs = np.array([sum(charge_of(int(c)) != 0 for c in codes) for codes, _ in events])
    assert np.mean(prongs == 1) == pytest.approx(0.85, abs=0.02)
    neutral = np.mean([111 in codes for codes, _ in events])
    assert neutral == pytest.approx(0.41, abs=0.03)


def test_lepton_spectrum_of_a_left_handed_tau() -> None:
    # Collinear limit, left-handed tau-: dN/dz = (4/3)(1 - z³), mean z = 0.4 (Tsai 1971); without
    # polarisation it would be 0.35.
    z = np.array([p[0, 3] / 200.0 for c, p in decays(12000, 200.0) if c[0] == 11])
    assert z.mean() == pytest.approx(0.40, abs=0.015)


def test_pion_spectrum_of_a_left_handed_tau() -> None:
    # dN/dz = 2 (1 - z), mean 1/3.
    z = np.array([p[0, 3] / 200.0 for c, p in decays(12000, 200.0) if c[0] == -211 and len(c) == 2])
    assert z.mean() == pytest.approx(1.0 / 3.0, abs=0.02)


def test_rho_mass_peak() -> None:
    mass = []
    for codes, p in decays(6000):
        if sorted(codes[:-1].tolist()) == [-211, 111]:
            system = p[:2].sum(axis=0)
            mass.append(np.sqrt(system[3] ** 2 - system[:3] @ system[:3]))
    counts, edges = np.histogram(mass, bins=25, range=(0.3, 1.3))
    assert edges[counts.argmax()] == pytest.approx(0.75, abs=0.06)


def test_hadrons_leave_the_tau_mass_in_its_rest_frame() -> None:
    parent = np.array([0.0, 0.0, 20.0, np.hypot(20.0, M_TAU)])
    for codes, p in decays(300):
        total = sum(boost(q, parent, -1.0)[3] for q in p)
        assert total == pytest.approx(M_TAU, abs=1e-6), codes
