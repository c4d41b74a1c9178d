"""Small pictures with a shower, a track or neither, as the three classes have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from classifier.events import CLASSES, Event, EventSet, Geometry, Hits, Truth, View

PIXELS = Geometry(
    name="small-pixel",
    views=(View("XZ", "z", "x", 0.5, 0.5), View("YZ", "z", "y", 0.5, 0.5)),
    shape=(64, 64),
    vertex=(16.0, 32.0),
)
WIRES = Geometry(
    name="small-wire",
    views=tuple(View(n, "wire", "time", 0.47, 0.48) for n in ("U", "V", "Z")),
    shape=(90, 70),
    vertex=(5.0, 35.0),
)


def picture(random: np.random.Generator, label: int, geometry: Geometry = PIXELS) -> Hits:
    """Draw all views of one event."""
    height, width = geometry.shape
    row0, column0 = geometry.vertex or (0.0, 0.0)
    views = np.zeros((geometry.n_views, height, width), dtype=np.uint8)
    for view in views:
        slope = random.uniform(-0.4, 0.4)
        lines = [(slope, 45 if label == 1 else 8, 0.4)]
        if label == 0:
            lines = [(slope + random.normal(0, 0.25), 30, 1.5) for _ in range(8)]
        for angle, length, spread in lines:
            along = np.arange(length) + random.integers(0, 3)
            row = (row0 + along).astype(int)
            column = (column0 + angle * along + random.normal(0, spread, length)).astype(int)
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            view[row[inside], column[inside]] = random.integers(25, 80, inside.sum())
        scattered = random.integers(0, [height, width], (4, 2))
        view[scattered[:, 0], scattered[:, 1]] = 15
    return Hits.from_views(views)


def event(hits: Hits, geometry: Geometry = PIXELS, index: int = 0) -> Event:
    return Event(f"event{index}", index, geometry, hits)


def events(n: int, seed: int = 0, geometry: Geometry = PIXELS) -> list[Event]:
    random = np.random.default_rng(seed)
    return [event(picture(random, i % 3, geometry), geometry, i) for i in range(n)]


@dataclass
class Memory:
    """A reader of events that are in memory."""

    geometry: Geometry
    hits: list[Hits]
    table: Any
    source: str = "memory"
    fingerprint: str = "memory"

    def read_hits(self, index: int) -> Hits:
        return self.hits[index]

    def read_truth(self, index: int) -> Truth | None:
        label = self.table["truth"].iloc[index]
        return None if label is None else Truth(label=label)


def event_set(n: int, seed: int = 0, geometry: Geometry = PIXELS, labels: Any = None) -> EventSet:
    """Events of the three classes in turn, or of `labels` (CLASSES columns; -1 for no truth)."""
    random = np.random.default_rng(seed)
    numbers = [i % 3 for i in range(n)] if labels is None else list(labels)
    hits = [picture(random, max(number, 0), geometry) for number in numbers]
    truth = [CLASSES[number] if number >= 0 else None for number in numbers]
    table = pd.DataFrame(
        {
            "id": [f"event{i}" for i in range(n)],
            "truth": pd.Series(truth, dtype=object),
        }
    )
    return EventSet.of(Memory(geometry, hits, table))
