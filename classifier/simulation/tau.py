"""Decays of the tau lepton, with the polarisation of tau leptons from charged currents."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    M_A1,
    M_ELECTRON,
    M_MUON,
    M_RHO,
    M_TAU,
)
from classifier.simulation.kinematics import (
    Vector,
    along,
    boost,
    breakup_momentum,
    directed,
    isotropic,
    mass_of,
    phase_space,
    two_body,
)

# Branching ratios of PDG 2022, tau listing: e 17.82, mu 17.39, pi 10.82, rho (pi pi0) 25.49,
# a1 (pi 2pi0) 9.26, a1 (3 pi) 9.02, 3 pi pi0 4.49, pi 3pi0 1.04, K 0.70, K0 pi 0.84, K pi0 0.43 %;
# the rest, 2.7 %, is shared out in proportion.
ELECTRON, MUON, PION, RHO, A1_ONE, A1_THREE, THREE_PI0, ONE_3PI0, KAON, K0_PION, KAON_PI0 = range(
    11
)
BRANCHING = np.array([17.82, 17.39, 10.82, 25.49, 9.26, 9.02, 4.49, 1.04, 0.70, 0.84, 0.43])
BRANCHING /= BRANCHING.sum()

RHO_WIDTH = 0.149
A1_WIDTH = 0.42


@njit(cache=True)
def draw_channel(rng: np.random.Generator) -> int:
    """Draw a decay channel, an index of `BRANCHING`."""
    pick = rng.random()
    for i in range(len(BRANCHING)):
        pick -= BRANCHING[i]
        if pick <= 0.0:
            return i
    return ELECTRON


@njit(cache=True)
def _hadrons(channel: int) -> np.ndarray:
    """Hadrons of a tau- decay."""
    if channel == PION:
        return np.array([-211])
    if channel == RHO:
        return np.array([-211, 111])
    if channel == A1_ONE:
        return np.array([-211, 111, 111])
    if channel == A1_THREE:
        return np.array([-211, -211, 211])
    if channel == THREE_PI0:
        return np.array([-211, -211, 211, 111])
    if channel == ONE_3PI0:
        return np.array([-211, 111, 111, 111])
    if channel == KAON:
        return np.array([-321])
    if channel == K0_PION:
        return np.array([-211, -311])
    return np.array([-321, 111])


@njit(cache=True)
def _system_mass(rng: np.random.Generator, channel: int, codes: np.ndarray) -> float:
    """Mass of the hadronic system: line shapes of rho, a1, K*; flat phase space for 4 pi.

    The lines carry the weak phase space (1 - s/m²)² (1 + 2 s/m²); Tsai, Phys. Rev. D 4 (1971) 2821.
    """
    low = 0.0
    for code in codes:
        low += mass_of(code)
    if len(codes) == 1:
        return low
    centre, gamma = M_RHO, RHO_WIDTH
    if channel in (A1_ONE, A1_THREE):
        centre, gamma = M_A1, A1_WIDTH
    elif channel in (THREE_PI0, ONE_3PI0):
        centre, gamma = 1.35, 0.4
    elif channel in (K0_PION, KAON_PI0):
        centre, gamma = 0.892, 0.051
    low += 0.001
    a, b = math.atan((low - centre) / (0.5 * gamma)), math.atan((M_TAU - centre) / (0.5 * gamma))
    for _ in range(500):
        m = centre + 0.5 * gamma * math.tan(a + (b - a) * rng.random())
        z = m * m / (M_TAU * M_TAU)
        weight = (1.0 - z) ** 2 * (1.0 + 2.0 * z)
        if len(codes) == 2:
            k = breakup_momentum(m, mass_of(codes[0]), mass_of(codes[1]))
            weight *= min((k / 0.7) ** 3 / (k**3 + 0.05), 3.0) / 3.0
        else:
            weight *= min((m - low) / (M_TAU - low), 1.0)
        if rng.random() * 1.2 < weight:
            break
    return min(max(m, low), M_TAU - 1e-4)


@njit(cache=True)
def _leptonic(rng: np.random.Generator, tau: Vector, mass: float) -> tuple[Vector, Vector]:
    """Charged lepton and the two neutrinos' sum of tau -> l nu nu (Michel, PDG 2022, sec. 57).

    d2Gamma/dx dcos ~ x² [(3 - 2x) + cos (2x - 1)] about the flight: the charges of the tau turn
    both its helicity and the sign of the asymmetry.
    """
    top = 0.5 * M_TAU * (1.0 + mass * mass / (M_TAU * M_TAU))
    x = cos = 0.0
    while True:
        x = rng.random()
        cos = 2.0 * rng.random() - 1.0
        weight = x * x * ((3.0 - 2.0 * x) + cos * (2.0 * x - 1.0))
        if x * top > mass and rng.random() * 2.0 < weight:
            break
    e = x * top
    p = math.sqrt(e * e - mass * mass)
    rest = directed(along(tau, cos, 2.0 * math.pi * rng.random()), p, mass)
    return rest, np.array([-rest[0], -rest[1], -rest[2], M_TAU - e])


@njit(cache=True)
def decay(rng: np.random.Generator, pdg: int, tau: Vector) -> tuple[np.ndarray, Vector]:
    """Decay a tau of charge -1 (`pdg` 15) or +1 (-15).

    Taus from charged currents far above threshold are left-handed, anti-taus right-handed; full
    polarisation is assumed (Hagiwara, Mawatari, Yokoya, Nucl. Phys. B 668 (2003) 364: above 0.9 in
    most of the phase space at 10 GeV).

    Returns
    -------
    codes, momenta
        PDG codes, shape (n,), the tau neutrino last, and four-vectors, shape (n, 4).
    """
    sign = 1 if pdg > 0 else -1
    channel = draw_channel(rng)
    if channel in (ELECTRON, MUON):
        mass = M_ELECTRON if channel == ELECTRON else M_MUON
        flavour = 11 if channel == ELECTRON else 13
        rest, others = _leptonic(rng, tau, mass)
        codes = np.array([sign * flavour, -sign * (flavour + 1), sign * 16])
        out = np.empty((3, 4))
        out[0] = boost(rest, tau, 1.0)
        pair = boost(others, tau, 1.0)
        nubar, nu = two_body(pair, 0.0, 0.0, isotropic(rng))
        out[1], out[2] = nubar, nu
        return codes, out
    hadrons = _hadrons(channel)
    m = _system_mass(rng, channel, hadrons)
    # cos of the hadrons about the flight: 1 + alpha P cos with P = -1 for tau- and spin analysing
    # power 1 (pion), (m_tau² - 2 m²)/(m_tau² + 2 m²) for vector and axial states; Hagiwara,
    # Martin, Zeppenfeld, Phys. Lett. B 235 (1990) 198.
    power = 1.0
    if len(hadrons) > 1:
        power = (M_TAU**2 - 2.0 * m * m) / (M_TAU**2 + 2.0 * m * m)
    cos = 0.0
    while True:
        cos = 2.0 * rng.random() - 1.0
        if rng.random() * 2.0 < 1.0 - power * cos:
            break
    direction = along(tau, cos, 2.0 * math.pi * rng.random())
    system, nu = two_body(tau, m, 0.0, direction)
    n = len(hadrons)
    codes = np.empty(n + 1, dtype=np.int64)
    out = np.empty((n + 1, 4))
    if n == 1:
        out[0] = system
    else:
        masses = np.empty(n)
        for i in range(n):
            masses[i] = mass_of(hadrons[i])
        out[:n] = phase_space(rng, system, masses)
    for i in range(n):
        codes[i] = hadrons[i]
        if sign < 0 and hadrons[i] != 111:
            codes[i] = -hadrons[i]
    codes[n] = sign * 16
    out[n] = nu
    return codes, out
