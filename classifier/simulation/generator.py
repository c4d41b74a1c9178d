"""Neutrino interactions on argon-40: from the neutrino to the particles that leave the nucleus.

The mode is drawn from the cross sections, then a nucleon of the local Fermi gas, then Q² and W
from that mode's cross section at the energy in the nucleon's rest frame. Energy and momentum are
conserved exactly with the bound nucleon's four-vector; what stays in the nucleus is
`Interaction.missing_energy`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.simulation import (
    coherent,
    dis,
    fsi,
    hadronisation,
    mode_shares,
    nucleus,
    quasielastic,
    resonance,
    tau,
    unstable,
)
from classifier.simulation.constants import (
    ARGON_NEUTRONS,
    ARGON_PROTONS,
    COH,
    DIS,
    M_NEUTRON,
    M_NUCLEON,
    M_PROTON,
    MEC,
    MODES,
    QE,
    RES,
)
from classifier.simulation.kinematics import (
    MAX_PARTICLES,
    Vector,
    invariant_mass,
    isotropic,
    mass_of,
    phase_space,
    scatter_lepton,
    two_body,
)
from nulens.errors import NuLensError

PARTICLE = np.dtype([("pdg", "i4"), ("px", "f8"), ("py", "f8"), ("pz", "f8"), ("e", "f8")])
"""One final-state particle: PDG code, momentum and energy in GeV, z along the beam."""
ENERGY_RANGE = (0.15, 100.0)
"""Neutrino energies in GeV that the models and their tables cover."""


@dataclass(frozen=True)
class Interaction:
    """One neutrino interaction on argon-40.

    Attributes
    ----------
    nu_pdg : int
        PDG code of the neutrino.
    cc : bool
        Whether the interaction is a charged current.
    energy : float
        Neutrino energy in GeV.
    mode : str
        ``qe``, ``res``, ``dis``, ``mec`` or ``coh``.
    q2, w, x, y : float
        Q² in GeV², mass of the hadronic system in GeV, Bjorken x and inelasticity, from the
        leptons and a nucleon at rest; W of ``qe``, ``res`` and ``dis`` is that of the hadrons
        before they cross the nucleus.
    lepton_energy : float
        Energy in GeV of the outgoing lepton: of the tau before its decay, of the neutrino for a
        neutral current.
    particles : ndarray, shape (n,), dtype `PARTICLE`
        What leaves the nucleus, the lepton or its decay products first.
    missing_energy : float
        Energy in GeV that stays in the nucleus as binding and excitation.
    tau_decay : str or None
        ``e``, ``mu`` or ``hadrons`` for charged currents of a tau neutrino.
    """

    nu_pdg: int
    cc: bool
    energy: float
    mode: str
    q2: float
    w: float
    x: float
    y: float
    lepton_energy: float
    particles: npt.NDArray[np.void]
    missing_energy: float
    tau_decay: str | None = None


@njit(cache=True)
def _primary(
    rng: np.random.Generator,
    mode: int,
    lepton: int,
    charged: bool,
    anti: bool,
    proton: bool,
    neutrino: Vector,
    position: Vector,
    sigma: mode_shares.Tables,
    largest: mode_shares.Tables,
) -> tuple[bool, float, float, Vector, np.ndarray, Vector, float]:
    """Scatter off one nucleon. Returns success, Q², W, lepton, hadrons, energy of the nucleon."""
    failed = (
        False,
        0.0,
        0.0,
        np.zeros(4),
        np.empty(0, dtype=np.int64),
        np.empty((0, 4)),
        0.0,
    )
    lepton_mass = mode_shares.LEPTON_MASSES[lepton]
    radius = math.sqrt(position[0] ** 2 + position[1] ** 2 + position[2] ** 2)
    target = nucleus.draw_nucleon(rng, radius, proton)
    s = invariant_mass(neutrino + target) ** 2
    e = (s - M_NUCLEON * M_NUCLEON) / (2.0 * M_NUCLEON)
    if e <= mode_shares.NODES[0]:
        return failed
    a, k = (1 if anti else 0), (1 if proton else 0)
    # Nucleons that run against the neutrino interact more, above all near a threshold.
    rate = sigma[mode, lepton, a, k]
    most = max(mode_shares.interpolate(rate, 1.4 * neutrino[3]), mode_shares.interpolate(rate, e))
    if mode_shares.interpolate(rate, e) < rng.random() * most:
        return failed
    bound = mode_shares.envelope(largest[mode, lepton, a, k], e)
    if bound <= 0.0:
        return failed
    charge = dis.hadron_charge(charged, proton, anti)
    which = 0
    if mode == QE:
        q2 = quasielastic.draw_q2(rng, e, charged, proton, anti, lepton_mass, bound)
        w = M_PROTON if charge == 1 else M_NEUTRON
        if q2 < 0.0:
            w = -1.0
    elif mode == RES:
        w, q2, which = resonance.draw(rng, e, charged, proton, anti, lepton_mass, bound)
    else:
        w, q2 = dis.draw(rng, e, charged, proton, anti, lepton_mass, bound)
    if w < 0.0:
        return failed
    good, out, system = scatter_lepton(rng, neutrino, target, q2, w, lepton_mass)
    if not good:
        return failed
    if mode == QE:
        codes = np.array([2212 if charge == 1 else 2112])
        momenta = np.empty((1, 4))
        momenta[0] = system
    elif mode == RES:
        codes = resonance.decay_products(rng, which, w, charge)
        masses = np.empty(len(codes))
        for i in range(len(codes)):
            masses[i] = mass_of(codes[i])
        if masses.sum() >= w:
            return failed
        if len(codes) == 2:
            momenta = np.empty((2, 4))
            first, second = two_body(system, masses[0], masses[1], isotropic(rng))
            momenta[0], momenta[1] = first, second
        else:
            momenta = phase_space(rng, system, masses)
    else:
        current = neutrino - out
        weight = dis.two_body_weight(w, proton, anti)
        codes, momenta = hadronisation.hadronise(rng, system, current, charge, weight)
        if len(codes) == 0:
            return failed
    for i in range(len(codes)):
        # Pauli blocking of the recoil nucleon.
        p = math.sqrt(momenta[i, 0] ** 2 + momenta[i, 1] ** 2 + momenta[i, 2] ** 2)
        if codes[i] in (2212, 2112) and nucleus.blocked(p, radius, codes[i] == 2212):
            return failed
    return True, q2, w, out, codes, momenta, target[3]


@njit(cache=True)
def _choose(rng: np.random.Generator, shares: mode_shares.Tables) -> tuple[int, bool]:
    """Draw the mode and whether a proton is struck."""
    pick = rng.random() * shares.sum()
    for mode in range(5):
        for proton in range(2):
            pick -= shares[mode, proton]
            if pick < 0.0:
                return mode, proton == 1
    return QE, False


@njit(cache=True)
def _event(
    rng: np.random.Generator,
    lepton: int,
    lepton_pdg: int,
    anti: bool,
    e: float,
    sigma: mode_shares.Tables,
    largest: mode_shares.Tables,
) -> tuple[int, float, float, Vector, np.ndarray, Vector, int, float]:
    """One event. Returns mode, Q², W, lepton, codes, momenta, leading leptons, missing energy."""
    charged = lepton != mode_shares.NEUTRAL
    lepton_mass = mode_shares.LEPTON_MASSES[lepton]
    neutrino = np.array([0.0, 0.0, e, e])
    boson = 0
    if charged:
        boson = -1 if anti else 1
    shares = mode_shares.on_argon(sigma, e, lepton, 1 if anti else 0)
    codes = np.empty(MAX_PARTICLES * 2, dtype=np.int64)
    momenta = np.empty((MAX_PARTICLES * 2, 4))
    zero = np.zeros(4)
    if shares.sum() <= 0.0:
        return -1, 0.0, 0.0, zero, codes[:0], momenta[:0], 0, 0.0
    for _ in range(100):
        mode, proton = _choose(rng, shares)
        position = nucleus.draw_position(rng)
        radius = math.sqrt(position[0] ** 2 + position[1] ** 2 + position[2] ** 2)
        q2 = w = missing = 0.0
        protons, neutrons = ARGON_PROTONS, ARGON_NEUTRONS
        good = False
        hadrons = np.empty(0, dtype=np.int64)
        vectors = np.empty((0, 4))
        out = zero
        if mode == COH:
            good, out, pion = coherent.draw_coherent(rng, neutrino, boson, lepton_mass)
            hadrons = np.array([111 if boson == 0 else 211 * boson])
            vectors = np.empty((1, 4))
            vectors[0] = pion
        elif mode == MEC:
            good, out, hadrons, vectors, hit, energy = coherent.draw_pair(
                rng, neutrino, radius, boson, lepton_mass
            )
            protons -= hit
            neutrons -= 2 - hit
            missing = hit * M_PROTON + (2 - hit) * M_NEUTRON - energy
        else:
            # A blocked or impossible try is made again with another nucleon: the blocking is
            # already in the cross section of the mode.
            for _ in range(200):
                good, q2, w, out, hadrons, vectors, energy = _primary(
                    rng, mode, lepton, charged, anti, proton, neutrino, position, sigma, largest
                )
                if good:
                    missing = (M_PROTON if proton else M_NEUTRON) - energy
                    break
                position = nucleus.draw_position(rng)
            protons -= 1 if proton else 0
            neutrons -= 0 if proton else 1
        if not good:
            continue
        transfer = neutrino - out
        q2 = max(transfer[0] ** 2 + transfer[1] ** 2 + transfer[2] ** 2 - transfer[3] ** 2, 0.0)
        if mode in (MEC, COH):
            w2 = M_NUCLEON * M_NUCLEON + 2.0 * M_NUCLEON * transfer[3] - q2
            w = math.sqrt(max(w2, 0.0))
        n = 0
        if lepton == 2:
            decay_codes, decay_momenta = tau.decay(rng, lepton_pdg, out)
            for i in range(len(decay_codes)):
                codes[n], momenta[n] = decay_codes[i], decay_momenta[i]
                n += 1
        else:
            codes[0], momenta[0] = lepton_pdg, out
            n = 1
        leading = n
        if mode != COH:
            formation = fsi.FORMATION_TIME if mode == DIS else 0.0
            hadrons, vectors, more = fsi.cascade(
                rng, position, hadrons, vectors, formation, protons, neutrons
            )
            missing += more
        for i in range(len(hadrons)):
            codes[n], momenta[n] = hadrons[i], vectors[i]
            n += 1
        n = unstable.decay(rng, codes, momenta, n)
        return mode, q2, w, out, codes[:n].copy(), momenta[:n].copy(), leading, missing
    return -1, 0.0, 0.0, zero, codes[:0].copy(), momenta[:0].copy(), 0, 0.0


def generate(rng: np.random.Generator, nu_pdg: int, cc: bool, energy: float) -> Interaction:
    """Let a neutrino interact with an argon nucleus.

    Parameters
    ----------
    rng : numpy.random.Generator
        All randomness comes from here: the same state gives the same event.
    nu_pdg : int
        12, 14, 16 or their negatives.
    cc : bool
        Charged or neutral current.
    energy : float
        Neutrino energy in GeV.

    Raises
    ------
    NuLensError
        If the code is not a neutrino's, or the energy is outside `ENERGY_RANGE` or below the
        threshold of the process.
    """
    if abs(nu_pdg) not in (12, 14, 16):
        raise NuLensError(
            f"{nu_pdg} is not the PDG code of a neutrino.", "Use 12, 14 or 16, or their negatives."
        )
    low, high = ENERGY_RANGE
    if not low <= energy <= high:
        raise NuLensError(
            f"A neutrino energy of {energy:g} GeV is outside {low:g} to {high:g} GeV.",
            "Choose an energy in that range.",
        )
    sigma, largest = mode_shares.tables()
    lepton = mode_shares.lepton_row(nu_pdg, cc)
    sign = 1 if nu_pdg > 0 else -1
    lepton_pdg = nu_pdg - sign if cc else nu_pdg
    number, q2, w, out, codes, momenta, leading, missing = _event(
        rng, lepton, lepton_pdg, nu_pdg < 0, float(energy), sigma, largest
    )
    if number < 0:
        raise NuLensError(
            f"A neutrino {nu_pdg} of {energy:g} GeV is below the threshold of this interaction.",
            "Choose a higher energy.",
        )
    particles = np.empty(len(codes), dtype=PARTICLE)
    particles["pdg"] = codes
    for i, name in enumerate(("px", "py", "pz", "e")):
        particles[name] = momenta[:, i]
    nu = energy - float(out[3])
    return Interaction(
        nu_pdg=int(nu_pdg),
        cc=bool(cc),
        energy=float(energy),
        mode=MODES[number],
        q2=float(q2),
        w=float(w),
        x=float(q2 / (2.0 * M_NUCLEON * nu)) if nu > 0.0 else float("nan"),
        y=nu / energy,
        lepton_energy=float(out[3]),
        particles=particles,
        missing_energy=float(missing),
        tau_decay=_tau_decay(codes[:leading]) if abs(lepton_pdg) == 15 else None,
    )


def _tau_decay(codes: npt.NDArray[np.int64]) -> str:
    first = abs(int(codes[0]))
    return {11: "e", 13: "mu"}.get(first, "hadrons")
