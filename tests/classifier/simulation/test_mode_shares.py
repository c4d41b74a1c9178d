import numpy as np
import pytest

from classifier.simulation import mode_shares as ms


def per_nucleon(nu: int, e: float) -> float:
    return ms.cross_section(nu, True, e) / 40.0 / e / 1e-38


@pytest.mark.parametrize(("nu", "expected", "error"), [(14, 0.677, 0.014), (-14, 0.334, 0.008)])
def test_total_cross_section_at_high_energy(nu: int, expected: float, error: float) -> None:
    # PDG 2022, sec. 52, isoscalar, 30 to 200 GeV. Argon has a tenth more neutrons than protons,
    # which moves both by 3 % apart.
    assert per_nucleon(nu, 60.0) == pytest.approx(expected, rel=3 * error / expected + 0.03)


def test_total_cross_section_on_argon_at_low_energy() -> None:
    # ArgoNeuT, Phys. Rev. D 89 (2014) 112003: 0.66 ± 0.09 per nucleon at 9.6 GeV, 0.28 ± 0.05
    # for antineutrinos at 3.6 GeV.
    assert per_nucleon(14, 9.6) == pytest.approx(0.66, abs=2 * 0.09)
    assert per_nucleon(-14, 3.6) == pytest.approx(0.28, abs=2 * 0.05)


@pytest.mark.parametrize(
    ("energy", "expected", "error"),
    [(0.622, 0.675, 0.066), (0.983, 1.192, 0.094), (1.282, 1.292, 0.139), (1.735, 1.571, 0.264)],
)
def test_total_cross_section_measured_on_argon(
    energy: float, expected: float, error: float
) -> None:
    # MicroBooNE, Phys. Rev. Lett. 128 (2022) 151801, 1e-38 cm² per nucleon at the mean energy of
    # four of its bins.
    assert per_nucleon(14, energy) * energy == pytest.approx(expected, abs=2 * error)


@pytest.mark.parametrize(("nu", "expected", "error"), [(14, 0.92, 0.06), (-14, 0.81, 0.10)])
def test_quasielastic_cross_section_in_a_nucleus(nu: int, expected: float, error: float) -> None:
    # NOMAD, Lyubushkin et al., Eur. Phys. J. C 63 (2009) 355, carbon, 3 to 100 GeV: 1e-38 cm² per
    # nucleon that can take part, corrected for nuclear effects, which take off 5 % here.
    for e in (5.0, 10.0, 40.0):
        counted = 22 if nu > 0 else 18
        sigma = ms.mode_shares(nu, True, e)["qe"] * ms.cross_section(nu, True, e) / counted / 1e-38
        assert sigma == pytest.approx(0.95 * expected, abs=2 * error)


def test_mode_shares_follow_the_energy() -> None:
    # Formaggio and Zeller, Rev. Mod. Phys. 84 (2012) 1307, fig. 9: quasi-elastic scattering leads
    # below 1.5 GeV, resonances to about 3 GeV, deep inelastic scattering above 4 GeV.
    at = {e: ms.mode_shares(14, True, e) for e in (0.7, 1.0, 2.0, 5.0, 10.0)}
    assert at[0.7]["qe"] > 0.55
    assert at[1.0]["qe"] > at[1.0]["res"] > at[1.0]["dis"]
    assert 0.3 < at[2.0]["res"] < 0.5
    assert 0.55 < at[5.0]["dis"] < 0.72
    assert at[10.0]["dis"] > 0.75
    for shares in at.values():
        assert sum(shares.values()) == pytest.approx(1.0)
        assert shares["coh"] < 0.02
        assert shares["mec"] == pytest.approx(ms.MEC_SHARE * shares["qe"])


def test_neutral_to_charged_ratio() -> None:
    # CHARM, CDHS, CCFR: R_nu = 0.31 and R_nubar = 0.38 in deep inelastic scattering (PDG 2022, 10).
    assert ms.cross_section(14, False, 60.0) / ms.cross_section(14, True, 60.0) == pytest.approx(
        0.31, abs=0.03
    )
    assert ms.cross_section(-14, False, 60.0) / ms.cross_section(-14, True, 60.0) == pytest.approx(
        0.38, abs=0.04
    )


def test_flavours_agree_far_above_their_masses_and_tau_has_a_threshold() -> None:
    assert ms.cross_section(12, True, 5.0) == pytest.approx(
        ms.cross_section(14, True, 5.0), rel=0.02
    )
    assert ms.cross_section(16, True, 3.0) == 0.0
    assert set(ms.mode_shares(16, True, 3.0).values()) == {0.0}
    assert 0.05 < ms.cross_section(16, True, 10.0) / ms.cross_section(14, True, 10.0) < 0.3


def test_tables_bound_the_sampling_weights() -> None:
    sigma, largest = ms.tables()
    assert sigma.shape == largest.shape == (3, 4, 2, 2, len(ms.NODES))
    assert np.isfinite(sigma).all()
    assert ((sigma > 0) == (largest > 0)).all()
