import numpy as np
import pytest

from classifier.simulation import electromagnetic as em
from classifier.simulation import material
from classifier.simulation.species import MASS, MU_MINUS

# Groom, Mokhov and Striganov, At. Data Nucl. Data Tables 78 (2001) 183, muons in liquid argon:
# kinetic energy in MeV and CSDA range in g/cm².
GROOM_RANGES = [
    (100.0, 42.50),
    (200.0, 106.3),
    (400.0, 238.5),
    (1000.0, 616.3),
    (4000.0, 2297.0),
    (10000.0, 5354.0),
]


@pytest.mark.parametrize(("kinetic", "expected"), GROOM_RANGES)
def test_muon_range_is_that_of_the_tables(kinetic: float, expected: float) -> None:
    found = material.csda_range(kinetic, MASS[MU_MINUS]) * material.DENSITY
    assert found == pytest.approx(expected, rel=0.03)


def test_minimum_ionisation_is_2_1_mev_per_cm() -> None:
    # PDG, Atomic and Nuclear Properties, liquid argon: 1.508 MeV cm²/g.
    losses = [
        material.restricted_loss(t, MASS[MU_MINUS], 1e12) for t in np.geomspace(50.0, 2000.0, 200)
    ]
    assert min(losses) == pytest.approx(1.508 * 1.396, rel=0.03)


def test_delta_rays_carry_what_the_restricted_loss_leaves_out() -> None:
    mass, kinetic = float(MASS[MU_MINUS]), 1000.0
    rng = np.random.default_rng(1)
    drawn = [material.draw_transfer(rng, kinetic, mass) for _ in range(200_000)]
    assert min(drawn) >= material.SOFT_COLLISION
    assert max(drawn) <= material.largest_transfer(kinetic, mass)
    hard = material.hard_collisions(kinetic, mass) * np.mean(drawn)
    soft = material.restricted_loss(kinetic, mass, material.SOFT_COLLISION)
    full = material.restricted_loss(kinetic, mass, 1e12)
    assert soft + hard == pytest.approx(full, rel=0.02)


def _attenuation(energy: float) -> float:
    return em.pair_production(energy) + em.compton(energy) + em.photoelectric(energy)


# PDG, section 34.4.4: 9/7 of a radiation length. At 1 GeV the tables of Hubbell, Gimm and Øverbø
# are 5.2 % below that limit, which Compton scattering makes up for in part.
@pytest.mark.parametrize(("energy", "tolerance"), [(1000.0, 0.05), (10_000.0, 0.02)])
def test_photons_convert_after_nine_sevenths_of_a_radiation_length(
    energy: float, tolerance: float
) -> None:
    expected = 9.0 / 7.0 * material.RADIATION_LENGTH
    assert 1.0 / _attenuation(energy) == pytest.approx(expected, rel=tolerance)


def test_pair_spectra_and_totals_belong_together() -> None:
    # The integral of the Bethe-Heitler spectrum that shares are drawn from is the total of the
    # tables within 3 %.
    for energy in (20.0, 200.0, 2000.0, 20_000.0):
        low = material.ELECTRON_MASS / energy
        x = low + (1.0 - 2.0 * low) * (np.arange(4000) + 0.5) / 4000
        spectrum = np.mean([em._pair_shape(v, energy) for v in x]) * (1.0 - 2.0 * low)
        assert spectrum / material.RADIATION_LENGTH == pytest.approx(
            em.pair_production(energy), rel=0.03
        )


def test_photon_attenuation_of_10_mev_is_that_of_xcom() -> None:
    # NIST XCOM, argon: 2.45e-2 cm²/g.
    assert _attenuation(10.0) / 1.396 == pytest.approx(0.0245, rel=0.03)


def test_compton_conserves_energy_and_follows_kinematics() -> None:
    rng = np.random.default_rng(2)
    for energy in (0.1, 1.0, 10.0):
        for _ in range(200):
            left, cos = em.draw_compton(rng, energy)
            expected = energy / (1.0 + energy / material.ELECTRON_MASS * (1.0 - cos))
            assert left == pytest.approx(expected, rel=1e-9)
