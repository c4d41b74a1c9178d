"""The topology that a simulated picture truly shows, from its particles, for true captions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from classifier.events import Event
from classifier.topology.charge import Ray, initial_dedx, vertex_activity, visible_energy
from classifier.topology.measurement import MIN_SHOWER_MEV, MIN_TRACK_CM, PRONG_DEGREES
from classifier.topology.projection import Projection
from classifier.topology.result import Topology
from classifier.topology.seen_particles import CHARGED, SeenParticle, seen_particles
from nulens.errors import NuLensError

PRONG_CM = 2.0
SHOWER_ANGLE = 8.0
"""Showers that start together and are closer than this in degrees are one."""


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
    particles = seen_particles(event, projection, vertex)
    tracks = sorted(
        (p for p in particles if p.pdg in CHARGED and p.visible_cm > 0),
        key=lambda p: -p.visible_cm,
    )
    long_enough = [t for t in tracks if t.visible_cm >= MIN_TRACK_CM]
    longest = long_enough[0] if long_enough else None
    showers = _showers([p for p in particles if p.pdg in (11, 22)])
    leading = showers[0] if showers else None
    start = leading or longest
    rays = _rays(start, projection, vertex) if start else {}
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
        has_track=any(t.muon_like for t in long_enough),
        shower_score=1.0 if leading else 0.0,
        has_shower=leading is not None,
        n_showers=len(showers),
        shower_energy=leading.energy if leading else 0.0,
        vertex_gap_cm=float(np.linalg.norm(leading.start)) if leading else None,
        initial_dedx=initial_dedx(event, rays, projection.mev_per_unit),
        vertex_activity=vertex_activity(event, vertex, projection),
    )


def _n_prongs(particles: list[SeenParticle], projection: Projection) -> int:
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
            if min(apart, default=360.0) >= PRONG_DEGREES:
                taken.append(angle)
        most = max(most, len(taken))
    return most


def _showers(particles: list[SeenParticle]) -> list[SeenParticle]:
    """Return the separate showers, the largest first."""
    showers: list[SeenParticle] = []
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


def _rays(
    start: SeenParticle, projection: Projection, vertex: npt.NDArray[np.float64]
) -> dict[int, Ray]:
    """Return where a particle starts in each view and where it goes."""
    assert projection.axes is not None
    rays = {}
    for v, at in enumerate(vertex):
        if np.isfinite(at).all():
            flat = (projection.axes[v] @ start.direction) / projection.pitch[v]
            rays[v] = Ray(at + (projection.axes[v] @ start.start) / projection.pitch[v], flat)
    return rays
