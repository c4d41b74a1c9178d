"""The topology that a simulated picture truly shows, from its particles, for true captions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry
from classifier.topology.measurement import (
    MIN_SHOWER_MEV,
    MIN_TRACK_CM,
    MUON_LIKE_CM,
    MUON_LIKE_LEAVING_CM,
    START_CM,
    VERTEX_RADIUS_CM,
    visible_energy,
)
from classifier.topology.projection import Projection
from classifier.topology.result import Topology
from nulens.errors import NuLensError

CHARGED = (13, 211, 321, 2212, 3112, 3222, 3312, 3334, 1000010020)
"""PDG codes of what makes tracks: muons, pions, kaons, protons, charged hyperons, deuterons."""
MUON_LIKE = (13, 211)
PRONG_CM = 2.0
PRONG_ANGLE = 10.0
"""Prongs closer than this in degrees are one in a view; the measurement resolves 7.5."""
SHOWER_ANGLE = 8.0
"""Showers that start together and are closer than this in degrees are one."""
TUBE_PIXELS = 1.5
"""Half width in pixels of the tube around a true axis in which charge at its start is summed."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class _Particle:
    """A particle as the picture shows it: start, direction and length relative to the vertex."""

    pdg: int
    start: npt.NDArray[np.float64]
    direction: npt.NDArray[np.float64]
    length_cm: float
    visible_cm: float
    leaves: bool
    straightness: float
    dedx: float
    energy: float
    at_vertex: bool


def true_topology(event: Event) -> Topology:
    """Return what the picture of a simulated event shows, by its truth.

    Lengths are those inside the images. What depends on charge close to the vertex
    (``initial_dedx``, ``vertex_activity``) is the picture's own charge, summed where truth puts
    vertex and axis: no particle's share can be told from another's there.

    Parameters
    ----------
    event : Event
        With ``truth.particles``; columns as in `classifier.simulation.truth`.

    Returns
    -------
    Topology

    Raises
    ------
    NuLensError
        If truth or its particles are missing.
    """
    truth = event.truth
    if truth is None or truth.particles is None or truth.vertex is None:
        raise NuLensError(
            f"Event {event.index} ({event.id}) has no true particles.",
            "Use events that nulens simulate made.",
        )
    projection = Projection.of(event.geometry)
    if projection.axes is None:
        raise NuLensError(
            f"It is not known how the views of {event.geometry.name} lie in space.",
            "Use events of dune-fd-hd or modular-pixel.",
        )
    vertex = np.asarray(truth.vertex, dtype=np.float64)
    particles = _particles(event, projection, vertex)
    tracks = sorted(
        (p for p in particles if p.pdg in CHARGED and p.visible_cm > 0),
        key=lambda p: -p.visible_cm,
    )
    long_enough = [t for t in tracks if t.visible_cm >= MIN_TRACK_CM]
    longest = long_enough[0] if long_enough else None
    showers = _showers([p for p in particles if p.pdg in (11, 22)])
    leading = showers[0] if showers else None
    start = leading or longest
    return Topology(
        n_hits=len(event.hits),
        visible_energy=visible_energy(event, projection.mev_per_unit),
        n_prongs=_n_prongs(particles, projection),
        n_tracks=len(long_enough),
        longest_track_cm=longest.visible_cm if longest else 0.0,
        second_track_cm=long_enough[1].visible_cm if len(long_enough) > 1 else 0.0,
        track_straightness=longest.straightness if longest else None,
        track_contained=not longest.leaves if longest else None,
        track_dedx=longest.dedx if longest else None,
        has_track=any(_muon_like(t) for t in long_enough),
        shower_score=1.0 if leading else 0.0,
        has_shower=leading is not None,
        n_showers=len(showers),
        shower_energy=leading.energy if leading else 0.0,
        vertex_gap_cm=float(np.linalg.norm(leading.start)) if leading else None,
        initial_dedx=_initial_dedx(event, start, projection, vertex) if start else None,
        vertex_activity=_activity(event, projection, vertex),
    )


def _muon_like(track: _Particle) -> bool:
    least = MUON_LIKE_LEAVING_CM if track.leaves else MUON_LIKE_CM
    return track.pdg in MUON_LIKE and track.visible_cm >= least


