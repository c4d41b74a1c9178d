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


def _peak(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shape of the on-axis wide-band muon-neutrino flux: a broad peak and a kaon-decay tail.

    A parametrisation by us of the forward-horn-current flux drawn in DUNE TDR vol. II,
    arXiv:2002.03005, fig. 5.4: peak at 2.5 GeV, a fall by 30 to 6 GeV, a tail of kaon decays.
    """
    pions = e**1.6 * np.exp(-((e / 3.1) ** 1.9))
    tail = 0.09 * np.exp(-e / 8.0) * (1.0 - np.exp(-((e / 2.0) ** 2)))
    return pions / 2.2 + tail


def _intrinsic(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Electron-neutrino component of the beam: muon and kaon decays, harder than the rest."""
    return 0.01 * (e * np.exp(-e / 1.8) + 0.35 * np.exp(-e / 9.0))


def _survival(e: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Muon-neutrino survival over 1300 km: maximal mixing, 2.5e-3 eV² (PDG 2022, sec. 14)."""
    return 1.0 - np.sin(1.267 * 2.5e-3 * 1300.0 / e) ** 2


@cache
def _spectrum(label: str, nu_pdg: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Energies and the running integral of flux times cross section, not normalised."""
    e = np.geomspace(*DUNE_RANGE, 400)
    if label == "nue_cc":
        flux = _intrinsic(e)
    else:
        flux = _peak(e)
    wrong = nu_pdg < 0
    if wrong:
        # Wrong-sign component: a few per cent at the peak, growing in the tail (same figure).
        flux = flux * (0.03 + 0.25 * (1.0 - np.exp(-e / 12.0)))
    cc = label != "nc"
    rate = flux * np.array([cross_section(nu_pdg, cc, float(x)) for x in e]) * e
    return e, np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))])


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
        # Tau production needs 3.5 GeV on a nucleon at rest.
        return 16, True, float(rng.uniform(4.0, high))
    cc = bool(rng.random() < UNIFORM_CC_SHARE) if label is None else label != "nc"
    nu_pdg = (12, 14)[int(rng.integers(2))] if label in (None, "nc") else _FLAVOUR[label]
    return nu_pdg, cc, float(rng.uniform(low, high))


def _draw_dune(rng: np.random.Generator, label: str) -> tuple[int, bool, float]:
    flavour = _FLAVOUR.get(label, 14)
    e, matter = _spectrum(label, flavour)
    _, anti = _spectrum(label, -flavour)
    wrong = rng.random() * (matter[-1] + anti[-1]) < anti[-1]
    running = anti if wrong else matter
    energy = float(np.interp(rng.random() * running[-1], running, e))
    return (-flavour if wrong else flavour), label != "nc", energy
