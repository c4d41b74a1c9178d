"""Deep inelastic scattering in x and y, down to the pion threshold."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    FERMI_CONSTANT,
    GEV2_TO_CM2,
    M_NUCLEON,
    M_PION,
)
from classifier.simulation.hadronisation import multiplicity_shares
from classifier.simulation.resonance import W_MAX
from classifier.simulation.structure_functions import f2_xf3, longitudinal_ratio

W_MIN = M_NUCLEON + M_PION + 0.01
NORMALISATION = 1.0
"""Overall factor: with it the total charged-current cross section at high energy is the world
average of PDG 2022, sec. 52; arXiv:1510.05494 needs 1.032 with GRV98."""
TWO_BODY_P, TWO_BODY_N = 0.10, 0.30
"""Weight of non-resonant single-pion states below `W_MAX` on neutrino-proton (antineutrino-neutron)
and neutrino-neutron (antineutrino-proton); arXiv:1510.05494, sec. 2.5."""


@njit(cache=True)
def two_body_weight(w: float, proton: bool, anti: bool) -> float:
    """Weight of a nucleon-pion state in the deep inelastic model."""
    if w >= W_MAX:
        return 1.0
    return TWO_BODY_P if proton != anti else TWO_BODY_N


@njit(cache=True)
def hadron_charge(charged: bool, proton: bool, anti: bool) -> int:
    """Charge of the hadronic system."""
    boson = 0
    if charged:
        boson = -1 if anti else 1
    return boson + (1 if proton else 0)


@njit(cache=True)
def _join(w: float, charged: bool, proton: bool, anti: bool) -> float:
    """Share that is left where the resonance model describes single pions."""
    if w >= W_MAX:
        return 1.0
    shares = multiplicity_shares(w, hadron_charge(charged, proton, anti))
    return 1.0 - shares[2] * (1.0 - two_body_weight(w, proton, anti))


@njit(cache=True)
def dsigma_dxdy(
    e: float, x: float, y: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> float:
    """Cross section in cm² of a free nucleon at rest.

    PDG 2022, eq. 18.9 with lepton mass terms of Albright and Jarlskog, Nucl. Phys. B 84 (1975)
    467 (F4 = 0, x F5 = F2), zero outside the kinematic limits. 2 x F1 follows from F2 and R
    (PDG 2022, eq. 18.7 ff.), as in Bodek-Yang.
    """
    m, l2 = M_NUCLEON, lepton_mass * lepton_mass
    q2 = 2.0 * m * e * x * y
    w2 = m * m + q2 * (1.0 / x - 1.0)
    if q2 < 1e-4 or w2 < W_MIN * W_MIN:
        return 0.0
    e_out = e * (1.0 - y)
    if e_out <= lepton_mass:
        return 0.0
    p_out = math.sqrt(e_out * e_out - l2)
    cos = (2.0 * e * e_out - q2 - l2) / (2.0 * e * p_out)
    if cos > 1.0 or cos < -1.0:
        return 0.0
    w = math.sqrt(w2)
    f2, xf3 = f2_xf3(x, q2, w, charged, proton, anti)
    f1 = f2 / (2.0 * x) * (1.0 + 4.0 * m * m * x * x / q2) / (1.0 + longitudinal_ratio(x, q2))
    value = (
        (y * y * x + l2 * y / (2.0 * e * m)) * f1
        + (1.0 - l2 / (4.0 * e * e) - y * (1.0 + m * x / (2.0 * e))) * f2
        + (y * (1.0 - 0.5 * y) - l2 * y / (4.0 * e * m * x)) * xf3
        - l2 / (e * m) * f2 / x
    )
    if value <= 0.0:
        return 0.0
    coupling = FERMI_CONSTANT**2 * m * e / math.pi * GEV2_TO_CM2 * NORMALISATION
    # W propagator: M_W = 80.4 GeV.
    coupling *= (1.0 + q2 / 6464.0) ** -2
    return coupling * value * _join(w, charged, proton, anti)


@njit(cache=True)
def least_y(e: float) -> float:
    """Smallest y that reaches `W_MIN`."""
    return (W_MIN * W_MIN - M_NUCLEON * M_NUCLEON) / (2.0 * M_NUCLEON * e)


@njit(cache=True)
def _weight(
    e: float, u: float, y: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> float:
    """Cross section per du dy with x = u² below the largest x at this y."""
    top = 1.0 - least_y(e) / y
    if top <= 0.0:
        return 0.0
    x = top * u * u
    if x <= 0.0:
        return 0.0
    return dsigma_dxdy(e, x, y, charged, proton, anti, lepton_mass) * 2.0 * u * top


@njit(cache=True)
def scan(
    e: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> tuple[float, float]:
    """Cross section in cm² of a free nucleon, and the largest sampling weight."""
    low = least_y(e)
    high = 1.0 - lepton_mass / e
    if high <= low:
        return 0.0, 0.0
    n = 32
    total = largest = 0.0
    for i in range(n):
        y = low + (high - low) * (i + 0.5) / n
        for j in range(n):
            weight = _weight(e, (j + 0.5) / n, y, charged, proton, anti, lepton_mass)
            total += weight * (high - low) / (n * n)
            largest = max(largest, weight)
    return total, largest


@njit(cache=True)
def draw(
    rng: np.random.Generator,
    e: float,
    charged: bool,
    proton: bool,
    anti: bool,
    lepton_mass: float,
    largest: float,
) -> tuple[float, float]:
    """Draw W and Q²; W is -1 below threshold."""
    low = least_y(e)
    high = 1.0 - lepton_mass / e
    if high <= low:
        return -1.0, 0.0
    for _ in range(4000):
        y = low + (high - low) * rng.random()
        u = rng.random()
        weight = _weight(e, u, y, charged, proton, anti, lepton_mass)
        if weight > 0.0 and rng.random() * largest < weight:
            x = (1.0 - low / y) * u * u
            q2 = 2.0 * M_NUCLEON * e * x * y
            return math.sqrt(M_NUCLEON**2 + q2 * (1.0 / x - 1.0)), q2
    return -1.0, 0.0
