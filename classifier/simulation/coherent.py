"""Coherent pion production and two-nucleon knock-out: the two small interaction modes."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    HBARC_FM,
    M_NEUTRON,
    M_NUCLEON,
    M_PION,
    M_PION0,
    M_PROTON,
)
from classifier.simulation.kinematics import (
    Vector,
    along,
    directed,
    invariant_mass,
    phase_space,
    scatter_lepton,
)
from classifier.simulation.nucleus import draw_nucleon

COHERENT_AXIAL_MASS = 1.0
"""Axial mass in GeV of the propagator; Rein and Sehgal, Nucl. Phys. B 223 (1983) 29."""
NUCLEAR_RADIUS = 1.0 * 40.0 ** (1.0 / 3.0)
"""Radius in fm of the t slope b = R²/3; Rein and Sehgal 1983."""
MEC_PROTON_NEUTRON = 0.8
"""Share of initial proton-neutron pairs; electron scattering, Subedi et al., Science 320 (2008)
1476, and arXiv:1510.05494, sec. 2.6."""
MEC_W_MEAN, MEC_W_WIDTH = 1.05, 0.08
"""Mean and spread in GeV of W per nucleon: between the quasi-elastic peak and the Delta, as in
Dytman's empirical model, S. Dytman, AIP Conf. Proc. 896 (2007) 178."""
MEC_Q2_SCALE = 0.5
"""Scale in GeV² of the dipole in Q² of the empirical model, (1 + Q²/scale)^-2."""


@njit(cache=True)
def draw_coherent(
    rng: np.random.Generator, neutrino: Vector, charge: int, lepton_mass: float
) -> tuple[bool, Vector, Vector]:
    """Lepton and pion of coherent production; the nucleus recoils unseen.

    Rein-Sehgal shape: (1 - y)/y times the dipole propagator in Q² and exp(-b |t|).
    """
    e = neutrino[3]
    mass = M_PION if charge != 0 else M_PION0
    b = (NUCLEAR_RADIUS / HBARC_FM) ** 2 / 3.0
    nothing = np.zeros(4)
    low, high = (mass + 0.02) / e, 1.0 - (lepton_mass + 0.01) / e
    if high <= low:
        return False, nothing, nothing
    for _ in range(2000):
        y = low * (high / low) ** rng.random()
        if rng.random() > 1.0 - y:
            continue
        e_lepton, e_pion = e * (1.0 - y), e * y
        p_lepton = math.sqrt(e_lepton**2 - lepton_mass**2)
        p_pion = math.sqrt(e_pion**2 - mass**2)
        u = rng.random()
        q2 = COHERENT_AXIAL_MASS**2 * u / (1.0 - u)
        cos = (2.0 * e * e_lepton - q2 - lepton_mass**2) / (2.0 * e * p_lepton)
        if cos > 1.0 or cos < -1.0:
            continue
        q = math.sqrt(e_pion * e_pion + q2)
        # |t| = |q - p_pi|² from its least value up.
        t = (q - p_pion) ** 2 - math.log(1.0 - rng.random()) / b
        cos_pion = (q * q + p_pion**2 - t) / (2.0 * q * p_pion)
        if cos_pion < -1.0 or rng.random() > math.exp(-b * (q - p_pion) ** 2):
            continue
        direction = along(neutrino, cos, 2.0 * math.pi * rng.random())
        lepton = directed(direction, p_lepton, lepton_mass)
        direction = along(neutrino - lepton, cos_pion, 2.0 * math.pi * rng.random())
        pion = directed(direction, p_pion, mass)
        return True, lepton, pion
    return False, nothing, nothing


@njit(cache=True)
def draw_pair(
    rng: np.random.Generator,
    neutrino: Vector,
    radius: float,
    boson_charge: int,
    lepton_mass: float,
) -> tuple[bool, Vector, np.ndarray, Vector, int, float]:
    """Lepton and two nucleons of 2p2h: dipole Q², Gaussian W, isotropic decay of the pair.

    Returns
    -------
    possible, lepton, codes, momenta, protons, energy
        The last two: protons in the pair that was struck, and its energy in GeV.
    """
    nothing = np.zeros(4)
    for _ in range(500):
        if rng.random() < MEC_PROTON_NEUTRON:
            first, second = True, False
        else:
            # Like pairs that can take the charge.
            first = rng.random() < 0.5 if boson_charge == 0 else boson_charge < 0
            second = first
        protons = (1 if first else 0) + (1 if second else 0)
        charge = protons + boson_charge
        if charge < 0 or charge > 2:
            continue
        pair = draw_nucleon(rng, radius, first) + draw_nucleon(rng, radius, second)
        w_nucleon = MEC_W_MEAN + MEC_W_WIDTH * rng.standard_normal()
        u = rng.random()
        q2 = MEC_Q2_SCALE * u / (1.0 - u)
        # The energy transfer follows from W on one nucleon, the pair takes it.
        nu = (w_nucleon**2 - M_NUCLEON**2 + q2) / (2.0 * M_NUCLEON)
        if nu <= 0.0 or rng.random() > (1.0 + q2 / MEC_Q2_SCALE) ** -1.0:
            continue
        m = invariant_mass(pair)
        w2 = m * m + 2.0 * m * nu - q2
        masses = np.array(
            [M_PROTON if charge > 0 else M_NEUTRON, M_PROTON if charge > 1 else M_NEUTRON]
        )
        if w2 <= masses.sum() ** 2:
            continue
        good, lepton, system = scatter_lepton(rng, neutrino, pair, q2, math.sqrt(w2), lepton_mass)
        if not good:
            continue
        momenta = phase_space(rng, system, masses)
        codes = np.array([2212 if charge > 0 else 2112, 2212 if charge > 1 else 2112])
        return True, lepton, codes, momenta, protons, pair[3]
    return False, nothing, np.empty(0, dtype=np.int64), np.empty((0, 4)), 0, 0.0
