import numpy as np
import pytest

from classifier.simulation import hadronisation as h
from classifier.simulation.kinematics import charge_of, invariant_mass, mass_of

CURRENT = np.array([0.0, 0.0, 1.0, 1.0])


def sample(charge: int, w: float, n: int = 1500) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(int(10 * w) + charge)
    system = np.array([0.0, 0.0, 0.0, w])
    return [h.hadronise(rng, system, CURRENT, charge, 1.0) for _ in range(n)]


@pytest.mark.parametrize("charge", [2, 1, 0, -1])
@pytest.mark.parametrize("w", [1.3, 2.0, 3.5, 7.0])
def test_every_final_state_conserves_what_it_must(charge: int, w: float) -> None:
    rng = np.random.default_rng(5)
    system = np.array([0.4, -0.3, 2.0, np.sqrt(w * w + 0.25 + 4.0)])
    for _ in range(300):
        codes, momenta = h.hadronise(rng, system, CURRENT, charge, 1.0)
        assert sum(charge_of(int(c)) for c in codes) == charge
        assert sum(int(c) in (2212, 2112, 3122, 3212, 3222, 3112) for c in codes) == 1
        np.testing.assert_allclose(momenta.sum(axis=0), system, atol=1e-6)
        for code, p in zip(codes, momenta, strict=True):
            assert invariant_mass(p) == pytest.approx(mass_of(int(code)), abs=1e-5)


def test_strangeness_is_made_in_pairs() -> None:
    strange = {321: 1, 311: 1, -321: -1, -311: -1, 3122: -1, 3212: -1, 3222: -1, 3112: -1}
    events = sample(2, 5.0)
    for codes, _ in events:
        assert sum(strange.get(int(c), 0) for c in codes) == 0
    hyperons = np.mean([int(codes[0]) > 3000 for codes, _ in events])
    assert hyperons == pytest.approx(h.HYPERON_A + h.HYPERON_B * np.log(25.0), abs=0.03)


@pytest.mark.parametrize("w", [3.0, 4.0, 6.0])
@pytest.mark.parametrize(
    ("charge", "a", "b"),
    # Charged multiplicity a + b ln W²: nu p 0.40 + 1.42, nu n -0.20 + 1.42 (Zieminska et al., Phys.
    # Rev. D 27 (1983) 47), nubar p 0.02 + 1.28 (Barlag et al., Z. Phys. C 11 (1982) 283).
    [(2, 0.40, 1.42), (1, -0.20, 1.42), (0, 0.02, 1.28)],
)
def test_charged_multiplicity(w: float, charge: int, a: float, b: float) -> None:
    n = np.mean([sum(charge_of(int(c)) != 0 for c in codes) for codes, _ in sample(charge, w)])
    assert n == pytest.approx(a + b * np.log(w * w), rel=0.08, abs=0.1)


def test_neutral_pions_are_half_as_many_as_charged_ones() -> None:
    # <pi0> = 0.14 ± 0.26 + (0.50 ± 0.08) ln W² in nu p: Ammosov et al. and BEBC data as compared
    # in Yang et al., Eur. Phys. J. C 63 (2009) 1.
    n = np.mean([sum(int(c) == 111 for c in codes) for codes, _ in sample(2, 4.0)])
    assert n == pytest.approx(0.14 + 0.50 * np.log(16.0), abs=0.35)


def test_baryon_goes_backward_and_mesons_have_limited_pt() -> None:
    events = sample(2, 4.0)
    baryon = np.mean([2.0 * p[0, 2] / 4.0 for _, p in events])
    assert -0.6 < baryon < -0.2
    pt = np.concatenate([np.hypot(p[1:, 0], p[1:, 1]) for _, p in events])
    # BEBC and EMC: 0.3 to 0.4 GeV on average.
    assert 0.25 < pt.mean() < 0.42


def test_multiplicity_shares_are_a_distribution() -> None:
    for w in (1.2, 2.0, 8.0):
        shares = h.multiplicity_shares(w, 1)
        assert shares.sum() == pytest.approx(1.0)
        assert shares[:2].sum() == 0.0
