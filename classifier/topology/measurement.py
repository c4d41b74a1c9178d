"""Measure the topology of an event from its views alone."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, EventSet, Geometry
from classifier.topology.matching import Track, combine, match
from classifier.topology.paths import Path, Tracer, mark
from classifier.topology.projection import Projection
from classifier.topology.result import Topology
from classifier.topology.showers import Shower, absorb, axis, features, score
from classifier.topology.vertex import Vertex, align, crowded, find_vertex

if TYPE_CHECKING:
    import pandas as pd

    from classifier.models.base import Progress

MIP_DEDX = 2.1
"""Mean loss of a minimum-ionising particle in argon in MeV/cm (PDG)."""
MIN_SHOWER_MEV = 30.0
"""Smallest deposit that is called a shower: the critical energy of argon is 32.8 MeV (PDG)."""
SHOWER_LIKE = 0.5
"""Score from which a path is the axis of a shower."""
STEM_PIXELS = 60.0
"""Longest track that can be the stem of a shower: 30 cm, two radiation lengths (PDG: 14.0 cm)."""
STEM_GAP_PIXELS = 20.0
STEM_COSINE = 0.96
MIN_TRACK_CM = 5.0
MUON_LIKE_CM = 50.0
MUON_LIKE_LEAVING_CM = 20.0
"""Shortest muon-like track that stops inside, and that leaves, the images."""
VERTEX_RADIUS_CM = 5.0
START_CM = 3.0
BORDER = 3
"""Pixels from the border of the image within which a track leaves it."""
MOST_DETACHED = 20
PRIOR_WIDTH = {"modular-pixel": 4.0}
"""Pixels over which trust in the crop's vertex position fades, where the crop centres on it."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Reconstruction:
    """What was found, object by object; `measure` turns it into numbers.

    Attributes
    ----------
    vertex : Vertex
    tracks : tuple of Track
        Longest first.
    showers : tuple of tuples of Shower, one per view
        Largest charge first.
    judged : tuple of tuples of Shower, one per view
        All paths with their scores, tracks too.
    """

    vertex: Vertex
    tracks: tuple[Track, ...]
    showers: tuple[tuple[Shower, ...], ...]
    judged: tuple[tuple[Shower, ...], ...]


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
        rows, columns = hits.row[here].astype(np.int64), hits.column[here].astype(np.int64)
        values = hits.value[here].astype(np.float64)
        charge = np.zeros(event.geometry.shape, dtype=np.float32)
        charge[rows, columns] = values
        return cls(rows, columns, values, charge, crowded(charge, rows, columns, 6, 3))

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
    geometry = event.geometry
    projection = Projection.of(geometry)
    views = [_Pixels.of(event, v) for v in range(geometry.n_views)]
    kept = [view.kept() for view in views]
    common_axis = 1 if projection.common_axis is None else projection.common_axis
    centred = geometry.name in PRIOR_WIDTH
    shifts = np.zeros(len(views), dtype=np.int64)
    if not centred and projection.common_axis is not None:
        shifts = align(kept, common_axis, geometry.shape[common_axis])
    vertex = vertex or find_vertex(
        [view.keep for view in views],
        kept,
        common_axis=common_axis,
        beam_axis=geometry.beam_axis,
        prior=geometry.vertex,
        prior_width=PRIOR_WIDTH.get(geometry.name, 0.0),
        shifts=shifts,
    )
    mip = _mip_charge(projection)
    track_paths: list[list[Path]] = []
    showers: list[tuple[Shower, ...]] = []
    judged: list[tuple[Shower, ...]] = []
    for view, at in zip(views, vertex.position, strict=True):
        if not np.isfinite(at).all():
            track_paths.append([])
            showers.append(())
            judged.append(())
            continue
        found = _view(view, (float(at[0]), float(at[1])), mip)
        showering = [s for s in found if s.score >= SHOWER_LIKE]
        track_paths.append([s.path for s in found if s.score < SHOWER_LIKE])
        showers.append(tuple(sorted(showering, key=lambda s: -s.charge)))
        judged.append(tuple(found))
    return Reconstruction(
        vertex, tuple(match(track_paths, projection, shifts)), tuple(showers), tuple(judged)
    )


def _mip_charge(projection: Projection) -> float:
    """Return the charge per pixel of a minimum-ionising particle."""
    if math.isnan(projection.mev_per_unit):
        return 38.0
    return MIP_DEDX * float(projection.pitch.mean()) / projection.mev_per_unit


