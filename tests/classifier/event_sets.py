"""Event sets held in memory, for tests of what works on any reader."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from classifier.events import EventClass, EventSet, Geometry, Hits, Truth, View
from classifier.formats.truth_table import truth_of_row, truth_table

SMALL = Geometry(
    "small",
    (View("U", "wire", "time", 0.5, 0.5), View("Z", "wire", "time", 0.5, 0.5)),
    (40, 40),
)


@dataclass
class MemoryReader:
    """Events from a list of table rows; pictures depend on the index alone."""

    rows: list[dict]
    source: str = "memory"
    geometry: Geometry = SMALL
    fingerprint: str = "memory-0"
    reads: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = truth_table([{"id": f"event{i}", **r} for i, r in enumerate(self.rows)])

    def read_hits(self, index: int) -> Hits:
        self.reads.append(index)
        rng = np.random.default_rng(index)
        views = np.zeros((2, 40, 40), np.uint8)
        views[:, 5 : 10 + index % 20, 20] = rng.integers(1, 255, (2, 5 + index % 20))
        return Hits.from_views(views)

    def read_truth(self, index: int) -> Truth | None:
        return truth_of_row(self.table.iloc[index])


def events_of(rows: list[dict]) -> EventSet:
    return EventSet.of(MemoryReader(rows))


def sample(n: int, seed: int = 0) -> EventSet:
    """Draw events of all classes; some have unknown truth, energy or mode."""
    rng = np.random.default_rng(seed)
    labels = [*EventClass, None]
    rows = []
    for _ in range(n):
        label = labels[rng.integers(len(labels))]
        rows.append(
            {
                "truth": label,
                "energy": None if rng.random() < 0.1 else round(float(rng.uniform(0, 40)), 3),
                "mode": None if rng.random() < 0.3 else ("qe", "res", "dis")[rng.integers(3)],
                "protons": int(rng.integers(0, 4)),
            }
        )
    return events_of(rows)


def predictions_frame(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([1, 1, 1], n)
    classes = ["nue_cc", "numu_cc", "nc"]
    return pd.DataFrame(
        {
            **{f"p_{c}": p[:, i] for i, c in enumerate(classes)},
            "label": [classes[i] for i in p.argmax(1)],
            "has_shower": rng.random(n) < 0.5,
            "longest_track_cm": rng.uniform(0, 250, n),
        }
    )
