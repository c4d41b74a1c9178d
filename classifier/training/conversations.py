"""Conversations that the VLM is trained on: prompt, verdict, explanation, as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset

from classifier.claims import VERDICT_NAMES, VERDICT_PREFIX
from classifier.events import CLASSES, Event, EventSet, Geometry, Hits
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_prompts import STYLES, prompt
from classifier.models.vlm_reading import name_tokens
from classifier.training.captions import Caption, words
from classifier.training.supervised import Source

if TYPE_CHECKING:
    import torch

STYLE_SHARES = (0.4, 0.2, 0.4)
"""How often each of `STYLES` is asked: short prompts and none, so that no wording is leant on."""

ASIDE_SHARE = 0.3
"""Conversations with more than the picture: the energy range or a dead region."""

PLAIN_SHARE = 0.6
"""Captions in the one wording that explanations are decoded in; the others vary."""

MOST_DEAD = 0.04
"""Largest share of the rows of a view that a dead region takes."""


@dataclass(frozen=True)
class Material:
    """Events to talk about, of any mixture of geometries.

    Attributes
    ----------
    sets : sequence of EventSet
        Event numbers run through them in order.
    labels : ndarray of int64, shape (n,)
        Column of `CLASSES`, -1 for events that are not used.
    energies : ndarray of float, shape (n,)
        GeV; NaN where unknown.
    captions : sequence
        Claims of each event; None where only the verdict is learnt.
    """

    sets: Sequence[EventSet]
    labels: npt.NDArray[np.int64]
    energies: npt.NDArray[np.float64]
    captions: Sequence[Caption | None]

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Number of the first event of each set, and of all events."""
        return np.concatenate([[0], np.cumsum([len(s) for s in self.sets])]).astype(np.int64)

    def geometry(self, number: int) -> Geometry:
        """Return the geometry of an event."""
        which = int(np.searchsorted(self.offsets, number, side="right")) - 1
        return self.sets[which].geometry

    def event(self, number: int) -> Event:
        """Read an event."""
        which = int(np.searchsorted(self.offsets, number, side="right")) - 1
        return self.sets[which][number - int(self.offsets[which])]


@dataclass(frozen=True)
class Batch:
    """One step's conversations.

    Attributes
    ----------
    numbers : ndarray of int64, shape (B,)
        Events, as `Material` counts them.
    inputs : dict of Tensor
        What the model takes up to the class name; padded on the left.
    answers, answered, named : Tensor, shape (B, A)
        Tokens from the class name on, where they are not padding, and where they are its name.
    dead : ndarray of int64, shape (B, 3)
        View, first and last row of a region that the prompt calls dead; view -1 for none.
    """

    numbers: npt.NDArray[np.int64]
    inputs: dict[str, torch.Tensor]
    answers: torch.Tensor
    answered: torch.Tensor
    named: torch.Tensor
    dead: npt.NDArray[np.int64]


