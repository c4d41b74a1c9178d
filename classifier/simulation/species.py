"""The particles that are tracked: a small table with a code each, made from the PDG's data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from particle import Particle

GAMMA, ELECTRON, POSITRON, MU_MINUS, MU_PLUS, PI_ZERO, PI_PLUS, PI_MINUS = range(8)
K_PLUS, K_MINUS, K_SHORT, K_LONG, PROTON, NEUTRON, ANTIPROTON, ANTINEUTRON = range(8, 16)
LAMBDA, SIGMA_PLUS, SIGMA_ZERO, SIGMA_MINUS, ETA, NEUTRINO, FRAGMENT = range(16, 23)

PDG: npt.NDArray[np.int64] = np.array(
    [
        *(22, 11, -11, 13, -13, 111, 211, -211, 321, -321, 310, 130, 2212, 2112, -2212, -2112),
        *(3122, 3222, 3212, 3112, 221, 14, 1000020040),
    ]
)
"""PDG code by species; neutrinos of all flavours are one, a nuclear fragment counts as an alpha."""

_TABLE = [Particle.from_pdgid(int(code)) for code in PDG]
MASS: npt.NDArray[np.float64] = np.array([p.mass or 0.0 for p in _TABLE])
"""MeV."""
CHARGE: npt.NDArray[np.float64] = np.array([float(p.charge or 0) for p in _TABLE])
DECAY_LENGTH: npt.NDArray[np.float64] = np.array(
    [0.1 * p.ctau if p.ctau is not None and p.ctau < 1e12 else np.inf for p in _TABLE]
)
"""cτ in cm; infinite for what does not decay while it is watched."""
# `particle` has no lifetime for these, which live forever or (alpha, neutrino) do here.
DECAY_LENGTH[[GAMMA, ELECTRON, POSITRON, PROTON, NEUTRON, ANTIPROTON, ANTINEUTRON]] = np.inf
DECAY_LENGTH[[NEUTRINO, FRAGMENT]] = np.inf
MASS[NEUTRINO] = 0.0

_BY_PDG = {int(code): species for species, code in enumerate(PDG)}
_OTHER_NAMES = {12: NEUTRINO, 16: NEUTRINO, -12: NEUTRINO, -14: NEUTRINO, -16: NEUTRINO}


def species_of(pdg: int, random: float) -> int:
    """Return the species of a PDG code.

    Parameters
    ----------
    pdg : int
        PDG code. Nuclei are fragments; neutral kaons of definite strangeness become K-short or
        K-long, half and half.
    random : float
        Uniform number in [0, 1) that decides between them.

    Raises
    ------
    KeyError
        If the particle is not tracked.
    """
    if abs(pdg) == 311:
        return K_SHORT if random < 0.5 else K_LONG
    if abs(pdg) > 1_000_000_000:
        return FRAGMENT
    if pdg in _OTHER_NAMES:
        return _OTHER_NAMES[pdg]
    return _BY_PDG[pdg]
