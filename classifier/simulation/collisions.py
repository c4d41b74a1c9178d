"""Collisions of a hadron with one bound nucleon or a pair of them (MeV).

Each function returns whether the collision is possible (a bound nucleon may lack the energy) and
its products as species and four-vectors that conserve energy, momentum and charge of the pair.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.kinematics import along, boost, invariant_mass, isotropic, two_body
from classifier.simulation.species import (
    CHARGE,
    K_LONG,
    K_MINUS,
    K_PLUS,
    K_SHORT,
    LAMBDA,
    MASS,
    NEUTRON,
    PI_MINUS,
    PI_PLUS,
    PI_ZERO,
    PROTON,
    SIGMA_MINUS,
    SIGMA_PLUS,
    SIGMA_ZERO,
)

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_NONE = np.empty(0, np.int64)
_NO_VECTORS = np.empty((0, 4))
_TRANSVERSE = 260.0
"""Width of each transverse component in multiple production: mean pT about 330 MeV/c (PDG, 53)."""


@njit(cache=True)
def _elastic(
    rng: np.random.Generator, p: Vector, target: Vector, m1: float, m2: float, slope: float
) -> tuple[bool, Vector, Vector]:
    """Two-body scattering with dσ/dt ∝ exp(b t), b in MeV^-2; isotropic where b is 0."""
    total = p + target
    root = invariant_mass(total)
    if root <= m1 + m2:
        return False, p, target
    inside = boost(p, total, -1.0)
    k = math.sqrt(inside[0] ** 2 + inside[1] ** 2 + inside[2] ** 2)
    x = 2.0 * slope * k * k
    u = rng.random()
    cos = 2.0 * u - 1.0
    if x > 1e-3:
        cos = 1.0 + math.log(u + (1.0 - u) * math.exp(-2.0 * x)) / x
    direction = along(inside[:3], cos, 2.0 * math.pi * rng.random())
    a, b = two_body(total, m1, m2, direction)
    return True, a, b


@njit(cache=True)
def _cylinder(rng: np.random.Generator, total: Vector, kinds: Codes, axis: Vector) -> Vector:
    """Momenta limited across `axis` and long along it, scaled to the energy at hand.

    The first two entries lead, forward and backward.
    """
    n = len(kinds)
    root = invariant_mass(total)
    side = np.empty((n, 2))
    long = np.empty(n)
    for i in range(n):
        side[i, 0] = _TRANSVERSE * rng.standard_normal()
        side[i, 1] = _TRANSVERSE * rng.standard_normal()
        long[i] = rng.standard_normal()
    long[0] = 1.5 + 2.0 * rng.random()
    if n > 2:
        long[1] = -1.5 - 2.0 * rng.random()
    for axis_index in range(2):
        side[:, axis_index] -= side[:, axis_index].mean()
    long -= long.mean()
    # Bisect the longitudinal scale; where even none is too much, shrink the transverse part too.
    across = 1.0
    for _ in range(30):
        energy = 0.0
        for i in range(n):
            energy += math.sqrt(MASS[kinds[i]] ** 2 + across**2 * (side[i] ** 2).sum())
        if energy < 0.9 * root:
            break
        across *= 0.8
    low, high = 0.0, root
    for _ in range(50):
        scale = 0.5 * (low + high)
        energy = 0.0
        for i in range(n):
            energy += math.sqrt(
                MASS[kinds[i]] ** 2 + across**2 * (side[i] ** 2).sum() + (scale * long[i]) ** 2
            )
        if energy > root:
            high = scale
        else:
            low = scale
    out = np.empty((n, 4))
    z = axis / math.sqrt((axis**2).sum())
    x = along(z, 0.0, 0.0)
    y = np.array([z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0]])
    for i in range(n):
        vector = np.empty(4)
        vector[:3] = across * (side[i, 0] * x + side[i, 1] * y) + scale * long[i] * z
        vector[3] = math.sqrt(MASS[kinds[i]] ** 2 + (vector[:3] ** 2).sum())
        out[i] = boost(vector, total, 1.0)
    return out


@njit(cache=True)
def _draw_pions(rng: np.random.Generator, n: int, charge: int, kinds: Codes, start: int) -> None:
    """Fill `n` pions whose charges add up to `charge`."""
    for _ in range(200):
        total = 0
        for i in range(n):
            c = int(3.0 * rng.random()) - 1
            total += c
            kinds[start + i] = PI_PLUS if c == 1 else PI_MINUS if c == -1 else PI_ZERO
        if total == charge:
            return


@njit(cache=True)
def _produce(
    rng: np.random.Generator, total: Vector, baryons: int, pions: int, charge: int, axis: Vector
) -> tuple[bool, Codes, Vector]:
    """Baryons and pions of this total charge; fewer pions where energy is short."""
    root = invariant_mass(total)
    while baryons * 939.0 + pions * 139.6 > root - 5.0 and pions > 0:
        pions -= 1
    if baryons + pions < 2 or baryons * 939.6 + pions * 139.6 >= root:
        return False, _NONE, _NO_VECTORS
    kinds = np.empty(baryons + pions, np.int64)
    for _ in range(60):
        left = charge
        for i in range(baryons):
            kinds[i] = PROTON if rng.random() < 0.5 else NEUTRON
            left -= int(CHARGE[kinds[i]])
        if abs(left) <= pions:
            break
    else:
        return False, _NONE, _NO_VECTORS
    _draw_pions(rng, pions, left, kinds, baryons)
    if baryons + pions == 2:
        a, b = two_body(total, MASS[kinds[0]], MASS[kinds[1]], isotropic(rng))
        out = np.empty((2, 4))
        out[0], out[1] = a, b
        return True, kinds, out
    return True, kinds, _cylinder(rng, total, kinds, axis)


@njit(cache=True)
def _pair(good: bool, kind1: int, kind2: int, a: Vector, b: Vector) -> tuple[bool, Codes, Vector]:
    out = np.empty((2, 4))
    out[0], out[1] = a, b
    return good, np.array([kind1, kind2]), out


@njit(cache=True)
def baryon_collision(
    rng: np.random.Generator, species: int, p: Vector, kind: int, nucleon: Vector
) -> tuple[bool, Codes, Vector]:
    """Nucleon or hyperon on a nucleon: elastic, with charge exchange, or pion production.

    The inelastic share follows the pp and pn cross-sections (PDG, section 52): none below 300 MeV,
    about half at 1 GeV, three quarters from 3 GeV.
    """
    kinetic = p[3] - MASS[species]
    total = p + nucleon
    share = min(0.78, max(0.0, kinetic - 300.0) / (kinetic + 500.0))
    if species in (PROTON, NEUTRON) and rng.random() < share:
        available = max(invariant_mass(total) - 2017.0, 0.0) / 1000.0
        pions = 1 + rng.poisson(0.9 * available**0.75)
        charge = int(CHARGE[species] + CHARGE[kind])
        good, kinds, out = _produce(rng, total, 2, pions, charge, p[:3])
        if good:
            return good, kinds, out
    slope = 0.0 if kinetic < 250.0 else 5.5e-6
    good, a, b = _elastic(rng, p, nucleon, MASS[species], MASS[kind], slope)
    if species in (PROTON, NEUTRON) and species != kind and rng.random() < 0.4:
        return _pair(good, kind, species, a, b)
    return _pair(good, species, kind, a, b)


@njit(cache=True)
def pion_collision(
    rng: np.random.Generator, species: int, p: Vector, nucleon: Vector
) -> tuple[bool, Codes, Vector]:
    """Pion on a nucleon: through the Δ with its isospin weights, or pion production above it."""
    kinetic = p[3] - MASS[species]
    total = p + nucleon
    charge = int(CHARGE[species])
    # Weights of (p, n) as targets by isospin 3/2: 9 : 1+2, mirrored, and 4+2 : 4+2 for π0.
    proton_weight = 0.45 * (9.0 if charge == 1 else 3.0 if charge == -1 else 6.0)
    neutron_weight = 0.55 * (3.0 if charge == 1 else 9.0 if charge == -1 else 6.0)
    if kinetic > 600.0:
        proton_weight, neutron_weight = 0.45, 0.55
    is_proton = rng.random() * (proton_weight + neutron_weight) < proton_weight
    kind = PROTON if is_proton else NEUTRON
    if rng.random() < min(0.75, max(0.0, kinetic - 350.0) / 1200.0):
        available = max(invariant_mass(total) - 1218.0, 0.0) / 1000.0
        pions = 2 + rng.poisson(0.9 * available**0.75)
        good, kinds, out = _produce(rng, total, 1, pions, charge + int(is_proton), p[:3])
        if good:
            return good, kinds, out
    new_pion, new_kind = species, kind
    exchange = 0.0
    if (charge == 1 and not is_proton) or (charge == -1 and is_proton):
        exchange = 2.0 / 3.0
    elif charge == 0:
        exchange = 1.0 / 3.0
    if kinetic > 600.0:
        exchange *= 0.3
    if rng.random() < exchange:
        charged = PI_PLUS if is_proton else PI_MINUS
        new_pion = charged if charge == 0 else PI_ZERO
        new_kind = NEUTRON if is_proton else PROTON
    if kinetic > 600.0:
        good, a, b = _elastic(rng, p, nucleon, MASS[new_pion], MASS[new_kind], 7e-6)
        return _pair(good, new_pion, new_kind, a, b)
    if invariant_mass(total) <= MASS[new_pion] + MASS[new_kind]:
        return False, _NONE, _NO_VECTORS
    # 1 + 3 cos² of the Δ.
    while True:
        cos = 2.0 * rng.random() - 1.0
        if 4.0 * rng.random() < 1.0 + 3.0 * cos * cos:
            break
    inside = boost(p, total, -1.0)
    direction = along(inside[:3], cos, 2.0 * math.pi * rng.random())
    a, b = two_body(total, MASS[new_pion], MASS[new_kind], direction)
    return _pair(True, new_pion, new_kind, a, b)


@njit(cache=True)
def absorb_on_pair(
    rng: np.random.Generator, species: int, p: Vector, kind: int, other: int, pair: Vector
) -> tuple[bool, Codes, Vector]:
    """Absorb a pion on two nucleons, back to back in their frame."""
    charge = int(CHARGE[species] + CHARGE[kind] + CHARGE[other])
    total = p + pair
    first = PROTON if charge >= 1 else NEUTRON
    second = PROTON if charge == 2 else NEUTRON
    if invariant_mass(total) <= MASS[first] + MASS[second]:
        return False, _NONE, _NO_VECTORS
    a, b = two_body(total, MASS[first], MASS[second], isotropic(rng))
    return _pair(True, first, second, a, b)


@njit(cache=True)
def kaon_collision(
    rng: np.random.Generator, species: int, p: Vector, kind: int, nucleon: Vector, at_rest: bool
) -> tuple[bool, Codes, Vector]:
    """Kaon on a nucleon: strangeness exchange for anti-kaons, else elastic or one more pion."""
    kinetic = p[3] - MASS[species]
    total = p + nucleon
    root = invariant_mass(total)
    anti = species == K_MINUS or (species in (K_LONG, K_SHORT) and rng.random() < 0.5)
    charge = int(CHARGE[species] + CHARGE[kind])
    if anti and (at_rest or rng.random() < 0.5 * 400.0 / (400.0 + kinetic)):
        if rng.random() < 0.35 or root < 1340.0:
            hyperon, left = LAMBDA, charge
        else:
            c = int(3.0 * rng.random()) - 1
            if abs(charge - c) > 1:
                c = charge
            hyperon = SIGMA_PLUS if c == 1 else SIGMA_MINUS if c == -1 else SIGMA_ZERO
            left = charge - c
        pion = PI_PLUS if left == 1 else PI_MINUS if left == -1 else PI_ZERO
        if root <= MASS[hyperon] + MASS[pion]:
            return False, _NONE, _NO_VECTORS
        a, b = two_body(total, MASS[hyperon], MASS[pion], isotropic(rng))
        return _pair(True, hyperon, pion, a, b)
    if rng.random() < min(0.7, max(0.0, kinetic - 400.0) / 1500.0) and root > 1620.0:
        kinds = np.array([species, kind, PI_ZERO])
        return True, kinds, _cylinder(rng, total, kinds, p[:3])
    slope = 0.0 if species == K_PLUS and kinetic < 500.0 else 5e-6
    new_kaon, new_kind = species, kind
    if species == K_PLUS and kind == NEUTRON and rng.random() < 0.3:
        new_kaon, new_kind = (K_LONG if rng.random() < 0.5 else K_SHORT), PROTON
    good, a, b = _elastic(rng, p, nucleon, MASS[new_kaon], MASS[new_kind], slope)
    return _pair(good, new_kaon, new_kind, a, b)


@njit(cache=True)
def annihilate(
    rng: np.random.Generator, species: int, p: Vector, kind: int, nucleon: Vector
) -> tuple[bool, Codes, Vector]:
    """Antinucleon on a nucleon: about five pions (C. Amsler, Rev. Mod. Phys. 70 (1998) 1293)."""
    pions = max(2, round(5.0 + rng.standard_normal()))
    charge = int(CHARGE[species] + CHARGE[kind])
    axis = p[:3] if (p[:3] ** 2).sum() > 0.0 else isotropic(rng)
    return _produce(rng, p + nucleon, 0, pions, charge, axis)
