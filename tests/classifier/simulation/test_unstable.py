import numpy as np
import pytest

from classifier.simulation import unstable
from classifier.simulation.kinematics import MAX_PARTICLES, charge_of, mass_of


@pytest.mark.parametrize("code", [221, 3212, 3222, 3112, 311, -311])
def test_decays_conserve_energy_momentum_and_charge(code: int) -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        codes = np.zeros(MAX_PARTICLES, dtype=np.int64)
        momenta = np.zeros((MAX_PARTICLES, 4))
        codes[0], codes[1] = code, 2212
        parent = np.array([0.5, 0.2, 1.0, 0.0])
        parent[3] = np.sqrt(mass_of(code) ** 2 + parent[:3] @ parent[:3])
        momenta[0], momenta[1] = parent, (0, 0, 0, 0.938)
        n = unstable.decay(rng, codes, momenta, 2)
        assert not set(codes[:n].tolist()) & {221, 3212, 3222, 3112, 311, -311}
        assert codes[1] == 2212
        rest = np.delete(np.arange(n), 1)
        np.testing.assert_allclose(momenta[rest].sum(axis=0), parent, atol=1e-9)
        assert sum(charge_of(int(codes[i])) for i in rest) == charge_of(code)


def test_eta_branching_ratios() -> None:
    rng = np.random.default_rng(2)
    products = [tuple(unstable.products(rng, 221).tolist()) for _ in range(5000)]
    # PDG 2022: 39.4, 32.7, 23.0 %.
    assert np.mean([p == (22, 22) for p in products]) == pytest.approx(0.394, abs=0.02)
    assert np.mean([p == (111, 111, 111) for p in products]) == pytest.approx(0.327, abs=0.02)


def test_long_lived_particles_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    for code in (11, 13, 22, 211, 111, 321, 130, 310, 2212, 2112, 3122):
        assert len(unstable.products(rng, code)) == 0