def _view(view: _Pixels, vertex: tuple[float, float], mip: float) -> list[Shower]:
    """Find the paths of one view and tell how shower-like each is."""
    rows, columns, values, keep = view.rows, view.columns, view.charges, view.keep
    tracer = Tracer(view.charge, keep, *view.kept()[:2], vertex)
    prongs = tracer.prongs()
    core = np.zeros_like(keep)
    for path in prongs:
        mark(core, path.points, 0)
    judged: list[Shower] = []

    def judge(path: Path) -> None:
        own = core if path.from_vertex else core.copy()
        mark(own, path.points, 0)
        measured, total, extent = features(path, rows, columns, values, view.charge, own, mip)
        shower = Shower(path, score(measured), total, extent, measured)
        judged.append(shower)
        if shower.score < SHOWER_LIKE:
            mark(core, path.points, 0)
            return
        dr, dc = axis(path)
        row, column = path.points[0]
        absorb(tracer.used, rows, columns, row, column, dr, dc, extent * 1.5 + 40.0)

    for path in prongs:
        judge(path)
    n_prongs = len(judged)
    for _ in range(MOST_DETACHED):
        found = tracer.detached()
        if found is None:
            break
        judge(found)
    return _with_stems(judged[:n_prongs], judged[n_prongs:])


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
    projection = Projection.of(event.geometry)
    calibration = projection.mev_per_unit
    tracks = [t for t in found.tracks if t.length_cm >= MIN_TRACK_CM]
    longest = tracks[0] if tracks else None
    energies, scores, leading = _leading_showers(found, calibration)
    shower_score = float(np.mean(scores)) if scores else 0.0
    has_shower = shower_score >= 0.5
    dedx = _track_dedx(longest, calibration, event.geometry) if longest else None
    contained = _contained(longest, event.geometry) if longest else None
    shower_track = combine({v: s.path for v, s in leading.items()}, projection) if leading else None
    start = shower_track if has_shower else longest
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
        has_shower=has_shower,
        n_showers=_n_showers(found, calibration) if has_shower else 0,
        shower_energy=float(np.median(energies)) if has_shower else 0.0,
        vertex_gap_cm=_gap(found, leading, projection) if has_shower else None,
        initial_dedx=_initial_dedx(start, calibration, event.geometry) if start else None,
        vertex_activity=_vertex_activity(event, found.vertex, projection),
    )


def _leading_showers(
    found: Reconstruction, calibration: float
) -> tuple[list[float], list[float], dict[int, Shower]]:
    """Return energy, score and the largest shower of each view that shows a vertex."""
    energies, scores = [], []
    leading: dict[int, Shower] = {}
    for v, showers in enumerate(found.showers):
        if not np.isfinite(found.vertex.position[v]).all():
            continue
        large = [s for s in showers if not s.charge * calibration < MIN_SHOWER_MEV]
        energies.append(large[0].charge * calibration if large else 0.0)
        scores.append(large[0].score if large else 0.0)
        if large:
            # Pieces of one shower compete; the one that reaches the vertex is its beginning.
            near = [s for s in large if s.path.from_vertex and s.charge > 0.5 * large[0].charge]
            leading[v] = (near or large)[0]
    return energies, scores, leading


def _n_prongs(found: Reconstruction) -> int:
    """Count prongs in the view that resolves most of them."""
    n_views = len(found.showers)
    counts = [0] * n_views
    for track in found.tracks:
        for v, path in track.paths.items():
            counts[v] += path.from_vertex
    for v, showers in enumerate(found.showers):
        counts[v] += sum(s.path.from_vertex for s in showers)
    return max(counts, default=0)


def _n_showers(found: Reconstruction, calibration: float) -> int:
    counts = [
        sum(not s.charge * calibration < MIN_SHOWER_MEV for s in showers)
        for showers in found.showers
    ]
    return max(int(np.median([c for c in counts if c] or [0])), 1)


def visible_energy(event: Event, calibration: float) -> float:
    """Return the deposit in MeV, mean of the views that see any."""
    values = np.nan_to_num(event.hits.value.astype(np.float64), posinf=0.0, neginf=0.0)
    sums = np.bincount(event.hits.view, weights=values, minlength=event.geometry.n_views)
    seen = sums[sums > 0]
    return float(seen.mean() * calibration) if len(seen) else 0.0


def _contained(track: Track, geometry: Geometry) -> bool:
    """Tell whether a track ends inside the images of all views."""
    height, width = geometry.shape
    for path in track.paths.values():
        row, column = path.points[-1]
        if row >= height - BORDER or column < BORDER or column >= width - BORDER:
            return False
        # An image that starts at the first hit (vertex near row 0) has no border upstream.
        first = geometry.vertex[0] if geometry.vertex is not None else height
        if row < BORDER and first > 10 * BORDER:
            return False
    return True


