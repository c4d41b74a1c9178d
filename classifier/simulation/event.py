"""One simulated event: interaction, tracking, detector, truth; a pure function of its seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.events import DUNE_FD_HD, MODULAR_PIXEL, EventClass, Geometry, Hits, Truth
from classifier.simulation import pixel_readout, wire_readout
from classifier.simulation.cosmics import draw_muon, overlay
from classifier.simulation.detector import FAR_DETECTOR, MODULAR, Detector, drift
from classifier.simulation.flux import draw_neutrino
from classifier.simulation.generator import Interaction, generate
from classifier.simulation.sources import MUON, hit_sources, kinds
from classifier.simulation.species import species_of
from classifier.simulation.transport import track
from classifier.simulation.truth import particle_table, truth_of

DETECTORS: dict[str, tuple[Geometry, Detector]] = {
    DUNE_FD_HD.name: (DUNE_FD_HD, FAR_DETECTOR),
    MODULAR_PIXEL.name: (MODULAR_PIXEL, MODULAR),
}
MIN_HITS = 20
"""Pixels in all views that an event must leave; emptier ones are drawn again."""


@dataclass(frozen=True)
class SimulatedEvent:
    """What the driver writes."""

    hits: Hits
    truth: Truth


def _label(nu_pdg: int, cc: bool) -> EventClass:
    if not cc:
        return EventClass.NC
    flavours = {12: EventClass.NUE_CC, 14: EventClass.NUMU_CC, 16: EventClass.NUTAU_CC}
    return flavours[abs(nu_pdg)]


def _final_state(
    rng: np.random.Generator, interaction: Interaction
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Species and momenta in MeV, along the detector's axes."""
    particles = interaction.particles
    species = np.array([species_of(int(pdg), rng.random()) for pdg in particles["pdg"]])
    momenta = np.stack([particles[name] for name in ("px", "py", "pz", "e")], axis=1) * 1e3
    return species, momenta


def simulate_event(
    rng: np.random.Generator,
    geometry: str,
    flux: str,
    label: str | None = None,
    dead: float = 0.0,
    cosmics: float = 0.0,
) -> SimulatedEvent:
    """Simulate one event.

    Parameters
    ----------
    rng : numpy.random.Generator
        All randomness comes from here.
    geometry : {'dune-fd-hd', 'modular-pixel'}
    flux : {'uniform', 'dune'}
    label : str, optional
        Class of the event; without it, classes come as the flux makes them.
    dead : float
        Share of the readout's channels that see nothing.
    cosmics : float
        Mean number of cosmic-ray muons that are overlaid.
    """
    while True:
        if label == EventClass.COSMIC:
            detector = DETECTORS[geometry][1]
            start, species, momenta = draw_muon(rng, detector)
            event = _detect(
                rng, geometry, EventClass.COSMIC, None, start, species, momenta, dead, cosmics
            )
        else:
            nu_pdg, cc, energy = draw_neutrino(rng, flux, label)
            interaction = generate(rng, nu_pdg, cc, energy)
            event = simulate_interaction(rng, geometry, interaction, dead, cosmics)
        if event is not None:
            return event


def simulate_interaction(
    rng: np.random.Generator,
    geometry: str,
    interaction: Interaction,
    dead: float = 0.0,
    cosmics: float = 0.0,
) -> SimulatedEvent | None:
    """Put an interaction somewhere in a detector; None if it leaves too little to make a picture.

    Parameters
    ----------
    rng : numpy.random.Generator
    geometry : {'dune-fd-hd', 'modular-pixel'}
    interaction : Interaction
    dead : float
        Share of the readout's channels that see nothing.
    cosmics : float
        Mean number of cosmic-ray muons that are overlaid.
    """
    detector = DETECTORS[geometry][1]
    low, high = detector.fiducial.T
    vertex = low + (high - low) * rng.random(3)
    species, momenta = _final_state(rng, interaction)
    label = _label(interaction.nu_pdg, interaction.cc)
    return _detect(rng, geometry, label, interaction, vertex, species, momenta, dead, cosmics)


def _detect(
    rng: np.random.Generator,
    geometry: str,
    label: EventClass,
    interaction: Interaction | None,
    vertex: npt.NDArray[np.float64],
    species: npt.NDArray[np.int64],
    momenta: npt.NDArray[np.float64],
    dead: float,
    cosmics: float,
) -> SimulatedEvent | None:
    shape, detector = DETECTORS[geometry]
    tracks = track(rng, species, momenta, detector.volume - vertex[:, None])
    charge = drift(tracks.deposits, vertex, detector)
    own = len(charge)
    if cosmics > 0.0:
        charge = np.concatenate([charge, overlay(rng, detector, cosmics)])
    readout = wire_readout if shape is DUNE_FD_HD else pixel_readout
    hits, places, seen, pixels = readout.read_out(rng, charge, vertex, dead=dead)
    if len(hits) < MIN_HITS:
        return None
    owner = charge[:own, 9].astype(np.int64)
    # Overlaid muons are no part of the truth, but what they leave is known as a muon's.
    table, row = particle_table(tracks, len(species), seen[:own], owner, shape)
    kind = np.full(len(charge), MUON, np.uint8)
    kind[:own] = kinds(table)[row]
    sources = hit_sources(hits, shape, pixels, seen, kind)
    return SimulatedEvent(hits, truth_of(label, interaction, places, table, sources))
