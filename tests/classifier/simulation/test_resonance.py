import numpy as np
import pytest

from classifier.simulation import resonance
from classifier.simulation.constants import M_MUON
from classifier.simulation.kinematics import charge_of, q2_limits


def delta_cross_section(e: float, proton: bool, anti: bool) -> float:
    total = 0.0
    w = np.linspace(resonance.W_MIN + 1e-3, 1.4, 60)
    for x in w:
        low, high = q2_limits(e, x, 0.938919, M_MUON)
        if high > low:
            q2 = np.linspace(low, high, 80)
            values = [resonance.parts(e, x, y, True, proton, anti).sum() for y in q2]
            total += float(np.trapezoid(values, q2)) * (w[1] - w[0])
    return total


@pytest.mark.parametrize(("e", "expected"), [(1.0, 0.42e-38), (1.5, 0.58e-38), (5.0, 0.65e-38)])
def test_cross_section_of_delta_plus_plus(e: float, expected: float) -> None:
    # nu p -> mu p pi+, W < 1.4 GeV, reanalysed ANL and BNL data: Wilkinson et al., Phys. Rev. D 90
    # (2014) 112017, fig. 8, errors of 10 to 15 %.
    assert delta_cross_section(e, True, False) == pytest.approx(expected, rel=0.2)


def test_antineutrinos_make_fewer_resonances_at_low_energy() -> None:
    ratio = delta_cross_section(1.0, False, True) / delta_cross_section(1.0, True, False)
    assert 0.15 < ratio < 0.45


def test_delta_dominates_the_drawn_masses() -> None:
    rng = np.random.default_rng(1)
    a = (3.0, True, True, False, M_MUON)
    _, largest = resonance.scan(*a)
    drawn = [resonance.draw(rng, *a, 1.3 * largest) for _ in range(5000)]
    w = np.array([d[0] for d in drawn])
    assert (w > resonance.W_MIN).all()
    assert (w < resonance.W_MAX).all()
    counts, edges = np.histogram(w, bins=31, range=(1.08, 1.7))
    assert edges[counts.argmax()] == pytest.approx(1.21, abs=0.03)
    # nu p has charge 2: no resonance of isospin 1/2.
    assert {int(resonance.TABLE[d[2], 4]) for d in drawn} == {3}


@pytest.mark.parametrize("charge", [2, 1, 0, -1])
def test_decays_conserve_charge_and_stay_below_the_mass(charge: int) -> None:
    rng = np.random.default_rng(2)
    for i in range(resonance.N_RESONANCES):
        if resonance.TABLE[i, 4] == 1 and charge in (2, -1):
            continue
        for _ in range(40):
            codes = resonance.decay_products(rng, i, 1.65, charge)
            assert sum(charge_of(c) for c in codes) == charge
            assert sum(abs(c) in (2212, 2112) for c in codes) == 1


def test_delta_plus_decays_by_clebsch_gordan() -> None:
    rng = np.random.default_rng(3)
    codes = [resonance.decay_products(rng, resonance.P33_1232, 1.232, 1)[1] for _ in range(6000)]
    assert np.mean(np.array(codes) == 111) == pytest.approx(2.0 / 3.0, abs=0.02)
