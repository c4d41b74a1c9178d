"""Whether explanations hold up: each claim against simulation truth and against the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from classifier import claims, statistics
from classifier.claims import Claim, claims_of, read
from classifier.evaluation.changes import harmless, without_longest_track, without_showers
from classifier.evaluation.metrics import as_data
from classifier.events import Event, EventClass, EventSet
from classifier.models.base import Explanation
from classifier.topology import Topology, measure, reconstruct, true_topology
from classifier.topology.measurement import summarise

AGREES = 0.5
"""A claim agrees where its score is at least this: within two standard deviations."""

Change = Callable[[Event], Event]
Tell = Callable[[str], None]
"""Called with a line of text when a step begins."""


class Explainer(Protocol):
    """A classifier that explains."""

    name: str

    def explain(self, event: Event) -> Explanation:
        """Return verdict and explanation of one event."""
        ...


@dataclass(frozen=True)
class Checked:
    """One explanation taken apart.

    Attributes
    ----------
    label_consistent : bool
        Whether the text's verdict is the explanation's label, and there is one.
    unread : tuple of str
        Sentences outside the grammar of claims.
    right : dict of str to bool
        By quantity, whether what was claimed agrees; what cannot be told is left out.
    expected : dict of str to bool
        By quantity that could be claimed, whether it was, and rightly.
    """

    label_consistent: bool
    unread: tuple[str, ...]
    right: dict[str, bool]
    expected: dict[str, bool]


def agrees(claim: Claim, topology: Topology) -> bool | None:
    """Tell whether a claim agrees with a topology; None where that cannot tell."""
    found = claims.score(claim, topology).score
    return None if found is None else found >= AGREES


def check(text: str, label: EventClass, topology: Topology) -> Checked:
    """Compare one explanation with a topology, true or measured.

    Parameters
    ----------
    text : str
    label : EventClass
        The verdict that the text must state.
    topology : Topology
    """
    reading = read(text)
    right: dict[str, bool] = {}
    for claim in reading.claims:
        found = agrees(claim, topology)
        if found is not None:
            right[claim.quantity] = found and right.get(claim.quantity, True)
    expected = {c.quantity: right.get(c.quantity, False) for c in claims_of(topology)}
    return Checked(reading.verdict is label, reading.unread, right, expected)


def precision_and_recall(checked: Iterable[Checked]) -> dict[str, Any]:
    """Sum up explanations: precision and recall by claim type and overall.

    Precision is the share of claims that agree; recall the share of what could be claimed that was
    claimed and agrees.
    """
    checked = list(checked)
    found: dict[str, Any] = {}
    for quantity in (*claims.UNITS, "all"):
        made, due = [
            [ok for c in checked for q, ok in getattr(c, side).items() if quantity in ("all", q)]
            for side in ("right", "expected")
        ]
        found[quantity] = {
            "precision": as_data(statistics.proportion(sum(made), len(made))),
            "recall": as_data(statistics.proportion(sum(due), len(due))),
        }
    return found


def consistency(first: str, second: str, topology: Topology) -> list[bool]:
    """Tell for each claim of a text whether another text says the same.

    Numbers are the same within two standard deviations of their measurement.
    """
    there = {c.quantity: c.value for c in read(second).claims}
    same = []
    for claim in read(first).claims:
        other = there.get(claim.quantity)
        if other is None:
            same.append(False)
        elif isinstance(claim.value, bool | str):
            same.append(claim.value == other)
        else:
            sigma = claims.resolution(claim.quantity, float(claim.value))
            same.append(abs(float(claim.value) - float(other)) <= 2 * sigma)
    return same


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
        ``against_picture`` (precision and recall by claim type), ``picture_against_truth`` (how
        well the measurement itself does), ``consistency`` and ``sensitivity``.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(events))[:most])
    some = events.take(events.indices[chosen])
    explained = _explain(model, list(range(len(some))), some, "explaining", progress)
    truths, pictures, bare = [], [], []
    label_consistent = 0
    unread: list[str] = []
    for event, told in zip(some, explained, strict=True):
        measured = measure(event)
        on_picture = check(told.text, told.label, measured)
        pictures.append(on_picture)
        label_consistent += on_picture.label_consistent
        unread += on_picture.unread
        if event.truth is not None and event.truth.particles is not None:
            true = true_topology(event)
            truths.append(check(told.text, told.label, true))
            bare.append(check(claims.render(claims_of(measured), rng), told.label, true))
    return {
        "model": model.name,
        "events": len(some),
        "label_consistent": as_data(statistics.proportion(label_consistent, len(some))),
        "unread": sorted(set(unread)),
        "against_truth": precision_and_recall(truths),
        "against_picture": precision_and_recall(pictures),
        "picture_against_truth": precision_and_recall(bare),
        "consistency": _consistency(model, some, explained, probes, rng, progress),
        "sensitivity": _sensitivity(model, some, explained, probes, progress),
    }


def _explain(
    model: Explainer,
    rows: Sequence[int],
    events: Sequence[Event],
    what: str,
    progress: Tell | None,
) -> list[Explanation]:
    """Explain events, in batches where the model can."""
    if progress is not None:
        progress(f"{model.name}: {what}, {len(rows)} events")
    chosen = [events[i] for i in rows]
    many = getattr(model, "explain_many", None)
    return list(many(chosen)) if many is not None else [model.explain(e) for e in chosen]


def _consistency(
    model: Explainer,
    events: EventSet,
    explained: Sequence[Explanation],
    probes: int,
    rng: np.random.Generator,
    progress: Tell | None,
) -> dict[str, Any]:
    some = [events[i] for i in range(min(probes, len(events)))]
    changed = [harmless(e, rng) for e in some]
    again = _explain(model, list(range(len(changed))), changed, "harmless changes", progress)
    same_label = sum(a.label == b.label for a, b in zip(explained, again, strict=False))
    same: list[bool] = []
    for event, a, b in zip(some, explained, again, strict=False):
        same += consistency(a.text, b.text, measure(event))
    return {
        "label": as_data(statistics.proportion(same_label, len(some))),
        "claims": as_data(statistics.proportion(sum(same), len(same))),
    }


def _sensitivity(
    model: Explainer,
    events: EventSet,
    explained: Sequence[Explanation],
    probes: int,
    progress: Tell | None,
) -> dict[str, Any]:
    """Remove what a claim is about: the claim must go.

    Only events count whose explanation claims the object and whose picture shows none after the
    removal.
    """
    found = {}
    for quantity, remove in (
        ("has_track", without_longest_track),
        ("has_shower", without_showers),
    ):
        masked: list[Event] = []
        for i, told in enumerate(explained):
            if len(masked) == probes:
                break
            if not _claims(told.text, quantity):
                continue
            event = events[i]
            seen = reconstruct(event)
            if not getattr(summarise(event, seen), quantity):
                continue
            without = remove(event, seen)
            if len(without.hits) and not getattr(measure(without), quantity):
                masked.append(without)
        again = _explain(model, list(range(len(masked))), masked, f"without {quantity}", progress)
        gone = sum(not _claims(told.text, quantity) for told in again)
        found[quantity] = as_data(statistics.proportion(gone, len(masked)))
    return found


def _claims(text: str, quantity: str) -> bool:
    return Claim(quantity, True) in read(text).claims
