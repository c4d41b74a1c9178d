"""Measure the topology of an event from its views alone."""

from __future__ import annotations

import math

import numpy as np

from classifier.events import Event
from classifier.topology.charge import (
    Ray,
    initial_dedx,
    track_dedx,
    vertex_activity,
    visible_energy,
)
from classifier.topology.matching import Track
from classifier.topology.reconstruction import MIP_DEDX, Reconstruction, reconstruct
from classifier.topology.result import Topology
from classifier.topology.shape import measure_shape
from classifier.topology.shower_matching import SpaceShower
from classifier.topology.showers import axis

MIN_SHOWER_MEV = 30.0
"""Smallest deposit that is called a shower: the critical energy of argon is 32.8 MeV (PDG)."""
MIN_TRACK_CM = 5.0
MUON_LIKE_CM = 50.0
MUON_LIKE_LEAVING_CM = 20.0
"""Shortest muon-like track that stops inside, and that leaves, the images."""
STEM_POINTS = 16
"""Points that give the direction in which a shower starts: 8 cm."""
PRONG_DEGREES = 10.0
"""Prongs closer than this are one in a view."""


def measure(event: Event) -> Topology:
    """Measure what the picture of an event shows.

    Parameters
    ----------
    event : Event
        Any geometry; its truth is not looked at.

    Returns
    -------
    Topology
        Lengths in cm, deposits in MeV. Without hits all counts are zero. In a geometry without a
        charge calibration deposits are NaN.
    """
    return summarise(event, reconstruct(event))


def summarise(event: Event, found: Reconstruction) -> Topology:
    """Turn what was found into numbers; see `Topology`."""
    projection = found.frame.projection
    calibration = projection.mev_per_unit
    tracks = [t for t in found.tracks if t.length_cm >= MIN_TRACK_CM]
    longest = tracks[0] if tracks else None
    showers = [s for s in found.whole_showers if not s.charge * calibration < MIN_SHOWER_MEV]
    scores = _shower_scores(found, calibration)
    shower_score = float(np.mean(scores)) if scores else 0.0
    leading = showers[0] if showers and shower_score >= 0.5 else None
    dedx = track_dedx(longest, calibration, event.geometry) if longest else None
    contained = not longest.leaves if longest else None
    rays: dict[int, Ray] = {}
    if leading is not None:
        rays = _shower_rays(leading, found)
    elif longest is not None:
        rays = _track_rays(longest)
    return Topology(
        n_hits=len(event.hits),
        visible_energy=visible_energy(event, calibration),
        n_prongs=_n_prongs(found),
        n_tracks=len(tracks),
        longest_track_cm=longest.length_cm if longest else 0.0,
        second_track_cm=tracks[1].length_cm if len(tracks) > 1 else 0.0,
        track_straightness=longest.straightness if longest else None,
        track_contained=contained,
        track_dedx=dedx,
        has_track=_muon_like(longest, contained, dedx),
        shower_score=shower_score,
        has_shower=leading is not None,
        n_showers=_n_showers(found, calibration) if leading is not None else 0,
        shower_energy=leading.charge * calibration if leading is not None else 0.0,
        vertex_gap_cm=leading.gap_cm if leading is not None else None,
        initial_dedx=initial_dedx(event, rays, calibration),
        vertex_activity=vertex_activity(event, found.vertex.position, projection),
        **measure_shape(event, found, tracks, showers, scores),
    )


def _shower_scores(found: Reconstruction, calibration: float) -> list[float]:
    """Return the score of the largest shower of each view."""
    scores = []
    for v, showers in enumerate(found.showers):
        if np.isfinite(found.vertex.position[v]).all():
            large = [s.score for s in showers if not s.charge * calibration < MIN_SHOWER_MEV]
            scores.append(large[0] if large else 0.0)
    return scores


def _n_showers(found: Reconstruction, calibration: float) -> int:
    """Count showers in each view; the median of the views that show any, at least 1."""
    counts = [
        sum(not s.charge * calibration < MIN_SHOWER_MEV for s in showers)
        for showers in found.showers
    ]
    return max(int(np.median([c for c in counts if c] or [0])), 1)


def _shower_rays(shower: SpaceShower, found: Reconstruction) -> dict[int, Ray]:
    """Return where the path of a shower starts in each view, at the same gap in all."""
    rays = {}
    for v, part in shower.parts.items():
        points = part.path.points
        reach = (points - found.vertex.position[v]) @ shower.axes[v]
        first = min(int((reach < shower.gap_cm / shower.stretch[v]).sum()), len(points) - 4)
        stem = points[max(first, 0) :][:STEM_POINTS]
        half = len(stem) // 2
        step = stem[half:].mean(axis=0) - stem[:half].mean(axis=0)
        size = float(np.hypot(*step))
        along = step / size if size > 0 else shower.axes[v]
        rays[v] = Ray(stem[0], along / shower.stretch[v])
    return rays


def _track_rays(track: Track) -> dict[int, Ray]:
    rays = {}
    for v, path in track.paths.items():
        step = np.array(axis(path))
        rays[v] = Ray(path.points[0], step / track.stretch[v])
    return rays


def _n_prongs(found: Reconstruction) -> int:
    """Count directions of prongs in the view that resolves most of them."""
    most = 0
    for v, showers in enumerate(found.showers):
        paths = [t.paths[v] for t in found.tracks if v in t.paths]
        paths += [s.path for s in showers]
        taken: list[float] = []
        for path in sorted((p for p in paths if p.from_vertex), key=lambda p: -p.length):
            angle = math.degrees(math.atan2(*axis(path)))
            apart = [abs((angle - other + 180) % 360 - 180) for other in taken]
            if min(apart, default=360.0) >= PRONG_DEGREES:
                taken.append(angle)
        most = max(most, len(taken))
    return most


def _muon_like(track: Track | None, contained: bool | None, dedx: float | None) -> bool:
    if track is None or dedx is None:
        return False
    long_enough = track.length_cm >= (MUON_LIKE_CM if contained else MUON_LIKE_LEAVING_CM)
    minimum_ionising = math.isnan(dedx) or dedx < 2.0 * MIP_DEDX
    return bool(long_enough and minimum_ionising and track.straightness > 0.9)
