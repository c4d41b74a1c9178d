"""Evaluate models on one set of events: ask them, measure, write the report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.evaluation.metrics import Scored, compare, measures, unlike_area
from classifier.evaluation.robustness import pure_noise, stresses
from classifier.events import EventClass, EventSet
from nulens.errors import ModelError, NuLensError

if TYPE_CHECKING:
    from classifier.models.base import Classifier
    from classifier.predictions import PredictionStore

Tell = Callable[[str], None]
"""Called with a line of text when a step begins."""


def evaluate(
    models: Sequence[str | PathLike[str]],
    events: EventSet | str | PathLike[str],
    out_dir: str | PathLike[str],
    *,
    robustness: bool = True,
    stored: Sequence[str | PathLike[str]] = (),
    foreign: EventSet | str | PathLike[str] | None = None,
    title: str | None = None,
    most_stressed: int = 1000,
    cost: bool = True,
    explained: int = 0,
    store: PredictionStore | None = None,
    progress: Tell | None = None,
) -> dict[str, Any]:
    """Measure models on the same events and write a report.

    Parameters
    ----------
    models : sequence of str or path
        As for `classifier.load_classifier`; each is asked about every event.
    events : EventSet or path
        Events with truth.
    out_dir : path
        Gets ``report.html``, ``report.json`` and ``table.md``; other files there stay.
    robustness : bool
        Whether to repeat on changed events; see `classifier.evaluation.robustness`.
    stored : sequence of path
        Files of out-of-fold predictions from a cross-validation; see `read_stored`. They are
        measured as they are, no model is asked.
    foreign : EventSet or path, optional
        Events of another geometry, with truth: robustness and the unlike measure are tested on
        them too.
    title : str, optional
        Heading of the report's section; by default the path of the events.
    most_stressed : int
        How many events, spread over the set, are changed and classified again.
    cost : bool
        Whether to measure time and memory, on up to 100 events.
    explained : int
        How many events the models that explain are asked to explain; see
        `classifier.evaluation.faithfulness`.
    store : PredictionStore, optional
        Where predictions are looked up and kept.
    progress : callable, optional
        See `Tell`.

    Returns
    -------
    dict
        What ``report.json`` holds.

    Raises
    ------
    NuLensError
        If the events have no truth, or neither models nor stored predictions are given.
    ModelError
        If a model was trained on these very events and no stored predictions replace it.
    """
    from classifier.evaluation.report import write_report

    events = _opened(events)
    other = None if foreign is None else _opened(foreign)
    if not (events.labels >= 0).any():
        raise NuLensError(
            f"{events.source} has no events with a true class.", "Evaluate on events with truth."
        )
    if not models and not stored:
        raise NuLensError("There is nothing to evaluate.", "Name a model or stored predictions.")
    scored = [read_stored(path, events) for path in stored]
    section: dict[str, Any] = {
        "title": title or events.source,
        "source": events.source,
        "fingerprint": events.reader.fingerprint,
        "geometry": events.geometry.name,
        "events": len(events),
        "out_of_fold": [s.name for s in scored],
        "stresses": {},
        "unlike": {},
        "cost": {},
        "explanations": {},
    }
    for model in models:
        classifier = _loaded(model)
        refuse_trained_on(classifier, events)
        ask = _Asker(classifier, store, progress)
        scored.append(ask(events, "as recorded"))
        if robustness:
            section["stresses"][classifier.name] = _stressed(ask, events, other, most_stressed)
            section["unlike"][classifier.name] = _unlike(ask, events, other, most_stressed)
        if explained and hasattr(classifier, "explain"):
            from classifier.evaluation.faithfulness import evaluate_faithfulness

            explainer: Any = classifier
            told = evaluate_faithfulness(explainer, events, most=explained, progress=progress)
            section["explanations"][classifier.name] = told
        if cost:
            from classifier.evaluation.cost import measure_cost

            if progress is not None:
                progress(f"{classifier.name}: cost")
            section["cost"][classifier.name] = asdict(measure_cost(model, events))
            section["cost"][classifier.name]["training"] = _training_cost(classifier)
    section["models"] = [measures(s) for s in scored]
    section["comparisons"] = [
        compare(a, b) for a, b in combinations(scored, 2) if list(a.table.id) == list(b.table.id)
    ]
    results = {"version": 1, "sections": [section]}
    write_report(results, out_dir)
    return results


def merge(reports: Sequence[str | PathLike[str]], out_dir: str | PathLike[str]) -> dict[str, Any]:
    """Join the sections of several ``report.json`` files into one report.

    Raises
    ------
    NuLensError
        If a file is not such a report.
    """
    from classifier.evaluation.report import write_report

    sections: list[dict[str, Any]] = []
    for path in reports:
        try:
            sections += json.loads(Path(path).read_text())["sections"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NuLensError(
                f"{fspath(path)} is not an evaluation report.",
                "Name a report.json that nulens evaluate wrote.",
            ) from error
    results = {"version": 1, "sections": sections}
    write_report(results, out_dir)
    return results


def _opened(events: EventSet | str | PathLike[str]) -> EventSet:
    if isinstance(events, EventSet):
        return events
    from classifier import open_events

    return open_events(events)


def _loaded(model: str | PathLike[str]) -> Classifier:
    from classifier import load_classifier

    return load_classifier(model)


def _training_cost(classifier: Classifier) -> Mapping[str, Any] | None:
    """Return what the model card says of its training."""
    told = classifier.card.get("training")
    return told if isinstance(told, dict) else None


def refuse_trained_on(classifier: Classifier, events: EventSet) -> None:
    """Stop where a model's card lists these events, by fingerprint, as training data."""
    told = json.dumps(classifier.card, default=str)
    if events.reader.fingerprint in told:
        raise ModelError(
            f"The model {classifier.name} was trained on {events.source}.",
            "Evaluate it on other events, or give the out-of-fold predictions of its "
            "cross-validation.",
        )


