"""Small events with truth, and small classifiers fitted on them: real ones, made in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.assistant import Assistant
from classifier.events import DUNE_FD_HD, Event, EventClass, Hits, Truth
from classifier.formats.nulens_hdf5 import EventWriter
from classifier.models.base import Predictions

_CLASSES = ("nc", "nue_cc", "numu_cc", "nutau_cc")
N_EVENTS = 48


def draw(label: str, energy: float, rng: np.random.Generator) -> Hits:
    """Draw a track (νμ), a cone (νe), a blob (NC) or both (ντ) in three views."""
    views = np.zeros((3, *DUNE_FD_HD.shape), dtype=np.uint8)
    slope = rng.uniform(-0.4, 0.4)
    for view in range(3):
        length = int(60 + 12 * energy)
        rows = np.arange(5, 5 + length)
        if label in ("numu_cc", "nutau_cc"):
            columns = (250 + slope * (rows - 5)).astype(int)
            views[view, rows, np.clip(columns, 0, 499)] = rng.integers(20, 40, length)
        if label in ("nue_cc", "nutau_cc"):
            n = int(150 + 60 * energy)
            depth = rng.gamma(3.0, 15.0, n)
            across = rng.normal(0, 1 + 0.12 * depth)
            place = (5 + depth).astype(int) % 490, (250 + slope * depth + across).astype(int) % 490
            views[view][place] = rng.integers(20, 120, n)
        n = 40
        blob = rng.normal(0, 4, (2, n)).astype(int)
        views[view, np.clip(8 + blob[0], 0, 499), np.clip(250 + blob[1], 0, 499)] = 60
    return Hits.from_views(views)


@pytest.fixture(scope="session")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 events: twelve of each of nc, nue_cc, numu_cc, nutau_cc, in this order."""
    rng = np.random.default_rng(5)
    path = tmp_path_factory.mktemp("events") / "small.h5"
    with EventWriter(path, DUNE_FD_HD, {"made by": "a test"}) as writer:
        for i in range(N_EVENTS):
            label = _CLASSES[i // 12]
            energy = float(rng.uniform(0.5, 20.0))
            truth = Truth(
                label=EventClass(label),
                energy=energy,
                lepton_energy=energy / 2,
                mode="dis" if i % 2 else "qe",
                nu_pdg={"nc": None, "nue_cc": 12, "numu_cc": 14, "nutau_cc": 16}[label],
                protons=i % 4,
                charged_pions=i % 3,
                neutral_pions=i % 2,
                neutrons=0,
            )
            writer.write(f"event-{i}", draw(label, energy, rng), truth)
    return path


def features(event: Event) -> list[float]:
    hits = event.hits
    values = []
    for view in range(event.geometry.n_views):
        own = hits.view == view
        if own.sum() < 3:
            values += [0.0, 0.0, 0.0]
            continue
        columns = hits.column[own].astype(float)
        values += [np.log1p(own.sum()), float(np.ptp(hits.row[own])) / 100, columns.std() / 10]
    return values


class SmallClassifier:
    """Logistic regression on hit counts and extents: a real, if modest, classifier."""

    def __init__(self, name: str, events: Sequence[Event], columns: slice) -> None:
        from sklearn.linear_model import LogisticRegression

        self.name, self.version, self._columns = name, f"small-{name}", columns
        self.card: dict[str, object] = {}
        known = [e for e in events if e.truth and e.truth.label.value != "nutau_cc"]
        order = {"nue_cc": 0, "numu_cc": 1, "nc": 2}
        labels = [order[e.truth.label.value] for e in known if e.truth]
        inputs = np.array([features(e)[columns] for e in known])
        self._model = LogisticRegression(max_iter=2000, C=0.3).fit(inputs, labels)

    def _inputs(self, events: Sequence[Event] | Event) -> tuple[Any, Any]:
        listed = [events] if isinstance(events, Event) else list(events)
        inputs = np.array([features(e)[self._columns] for e in listed])
        return inputs, np.array([e.index for e in listed], dtype=np.int64)

    def predict(self, events: Sequence[Event] | Event, *, progress: Any = None) -> Predictions:
        inputs, indices = self._inputs(events)
        p = self._model.predict_proba(inputs).astype(np.float32)
        if progress:
            progress(len(p), len(p))
        return Predictions(indices, p, np.zeros(len(p), dtype=np.float32))

    def embed(self, events: Sequence[Event] | Event) -> Any:
        return self._inputs(events)[0].astype(np.float32)


@pytest.fixture(scope="session")
def classifiers(events_file: Path) -> dict[str, Any]:
    from classifier import open_events

    events = open_events(events_file)
    parts = {"vlm": slice(0, 9), "vit": slice(0, 6), "cnn": slice(0, 2)}
    return {name: SmallClassifier(name, events, part) for name, part in parts.items()}


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NULENS_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def assistant(events_file: Path, classifiers: dict[str, Any]) -> Assistant:
    return Assistant(data=events_file, classifiers=classifiers)
