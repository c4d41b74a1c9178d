import numpy as np
import pytest

from classifier.simulation import quasielastic
from classifier.simulation.constants import M_MUON
from classifier.simulation.kinematics import q2_limits


def free_cross_section(e: float, anti: bool) -> float:
    low, high = q2_limits(e, 0.938919, 0.938919, M_MUON)
    q2 = np.linspace(low, high, 3000)
    values = [quasielastic.dsigma_dq2(e, x, True, anti, anti, M_MUON) for x in q2]
    return float(np.trapezoid(values, q2))


@pytest.mark.parametrize(
    ("e", "anti", "expected"),
    # Plateau: Lyubushkin et al. (NOMAD), Eur. Phys. J. C 63 (2009) 355, 0.92(6) and 0.81(10);
    # 1 GeV: deuterium data in Formaggio and Zeller, Rev. Mod. Phys. 84 (2012) 1307, fig. 12.
    [
        (1.0, False, 1.0e-38),
        (5.0, False, 0.93e-38),
        (10.0, False, 0.92e-38),
        (10.0, True, 0.81e-38),
    ],
)
def test_cross_section_of_free_nucleons(e: float, anti: bool, expected: float) -> None:
    assert free_cross_section(e, anti) == pytest.approx(expected, rel=0.08)


def test_forward_cross_section_is_that_of_the_couplings() -> None:
    # At Q² = 0, E >> M, dsigma/dQ² = G² cos² (1 + g_A²) / 2 pi: 2.1e-38 cm²/GeV².
    value = quasielastic.dsigma_dq2(50.0, 1e-6, True, False, False, 0.0)
    assert value == pytest.approx(2.08e-38, rel=0.03)


def test_neutrinos_and_antineutrinos_differ_by_vector_axial_interference() -> None:
    ratio = free_cross_section(1.0, True) / free_cross_section(1.0, False)
    # 0.3 to 0.4 at 1 GeV: Formaggio and Zeller, figs. 12 and 13.
    assert 0.3 < ratio < 0.42
    assert free_cross_section(30.0, True) / free_cross_section(30.0, False) > 0.85


def test_elastic_to_quasielastic_ratio() -> None:
    # Ahrens et al., Phys. Rev. D 35 (1987) 785, 0.5 < Q² < 1.0 GeV²: 0.153 ± 0.018, and 0.218 ±
    # 0.023 for antineutrinos, at <E> = 1.3 GeV.
    q2 = np.linspace(0.5, 1.0, 100)

    def ratio(anti: bool) -> float:
        neutral = sum(quasielastic.dsigma_dq2(1.3, x, False, True, anti, 0.0) for x in q2)
        charged = sum(quasielastic.dsigma_dq2(1.3, x, True, anti, anti, M_MUON) for x in q2)
        return float(neutral / charged)

    assert ratio(False) == pytest.approx(0.153, abs=2 * 0.018)
    assert ratio(True) == pytest.approx(0.218, abs=3 * 0.023)


def test_q2_is_drawn_as_its_cross_section() -> None:
    rng = np.random.default_rng(1)
    _, largest = quasielastic.scan(3.0, True, False, False, M_MUON)
    drawn = np.array(
        [
            quasielastic.draw_q2(rng, 3.0, True, False, False, M_MUON, 1.3 * largest)
            for _ in range(20000)
        ]
    )
    low, high = q2_limits(3.0, 0.938919, 0.938919, M_MUON)
    grid = np.linspace(low, high, 4000)
    density = np.array([quasielastic.dsigma_dq2(3.0, x, True, False, False, M_MUON) for x in grid])
    running = np.cumsum(density) / density.sum()
    for share in (0.1, 0.5, 0.9):
        expected = np.interp(share, running, grid)
        assert np.mean(drawn < expected) == pytest.approx(share, abs=0.015)


def test_pauli_factor_blocks_low_q2_only() -> None:
    assert quasielastic.pauli_factor(0.001) < 0.2
    assert quasielastic.pauli_factor(0.5) == 1.0
    assert (
        quasielastic.draw_q2(np.random.default_rng(0), 0.05, True, False, False, M_MUON, 1.0)
        == -1.0
    )
