"""Cross-sections of hadrons on argon, as tables over kinetic energy in MeV.

They are effective: read off measurements on nuclei near argon and scaled by A^(2/3).

- Pions: D. Ashery et al., Phys. Rev. C 23 (1981) 2173 (Al, Fe, 50-315 MeV); LArIAT, Phys. Rev.
  D 106 (2022) 052009 (total, π- on argon); above 1 GeV the pion interaction length in PDG's liquid
  argon.
- Nucleons: R. F. Carlson, At. Data Nucl. Data Tables 63 (1996) 93 (proton reaction cross-sections);
  ENDF/B-VIII.0 for neutrons on Ar-40 below 20 MeV; CAPTAIN, Phys. Rev. Lett. 123 (2019) 042502
  (neutrons, 100-800 MeV); above, the nuclear interaction length of PDG's liquid argon.
- Kaons, hyperons, antinucleons: geometric, scaled from pions and nucleons by the cross-section on a
  nucleon (PDG, section 52).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from classifier.simulation.material import ATOMS_PER_CM3
from classifier.simulation.species import (
    ANTINEUTRON,
    ANTIPROTON,
    K_LONG,
    K_MINUS,
    K_PLUS,
    K_SHORT,
    LAMBDA,
    NEUTRON,
    PI_MINUS,
    PI_PLUS,
    PROTON,
    SIGMA_MINUS,
    SIGMA_PLUS,
)

_MB = 1e-27 * ATOMS_PER_CM3
_GRID = np.log(
    np.array([0.5, 1, 1.5, 2, 5, 10, 20, 50, 85, 125, 165, 205, 245, 315, 500, 1e3, 3e3, 1e4, 1e5])
)
_PION = np.array(
    [0.0, 0.0, 0, 0, 30, 90, 170, 350, 480, 600, 650, 640, 600, 520, 410, 420, 430, 443, 443]
)
_PION_MINUS = _PION + np.array(
    [200.0, 200, 200, 200, 200, 160, 120, 60, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
)
_PION_ELASTIC = np.array(
    [0.0, 0, 0, 0, 50, 100, 150, 250, 320, 420, 450, 420, 380, 300, 180, 170, 130, 110, 100]
)
_PROTON = np.array(
    [0.0, 0, 0, 0, 150, 650, 850, 700, 560, 500, 470, 450, 440, 440, 450, 500, 540, 554, 554]
)
_NEUTRON = np.array(
    [0.0, 0, 100, 400, 1000, 1200, 1050, 720, 560, 500, 470, 450, 440, 440, 450, 500, 540, 554, 554]
)
_NEUTRON_ELASTIC = np.array(
    [3e3, 3500, 3200, 2800, 2e3, 1300, 1200, 1e3, 650, 480, 350, 280, 250, 210, 200, 240, 220]
    + 2 * [200.0]
)
_PROTON_ELASTIC = np.minimum(_NEUTRON_ELASTIC, 500.0)


@njit(cache=True)
def cross_sections(species: int, kinetic: float) -> tuple[float, float]:
    """Inelastic and elastic interactions per cm; zero for what does not feel the strong force."""
    t = np.log(kinetic)
    if species == PI_PLUS:
        return np.interp(t, _GRID, _PION) * _MB, np.interp(t, _GRID, _PION_ELASTIC) * _MB
    if species == PI_MINUS:
        return np.interp(t, _GRID, _PION_MINUS) * _MB, np.interp(t, _GRID, _PION_ELASTIC) * _MB
    if species == PROTON:
        return np.interp(t, _GRID, _PROTON) * _MB, np.interp(t, _GRID, _PROTON_ELASTIC) * _MB
    if species == NEUTRON:
        return np.interp(t, _GRID, _NEUTRON) * _MB, np.interp(t, _GRID, _NEUTRON_ELASTIC) * _MB
    if species == K_PLUS:
        return 230.0 * _MB, 60.0 * _MB
    if species in (K_MINUS, K_LONG, K_SHORT):
        return 380.0 * _MB, 100.0 * _MB
    if species in (LAMBDA, SIGMA_PLUS, SIGMA_MINUS):
        return 400.0 * _MB, 100.0 * _MB
    if species in (ANTIPROTON, ANTINEUTRON):
        return 850.0 * _MB, 300.0 * _MB
    return 0.0, 0.0
