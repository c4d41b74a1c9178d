"""A vision transformer over occupied patches; also the vision encoder of the embedded VLM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from transformers import SiglipVisionConfig
from transformers.models.siglip.modeling_siglip import SiglipEncoder

from classifier.events import CLASSES, Event
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
    patch: int = 16
    fine_radius: int = 3
    dropout: float = 0.1


VIT_HUGE = VitConfig(width=1280, layers=32, heads=16, mlp=5120, patch=14, fine_radius=3)


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
        self.coarse = _stem(c.patch * c.patch, c.width)
        self.fine = _stem((c.patch // 2) ** 2, c.width)
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
        dtype = self.coarse[0].weight.dtype
        pixels = tokens.pixels.to(dtype)
        level = tokens.level.long()
        quarter = (self.config.patch // 2) ** 2
        split = (level > 0)[..., None]
        x = torch.where(split, self.fine(pixels[..., :quarter]), self.coarse(pixels))
        limit = POSITIONS
        row = tokens.row.long().clamp(-limit, limit) + limit
        column = tokens.column.long().clamp(-limit, limit) + limit
        position = self.row(row) + self.column(column) + self.level(level)
        return x + position + self.view(tokens.view.long())


def _stem(pixels: int, width: int) -> nn.Sequential:
    """Two layers: what matters in a patch (is this line one track or two?) is not linear."""
    return nn.Sequential(nn.Linear(pixels, 2 * width), nn.GELU(), nn.Linear(2 * width, width))


class VisionTransformer(nn.Module):
    """`VitEncoder` with a linear classifier on its class token."""

    def __init__(self, config: VitConfig | None = None) -> None:
        super().__init__()
        self.encoder = VitEncoder(config)
        self.dropout = nn.Dropout(self.encoder.config.dropout)
        self.head = nn.Linear(self.encoder.width, len(CLASSES))

    @property
    def config(self) -> dict[str, Any]:
        """Sizes, as stored beside the weights."""
        return asdict(self.encoder.config)

    def encode_events(self, events: Sequence[Event]) -> TokenBatch:
        """Cut events into the tokens that `forward` takes."""
        return self.encoder.encode_events(events)

    def forward(self, tokens: TokenBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits (B, 3) and features (B, width)."""
        features, _ = self.encoder(tokens)
        features = features[:, 0]
        return self.head(self.dropout(features)), features
