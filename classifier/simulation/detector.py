"""From deposited energy to drifted electrons: recombination, lifetime, diffusion, active volume."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation.material import DENSITY
from classifier.simulation.stepping import ENERGY, LOSS, X0, X1

ELECTRONS_PER_MEV = 1e6 / 23.6
"""W-value of 23.6 eV: M. Miyajima et al., Phys. Rev. A 9 (1974) 1438."""
_BOX_ALPHA = 0.93
_BOX_BETA = 0.212
"""Modified box model, (kV/cm)(g/cm²)/MeV: ArgoNeuT, R. Acciarri et al., JINST 8 (2013) P08005."""


@dataclass(frozen=True)
class Detector:
    """Where the argon is and how it drifts; z is horizontal along the beam, y up, x the drift.

    Attributes
    ----------
    volume : ndarray, shape (3, 2)
        Edges of the active volume in cm.
    fiducial : ndarray, shape (3, 2)
        Where interactions are placed.
    anodes : tuple of float
        x of the readout planes.
    cathodes : tuple of float
        x of the cathodes: drift goes to the nearest anode on the same side.
    drift_velocity : float
        cm/µs at 500 V/cm and 87 K (W. Walkowiak, Nucl. Instrum. Meth. A 449 (2000) 288).
    lifetime : float
        Electron lifetime in µs.
    field : float
        Drift field in kV/cm.
    transverse, longitudinal : float
        Diffusion: width in cm after one metre; grows with the root of the drift.
    """

    volume: npt.NDArray[np.float64]
    fiducial: npt.NDArray[np.float64]
    anodes: tuple[float, ...]
    cathodes: tuple[float, ...]
    drift_velocity: float = 0.16
    lifetime: float = 3000.0
    field: float = 0.5
    transverse: float = 0.13
    longitudinal: float = 0.09


# The simulated part of the far detector ("1x2x6"): 6 APAs along the beam, 2 high, drift on both
# sides of them; fiducial volume as in DUNE FD TDR vol. II, arXiv:2002.03005, section 5.3. The
# published maps show the beam along z: tracks leave as much charge on U as on V wires, and reach as
# far, which the dip of 101 mrad at the far site would forbid.
FAR_DETECTOR = Detector(
    volume=np.array([[-363.0, 363.0], [-608.0, 608.0], [0.0, 1394.0]]),
    fiducial=np.array([[-310.0, 310.0], [-550.0, 550.0], [50.0, 1244.0]]),
    anodes=(0.0,),
    cathodes=(-363.0, 363.0),
)
# Sagar et al., arXiv:2508.19376: 2 x 2 x 7 m, anodes at ±0.9 and ±0.3 m, cathodes at ±0.6 and 0 m.
MODULAR = Detector(
    volume=np.array([[-100.0, 100.0], [-100.0, 100.0], [0.0, 700.0]]),
    fiducial=np.array([[-100.0, 100.0], [-100.0, 100.0], [0.0, 700.0]]),
    anodes=(-90.0, -30.0, 30.0, 90.0),
    cathodes=(-60.0, 0.0, 60.0),
)


def alive(
    rng: np.random.Generator, channel: npt.NDArray[np.int64], dead: float
) -> npt.NDArray[np.bool_]:
    """Tell which signals lie on a channel that works; each is dead with the probability `dead`."""
    if dead == 0.0:
        return np.ones(len(channel), dtype=bool)
    channels, place = np.unique(channel, return_inverse=True)
    works = rng.random(len(channels)) >= dead
    return np.asarray(works[place])


@njit(cache=True)
def recombination(loss: float, field: float) -> float:
    """Share of the electrons that escape recombination at dE/dx = `loss` MeV/cm."""
    x = _BOX_BETA * max(loss, 0.5) / (DENSITY * field)
    return math.log(_BOX_ALPHA + x) / x


@njit(cache=True)
def _drifted(
    deposits: npt.NDArray[np.float32],
    vertex: npt.NDArray[np.float64],
    volume: npt.NDArray[np.float64],
    anodes: npt.NDArray[np.float64],
    attenuation: float,
    field: float,
    transverse: float,
    longitudinal: float,
) -> npt.NDArray[np.float32]:
    out = np.empty((len(deposits), 10), np.float32)
    n = 0
    for i in range(len(deposits)):
        inside = True
        for axis in range(3):
            a = deposits[i, X0 + axis] + vertex[axis]
            b = deposits[i, X1 + axis] + vertex[axis]
            middle = 0.5 * (a + b)
            inside &= volume[axis, 0] < middle < volume[axis, 1]
            out[n, axis] = a
            out[n, 3 + axis] = b
        energy = deposits[i, ENERGY]
        if not inside or energy <= 0.0:
            continue
        x = 0.5 * (out[n, 0] + out[n, 3])
        drift = np.inf
        for anode in anodes:
            drift = min(drift, abs(x - anode))
        charge = energy * ELECTRONS_PER_MEV * recombination(deposits[i, LOSS], field)
        out[n, 6] = charge * math.exp(-drift / attenuation)
        root = math.sqrt(drift / 100.0)
        out[n, 7] = transverse * root
        out[n, 8] = longitudinal * root
        out[n, 9] = deposits[i, 8]
        n += 1
    return out[:n]


def drift(
    deposits: npt.NDArray[np.float32], vertex: npt.NDArray[np.float64], detector: Detector
) -> npt.NDArray[np.float32]:
    """Turn deposits into charge at the readout.

    Parameters
    ----------
    deposits : ndarray, shape (n, 9)
        Of `transport.Tracks`, with the interaction at the origin.
    vertex : ndarray, shape (3,)
        Where in the detector the interaction is, in cm.
    detector : Detector

    Returns
    -------
    ndarray of float32, shape (m, 10)
        For each deposit in the active volume: start and end (detector coordinates, cm), electrons
        that arrive, transverse and longitudinal width of the diffusion (cm), owner.
    """
    return _drifted(
        deposits,
        np.asarray(vertex, dtype=np.float64),
        detector.volume,
        np.array(detector.anodes),
        detector.drift_velocity * detector.lifetime,
        detector.field,
        detector.transverse,
        detector.longitudinal,
    )
