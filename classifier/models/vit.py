"""A vision transformer over occupied patches; also the vision encoder of the embedded VLM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn.functional import gelu
from transformers import SiglipVisionConfig
from transformers.models.siglip.modeling_siglip import SiglipEncoder

from classifier.events import CLASSES, SOURCES, Event
from classifier.models.batching import VIEW_NAMES, TokenBatch, tokenize

POSITIONS = 48
"""Patches from the vertex up to which rows and columns have embeddings of their own."""


@dataclass(frozen=True)
class VitConfig:
    """Size of a `VitEncoder`.

    The defaults are the shipped model. `VIT_HUGE` has the size of ViT-H/14, the vision encoder of
    Llama 3.2 Vision (Dosovitskiy et al., arXiv:2010.11929, table 1).
    """

    width: int = 256
    layers: int = 8
    heads: int = 8
    mlp: int = 1024
    patch: int = 32
    fine_radius: int = 3
    stem: int = 24
    dropout: float = 0.1


VIT_HUGE = VitConfig(width=1280, layers=32, heads=16, mlp=5120, patch=14, fine_radius=3, stem=160)


class VitEncoder(nn.Module):
    """Embed the occupied patches of events and let them attend to one another.

    Empty patches are left out: they carry nothing, and more than four in five are empty. The layers
    are those of SigLIP (`transformers`), pre-norm with a padding mask.

    Parameters
    ----------
    config : VitConfig
        Sizes.
    """

    def __init__(self, config: VitConfig | None = None) -> None:
        super().__init__()
        self.config = config or VitConfig()
        c = self.config
        self.stem = ConvolutionalStem(c.stem)
        self.coarse = nn.Linear(self.stem.features(c.patch), c.width)
        self.fine = nn.Linear(self.stem.features(c.patch // 2), c.width)
        self.row = nn.Embedding(2 * POSITIONS + 1, c.width)
        self.column = nn.Embedding(2 * POSITIONS + 1, c.width)
        self.level = nn.Embedding(5, c.width)
        self.view = nn.Embedding(len(VIEW_NAMES) + 1, c.width)
        for table in (self.row, self.column, self.level, self.view):
            nn.init.normal_(table.weight, std=0.02)
        self.class_token = nn.Parameter(torch.zeros(1, 1, c.width))
        self.encoder = SiglipEncoder(
            SiglipVisionConfig(  # type: ignore[arg-type,call-arg]
                hidden_size=c.width,
                intermediate_size=c.mlp,
                num_hidden_layers=c.layers,
                num_attention_heads=c.heads,
                attn_implementation="sdpa",
            )
        )
        self.norm = nn.LayerNorm(c.width)

    @property
    def width(self) -> int:
        """Length of a feature vector."""
        return self.config.width

    def encode_events(self, events: Sequence[Event]) -> TokenBatch:
        """Cut events into the tokens that `forward` takes (numpy arrays)."""
        return tokenize(events, self.config.patch, self.config.fine_radius)

    def forward(self, tokens: TokenBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features of the class token and of every patch.

        Parameters
        ----------
        tokens : TokenBatch
            Torch tensors on the device of the module, B events of T tokens.

        Returns
        -------
        features : Tensor, shape (B, 1 + T, width)
            The class token first, then the patches in their order.
        mask : Tensor of bool, shape (B, 1 + T)
            False where there is padding.
        """
        x = self._embed(tokens)
        x = torch.cat([self.class_token.to(x.dtype).expand(len(x), -1, -1), x], dim=1)
        mask = torch.cat([tokens.mask.new_ones(len(x), 1), tokens.mask], dim=1)
        # Without padding no mask is needed, and attention takes its fastest kernel.
        attention = None if bool(mask.all()) else mask[:, None, None, :]
        if attention is not None:
            attention = attention.expand(-1, 1, mask.shape[1], -1)
        x = self.encoder(inputs_embeds=x, attention_mask=attention).last_hidden_state
        return self.norm(x), mask

    def _embed(self, tokens: TokenBatch) -> torch.Tensor:
        level = tokens.level.long()
        pixels = tokens.pixels.to(self.coarse.weight.dtype)
        side, half = self.config.patch, self.config.patch // 2
        whole = tokens.mask & (level == 0)
        split = tokens.mask & (level > 0)
        coarse = self.coarse(self.stem(pixels[whole].view(-1, side, side)))
        fine = self.fine(self.stem(pixels[split][:, : half * half].reshape(-1, half, half)))
        x = coarse.new_zeros(*level.shape, self.config.width)
        x[whole] = coarse
        x[split] = fine
        limit = POSITIONS
        row = tokens.row.long().clamp(-limit, limit) + limit
        column = tokens.column.long().clamp(-limit, limit) + limit
        position = self.row(row) + self.column(column) + self.level(level)
        return x + position + self.view(tokens.view.long())


class ConvolutionalStem(nn.Module):
    """Four convolutions that halve the sides of a patch each.

    A track is a track wherever it crosses a patch; a linear embedding has to learn that for each
    place anew (T. Xiao et al., arXiv:2106.14881).

    Parameters
    ----------
    width : int
        Channels of the first convolution; each next one has twice as many.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        # Charge, and whether there is any: the smallest hits are near zero but tell of a track.
        channels = (2, width, 2 * width, 4 * width, 8 * width)
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(channels)
        )
        self.norm = nn.LayerNorm(channels[-1])

    def features(self, side: int) -> int:
        """Return the length of the output for patches of `side` x `side` pixels."""
        for _ in self.layers:
            side = (side + 1) // 2
        return side * side * self.norm.normalized_shape[0]

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Map (N, side, side) to (N, features)."""
        x = torch.stack([patches, (patches > 0).to(patches.dtype)], dim=-1).permute(0, 3, 1, 2)
        for layer in self.layers:
            x = gelu(layer(x), approximate="tanh")
        return self.norm(x.permute(0, 2, 3, 1)).flatten(1)


class VisionTransformer(nn.Module):
    """`VitEncoder` with a linear classifier on its class token.

    In training a second one tells for every patch what left its charge.
    """

    def __init__(self, config: VitConfig | None = None) -> None:
        super().__init__()
        self.encoder = VitEncoder(config)
        self.dropout = nn.Dropout(self.encoder.config.dropout)
        self.head = nn.Linear(self.encoder.width, len(CLASSES))
        self.sources = nn.Linear(self.encoder.width, len(SOURCES))

    @property
    def config(self) -> dict[str, Any]:
        """Sizes, as stored beside the weights."""
        return asdict(self.encoder.config)

    def encode_events(self, events: Sequence[Event]) -> TokenBatch:
        """Cut events into the tokens that `forward` takes."""
        return self.encoder.encode_events(events)

    def forward(self, tokens: TokenBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return logits (B, 3), features (B, width), and logits of each patch (B, T, S)."""
        encoded, _ = self.encoder(tokens)
        features = encoded[:, 0]
        return self.head(self.dropout(features)), features, self.sources(encoded[:, 1:])
