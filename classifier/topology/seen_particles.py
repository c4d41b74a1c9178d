"""The particles of a simulated event as its picture shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry
from classifier.topology.measurement import MUON_LIKE_CM, MUON_LIKE_LEAVING_CM
from classifier.topology.projection import Projection

CHARGED = (13, 211, 321, 2212, 3112, 3222, 3312, 3334, 1000010020)
"""PDG codes of what makes tracks: muons, pions, kaons, protons, charged hyperons, deuterons."""
MUON_LIKE = (13, 211)
VERTEX_CM = 2.0
"""What starts within this distance starts at the vertex: four pixels."""
SAME_TRACK_DEGREES = 15.0
"""A secondary that goes on within this angle of what made it is the same track to the eye."""

FARTHEST_GAP_CM = 15

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class SeenParticle:
    """A particle, or what looks like one, as the picture shows it.

    Attributes
    ----------
    pdg : int
        Unsigned PDG code.
    start, direction, end : ndarray of float, shape (3,)
        In cm, relative to the vertex; start and end of a photon are where it converts.
    length_cm, visible_cm : float
        Whole, and inside the image that shows most of it.
    leaves : bool
        Whether it leaves an image.
    straightness : float
        Distance between its ends over its length.
    dedx : float
        Mean loss in MeV/cm.
    energy : float
        Deposit in MeV of its charge in the view that shows most of it.
    at_vertex : bool
    muon_like : bool
        Whether it is a muon or a charged pion that is long enough to be called muon-like.
    """

    pdg: int
    start: npt.NDArray[np.float64]
    direction: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    length_cm: float
    visible_cm: float
    leaves: bool
    straightness: float
    dedx: float
    energy: float
    at_vertex: bool
    muon_like: bool


def seen_particles(event: Event, projection: Projection, vertex: Array) -> list[SeenParticle]:
    """Take the particles of the truth table that the picture shows.

    A track that an interaction hardly deflects is one track, whatever goes on in its direction.

    Parameters
    ----------
    event : Event
    projection : Projection
        With known axes.
    vertex : ndarray of float, shape (n_views, 2)
        The true one.
    """
    geometry = event.geometry
    assert event.truth is not None
    table = event.truth.particles
    assert table is not None
    column = {name: table[name].to_numpy() for name in table.columns}
    start = np.stack([column[f"start_{a}"] for a in "xyz"], axis=1).astype(np.float64)
    end = np.stack([column[f"end_{a}"] for a in "xyz"], axis=1).astype(np.float64)
    momentum = np.stack([column[f"p{a}"] for a in "xyz"], axis=1).astype(np.float64)
    charges = np.stack([column[f"charge_{v.name.lower()}"] for v in geometry.views], axis=1)
    energy = charges.max(axis=1) * projection.mev_per_unit
    nearest: list[tuple[Array, Array]] | None = None
    found: dict[int, SeenParticle] = {}
    for i, code in enumerate(np.abs(column["pdg"])):
        pdg = int(code)
        if pdg not in CHARGED and pdg not in (11, 22):
            continue
        parent = int(column["parent"][i])
        # The electron of a muon's decay is the end of a track, not a shower of its own.
        if pdg == 11 and parent >= 0 and abs(int(column["pdg"][parent])) in (13, 211):
            continue
        size = float(np.linalg.norm(momentum[i]))
        if size == 0 or energy[i] <= 0:
            continue
        direction = momentum[i] / size
        length = float(column["length_cm"][i])
        begins = end[i] if pdg == 22 else start[i]
        step = end[i] - start[i]
        chord = float(np.linalg.norm(step))
        inside = _share_inside(start[i], end[i], geometry, projection, vertex)
        seen, leaving = inside, inside < 0.999
        if not column["contained"][i] or leaving.any():
            # It scatters, and may be followed beyond the active volume: its picture tells.
            nearest = _nearest_hits(event) if nearest is None else nearest
            seen, leaving = _traced(start[i], end[i], nearest, projection, vertex)
        visible = length * float(seen.max())
        leaves = bool(leaving.any())
        found[i] = SeenParticle(
            pdg=pdg,
            start=begins,
            direction=direction,
            end=end[i],
            length_cm=length,
            visible_cm=visible,
            leaves=leaves,
            straightness=min(chord / length, 1.0) if length > 0 else 1.0,
            dedx=float(column["deposited"][i]) / length if length > 0 else 0.0,
            energy=float(energy[i]),
            at_vertex=float(np.linalg.norm(begins)) < VERTEX_CM,
            muon_like=pdg in MUON_LIKE
            and visible >= (MUON_LIKE_LEAVING_CM if leaves else MUON_LIKE_CM),
        )
    return _joined(found, column["parent"])


def _joined(found: dict[int, SeenParticle], parent: Array) -> list[SeenParticle]:
    """Join each track with the secondary that goes straight on, the last ones first."""
    found = dict(found)
    for i in sorted(found, reverse=True):
        first = found[i]
        if first.pdg not in CHARGED or first.visible_cm < 0.99 * first.length_cm:
            continue
        step = first.end - first.start
        size = float(np.linalg.norm(step))
        onward = [
            j
            for j, p in found.items()
            if parent[j] == i
            and p.pdg in CHARGED
            and float(p.direction @ step) > math.cos(math.radians(SAME_TRACK_DEGREES)) * size
            and float(np.linalg.norm(p.start - first.end)) < 1.0
        ]
        if size > 0 and onward:
            found[i] = _one(first, found.pop(max(onward, key=lambda j: found[j].visible_cm)))
    return list(found.values())


def _one(first: SeenParticle, second: SeenParticle) -> SeenParticle:
    """Return a track and its continuation as one."""
    length = first.length_cm + second.length_cm
    deposit = first.dedx * first.length_cm + second.dedx * second.length_cm
    return replace(
        first,
        end=second.end,
        length_cm=length,
        visible_cm=first.visible_cm + second.visible_cm,
        leaves=second.leaves,
        straightness=min(float(np.linalg.norm(second.end - first.start)) / length, 1.0),
        dedx=deposit / length,
        energy=first.energy + second.energy,
        muon_like=first.muon_like or second.muon_like,
    )


def _share_inside(
    start: Array, end: Array, geometry: Geometry, projection: Projection, vertex: Array
) -> npt.NDArray[np.float64]:
    """Return the share of a straight line that lies in the image of each view."""
    assert projection.axes is not None
    points = start + np.linspace(0.0, 1.0, 101)[:, None] * (end - start)
    shares = np.zeros(geometry.n_views)
    for v in range(geometry.n_views):
        if not np.isfinite(vertex[v]).all():
            continue
        at = vertex[v] + (points @ projection.axes[v].T) / projection.pitch[v]
        shares[v] = ((at >= -0.5) & (at < np.array(geometry.shape) - 0.5)).all(axis=1).mean()
    return shares


def _nearest_hits(event: Event) -> list[tuple[Array, Array]]:
    """Return, for each pixel of each view, the distance to the nearest hit, and where that is."""
    from scipy.ndimage import distance_transform_edt

    return [distance_transform_edt(view == 0, return_indices=True) for view in event.views]


def _traced(
    start: Array,
    end: Array,
    nearest: list[tuple[Array, Array]],
    projection: Projection,
    vertex: Array,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the share of a track up to where its hits end, in each view, and whether it leaves.

    The track is followed in steps of 1 cm from its start, beside the straight line to its end by
    what its hits tell: tracks scatter. A gap of 15 cm ends it.
    """
    assert projection.axes is not None
    n = max(int(np.linalg.norm(end - start)), 2)
    points = start + np.linspace(0.0, 1.0, n)[:, None] * (end - start)
    shares = np.zeros(len(nearest))
    leaves = np.zeros(len(nearest), dtype=bool)
    for v, (distance, place) in enumerate(nearest):
        if not np.isfinite(vertex[v]).all():
            continue
        line = vertex[v] + (points @ projection.axes[v].T) / projection.pitch[v]
        beside = np.zeros(2)
        last = 0
        for k in range(n):
            row, column = np.rint(line[k] + beside).astype(np.int64)
            if not (0 <= row < distance.shape[0] and 0 <= column < distance.shape[1]):
                leaves[v] = k - last <= FARTHEST_GAP_CM
                break
            if distance[row, column] <= 3.0 + 0.02 * k:
                beside += 0.2 * (place[:, row, column] - line[k] - beside)
                last = k
            elif k - last > FARTHEST_GAP_CM:
                break
        shares[v] = last / (n - 1)
    return shares, leaves
