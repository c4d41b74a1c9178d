"""Find the vertex, the tracks and the showers of an event in its views."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event
from classifier.topology.joining import cut_at_kinks, extend, join, trace_back
from classifier.topology.matching import BORDER, Frame, Track, match
from classifier.topology.paths import Path, Tracer, mark
from classifier.topology.projection import Projection
from classifier.topology.shower_matching import SpaceShower, ViewHits, match_showers
from classifier.topology.showers import Shower, absorb, axis, features, score
from classifier.topology.vertex import (
    Proposals,
    Vertex,
    align,
    choose,
    crowded,
    propose,
)

MIP_DEDX = 2.1
"""Mean loss of a minimum-ionising particle in argon in MeV/cm (PDG)."""
SHOWER_LIKE = 0.5
"""Score from which a path is the axis of a shower."""
STEM_PIXELS = 60.0
"""Longest track that can be the stem of a shower: 30 cm, two radiation lengths (PDG: 14.0 cm)."""
STEM_GAP_PIXELS = 20.0
STEM_COSINE = 0.96
MOST_DETACHED = 20
CENTRED = frozenset({"modular-pixel"})
"""Geometries whose crop centres on the interaction."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Reconstruction:
    """What was found, object by object; `classifier.topology.measure` turns it into numbers.

    Attributes
    ----------
    vertex : Vertex
    tracks : tuple of Track
        Longest first.
    showers : tuple of tuples of Shower, one per view
        Largest charge first.
    judged : tuple of tuples of Shower, one per view
        All paths as they were traced, with their scores, tracks too.
    whole_showers : tuple of SpaceShower
        Showers joined across views, largest charge first.
    frame : Frame
        What joins the views.
    paths : tuple of ndarray of bool, shape (H, W), one per view
        Pixels of tracks and of the axes of showers.
    mip : float
        Charge per pixel of a minimum-ionising particle.
    """

    vertex: Vertex
    tracks: tuple[Track, ...]
    showers: tuple[tuple[Shower, ...], ...]
    judged: tuple[tuple[Shower, ...], ...]
    whole_showers: tuple[SpaceShower, ...]
    frame: Frame
    paths: tuple[Array, ...]
    mip: float


@dataclass(frozen=True)
class _Pixels:
    """One view, as a list of hits and as images."""

    rows: Array
    columns: Array
    charges: Array
    charge: Array
    keep: Array

    @classmethod
    def of(cls, event: Event, view: int) -> _Pixels:
        hits = event.hits
        here = (hits.view == view) & (hits.value > 0) & (hits.value < np.inf)
        rows, columns = (
            hits.row[here].astype(np.int64),
            hits.column[here].astype(np.int64),
        )
        values = hits.value[here].astype(np.float64)
        charge = np.zeros(event.geometry.shape, dtype=np.float32)
        charge[rows, columns] = values
        return cls(rows, columns, values, charge, crowded(charge, rows, columns, 6, 3))

    @cached_property
    def kept(self) -> tuple[Array, Array, Array]:
        """Rows, columns and values of the hits that are not isolated."""
        kept = self.keep[self.rows, self.columns]
        return self.rows[kept], self.columns[kept], self.charges[kept]


def reconstruct(event: Event, vertex: Vertex | None = None) -> Reconstruction:
    """Find vertex, tracks and showers of an event.

    Parameters
    ----------
    event : Event
        Its truth is not looked at.
    vertex : Vertex, optional
        Where the vertex is; found from the views by default.

    Returns
    -------
    Reconstruction
    """
    projection = Projection.of(event.geometry)
    views = [_Pixels.of(event, v) for v in range(event.geometry.n_views)]
    shifts = _shifts(event, views, projection)
    if vertex is None:
        made = _propose(event, views, projection, shifts)
        prior = event.geometry.vertex if event.geometry.name in CENTRED else None
        vertex = choose(made, len(views), prior)
    mip = _mip_charge(projection)
    track_paths: list[list[Path]] = []
    showers: list[tuple[Shower, ...]] = []
    judged: list[tuple[Shower, ...]] = []
    for view, at in zip(views, vertex.position, strict=True):
        paths, large, all_of_them = _view(view, at, mip)
        track_paths.append(paths)
        showers.append(large)
        judged.append(all_of_them)
    frame = Frame(projection, event.geometry.shape, shifts, vertex.position[:, 0] > 10 * BORDER)
    hits = [_without_tracks(v, paths) for v, paths in zip(views, track_paths, strict=True)]
    covered = []
    for rest, large in zip(hits, showers, strict=True):
        pixels = rest.tracks.copy()
        for shower in large:
            mark(pixels, shower.path.points, 0)
        covered.append(pixels)
    return Reconstruction(
        vertex,
        tuple(match(track_paths, frame)),
        tuple(showers),
        tuple(judged),
        tuple(match_showers(showers, hits, vertex.position, frame)),
        frame,
        tuple(covered),
        mip,
    )


def proposals(event: Event) -> Proposals:
    """Return what may be the vertex of an event, for the training of the choice."""
    projection = Projection.of(event.geometry)
    views = [_Pixels.of(event, v) for v in range(event.geometry.n_views)]
    return _propose(event, views, projection, _shifts(event, views, projection))


