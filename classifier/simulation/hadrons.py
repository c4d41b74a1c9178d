"""What hadrons do to an argon nucleus: an effective intranuclear cascade (MeV).

A hadron collides with a bound nucleon; what comes out of that may collide again, be captured, or
leave; the captured energy boils off as nucleons, alphas and photons. It keeps the channels that a
picture shows (elastic knock-out, charge exchange, absorption on nucleon pairs, pion production,
evaporation) and conserves energy and charge of each collision, without following paths through the
nucleus. Model and its usual parameters: N. Metropolis et al., Phys. Rev. 110 (1958) 185 and 204;
pion channels after D. Ashery et al., Phys. Rev. C 23 (1981) 2173; evaporation after V. Weisskopf,
Phys. Rev. 52 (1937) 295.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.collisions import (
    absorb_on_pair,
    annihilate,
    baryon_collision,
    kaon_collision,
    pion_collision,
)
from classifier.simulation.kinematics import isotropic
from classifier.simulation.species import (
    ANTINEUTRON,
    ANTIPROTON,
    FRAGMENT,
    GAMMA,
    K_LONG,
    K_MINUS,
    K_PLUS,
    K_SHORT,
    MASS,
    NEUTRINO,
    NEUTRON,
    PI_MINUS,
    PI_PLUS,
    PI_ZERO,
    PROTON,
)

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SEPARATION = 8.6
"""Binding energy per nucleon of Ar-40 in MeV (AME2020)."""
_HOLE = 9.0
"""Mean excitation that a knocked-out nucleon leaves, MeV."""
_FERMI_MOMENTUM = 217.0
"""MeV/c; E. J. Moniz et al., Phys. Rev. Lett. 26 (1971) 445 (Ca)."""
_RESCATTER = 0.4
"""Chance that a product of a collision collides again before it leaves."""
_LEVEL, _LEVEL_ABOVE, _LEVEL_ALONE = 1.461, 2.2, 0.6
"""MeV: first level of Ar-40, by which nearly all others decay, how far above it those lie that
neutrons below 12 MeV excite, and the share that goes to the first alone; J. Chen, Nucl. Data Sheets
140 (2017) 1, and S. MacMullin et al., Phys. Rev. C 85 (2012) 064614 (photons of n + Ar)."""
_TEMPERATURE = 1.3
"""MeV; nucleons boil off with E exp(-E / T) (Weisskopf), and electric dipole photons with
E^3 exp(-E / T), down to the first level: J. Blatt and V. Weisskopf, Theoretical Nuclear Physics
(1952), ch. XII."""
_MAX = 160


@njit(cache=True)
def _captured(species: int, kinetic: float) -> bool:
    """Too slow to leave the nucleus: below the potential step, for protons the Coulomb barrier."""
    if species == PROTON:
        return kinetic < 6.0
    return species == NEUTRON and kinetic < 3.0


@njit(cache=True)
def _photon(rng: np.random.Generator, energy: float, kinds: Codes, momenta: Vector, n: int) -> int:
    kinds[n] = GAMMA
    momenta[n, :3] = energy * isotropic(rng)
    momenta[n, 3] = energy
    return n + 1


@njit(cache=True)
def _evaporate(
    rng: np.random.Generator, excitation: float, kinds: Codes, momenta: Vector, n: int
) -> tuple[int, float]:
    """Boil off the excitation; return the number of particles and the energy spent on binding."""
    spent = 0.0
    failures = 0
    while excitation > 11.0 and n < _MAX - 12 and failures < 5:
        u = rng.random()
        kinetic = -_TEMPERATURE * math.log(rng.random() * rng.random())
        if u < 0.62:
            kind = NEUTRON
        elif u < 0.84:
            kind = PROTON
            kinetic += 3.0
        else:
            kind = FRAGMENT
            kinetic += 5.0
        cost = SEPARATION if kind != FRAGMENT else 6.8
        if kinetic + cost > excitation:
            failures += 1
            continue
        excitation -= kinetic + cost
        spent += cost
        kinds[n] = kind
        momenta[n, :3] = math.sqrt(kinetic * (kinetic + 2.0 * MASS[kind])) * isotropic(rng)
        momenta[n, 3] = kinetic + MASS[kind]
        n += 1
    while excitation > 0.1 and n < _MAX - 1:
        energy = excitation
        if excitation > 2.0 * _LEVEL:
            drawn = -_TEMPERATURE * math.log(
                rng.random() * rng.random() * rng.random() * rng.random()
            )
            energy = min(drawn, excitation - _LEVEL)
        n = _photon(rng, energy, kinds, momenta, n)
        excitation -= energy
    return n, spent + max(excitation, 0.0)


@njit(cache=True)
def _struck_nucleon(rng: np.random.Generator) -> tuple[int, Vector, float]:
    """Species and four-vector of a bound nucleon, and the excitation that its hole leaves."""
    kind = PROTON if rng.random() < 0.45 else NEUTRON
    hole = -_HOLE * math.log(rng.random())
    out = np.empty(4)
    out[:3] = _FERMI_MOMENTUM * rng.random() ** (1.0 / 3.0) * isotropic(rng)
    out[3] = MASS[kind] - SEPARATION - hole
    return kind, out, hole


@njit(cache=True)
def _collide(
    rng: np.random.Generator, species: int, p: Vector, at_rest: bool
) -> tuple[bool, Codes, Vector, float, int]:
    """One collision inside the nucleus.

    Returns whether it happened, the products, the excitation by holes and the nucleons removed.
    """
    kind, nucleon, hole = _struck_nucleon(rng)
    kinetic = p[3] - MASS[species]
    if species in (PI_PLUS, PI_MINUS, PI_ZERO):
        # Share of absorption, falling with energy: figure 13 of Ashery et al.
        absorption = 0.45 * max(0.0, 1.0 - kinetic / 700.0) ** 1.5
        if at_rest or rng.random() < absorption:
            other, second, hole2 = _struck_nucleon(rng)
            if species == PI_PLUS and kind == PROTON and other == PROTON:
                kind = NEUTRON
            if species == PI_MINUS and kind == NEUTRON and other == NEUTRON:
                kind = PROTON
            good, kinds, momenta = absorb_on_pair(rng, species, p, kind, other, nucleon + second)
            return good, kinds, momenta, hole + hole2, 2
        good, kinds, momenta = pion_collision(rng, species, p, nucleon)
    elif species in (ANTIPROTON, ANTINEUTRON):
        good, kinds, momenta = annihilate(rng, species, p, kind, nucleon)
    elif species in (K_PLUS, K_MINUS, K_SHORT, K_LONG):
        good, kinds, momenta = kaon_collision(rng, species, p, kind, nucleon, at_rest)
    else:
        good, kinds, momenta = baryon_collision(rng, species, p, kind, nucleon)
    return good, kinds, momenta, hole, 1


@njit(cache=True)
def interact(
    rng: np.random.Generator, species: int, p: Vector, at_rest: bool
) -> tuple[Codes, Vector, float]:
    """Let a hadron interact inelastically with an argon nucleus.

    Parameters
    ----------
    rng : numpy.random.Generator
    species : int
    p : ndarray, shape (4,)
        Four-vector of the hadron in MeV.
    at_rest : bool
        A stopped negative particle that the nucleus has caught.

    Returns
    -------
    species, momenta : ndarray, shapes (n,) and (n, 4)
        All that leaves the nucleus.
    energy : float
        MeV spent on binding (negative where a product's mass was lent by the nucleus).
    """
    kinds = np.empty(_MAX, np.int64)
    momenta = np.empty((_MAX, 4))
    n = 0
    queue_kinds = np.empty(_MAX, np.int64)
    queue = np.empty((_MAX, 4))
    queue_kinds[0] = species
    queue[0] = p
    length = 1
    excitation = 0.0
    removed = 0
    first = True
    before = p[3]
    while length > 0:
        length -= 1
        kind = queue_kinds[length]
        vector = queue[length].copy()
        kinetic = vector[3] - MASS[kind]
        strong = kind >= PI_ZERO and kind != FRAGMENT
        if strong and (first or rng.random() < _RESCATTER) and removed < 14 and length < 100:
            good = False
            for _ in range(8 if first else 1):
                good, new_kinds, new, hole, taken = _collide(rng, kind, vector, at_rest and first)
                if good:
                    break
            if good:
                first = False
                excitation += hole
                removed += taken
                for i in range(len(new_kinds)):
                    queue_kinds[length] = new_kinds[i]
                    queue[length] = new[i]
                    length += 1
                continue
        if first and kind in (PROTON, NEUTRON):
            # Compound nucleus: the projectile is swallowed.
            excitation += kinetic
            first = False
            if kind == NEUTRON and kinetic < 12.0:
                # Inelastic scattering: a level is excited and the neutron goes on.
                level = _LEVEL
                if rng.random() > _LEVEL_ALONE:
                    level += _LEVEL_ABOVE * rng.random()
                level = min(level, 0.95 * kinetic)
                left = kinetic - level
                if level > _LEVEL:
                    n = _photon(rng, _LEVEL, kinds, momenta, n)
                    excitation = level - _LEVEL
                else:
                    excitation = level
                kinds[n] = NEUTRON
                momenta[n, :3] = math.sqrt(left * (left + 2.0 * MASS[NEUTRON])) * isotropic(rng)
                momenta[n, 3] = left + MASS[NEUTRON]
                n += 1
            continue
        first = False
        if _captured(kind, kinetic):
            excitation += kinetic + SEPARATION
            removed -= 1
            continue
        if n < _MAX - 40:
            kinds[n] = kind
            momenta[n] = vector
            n += 1
        else:
            excitation += kinetic
    n, _ = _evaporate(rng, excitation, kinds, momenta, n)
    after = 0.0
    baryons_in = 1 if species in (PROTON, NEUTRON) or species >= 16 else 0
    baryons = 0
    lent = 0.0
    for i in range(n):
        after += momenta[i, 3]
        if kinds[i] in (PROTON, NEUTRON) or 16 <= kinds[i] <= 19:
            baryons += 1
        elif kinds[i] == FRAGMENT:
            lent += MASS[FRAGMENT]
    if species in (ANTIPROTON, ANTINEUTRON):
        baryons_in = -1
    lent += (baryons - baryons_in) * 0.5 * (MASS[PROTON] + MASS[NEUTRON])
    return kinds[:n].copy(), momenta[:n].copy(), before + lent - after


@njit(cache=True)
def evaporate_capture(rng: np.random.Generator, mass: float) -> tuple[Codes, Vector, float]:
    """Capture of a stopped negative muon: a neutrino of about 90 MeV, and a nucleus that cools.

    The mean excitation of 15-20 MeV is that of P. Singer, Springer Tracts Mod. Phys. 71 (1974) 39.
    """
    kinds = np.empty(_MAX, np.int64)
    momenta = np.empty((_MAX, 4))
    excitation = min(-17.0 * math.log(rng.random()), 90.0)
    kinds[0] = NEUTRINO
    energy = mass - excitation - 3.0
    momenta[0, :3] = energy * isotropic(rng)
    momenta[0, 3] = energy
    n, spent = _evaporate(rng, excitation, kinds, momenta, 1)
    return kinds[:n].copy(), momenta[:n].copy(), 3.0 + spent
