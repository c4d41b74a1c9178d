"""Tracking: every particle of an event, step by step through argon, until it stops or leaves.

A stack of particles is worked off in one compiled loop. Steps are at most a pixel's size;
collisions above `material.SOFT_COLLISION` and photons above `electromagnetic.RADIATION_CUT` are
drawn one by one, so that straggling, delta rays, conversion gaps and the double ionisation at the
start of a photon's shower come out by themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.cross_sections import cross_sections
from classifier.simulation.decays import CAPTURE_FRACTION, decay
from classifier.simulation.electromagnetic import (
    PHOTON_CUT,
    bremsstrahlung,
    compton,
    draw_compton,
    draw_pair_share,
    draw_radiated,
    pair_production,
    photoelectric,
    soft_radiation,
)
from classifier.simulation.hadrons import evaporate_capture, interact
from classifier.simulation.kinematics import along, isotropic
from classifier.simulation.material import (
    ELECTRON_MASS,
    SOFT_COLLISION,
    XI,
    draw_transfer,
    hard_collisions,
    muon_radiative_loss,
    restricted_loss,
    scattering_angle,
)
from classifier.simulation.species import (
    ANTIPROTON,
    CHARGE,
    DECAY_LENGTH,
    ELECTRON,
    FRAGMENT,
    GAMMA,
    K_MINUS,
    MASS,
    MU_MINUS,
    MU_PLUS,
    NEUTRINO,
    NEUTRON,
    PDG,
    PI_MINUS,
    PI_ZERO,
    POSITRON,
    PROTON,
)
from classifier.simulation.stepping import (
    CAPTURE,
    DECAY,
    DEPOSITED,
    ESCAPED,
    HADRONIC,
    INVISIBLE,
    KIND,
    KINETIC,
    MARK,
    NUCLEAR,
    PRIMARY,
    R_CONTAINED,
    R_DEPOSITED,
    R_END,
    R_LENGTH,
    R_SPECIES,
    RECORD_COLUMNS,
    U,
    X,
    beyond,
    elastic_recoil,
    grown,
    point,
    push,
    record,
    rest_energy,
    scatter,
    segment,
)

STEP = 0.3
"""Longest step of a charged particle in cm: less than any detector's pixel."""
ELECTRON_CUT = 0.25
"""MeV; a slower electron is stopped where it is (its range is below 0.1 cm)."""
DELTA_CUT = 0.7
"""MeV; a delta ray above it (range 0.2 cm) is tracked, one below is added to its step."""
NEUTRON_CUT = 0.5
"""MeV; slower neutrons can no longer make a visible recoil and are dropped."""
_STACK = 20_000
_MAX_RECORDS = 400

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tracks:
    """What came of an event's particles.

    Attributes
    ----------
    deposits : ndarray of float32, shape (n, 9)
        Straight pieces of track: start and end (cm), energy (MeV), dE/dx (MeV/cm), and the row of
        `records` that it belongs to.
    records : ndarray of float64, shape (m, 16)
        Particles: the primaries in their order, then what decays and hadronic interactions made;
        columns ``R_*`` of this module.
    balance : ndarray, shape (4,)
        MeV deposited, carried out of the argon, gone into neutrinos and dropped slow neutrons, and
        spent on nuclear binding; with the rest masses that were there, it adds up to the energy
        put in.
    """

    deposits: npt.NDArray[np.float32]
    records: npt.NDArray[np.float64]
    balance: npt.NDArray[np.float64]


@njit(cache=True)
def _photon_step(energy: float) -> tuple[float, float, float]:
    pair = pair_production(energy)
    return pair, compton(energy), photoelectric(energy)


