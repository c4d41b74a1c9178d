import numpy as np
import pytest

from classifier.simulation import dis
from classifier.simulation import structure_functions as sf
from classifier.simulation.constants import M_MUON


def test_valence_quarks_obey_the_number_sum_rules() -> None:
    x = np.geomspace(1e-6, 0.9999, 20000)
    for q2 in (1.0, 10.0):
        densities = np.array([sf.grv94(v, q2) for v in x])
        assert np.trapezoid(densities[:, 0] / x, x) == pytest.approx(2.0, rel=0.01)
        assert np.trapezoid(densities[:, 1] / x, x) == pytest.approx(1.0, rel=0.015)


def test_quarks_carry_half_of_the_momentum() -> None:
    x = np.geomspace(1e-6, 0.9999, 20000)
    d = np.array([sf.grv94(v, 10.0) for v in x])
    carried = np.trapezoid(d[:, 0] + d[:, 1] + 2.0 * d[:, 2:].sum(axis=1), x)
    # Glück, Reya, Vogt 1995: quarks carry 0.54 at 10 GeV².
    assert carried == pytest.approx(0.54, abs=0.02)


@pytest.mark.parametrize(("x", "f2_deuterium"), [(0.10, 0.36), (0.18, 0.305), (0.35, 0.195)])
def test_structure_functions_agree_with_muon_scattering(x: float, f2_deuterium: float) -> None:
    # F2 of neutrinos is 18/5 of that of charged leptons on an isoscalar nucleon, up to strangeness;
    # deuterium near Q² = 5 GeV²: NMC, Arneodo et al., Nucl. Phys. B 483 (1997) 3.
    f2, xf3 = np.mean([sf.f2_xf3(x, 5.0, 4.0, True, p, False) for p in (True, False)], axis=0)
    assert f2 == pytest.approx(18.0 / 5.0 * f2_deuterium, rel=0.10)
    assert 0.5 * f2 < xf3 < f2


def test_low_q2_suppresses_the_structure_functions() -> None:
    high, _ = sf.f2_xf3(0.1, 5.0, 3.0, True, True, False)
    low, _ = sf.f2_xf3(0.1, 0.05, 3.0, True, True, False)
    assert low < 0.35 * high


@pytest.mark.parametrize(
    ("x", "q2", "expected", "error"),
    # SLAC E140, Dasu et al., Phys. Rev. D 49 (1994) 5641: R of charged leptons falls from about 0.3
    # at 1 GeV² to 0.1 at 5 GeV², errors about 0.06; it vanishes with real photons.
    [
        (0.2, 1.0, 0.30, 0.08),
        (0.35, 2.5, 0.18, 0.06),
        (0.5, 5.0, 0.12, 0.06),
        (0.1, 1e-3, 0.0, 0.01),
    ],
)
def test_longitudinal_ratio(x: float, q2: float, expected: float, error: float) -> None:
    assert sf.longitudinal_ratio(x, q2) == pytest.approx(expected, abs=error)


def test_longitudinal_ratio_goes_on_smoothly_below_its_fit() -> None:
    low, high = (sf.longitudinal_ratio(0.1, sf.Q2_OF_R + d) for d in (-1e-6, 1e-6))
    assert low == pytest.approx(high, rel=0.01)


def mean_y(e: float, charged: bool, anti: bool) -> float:
    y = (np.arange(60) + 0.5) / 60
    u = (np.arange(40) + 0.5) / 40
    mass = M_MUON if charged else 0.0
    rate = np.array(
        [
            sum(
                dis.dsigma_dxdy(e, v * v, w, charged, p, anti, mass) * 2 * v
                for v in u
                for p in (True, False)
            )
            for w in y
        ]
    )
    return float((rate * y).sum() / rate.sum())


def test_mean_inelasticity() -> None:
    # dsigma/dy ~ q + qbar (1 - y)² and the antiquark share 0.15 ± 0.03 of CDHS (de Groot et al., Z.
    # Phys. C 1 (1979) 143) make <y> 0.486 ± 0.003, for antineutrinos 0.336 ± 0.016.
    assert mean_y(100.0, True, False) == pytest.approx(0.486, abs=0.02)
    assert mean_y(100.0, True, True) == pytest.approx(0.336, abs=0.02)


@pytest.mark.parametrize(
    ("charged", "anti", "expected"),
    # R. Gandhi, C. Quigg, M. H. Reno, I. Sarcevic, Astropart. Phys. 5 (1996) 81, table of <y> at
    # 100 GeV, CTEQ3.
    [(True, False, 0.477), (False, False, 0.470), (True, True, 0.340), (False, True, 0.354)],
)
def test_mean_inelasticity_of_another_calculation(
    charged: bool, anti: bool, expected: float
) -> None:
    assert mean_y(100.0, charged, anti) == pytest.approx(expected, abs=0.02)


def test_isoscalar_cross_sections() -> None:
    def sigma(anti: bool) -> float:
        return sum(dis.scan(100.0, True, p, anti, M_MUON)[0] for p in (True, False)) / 200.0

    # PDG 2022, sec. 52: 0.677 ± 0.014 and 0.334 ± 0.008 e-38 cm²/GeV per nucleon, all modes.
    assert sigma(False) == pytest.approx(0.677e-38, rel=0.06)
    assert sigma(True) == pytest.approx(0.334e-38, rel=0.10)


def test_events_are_drawn_inside_the_kinematic_limits() -> None:
    rng = np.random.default_rng(1)
    a = (8.0, True, False, False, M_MUON)
    _, largest = dis.scan(*a)
    drawn = np.array([dis.draw(rng, *a, 1.3 * largest) for _ in range(3000)])
    w, q2 = drawn.T
    y = (w**2 - 0.938919**2 + q2) / (2 * 0.938919 * 8.0)
    assert (w >= dis.W_MIN).all()
    assert (y < 1.0).all()
    assert (q2 > 0.0).all()


def test_tau_mass_suppresses_the_cross_section() -> None:
    def ratio(e: float) -> float:
        tau = dis.scan(e, True, False, False, 1.77686)[0]
        return tau / dis.scan(e, True, False, False, M_MUON)[0]

    # Below m_tau + m_tau²/2M = 3.46 GeV nothing; still far from one at 40 GeV (Albright and
    # Jarlskog 1975).
    assert ratio(3.4) == 0.0
    assert ratio(6.0) < ratio(10.0) < ratio(40.0) < 0.7


def test_below_threshold_nothing_is_drawn() -> None:
    assert dis.draw(np.random.default_rng(0), 0.1, True, True, False, M_MUON, 1.0)[0] == -1.0
