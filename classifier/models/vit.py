"""A vision transformer over occupied patches; also the vision encoder of the embedded VLM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from transformers import SiglipVisionConfig
from transformers.models.siglip.modeling_siglip import SiglipEncoder

from classifier.events import CLASSES, SOURCES, Event
from classifier.models.batching import SOURCE_CELL, VIEW_NAMES, PixelBatch, occupied_pixels
from classifier.models.sparse import Level, SparseStem, pyramid

POSITIONS = 32
"""Patches from the vertex up to which rows and columns have embeddings of their own."""

_CELL_LEVEL = SOURCE_CELL.bit_length() - 1
"""Level of the stem whose sites are the cells of which the sources of charge are known."""

NEAR = 32.0
"""Pixels over which the distance from the vertex, an input of the stem, saturates (15 cm)."""


@dataclass(frozen=True)
class VitConfig:
    """Size of a `VitEncoder`.

    The defaults are the shipped model. `VIT_HUGE` has the size of ViT-H/14, the vision encoder of
    Llama 3.2 Vision (Dosovitskiy et al., arXiv:2010.11929, table 1).

    Attributes
    ----------
    width, layers, heads, mlp : int
        Of the transformer.
    stem : tuple of int
        Channels of the convolutions before it, at each halving of the resolution; a patch is as
        many pixels long as all halvings make, at most `classifier.models.batching.CANVAS`.
    dropout : float
        Before the classifier.
    """

    width: int = 192
    layers: int = 3
    heads: int = 3
    mlp: int = 768
    stem: tuple[int, ...] = (16, 32, 48, 64, 96, 128)
    dropout: float = 0.1

    @property
    def patch(self) -> int:
        """Side of a patch in pixels."""
        return int(2 ** (len(self.stem) - 1))


VIT_HUGE = VitConfig(width=1280, layers=32, heads=16, mlp=5120, stem=(32, 64, 128, 256, 512))


class VitEncoder(nn.Module):
    """Embed the occupied patches of events and let them attend to one another.

    A patch is what a few convolutions make of its pixels and their surroundings, rather than a
    linear map of the pixels: that trains faster (Xiao et al., arXiv:2106.14881), and costs little
    where only occupied pixels are computed (`classifier.models.sparse`). Empty patches are left
    out. The layers are those of SigLIP (`transformers`), pre-norm with a padding mask.

    Parameters
    ----------
    config : VitConfig
        Sizes.
    """

    def __init__(self, config: VitConfig | None = None) -> None:
        super().__init__()
        self.config = config or VitConfig()
        c = self.config
        self.stem = SparseStem(4, tuple(c.stem))
        self.embed = nn.Linear(c.stem[-1], c.width)
        self.row = nn.Embedding(2 * POSITIONS + 1, c.width)
        self.column = nn.Embedding(2 * POSITIONS + 1, c.width)
        self.view = nn.Embedding(len(VIEW_NAMES) + 1, c.width)
        for table in (self.row, self.column, self.view):
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

    def encode_events(self, events: Sequence[Event]) -> PixelBatch:
        """Take the pixels of events that `forward` takes (numpy arrays)."""
        return occupied_pixels(events)

    def forward(self, pixels: PixelBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features of the class token and of every occupied patch.

        Parameters
        ----------
        pixels : PixelBatch
            Torch tensors on the device of the module, B events.

        Returns
        -------
        features : Tensor, shape (B, 1 + T, width)
            The class token first, then the patches by view, row and column.
        mask : Tensor of bool, shape (B, 1 + T)
            False where there is padding.
        """
        features, mask, _, _ = self.see(pixels)
        return features, mask

    def see(
        self, pixels: PixelBatch
    ) -> tuple[torch.Tensor, torch.Tensor, list[Level], list[torch.Tensor]]:
        """Return what `forward` returns, and the sites and features of the stem at each level."""
        c = self.config
        images = len(pixels.event)
        levels = pyramid(pixels.place, images, pixels.height, pixels.width, len(c.stem) - 1)
        dtype = self.embed.weight.dtype
        maps = self.stem(self._inputs(pixels).to(dtype), levels)
        last = levels[-1]
        rest, column = last.place.div(last.width, rounding_mode="floor"), last.place % last.width
        image, row = rest.div(last.height, rounding_mode="floor"), rest % last.height
        near = pixels.vertex[image] // c.patch
        row = (row - near[:, 0]).clamp(-POSITIONS, POSITIONS) + POSITIONS
        column = (column - near[:, 1]).clamp(-POSITIONS, POSITIONS) + POSITIONS
        patches = self.embed(maps[-1]) + self.row(row) + self.column(column)
        patches = patches + self.view(pixels.view[image])
        # Patches come event by event; each event is a row, and shorter ones are padded.
        event = pixels.event[image]
        counts = torch.bincount(event, minlength=len(pixels))
        rank = torch.arange(len(event), device=event.device) - (counts.cumsum(0) - counts)[event]
        longest = int(counts.max()) if len(event) else 0
        x = patches.new_zeros(len(pixels), longest, c.width)
        x = x.index_put((event, rank), patches)
        x = torch.cat([self.class_token.to(x.dtype).expand(len(x), -1, -1), x], dim=1)
        mask = torch.arange(longest + 1, device=event.device) <= counts[:, None]
        return self.norm(self._attend(x, counts)), mask, levels, maps

    def _inputs(self, pixels: PixelBatch) -> torch.Tensor:
        """Return the channels of each pixel: value, one, and how far from the vertex it is."""
        rest = pixels.place.div(pixels.width, rounding_mode="floor")
        image, row = rest.div(pixels.height, rounding_mode="floor"), rest % pixels.height
        here = torch.stack([row, pixels.place % pixels.width], dim=1)
        away = torch.tanh((here - pixels.vertex[image]) / NEAR)
        value = pixels.value.float()[:, None]
        return torch.cat([value, torch.ones_like(value), away], dim=1)

    def _attend(self, x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Run the layers; on a CPU in groups of events of like length, which pads less."""
        size = 8 if x.device.type == "cpu" else len(x)
        order = counts.argsort(stable=True)
        out = []
        for members in order.split(size):
            most = 1 + int(counts[members].max())
            group = x[members, :most]
            seen = torch.arange(most, device=x.device) <= counts[members, None]
            # Without padding no mask is needed, and attention takes its fastest kernel.
            mask = None if bool(seen.all()) else seen[:, None, None, :].expand(-1, 1, most, -1)
            y = self.encoder(inputs_embeds=group, attention_mask=mask).last_hidden_state
            out.append(nn.functional.pad(y, (0, 0, 0, x.shape[1] - most)))
        return torch.cat(out)[order.argsort()]


class VisionTransformer(nn.Module):
    """`VitEncoder` with a linear classifier on its class token.

    In training two more tell what left the charge: of every patch, and of every cell from what the
    stem sees of it.
    """

    def __init__(self, config: VitConfig | None = None) -> None:
        super().__init__()
        self.encoder = VitEncoder(config)
        c = self.encoder.config
        self.dropout = nn.Dropout(c.dropout)
        self.head = nn.Linear(c.width, len(CLASSES))
        self.sources = nn.Linear(c.width, len(SOURCES))
        self.local_sources = nn.Linear(c.stem[_CELL_LEVEL], len(SOURCES))

    @property
    def config(self) -> dict[str, Any]:
        """Sizes, as stored beside the weights."""
        return asdict(self.encoder.config)

    def encode_events(self, events: Sequence[Event]) -> PixelBatch:
        """Take the pixels of events that `forward` takes."""
        return self.encoder.encode_events(events)

    def forward(
        self, pixels: PixelBatch
    ) -> tuple[torch.Tensor, torch.Tensor, tuple[torch.Tensor, torch.Tensor] | None]:
        """Return logits (B, 3), features (B, width), and what is said of sources.

        The last is None if the sources are not known; otherwise logits (n, S) and true charge
        (n, S), of cells and of patches.
        """
        encoded, mask, levels, maps = self.encoder.see(pixels)
        features = encoded[:, 0]
        logits = self.head(self.dropout(features))
        if pixels.sources is None:
            return logits, features, None
        kinds = pixels.sources.shape[-1]
        cells = pixels.sources.reshape(-1, kinds)[levels[_CELL_LEVEL].place]
        times = self.encoder.config.patch // SOURCE_CELL
        n, rows, columns, _ = pixels.sources.shape
        patches = pixels.sources.view(n, rows // times, times, columns // times, times, kinds)
        patches = patches.sum((2, 4)).reshape(-1, kinds)[levels[-1].place]
        said = [self.local_sources(maps[_CELL_LEVEL]), self.sources(encoded[:, 1:][mask[:, 1:]])]
        return logits, features, (torch.cat(said), torch.cat([cells, patches]))