class Conversations(Dataset[Batch]):
    """Batches of conversations by step number; each follows from seed and step alone.

    Parameters
    ----------
    material : Material
    backbone : Backbone
        Gives the processor. Events are drawn or cut into patches here unless it is the embedded
        model, whose patches are made on the device.
    sources : sequence of Source
        Events to draw from; each gives its share of a batch.
    size : int
        Conversations a step of one process.
    seed, rank : int
        A process under ``accelerate launch`` draws its own events.
    style_shares : tuple of float
        How often each of `STYLES` is asked.
    aside_share : float
        Conversations with an aside.
    plain_share : float
        Captions in the one wording that explanations are decoded in; the others vary.
    """

    def __init__(
        self,
        material: Material,
        backbone: Backbone,
        sources: Sequence[Source],
        size: int,
        *,
        seed: int,
        rank: int = 0,
        style_shares: tuple[float, ...] = STYLE_SHARES,
        aside_share: float = ASIDE_SHARE,
        plain_share: float = PLAIN_SHARE,
    ) -> None:
        self.material = material
        self.processor: Any = backbone.processor
        self.images_first = backbone.config.images_first
        self.embedded = backbone.embedded
        self.sources = sources
        self.size = size
        self.seed = (seed, rank)
        self.style_shares = np.asarray(style_shares) / sum(style_shares)
        self.aside_share = aside_share
        self.plain_share = plain_share
        self._named = [len(name) for name in name_tokens(self.processor.tokenizer)]

    def __len__(self) -> int:
        return 1 << 40  # there is a conversation for every step

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([*self.seed, step])
        # One style a batch, so that little is padding.
        style = STYLES[int(rng.choice(len(STYLES), p=self.style_shares))]
        numbers = self._draw(step)
        labels = self.material.labels[numbers]
        texts, answers = [], []
        dead = np.full((len(numbers), 3), -1, dtype=np.int64)
        for i, number in enumerate(numbers):
            geometry = self.material.geometry(int(number))
            aside = ""
            if rng.random() < self.aside_share:
                aside = self._aside(int(number), geometry, dead[i], rng)
            asked = prompt(style, geometry, aside)
            before, after = ("", asked.question) if self.images_first else (asked.question, "")
            chat = self.processor.chat(asked.system, before, after, geometry.n_views)
            texts.append(chat + VERDICT_PREFIX)
            answers.append(self._answer(int(labels[i]), self.material.captions[number], rng))
        inputs = self._inputs(texts, numbers, dead)
        tokens, answered, named = self._tokenised(answers, labels)
        return Batch(numbers, inputs, tokens, answered, named, dead)

    def _draw(self, step: int) -> npt.NDArray[np.int64]:
        """Go through each source in a new order every epoch."""
        total = sum(source.share for source in self.sources)
        ends = np.cumsum([source.share for source in self.sources]) / total * self.size
        parts = []
        first = 0
        for number, end in enumerate(np.rint(ends).astype(int)):
            size, first = int(end) - first, int(end)
            own = self.sources[number].indices
            epochs, places = np.divmod(np.arange(step * size, (step + 1) * size), len(own))
            for epoch in np.unique(epochs):
                seed = [*self.seed, 1 << 32, number, int(epoch)]
                order = np.random.default_rng(seed).permutation(len(own))
                parts.append(own[order[places[epochs == epoch]]])
        return np.concatenate(parts)

    def _aside(
        self,
        number: int,
        geometry: Geometry,
        dead: npt.NDArray[np.int64],
        rng: np.random.Generator,
    ) -> str:
        energy = float(self.material.energies[number])
        if np.isfinite(energy) and rng.random() < 0.5:
            low, high = int(energy * rng.uniform(0.2, 1.0)), int(energy * rng.uniform(1.0, 3.0)) + 1
            return f"Neutrino energies are between {low} and {high} GeV."
        view = int(rng.integers(geometry.n_views))
        rows = 1 + int(rng.integers(max(int(MOST_DEAD * geometry.shape[0]), 1)))
        first = int(rng.integers(geometry.shape[0] - rows))
        dead[:] = view, first, first + rows - 1
        name = geometry.views[view].name
        return f"Rows {first} to {first + rows - 1} of view {name} are dead."

    def _answer(self, label: int, stated: Caption | None, rng: np.random.Generator) -> str:
        verdict = f" {VERDICT_NAMES[CLASSES[label]]}"
        return verdict if stated is None else f"{verdict}. {words(stated, rng, self.plain_share)}"

    def _inputs(
        self, texts: list[str], numbers: npt.NDArray[np.int64], dead: npt.NDArray[np.int64]
    ) -> dict[str, Any]:
        if self.embedded:
            return dict(self.processor.encode_texts(texts))
        events = [
            without_rows(self.material.event(int(n)), *map(int, region))
            for n, region in zip(numbers, dead, strict=True)
        ]
        return dict(self.processor(texts, events))

    def _tokenised(
        self, answers: list[str], labels: npt.NDArray[np.int64]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        import torch

        tokenizer = self.processor.tokenizer
        ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in answers]
        # A whole answer ends the turn; a verdict alone leaves open what follows.
        ids = [
            row if len(row) == self._named[label] else [*row, tokenizer.eos_token_id]
            for row, label in zip(ids, labels, strict=True)
        ]
        longest = max(len(row) for row in ids)
        tokens = torch.full((len(ids), longest), tokenizer.pad_token_id)
        answered = torch.zeros((len(ids), longest), dtype=torch.bool)
        named = torch.zeros_like(answered)
        for i, (row, label) in enumerate(zip(ids, labels, strict=True)):
            tokens[i, : len(row)] = torch.tensor(row)
            answered[i, : len(row)] = True
            named[i, : self._named[label]] = True
        return tokens, answered, named


def without_rows(event: Event, view: int, first: int, last: int) -> Event:
    """Return an event without the hits of some rows of a view; -1 stands for no view."""
    if view < 0:
        return event
    h = event.hits
    keep = (h.view != view) | (h.row < first) | (h.row > last)
    hits = Hits(h.view[keep], h.row[keep], h.column[keep], h.value[keep])
    return Event(event.id, event.index, event.geometry, hits, event.truth)
