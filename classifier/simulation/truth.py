"""The truth that goes with a simulated event.

`Truth.particles` has one row a particle, primaries (what leaves the nucleus) first, in the order
of the generator with the lepton or its decay products at the top, then particles that decays and
interactions made, where they left more than `SEEN` MeV. Columns:

========================== ==================================================================
``pdg``                    PDG code (neutrinos: 14; nuclear fragments: 1000020040)
``parent``                 row of the particle that it came from; -1 for a primary
``process``                0 primary, 1 decay, 2 hadronic interaction, 3 capture at rest
``px``, ``py``, ``pz``     momentum at the start, GeV; z horizontal along the beam, y up, x drift
``energy``                 total energy at the start, GeV
``start_x`` ... ``end_z``  start and end relative to the interaction, cm; for photons the end is
                           where they convert, for charged particles where they stop, decay,
                           interact or leave
``length_cm``              path length between them
``contained``              1 if the end is inside the active volume, else 0
``deposited``              MeV ionised by it and by what it made that has no row of its own
``charge_<view>``          map counts before saturation that it adds to the picture of that view
                           (``charge_u``, ``charge_v``, ``charge_z``; ``charge_xz``, ``charge_yz``)
========================== ==================================================================
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import EventClass, Geometry, Truth
from classifier.simulation.generator import Interaction
from classifier.simulation.species import MASS, PI_ZERO
from classifier.simulation.stepping import (
    R_CONTAINED,
    R_DEPOSITED,
    R_E,
    R_END,
    R_LENGTH,
    R_PARENT,
    R_PROCESS,
    R_PX,
    R_SPECIES,
    R_START,
)
from classifier.simulation.transport import Tracks, pdg_codes

SEEN = 5.0
"""MeV that a secondary particle must leave to get a row."""
THRESHOLDS = {"protons": 0.050, "charged_pions": 0.020, "neutral_pions": 0.0, "neutrons": 0.050}
"""Kinetic energy in GeV from which final-state particles are counted."""
_CODES = {"protons": (2212,), "charged_pions": (211, -211), "neutral_pions": (111,)}
_CODES["neutrons"] = (2112,)


def particle_table(
    tracks: Tracks,
    n_primaries: int,
    seen: npt.NDArray[np.float64],
    owner: npt.NDArray[np.int64],
    geometry: Geometry,
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Make the table of particles, and tell the row of the one that each piece belongs to.

    Parameters
    ----------
    tracks : Tracks
    n_primaries : int
        Number of particles that left the nucleus.
    seen : ndarray, shape (n, n_views)
        Counts of each piece of charge, as the readout returns them.
    owner : ndarray of int, shape (n,)
        The record that each piece belongs to.
    geometry : Geometry
    """
    records = tracks.records
    keep = (np.arange(len(records)) < n_primaries) | (records[:, R_DEPOSITED] > SEEN)
    keep |= records[:, R_SPECIES] == PI_ZERO
    parents = records[:, R_PARENT].astype(np.int64)
    # A parent comes before its daughters, so that going backwards keeps all ancestors.
    for i in range(len(records) - 1, -1, -1):
        if keep[i] and parents[i] >= 0:
            keep[parents[i]] = True
    row = np.cumsum(keep) - 1
    # Charge of a record without a row counts for the next ancestor that has one.
    holder = np.arange(len(records))
    for i in range(len(records)):
        if not keep[i]:
            holder[i] = holder[parents[i]]
    chosen = records[keep]
    columns: dict[str, npt.NDArray[np.generic]] = {
        "pdg": pdg_codes(chosen).astype(np.int32),
        "parent": np.where(parents[keep] >= 0, row[parents[keep]], -1).astype(np.int16),
        "process": chosen[:, R_PROCESS].astype(np.int8),
    }
    for i, name in enumerate(("px", "py", "pz")):
        columns[name] = (chosen[:, R_PX + i] / 1e3).astype(np.float32)
    columns["energy"] = (chosen[:, R_E] / 1e3).astype(np.float32)
    for i, name in enumerate("xyz"):
        columns[f"start_{name}"] = chosen[:, R_START + i].astype(np.float32)
    for i, name in enumerate("xyz"):
        columns[f"end_{name}"] = chosen[:, R_END + i].astype(np.float32)
    columns["length_cm"] = chosen[:, R_LENGTH].astype(np.float32)
    columns["contained"] = chosen[:, R_CONTAINED].astype(np.int8)
    deposited = np.bincount(holder, weights=records[:, R_DEPOSITED], minlength=len(records))
    columns["deposited"] = deposited[keep].astype(np.float32)
    place = row[holder[owner]] if len(records) else owner
    for number, view in enumerate(geometry.views):
        counts = np.bincount(place, weights=seen[:, number], minlength=len(chosen))
        columns[f"charge_{view.name.lower()}"] = counts.astype(np.float32)
    return pd.DataFrame(columns), place


def count_particles(table: pd.DataFrame) -> dict[str, int]:
    """Count the primaries above `THRESHOLDS`."""
    primary = table[table["parent"] < 0]
    pdg = primary["pdg"].to_numpy()
    masses = dict(zip((2212, 211, -211, 111, 2112), MASS[[12, 6, 7, 5, 13]], strict=True))
    kinetic = primary["energy"].to_numpy() - np.array([masses.get(int(p), 0.0) for p in pdg]) / 1e3
    return {
        name: int(np.sum(np.isin(pdg, _CODES[name]) & (kinetic >= threshold)))
        for name, threshold in THRESHOLDS.items()
    }


def truth_of(
    label: EventClass,
    interaction: Interaction | None,
    vertex: npt.NDArray[np.float64],
    particles: pd.DataFrame,
    sources: npt.NDArray[np.uint8],
) -> Truth:
    """Put together what is known of an event; cosmic rays have no interaction."""
    if interaction is None:
        return Truth(label=label, particles=particles, sources=sources)
    return Truth(
        label=label,
        energy=interaction.energy,
        lepton_energy=interaction.lepton_energy,
        mode=interaction.mode,
        nu_pdg=interaction.nu_pdg,
        vertex=vertex,
        particles=particles,
        sources=sources,
        **count_particles(particles),
    )
