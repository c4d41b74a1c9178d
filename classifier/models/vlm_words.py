"""Visual words: what the projector reads off an event, spelt in the language model's own words.

Each of a few queries looks at the event for one quantity of `classifier.claims`, and the value that
it reads stands in the prompt as the embeddings of a few words: those that the explanation will say
about it, with the words before them. Language models continue a beginning that they have seen as
it went on there (induction; Olsson et al., arXiv:2209.11895), so that one that was never shown a
picture learns to tell what it sees from few examples. The class is not decided here: the words of
its name are the means of the three names' embeddings, weighted by the encoder's probabilities.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from classifier.models.vlm_measured import Informed, Measurement
from classifier.models.vlm_readings import CLASS_WORDS, readings
from classifier.models.vlm_sentences import ORDER

EVENNESS = 3.0
"""Temperature of the class's visual word. A language model says the same of 95 and of 99.5 %; of
more even shares it tells apart what the encoder does, and calibration makes them probabilities."""


class VisualWords(nn.Module):
    """Reads quantities off patch features, and spells them.

    Parameters
    ----------
    width : int
        Length of a patch feature.
    spelt : dict
        See `classifier.models.vlm_readings.spelling`.
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
        self.informed = Informed(width)
        for name, rows in spelt.items():
            lead = torch.tensor(rows[0], dtype=torch.long)
            words = torch.tensor(rows[1:])
            self.register_buffer(f"lead_{name}", lead, persistent=False)
            self.register_buffer(f"words_{name}", words, persistent=False)

    def read(
        self, features: torch.Tensor, mask: torch.Tensor, measured: Measurement | None = None
    ) -> dict[str, torch.Tensor]:
        """Return the logits of each quantity's values and of the ``class``, all (B, values).

        Parameters
        ----------
        features : Tensor, shape (B, 1 + T, width)
            The class token first.
        mask : Tensor of bool, shape (B, 1 + T)
        measured : Measurement, optional
            Of the same events, to be taken into account.
        """
        x = self.look(features, mask)
        logits = self.tell(x, measured)
        logits["class"] = self.label(features[:, 0])
        return logits

    def look(self, features: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return what the queries find, shape (B, quantities, width)."""
        source = self.source_norm(features)
        x = self.queries.to(source.dtype).expand(len(source), -1, -1)
        for block in self.blocks:
            x = block(x, source, mask)
        found: torch.Tensor = self.norm(x)
        return found

    def tell(
        self, found: torch.Tensor, measured: Measurement | None = None
    ) -> dict[str, torch.Tensor]:
        """Return the logits of each quantity's values from what `look` returned."""
        if measured is not None:
            told: dict[str, torch.Tensor] = self.informed(found, self.values, measured)
            return told
        return {q: self.values[q](found[:, i]) for i, q in enumerate(ORDER)}

    def forward(
        self, features: torch.Tensor, mask: torch.Tensor, embedding: nn.Module
    ) -> torch.Tensor:
        """Return the embeddings of the visual words, shape (B, `word_count`, hidden)."""
        logits = self.read(features, mask)
        n = len(features)
        probabilities = (logits["class"].float() / EVENNESS).softmax(-1)
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
