"""How charge is spread around the vertex and along the objects of an event, for classifiers.

What a physicist looks for beyond counts and lengths: whether the longest track ends like a stopping
muon or like a pion that interacts, how the showers lie to the beam and to the vertex, whether the
visible momentum balances across the beam.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event
from classifier.topology.charge import track_dedx
from classifier.topology.matching import Track
from classifier.topology.reconstruction import MIP_DEDX, Reconstruction
from classifier.topology.shower_matching import SpaceShower

END_CM = 5.0
"""Around the end of a track, what a decay or an interaction leaves."""
RISE_CM = 3.0
"""The last centimetres of a track, in which a stopping particle loses most (Bragg)."""
SECTORS = 36
FAR_CM = 50.0
NEAR_CM = 15.0
"""About one radiation length (PDG: 14.0 cm)."""
HEAVY = 1.6
"""Loss in minimum-ionising particles above which a track is a proton's rather than a muon's."""
AROUND = (
    "near_share",
    "far_share",
    "fullest_share",
    "forward",
    "imbalance",
    "diffuse_share",
    "charge_per_hit",
    "extent_along",
    "extent_across",
)

Array = npt.NDArray[Any]


def measure_shape(
    event: Event,
    found: Reconstruction,
    tracks: Sequence[Track],
    showers: Sequence[SpaceShower],
    scores: Sequence[float],
) -> dict[str, float]:
    """Measure the columns of `classifier.topology.result.Topology` that tell the shape.

    Parameters
    ----------
    event : Event
    found : Reconstruction
    tracks : sequence of Track
        Those long enough to count, longest first.
    showers : sequence of SpaceShower
        Those large enough to count, largest first.
    scores : sequence of float
        Score of the largest shower of each view.

    Returns
    -------
    dict of str to float
        NaN where there is nothing to measure.
    """
    calibration = found.frame.projection.mev_per_unit
    total, around = _around(event, found)
    losses = [track_dedx(t, calibration, event.geometry) for t in tracks]
    leading = showers[0] if showers else None
    second = showers[1] if len(showers) > 1 else None
    nan = math.nan
    return dict(
        track_end_rise=_end_rise(tracks[0]) if tracks else nan,
        track_end_activity=_end_activity(event, tracks[0], found) if tracks else nan,
        track_angle=_angle(_track_steps(tracks[0]), found) if tracks else nan,
        second_track_dedx=losses[1] if len(losses) > 1 else nan,
        track_share=_track_charge(tracks[0]) / total if tracks and total > 0 else 0.0,
        n_heavy_tracks=float(sum(loss > HEAVY * MIP_DEDX for loss in losses)),
        shower_angle=_angle(_shower_steps(leading), found) if leading else nan,
        shower_share=leading.charge / total if leading and total > 0 else 0.0,
        shower_length_cm=_length(leading) if leading else nan,
        second_shower_energy=second.charge * calibration if second else 0.0,
        second_shower_gap_cm=second.gap_cm if second else nan,
        least_shower_score=min(scores, default=0.0),
        most_shower_score=max(scores, default=0.0),
        **around,
    )


def _end_rise(track: Track) -> float:
    """Return the loss at the end over the median, mean of the views."""
    rises = []
    for v, path in track.paths.items():
        length = path.length * track.stretch[v]
        edges = np.arange(length % RISE_CM, length + 1e-6, RISE_CM)
        if len(edges) < 4:
            continue
        losses = path.losses(edges / track.stretch[v])
        middle = median(losses.tolist())
        if middle > 0:
            rises.append(float(losses[-1]) / middle)
    return float(np.mean(rises)) if rises else math.nan


def _end_activity(event: Event, track: Track, found: Reconstruction) -> float:
    projection, hits = found.frame.projection, event.hits
    sums = []
    for v, path in track.paths.items():
        row, column = path.points[-1]
        here = hits.view == v
        distance = np.hypot(
            (hits.row[here] - row) * projection.pitch[v, 0],
            (hits.column[here] - column) * projection.pitch[v, 1],
        )
        around = float(hits.value[here][distance <= END_CM].sum(dtype=np.float64))
        last = path.along[-1] - path.along <= END_CM / float(projection.pitch[v].mean())
        sums.append(max(around - float(path.core[last].sum()), 0.0))
    return float(np.mean(sums)) * projection.mev_per_unit


def _track_charge(track: Track) -> float:
    return float(np.mean([p.core.sum() for p in track.paths.values()]))


def _track_steps(track: Track) -> dict[int, Array]:
    return {v: p.points[-1] - p.points[0] for v, p in track.paths.items()}


def _shower_steps(shower: SpaceShower) -> dict[int, Array]:
    return {v: along / shower.stretch[v] for v, along in shower.axes.items()}


def _angle(steps: dict[int, Array], found: Reconstruction) -> float:
    """Return the angle to the beam, the last axis of space, in degrees."""
    space, _ = found.frame.projection.in_space(steps)
    size = float(np.linalg.norm(space))
    return math.degrees(math.acos(max(min(space[2] / size, 1.0), -1.0))) if size else math.nan


def _length(shower: SpaceShower) -> float:
    return median(p.extent * shower.stretch[v] for v, p in shower.parts.items())


def _around(event: Event, found: Reconstruction) -> tuple[float, dict[str, float]]:
    """Return the mean charge of the views, and what is measured from the vertex out."""
    hits, projection = event.hits, found.frame.projection
    beam = event.geometry.beam_axis
    totals, rows = [], []
    good = np.isfinite(hits.value) & (hits.value > 0)
    for v, vertex in enumerate(found.vertex.position):
        here = good & (hits.view == v)
        charge = hits.value[here].astype(np.float64)
        total = float(charge.sum())
        if total <= 0:
            continue
        totals.append(total)
        if not np.isfinite(vertex).all():
            continue
        place = np.stack([hits.row[here], hits.column[here]], axis=1).astype(np.float64)
        step = (place - vertex) * projection.pitch[v]
        along, across = step[:, beam], step[:, 1 - beam]
        distance = np.maximum(np.hypot(along, across), 1e-9)
        sector = ((np.arctan2(across, along) / (2 * math.pi) + 0.5) * SECTORS).astype(np.int64)
        far = distance > 1.5
        sectors = np.bincount(sector[far] % SECTORS, weights=charge[far], minlength=SECTORS)
        three = sectors + np.roll(sectors, 1) + np.roll(sectors, -1)
        on_path = found.paths[v][hits.row[here], hits.column[here]]
        spread = [_middle(x, charge) for x in (along, across)]
        rows.append(
            [
                charge[distance < NEAR_CM].sum() / total,
                charge[distance > FAR_CM].sum() / total,
                three.max() / max(sectors.sum(), 1e-9),
                float(charge @ (along / distance)) / total,
                abs(float(charge @ (across / distance))) / total,
                charge[~on_path].sum() / total,
                total / len(charge) / found.mip,
                *spread,
            ]
        )
    means = np.mean(rows, axis=0).tolist() if rows else [math.nan] * len(AROUND)
    return float(np.mean(totals)) if totals else 0.0, dict(zip(AROUND, means, strict=True))


def _middle(x: Array, weights: Array) -> float:
    """Return the width of the middle 80 % of a weighted distribution."""
    order = np.argsort(x)
    running = np.cumsum(weights[order])
    low, high = np.searchsorted(running, [0.1 * running[-1], 0.9 * running[-1]])
    return float(x[order[min(high, len(x) - 1)]] - x[order[low]])