@njit(cache=True)
def _track(
    rng: np.random.Generator,
    kinds: npt.NDArray[np.int64],
    momenta: Vector,
    inside: Vector,
    world: Vector,
) -> tuple[npt.NDArray[np.float32], Vector, Vector]:
    stack = np.empty((_STACK, 9))
    deposits = np.empty((16384, 9), np.float32)
    records = np.empty((_MAX_RECORDS, RECORD_COLUMNS))
    balance = np.zeros(4)
    n_stack, n_dep, n_rec = 0, 0, 0
    at = np.zeros(3)
    for i in range(min(len(kinds), _MAX_RECORDS // 2)):
        kind = kinds[i]
        n_rec = record(records, n_rec, kind, momenta[i], at, -1, PRIMARY)
    for i in range(n_rec - 1, -1, -1):
        p = math.sqrt((momenta[i, :3] ** 2).sum())
        direction = momenta[i, :3] / p if p > 0.0 else np.array([0.0, 0.0, 1.0])
        kinetic = max(momenta[i, 3] - MASS[kinds[i]], 0.0)
        n_stack = push(stack, n_stack, kinds[i], kinetic, at, direction, i)
        # Which stack entries are themselves a recorded particle: marked by a negative owner.
        stack[n_stack - 1, MARK] = -i - 1
    while n_stack > 0:
        n_stack -= 1
        kind = int(stack[n_stack, KIND])
        kinetic = stack[n_stack, KINETIC]
        x = stack[n_stack, X : X + 3].copy()
        u = stack[n_stack, U : U + 3].copy()
        mark = int(stack[n_stack, MARK])
        recorded = mark < 0
        owner = -mark - 1 if recorded else mark
        mass = MASS[kind]
        charged = CHARGE[kind] != 0.0
        if kind == NEUTRINO:
            balance[INVISIBLE] += kinetic
            if recorded:
                records[owner, R_CONTAINED] = 0.0
            continue
        if n_stack > _STACK - 1000:
            # A stack this deep has never been seen; what would overflow it stays where it is.
            balance[DEPOSITED] += kinetic
            continue
        # How the particle ends: 0 stopped, 1 decay, 2 inelastic, 3 gone (handled here).
        end = 0
        lifetime = -math.log(rng.random()) * DECAY_LENGTH[kind]
        travelled = 0.0
        outside = False
        if kind == GAMMA:
            end = 3
            if kinetic < PHOTON_CUT:
                n_dep = point(deposits, n_dep, x, u, 0.0, kinetic, 10.0, owner)
                balance[DEPOSITED] += kinetic
                records[owner, R_DEPOSITED] += kinetic
            else:
                pair, knock, absorb = _photon_step(kinetic)
                path = -math.log(rng.random()) / (pair + knock + absorb)
                x = x + path * u
                travelled = path
                if beyond(x, world):
                    balance[ESCAPED] += kinetic
                    outside = True
                else:
                    choice = rng.random() * (pair + knock + absorb)
                    if choice < pair:
                        share = draw_pair_share(rng, kinetic)
                        minus = max(share * kinetic - ELECTRON_MASS, 0.0)
                        plus = max(kinetic - 2.0 * ELECTRON_MASS - minus, 0.0)
                        # Opening angle of order m/E; multiple scattering is wider at once.
                        phi = 2.0 * math.pi * rng.random()
                        angle = min(ELECTRON_MASS / kinetic * (0.5 + rng.random()), 0.5)
                        n_stack = push(
                            stack,
                            n_stack,
                            ELECTRON,
                            minus,
                            x,
                            along(u, math.cos(angle), phi),
                            owner,
                        )
                        n_stack = push(
                            stack,
                            n_stack,
                            POSITRON,
                            plus,
                            x,
                            along(u, math.cos(angle), phi + math.pi),
                            owner,
                        )
                    elif choice < pair + knock:
                        left, cos = draw_compton(rng, kinetic)
                        phi = 2.0 * math.pi * rng.random()
                        knocked = kinetic - left
                        out = along(u, cos, phi)
                        recoil = kinetic * u - left * out
                        norm = math.sqrt((recoil**2).sum())
                        if norm > 0.0:
                            n_stack = push(
                                stack, n_stack, ELECTRON, knocked, x, recoil / norm, owner
                            )
                        else:
                            balance[DEPOSITED] += knocked
                        n_stack = push(stack, n_stack, GAMMA, left, x, out, owner)
                    else:
                        n_stack = push(stack, n_stack, ELECTRON, kinetic, x, u, owner)
        elif not charged:
            # Neutral hadrons go straight to what happens first.
            if kind == NEUTRON and kinetic < NEUTRON_CUT:
                balance[INVISIBLE] += kinetic
                end = 3
            else:
                while True:
                    inelastic, elastic = cross_sections(kind, max(kinetic, 0.5))
                    total = inelastic + elastic
                    free = -math.log(rng.random()) / total if total > 0.0 else np.inf
                    beta_gamma = math.sqrt(kinetic * (kinetic + 2.0 * mass)) / mass
                    decay_path = lifetime * beta_gamma
                    path = min(free, decay_path, 1e5)
                    x = x + path * u
                    travelled += path
                    if beyond(x, world):
                        balance[ESCAPED] += kinetic + rest_energy(kind)
                        outside = True
                        end = 3
                        break
                    if decay_path <= free:
                        end = 1
                        break
                    lifetime -= path / max(beta_gamma, 1e-12)
                    if rng.random() * total < inelastic:
                        end = 2
                        break
                    u, lost = elastic_recoil(rng, u, kinetic, mass)
                    kinetic -= lost
                    n_dep = point(deposits, n_dep, x, u, 0.0, lost, 3000.0, owner)
                    balance[DEPOSITED] += lost
                    if kind == NEUTRON and kinetic < NEUTRON_CUT:
                        balance[INVISIBLE] += kinetic
                        end = 3
                        break
                    if n_dep > len(deposits) - 100:
                        deposits = grown(deposits)
        else:
            light = mass < 1.0
            hadron = not light and kind != MU_MINUS and kind != MU_PLUS and kind != FRAGMENT
            cut = ELECTRON_CUT if light else 0.3 if mass < 200.0 else 1.0
            if kind == FRAGMENT:
                cut = np.inf
            to_hadronic = -math.log(rng.random())
            to_photon = -math.log(rng.random())
            while True:
                if kinetic < cut:
                    break
                soft = restricted_loss(kinetic, mass, SOFT_COLLISION)
                hard = hard_collisions(kinetic, mass)
                loss = soft
                radiation = 0.0
                if light:
                    loss += soft_radiation(kinetic)
                    radiation = bremsstrahlung(kinetic)
                elif hadron is False and kinetic > 1000.0:
                    loss += muon_radiative_loss(kinetic + mass)
                full = loss + 3.0 * XI
                step = min(STEP, 0.02 + 0.2 * kinetic / full)
                inelastic, elastic = 0.0, 0.0
                if hadron:
                    inelastic, elastic = cross_sections(kind, max(kinetic, 0.5))
                happens = 0
                if radiation > 0.0 and to_photon < step * radiation:
                    step = to_photon / radiation
                    happens = 1
                if inelastic + elastic > 0.0 and to_hadronic < step * (inelastic + elastic):
                    step = to_hadronic / (inelastic + elastic)
                    happens = 2
                energy = kinetic + mass
                beta_gamma = math.sqrt(kinetic * (kinetic + 2.0 * mass)) / mass
                if lifetime < step / beta_gamma:
                    step = lifetime * beta_gamma
                    happens = 3
                lifetime -= step / beta_gamma
                to_photon -= step * radiation
                to_hadronic -= step * (inelastic + elastic)
                lost = loss * step
                spread = math.sqrt(XI * step * SOFT_COLLISION)
                lost = max(lost + spread * rng.standard_normal(), 0.2 * lost)
                knocked = 0.0
                end_point = x + step * u
                if hard > 0.0:
                    for _ in range(rng.poisson(hard * step)):
                        transfer = draw_transfer(rng, kinetic, mass)
                        if transfer > DELTA_CUT and transfer < kinetic - lost - knocked:
                            momentum = math.sqrt(transfer * (transfer + 2.0 * ELECTRON_MASS))
                            mine = math.sqrt(kinetic * (kinetic + 2.0 * mass))
                            cos = transfer * (energy + ELECTRON_MASS) / (mine * momentum)
                            out = along(u, min(cos, 1.0), 2.0 * math.pi * rng.random())
                            n_stack = push(stack, n_stack, ELECTRON, transfer, x, out, owner)
                            knocked += transfer
                        else:
                            lost += transfer
                    if n_stack > _STACK - 500:
                        break
                lost = min(lost, kinetic - knocked)
                n_dep = segment(deposits, n_dep, x, end_point, lost, lost / max(step, 0.02), owner)
                if n_dep > len(deposits) - 100:
                    deposits = grown(deposits)
                balance[DEPOSITED] += lost
                records[owner, R_DEPOSITED] += lost
                kinetic -= lost + knocked
                x = end_point
                travelled += step
                if kinetic > 0.01:
                    u = scatter(rng, u, scattering_angle(kinetic, mass, step))
                if beyond(x, world):
                    balance[ESCAPED] += kinetic + rest_energy(kind)
                    outside = True
                    end = 3
                    break
                if happens == 1:
                    to_photon = -math.log(rng.random())
                    if kinetic > 0.35:
                        photon = min(draw_radiated(rng, kinetic), kinetic)
                        # Emission angle of order m/E (PDG 34.4.3 refers to the same for pairs).
                        angle = min(ELECTRON_MASS / (kinetic + ELECTRON_MASS), 0.7)
                        out = along(u, math.cos(angle), 2.0 * math.pi * rng.random())
                        n_stack = push(stack, n_stack, GAMMA, photon, x, out, owner)
                        kinetic -= photon
                elif happens == 2:
                    to_hadronic = -math.log(rng.random())
                    if rng.random() * (inelastic + elastic) < inelastic and kinetic > 1.0:
                        end = 2
                        break
                    if kinetic > 1.0:
                        u, recoil = elastic_recoil(rng, u, kinetic, mass)
                        kinetic -= recoil
                        n_dep = point(deposits, n_dep, x, u, 0.0, recoil, 3000.0, owner)
                        balance[DEPOSITED] += recoil
                elif happens == 3:
                    end = 1
                    break
        if recorded:
            records[owner, R_END : R_END + 3] = x
            records[owner, R_LENGTH] = travelled
            if outside or beyond(x, inside):
                records[owner, R_CONTAINED] = 0.0
        if end == 3:
            if n_dep > len(deposits) - 100:
                deposits = grown(deposits)
            continue
        # Daughters.
        process = DECAY
        caught = False
        if end == 0:
            if kinetic > 0.0:
                # The last bit: straight on for its short range.
                loss = 5.0 if mass < 1.0 else 60.0 if mass < 500.0 else 200.0
                if kind == FRAGMENT:
                    loss = 1500.0
                reach = min(kinetic / loss, 0.1)
                n_dep = point(deposits, n_dep, x, u, reach, kinetic, loss, owner)
                balance[DEPOSITED] += kinetic
                records[owner, R_DEPOSITED] += kinetic
                kinetic = 0.0
            if kind == POSITRON:
                direction = isotropic(rng)
                n_stack = push(stack, n_stack, GAMMA, ELECTRON_MASS, x, direction, owner)
                n_stack = push(stack, n_stack, GAMMA, ELECTRON_MASS, x, -direction, owner)
                continue
            if kind in (ELECTRON, PROTON, FRAGMENT):
                continue
            caught = kind in (PI_MINUS, K_MINUS, ANTIPROTON)
            if kind == MU_MINUS and rng.random() < CAPTURE_FRACTION:
                caught = True
        p = math.sqrt(kinetic * (kinetic + 2.0 * mass))
        vector = np.empty(4)
        vector[:3] = p * u
        vector[3] = kinetic + mass
        if end == 2 or (caught and kind != MU_MINUS):
            process = HADRONIC if end == 2 else CAPTURE
            new_kinds, new, binding = interact(rng, kind, vector, caught)
            balance[NUCLEAR] += binding
        elif caught:
            process = CAPTURE
            new_kinds, new, binding = evaporate_capture(rng, mass)
            balance[NUCLEAR] += binding
        else:
            new_kinds, new = decay(rng, kind, vector)
        for j in range(len(new_kinds)):
            daughter = int(new_kinds[j])
            t = new[j, 3] - MASS[daughter]
            size = math.sqrt((new[j, :3] ** 2).sum())
            direction = new[j, :3] / size if size > 0.0 else u
            mark = owner
            visible = t > (20.0 if process != DECAY else 1.0) and daughter != NEUTRINO
            if (daughter == PI_ZERO or visible) and n_rec < _MAX_RECORDS:
                mark = -n_rec - 1
                n_rec = record(records, n_rec, daughter, new[j], x, owner, process)
            n_stack = push(stack, n_stack, daughter, max(t, 0.0), x, direction, mark)
        if n_dep > len(deposits) - 100:
            deposits = grown(deposits)
    return deposits[:n_dep].copy(), records[:n_rec].copy(), balance


def track(
    rng: np.random.Generator,
    species: npt.NDArray[np.int64],
    momenta: npt.NDArray[np.float64],
    inside: npt.NDArray[np.float64],
    margin: float = 60.0,
) -> Tracks:
    """Follow an event's particles from the origin through argon.

    Parameters
    ----------
    rng : numpy.random.Generator
    species : ndarray of int, shape (n,)
        Codes of `classifier.simulation.species`.
    momenta : ndarray, shape (n, 4)
        (px, py, pz, E) in MeV.
    inside : ndarray, shape (3, 2)
        Lower and upper edge of the active volume along x, y, z in cm, with the interaction at the
        origin; decides what is contained.
    margin : float
        Passive argon around it, in cm, in which particles are still followed.
    """
    world = np.array(inside, dtype=np.float64)
    world[:, 0] -= margin
    world[:, 1] += margin
    deposits, records, balance = _track(
        rng,
        np.asarray(species, dtype=np.int64),
        np.ascontiguousarray(momenta, dtype=np.float64),
        np.ascontiguousarray(inside, dtype=np.float64),
        world,
    )
    return Tracks(deposits, records, balance)


def pdg_codes(records: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """PDG codes of particle records, shape (m,)."""
    return PDG[records[:, R_SPECIES].astype(np.int64)]
