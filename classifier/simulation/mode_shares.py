"""Neutrino cross sections of argon-40 and the shares of the interaction modes, tabulated once."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation import dis, quasielastic, resonance
from classifier.simulation.constants import (
    ARGON_NEUTRONS,
    ARGON_PROTONS,
    COH,
    DIS,
    M_ELECTRON,
    M_MUON,
    M_TAU,
    MEC,
    MODES,
    QE,
    RES,
)

MEC_SHARE = 0.20
"""2p2h relative to quasi-elastic scattering on argon; Gran, Nieves, Sanchez, Vicente Vacas, Phys.
Rev. D 88 (2013) 113007: 15 to 25 % in the few-GeV region."""
COHERENT_AT_3P6 = 0.55e-38
"""Coherent charged-current pion cross section in cm² of argon at 3.6 GeV; ArgoNeuT, Phys. Rev.
Lett. 113 (2014) 261801: 0.55 +0.26 -0.21 at 3.6 GeV, 2.6 +1.2 -1.0 at 9.6 GeV (1e-38 cm²)."""
COHERENT_POWER = 1.2
"""Growth with energy between the two ArgoNeuT points, within both errors."""
COHERENT_THRESHOLD = 0.5

NODES = np.geomspace(0.12, 140.0, 56)
"""Neutrino energies in GeV of the tables."""
_LOG_LOW, _LOG_STEP = math.log(NODES[0]), math.log(NODES[1] / NODES[0])
LEPTON_MASSES = np.array([M_ELECTRON, M_MUON, M_TAU, 0.0])
NEUTRAL = 3
"""Row of `LEPTON_MASSES` of the neutral current."""

Tables = npt.NDArray[np.float64]


@njit(cache=True)
def _build() -> tuple[Tables, Tables]:
    n = len(NODES)
    sigma = np.zeros((3, 4, 2, 2, n))
    largest = np.zeros((3, 4, 2, 2, n))
    for lepton in range(4):
        charged = lepton != NEUTRAL
        for anti in range(2):
            for proton in range(2):
                for i in range(n):
                    a = (NODES[i], charged, proton == 1, anti == 1, LEPTON_MASSES[lepton])
                    # A charged current turns neutrons to protons, of antineutrinos the reverse.
                    if not charged or (proton == anti):
                        s, m = quasielastic.scan(*a)
                        sigma[QE, lepton, anti, proton, i] = s
                        largest[QE, lepton, anti, proton, i] = m
                    s, m = resonance.scan(*a)
                    sigma[RES, lepton, anti, proton, i] = s
                    largest[RES, lepton, anti, proton, i] = m
                    s, m = dis.scan(*a)
                    sigma[DIS, lepton, anti, proton, i] = s
                    largest[DIS, lepton, anti, proton, i] = m
    return sigma, largest


@cache
def tables() -> tuple[Tables, Tables]:
    """Cross sections in cm² per nucleon and largest sampling weights.

    Returns
    -------
    sigma, largest : ndarray, shape (3, 4, 2, 2, 56)
        Axes: mode (qe, res, dis), lepton (e, mu, tau, neutral current), antineutrino, proton,
        energy (`NODES`).
    """
    return _build()


@njit(cache=True)
def interpolate(row: npt.NDArray[np.float64], e: float) -> float:
    """Value of a table row at neutrino energy `e` in GeV, linear in log energy."""
    at = (math.log(e) - _LOG_LOW) / _LOG_STEP
    if at <= 0.0:
        return row[0]
    i = int(at)
    if i >= len(row) - 1:
        return row[-1]
    return row[i] + (at - i) * (row[i + 1] - row[i])


@njit(cache=True)
def envelope(row: npt.NDArray[np.float64], e: float) -> float:
    """Bound on the sampling weight near `e`: the larger neighbour and a margin for the grid."""
    at = (math.log(e) - _LOG_LOW) / _LOG_STEP
    i = min(max(int(at), 0), len(row) - 2)
    return 1.3 * max(row[i], row[i + 1])


@njit(cache=True)
def on_argon(sigma: Tables, e: float, lepton: int, anti: int) -> npt.NDArray[np.float64]:
    """Cross sections in cm² of a 40Ar nucleus, shape (5 modes, 2): neutrons, protons.

    2p2h and coherent scattering stand in the first column.
    """
    out = np.zeros((5, 2))
    for mode in range(3):
        for proton in range(2):
            count = ARGON_PROTONS if proton == 1 else ARGON_NEUTRONS
            out[mode, proton] = count * interpolate(sigma[mode, lepton, anti, proton], e)
    out[MEC, 0] = MEC_SHARE * out[QE].sum()
    if e > COHERENT_THRESHOLD and lepton != 2:
        rise = (1.0 - COHERENT_THRESHOLD / e) / (1.0 - COHERENT_THRESHOLD / 3.6)
        # Neutral to charged is 1/2 by isospin: Rein and Sehgal, Nucl. Phys. B 223 (1983) 29.
        half = 0.5 if lepton == NEUTRAL else 1.0
        out[COH, 0] = half * COHERENT_AT_3P6 * (e / 3.6) ** COHERENT_POWER * rise
    return out


def lepton_row(nu_pdg: int, cc: bool) -> int:
    """Row of `LEPTON_MASSES` for this neutrino and current."""
    return (abs(nu_pdg) - 12) // 2 if cc else NEUTRAL


def cross_section(nu_pdg: int, cc: bool, energy: float) -> float:
    """Cross section in cm² of a 40Ar nucleus, all modes, at a neutrino energy in GeV."""
    sigma, _ = tables()
    return float(on_argon(sigma, energy, lepton_row(nu_pdg, cc), int(nu_pdg < 0)).sum())


def mode_shares(nu_pdg: int, cc: bool, energy: float) -> dict[str, float]:
    """Share of each interaction mode at this neutrino energy in GeV; zeros below threshold."""
    sigma, _ = tables()
    each = on_argon(sigma, energy, lepton_row(nu_pdg, cc), int(nu_pdg < 0)).sum(axis=1)
    total = float(each.sum()) or 1.0
    return {name: float(s) / total for name, s in zip(MODES, each, strict=True)}
