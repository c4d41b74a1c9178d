"""Training events in memory: sparse hits, read once, made into batches on the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from classifier.events import CLASSES, EventSet, Geometry
from classifier.models.batching import normalised_hits, vertex_pixel, view_number, without_truth
from classifier.models.unlike import detector_key, hit_statistics
from classifier.training.pieces import read_pieces
from nulens.errors import ModelError


@dataclass(frozen=True)
class SparseEvents:
    """Hits of n events of one geometry, one event after another.

    Attributes
    ----------
    geometry : Geometry
    view, row, column : ndarray of uint8, int16, int16, shape (hits,)
    value : ndarray of float16, shape (hits,)
        In units of the saturation.
    source : ndarray of uint8, shape (hits,)
        What left each hit's charge (`classifier.events.SOURCES`); 0 where unknown.
    first : ndarray of int64, shape (n + 1,)
        Where each event's hits start.
    labels : ndarray of int64, shape (n,)
        Column of `CLASSES`, -1 for none of them.
    statistics : ndarray of float32, shape (n, s)
        See `classifier.models.unlike.hit_statistics`.
    ids : ndarray of str, shape (n,)
    """

    geometry: Geometry
    view: npt.NDArray[np.uint8]
    row: npt.NDArray[np.int16]
    column: npt.NDArray[np.int16]
    value: npt.NDArray[np.float16]
    source: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    statistics: npt.NDArray[np.float32]
    ids: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


def load_sparse(events: EventSet, workers: int | None = None) -> SparseEvents:
    """Read all hits of a set of events into memory.

    Parameters
    ----------
    events : EventSet
        One geometry.
    workers : int, optional
        Processes that read; default: one a core for large sets, none for small ones.

    Raises
    ------
    ModelError
        If a pixel is not finite.
    FormatError
        If an event cannot be read.
    """
    parts = read_pieces(_read_piece, events, workers)
    geometry = parts[0][0]
    view, row, column, value, source, counts, statistics = (
        np.concatenate([part[i] for part in parts]) for i in range(1, 8)
    )
    first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    ids = events.table["id"].to_numpy(dtype=str)
    return SparseEvents(
        geometry, view, row, column, value, source, first, events.labels, statistics, ids
    )


def _read_piece(events: EventSet) -> tuple[Any, ...]:
    views, rows, columns, values, sources, counts, statistics = [], [], [], [], [], [], []
    read_sources = getattr(events.reader, "read_sources", lambda index: None)
    geometry = events.geometry
    for i in range(len(events)):
        event = without_truth(events, i)
        hits, geometry = normalised_hits(event)
        views.append(hits.view)
        rows.append(hits.row.astype(np.int16))
        columns.append(hits.column.astype(np.int16))
        values.append((hits.value.astype(np.float32) / geometry.saturation).astype(np.float16))
        known = read_sources(event.index)
        # Maps of lower resolution were spread over more pixels: then nothing is known of a hit.
        fits = known is not None and len(known) == len(hits)
        sources.append(known if known is not None and fits else np.zeros(len(hits), np.uint8))
        counts.append(len(hits))
        statistics.append(hit_statistics(event))
    arrays = (np.concatenate(a) for a in (views, rows, columns, values, sources))
    return geometry, *arrays, np.array(counts), np.stack(statistics)


def check_labels(labels: npt.NDArray[np.int64], source: str) -> None:
    """Refuse training data without truth or without one of the classes.

    Raises
    ------
    ModelError
        If no event has a label, or a class has no event.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(CLASSES))
    if not counts.sum():
        raise ModelError(
            f"No event of {source} tells its true class.",
            "Train on simulated events, or on maps with their truth files.",
        )
    if not counts.all():
        missing = ", ".join(str(CLASSES[i]) for i in np.flatnonzero(counts == 0))
        raise ModelError(
            f"{source} has no event of class {missing}.",
            "Add events of that class; a classifier learns nothing of a class it never sees.",
        )


@dataclass(frozen=True)
class HitBatch:
    """Hits of B events on the device.

    Attributes
    ----------
    event, view, row, column : Tensor of int64, shape (hits,)
        ``event`` counts in the batch.
    value : Tensor of float32, shape (hits,)
        In units of the saturation.
    source : Tensor of int64, shape (hits,)
        See `SparseEvents`.
    geometry : Tensor of int64, shape (B,)
        Number of the geometry in the `DeviceEvents`.
    labels : Tensor of int64, shape (B,)
    """

    event: torch.Tensor
    view: torch.Tensor
    row: torch.Tensor
    column: torch.Tensor
    value: torch.Tensor
    source: torch.Tensor
    geometry: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)


