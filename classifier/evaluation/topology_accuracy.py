"""How well `classifier.topology` measures what simulation says is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import claims, statistics
from classifier.evaluation.metrics import as_data
from classifier.events import EventSet
from classifier.topology import Topology, reconstruct, true_topology
from classifier.topology.measurement import summarise
from classifier.topology.projection import Projection

PRESENCES = ("has_track", "has_shower", "track_contained")
COUNTS = ("n_prongs", "n_tracks", "n_showers")
NUMBERS = ("longest_track_cm", "vertex_gap_cm", "initial_dedx", "vertex_activity", "shower_energy")
MIP_TRACK_CM = 100.0
MEDIAN_MIP_DEDX = 2.0
"""Median loss over 2 cm of a muon of some GeV in argon, MeV/cm.

The most probable loss of a minimum-ionising particle over 2 cm is 1.7 MeV/cm, the mean 2.1 to 2.3
(PDG, passage of particles through matter, Landau-Vavilov); the median lies between.
"""

Tell = Callable[[int, int], None]


def measure_accuracy(events: EventSet, progress: Tell | None = None) -> dict[str, Any]:
    """Compare measurement and truth, event by event.

    Parameters
    ----------
    events : EventSet
        Simulated events with true particles.
    progress : callable, optional
        Called with (events done, events in all).

    Returns
    -------
    dict
        Plain data: ``vertex`` (quantiles of the distance in pixels), for each presence accuracy,
        precision and recall, for each count the shares of exact and of at most one off, for each
        number the median and the 16 and 84 % quantiles of measured minus true and of their ratio,
        and the share within two `claims.resolution`.
    """
    pairs: list[tuple[Topology, Topology]] = []
    distances = []
    for done, event in enumerate(events, start=1):
        found = reconstruct(event)
        pairs.append((summarise(event, found), true_topology(event)))
        assert event.truth is not None
        apart = np.hypot(*(found.vertex.position - np.asarray(event.truth.vertex)).T)
        distances.append(float(np.nanmedian(apart)) if np.isfinite(apart).any() else np.nan)
        if progress is not None:
            progress(done, len(events))
    seen = np.array(distances)[np.isfinite(distances)]
    result: dict[str, Any] = {
        "events": len(pairs),
        "geometry": events.geometry.name,
        "vertex": {
            "found": as_data(statistics.proportion(len(seen), len(pairs))),
            "quantiles": _quantiles(seen),
            "within_3_pixels": as_data(
                statistics.proportion(int((seen <= 3).sum()), max(len(seen), 0))
            ),
        },
    }
    for name in PRESENCES:
        result[name] = _presence(pairs, name)
    for name in COUNTS:
        result[name] = _count(pairs, name)
    for name in NUMBERS:
        result[name] = _number(pairs, name)
    return result


def _quantiles(values: npt.NDArray[np.floating]) -> dict[str, float | None]:
    levels = {"16": 0.16, "50": 0.5, "84": 0.84}
    if not len(values):
        return dict.fromkeys(levels)
    return {k: round(float(np.quantile(values, q)), 3) for k, q in levels.items()}


def _columns(
    pairs: list[tuple[Topology, Topology]], name: str
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return measured and true values where both are known."""
    both = [(getattr(m, name), getattr(t, name)) for m, t in pairs]
    known = [(m, t) for m, t in both if m is not None and t is not None]
    measured, true = (np.array([k[i] for k in known]) for i in range(2))
    return measured, true


def _presence(pairs: list[tuple[Topology, Topology]], name: str) -> dict[str, Any]:
    measured, true = (c.astype(bool) for c in _columns(pairs, name))
    return {
        "accuracy": as_data(statistics.proportion(int((measured == true).sum()), len(true))),
        "precision": as_data(
            statistics.proportion(int((measured & true).sum()), int(measured.sum()))
        ),
        "recall": as_data(statistics.proportion(int((measured & true).sum()), int(true.sum()))),
    }


def _count(pairs: list[tuple[Topology, Topology]], name: str) -> dict[str, Any]:
    measured, true = (c.astype(np.int64) for c in _columns(pairs, name))
    off = np.abs(measured - true)
    return {
        "exact": as_data(statistics.proportion(int((off == 0).sum()), len(off))),
        "at_most_one_off": as_data(statistics.proportion(int((off <= 1).sum()), len(off))),
        "mean_difference": float((measured - true).mean()) if len(off) else None,
    }


def _number(pairs: list[tuple[Topology, Topology]], name: str) -> dict[str, Any]:
    measured, true = (c.astype(np.float64) for c in _columns(pairs, name))
    if name in ("longest_track_cm", "shower_energy"):
        there = (measured > 0) & (true > 0)
        measured, true = measured[there], true[there]
    known = np.isfinite(measured) & np.isfinite(true)
    measured, true = measured[known], true[known]
    positive = true > 0
    found: dict[str, Any] = {
        "events": len(true),
        "difference": _quantiles(measured - true),
        "ratio": _quantiles(measured[positive] / true[positive]),
    }
    if name in claims.UNITS and name != "vertex_activity":
        sigma = np.array([claims.resolution(name, float(m)) for m in measured])
        agree = np.abs(measured - true) <= 2 * sigma
        found["within_resolution"] = as_data(statistics.proportion(int(agree.sum()), len(true)))
    if name == "vertex_activity":
        same = [
            claims.activity_word(m) == claims.activity_word(t)
            for m, t in zip(measured, true, strict=True)
        ]
        found["same_word"] = as_data(statistics.proportion(sum(same), len(same)))
    return found


def claims_supported(events: EventSet) -> dict[str, dict[str, Any]]:
    """Return, by claim type, the share of true claims that the measurement supports."""
    right: dict[str, list[bool]] = {}
    for event in events:
        measured = summarise(event, reconstruct(event))
        for claim in claims.claims_of(true_topology(event)):
            found = claims.score(claim, measured).score
            if found is not None:
                right.setdefault(claim.quantity, []).append(found >= 0.5)
    return {q: as_data(statistics.proportion(sum(r), len(r))) for q, r in right.items()}


def calibrate(events: EventSet) -> float | None:
    """Find MeV per unit of charge from long minimum-ionising tracks.

    The median loss along tracks that truth and measurement agree on is set to `MEDIAN_MIP_DEDX`.

    Parameters
    ----------
    events : EventSet
        Simulated events, muons among them.

    Returns
    -------
    float or None
        To replace the geometry's entry in `classifier.topology.projection.MEV_PER_UNIT`; None
        without a long track.
    """
    projection = Projection.of(events.geometry)
    ratios = []
    for event in events:
        true = true_topology(event)
        measured = summarise(event, reconstruct(event))
        both_long = min(true.longest_track_cm, measured.longest_track_cm) >= MIP_TRACK_CM
        same = abs(true.longest_track_cm - measured.longest_track_cm) < 0.1 * true.longest_track_cm
        if both_long and same and measured.track_dedx and true.has_track:
            ratios.append(MEDIAN_MIP_DEDX / measured.track_dedx)
    return projection.mev_per_unit * float(np.median(ratios)) if ratios else None
