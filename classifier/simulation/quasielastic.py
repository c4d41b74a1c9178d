"""Quasi-elastic and elastic scattering on a nucleon: C. H. Llewellyn Smith, Phys. Rep. 3 (1972)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    AXIAL_COUPLING,
    COS2_CABIBBO,
    FERMI_CONSTANT,
    GEV2_TO_CM2,
    M_NUCLEON,
    M_PION,
    MAGNETIC_NEUTRON,
    MAGNETIC_PROTON,
    SIN2_WEINBERG,
)
from classifier.simulation.kinematics import q2_limits

AXIAL_MASS = 0.99
"""Dipole axial mass in GeV; deuterium world average 0.999 ± 0.011 of Kuzmin, Lyubushkin, Naumov,
Eur. Phys. J. C 54 (2008) 517, in the rounding of arXiv:1510.05494."""
VECTOR_MASS2 = 0.71
"""Squared mass in GeV² of the dipole electromagnetic form factor."""
MEAN_FERMI_MOMENTUM = 0.217
"""Mean Fermi momentum in GeV of a heavier nucleus for the blocking factor; Smith and Moniz 1972
and Moniz et al., Phys. Rev. Lett. 26 (1971) 445."""


@njit(cache=True)
def form_factors(q2: float, charged: bool, proton: bool) -> tuple[float, float, float]:
    """Dirac, Pauli (times anomalous moment) and axial form factors of the weak current.

    Charged: isovector. Neutral: Ahrens et al., Phys. Rev. D 35 (1987) 785 without strangeness.
    """
    eta = q2 / (4.0 * M_NUCLEON * M_NUCLEON)
    dipole = (1.0 + q2 / VECTOR_MASS2) ** -2
    ge_p, gm_p, gm_n = dipole, MAGNETIC_PROTON * dipole, MAGNETIC_NEUTRON * dipole
    f1_p, f2_p = (ge_p + eta * gm_p) / (1.0 + eta), (gm_p - ge_p) / (1.0 + eta)
    f1_n, f2_n = eta * gm_n / (1.0 + eta), gm_n / (1.0 + eta)
    axial = AXIAL_COUPLING * (1.0 + q2 / AXIAL_MASS**2) ** -2
    if charged:
        return f1_p - f1_n, f2_p - f2_n, axial
    own = 0.5 - 2.0 * SIN2_WEINBERG
    if proton:
        return own * f1_p - 0.5 * f1_n, own * f2_p - 0.5 * f2_n, 0.5 * axial
    return own * f1_n - 0.5 * f1_p, own * f2_n - 0.5 * f2_p, -0.5 * axial


@njit(cache=True)
def dsigma_dq2(
    e: float, q2: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> float:
    """Cross section in cm²/GeV² of a free nucleon at rest; Llewellyn Smith eq. 3.18.

    `e` is the neutrino energy in GeV, `q2` is Q² in GeV², `lepton_mass` that of the outgoing one.
    """
    m2 = M_NUCLEON * M_NUCLEON
    f1, f2, fa = form_factors(q2, charged, proton)
    eta = q2 / (4.0 * m2)
    l2 = lepton_mass * lepton_mass
    fp = 2.0 * m2 * fa / (M_PION * M_PION + q2)
    a = (
        (l2 + q2)
        / m2
        * (
            (1.0 + eta) * fa * fa
            - (1.0 - eta) * f1 * f1
            + eta * (1.0 - eta) * f2 * f2
            + 4.0 * eta * f1 * f2
            - l2 / (4.0 * m2) * ((f1 + f2) ** 2 + (fa + 2.0 * fp) ** 2 - (q2 / m2 + 4.0) * fp * fp)
        )
    )
    b = q2 / m2 * fa * (f1 + f2)
    c = 0.25 * (fa * fa + f1 * f1 + eta * f2 * f2)
    su = (4.0 * M_NUCLEON * e - q2 - l2) / m2
    sign = -1.0 if anti else 1.0
    coupling = FERMI_CONSTANT * FERMI_CONSTANT * (COS2_CABIBBO if charged else 1.0)
    value = coupling * m2 / (8.0 * math.pi * e * e) * (a + sign * b * su + c * su * su)
    return max(value, 0.0) * GEV2_TO_CM2


@njit(cache=True)
def pauli_factor(q2: float) -> float:
    """Share of nucleons that a momentum transfer lifts out of the Fermi sea (Llewellyn Smith)."""
    eta = q2 / (4.0 * M_NUCLEON * M_NUCLEON)
    x = math.sqrt(q2 * (1.0 + eta)) / MEAN_FERMI_MOMENTUM
    return 1.0 if x >= 2.0 else 0.75 * x - x**3 / 16.0


@njit(cache=True)
def scan(
    e: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> tuple[float, float]:
    """Cross section in cm² of a nucleon in the nucleus, and the largest sampling weight."""
    low, high = q2_limits(e, M_NUCLEON, M_NUCLEON, lepton_mass)
    if high <= low:
        return 0.0, 0.0
    n = 200
    a, b = 1.0 / (low + VECTOR_MASS2), 1.0 / (high + VECTOR_MASS2)
    total = largest = 0.0
    for i in range(n):
        u = a + (b - a) * (i + 0.5) / n
        q2 = 1.0 / u - VECTOR_MASS2
        weight = dsigma_dq2(e, q2, charged, proton, anti, lepton_mass) / (u * u)
        total += weight * pauli_factor(q2) * (a - b) / n
        largest = max(largest, weight)
    return total, largest


@njit(cache=True)
def draw_q2(
    rng: np.random.Generator,
    e: float,
    charged: bool,
    proton: bool,
    anti: bool,
    lepton_mass: float,
    largest: float,
) -> float:
    """Draw Q² in GeV² by rejection under a dipole-like envelope; -1 below threshold."""
    low, high = q2_limits(e, M_NUCLEON, M_NUCLEON, lepton_mass)
    if high <= low:
        return -1.0
    a, b = 1.0 / (low + VECTOR_MASS2), 1.0 / (high + VECTOR_MASS2)
    q2 = 0.0
    for _ in range(1000):
        u = a + (b - a) * rng.random()
        q2 = 1.0 / u - VECTOR_MASS2
        weight = dsigma_dq2(e, q2, charged, proton, anti, lepton_mass) / (u * u)
        if rng.random() * largest < weight:
            break
    return q2
