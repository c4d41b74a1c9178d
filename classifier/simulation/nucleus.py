"""Argon-40 as a local Fermi gas: density, Fermi momentum, removal energy, Pauli blocking."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    ARGON_NEUTRONS,
    ARGON_PROTONS,
    HBARC_FM,
    M_NEUTRON,
    M_PROTON,
)
from classifier.simulation.kinematics import Vector, directed, isotropic

HALF_RADIUS = 3.53
"""Half-density radius in fm; de Vries, de Jager, de Vries, At. Data Nucl. Data Tables 36 (1987)
495, two-parameter Fermi distribution of 40Ar."""
DIFFUSENESS = 0.542
"""Surface thickness in fm; same table."""
EDGE = 9.0
"""Radius in fm beyond which no hadron interacts any more."""
BINDING_ENERGY = 0.0295
"""Fermi gas binding energy in GeV of a nucleon of argon; Andreopoulos et al., arXiv:1510.05494."""
SEPARATION_ENERGY = 0.00987
"""Least energy in GeV that takes a neutron out of 40Ar; AME2020, Chin. Phys. C 45 (2021) 030003."""


def _normalisation() -> float:
    r = np.linspace(0.0, EDGE, 2001)
    shape = r * r / (1.0 + np.exp((r - HALF_RADIUS) / DIFFUSENESS))
    return float(1.0 / (4.0 * math.pi * shape.sum() * (r[1] - r[0])))


_PER_NUCLEON = _normalisation()


@njit(cache=True)
def density(r: float) -> float:
    """Density in fm^-3 of one nucleon, averaged over its place in the nucleus."""
    return _PER_NUCLEON / (1.0 + math.exp((r - HALF_RADIUS) / DIFFUSENESS))


@njit(cache=True)
def fermi_momentum(r: float, proton: bool) -> float:
    """Local Fermi momentum in GeV, (3 pi^2 rho)^(1/3) hbar c."""
    count = ARGON_PROTONS if proton else ARGON_NEUTRONS
    return HBARC_FM * (3.0 * math.pi**2 * count * density(r)) ** (1.0 / 3.0)


@njit(cache=True)
def draw_position(rng: np.random.Generator) -> Vector:
    """Place in fm, drawn from the nuclear density."""
    while True:
        r = EDGE * rng.random() ** (1.0 / 3.0)
        if rng.random() * _PER_NUCLEON < density(r):
            return r * isotropic(rng)


@njit(cache=True)
def draw_nucleon(rng: np.random.Generator, r: float, proton: bool) -> Vector:
    """Four-vector of a bound nucleon at radius `r`, off its mass shell.

    Its momentum is uniform in the Fermi sphere, its energy that of a free nucleon less the binding
    energy (Smith and Moniz, Nucl. Phys. B 43 (1972) 605), never more than mass less separation
    energy.
    """
    mass = M_PROTON if proton else M_NEUTRON
    k = fermi_momentum(r, proton) * rng.random() ** (1.0 / 3.0)
    p = directed(isotropic(rng), k, mass)
    p[3] = min(p[3] - BINDING_ENERGY, mass - SEPARATION_ENERGY)
    return p


@njit(cache=True)
def blocked(p: float, r: float, proton: bool) -> bool:
    """Whether a nucleon of momentum `p` in GeV would go to an occupied state at radius `r`."""
    return p < fermi_momentum(r, proton)
