"""Decays of the tracked particles, in flight and at rest (MeV; four-vectors (px, py, pz, E))."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.kinematics import boost, isotropic, phase_space, two_body
from classifier.simulation.species import (
    ELECTRON,
    ETA,
    GAMMA,
    K_LONG,
    K_MINUS,
    K_PLUS,
    K_SHORT,
    LAMBDA,
    MASS,
    MU_MINUS,
    MU_PLUS,
    NEUTRINO,
    NEUTRON,
    PI_MINUS,
    PI_PLUS,
    PI_ZERO,
    POSITRON,
    PROTON,
    SIGMA_MINUS,
    SIGMA_PLUS,
    SIGMA_ZERO,
)

_NU = NEUTRINO
# Branching ratios: PDG, Prog. Theor. Exp. Phys. 2022, 083C01, summary tables; rarer modes are left
# out and the rest scaled to one.
_CHANNELS: list[tuple[int, float, tuple[int, ...]]] = [
    (PI_ZERO, 0.98823, (GAMMA, GAMMA)),
    (PI_ZERO, 0.01174, (GAMMA, ELECTRON, POSITRON)),
    (PI_PLUS, 0.999877, (MU_PLUS, _NU)),
    (PI_PLUS, 0.000123, (POSITRON, _NU)),
    (PI_MINUS, 0.999877, (MU_MINUS, _NU)),
    (PI_MINUS, 0.000123, (ELECTRON, _NU)),
    (K_PLUS, 0.6356, (MU_PLUS, _NU)),
    (K_PLUS, 0.2067, (PI_PLUS, PI_ZERO)),
    (K_PLUS, 0.05583, (PI_PLUS, PI_PLUS, PI_MINUS)),
    (K_PLUS, 0.0507, (PI_ZERO, POSITRON, _NU)),
    (K_PLUS, 0.03352, (PI_ZERO, MU_PLUS, _NU)),
    (K_PLUS, 0.0176, (PI_PLUS, PI_ZERO, PI_ZERO)),
    (K_MINUS, 0.6356, (MU_MINUS, _NU)),
    (K_MINUS, 0.2067, (PI_MINUS, PI_ZERO)),
    (K_MINUS, 0.05583, (PI_MINUS, PI_MINUS, PI_PLUS)),
    (K_MINUS, 0.0507, (PI_ZERO, ELECTRON, _NU)),
    (K_MINUS, 0.03352, (PI_ZERO, MU_MINUS, _NU)),
    (K_MINUS, 0.0176, (PI_MINUS, PI_ZERO, PI_ZERO)),
    (K_SHORT, 0.6920, (PI_PLUS, PI_MINUS)),
    (K_SHORT, 0.3069, (PI_ZERO, PI_ZERO)),
    (K_LONG, 0.2028, (PI_MINUS, POSITRON, _NU)),
    (K_LONG, 0.2028, (PI_PLUS, ELECTRON, _NU)),
    (K_LONG, 0.1352, (PI_MINUS, MU_PLUS, _NU)),
    (K_LONG, 0.1352, (PI_PLUS, MU_MINUS, _NU)),
    (K_LONG, 0.1952, (PI_ZERO, PI_ZERO, PI_ZERO)),
    (K_LONG, 0.1254, (PI_PLUS, PI_MINUS, PI_ZERO)),
    (LAMBDA, 0.641, (PROTON, PI_MINUS)),
    (LAMBDA, 0.359, (NEUTRON, PI_ZERO)),
    (SIGMA_PLUS, 0.5147, (PROTON, PI_ZERO)),
    (SIGMA_PLUS, 0.4843, (NEUTRON, PI_PLUS)),
    (SIGMA_ZERO, 1.0, (LAMBDA, GAMMA)),
    (SIGMA_MINUS, 1.0, (NEUTRON, PI_MINUS)),
    (ETA, 0.3936, (GAMMA, GAMMA)),
    (ETA, 0.3257, (PI_ZERO, PI_ZERO, PI_ZERO)),
    (ETA, 0.2302, (PI_PLUS, PI_MINUS, PI_ZERO)),
    (ETA, 0.0428, (PI_PLUS, PI_MINUS, GAMMA)),
]
_PARENT = np.array([c[0] for c in _CHANNELS])
_RATIO = np.array([c[1] / sum(d[1] for d in _CHANNELS if d[0] == c[0]) for c in _CHANNELS])
_COUNT = np.array([len(c[2]) for c in _CHANNELS])
_DAUGHTERS = np.array([list(c[2]) + [-1] * (3 - len(c[2])) for c in _CHANNELS])

CAPTURE_FRACTION = 0.76
"""Share of stopped μ- that argon's nucleus captures: 1 - τ(Ar)/τ(free), with τ(Ar) = 537 ns
(A. V. Klinskih et al., Bull. Russ. Acad. Sci. Phys. 72 (2008) 735)."""

Vector = npt.NDArray[np.float64]


@njit(cache=True)
def _muon_decay(rng: np.random.Generator, parent: Vector) -> Vector:
    """Electron and the sum of the neutrinos: the Michel spectrum for ρ = 3/4, unpolarised.

    dN/dx = 2 x² (3 - 2 x), x = E / E_max (PDG, "Muon decay parameters"), E_max = 52.83 MeV.
    """
    m, me = MASS[MU_PLUS], MASS[ELECTRON]
    largest = (m * m + me * me) / (2.0 * m)
    while True:
        x = rng.random()
        if rng.random() < x * x * (3.0 - 2.0 * x) and x * largest > me:
            break
    energy = x * largest
    out = np.empty((2, 4))
    out[0, :3] = math.sqrt(energy * energy - me * me) * isotropic(rng)
    out[0, 3] = energy
    out[0] = boost(out[0], parent, 1.0)
    out[1] = parent - out[0]
    return out


@njit(cache=True)
def _dalitz(rng: np.random.Generator, parent: Vector) -> Vector:
    """π0 → γ e+ e-: the Kroll-Wada spectrum of the pair's mass without form factor.

    N. M. Kroll, W. Wada, Phys. Rev. 98 (1955) 1355.
    """
    m, me = MASS[PI_ZERO], MASS[ELECTRON]
    low, high = 4.0 * me * me, m * m
    while True:
        s = low * (high / low) ** rng.random()
        r = low / s
        if rng.random() < math.sqrt(1.0 - r) * (1.0 + 0.5 * r) * (1.0 - s / high) ** 3:
            break
    photon, pair = two_body(parent, 0.0, math.sqrt(s), isotropic(rng))
    minus, plus = two_body(pair, me, me, isotropic(rng))
    out = np.empty((3, 4))
    out[0], out[1], out[2] = photon, minus, plus
    return out


@njit(cache=True)
def decay(
    rng: np.random.Generator, species: int, parent: Vector
) -> tuple[npt.NDArray[np.int64], Vector]:
    """Decay a particle.

    Parameters
    ----------
    rng : numpy.random.Generator
    species : int
    parent : ndarray, shape (4,)
        Its four-vector in MeV.

    Returns
    -------
    species, momenta : ndarray, shapes (n,) and (n, 4)
        The daughters; three-body modes are uniform in phase space, but for muons (Michel) and
        Dalitz pairs (Kroll and Wada). Both neutrinos of a muon are one entry.
    """
    if species in (MU_MINUS, MU_PLUS):
        kinds = np.array([ELECTRON if species == MU_MINUS else POSITRON, NEUTRINO])
        return kinds, _muon_decay(rng, parent)
    u = rng.random()
    for i in range(len(_PARENT)):
        if _PARENT[i] != species:
            continue
        u -= _RATIO[i]
        if u < 0.0:
            break
    else:
        # Rounding of the ratios' sum: the last mode of this species.
        i = np.flatnonzero(species == _PARENT)[-1]
    n = _COUNT[i]
    kinds = _DAUGHTERS[i, :n].copy()
    if species == PI_ZERO and n == 3:
        return kinds, _dalitz(rng, parent)
    masses = np.empty(n)
    for j in range(n):
        masses[j] = MASS[kinds[j]]
    return kinds, phase_space(rng, parent, masses)
