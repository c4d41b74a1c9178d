"""Photon and electron interactions in liquid argon: cross-sections per cm and what comes out.

The spectra of pairs and bremsstrahlung follow the screened Bethe-Heitler formula with the screening
functions of J. C. Butcher and H. Messel, Nucl. Phys. 20 (1960) 15 (as in EGS and Geant4), and the
radiation length sets how much is radiated. How often pairs are made is L. Urban's fit to the tables
of J. H. Hubbell, H. A. Gimm and I. Øverbø, J. Phys. Chem. Ref. Data 9 (1980) 1023 (Geant4 Physics
Reference Manual, "Gamma conversion"). Compton scattering is Klein and Nishina's, Z. Phys. 52 (1929)
853.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.material import (
    ATOMS_PER_CM3,
    DENSITY,
    ELECTRON_MASS,
    RADIATION_LENGTH,
    Z,
)

PHOTON_CUT = 0.03
"""MeV; below it a photon is absorbed where it is."""
RADIATION_CUT = 0.3
"""MeV; bremsstrahlung below it is a continuous loss."""
_FINE_STRUCTURE = 1.0 / 137.035999
_THOMSON = 0.66524587e-24
_LOG_Z = math.log(Z) / 3.0
_COULOMB = (_FINE_STRUCTURE * Z) ** 2 * (
    1.0 / (1.0 + (_FINE_STRUCTURE * Z) ** 2) + 0.20206 - 0.0369 * (_FINE_STRUCTURE * Z) ** 2
)
"""Coulomb correction of Davies, Bethe and Maximon, Phys. Rev. 93 (1954) 788."""
_FULL_SCREENING = 4.0 * (math.log(184.15) - _LOG_Z)


@njit(cache=True)
def _screening(delta: float) -> tuple[float, float]:
    """Butcher and Messel's Φ1 and Φ2."""
    if delta > 1.0:
        phi = 21.12 - 4.184 * math.log(delta + 0.952)
        return phi, phi
    return 20.867 + delta * (-3.242 + 0.625 * delta), 20.209 + delta * (-1.930 - 0.086 * delta)


@njit(cache=True)
def _screened(delta: float, energy: float) -> tuple[float, float]:
    """Φ1 and Φ2 less the logarithm of Z and, above 50 MeV, the Coulomb correction."""
    f = 4.0 * _LOG_Z
    if energy > 50.0:
        f += 4.0 * _COULOMB
    phi1, phi2 = _screening(delta)
    return max(phi1 - f, 0.0), max(phi2 - f, 0.0)


@njit(cache=True)
def _pair_shape(x: float, energy: float) -> float:
    """Spectrum of the electron's share x of a pair, 1 at full screening and x = 0."""
    delta = 136.0 * ELECTRON_MASS / (energy * x * (1.0 - x)) * Z ** (-1.0 / 3.0)
    phi1, phi2 = _screened(delta, energy)
    return ((x * x + (1.0 - x) ** 2) * phi1 + 2.0 / 3.0 * x * (1.0 - x) * phi2) / _FULL_SCREENING


@njit(cache=True)
def _radiation_shape(y: float, energy: float) -> float:
    """Spectrum y dN/dy of bremsstrahlung that takes the share y of the energy; 4/3 at y = 0."""
    delta = 136.0 * ELECTRON_MASS * y / (energy * (1.0 - y)) * Z ** (-1.0 / 3.0)
    phi1, phi2 = _screened(delta, energy)
    return ((1.0 + (1.0 - y) ** 2) * phi1 - 2.0 / 3.0 * (1.0 - y) * phi2) / _FULL_SCREENING


_PAIR_TERMS = np.array(
    [
        [878.42, -1962.5, 1294.9, -200.28, 12.575, -0.28333],
        [-10.342, 17.692, -8.2381, 1.3063, -0.090815, 0.0023586],
        [-452.63, 1116.1, -867.49, 217.73, -20.467, 0.65372],
    ]
)
"""Polynomials in ln(E / m) of the fit, in µb; it holds from 1.5 MeV to 100 GeV."""


@njit(cache=True)
def _pairs(energy: float) -> float:
    """Pair production on nucleus and electrons per cm."""
    threshold = 2.0 * ELECTRON_MASS
    if energy <= threshold:
        return 0.0
    log = math.log(min(max(energy, 1.5), 1e5) / ELECTRON_MASS)
    powers = log ** np.arange(6)
    first, second, third = (_PAIR_TERMS * powers).sum(axis=1)
    micro_barn = (Z + 1.0) * (first * Z + second * Z * Z + third)
    if energy < 1.5:
        micro_barn *= ((energy - threshold) / (1.5 - threshold)) ** 2
    return micro_barn * 1e-30 * ATOMS_PER_CM3


