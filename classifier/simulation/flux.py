"""Neutrino spectra: the uniform one of the reference paper, and a long-baseline one to 40 GeV."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from classifier.simulation.mode_shares import cross_section
from nulens.errors import NuLensError

FLUXES = ("uniform", "dune")
LABELS = ("nue_cc", "numu_cc", "nc", "nutau_cc")

UNIFORM_RANGE = (0.2, 10.0)
"""Energies in GeV of the uniform spectrum; Sagar et al., arXiv:2508.19376: up to 10 GeV. The lower
end is where a charged-current muon becomes a track."""
UNIFORM_CC_SHARE = 0.74
"""Share of charged-current events; arXiv:2508.19376."""

DUNE_RANGE = (0.5, 40.0)
TAU_FROM = 3.6
"""Energy in GeV from which tau neutrinos are drawn: just above m_tau + m_tau² / 2M = 3.46 GeV."""


def _wide_band(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shape of the on-axis wide-band muon-neutrino flux of DUNE, forward horn current.

    Our parametrisation of the flux in arXiv:2002.03005, fig. 5.4: a broad peak at 2.5 GeV that ends
    near 5 GeV, and a tail at a per cent of it from unfocused and kaon decays. Its parameters make
    flux times cross section fit the energies of the muon-neutrino, neutral-current and tau-neutrino
    events published with arXiv:2006.15052.
    """
    peak = (e / 2.5) ** 1.6 * np.exp(-((e / 2.9) ** 2.85))
    tail = 0.0143 * (e / 10.0) ** -2.93 * (1.0 - np.exp(-((e / 9.7) ** 3)))
    return peak + tail


def _intrinsic(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shape of the electron-neutrino component of the beam, from muon and kaon decays.

    As `_wide_band`, fitted to the electron-neutrino events, which are of this component.
    """
    return e**-0.4 * np.exp(-e / 6.6)


def _wrong_sign(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Antineutrinos per neutrino: 5 % at the peak, a third in the unfocused tail (same figure)."""
    return 0.05 + 0.35 * (1.0 - np.exp(-((e / 8.0) ** 2)))


INTRINSIC_WRONG_SIGN = 0.35
"""Electron antineutrinos per neutrino in the beam component."""


@cache
def _spectrum(
    component: str, flavour: int, cc: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Energies, and the running rates of neutrinos and antineutrinos, of a flux component."""
    low, high = DUNE_RANGE
    e = np.geomspace(TAU_FROM if flavour == 16 and cc else low, high, 400)
    flux = _intrinsic(e) if component == "intrinsic" else _wide_band(e)
    ratio = np.full_like(e, INTRINSIC_WRONG_SIGN) if component == "intrinsic" else _wrong_sign(e)
    running = []
    for sign, share in ((1, np.ones_like(e)), (-1, ratio)):
        sigma = np.array([cross_section(sign * flavour, cc, float(x)) for x in e])
        rate = flux * share * sigma * e
        running.append(np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))]))
    return e, running[0], running[1]


_FLAVOUR = {"nue_cc": 12, "numu_cc": 14, "nutau_cc": 16}


def draw_neutrino(
    rng: np.random.Generator, flux: str, label: str | None = None
) -> tuple[int, bool, float]:
    """Draw a neutrino that interacts.

    Parameters
    ----------
    rng : numpy.random.Generator
    flux : {'uniform', 'dune'}
    label : {'nue_cc', 'numu_cc', 'nc', 'nutau_cc'}, optional
        Draw an event of this class; without it classes come in the shares of the flux.

    Returns
    -------
    nu_pdg : int
        PDG code of the neutrino.
    cc : bool
        Whether the interaction is a charged current.
    energy : float
        Neutrino energy in GeV.

    Raises
    ------
    NuLensError
        If the flux or the label is unknown.
    """
    if flux not in FLUXES:
        raise NuLensError(f"There is no flux '{flux}'.", f"Choose one of {', '.join(FLUXES)}.")
    if label is not None and label not in LABELS:
        raise NuLensError(
            f"No events of class '{label}' can be simulated from a neutrino flux.",
            f"Choose one of {', '.join(LABELS)}.",
        )
    if flux == "uniform":
        return _draw_uniform(rng, label)
    chosen = label or ("nue_cc", "numu_cc", "nc")[int(rng.integers(3))]
    return _draw_dune(rng, chosen)


def _draw_uniform(rng: np.random.Generator, label: str | None) -> tuple[int, bool, float]:
    low, high = UNIFORM_RANGE
    if label == "nutau_cc":
        return 16, True, float(rng.uniform(TAU_FROM, high))
    cc = bool(rng.random() < UNIFORM_CC_SHARE) if label is None else label != "nc"
    nu_pdg = (12, 14)[int(rng.integers(2))] if label in (None, "nc") else _FLAVOUR[label]
    return nu_pdg, cc, float(rng.uniform(low, high))


def _draw_dune(rng: np.random.Generator, label: str) -> tuple[int, bool, float]:
    flavour = _FLAVOUR.get(label, 14)
    # Electron neutrinos come half from the beam itself and half from oscillated muon neutrinos,
    # for which every muon neutrino is swapped, as simulations of appearance do.
    own = label == "nue_cc" and rng.random() < 0.5
    e, matter, anti = _spectrum("intrinsic" if own else "wide", flavour, label != "nc")
    wrong = rng.random() * (matter[-1] + anti[-1]) < anti[-1]
    running = anti if wrong else matter
    energy = float(np.interp(rng.random() * running[-1], running, e))
    return (-flavour if wrong else flavour), label != "nc", energy