def _weights(track: Track, geometry: Geometry) -> dict[int, float]:
    """How well each view measures charge along a track: best where it crosses many wires."""
    weights = {}
    for v, path in track.paths.items():
        step = path.points[-1] - path.points[0]
        share = abs(step[0]) / max(float(np.hypot(*step)), 1.0)
        wires = geometry.views[v].row_axis == "wire"
        weights[v] = max(share, 0.05) ** 2 if wires else 1.0
    return weights


def _track_dedx(track: Track, calibration: float, geometry: Geometry) -> float:
    """Median loss along a track in 2 cm steps, mean of the views, in MeV/cm."""
    total = weight = 0.0
    for v, w in _weights(track, geometry).items():
        path, stretch = track.paths[v], track.stretch[v]
        along = path.along * stretch
        edges = np.arange(0.0, along[-1] + 1e-9, 2.0)
        if len(edges) < 2:
            losses = np.array([path.core.sum() / max(float(along[-1]), 0.5)])
        else:
            losses = np.histogram(along, bins=edges, weights=path.core)[0] / 2.0
        total += w * float(np.median(losses)) * calibration
        weight += w
    return total / weight


def _muon_like(track: Track | None, contained: bool | None, dedx: float | None) -> bool:
    if track is None or dedx is None:
        return False
    long_enough = track.length_cm >= (MUON_LIKE_CM if contained else MUON_LIKE_LEAVING_CM)
    minimum_ionising = math.isnan(dedx) or dedx < 2.0 * MIP_DEDX
    return long_enough and minimum_ionising and track.straightness > 0.9


def _gap(found: Reconstruction, leading: dict[int, Shower], projection: Projection) -> float | None:
    """Distance from vertex to shower start in space, in cm."""
    if not leading:
        return None
    attached = sum(s.path.from_vertex for s in leading.values())
    if 2 * attached >= len(leading):
        return 0.0
    steps = {
        v: s.path.points[0] - found.vertex.position[v]
        for v, s in leading.items()
        if not s.path.from_vertex
    }
    return float(np.linalg.norm(projection.in_space(steps)))


def _initial_dedx(track: Track, calibration: float, geometry: Geometry) -> float | None:
    """Loss in MeV/cm over the first 3 cm, the first half centimetre left out."""
    total = weight = 0.0
    for v, w in _weights(track, geometry).items():
        path = track.paths[v]
        along = path.along * track.stretch[v]
        inside = (along >= 0.5) & (along < 0.5 + START_CM)
        length = min(float(along[-1]), 0.5 + START_CM) - 0.5
        if length < 1.0:
            continue
        total += w * float(path.core[inside].sum()) * calibration / length
        weight += w
    return total / weight if weight else None


def _vertex_activity(event: Event, vertex: Vertex, projection: Projection) -> float:
    """Deposit in MeV within 5 cm of the vertex, mean of the views that show it."""
    sums = []
    hits = event.hits
    for v, (row, column) in enumerate(vertex.position):
        if not np.isfinite(row):
            continue
        here = (hits.view == v) & np.isfinite(hits.value)
        distance = np.hypot(
            (hits.row[here].astype(np.float64) - row) * projection.pitch[v, 0],
            (hits.column[here].astype(np.float64) - column) * projection.pitch[v, 1],
        )
        sums.append(float(hits.value[here][distance <= VERTEX_RADIUS_CM].sum(dtype=np.float64)))
    return float(np.mean(sums)) * projection.mev_per_unit if sums else 0.0


def topology_table(events: EventSet, progress: Progress | None = None) -> pd.DataFrame:
    """Measure many events.

    Parameters
    ----------
    events : EventSet
    progress : callable, optional
        Called with (events done, events in all).

    Returns
    -------
    DataFrame
        One row an event, indexed by the event's index in its file; columns are the fields of
        `Topology`, missing values NaN (numbers) or None (presences).
    """
    import pandas as pd

    rows = []
    for done, event in enumerate(events, start=1):
        rows.append(asdict(measure(event)))
        if progress is not None:
            progress(done, len(events))
    columns = list(Topology.__dataclass_fields__)
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(events.indices, name="index"))
    numbers = ("track_straightness", "track_dedx", "vertex_gap_cm", "initial_dedx")
    return table.astype(dict.fromkeys(numbers, np.float64))