@njit(cache=True)
def _tabulate(energies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair production, hard bremsstrahlung (both per cm) and soft radiative loss (MeV/cm)."""
    n = 200
    pair, hard, soft = np.zeros(len(energies)), np.zeros(len(energies)), np.zeros(len(energies))
    for i in range(len(energies)):
        energy = energies[i]
        pair[i] = _pairs(energy)
        total = energy + ELECTRON_MASS
        y_low, y_high = RADIATION_CUT / total, energy / total
        if y_low < y_high:
            step = math.log(y_high / y_low) / n
            for j in range(n):
                hard[i] += step * _radiation_shape(y_low * math.exp((j + 0.5) * step), total)
        upper = min(y_low, y_high)
        for j in range(n):
            soft[i] += upper / n * total * _radiation_shape((j + 0.5) * upper / n, total)
    return pair, hard / RADIATION_LENGTH, soft / RADIATION_LENGTH


# One table for all: logarithmic in kinetic energy from 10 keV to 1 TeV.
_LOG_LOW = math.log(0.01)
_LOG_STEP = math.log(1e8) / 400
_PAIR, _HARD, _SOFT = _tabulate(np.exp(_LOG_LOW + _LOG_STEP * np.arange(401)))


@njit(cache=True)
def _look_up(table: np.ndarray, energy: float) -> float:
    t = (math.log(energy) - _LOG_LOW) / _LOG_STEP
    if t <= 0.0:
        return table[0]
    i = min(int(t), 399)
    f = min(t - i, 1.0)
    return table[i] * (1.0 - f) + table[i + 1] * f


@njit(cache=True)
def pair_production(energy: float) -> float:
    """Pair production per cm by a photon of this energy in MeV."""
    return _look_up(_PAIR, energy) if energy > 2.0 * ELECTRON_MASS else 0.0


@njit(cache=True)
def bremsstrahlung(kinetic: float) -> float:
    """Photons above `RADIATION_CUT` per cm from an electron of this kinetic energy in MeV."""
    return _look_up(_HARD, kinetic)


@njit(cache=True)
def soft_radiation(kinetic: float) -> float:
    """Mean loss to photons below `RADIATION_CUT`, in MeV/cm."""
    return _look_up(_SOFT, kinetic)


@njit(cache=True)
def compton(energy: float) -> float:
    """Compton scattering per cm (Klein-Nishina on free electrons)."""
    k = energy / ELECTRON_MASS
    a = 1.0 + 2.0 * k
    log = math.log(a)
    sigma = (1.0 + k) / (k * k) * (2.0 * (1.0 + k) / a - log / k)
    sigma += log / (2.0 * k) - (1.0 + 3.0 * k) / (a * a)
    return 0.75 * _THOMSON * sigma * Z * ATOMS_PER_CM3


@njit(cache=True)
def photoelectric(energy: float) -> float:
    """Photoelectric absorption per cm.

    A power law through the NIST XCOM values for argon, 0.0626 cm²/g at 100 keV, with the usual
    flattening towards 1/E above 0.5 MeV; it matters below 0.2 MeV only.
    """
    mass_attenuation = 0.0626 * (0.1 / min(energy, 0.5)) ** 3.0
    if energy > 0.5:
        mass_attenuation *= 0.5 / energy
    return mass_attenuation * DENSITY


@njit(cache=True)
def draw_pair_share(rng: np.random.Generator, energy: float) -> float:
    """Share of a photon's energy that the electron of a pair gets."""
    low = ELECTRON_MASS / energy
    if energy < 2.2:
        # Near threshold the spectrum is flat.
        return low + (1.0 - 2.0 * low) * rng.random()
    while True:
        x = low + (0.5 - low) * rng.random()
        if rng.random() < _pair_shape(x, energy):
            return x if rng.random() < 0.5 else 1.0 - x


@njit(cache=True)
def draw_radiated(rng: np.random.Generator, kinetic: float) -> float:
    """Energy of a bremsstrahlung photon above `RADIATION_CUT`, in MeV."""
    total = kinetic + ELECTRON_MASS
    low, high = RADIATION_CUT / total, kinetic / total
    for _ in range(1000):
        y = low * (high / low) ** rng.random()
        if rng.random() * 1.37 < _radiation_shape(y, total):
            return y * total
    return RADIATION_CUT


@njit(cache=True)
def draw_compton(rng: np.random.Generator, energy: float) -> tuple[float, float]:
    """Energy of the scattered photon and the cosine of its angle.

    Rejection on a mixture of 1/ε and ε, as J. C. Butcher and H. Messel do.
    """
    k = energy / ELECTRON_MASS
    low = 1.0 / (1.0 + 2.0 * k)
    a1 = -math.log(low)
    a2 = 0.5 * (1.0 - low * low)
    while True:
        if rng.random() * (a1 + a2) < a1:
            epsilon = math.exp(-a1 * rng.random())
        else:
            epsilon = math.sqrt(low * low + (1.0 - low * low) * rng.random())
        t = (1.0 - epsilon) / (k * epsilon)
        sin2 = t * (2.0 - t)
        if rng.random() < 1.0 - epsilon * sin2 / (1.0 + epsilon * epsilon):
            return epsilon * energy, 1.0 - t
