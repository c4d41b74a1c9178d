"""How well `classifier.topology` measures what simulation says a picture shows.

``python -m classifier.evaluation.topology_accuracy FILE...`` prints a table for each file of
simulated events; ``--out FOLDER`` keeps it with all intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import claims, statistics
from classifier.evaluation.metrics import as_data
from classifier.events import EventSet
from classifier.topology import Topology, reconstruct, true_topology
from classifier.topology.measurement import summarise

SAME = ("n_prongs", "n_tracks", "n_showers", "has_track", "has_shower", "track_contained")
"""Counts and presences: right or wrong."""
NUMBERS = {
    "longest_track_cm": "cm",
    "vertex_gap_cm": "cm",
    "initial_dedx": "MeV/cm",
    "shower_energy": "MeV",
    "vertex_activity": "MeV",
}
VERTEX_PIXELS = 3.0
"""Farthest from the truth that a vertex counts as found."""


def measure_accuracy(events: EventSet) -> dict[str, Any]:
    """Compare measurement and truth, event by event.

    Parameters
    ----------
    events : EventSet
        Simulated events with true particles.

    Returns
    -------
    dict
        Plain data, each figure with its 68.27 % interval. ``vertex``: share of all events whose
        vertex is within `VERTEX_PIXELS` pixels (median of the views), median distance. For each
        count and presence the share that agrees, of the events where truth and picture have what it
        is about; for counts also that at most one off (``one_off``), for ``has_track`` and
        ``has_shower`` also ``precision`` and ``recall``. For each
        number, where both have one: median of measured minus true, median absolute difference, and
        for what is claimed the share within two `classifier.claims.resolution`. True
        ``initial_dedx`` and ``vertex_activity`` are the picture's own charge where truth puts
        vertex and axis (`classifier.topology.true_topology`).

    Raises
    ------
    NuLensError
        If an event has no true particles.
    """
    pairs: list[tuple[Topology, Topology]] = []
    distances = []
    for event in events:
        true = true_topology(event)
        found = reconstruct(event)
        pairs.append((summarise(event, found), true))
        assert event.truth is not None
        apart = np.hypot(*(found.vertex.position - np.asarray(event.truth.vertex)).T)
        seen = apart[np.isfinite(apart)]
        distances.append(float(np.median(seen)) if len(seen) else np.inf)
    vertex = np.array(distances)
    result: dict[str, Any] = {
        "source": Path(events.source).name,
        "geometry": events.geometry.name,
        "events": len(pairs),
        "vertex": {
            "agree": _share(vertex <= VERTEX_PIXELS),
            "absolute": as_data(statistics.median(vertex)),
        },
    }
    for name in SAME:
        measured, true_values = _columns(pairs, name)
        result[name] = {"agree": _share(measured == true_values)}
        if name.startswith("n_"):
            result[name]["one_off"] = _share(np.abs(measured - true_values) <= 1)
        if name.startswith("has_"):
            result[name]["precision"] = _share(true_values[measured == 1])
            result[name]["recall"] = _share(measured[true_values == 1])
    for name in NUMBERS:
        measured, true_values = _columns(pairs, name)
        off = measured - true_values
        result[name] = {
            "difference": as_data(statistics.median(off)),
            "absolute": as_data(statistics.median(np.abs(off))),
        }
        if name in claims.UNITS and name != "vertex_activity":
            near = [claims.resolution(name, float(m)) for m in measured]
            result[name]["agree"] = _share(np.abs(off) <= 2 * np.array(near))
    return result


def _share(passed: npt.NDArray[Any]) -> dict[str, Any]:
    return as_data(statistics.proportion(int(np.count_nonzero(passed)), len(passed)))


def _columns(
    pairs: list[tuple[Topology, Topology]], name: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return measured and true values where both have the track or shower that they are about."""
    both = np.array(
        [(getattr(m, name), getattr(t, name)) for m, t in pairs], dtype=np.float64
    ).reshape(-1, 2)
    there = np.isfinite(both).all(axis=1)
    if name in ("n_showers", "longest_track_cm", "shower_energy"):
        there &= (both > 0).all(axis=1)
    return both[there, 0], both[there, 1]


def table(found: dict[str, Any]) -> str:
    """Return the results of `measure_accuracy` as a table in Markdown."""
    lines = [
        f"{found['events']} events of {found['geometry']} ({found['source']}).",
        "",
        "| measured | events | agree with truth | at most one off | median error | "
        "median absolute error |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, unit in {"vertex": "pixels", **dict.fromkeys(SAME, ""), **NUMBERS}.items():
        row = found[name]
        n = row.get("agree", row.get("absolute"))["n"]
        cells = [_told(row.get(kind), 100, "%") for kind in ("agree", "one_off")]
        cells += [_told(row.get(kind), 1, unit) for kind in ("difference", "absolute")]
        lines.append(f"| {name} | {n} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _told(found: dict[str, Any] | None, times: float, unit: str) -> str:
    if found is None or found["value"] is None:
        return ""
    digits = 2 if unit == "MeV/cm" else 1
    value, low, high = (
        "?" if found[k] is None else f"{times * found[k]:.{digits}f}"
        for k in ("value", "low", "high")
    )
    return f"{value} {unit} [{low}, {high}]"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the events of files; see the head of this file."""
    from classifier import open_events
    from classifier.models.weights import write_json

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="simulated events, one geometry a file")
    parser.add_argument("--events", type=int, default=500, help="how many of each, from its start")
    parser.add_argument("--out", type=Path, help="folder of the results")
    chosen = parser.parse_args(arguments)
    results = [measure_accuracy(open_events(file)[: chosen.events]) for file in chosen.files]
    told = "\n".join(table(found) for found in results)
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
        write_json(chosen.out / "topology.json", {"files": results})
        (chosen.out / "topology.md").write_text(told, encoding="utf-8")
    print(told, end="")


if __name__ == "__main__":
    main()
