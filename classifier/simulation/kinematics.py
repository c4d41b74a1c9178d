"""Relativistic kinematics shared by all interaction models; four-vectors are (px, py, pz, E)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.constants import (
    M_ELECTRON,
    M_ETA,
    M_KAON,
    M_KAON0,
    M_LAMBDA,
    M_MUON,
    M_NEUTRON,
    M_PION,
    M_PION0,
    M_PROTON,
    M_SIGMA_MINUS,
    M_SIGMA_PLUS,
    M_SIGMA_ZERO,
    M_TAU,
)

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MAX_PARTICLES = 96
"""Room for the particles of one event, intermediate ones included."""


@njit(cache=True)
def mass_of(pdg: int) -> float:
    """Mass in GeV of a particle that the generator makes; 0 for photons and neutrinos."""
    code = abs(pdg)
    if code == 211:
        return M_PION
    if code == 111:
        return M_PION0
    if code == 2212:
        return M_PROTON
    if code == 2112:
        return M_NEUTRON
    if code == 11:
        return M_ELECTRON
    if code == 13:
        return M_MUON
    if code == 15:
        return M_TAU
    if code == 321:
        return M_KAON
    if code in (311, 130, 310):
        return M_KAON0
    if code == 221:
        return M_ETA
    if code == 3122:
        return M_LAMBDA
    if code == 3222:
        return M_SIGMA_PLUS
    if code == 3212:
        return M_SIGMA_ZERO
    if code == 3112:
        return M_SIGMA_MINUS
    return 0.0


@njit(cache=True)
def charge_of(pdg: int) -> int:
    """Electric charge of a particle that the generator makes."""
    if pdg in (211, 2212, 321, 3222, -11, -13, -15):
        return 1
    if pdg in (-211, -2212, -321, 3112, 11, 13, 15):
        return -1
    return 0


@njit(cache=True)
def norm(p: Vector) -> float:
    """Length of the momentum."""
    return math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])


@njit(cache=True)
def invariant_mass(p: Vector) -> float:
    """Mass of a four-vector; 0 where rounding makes the square negative."""
    m2 = p[3] * p[3] - p[0] * p[0] - p[1] * p[1] - p[2] * p[2]
    return math.sqrt(m2) if m2 > 0.0 else 0.0


@njit(cache=True)
def boost(p: Vector, frame: Vector, sign: float) -> Vector:
    """Boost `p` out of (``sign`` = 1) or into (-1) the rest frame of `frame`."""
    bx, by, bz = sign * frame[0] / frame[3], sign * frame[1] / frame[3], sign * frame[2] / frame[3]
    b2 = bx * bx + by * by + bz * bz
    if b2 < 1e-24:
        return p.copy()
    out = np.empty(4)
    gamma = frame[3] / invariant_mass(frame)
    bp = bx * p[0] + by * p[1] + bz * p[2]
    k = (gamma - 1.0) / b2 * bp + gamma * p[3]
    out[0] = p[0] + k * bx
    out[1] = p[1] + k * by
    out[2] = p[2] + k * bz
    out[3] = gamma * (p[3] + bp)
    return out


@njit(cache=True)
def isotropic(rng: np.random.Generator) -> Vector:
    """Draw a unit vector of random direction."""
    cos = 2.0 * rng.random() - 1.0
    sin = math.sqrt(max(0.0, 1.0 - cos * cos))
    phi = 2.0 * math.pi * rng.random()
    return np.array([sin * math.cos(phi), sin * math.sin(phi), cos])


@njit(cache=True)
def along(axis: Vector, cos: float, phi: float) -> Vector:
    """Return the unit vector at polar angle acos(`cos`) and azimuth `phi` about `axis`."""
    n = norm(axis)
    ux, uy, uz = 0.0, 0.0, 1.0
    if n > 0.0:
        ux, uy, uz = axis[0] / n, axis[1] / n, axis[2] / n
    sin = math.sqrt(max(0.0, 1.0 - cos * cos))
    a, b = sin * math.cos(phi), sin * math.sin(phi)
    # Orthonormal pair of Duff et al., J. Comput. Graph. Tech. 6 (2017) 1: no singular direction.
    s = 1.0 if uz >= 0.0 else -1.0
    c = -1.0 / (s + uz)
    d = ux * uy * c
    return np.array(
        [
            a * (1.0 + s * ux * ux * c) + b * d + cos * ux,
            a * s * d + b * (s + uy * uy * c) + cos * uy,
            -a * s * ux - b * uy + cos * uz,
        ]
    )


@njit(cache=True)
def directed(direction: Vector, p: float, mass: float) -> Vector:
    """Four-vector of momentum `p` along a unit vector."""
    return np.array(
        [p * direction[0], p * direction[1], p * direction[2], math.sqrt(p * p + mass * mass)]
    )


@njit(cache=True)
def breakup_momentum(m: float, m1: float, m2: float) -> float:
    """Momentum of the daughters of a mass `m` at rest (PDG 2022, eq. 49.17); 0 below threshold."""
    if m <= m1 + m2:
        return 0.0
    a = (m * m - (m1 + m2) ** 2) * (m * m - (m1 - m2) ** 2)
    return math.sqrt(max(a, 0.0)) / (2.0 * m)


@njit(cache=True)
def two_body(parent: Vector, m1: float, m2: float, direction: Vector) -> tuple[Vector, Vector]:
    """Decay `parent` into masses m1 and m2; m1 flies along `direction` in the rest frame."""
    k = breakup_momentum(invariant_mass(parent), m1, m2)
    first, second = directed(direction, k, m1), directed(direction, -k, m2)
    return boost(first, parent, 1.0), boost(second, parent, 1.0)


@njit(cache=True)
def phase_space(rng: np.random.Generator, parent: Vector, masses: Vector) -> Vector:
    """Decay `parent` uniformly in Lorentz-invariant phase space.

    Raubold-Lynch chain of two-body decays (F. James, CERN 68-15), made unweighted by rejection
    against the product of the largest momenta that each step can have.

    Returns
    -------
    ndarray, shape (n, 4)
        Four-vectors in the frame of `parent`, in the order of `masses`.
    """
    n = len(masses)
    out = np.empty((n, 4))
    total = invariant_mass(parent)
    free = max(total - masses.sum(), 0.0)
    chain, steps = np.empty(n), np.empty(n)
    if n == 1:
        out[0] = parent
        return out
    largest = 1.0
    below = masses[0]
    for i in range(1, n):
        largest *= max(breakup_momentum(free + below + masses[i], below, masses[i]), 1e-12)
        below += masses[i]
    for _ in range(200):
        for i in range(n - 2):
            step = rng.random()
            j = i
            while j > 0 and steps[j - 1] > step:
                steps[j] = steps[j - 1]
                j -= 1
            steps[j] = step
        chain[0] = masses[0]
        below = masses[0]
        weight = 1.0
        for i in range(1, n):
            below += masses[i]
            chain[i] = total if i == n - 1 else below + steps[i - 1] * free
            weight *= breakup_momentum(chain[i], chain[i - 1], masses[i])
        if n == 2 or rng.random() * largest < weight:
            break
    current = parent.copy()
    for i in range(n - 1, 0, -1):
        rest, last = two_body(current, chain[i - 1], masses[i], isotropic(rng))
        out[i] = last
        current = rest
    out[0] = current
    return out


@njit(cache=True)
def scatter_lepton(
    rng: np.random.Generator,
    neutrino: Vector,
    target: Vector,
    q2: float,
    w: float,
    lepton_mass: float,
) -> tuple[bool, Vector, Vector]:
    """Turn Q² and W into four-vectors; the target may move and be off its mass shell.

    Returns
    -------
    possible, lepton, hadrons
        Whether such a lepton exists, its four-vector and that of the hadronic system, so that
        neutrino + target = lepton + hadrons.
    """
    m = invariant_mass(target)
    k = boost(neutrino, target, -1.0)
    e = k[3]
    e_lepton = e - (w * w - m * m + q2) / (2.0 * m)
    nothing = np.zeros(4)
    if e_lepton <= lepton_mass:
        return False, nothing, nothing
    p = math.sqrt(e_lepton * e_lepton - lepton_mass * lepton_mass)
    cos = (2.0 * e * e_lepton - q2 - lepton_mass * lepton_mass) / (2.0 * e * p)
    if cos > 1.0 or cos < -1.0:
        return False, nothing, nothing
    direction = along(k, cos, 2.0 * math.pi * rng.random())
    lepton = boost(directed(direction, p, lepton_mass), target, 1.0)
    return True, lepton, neutrino + target - lepton


@njit(cache=True)
def q2_limits(e: float, w: float, m: float, lepton_mass: float) -> tuple[float, float]:
    """Smallest and largest Q² for a free target of mass `m` at rest; (0, -1) below threshold."""
    s = m * m + 2.0 * m * e
    root = math.sqrt(s)
    if root <= w + lepton_mass:
        return 0.0, -1.0
    k_in = (s - m * m) / (2.0 * root)
    k_out = breakup_momentum(root, w, lepton_mass)
    e_out = math.sqrt(k_out * k_out + lepton_mass * lepton_mass)
    base = 2.0 * k_in * e_out - lepton_mass * lepton_mass
    return max(base - 2.0 * k_in * k_out, 1e-9), base + 2.0 * k_in * k_out
