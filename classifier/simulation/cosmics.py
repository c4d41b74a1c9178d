"""Cosmic-ray muons that cross the detector: the class ``cosmic``, and overlaid on interactions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from classifier.simulation.detector import Detector, drift
from classifier.simulation.species import MASS, MU_MINUS, MU_PLUS
from classifier.simulation.transport import track

POSITIVE_SHARE = 0.56
"""Charge ratio 1.28: CMS, Phys. Lett. B 692 (2010) 83."""
SPECTRAL_INDEX = 2.7
TURNOVER = 3.6
"""GeV; the sea-level spectrum is (E + E0)^-2.7 (T. Gaisser's formula flattened below 10 GeV; PDG,
section 30.3.1)."""


def draw_muon(
    rng: np.random.Generator, detector: Detector
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Draw a sea-level muon that goes through a random point of the fiducial volume.

    Angles follow cos² of the zenith (PDG, section 30.3.1).

    Returns
    -------
    start : ndarray, shape (3,)
        Where it enters the active volume, in cm.
    species : ndarray of int, shape (1,)
    momenta : ndarray, shape (1, 4)
        In MeV.
    """
    low, high = detector.fiducial.T
    point = low + (high - low) * rng.random(3)
    # Muons through a point: dN/dcos ∝ cos², hence the cube root.
    cos = max(rng.random() ** (1.0 / 3.0), 0.02)
    phi = 2.0 * math.pi * rng.random()
    sin = math.sqrt(1.0 - cos * cos)
    direction = np.array([sin * math.cos(phi), -cos, sin * math.sin(phi)])
    # Backwards to the first face of the active volume.
    edges = np.where(direction > 0, detector.volume[:, 0], detector.volume[:, 1])
    with np.errstate(divide="ignore"):
        back = np.min((point - edges) / direction)
    start = point - (back - 1e-3) * direction
    energy = (TURNOVER + 0.3) * (1.0 - rng.random()) ** (-1.0 / (SPECTRAL_INDEX - 1.0)) - TURNOVER
    mass = float(MASS[MU_PLUS])
    total = 1e3 * min(energy, 500.0) + mass
    species = MU_PLUS if rng.random() < POSITIVE_SHARE else MU_MINUS
    momentum = math.sqrt(total * total - mass * mass)
    return start, np.array([species]), np.array([[*(momentum * direction), total]])


def overlay(rng: np.random.Generator, detector: Detector, mean: float) -> npt.NDArray[np.float32]:
    """Charge of muons that cross the detector while an interaction is read out.

    A muon comes up to one full drift before or after the interaction, and its charge seems by as
    much nearer to or farther from the anode.

    Parameters
    ----------
    rng : numpy.random.Generator
    detector : Detector
    mean : float
        Mean of the Poisson number of muons.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        As of `detector.drift`.
    """
    anodes = np.array(detector.anodes)
    longest = max(float(np.abs(anodes - cathode).min()) for cathode in detector.cathodes)
    found = [np.empty((0, 10), np.float32)]
    for _ in range(rng.poisson(mean)):
        start, species, momenta = draw_muon(rng, detector)
        tracks = track(rng, species, momenta, detector.volume - start[:, None])
        charge = drift(tracks.deposits, start, detector)
        x = 0.5 * (charge[:, 0] + charge[:, 3])
        nearest = anodes[np.abs(x[:, None] - anodes).argmin(axis=1)]
        shift = rng.uniform(-longest, longest) * np.where(x < nearest, -1.0, 1.0)
        charge[:, [0, 3]] += shift[:, None].astype(np.float32)
        found.append(charge)
    return np.concatenate(found)
