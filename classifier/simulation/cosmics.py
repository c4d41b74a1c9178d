"""Cosmic-ray muons that cross the detector, for events of the class ``cosmic``."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from classifier.simulation.detector import Detector
from classifier.simulation.species import MASS, MU_MINUS, MU_PLUS

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
