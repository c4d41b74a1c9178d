import numpy as np
import pytest

from classifier.simulation import fsi
from classifier.simulation.constants import M_NEUTRON, M_PION, M_PROTON
from classifier.simulation.kinematics import charge_of, mass_of

RADIUS = 8.0
MASS = {211: M_PION, 2212: M_PROTON}


def throw(code: int, kinetic: float, n: int = 3000) -> dict[str, float]:
    """Cross sections in mb of hadrons thrown at the nucleus from outside."""
    rng = np.random.default_rng(7)
    e = kinetic + MASS[code]
    p = np.array([[0.0, 0.0, np.sqrt(e * e - MASS[code] ** 2), e]])
    counts = {"reaction": 0, "absorption": 0, "exchange": 0}
    for _ in range(n):
        b = RADIUS * np.sqrt(rng.random())
        start = np.array([b, 0.0, -np.sqrt(8.99**2 - b * b)])
        codes, momenta, _ = fsi.cascade(rng, start, np.array([code]), p, 0.0, 18, 22)
        if len(codes) == 1 and codes[0] == code and abs(momenta[0, 3] - e) < 1e-9:
            continue
        counts["reaction"] += 1
        pions = [int(c) for c in codes if abs(c) in (211, 111)]
        counts["absorption"] += not pions
        counts["exchange"] += pions == [111]
    return {k: v / n * np.pi * RADIUS**2 * 10.0 for k, v in counts.items()}


def test_pion_absorption_and_charge_exchange_at_the_delta() -> None:
    # Ashery et al., Phys. Rev. C 23 (1981) 2173: reaction cross sections of pi+ at 165 MeV scale
    # as A^0.6 and are near 700 to 850 mb at A = 40, absorption is 30 to 50 % of them and single
    # charge exchange around 10 to 15 %.
    sigma = throw(211, 0.165)
    assert 650 < sigma["reaction"] < 950
    assert 0.3 < sigma["absorption"] / sigma["reaction"] < 0.5
    assert 0.08 < sigma["exchange"] / sigma["reaction"] < 0.20


def test_pions_are_absorbed_less_above_the_delta() -> None:
    low, high = throw(211, 0.2), throw(211, 1.0)
    assert high["absorption"] < 0.5 * low["absorption"]


@pytest.mark.parametrize(("kinetic", "expected"), [(0.1, 600.0), (0.2, 530.0), (1.0, 570.0)])
def test_proton_reaction_cross_section(kinetic: float, expected: float) -> None:
    # Carlson, At. Data Nucl. Data Tables 63 (1996) 93: 40Ca 600 to 650 mb at 100 MeV, 530 mb at 200
    # MeV, 580 mb at 1 GeV.
    assert throw(2212, kinetic)["reaction"] == pytest.approx(expected, rel=0.17)


@pytest.mark.parametrize("code", [211, -211, 111, 2212, 2112])
def test_cascades_conserve_energy_charge_and_baryons(code: int) -> None:
    rng = np.random.default_rng(3)
    m = mass_of(code)
    p = np.array([[0.0, 0.0, 0.6, np.hypot(0.6, m)]])
    for _ in range(400):
        codes, momenta, missing = fsi.cascade(rng, np.zeros(3), np.array([code]), p, 0.0, 18, 22)
        charge = sum(charge_of(int(c)) for c in codes) - charge_of(code)
        baryons = sum(int(c) in (2212, 2112) for c in codes) - (code in (2212, 2112))
        supplied = charge * M_PROTON + (baryons - charge) * M_NEUTRON
        assert momenta[:, 3].sum() + missing == pytest.approx(p[0, 3] + supplied, abs=1e-9)
        assert missing >= -1e-12


def test_formation_time_lets_fast_hadrons_escape() -> None:
    rng = np.random.default_rng(5)
    p = np.array([[0.0, 0.0, 5.0, np.hypot(5.0, M_PION)]])

    def survivors(formation: float) -> int:
        kept = 0
        for _ in range(500):
            codes, _, _ = fsi.cascade(rng, np.zeros(3), np.array([211]), p, formation, 18, 22)
            kept += len(codes) == 1
        return kept

    assert survivors(fsi.FORMATION_TIME) > 400 > survivors(0.0)


def test_kaons_leave_as_they_are() -> None:
    rng = np.random.default_rng(6)
    p = np.array([[0.1, 0.2, 0.3, 0.62]])
    codes, momenta, missing = fsi.cascade(rng, np.zeros(3), np.array([321]), p, 0.0, 18, 22)
    assert codes.tolist() == [321]
    np.testing.assert_array_equal(momenta, p)
    assert missing == 0.0


def test_elementary_cross_sections() -> None:
    # PDG 2022 data: pi+ p peaks at 190 to 210 mb at 180 MeV; pn 33 to 36 mb at 500 MeV; pp 41 mb
    # at 1 GeV with 47 at 1.5.
    assert fsi.pion_cross_section(0.18) == pytest.approx(20.0, rel=0.08)
    assert fsi.nucleon_cross_section(0.5, False) == pytest.approx(3.5, rel=0.12)
    assert fsi.nucleon_cross_section(1.0, True) == pytest.approx(4.5, rel=0.1)
