import numpy as np
import pytest
from particle import Particle

from classifier.simulation import species as sp
from classifier.simulation.decays import CAPTURE_FRACTION, decay

UNSTABLE = [
    *(sp.MU_MINUS, sp.MU_PLUS, sp.PI_ZERO, sp.PI_PLUS, sp.PI_MINUS, sp.K_PLUS, sp.K_MINUS),
    *(sp.K_SHORT, sp.K_LONG, sp.LAMBDA, sp.SIGMA_PLUS, sp.SIGMA_ZERO, sp.SIGMA_MINUS, sp.ETA),
]


def in_flight(kind: int, momentum: float) -> np.ndarray:
    return np.array([0.0, 0.0, momentum, np.hypot(momentum, sp.MASS[kind])])


@pytest.mark.parametrize("kind", UNSTABLE)
def test_decays_conserve_four_momentum_and_charge(kind: int) -> None:
    rng = np.random.default_rng(kind)
    parent = in_flight(kind, 700.0)
    for _ in range(100):
        kinds, momenta = decay(rng, kind, parent)
        assert momenta.sum(axis=0) == pytest.approx(parent, rel=1e-9, abs=1e-6)
        assert sp.CHARGE[kinds].sum() == sp.CHARGE[kind]


def test_michel_spectrum_ends_at_half_the_muon_mass() -> None:
    rng = np.random.default_rng(1)
    parent = in_flight(sp.MU_PLUS, 0.0)
    energies = np.array([decay(rng, sp.MU_PLUS, parent)[1][0, 3] for _ in range(20_000)])
    assert energies.max() <= 52.83
    assert energies.max() == pytest.approx(52.83, abs=0.2)
    # Mean of x² (3 - 2x): 7/10 of the end point.
    assert energies.mean() == pytest.approx(0.7 * 52.83, rel=0.01)


def test_photon_pairs_have_the_mass_of_the_neutral_pion() -> None:
    rng = np.random.default_rng(2)
    masses, dalitz = [], 0
    for _ in range(3000):
        kinds, momenta = decay(rng, sp.PI_ZERO, in_flight(sp.PI_ZERO, 400.0))
        dalitz += len(kinds) == 3
        total = momenta.sum(axis=0)
        masses.append(np.sqrt(total[3] ** 2 - (total[:3] ** 2).sum()))
    assert np.mean(masses) == pytest.approx(134.9768, abs=0.01)
    # PDG: 1.174 %, give or take four standard deviations.
    assert dalitz / 3000 == pytest.approx(0.01174, abs=4 * np.sqrt(0.0117 / 3000))


def test_species_have_the_masses_and_lifetimes_of_the_pdg() -> None:
    for kind in UNSTABLE:
        known = Particle.from_pdgid(int(sp.PDG[kind]))
        assert sp.MASS[kind] == known.mass
        assert sp.DECAY_LENGTH[kind] == pytest.approx(0.1 * known.ctau)
    assert sp.species_of(-14, 0.0) == sp.NEUTRINO
    assert sp.species_of(311, 0.2) == sp.K_SHORT
    assert sp.species_of(1000180400, 0.0) == sp.FRAGMENT
    with pytest.raises(KeyError):
        sp.species_of(24, 0.0)


def test_capture_takes_what_the_shorter_lifetime_says() -> None:
    # 537 ns in argon, 2197 ns free.
    assert pytest.approx(1.0 - 537.0 / 2197.0, abs=0.01) == CAPTURE_FRACTION
