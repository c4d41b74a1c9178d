"""Liquid argon: its constants, and the energy loss of charged particles in it (cm, MeV).

Constants: D. E. Groom, N. V. Mokhov, S. I. Striganov, At. Data Nucl. Data Tables 78 (2001) 183, in
the liquid-argon entry of the PDG's Atomic and Nuclear Properties; formulas: PDG, Prog. Theor. Exp.
Phys. 2022, 083C01, section 34 ("Passage of particles through matter").
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

DENSITY = 1.396
"""g/cm³ at the boiling point."""
Z = 18.0
A = 39.948
Z_OVER_A = 0.45059
EXCITATION_ENERGY = 188.0e-6
"""Mean excitation energy I in MeV."""
RADIATION_LENGTH = 19.55 / DENSITY
"""X0 in cm."""
CRITICAL_ENERGY = 32.84
"""MeV, for electrons, in Rossi's definition."""
ELECTRON_MASS = 0.51099895
ATOMS_PER_CM3 = 6.02214076e23 * DENSITY / A

# Sternheimer's parametrisation of the density effect for liquid argon.
_STERNHEIMER_A = 0.19559
_STERNHEIMER_K = 3.0
_STERNHEIMER_X0 = 0.2
_STERNHEIMER_X1 = 3.0
_STERNHEIMER_C = 5.2146

XI = 0.5 * 0.307075 * Z_OVER_A * DENSITY
"""K Z ρ / (2 A) in MeV/cm: the scale of ionisation, of delta rays and of straggling."""
SOFT_COLLISION = 0.02
"""MeV; collisions above it are drawn one by one, those below are a continuous loss."""

# Radiative losses of muons, b(E) in g^-1 cm² (bremsstrahlung, pairs and photonuclear together);
# PDG, figure 34.24 read for argon, between carbon and iron. Below 1 % of the loss under 10 GeV.
_MUON_ENERGY = np.log(np.array([1e3, 1e4, 1e5, 1e6]))
_MUON_B = np.array([0.5e-6, 1.25e-6, 1.9e-6, 2.3e-6])


@njit(cache=True)
def density_effect(beta_gamma: float) -> float:
    """Density correction δ (PDG eq. 34.7)."""
    x = math.log10(beta_gamma)
    if x < _STERNHEIMER_X0:
        return 0.0
    delta = 2.0 * math.log(10.0) * x - _STERNHEIMER_C
    if x < _STERNHEIMER_X1:
        delta += _STERNHEIMER_A * (_STERNHEIMER_X1 - x) ** _STERNHEIMER_K
    return max(delta, 0.0)


@njit(cache=True)
def largest_transfer(kinetic: float, mass: float) -> float:
    """Most that a particle can give an electron, in MeV (PDG eq. 34.4; Møller: half)."""
    if mass < 1.0:
        return 0.5 * kinetic
    gamma = 1.0 + kinetic / mass
    ratio = ELECTRON_MASS / mass
    return 2.0 * ELECTRON_MASS * (gamma * gamma - 1.0) / (1.0 + 2.0 * gamma * ratio + ratio * ratio)


@njit(cache=True)
def restricted_loss(kinetic: float, mass: float, cut: float) -> float:
    """Mean ionisation loss in collisions below `cut`, in MeV/cm, for unit charge.

    PDG eq. 34.10, which holds for electrons too where the cut is far below their energy; with
    `cut` at the largest transfer it is the Bethe formula 34.5.
    """
    gamma = 1.0 + kinetic / mass
    bg2 = gamma * gamma - 1.0
    beta2 = bg2 / (gamma * gamma)
    largest = largest_transfer(kinetic, mass)
    upper = min(cut, largest)
    argument = 2.0 * ELECTRON_MASS * bg2 * upper / (EXCITATION_ENERGY * EXCITATION_ENERGY)
    bracket = (
        math.log(max(argument, 1.0))
        - beta2 * (1.0 + upper / largest)
        - density_effect(math.sqrt(bg2))
    )
    # Below a few hundred keV per nucleon the formula fails; the particle stops within a pixel.
    return XI / beta2 * max(bracket, 1.0)


@njit(cache=True)
def muon_radiative_loss(energy: float) -> float:
    """Mean radiative loss of a muon in MeV/cm."""
    return np.interp(math.log(energy), _MUON_ENERGY, _MUON_B) * energy * DENSITY


@njit(cache=True)
def mean_loss(kinetic: float, mass: float) -> float:
    """Mean loss of a unit charge heavier than the electron, in MeV/cm."""
    loss = restricted_loss(kinetic, mass, 1e12)
    if 100.0 < mass < 110.0:
        loss += muon_radiative_loss(kinetic + mass)
    return loss


@njit(cache=True)
def csda_range(kinetic: float, mass: float) -> float:
    """Range in the continuous slowing-down approximation, in cm."""
    n = 200
    low = min(0.1, 0.1 * kinetic)
    # Below 0.1 MeV a range is microns; losses there are taken as constant.
    total = low / mean_loss(low, mass)
    step = math.log(kinetic / low) / n
    for i in range(n):
        t = low * math.exp((i + 0.5) * step)
        total += t * step / mean_loss(t, mass)
    return total


@njit(cache=True)
def hard_collisions(kinetic: float, mass: float) -> float:
    """Mean number per cm of collisions above `SOFT_COLLISION` (PDG eq. 34.11)."""
    largest = largest_transfer(kinetic, mass)
    if largest <= SOFT_COLLISION:
        return 0.0
    gamma = 1.0 + kinetic / mass
    beta2 = 1.0 - 1.0 / (gamma * gamma)
    spectrum = 1.0 / SOFT_COLLISION - 1.0 / largest
    if mass > 1.0:
        spectrum -= beta2 / largest * math.log(largest / SOFT_COLLISION)
    return XI / beta2 * max(spectrum, 0.0)


@njit(cache=True)
def draw_transfer(rng: np.random.Generator, kinetic: float, mass: float) -> float:
    """Energy of one delta ray above `SOFT_COLLISION`, in MeV (PDG eq. 34.11)."""
    largest = largest_transfer(kinetic, mass)
    gamma = 1.0 + kinetic / mass
    beta2 = 1.0 - 1.0 / (gamma * gamma)
    while True:
        u = rng.random()
        transfer = SOFT_COLLISION * largest / (largest - u * (largest - SOFT_COLLISION))
        if mass < 1.0 or rng.random() < 1.0 - beta2 * transfer / largest:
            return transfer


@njit(cache=True)
def scattering_angle(kinetic: float, mass: float, step: float) -> float:
    """Width of the projected angle of multiple scattering in a step, in radians.

    Highland's formula (PDG eq. 34.16). Its logarithm is left at the value for one radiation length:
    widths of small steps then add up to that of the whole, which those of eq. 34.16 do not.
    """
    energy = kinetic + mass
    p_beta = (energy * energy - mass * mass) / energy
    return 13.6 / p_beta * math.sqrt(step / RADIATION_LENGTH)
