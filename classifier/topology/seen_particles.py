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
    distances: Array | None = None
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
        seen = inside
        if not column["contained"][i]:
            # It was followed beyond the active volume; its picture ends where its hits do.
            distances = _distances(event) if distances is None else distances
            traced = _share_seen(start[i], end[i], distances, projection, vertex)
            seen = np.minimum(inside, traced)
        visible = length * float(seen.max())
        leaves = bool((inside < np.minimum(0.999, seen + 0.02)).any())
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


def _distances(event: Event) -> npt.NDArray[np.float64]:
    """Return the distance of each pixel to the nearest hit of its view, in pixels."""
    from scipy.ndimage import distance_transform_edt

    return np.stack([distance_transform_edt(view == 0) for view in event.views])


def _share_seen(
    start: Array, end: Array, distances: Array, projection: Projection, vertex: Array
) -> npt.NDArray[np.float64]:
    """Return the share of a straight line up to where hits along it end, in each view.

    Hits may lie beside it, the farther along the more: tracks scatter. A gap of 15 cm ends it.
    """
    assert projection.axes is not None
    length = float(np.linalg.norm(end - start))
    n = max(int(length), 2)
    points = start + np.linspace(0.0, 1.0, n)[:, None] * (end - start)
    beside = np.minimum(3.0 + 0.1 * np.arange(n), 25.0)
    shares = np.zeros(len(distances))
    for v, distance in enumerate(distances):
        if not np.isfinite(vertex[v]).all():
            continue
        at = np.rint(vertex[v] + (points @ projection.axes[v].T) / projection.pitch[v])
        pixel = at.astype(np.int64)
        inside = ((pixel >= 0) & (pixel < distance.shape)).all(axis=1)
        there = np.zeros(n, dtype=bool)
        there[inside] = distance[tuple(pixel[inside].T)] <= beside[inside]
        last = 0
        for k in np.flatnonzero(there):
            if k - last > 15:
                break
            last = int(k)
        shares[v] = last / (n - 1)
    return shares
