"""Whether explanations hold up: each claim against simulation truth and against the picture.

``python -m classifier.evaluation.faithfulness FILE --out FOLDER`` explains held-out events and
writes ``faithfulness.json`` and ``faithfulness.md``; cut off, it goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from classifier import claims, statistics
from classifier.claims import Claim, claims_of, read
from classifier.evaluation.changes import harmless, without_longest_track, without_showers
from classifier.evaluation.claim_checks import (
    chance_levels,
    check,
    consistency,
    precision_and_recall,
)
from classifier.evaluation.metrics import as_data
from classifier.evaluation.remembered import Explainer, Remembered, Tell, explain_many
from classifier.events import Event, EventSet
from classifier.models.base import Explanation
from classifier.topology import Topology, measure, reconstruct, true_topology
from nulens.errors import ModelError


def evaluate_faithfulness(
    model: Explainer,
    events: EventSet,
    *,
    most: int = 2000,
    probes: int = 200,
    seed: int = 0,
    progress: Tell | None = None,
) -> dict[str, Any]:
    """Measure how faithful a model's explanations are.

    Parameters
    ----------
    model : Explainer
    events : EventSet
        Held-out events, with the particles of simulation truth.
    most : int
        How many events are explained.
    probes : int
        How many of them are explained again with harmless changes, and with objects removed.
    seed : int
    progress : callable, optional

    Returns
    -------
    dict
        Plain data: ``events``, ``label_consistent``, ``unread`` (sentences), ``against_truth`` and
        ``against_picture`` (precision and recall by claim type), ``chance`` (precision against
        truth of claims about another event, and of a constant one), ``picture_against_truth`` (how
        well the measurement itself does), ``consistency`` and ``sensitivity``.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(events))[:most])
    some = events.take(events.indices[chosen])
    explained = _explain(model, some, "explaining", progress)
    if progress is not None:
        progress(f"{model.name}: measuring {len(some)} events")
    measured: list[Topology] = []
    truths, pictures, bare = [], [], []
    judged: list[tuple[str, Topology]] = []
    unread: list[str] = []
    for event, told in zip(some, explained, strict=True):
        measured.append(measure(event))
        pictures.append(check(told.text, told.label, measured[-1]))
        unread += pictures[-1].unread
        if event.truth is not None and event.truth.particles is not None:
            true = true_topology(event)
            truths.append(check(told.text, told.label, true))
            judged.append((told.text, true))
            bare.append(check(claims.render(claims_of(measured[-1]), rng), told.label, true))
    consistent = sum(p.label_consistent for p in pictures)
    return {
        "model": model.name,
        "source": Path(events.source).name,
        "geometry": events.geometry.name,
        "events": len(some),
        "label_consistent": as_data(statistics.proportion(consistent, len(some))),
        "unread": sorted(set(unread)),
        "against_truth": precision_and_recall(truths),
        "chance": chance_levels([text for text, _ in judged], [true for _, true in judged]),
        "against_picture": precision_and_recall(pictures),
        "picture_against_truth": precision_and_recall(bare),
        "consistency": _consistency(model, some, explained, probes, rng, progress),
        "sensitivity": {
            quantity: _sensitivity(model, some, explained, measured, quantity, probes, progress)
            for quantity in REMOVALS
        },
    }


def _explain(
    model: Explainer, events: Sequence[Event], what: str, progress: Tell | None
) -> list[Explanation]:
    if progress is not None:
        progress(f"{model.name}: {what}, {len(events)} events")
    return explain_many(model, events)


def _consistency(
    model: Explainer,
    events: EventSet,
    explained: Sequence[Explanation],
    probes: int,
    rng: np.random.Generator,
    progress: Tell | None,
) -> dict[str, Any]:
    changed = [harmless(events[i], rng) for i in range(min(probes, len(events)))]
    again = _explain(model, changed, "harmless changes", progress)
    pairs = list(zip(explained, again, strict=False))
    same_label = sum(a.label == b.label for a, b in pairs)
    same = [ok for a, b in pairs for ok in consistency(a.text, b.text)]
    return {
        "label": as_data(statistics.proportion(same_label, len(pairs))),
        "claims": as_data(statistics.proportion(sum(same), len(same))),
    }