class DeviceEvents:
    """Events of one or several geometries as tensors on one device.

    Parameters
    ----------
    sources : sequence of SparseEvents
        Event numbers run through them in order; ``offsets`` says where each starts.
    device : torch.device
        Where hits are kept and batches made.
    """

    def __init__(self, sources: Sequence[SparseEvents], device: torch.device) -> None:
        self.device = device
        self.offsets = np.concatenate([[0], np.cumsum([len(s) for s in sources])])
        self.geometries: list[Geometry] = []
        numbers = []
        for source in sources:
            if source.geometry not in self.geometries:
                self.geometries.append(source.geometry)
            numbers.append(np.full(len(source), self.geometries.index(source.geometry)))
        first = [np.zeros(1, dtype=np.int64)]
        for source in sources:
            first.append(source.first[1:] + first[-1][-1])

        def tensor(arrays: Sequence[npt.NDArray[Any]]) -> torch.Tensor:
            return torch.from_numpy(np.concatenate(arrays)).to(device)

        self._view = tensor([s.view for s in sources])
        self._row = tensor([s.row for s in sources])
        self._column = tensor([s.column for s in sources])
        self._value = tensor([s.value for s in sources])
        self._source = tensor([s.source for s in sources])
        self._first = tensor(first)
        self._geometry = tensor(numbers)
        self.labels = np.concatenate([s.labels for s in sources])
        self.sizes = np.concatenate([np.diff(s.first) for s in sources])
        self.statistics = np.concatenate([s.statistics for s in sources])
        self.detectors = np.concatenate(
            [np.full(len(s), detector_key(s.geometry)) for s in sources]
        )
        self._labels = torch.from_numpy(self.labels).to(device)
        self.tables = GeometryTables(self.geometries, device)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: npt.NDArray[np.int64]) -> HitBatch:
        """Take the hits of some events."""
        index = torch.from_numpy(np.asarray(indices, dtype=np.int64)).to(self.device)
        start = self._first[index]
        counts = self._first[index + 1] - start
        event = torch.repeat_interleave(torch.arange(len(index), device=self.device), counts)
        within = torch.arange(len(event), device=self.device) - (counts.cumsum(0) - counts)[event]
        hit = start[event] + within
        return HitBatch(
            event=event,
            view=self._view[hit].long(),
            row=self._row[hit].long(),
            column=self._column[hit].long(),
            value=self._value[hit].float(),
            source=self._source[hit].long(),
            geometry=self._geometry[index],
            labels=self._labels[index],
        )


class GeometryTables:
    """What batches need to know of each geometry, as tensors indexed by geometry number.

    Attributes
    ----------
    n_views, height, width : Tensor of int64, shape (G,)
    vertex : ndarray of int64, shape (G, 2)
        Pixel near which the interaction is expected.
    views : Tensor of int64, shape (G, V)
        Embedding numbers of the views.
    column_axis : Tensor of int64, shape (G, V)
        Views with equal numbers share their column axis and are reflected together.
    mirrored : Tensor of bool, shape (G,)
        Whether the first two views are the induction views U and V, mirror images of each other.
    """

    def __init__(self, geometries: Sequence[Geometry], device: torch.device) -> None:
        most = max(g.n_views for g in geometries)

        def tensor(values: list[Any]) -> torch.Tensor:
            return torch.tensor(values, dtype=torch.int64, device=device)

        def row(values: list[int]) -> list[int]:
            return values + [0] * (most - len(values))

        self.n_views = tensor([g.n_views for g in geometries])
        self.height = tensor([g.shape[0] for g in geometries])
        self.width = tensor([g.shape[1] for g in geometries])
        self.vertex = np.array([vertex_pixel(g) for g in geometries])
        self.views = tensor([row([view_number(v.name) for v in g.views]) for g in geometries])
        axes = [[v.column_axis for v in g.views] for g in geometries]
        self.column_axis = tensor([row([a.index(x) for x in a]) for a in axes])
        names = [[v.name for v in g.views[:2]] for g in geometries]
        self.mirrored = torch.tensor([n == ["U", "V"] for n in names], device=device)
