"""Visual words: what the projector reads off an event, spelt in the language model's own words.

Each of a few queries looks at the event for one quantity of `classifier.claims`, and the value that
it reads stands in the prompt as the embeddings of a few words: those that the explanation will say
about it, with the words before them. Language models continue a beginning that they have seen as
it went on there (induction; Olsson et al., arXiv:2209.11895), so that one that was never shown a
picture learns to tell what it sees from few examples. The class is not decided here: the words of
its name are the means of the three names' embeddings, weighted by the encoder's probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from classifier.claims import Claim, Value
from classifier.models.vlm_sentences import ORDER

LEADS: dict[str, tuple[str, ...]] = {
    "n_prongs": (" CC", "."),
    "has_track": (" vertex", "."),
    "longest_track_cm": (),
    "track_contained": (),
    "has_shower": (" images", "."),
    "n_showers": (" visible", "."),
    "vertex_gap_cm": (),
    "initial_dedx": (),
    "vertex_activity": (),
}
"""What stands before each value, where the value's own words do not begin like its sentence."""

CLASS_LEAD = (" maps", " as")
CLASS_WORDS = ((" Nu", "E"), (" Nu", "Mu"), (" NC", "."))

_NONE = " none"


@dataclass(frozen=True)
class Reading:
    """The values that a quantity can be read as, and the words of each, all of equal number."""

    values: tuple[Value | None, ...]
    words: tuple[tuple[str, ...], ...]

    @property
    def ordered(self) -> bool:
        """Whether the values are numbers, so that a median makes sense."""
        return isinstance(self.values[-1], float)

    def place(self, value: Value | None) -> int:
        """Return the number of the nearest value."""
        if not self.ordered or value is None:
            return self.values.index(value)
        numbers = [abs(float(v) - float(value)) if v is not None else 1e9 for v in self.values]
        return numbers.index(min(numbers))


def _reading(values: Sequence[Value | None], spelt: Sequence[tuple[str, ...]]) -> Reading:
    """Bring the words of all values to one number, the last word repeated."""
    longest = max(map(len, spelt))
    filled = tuple((*s, *(s[-1],) * (longest - len(s))) for s in spelt)
    return Reading(tuple(values), filled)


@cache
def readings() -> dict[str, Reading]:
    """Return how each quantity can be read; numbers as `claims` rounds them.

    The words of a value are those with which its sentence begins to differ from others: the first
    words are what `vlm_sentences.plain` says before it.
    """
    none = (_NONE,)
    counts = [float(n) for n in range(10)]
    some = [(" ", f"{n}") for n in range(2, 10)]
    lengths = [float(n) for n in (*range(1, 30), *range(30, 100, 5), *range(100, 1000, 10))]
    gaps = [float(n) for n in range(100)]
    halves = [n / 2 for n in range(61)]
    return {
        "n_prongs": _reading(counts, [(" No", " prong"), (" A", " single"), *some]),
        "has_track": _reading((False, True), [(" There",), (" A",)]),
        "longest_track_cm": _reading(
            (None, *lengths), [none, *((" about", " ", *f"{v:g}", " cm") for v in lengths)]
        ),
        "track_contained": _reading(
            (None, False, True), [none, (" track", " leaves"), (" track", " stops")]
        ),
        "has_shower": _reading((False, True), [(" There",), (" An",)]),
        "n_showers": _reading(
            (None, *counts),
            [none, (" No", " separate"), (" A", " single"), *((" count", *s) for s in some)],
        ),
        "vertex_gap_cm": _reading(
            (None, *gaps),
            [
                none,
                (" starts", " at"),
                *((" starts", " about", " ", *f"{v:g}", " cm") for v in gaps[1:]),
            ],
        ),
        "initial_dedx": _reading(
            (None, *halves), [none, *((" with", " about", " ", *f"{v:g}", " Me") for v in halves)]
        ),
        "vertex_activity": _reading(("low", "high"), [(" is", " low"), (" is", " high")]),
    }


def target(quantity: str, claims: Sequence[Claim]) -> int:
    """Return which value of a quantity claims state; that for none if they do not mention it."""
    stated = {c.quantity: c.value for c in claims}
    reading = readings()[quantity]
    value = stated.get(quantity)
    if value is None and None not in reading.values:
        raise ValueError(f"every caption must state {quantity}")
    return reading.place(float(value) if reading.ordered and value is not None else value)


