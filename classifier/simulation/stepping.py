"""The tables that tracking works on, and the small pieces of a step."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.kinematics import along
from classifier.simulation.material import ELECTRON_MASS
from classifier.simulation.species import (
    ANTINEUTRON,
    ANTIPROTON,
    ELECTRON,
    FRAGMENT,
    MASS,
    NEUTRON,
    POSITRON,
    PROTON,
)

# Columns of a stack entry.
KIND, KINETIC, X, U, MARK = 0, 1, 2, 5, 8

# Columns of the deposits.
X0, Y0, Z0, X1, Y1, Z1, ENERGY, LOSS, OWNER = range(9)
# Columns of the particle records.
R_SPECIES, R_PARENT, R_PX, R_PY, R_PZ, R_E = range(6)
R_START, R_END, R_LENGTH, R_CONTAINED, R_PROCESS, R_DEPOSITED = 6, 9, 12, 13, 14, 15
RECORD_COLUMNS = 16
PRIMARY, DECAY, HADRONIC, CAPTURE = range(4)
# Entries of the energy balance, all MeV.
DEPOSITED, ESCAPED, INVISIBLE, NUCLEAR = range(4)


Vector = npt.NDArray[np.float64]


@njit(cache=True)
def grown(table: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return a copy with room for twice as many rows."""
    larger = np.empty((2 * len(table), table.shape[1]), np.float32)
    larger[: len(table)] = table
    return larger


@njit(cache=True)
def push(
    stack: Vector,
    n: int,
    kind: int,
    kinetic: float,
    at: Vector,
    direction: Vector,
    owner: int,
) -> int:
    """Put a particle on the stack; return the new depth."""
    stack[n, KIND] = kind
    stack[n, KINETIC] = kinetic
    stack[n, X : X + 3] = at
    stack[n, U : U + 3] = direction
    stack[n, MARK] = owner
    return n + 1


@njit(cache=True)
def record(
    records: Vector, n: int, kind: int, p: Vector, at: Vector, parent: int, process: int
) -> int:
    """Add a particle to the records; return their new number."""
    records[n, R_SPECIES] = kind
    records[n, R_PARENT] = parent
    records[n, R_PX : R_PX + 4] = p
    records[n, R_START : R_START + 3] = at
    records[n, R_END : R_END + 3] = at
    records[n, R_LENGTH] = 0.0
    records[n, R_CONTAINED] = 1.0
    records[n, R_PROCESS] = process
    records[n, R_DEPOSITED] = 0.0
    return n + 1


@njit(cache=True)
def scatter(rng: np.random.Generator, direction: Vector, width: float) -> Vector:
    """Turn a direction by two Gaussian projected angles."""
    a, b = width * rng.standard_normal(), width * rng.standard_normal()
    theta = math.sqrt(a * a + b * b)
    if theta < 1e-9:
        return direction
    return along(direction, math.cos(min(theta, math.pi)), math.atan2(b, a))


@njit(cache=True)
def rest_energy(kind: int) -> float:
    """Rest energy that a particle leaving the argon takes along, beyond a nucleon's."""
    if kind in (PROTON, NEUTRON, FRAGMENT, ELECTRON):
        return 0.0
    if kind == POSITRON:
        return 2.0 * ELECTRON_MASS
    if 16 <= kind <= 19:
        return MASS[kind] - MASS[NEUTRON]
    if kind in (ANTIPROTON, ANTINEUTRON):
        return 2.0 * MASS[kind]
    return MASS[kind]


@njit(cache=True)
def beyond(x: Vector, box: Vector) -> bool:
    """Tell whether a point lies outside of a box."""
    return bool(
        x[0] < box[0, 0]
        or x[0] > box[0, 1]
        or x[1] < box[1, 0]
        or x[1] > box[1, 1]
        or x[2] < box[2, 0]
        or x[2] > box[2, 1]
    )


@njit(cache=True)
def elastic_recoil(
    rng: np.random.Generator, u: Vector, kinetic: float, mass: float
) -> tuple[Vector, float]:
    """Elastic scattering on the nucleus: new direction and the recoil energy.

    Diffraction on a disc of R = 1.2 A^(1/3) fm: dσ/dt ∝ exp(-B |t|), B = R²/4, up to isotropic.
    """
    nucleus = 37215.5
    momentum2 = kinetic * (kinetic + 2.0 * mass)
    root2 = mass * mass + nucleus * nucleus + 2.0 * (kinetic + mass) * nucleus
    k2 = momentum2 * nucleus * nucleus / root2
    slope = (1.2 * 3.42 / 197.327) ** 2 / 4.0
    largest = 4.0 * k2
    t = -math.log(1.0 - rng.random() * (1.0 - math.exp(-slope * largest))) / slope
    recoil = t / (2.0 * nucleus)
    cos_star = 1.0 - 2.0 * t / largest
    # Heavy target: the angle in the laboratory is that in the centre of mass within per cent.
    sin_star = math.sqrt(max(1.0 - cos_star * cos_star, 0.0))
    ratio = (kinetic + mass) / nucleus
    angle = math.atan2(sin_star, cos_star + ratio)
    return along(u, math.cos(angle), 2.0 * math.pi * rng.random()), min(recoil, kinetic)


@njit(cache=True)
def segment(
    deposits: npt.NDArray[np.float32],
    n: int,
    start: Vector,
    stop: Vector,
    energy: float,
    loss: float,
    owner: int,
) -> int:
    """Write a straight piece of track as a deposit; return the new number of deposits."""
    for i in range(3):
        deposits[n, X0 + i] = start[i]
        deposits[n, X1 + i] = stop[i]
    deposits[n, ENERGY] = energy
    deposits[n, LOSS] = loss
    deposits[n, OWNER] = owner
    return n + 1


@njit(cache=True)
def point(
    deposits: npt.NDArray[np.float32],
    n: int,
    at: Vector,
    direction: Vector,
    length: float,
    energy: float,
    loss: float,
    owner: int,
) -> int:
    """Write a short deposit that starts at a point; return the new number of deposits."""
    return segment(deposits, n, at, at + length * direction, energy, loss, owner)
