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


def test_photons_convert_after_nine_sevenths_of_a_radiation_length() -> None:
    # PDG, section 34.4.4; the cross-section of 1 GeV photons is 5 % below its asymptote.
    length = 1.0 / em.pair_production(100_000.0)
    assert length == pytest.approx(9.0 / 7.0 * material.RADIATION_LENGTH, rel=0.02)


def test_photon_attenuation_of_10_mev_is_that_of_xcom() -> None:
    # NIST XCOM, argon: 2.45e-2 cm²/g.
    found = (em.pair_production(10.0) + em.compton(10.0) + em.photoelectric(10.0)) / 1.396
    assert found == pytest.approx(0.0245, rel=0.03)


def test_compton_conserves_energy_and_follows_kinematics() -> None:
    rng = np.random.default_rng(2)
    for energy in (0.1, 1.0, 10.0):
        for _ in range(200):
            left, cos = em.draw_compton(rng, energy)
            expected = energy / (1.0 + energy / material.ELECTRON_MASS * (1.0 - cos))
            assert left == pytest.approx(expected, rel=1e-9)
