"""Hadrons of a hadronic system of mass W: KNO multiplicities and longitudinal phase space.

Multiplicities, charges and strangeness follow the AGKY model, T. Yang et al., Eur. Phys. J. C 63
(2009) 1, in the parameters of arXiv:1510.05494. The momenta come from longitudinal phase space:
transverse momenta of a sourced width, rapidities flat for mesons and backward for the baryon
(target fragment), stretched so that energy and momentum are conserved exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import M_PION
from classifier.simulation.kinematics import (
    Vector,
    along,
    boost,
    directed,
    invariant_mass,
    isotropic,
    mass_of,
    two_body,
)

MAX_HADRONS = 24

# Mean charged multiplicity a + b ln W² and width c of the KNO shape for hadronic charges 2 (nu p),
# 1 (nu n), 0 (nubar p), -1 (nubar n): Zieminska et al., Phys. Rev. D 27 (1983) 47 and
# Barlag et al., Z. Phys. C 11 (1982) 283, as in arXiv:1510.05494, table 2.3.
KNO = np.array([(0.40, 1.42, 7.93), (-0.20, 1.42, 5.22), (0.02, 1.28, 5.22), (0.80, 0.95, 7.93)])
HYPERON_A, HYPERON_B = 0.0220, 0.0420
"""Share of events with a strange baryon, a + b ln W²; AGKY."""
# Shares of pi0 pi0 and of pi+ pi- in the pairs. AGKY: 0.3133 and 0.6267. With hadronic charges 1
# and 0 those leave the charged multiplicity 0.5 below the measured mean, which 0.16 and 0.78 meet.
PAIR_NEUTRAL = np.array([0.3133, 0.16, 0.16, 0.3133])
PAIR_CHARGED = np.array([0.6267, 0.78, 0.78, 0.6267])
PAIR_KAON = 0.03
"""Share of each of K+ K- and K0 anti-K0 in the pairs; AGKY."""
ETA_PER_PI0 = 0.07
"""Share of neutral mesons made as eta; between 0.05 and 0.1 of the pi0 in hadronic final states."""
MEAN_PT2 = 0.16
"""Mean pT² in GeV² of the hadrons about the current; BEBC, Z. Phys. C 27 (1985) 239 (0.15-0.2)."""


@njit(cache=True)
def channel(hadron_charge: int) -> int:
    """Row of `KNO` for a hadronic system of this charge."""
    return min(max(2 - hadron_charge, 0), 3)


@njit(cache=True)
def mean_charged(w: float, hadron_charge: int) -> float:
    """Mean charged multiplicity at W in GeV."""
    row = channel(hadron_charge)
    return max(KNO[row, 0] + KNO[row, 1] * math.log(w * w), 0.3)


@njit(cache=True)
def multiplicity_shares(w: float, hadron_charge: int) -> Vector:
    """Probability of each hadron multiplicity, shape (`MAX_HADRONS` + 1,); zero below 2.

    KNO scaling with the Levy function, 2 e^-c c^(cz + 1) / Gamma(cz + 1), z = n / <n>, and 3/2 of
    the charged mean as the mean of all hadrons (AGKY, sec. 3.1).
    """
    out = np.zeros(MAX_HADRONS + 1)
    mean = 1.5 * mean_charged(w, hadron_charge)
    c = KNO[channel(hadron_charge), 2]
    most = min(MAX_HADRONS, 1 + int((w - 0.939) / M_PION))
    for n in range(2, max(most, 2) + 1):
        cz = c * n / mean
        out[n] = math.exp(-c + (cz + 1.0) * math.log(c) - math.lgamma(cz + 1.0))
    total = out.sum()
    if total <= 0.0:
        out[2] = 1.0
        return out
    return out / total


@njit(cache=True)
def _draw(rng: np.random.Generator, shares: Vector) -> int:
    pick = rng.random() * shares.sum()
    last = 0
    for i in range(len(shares)):
        if shares[i] > 0.0:
            last = i
            pick -= shares[i]
            if pick <= 0.0:
                return i
    return last


@njit(cache=True)
def _neutral(rng: np.random.Generator) -> int:
    return 221 if rng.random() < ETA_PER_PI0 else 111


@njit(cache=True)
def draw_hadrons(rng: np.random.Generator, w: float, charge: int, n: int) -> np.ndarray:
    """PDG codes of `n` hadrons of total charge `charge`, the baryon first."""
    codes = np.zeros(n + 2, dtype=np.int64)
    strange = rng.random() < HYPERON_A + HYPERON_B * math.log(w * w) and w > 1.75
    left = charge
    if strange:
        pick = rng.random()
        # Lambda, then Sigma of each charge where the balancing mesons allow it.
        codes[0] = 3122 if pick < 0.6 else 3212 if pick < 0.8 else 3222 if charge > 0 else 3112
        left -= 1 if codes[0] == 3222 else -1 if codes[0] == 3112 else 0
        if left > 0 or (left == 0 and rng.random() < 0.5 and n > 2):
            codes[1] = 321
            left -= 1
        else:
            codes[1] = 311
        count = 2
    else:
        proton_share = 0.5
        if charge >= 2:
            proton_share = 2.0 / 3.0
        elif charge <= -1:
            proton_share = 1.0 / 3.0
        codes[0] = 2212 if rng.random() < proton_share else 2112
        left -= 1 if codes[0] == 2212 else 0
        count = 1
    while left != 0 and count < n + 1:
        codes[count] = 211 if left > 0 else -211
        left -= 1 if left > 0 else -1
        count += 1
    if count == 1:
        # n = 2 of charge 0 or 1 with a matching nucleon: one neutral meson.
        codes[1] = _neutral(rng)
        count = 2
    row = channel(charge)
    while count < n:
        if n - count == 1:
            codes[count] = _neutral(rng)
            count += 1
            continue
        pick = rng.random()
        room = w - 0.5 > 0.2 * n + 1.2
        if pick < PAIR_NEUTRAL[row]:
            codes[count], codes[count + 1] = _neutral(rng), _neutral(rng)
        elif pick < PAIR_NEUTRAL[row] + PAIR_CHARGED[row] or not room:
            codes[count], codes[count + 1] = 211, -211
        elif pick < PAIR_NEUTRAL[row] + PAIR_CHARGED[row] + PAIR_KAON:
            codes[count], codes[count + 1] = 321, -321
        else:
            codes[count], codes[count + 1] = 311, -311
        count += 2
    return codes[:count].copy()


@njit(cache=True)
def _stretched(rng: np.random.Generator, w: float, codes: np.ndarray) -> tuple[bool, Vector]:
    """Momenta in the rest frame with the current along z: longitudinal phase space."""
    n = len(codes)
    out = np.zeros((n, 4))
    mt, place = np.empty(n), np.empty(n)
    sx = sy = 0.0
    sigma = math.sqrt(0.5 * MEAN_PT2)
    for i in range(n):
        out[i, 0], out[i, 1] = sigma * rng.standard_normal(), sigma * rng.standard_normal()
        sx += out[i, 0]
        sy += out[i, 1]
        place[i] = 2.0 * rng.random() - 1.0
    place[0] = -1.0 + 0.6 * rng.random()
    total = 0.0
    for shrink in range(12):
        total = 0.0
        factor = 0.8**shrink
        for i in range(n):
            px, py = factor * (out[i, 0] - sx / n), factor * (out[i, 1] - sy / n)
            mt[i] = math.sqrt(mass_of(codes[i]) ** 2 + px * px + py * py)
            total += mt[i]
        if total < w:
            for i in range(n):
                out[i, 0] = factor * (out[i, 0] - sx / n)
                out[i, 1] = factor * (out[i, 1] - sy / n)
            break
    if total >= w:
        return False, out
    low, high = 0.0, 12.0
    forward = backward = 1.0
    for _ in range(60):
        stretch = 0.5 * (low + high)
        forward = backward = 0.0
        for i in range(n):
            forward += mt[i] * math.exp(stretch * place[i])
            backward += mt[i] * math.exp(-stretch * place[i])
        if forward * backward > w * w:
            high = stretch
        else:
            low = stretch
    stretch = 0.5 * (low + high)
    if abs(forward * backward / (w * w) - 1.0) > 1e-9:
        # All places so close together that no stretch reaches W.
        return False, out
    shift = 0.5 * math.log(backward / forward)
    for i in range(n):
        y = stretch * place[i] + shift
        out[i, 2] = mt[i] * math.sinh(y)
        out[i, 3] = mt[i] * math.cosh(y)
    return True, out


@njit(cache=True)
def hadronise(
    rng: np.random.Generator,
    system: Vector,
    current: Vector,
    charge: int,
    two_body_weight: float,
) -> tuple[np.ndarray, Vector]:
    """Turn a hadronic system into hadrons.

    Parameters
    ----------
    system, current : ndarray, shape (4,)
        Four-vectors of the system and of the exchanged boson.
    charge : int
        Electric charge of the system.
    two_body_weight : float
        Relative weight of multiplicity 2: the non-resonant share where resonances are apart.

    Returns
    -------
    codes, momenta
        PDG codes, shape (n,), and four-vectors, shape (n, 4).
    """
    w = invariant_mass(system)
    shares = multiplicity_shares(w, charge)
    shares[2] *= two_body_weight
    axis = boost(current, system, -1.0)
    codes = np.zeros(0, dtype=np.int64)
    for attempt in range(60):
        n = _draw(rng, shares) if attempt < 40 else 2
        codes = draw_hadrons(rng, w, charge, n)
        total = 0.0
        for i in range(len(codes)):
            total += mass_of(codes[i])
        if total >= w - 0.002:
            continue
        if len(codes) == 2:
            first, second = two_body(system, mass_of(codes[0]), mass_of(codes[1]), isotropic(rng))
            momenta = np.empty((2, 4))
            momenta[0], momenta[1] = first, second
            return codes, momenta
        good, rest = _stretched(rng, w, codes)
        if not good:
            continue
        for i in range(len(codes)):
            pt = math.sqrt(rest[i, 0] ** 2 + rest[i, 1] ** 2)
            p = math.sqrt(pt * pt + rest[i, 2] ** 2)
            cos = rest[i, 2] / p if p > 0.0 else 1.0
            phi = math.atan2(rest[i, 1], rest[i, 0])
            turned = directed(along(axis, cos, phi), p, mass_of(codes[i]))
            rest[i] = boost(turned, system, 1.0)
        return codes, rest
    return np.zeros(0, dtype=np.int64), np.zeros((0, 4))