def _particles(event: Event, projection: Projection, vertex: Array) -> list[_Particle]:
    """Take the particles of the table that the picture shows."""
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
    found = []
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
        found.append(
            _Particle(
                pdg=pdg,
                start=begins,
                direction=direction,
                length_cm=length,
                visible_cm=length * float(seen.max()),
                leaves=bool((inside < np.minimum(0.999, seen + 0.02)).any()),
                straightness=min(chord / length, 1.0) if length > 0 else 1.0,
                dedx=float(column["deposited"][i]) / length if length > 0 else 0.0,
                energy=float(energy[i]),
                at_vertex=float(np.linalg.norm(begins)) < PRONG_CM,
            )
        )
    return found


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


def _n_prongs(particles: list[_Particle], projection: Projection) -> int:
    """Count the directions that the view which parts them best shows apart."""
    assert projection.axes is not None
    most = 0
    for v in range(len(projection.axes)):
        taken: list[float] = []
        for p in sorted(particles, key=lambda p: -p.energy):
            if not p.at_vertex:
                continue
            flat = projection.axes[v] @ p.direction
            reach = p.visible_cm if p.pdg in CHARGED else 0.3 * p.energy
            if reach * float(np.hypot(*flat)) < PRONG_CM:
                continue
            angle = math.degrees(math.atan2(flat[1], flat[0]))
            apart = [abs((angle - other + 180) % 360 - 180) for other in taken]
            if min(apart, default=360.0) >= PRONG_ANGLE:
                taken.append(angle)
        most = max(most, len(taken))
    return most


def _showers(particles: list[_Particle]) -> list[_Particle]:
    """Return the separate showers, the largest first."""
    showers: list[_Particle] = []
    for p in sorted(particles, key=lambda p: -p.energy):
        if p.energy < MIN_SHOWER_MEV:
            continue
        one_of_them = any(
            float(p.direction @ s.direction) > math.cos(math.radians(SHOWER_ANGLE))
            and float(np.linalg.norm(p.start - s.start)) < 10.0
            for s in showers
        )
        if not one_of_them:
            showers.append(p)
    return showers


def _initial_dedx(
    event: Event, start: _Particle, projection: Projection, vertex: Array
) -> float | None:
    """Sum the picture's charge around the true axis over the first 3 cm, in MeV/cm."""
    assert projection.axes is not None
    hits = event.hits
    losses, weights = [], []
    for v in range(event.geometry.n_views):
        if not np.isfinite(vertex[v]).all():
            continue
        flat = (projection.axes[v] @ start.direction) / projection.pitch[v]
        size = float(np.hypot(*flat))
        if size * START_CM < 2.0:
            continue  # the axis points at the viewer
        at = vertex[v] + (projection.axes[v] @ start.start) / projection.pitch[v]
        here = hits.view == v
        offset = np.stack([hits.row[here], hits.column[here]], axis=1).astype(np.float64) - at
        along = offset @ flat / size
        across = np.abs(offset[:, 0] * flat[1] - offset[:, 1] * flat[0]) / size
        skipped = 0.5 * size
        inside = (along >= skipped) & (along < skipped + START_CM * size) & (across <= TUBE_PIXELS)
        total = float(hits.value[here][inside].sum(dtype=np.float64))
        if total > 0:
            losses.append(total * projection.mev_per_unit / START_CM)
            wires = event.geometry.views[v].row_axis == "wire"
            weights.append(max(abs(flat[0]) / size, 0.05) ** 2 if wires else 1.0)
    return float(np.average(losses, weights=weights)) if losses else None


def _activity(event: Event, projection: Projection, vertex: Array) -> float:
    """Sum the picture's charge within 5 cm of the true vertex, mean of the views, in MeV."""
    hits = event.hits
    sums = []
    for v in range(event.geometry.n_views):
        if not np.isfinite(vertex[v]).all():
            continue
        here = hits.view == v
        offset = np.stack([hits.row[here], hits.column[here]], axis=1).astype(np.float64)
        distance = np.hypot(*((offset - vertex[v]) * projection.pitch[v]).T)
        near = hits.value[here][distance <= VERTEX_RADIUS_CM]
        sums.append(float(near.sum(dtype=np.float64)))
    return float(np.mean(sums)) * projection.mev_per_unit if sums else 0.0
