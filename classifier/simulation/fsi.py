"""Hadrons on their way out of the nucleus: an effective intranuclear cascade.

Pions and nucleons walk straight lines through the nucleon density and meet nucleons of the local
Fermi gas. Each collision conserves energy and momentum with the bound partner's four-vector;
Pauli-blocked collisions do not happen. Pions scatter, change charge, make another pion, or are
absorbed by a pair of nucleons; nucleons scatter or make a pion. Kaons and strange baryons leave
as they are.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    M_NEUTRON,
    M_NUCLEON,
    M_PION,
    M_PROTON,
)
from classifier.simulation.kinematics import (
    MAX_PARTICLES,
    Vector,
    along,
    boost,
    breakup_momentum,
    invariant_mass,
    mass_of,
    norm,
    phase_space,
    two_body,
)
from classifier.simulation.nucleus import BINDING_ENERGY, EDGE, blocked, density, draw_nucleon

FORMATION_TIME = 0.342
"""Formation time in fm/c of hadrons made in deep inelastic scattering; SKAT, Baranov et al.,
Z. Phys. C 21 (1984) 197, as in arXiv:1510.05494."""
STEP = 0.25
"""Step length in fm."""
MIN_KINETIC = 0.005
"""Nucleons of less kinetic energy in GeV stay in the nucleus and heat it."""
ABSORPTION_PEAK = 8.0
"""Absorption cross section in fm² per nucleon at central density and 165 MeV, by pairs of nucleons;
set so that absorption is two fifths of the reaction cross section of pi+ on argon at the Delta, as
in Ashery et al., Phys. Rev. C 23 (1981) 2173, between aluminium and iron."""
CENTRAL_DENSITY = 0.16
QUASIDEUTERON = 0.82
"""Share of proton-neutron pairs in absorption of charged pions, after Ashery et al."""


@njit(cache=True)
def nucleon_cross_section(kinetic: float, same: bool) -> float:
    """Nucleon-nucleon cross section in fm²; Metropolis et al., Phys. Rev. 110 (1958) 185.

    Flat above 1.5 GeV, and capped at low energy, where Pauli blocking forbids most collisions.
    """
    t = min(max(kinetic, 0.03), 1.5)
    gamma = 1.0 + t / M_NUCLEON
    beta2 = 1.0 - 1.0 / (gamma * gamma)
    beta = math.sqrt(beta2)
    value = 10.63 / beta2 - 29.92 / beta + 42.9 if same else 34.10 / beta2 - 82.2 / beta + 82.2
    if t > 0.4:
        # Inelastic channels keep the total near 45 mb (pp) and 40 mb (pn) above 1 GeV (PDG).
        plateau = 45.0 if same else 40.0
        value += (plateau - value) * min((t - 0.4) / 0.6, 1.0)
    return min(value, 120.0) * 0.1


@njit(cache=True)
def pion_cross_section(kinetic: float) -> float:
    """Cross section in fm² of pi+ on a proton; Delta(1232) over a smooth tail, PDG 2022 data."""
    s = (M_PION + M_NUCLEON) ** 2 + 2.0 * M_NUCLEON * kinetic
    w = math.sqrt(s)
    k = breakup_momentum(w, M_NUCLEON, M_PION)
    k0 = 0.229
    gamma = 0.117 * (k / k0) ** 3 * (1.0 + (k0 / 0.2) ** 2) / (1.0 + (k / 0.2) ** 2)
    line = 0.25 * gamma * gamma / ((w - 1.232) ** 2 + 0.25 * gamma * gamma)
    delta = 8.0 * math.pi * (0.19733 / max(k, 0.05)) ** 2 * line
    # Above the Delta the mean of pi+ p and pi- p settles near 30 mb.
    return delta + 3.0 * min(max((kinetic - 0.25) / 0.5, 0.0), 1.0)


@njit(cache=True)
def absorption_cross_section(kinetic: float) -> float:
    """Absorption cross section in fm² per nucleon at central density: the Delta line and a tail."""
    low = 0.1 * math.exp(-kinetic / 0.1)
    return ABSORPTION_PEAK * (math.exp(-0.5 * ((kinetic - 0.165) / 0.085) ** 2) + low)


@njit(cache=True)
def _charge_weight(pion: int, proton: bool) -> tuple[float, float]:
    """Elastic and charge-exchange weight of pi N relative to pi+ p, by Delta isospin."""
    if pion == 111:
        return 4.0 / 9.0, 2.0 / 9.0
    if (pion == 211) == proton:
        return 1.0, 0.0
    return 1.0 / 9.0, 2.0 / 9.0


@njit(cache=True)
def _random_charges(rng: np.random.Generator, total: int, nucleons: int, pions: int) -> np.ndarray:
    """Codes of nucleons, then pions, of a given total charge, all states equally likely."""
    codes = np.empty(nucleons + pions, dtype=np.int64)
    while True:
        charge = 0
        for i in range(nucleons):
            proton = rng.random() < 0.5
            codes[i] = 2212 if proton else 2112
            charge += 1 if proton else 0
        for i in range(nucleons, nucleons + pions):
            q = int(3.0 * rng.random()) - 1
            codes[i] = 111 if q == 0 else 211 * q
            charge += q
        if charge == total:
            return codes


@njit(cache=True)
def _nucleon_angle(rng: np.random.Generator, p_lab: float, k: float) -> float:
    """Draw the cosine of nucleon-nucleon scattering in the centre of mass.

    exp(b t) with b of J. Cugnon, D. L'Hôte, J. Vandermeulen, Nucl. Instrum. Meth. B 111 (1996)
    215, eq. 8; identical or exchanged nucleons make it symmetric at low energy.
    """
    b = 5.334 + 0.67 * (p_lab - 2.0)
    if p_lab < 2.0:
        x = p_lab**8
        b = 5.5 * x / (7.7 + x)
    a = 4.0 * b * k * k
    if a < 1e-3:
        return 2.0 * rng.random() - 1.0
    t = math.log(1.0 - rng.random() * (1.0 - math.exp(-a))) / a
    cos = 1.0 + 2.0 * t
    return -cos if rng.random() < 0.5 and b < 5.5 else cos


@njit(cache=True)
def _allowed(codes: np.ndarray, momenta: Vector, n: int, r: float) -> bool:
    for i in range(n):
        if codes[i] in (2212, 2112):
            # Energies are those outside; in the well the nucleon has the binding energy on top.
            mass = mass_of(codes[i])
            inside = momenta[i, 3] + BINDING_ENERGY
            if blocked(math.sqrt(inside * inside - mass * mass), r, codes[i] == 2212):
                return False
    return True


@njit(cache=True)
def _fill(rng: np.random.Generator, system: Vector, codes: np.ndarray) -> tuple[bool, Vector]:
    """Phase space of `codes` in `system`; False below threshold."""
    n = len(codes)
    masses = np.empty(n)
    for i in range(n):
        masses[i] = mass_of(codes[i])
    if masses.sum() >= invariant_mass(system) - 1e-6:
        return False, np.empty((0, 4))
    return True, phase_space(rng, system, masses)


@njit(cache=True)
def _pion_collision(
    rng: np.random.Generator,
    pion: int,
    p: Vector,
    r: float,
    ratio: float,
    protons: int,
    neutrons: int,
) -> tuple[np.ndarray, Vector, int, int, float]:
    """One collision of a pion. Returns codes, momenta, protons and neutrons hit, their energy."""
    empty = np.empty(0, dtype=np.int64)
    nothing = np.empty((0, 4))
    kinetic = p[3] - mass_of(pion)
    sigma = pion_cross_section(kinetic)
    absorb = absorption_cross_section(kinetic) * ratio
    if rng.random() * (absorb + 2.0 / 3.0 * sigma) < absorb:
        pick = rng.random()
        first = True
        second = pick < QUASIDEUTERON
        if pick >= QUASIDEUTERON:
            # Like pairs: nn for pi+, pp for pi-, either for pi0.
            first = pion == -211 or (pion == 111 and rng.random() < 0.5)
            second = first
        else:
            second = False
        hit_p = (1 if first else 0) + (1 if second else 0)
        if hit_p > protons or 2 - hit_p > neutrons:
            return empty, nothing, 0, 0, 0.0
        charge = hit_p + (0 if pion == 111 else 1 if pion > 0 else -1)
        if charge < 0 or charge > 2:
            return empty, nothing, 0, 0, 0.0
        pair = draw_nucleon(rng, r, first) + draw_nucleon(rng, r, second)
        codes = np.array([2212 if charge > 0 else 2112, 2212 if charge > 1 else 2112])
        good, momenta = _fill(rng, p + pair, codes)
        if not good or not _allowed(codes, momenta, 2, r):
            return empty, nothing, 0, 0, 0.0
        return codes, momenta, hit_p, 2 - hit_p, pair[3]
    el_p, cx_p = _charge_weight(pion, True)
    el_n, cx_n = _charge_weight(pion, False)
    weight_p, weight_n = protons * (el_p + cx_p), neutrons * (el_n + cx_n)
    proton = rng.random() * (weight_p + weight_n) < weight_p
    if (proton and protons < 1) or (not proton and neutrons < 1):
        return empty, nothing, 0, 0, 0.0
    target = draw_nucleon(rng, r, proton)
    system = p + target
    charge = (1 if proton else 0) + (0 if pion == 111 else 1 if pion > 0 else -1)
    # One more pion above threshold: rises to about two thirds of the total at 1 GeV (PDG data).
    if rng.random() < 0.65 * min(max((kinetic - 0.35) / 0.65, 0.0), 1.0):
        codes = _random_charges(rng, charge, 1, 2)
    else:
        elastic, exchange = (el_p, cx_p) if proton else (el_n, cx_n)
        swap = rng.random() * (elastic + exchange) < exchange
        new_pion = pion
        if swap:
            new_pion = (211 if proton else -211) if pion == 111 else 111
        q = 0 if new_pion == 111 else 1 if new_pion > 0 else -1
        codes = np.array([2212 if charge - q == 1 else 2112, new_pion])
    good, momenta = _fill(rng, system, codes)
    if not good or not _allowed(codes, momenta, len(codes), r):
        return empty, nothing, 0, 0, 0.0
    return codes, momenta, (1 if proton else 0), (0 if proton else 1), target[3]


@njit(cache=True)
def _nucleon_collision(
    rng: np.random.Generator, nucleon: int, p: Vector, r: float, protons: int, neutrons: int
) -> tuple[np.ndarray, Vector, int, int, float]:
    """One collision of a nucleon; returns as `_pion_collision`."""
    empty = np.empty(0, dtype=np.int64)
    nothing = np.empty((0, 4))
    kinetic = p[3] - mass_of(nucleon)
    is_proton = nucleon == 2212
    weight_p = protons * nucleon_cross_section(kinetic, is_proton)
    weight_n = neutrons * nucleon_cross_section(kinetic, not is_proton)
    proton = rng.random() * (weight_p + weight_n) < weight_p
    if (proton and protons < 1) or (not proton and neutrons < 1):
        return empty, nothing, 0, 0, 0.0
    target = draw_nucleon(rng, r, proton)
    system = p + target
    charge = (1 if is_proton else 0) + (1 if proton else 0)
    # Pion production: nothing below 0.4 GeV, half of the total at 1 GeV (PDG data).
    if rng.random() < 0.55 * min(max((kinetic - 0.4) / 0.7, 0.0), 1.0):
        codes = _random_charges(rng, charge, 2, 1)
        good, momenta = _fill(rng, system, codes)
    else:
        codes = np.array([nucleon, 2212 if proton else 2112])
        w = invariant_mass(system)
        good = w > mass_of(codes[0]) + mass_of(codes[1])
        momenta = np.empty((2, 4))
        if good:
            k = breakup_momentum(w, mass_of(codes[0]), mass_of(codes[1]))
            axis = boost(p, system, -1.0)
            cos = _nucleon_angle(rng, norm(p), k)
            direction = along(axis, cos, 2.0 * math.pi * rng.random())
            first, second = two_body(system, mass_of(codes[0]), mass_of(codes[1]), direction)
            momenta[0], momenta[1] = first, second
    if not good or not _allowed(codes, momenta, len(codes), r):
        return empty, nothing, 0, 0, 0.0
    return codes, momenta, (1 if proton else 0), (0 if proton else 1), target[3]


@njit(cache=True)
def _rate(pdg: int, kinetic: float, ratio: float, protons: int, neutrons: int) -> float:
    """Sum of the cross sections in fm² of all nucleons; `ratio` is density over its centre."""
    if pdg in (2212, 2112):
        same, other = (protons, neutrons) if pdg == 2212 else (neutrons, protons)
        return same * nucleon_cross_section(kinetic, True) + other * nucleon_cross_section(
            kinetic, False
        )
    sigma = pion_cross_section(kinetic)
    el_p, cx_p = _charge_weight(pdg, True)
    el_n, cx_n = _charge_weight(pdg, False)
    scatter = sigma * (protons * (el_p + cx_p) + neutrons * (el_n + cx_n))
    return scatter + (protons + neutrons) * ratio * absorption_cross_section(kinetic)


@njit(cache=True)
def cascade(
    rng: np.random.Generator,
    position: Vector,
    codes: np.ndarray,
    momenta: Vector,
    formation: float,
    protons: int,
    neutrons: int,
) -> tuple[np.ndarray, Vector, float]:
    """Follow hadrons through the nucleus.

    Parameters
    ----------
    position : ndarray, shape (3,)
        Where they are made, in fm from the centre.
    codes, momenta : ndarray, shapes (n,) and (n, 4)
    formation : float
        Formation time in fm/c before which they do not interact.
    protons, neutrons : int
        What the nucleus holds after the primary interaction.

    Returns
    -------
    codes, momenta, missing
        The hadrons outside, and the energy in GeV that stayed in the nucleus: excitation, and
        the binding of the nucleons that were knocked out.
    """
    stack = np.empty(MAX_PARTICLES, dtype=np.int64)
    p4 = np.empty((MAX_PARTICLES, 4))
    at = np.empty((MAX_PARTICLES, 3))
    free = np.empty(MAX_PARTICLES)
    out = np.empty(MAX_PARTICLES, dtype=np.int64)
    out_p4 = np.empty((MAX_PARTICLES, 4))
    top = n_out = 0
    missing = 0.0
    for i in range(len(codes)):
        stack[top] = codes[i]
        p4[top] = momenta[i]
        at[top] = position
        free[top] = formation * norm(momenta[i]) / max(mass_of(codes[i]), 0.1)
        top += 1
    while top > 0:
        top -= 1
        pdg, p, x = stack[top], p4[top].copy(), at[top].copy()
        length = norm(p)
        mass = mass_of(pdg)
        walks = pdg in (2212, 2112, 211, -211, 111) and length > 0.0
        if walks:
            for j in range(3):
                x[j] += free[top] * p[j] / length
        hit = False
        r = math.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)
        while walks and r < EDGE and top + n_out < MAX_PARTICLES - 8:
            for j in range(3):
                x[j] += STEP * p[j] / length
            r = math.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)
            rho = density(r)
            ratio = rho * 40.0 / CENTRAL_DENSITY
            chance = STEP * rho * _rate(pdg, p[3] - mass, ratio, protons, neutrons)
            if rng.random() >= chance and rng.random() >= chance - 1.0:
                continue
            if pdg in (2212, 2112):
                new, vectors, hit_p, hit_n, energy = _nucleon_collision(
                    rng, pdg, p, r, protons, neutrons
                )
            else:
                new, vectors, hit_p, hit_n, energy = _pion_collision(
                    rng, pdg, p, r, ratio, protons, neutrons
                )
            if len(new) == 0:
                continue
            protons -= hit_p
            neutrons -= hit_n
            missing += hit_p * M_PROTON + hit_n * M_NEUTRON - energy
            for j in range(len(new)):
                stack[top] = new[j]
                p4[top] = vectors[j]
                at[top] = x
                free[top] = 0.0
                top += 1
            hit = True
            break
        if hit:
            continue
        if pdg in (2212, 2112) and p[3] - mass < MIN_KINETIC:
            missing += p[3] - mass
            protons += 1 if pdg == 2212 else 0
            neutrons += 1 if pdg == 2112 else 0
            continue
        out[n_out] = pdg
        out_p4[n_out] = p
        n_out += 1
    return out[:n_out].copy(), out_p4[:n_out].copy(), missing