def spelling(tokenizer: Any) -> dict[str, list[list[int]]]:
    """Return the tokens of all visual words, in a form that a configuration can hold.

    Keys are quantities and ``class``; each has the tokens of its lead first, then a row a value.
    """

    def token(word: str) -> int:
        return int(tokenizer(word, add_special_tokens=False)["input_ids"][0])

    def row(words: Sequence[str]) -> list[int]:
        return [token(word) for word in words]

    spelt = {"class": [row(CLASS_LEAD), *map(row, CLASS_WORDS)]}
    for quantity in ORDER:
        spelt[quantity] = [row(LEADS[quantity]), *map(row, readings()[quantity].words)]
    return spelt


def word_count() -> int:
    """Return how many tokens the visual words of an event take."""
    own = len(CLASS_LEAD) + len(CLASS_WORDS[0])
    return own + sum(len(LEADS[q]) + len(readings()[q].words[0]) for q in ORDER)


class VisualWords(nn.Module):
    """Reads quantities off patch features, and spells them.

    Parameters
    ----------
    width : int
        Length of a patch feature.
    spelt : dict
        See `spelling`.
    blocks : int
        Rounds in which the queries attend to the patches and to one another (as the perceiver
        resampler of Flamingo does; Alayrac et al., arXiv:2204.14198, sec. 2.1).
    """

    def __init__(self, width: int, spelt: dict[str, list[list[int]]], blocks: int = 2) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(1, len(ORDER), width) * 0.02)
        self.source_norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.label = nn.Linear(width, len(CLASS_WORDS))
        self.values = nn.ModuleDict(
            {quantity: nn.Linear(width, len(readings()[quantity].values)) for quantity in ORDER}
        )
        for name, rows in spelt.items():
            lead = torch.tensor(rows[0], dtype=torch.long)
            words = torch.tensor(rows[1:])
            self.register_buffer(f"lead_{name}", lead, persistent=False)
            self.register_buffer(f"words_{name}", words, persistent=False)

    def read(self, features: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the logits of each quantity's values and of the ``class``, all (B, values).

        Parameters
        ----------
        features : Tensor, shape (B, 1 + T, width)
            The class token first.
        mask : Tensor of bool, shape (B, 1 + T)
        """
        source = self.source_norm(features)
        x = self.queries.to(source.dtype).expand(len(source), -1, -1)
        for block in self.blocks:
            x = block(x, source, mask)
        x = self.norm(x)
        logits = {q: self.values[q](x[:, i]) for i, q in enumerate(ORDER)}
        logits["class"] = self.label(features[:, 0])
        return logits

    def forward(
        self, features: torch.Tensor, mask: torch.Tensor, embedding: nn.Module
    ) -> torch.Tensor:
        """Return the embeddings of the visual words, shape (B, `word_count`, hidden)."""
        logits = self.read(features, mask)
        n = len(features)
        probabilities = logits["class"].float().softmax(-1)
        names = embedding(self.words_class)
        mean = torch.einsum("bc,cwh->bwh", probabilities.to(names.dtype), names)
        parts = [embedding(self.lead_class).expand(n, -1, -1), mean]
        for quantity in ORDER:
            chosen = most_likely(quantity, logits[quantity])
            parts.append(embedding(getattr(self, f"lead_{quantity}")).expand(n, -1, -1))
            parts.append(embedding(getattr(self, f"words_{quantity}")[chosen]))
        return torch.cat(parts, dim=1)


def most_likely(quantity: str, logits: torch.Tensor) -> torch.Tensor:
    """Return the value to claim, (B,): the median of a number, the most likely of the others.

    The median is the number that is nearest on average; a number is claimed at all if that is more
    likely than not.
    """
    reading = readings()[quantity]
    probabilities = logits.float().softmax(-1)
    if not reading.ordered:
        return probabilities.argmax(-1)
    first = int(reading.values[0] is None)
    numbers = probabilities[:, first:]
    share = numbers.cumsum(-1) / numbers.sum(-1, keepdim=True).clamp_min(1e-9)
    median = (share < 0.5).sum(-1).clamp_max(numbers.shape[1] - 1) + first
    if not first:
        return median
    return torch.where(probabilities[:, 0] > 0.5, torch.zeros_like(median), median)


class _Block(nn.Module):
    def __init__(self, width: int, heads: int = 8) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.merge = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: torch.Tensor, source: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        own = self.norm(x)
        key, value = self.key_value(torch.cat([source, own], dim=1)).chunk(2, dim=-1)
        seen = torch.cat([mask, mask.new_ones(own.shape[:2])], dim=1)
        attended = functional.scaled_dot_product_attention(
            self._split(self.query(own)),
            self._split(key),
            self._split(value),
            attn_mask=seen[:, None, None, :],
        )
        x = x + self.merge(attended.transpose(1, 2).flatten(2))
        x = x + self.mlp(x)
        return x

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """Give each head its part: (B, T, width) to (B, heads, T, width / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