class _Asker:
    """Asks one model, through the store where there is one."""

    def __init__(
        self, classifier: Classifier, store: PredictionStore | None, progress: Tell | None
    ) -> None:
        self.classifier = classifier
        self.store = store
        self.progress = progress

    def __call__(self, events: EventSet, what: str) -> Scored:
        name = self.classifier.name
        if self.progress is not None:
            self.progress(f"{name}: {what}, {len(events)} events")
        if self.store is None:
            found = self.classifier.predict(events)
        else:
            from classifier.predictions import predict_with_store

            found = predict_with_store(self.classifier, events, self.store)
        return Scored(name, found.probabilities, events.table, found.unlike)


def _spread(events: EventSet, most: int) -> EventSet:
    """Return at most `most` events, evenly spread over the set."""
    if len(events) <= most:
        return events
    return events.take(events.indices[np.linspace(0, len(events) - 1, most).astype(np.int64)])


def _stressed(ask: _Asker, events: EventSet, other: EventSet | None, most: int) -> dict[str, Any]:
    some = _spread(events.take(events.indices[events.labels >= 0]), most)
    sets = stresses(some)
    if other is not None:
        known = other.take(other.indices[other.labels >= 0])
        sets[f"other geometry: {other.geometry.name}"] = _spread(known, most)
    found = {}
    for name, changed in sets.items():
        result = measures(ask(changed, name))
        found[name] = {
            "accuracy": result["accuracy"],
            "auc_roc": result["macro"]["auc_roc"],
            "ece": result["calibration"]["ece"],
        }
    return found


def _unlike(ask: _Asker, events: EventSet, other: EventSet | None, most: int) -> dict[str, Any]:
    """Areas of the unlike measure: strange events against the classes that models know."""
    known = _spread(events.take(events.indices[events.labels >= 0]), most)
    like = _measure_of(ask(known, "unlike"))
    found = {"pure noise": unlike_area(like, _measure_of(ask(pure_noise(known), "pure noise")))}
    truth = events.table["truth"].to_numpy()
    for label in (EventClass.NUTAU_CC, EventClass.COSMIC):
        strange = events.take(events.indices[truth == label.value])
        if len(strange):
            some = _spread(strange, most)
            found[label.value] = unlike_area(like, _measure_of(ask(some, label.value)))
    if other is not None:
        some = _spread(other, most)
        found[other.geometry.name] = unlike_area(like, _measure_of(ask(some, "other geometry")))
    return found


def _measure_of(scored: Scored) -> Any:
    assert scored.unlike is not None
    return np.asarray(scored.unlike, dtype=np.float64)


def read_stored(path: str | PathLike[str], events: EventSet) -> Scored:
    """Read out-of-fold predictions and join them to events by id.

    Parameters
    ----------
    path : path
        JSON or npz with ``id`` (n strings), ``probabilities`` (n x 3) and, optionally, ``name``
        and ``unlike``.
    events : EventSet
        Events that are not in the file are left out.

    Raises
    ------
    NuLensError
        If the file cannot be read, an id occurs twice, or no event is in it.
    """
    path = Path(path)
    remedy = "Write it with id, probabilities and name, as the cross-validation does."
    try:
        told: dict[str, Any]
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as file:
                told = {k: file[k] for k in file.files}
        else:
            told = json.loads(path.read_text())
        ids = [str(i) for i in told["id"]]
        p = np.asarray(told["probabilities"], dtype=np.float64)
        unlike = None if "unlike" not in told else np.asarray(told["unlike"], dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NuLensError(f"{path} does not hold stored predictions.", remedy) from error
    if p.shape != (len(ids), 3) or not np.allclose(p.sum(axis=1), 1.0, atol=1e-3):
        raise NuLensError(f"{path} has no row of three probabilities for each id.", remedy)
    where = {name: row for row, name in enumerate(ids)}
    if len(where) != len(ids):
        raise NuLensError(f"{path} has an event twice.", "Keep one prediction an event.")
    table = events.table
    keep = np.array([str(i) in where for i in table["id"]], dtype=bool)
    if not keep.any():
        raise NuLensError(
            f"No event of {events.source} is in {path}.", "Name the predictions of these events."
        )
    rows = [where[str(i)] for i in table["id"][keep]]
    name = str(told.get("name", path.stem))
    return Scored(name, p[rows], table[keep], None if unlike is None else unlike[rows])
