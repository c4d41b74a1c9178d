"""An event with something taken away: a view, the shower, the track, the vertex, resolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nulens.errors import NuLensError, SelectionError

if TYPE_CHECKING:
    from classifier.events import EventSet, Hits
    from classifier.topology import Reconstruction

_VERTEX_CM = 10.0
"""Radius of the vertex region that is masked: some twenty pixels each way."""
_BESIDE = 3.0
"""Pixels on either side of a path that are masked with it."""


def changed_events(
    events: EventSet, change: str, views: list[str] | None, region: str | None, factor: int
) -> Iterator[tuple[str, EventSet]]:
    """Yield each change in words with the changed event.

    Parameters
    ----------
    events : EventSet
        One event.
    change : str
        ``drop_views``, ``keep_views``, ``mask``, ``resolution``, or ``all`` for one of each.
    views : list of str or None
        Names of views.
    region : str or None
        What a mask covers: ``shower``, ``track``, ``vertex``, ``upstream`` or ``downstream``.
    factor : int
        How many times coarser.

    Raises
    ------
    SelectionError
        If there is no such view.
    NuLensError
        If there is nothing to mask.
    """
    from classifier.evaluation.robustness import lower_resolution

    names = [v.name for v in events.geometry.views]
    numbers = _numbers(views, names)
    if change == "drop_views":
        chosen = numbers or list(range(len(names)))
        if numbers and len(numbers) < len(names):
            yield _without(events, chosen, names)
        else:
            for v in chosen:
                yield _without(events, [v], names)
    elif change == "keep_views":
        for kept_views in [numbers] if numbers else [[i] for i in range(len(names))]:
            kept = " and ".join(names[i] for i in kept_views)
            others = [i for i in range(len(names)) if i not in kept_views]
            yield f"with view {kept} alone", _without(events, others, names)[1]
    elif change == "mask":
        yield _mask(events, region or "shower", numbers)
    elif change == "resolution":
        yield f"at 1/{factor} of the resolution", lower_resolution(events, factor)
    else:
        yield f"at 1/{factor} of the resolution", lower_resolution(events, factor)
        for v in range(len(names)):
            yield _without(events, [v], names)
        for each in ("shower", "track", "vertex"):
            try:
                yield _mask(events, each, [])
            except NuLensError:
                continue


def _numbers(views: list[str] | None, names: list[str]) -> list[int]:
    by_name = {n.lower(): i for i, n in enumerate(names)}
    # The collection view is the last of a wire detector; people call it Z, W or Y.
    by_name |= {alias: len(names) - 1 for alias in ("collection", "w", "y") if alias not in by_name}
    for view in views or []:
        if view.lower() not in by_name:
            raise SelectionError(
                f"There is no view '{view[:20]}' here.", f"The views are {', '.join(names)}."
            )
    return [by_name[v.lower()] for v in views or []]


def _without(events: EventSet, views: list[int], names: list[str]) -> tuple[str, EventSet]:
    words = " and ".join(names[v] for v in views)
    return f"without view {words}", _masked(
        events, f"without {words}", lambda h: np.isin(h.view, views)
    )


def _masked(events: EventSet, name: str, covered: Any) -> EventSet:
    from classifier.evaluation.robustness import ChangedReader
    from classifier.events import EventSet, Hits

    def change(hits: Hits, _: np.random.Generator) -> Hits:
        keep = ~covered(hits)
        return Hits(hits.view[keep], hits.row[keep], hits.column[keep], hits.value[keep])

    return EventSet(ChangedReader(events.reader, name, change, 0, events.geometry), events.indices)


def _mask(events: EventSet, region: str, views: list[int]) -> tuple[str, EventSet]:
    """Cover a region in the given views, or in all."""
    from classifier.topology import reconstruct

    event = events[0]
    found = reconstruct(event) if region in ("shower", "track", "vertex") else None

    def covered(hits: Hits) -> npt.NDArray[np.bool_]:
        mask = np.zeros(len(hits), dtype=np.bool_)
        for view in views or range(event.geometry.n_views):
            own = hits.view == view
            mask[own] = _inside(region, found, event, view, hits.row[own], hits.column[own])
        return mask

    if not covered(event.hits).any():
        raise NuLensError(
            f"Event {event.index} shows no {region} to mask.",
            "Mask something else, or drop a view.",
        )
    words = {
        "shower": "with the largest shower masked",
        "track": "with the longest track masked",
        "vertex": f"with {_VERTEX_CM:g} cm around the vertex masked",
        "upstream": "with the upstream half masked",
        "downstream": "with the downstream half masked",
    }
    return words[region], _masked(events, f"{region} masked {views}", covered)


def _inside(
    region: str,
    found: Reconstruction | None,
    event: Any,
    view: int,
    rows: npt.NDArray[Any],
    columns: npt.NDArray[Any],
) -> npt.NDArray[np.bool_]:
    rows, columns = rows.astype(float), columns.astype(float)
    if found is None:
        along = rows if event.geometry.beam_axis == 0 else columns
        middle = (along.min() + along.max()) / 2 if len(along) else 0.0
        return np.asarray(along > middle if region == "downstream" else along <= middle)
    if region == "vertex":
        row, column = found.vertex.position[view]
        pitch = event.geometry.views[view]
        distance = np.hypot(
            (rows - row) * pitch.row_pitch_cm, (columns - column) * pitch.column_pitch_cm
        )
        return np.asarray(distance <= _VERTEX_CM)
    if region == "track":
        path = found.tracks[0].paths.get(view) if found.tracks else None
        return (
            _near(path.points, rows, columns, _BESIDE)
            if path is not None
            else np.zeros(len(rows), dtype=np.bool_)
        )
    showers = [s for s in found.showers[view] if s.score >= 0.5]
    if not showers:
        return np.zeros(len(rows), dtype=np.bool_)
    return _cone(showers[0], rows, columns)


def _near(
    points: npt.NDArray[Any], rows: npt.NDArray[Any], columns: npt.NDArray[Any], reach: float
) -> npt.NDArray[np.bool_]:
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(points).query(np.column_stack([rows, columns]))
    return np.asarray(distance <= reach)


def _cone(shower: Any, rows: npt.NDArray[Any], columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Hits in the cone of a shower: along its axis, opening by a quarter of the way."""
    from classifier.topology.showers import axis

    start = shower.path.points[0]
    direction = axis(shower.path)
    along = (rows - start[0]) * direction[0] + (columns - start[1]) * direction[1]
    across = np.abs((rows - start[0]) * direction[1] - (columns - start[1]) * direction[0])
    inside = (
        (along >= -2)
        & (along <= 1.5 * shower.extent + 5)
        & (across <= 4 + 0.25 * np.clip(along, 0, None))
    )
    return np.asarray(inside | _near(shower.path.points, rows, columns, _BESIDE))