def _shifts(event: Event, views: list[_Pixels], projection: Projection) -> npt.NDArray[np.int64]:
    if event.geometry.name in CENTRED or projection.common_axis is None:
        return np.zeros(len(views), dtype=np.int64)
    axis = projection.common_axis
    return align([view.kept for view in views], axis, event.geometry.shape[axis])


def _propose(
    event: Event,
    views: list[_Pixels],
    projection: Projection,
    shifts: npt.NDArray[np.int64],
) -> Proposals:
    geometry = event.geometry
    return propose(
        [view.keep for view in views],
        [view.kept for view in views],
        common_axis=1 if projection.common_axis is None else projection.common_axis,
        beam_axis=geometry.beam_axis,
        prior=geometry.vertex,
        centred=geometry.name in CENTRED,
        shifts=shifts,
        mip=_mip_charge(projection),
    )


def _without_tracks(view: _Pixels, paths: list[Path]) -> ViewHits:
    tracks = np.zeros_like(view.keep)
    for path in paths:
        mark(tracks, path.points, 0)
    return ViewHits(view.rows, view.columns, view.charges, view.charge, tracks)


def _mip_charge(projection: Projection) -> float:
    """Return the charge per pixel of a minimum-ionising particle."""
    if math.isnan(projection.mev_per_unit):
        return 38.0
    return MIP_DEDX * float(projection.pitch.mean()) / projection.mev_per_unit


def _view(
    view: _Pixels, at: npt.NDArray[np.float64], mip: float
) -> tuple[list[Path], tuple[Shower, ...], tuple[Shower, ...]]:
    """Return the tracks and the showers of one view, and all paths as they were traced."""
    if not np.isfinite(at).all():
        return [], (), ()
    vertex = float(at[0]), float(at[1])
    prongs, detached = _traced(view, vertex, mip)
    found = _with_stems(prongs, detached)
    showering = sorted((s for s in found if s.score >= SHOWER_LIKE), key=lambda s: -s.charge)
    pieces = [p for s in found if s.score < SHOWER_LIKE for p in cut_at_kinks(s.path)]
    whole = join([p for p in pieces if p.length > 1], view.keep, vertex)
    longer = [
        extend(p, view.keep, view.charge, _others(whole, p, view.keep), vertex) for p in whole
    ]
    whole = join(longer, view.keep, vertex)
    tracks = [trace_back(p, view.keep, view.charge, vertex) for p in whole]
    return tracks, tuple(showering), (*prongs, *detached)


def _others(paths: list[Path], path: Path, keep: Array) -> Array:
    """Return the pixels of all paths but one."""
    taken = np.zeros_like(keep)
    for other in paths:
        if other is not path:
            mark(taken, other.points, 0)
    return taken


def _traced(
    view: _Pixels, vertex: tuple[float, float], mip: float
) -> tuple[list[Shower], list[Shower]]:
    """Follow the paths of one view, from the vertex and apart from it, and judge each."""
    rows, columns, values = view.rows, view.columns, view.charges
    tracer = Tracer(view.charge, view.keep, *view.kept[:2], vertex)
    paths = tracer.prongs()
    core = np.zeros_like(view.keep)
    for path in paths:
        mark(core, path.points, 0)

    def judge(path: Path) -> Shower:
        own = core if path.from_vertex else core.copy()
        mark(own, path.points, 0)
        measured, total, extent = features(path, rows, columns, values, view.charge, own, mip)
        shower = Shower(path, score(measured), total, extent, measured)
        if shower.score < SHOWER_LIKE:
            mark(core, path.points, 0)
            return shower
        dr, dc = axis(path)
        row, column = path.points[0]
        absorb(tracer.used, rows, columns, row, column, dr, dc, extent * 1.5 + 40.0)
        return shower

    prongs = [judge(path) for path in paths]
    detached: list[Shower] = []
    while len(detached) < MOST_DETACHED and (found := tracer.detached()) is not None:
        detached.append(judge(found))
    return prongs, detached


def _with_stems(prongs: list[Shower], detached: list[Shower]) -> list[Shower]:
    """Give showers the short track that leads into them from the vertex, if there is one.

    An electron runs for some centimetres before it radiates: its stem looks like a track.
    """
    left = list(prongs)
    whole: list[Shower] = []
    for shower in detached:
        stem = next((p for p in left if shower.score >= SHOWER_LIKE and _leads(p, shower)), None)
        if stem is None:
            whole.append(shower)
            continue
        left.remove(stem)
        path = Path.joined(stem.path, shower.path)
        whole.append(replace(shower, path=path, charge=shower.charge + float(stem.path.core.sum())))
    return left + whole


def _leads(prong: Shower, shower: Shower) -> bool:
    """Tell whether a shower continues a prong: it starts near its end, in its direction."""
    if prong.path.length > STEM_PIXELS:
        return False
    gap = shower.path.points[0] - prong.path.points[-1]
    if float(np.hypot(*gap)) > STEM_GAP_PIXELS:
        return False
    along = np.array(axis(prong.path))
    onward = shower.path.points[min(20, len(shower.path.points) - 1)] - prong.path.points[0]
    return float(along @ onward) > STEM_COSINE * float(np.hypot(*onward))
