"""What measuring an event adds to reading it.

The embedded model reads each quantity off the encoder's features as probabilities. For an
explanation the event is measured too, by `classifier.topology`, and the reader is told: each value
becomes as much likelier as the measurement speaks for it (Bayes), where how far the measurement is
to be trusted is learnt from what the event looks like and from all else that was measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from classifier.claims import claims_of, resolution
from classifier.models.vlm_readings import readings
from classifier.models.vlm_sentences import ORDER

if TYPE_CHECKING:
    from classifier.topology import Topology

FAR = 1e3
"""Deviation of values that a measurement excludes, in standard deviations."""


@dataclass(frozen=True)
class Measurement:
    """What was measured of some events, as tensors.

    Attributes
    ----------
    numbers : Tensor, shape (B, 2 F)
        All fields of `Topology`, logarithms of large ones, then whether each has a value.
    deviations : dict of str to Tensor, shape (B, values)
        By quantity, how far each value is from the measured one in standard deviations.
    made : dict of str to Tensor of bool, shape (B, 1)
        Whether the quantity was measured at all.
    """

    numbers: torch.Tensor
    deviations: dict[str, torch.Tensor]
    made: dict[str, torch.Tensor]

    @classmethod
    def of(cls, topologies: Sequence[Topology]) -> Measurement:
        """Take topologies of events, in their order."""
        claimed = [{c.quantity: c.value for c in claims_of(t)} for t in topologies]
        deviations = {
            q: torch.tensor(np.stack([_deviations(q, c.get(q)) for c in claimed])) for q in ORDER
        }
        made = {q: torch.tensor([[q in c] for c in claimed]) for q in ORDER}
        numbers = torch.tensor([_numbers(t) for t in topologies], dtype=torch.float32)
        return cls(numbers, deviations, made)

    def rows(self, rows: npt.NDArray[np.int64]) -> Measurement:
        """Return some events'."""
        at = torch.from_numpy(rows)
        return Measurement(
            self.numbers[at],
            {q: d[at] for q, d in self.deviations.items()},
            {q: m[at] for q, m in self.made.items()},
        )

    def on(self, device: torch.device) -> Measurement:
        """Return the same on a device."""
        return Measurement(
            self.numbers.to(device),
            {q: d.to(device) for q, d in self.deviations.items()},
            {q: m.to(device) for q, m in self.made.items()},
        )


def _numbers(topology: Topology) -> list[float]:
    values = [getattr(topology, field.name) for field in fields(topology)]
    found = [float(v) if v is not None and not math.isnan(v) else None for v in values]
    known = [math.copysign(math.log1p(abs(v)), v) if v is not None else 0.0 for v in found]
    return known + [float(v is not None) for v in found]


def _deviations(quantity: str, measured: float | bool | str | None) -> npt.NDArray[np.float32]:
    reading = readings()[quantity]
    off = np.full(len(reading.values), FAR, dtype=np.float32)
    if measured is None:
        return off
    for i, value in enumerate(reading.values):
        if value == measured:
            off[i] = 0.0
        elif reading.ordered and value is not None:
            off[i] = (float(value) - float(measured)) / resolution(quantity, float(measured))
    return off


class Informed(nn.Module):
    """Logits of the values of all quantities, from what is read and what was measured.

    The likelihood of a measurement, given that a value is right, is a normal distribution around
    that value on a floor: a number is measured well off where another object was taken for it. Its
    width, its floor, and how likely it is to measure where there is nothing, or nothing where there
    is something, are learnt from the event.

    Parameters
    ----------
    width : int
        Length of what is read of a quantity.
    hidden : int
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, width: int, hidden: int = 128) -> None:
        super().__init__()
        from classifier.topology import Topology

        n = 2 * len(fields(Topology))
        self.register_buffer("mean", torch.zeros(n))
        self.register_buffer("spread", torch.ones(n))
        out = nn.Linear(hidden, len(ORDER) * width)
        self.context = nn.Sequential(nn.Linear(n, hidden), nn.GELU(), out)
        self.trust = nn.ModuleDict({quantity: nn.Linear(width, 4) for quantity in ORDER})
        # At first what is read stands as it is, and measurements are trusted about half.
        nn.init.zeros_(out.weight)
        nn.init.zeros_(out.bias)
        for quantity in ORDER:
            layer: Any = self.trust[quantity]
            nn.init.zeros_(layer.weight)
            layer.bias.data = torch.tensor([-0.5, 0.0, -1.5, 0.5])

    def standardise(self, numbers: torch.Tensor) -> None:
        """Take mean and spread of what is measured of the events to learn from, (n, 2 F)."""
        self.mean.copy_(numbers.mean(0))
        self.spread.copy_(numbers.std(0, correction=0).clamp_min(0.05))

    def forward(
        self, read: torch.Tensor, values: nn.ModuleDict, measured: Measurement
    ) -> dict[str, torch.Tensor]:
        """Return logits by quantity, (B, values).

        Parameters
        ----------
        read : Tensor, shape (B, quantities, width)
            What the queries of `classifier.models.vlm_words.VisualWords` found.
        values : ModuleDict
            By quantity, the layer from there to logits.
        measured : Measurement
        """
        numbers = (measured.numbers - self.mean) / self.spread
        x = read + self.context(numbers.to(read.dtype)).view(read.shape)
        logits = {}
        for i, quantity in enumerate(ORDER):
            trust = self.trust[quantity](x[:, i]).float()
            floor, narrow = trust[:, 0:1].sigmoid(), trust[:, 1:2].clamp(-2.0, 2.0).exp()
            near = torch.exp(-0.5 * (measured.deviations[quantity] * narrow) ** 2)
            likely = torch.log(floor + (1.0 - floor) * near + 1e-6)
            unmade = torch.zeros_like(likely)
            if readings()[quantity].values[0] is None:
                likely = torch.cat([trust[:, 2:3], likely[:, 1:]], dim=1)
                unmade = torch.cat([trust[:, 3:4], unmade[:, 1:]], dim=1)
            added = torch.where(measured.made[quantity], likely, unmade)
            logits[quantity] = values[quantity](x[:, i]).float() + added
        return logits