REMOVALS = {"has_track": without_longest_track, "has_shower": without_showers}
"""What removes the object that a claim is about."""


def _sensitivity(
    model: Explainer,
    events: EventSet,
    explained: Sequence[Explanation],
    measured: Sequence[Topology],
    quantity: str,
    probes: int,
    progress: Tell | None,
) -> dict[str, Any]:
    """Remove what a claim is about: the claim must go.

    Only events count whose explanation claims the object, whose picture shows it, and shows none
    after the removal.
    """
    masked: list[Event] = []
    for i, told in enumerate(explained):
        if len(masked) == probes:
            break
        if not (_claims(told.text, quantity) and getattr(measured[i], quantity)):
            continue
        event = events[i]
        without = REMOVALS[quantity](event, reconstruct(event))
        if len(without.hits) and not getattr(measure(without), quantity):
            masked.append(without)
    again = _explain(model, masked, f"without {quantity}", progress)
    gone = sum(not _claims(told.text, quantity) for told in again)
    return as_data(statistics.proportion(gone, len(masked)))


def _claims(text: str, quantity: str) -> bool:
    return Claim(quantity, True) in read(text).claims


def table(found: dict[str, Any]) -> str:
    """Return the results of `evaluate_faithfulness` as a table in Markdown."""
    lines = [
        f"{found['events']} events of {found['geometry']} ({found['source']}), "
        f"explained by {found['model']}.",
        "",
        "| claim | precision, truth | recall, truth | another event's claim | a constant claim | "
        "precision, picture | picture against truth |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for quantity in (*claims.UNITS, "all"):
        chance = found["chance"].get(quantity, {})
        cells = [
            *(_percent(found["against_truth"][quantity][side]) for side in ("precision", "recall")),
            *(_share(chance.get(kind)) for kind in ("shuffled", "constant")),
            _percent(found["against_picture"][quantity]["precision"]),
            _percent(found["picture_against_truth"][quantity]["precision"]),
        ]
        lines.append(f"| {quantity} | {' | '.join(cells)} |")
    lines += ["", "| check | share |", "| --- | --- |"]
    for name, value in (
        ("verdict in the text is the label", found["label_consistent"]),
        ("label kept under harmless changes", found["consistency"]["label"]),
        ("claims kept under harmless changes", found["consistency"]["claims"]),
        ("muon-like track removed: claim gone", found["sensitivity"]["has_track"]),
        ("showers removed: claim gone", found["sensitivity"]["has_shower"]),
    ):
        lines.append(f"| {name} | {_percent(value)} |")
    lines += ["", f"Sentences outside the grammar: {len(found['unread'])}."]
    return "\n".join(lines) + "\n"


def _percent(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "none"
    low, high = 100 * share["low"], 100 * share["high"]
    return f"{100 * share['value']:.1f} % [{low:.1f}, {high:.1f}] of {share['n']}"


def _share(share: dict[str, Any] | None) -> str:
    return "" if share is None or share["value"] is None else f"{100 * share['value']:.1f} %"


def _explainer(name: str) -> Explainer:
    from classifier import load_classifier

    classifier = load_classifier(name)
    if not hasattr(classifier, "explain"):
        raise ModelError(f"{name!r} does not explain its verdicts.", "Name a VLM, such as 'vlm'.")
    return cast(Explainer, classifier)


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate a model on the events of a file; see the head of this file."""
    from classifier import open_events
    from classifier.models.weights import write_json

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="simulated events that no training has seen")
    parser.add_argument("--model", default="vlm")
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()

    def tell(line: str) -> None:
        print(f"{time.perf_counter() - started:7.0f} s  {line}", file=sys.stderr, flush=True)

    model = Remembered(_explainer(chosen.model), chosen.out / "explanations.jsonl", tell)
    found = evaluate_faithfulness(
        model,
        open_events(chosen.file),
        most=chosen.events,
        probes=chosen.probes,
        seed=chosen.seed,
        progress=tell,
    )
    found["seconds"] = round(time.perf_counter() - started, 1)
    write_json(chosen.out / "faithfulness.json", found)
    told = table(found)
    (chosen.out / "faithfulness.md").write_text(told, encoding="utf-8")
    print(told, end="")


if __name__ == "__main__":
    main()
