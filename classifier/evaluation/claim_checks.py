"""Explanations taken apart: each claim against a topology, true or measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from classifier import claims, statistics
from classifier.claims import Claim, claims_of, read
from classifier.evaluation.metrics import as_data
from classifier.events import EventClass
from classifier.topology import Topology

AGREES = 0.5
"""A claim agrees where its score is at least this: within two standard deviations."""
MOST_CONSTANTS = 20
"""About how many of the values that were stated are tried as the constant one."""


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


def chance_levels(texts: Sequence[str], topologies: Sequence[Topology]) -> dict[str, Any]:
    """Tell how often a claim would agree without a look at the picture.

    Parameters
    ----------
    texts : sequence of str
        Explanations.
    topologies : sequence of Topology
        What they are judged by, in the same order.

    Returns
    -------
    dict
        By claim type: ``shuffled``, the share of claims that agree with the event after, and
        ``constant``, the share that would agree if the most successful value were always stated.
    """
    made: dict[str, list[tuple[Claim, Topology]]] = {q: [] for q in claims.UNITS}
    for text, topology in zip(texts, topologies, strict=True):
        for claim in read(text).claims:
            if agrees(claim, topology) is not None:
                made[claim.quantity].append((claim, topology))
    found: dict[str, Any] = {}
    for quantity, pairs in made.items():
        stated = [claim for claim, _ in pairs]
        judges = [topology for _, topology in pairs]
        others = [agrees(c, t) for c, t in zip(stated, judges[1:] + judges[:1], strict=True)]
        values = sorted({c.value for c in stated})
        some = values[:: max(len(values) // MOST_CONSTANTS, 1)]
        best = max(
            (sum(bool(agrees(Claim(quantity, v), t)) for t in judges) for v in some), default=0
        )
        found[quantity] = {
            "shuffled": as_data(statistics.proportion(sum(map(bool, others)), len(pairs))),
            "constant": as_data(statistics.proportion(best, len(pairs))),
        }
    return found


def consistency(first: str, second: str) -> list[bool]:
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
