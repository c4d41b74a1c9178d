import numpy as np
import pytest

from classifier.simulation import nucleus


def test_density_is_normalised_and_has_the_measured_radius() -> None:
    r = np.linspace(0.0, nucleus.EDGE, 4000)
    rho = np.array([nucleus.density(x) for x in r])
    shell = 4 * np.pi * r**2 * rho
    assert np.trapezoid(shell, r) == pytest.approx(1.0, abs=1e-3)
    # Charge radius of 40Ar 3.427 fm: Angeli and Marinova, At. Data Nucl. Data Tables 99 (2013) 69.
    assert np.sqrt(np.trapezoid(shell * r**2, r)) == pytest.approx(3.43, rel=0.02)


def test_fermi_momentum_is_that_of_nuclear_matter_in_the_centre() -> None:
    # Saturation density 0.16 to 0.17 fm^-3 is 263 to 268 MeV for equal numbers of both kinds.
    assert 0.23 < nucleus.fermi_momentum(0.0, True) < nucleus.fermi_momentum(0.0, False) < 0.29
    assert nucleus.fermi_momentum(6.0, True) < 0.1


def test_nucleons_are_bound_and_below_the_fermi_surface() -> None:
    rng = np.random.default_rng(1)
    for _ in range(500):
        r = float(np.linalg.norm(nucleus.draw_position(rng)))
        p = nucleus.draw_nucleon(rng, r, False)
        assert np.linalg.norm(p[:3]) <= nucleus.fermi_momentum(r, False)
        assert p[3] <= 0.93956542052 - nucleus.SEPARATION_ENERGY + 1e-12


def test_pauli_blocking_ends_at_the_local_fermi_momentum() -> None:
    k = nucleus.fermi_momentum(2.0, True)
    assert nucleus.blocked(0.99 * k, 2.0, True)
    assert not nucleus.blocked(1.01 * k, 2.0, True)
