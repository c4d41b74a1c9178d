"""What measuring an event adds to reading it: the explanation states what both make likely.

The embedded model reads each quantity off the encoder's features as probabilities. Here they are
multiplied by how likely the measurement of `classifier.topology` is for each value (Bayes), and
what stays doubtful is not stated. What is left is what the explanation says, all of it: a language
model of this size does not copy numbers reliably, and is left no choice. Verdicts are not touched:
only explanations are informed so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import torch

from classifier.claims import claims_of, resolution
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_sentences import ORDER, Sayings
from classifier.models.vlm_words import most_likely, readings

if TYPE_CHECKING:
    from classifier.topology import Topology

LEAST_SURE = 0.7
"""What is less likely right than this is not stated; what remains is right nine times in ten."""

ALWAYS = ("n_prongs", "has_track", "has_shower", "vertex_activity")
"""Quantities that have a value in every event."""

RIGHT = {"has_track": 0.87, "has_shower": 0.95, "track_contained": 0.93, "vertex_activity": 0.9}
"""Share of simulated DUNE events in which the measurement is right (1,300 events)."""

ELSEWHERE = {
    "n_prongs": 0.3,
    "longest_track_cm": 0.08,
    "n_showers": 0.4,
    "vertex_gap_cm": 0.25,
    "initial_dedx": 0.4,
}
"""Likelihood of a measurement far from the value, that of one which hits it being 1.

A number that is measured well off, because another object was taken for it, is no proof against the
value: the more often this happens, the higher the floor.
"""

ABSENT = 0.15
"""Likelihood of measuring a number where there is nothing to measure."""


@contextmanager
def informed(
    backbone: Backbone, topologies: Sequence[Topology]
) -> Iterator[Callable[[], list[Sayings]]]:
    """Let an embedded model read one batch of events in the light of their measurement.

    Parameters
    ----------
    backbone : Backbone
    topologies : sequence of Topology
        Of the events of the batch, in their order.

    Yields
    ------
    callable
        Returns, once the batch is read, what is to be stated; see `sayings`.
    """
    seen: dict[str, torch.Tensor] = {}
    hooks = []
    for quantity, layer in backbone.base.projector.values.items():
        added = torch.stack([log_likelihood(quantity, t) for t in topologies])
        hooks.append(layer.register_forward_hook(partial(_add, seen, quantity, added)))
    try:
        yield lambda: sayings(seen)
    finally:
        for hook in hooks:
            hook.remove()


def _add(
    seen: dict[str, torch.Tensor],
    quantity: str,
    added: torch.Tensor,
    module: object,
    inputs: object,
    logits: torch.Tensor,
) -> torch.Tensor:
    seen[quantity] = logits.float() + added.to(logits.device)
    return seen[quantity].to(logits.dtype)


def log_likelihood(quantity: str, topology: Topology) -> torch.Tensor:
    """Return how likely the measurement is for each value of a quantity, shape (values,).

    Zero throughout where nothing was measured.
    """
    reading = readings()[quantity]
    measured = {c.quantity: c.value for c in claims_of(topology)}.get(quantity)
    if measured is None:
        return torch.zeros(len(reading.values))
    likely = []
    for value in reading.values:
        if not reading.ordered:
            right = RIGHT[quantity]
            likely.append(right if value == measured else 1.0 - right)
        elif value is None:
            likely.append(ABSENT)
        else:
            off = (float(value) - float(measured)) / resolution(quantity, float(measured))
            floor = ELSEWHERE[quantity]
            likely.append(floor + (1.0 - floor) * float(np.exp(-0.5 * off**2)))
    return torch.tensor(likely).log()


def sayings(logits: Mapping[str, torch.Tensor]) -> list[Sayings]:
    """Return, an event each, what is read surely enough to be stated.

    A number is as sure as the probabilities within two standard deviations of it add up to, other
    values as their own. Of what can always be told, the surest is stated in any case.

    Parameters
    ----------
    logits : mapping of str to Tensor, shape (B, values)
        See `classifier.models.vlm_words.VisualWords.read`.
    """
    sure = {q: confidence(q, logits[q]).tolist() for q in ORDER}
    places = {q: most_likely(q, logits[q]).tolist() for q in ORDER}
    told = []
    for i in range(len(sure[ORDER[0]])):
        read = {q: readings()[q].values[int(places[q][i])] for q in ORDER}
        said = {q: v for q, v in read.items() if v is not None and sure[q][i] >= LEAST_SURE}
        if not said.get("has_shower"):
            said = {q: v for q, v in said.items() if q not in ("n_showers", "vertex_gap_cm")}
        if not said:
            surest = max(ALWAYS, key=lambda q: sure[q][i])
            said = {q: v for q, v in read.items() if q == surest and v is not None}
        told.append(frozenset(said.items()))
    return told


def confidence(quantity: str, logits: torch.Tensor) -> torch.Tensor:
    """Return how likely what `most_likely` chooses agrees with what is there, shape (B,)."""
    probabilities = logits.float().softmax(-1)
    chosen = most_likely(quantity, logits)
    return (probabilities * _agreeing(quantity)[chosen].to(probabilities.device)).sum(-1)


@cache
def _agreeing(quantity: str) -> torch.Tensor:
    """Return which values (columns) agree with which claim (rows), as `claims.score` judges."""
    reading = readings()[quantity]
    same = torch.eye(len(reading.values))
    if not reading.ordered:
        return same
    for i, value in enumerate(reading.values):
        for j, other in enumerate(reading.values):
            if value is not None and other is not None:
                near = abs(float(value) - float(other)) <= 2 * resolution(quantity, float(other))
                same[i, j] = float(near)
    return same
