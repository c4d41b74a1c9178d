"""What an explanation states: what is read surely, in the light of the event's measurement.

All of it is stated, and nothing else: a language model of this size does not copy numbers reliably,
and is left no choice. Verdicts are not touched: only explanations are informed so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import torch

from classifier.claims import resolution
from classifier.events import Event
from classifier.models.batching import occupied_pixels
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_measured import Measurement
from classifier.models.vlm_readings import readings
from classifier.models.vlm_sentences import ORDER, Sayings
from classifier.models.vlm_words import most_likely

if TYPE_CHECKING:
    from classifier.topology import Topology

LEAST_SURE = 0.62
"""What is less likely right than this is not stated; what remains is right nine times in ten."""

ALWAYS = ("n_prongs", "has_track", "has_shower", "vertex_activity")
"""Quantities that have a value in every event."""


def informed(
    backbone: Backbone, events: Sequence[Event], topologies: Sequence[Topology]
) -> list[Sayings]:
    """Read events in the light of their measurement; return what is to be stated of each.

    Parameters
    ----------
    backbone : Backbone
        The embedded model.
    events : sequence of Event
        Of one geometry.
    topologies : sequence of Topology
        Of the same events.
    """
    model = backbone.base
    features, mask = model.encoder(occupied_pixels(events).to(backbone.device))
    measured = Measurement.of(topologies).on(backbone.device)
    return sayings(model.projector.read(features, mask, measured))


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
