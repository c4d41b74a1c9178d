"""The Siamese convolutional network of the papers, for any number of views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from classifier.events import CLASSES, Event
from classifier.models.batching import ImageBatch, rasterize


@dataclass(frozen=True)
class Block:
    """One inverted residual: kernel size, expanded and output channels, and so on."""

    kernel: int
    expanded: int
    width: int
    squeeze: bool
    hard: bool
    stride: int


# The paper (arXiv:2508.19376) names the parts: convolution with ReLU6, MobileNetV2 inverted
# residuals of varying expansion, width and kernel, squeeze-and-excitation, hard-swish. It gives no
# table; the one here follows MobileNetV3-Large (arXiv:1905.02244, table 1), scaled to the 3.4 M
# parameters that the paper states and with fewer channels at high resolution.
BRANCH = (
    Block(3, 32, 24, False, False, 2),
    Block(3, 72, 24, False, False, 1),
    Block(5, 72, 40, True, False, 2),
    Block(5, 120, 40, True, False, 1),
    Block(5, 120, 40, True, False, 1),
    Block(3, 240, 80, False, True, 2),
    Block(3, 200, 80, False, True, 1),
    Block(3, 184, 80, False, True, 1),
    Block(3, 480, 112, True, True, 1),
)
FUSED = (
    Block(5, 672, 160, True, True, 2),
    Block(5, 960, 160, True, True, 1),
    Block(5, 960, 160, True, True, 1),
    Block(5, 960, 160, True, True, 1),
)


@dataclass(frozen=True)
class CnnConfig:
    """Sizes of a `SiameseCnn`; the defaults are the shipped model."""

    stem: int = 16
    features: int = 960
    dropout: float = 0.2


class InvertedResidual(nn.Module):
    """Expand, filter each channel, squeeze and excite, project (MobileNetV2, arXiv:1801.04381)."""

    def __init__(self, inputs: int, block: Block) -> None:
        super().__init__()
        self.residual = block.stride == 1 and inputs == block.width
        self.expand = _convolution(inputs, block.expanded, 1, hard=block.hard)
        self.filter = _convolution(
            block.expanded, block.expanded, block.kernel, block.stride, block.expanded, block.hard
        )
        self.squeeze = SqueezeExcitation(block.expanded) if block.squeeze else None
        self.project = nn.Sequential(
            nn.Conv2d(block.expanded, block.width, 1, bias=False), nn.BatchNorm2d(block.width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, inputs, H, W) to (N, width, H / stride, W / stride)."""
        y = self.filter(self.expand(x))
        if self.squeeze is not None:
            y = self.squeeze(y)
        y = self.project(y)
        return x + y if self.residual else y


class Depthwise(nn.Conv2d):
    """A convolution of each channel by itself, in float32 where it is trained on a CPU.

    There its gradient in bf16 has no fast kernel, and takes ten times as long.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W) to (N, C, H / stride, W / stride)."""
        if not (x.requires_grad and x.device.type == "cpu"):
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


class SqueezeExcitation(nn.Module):
    """Scale each channel by what the whole map holds (arXiv:1709.01507)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        squeezed = max(8, width // 4 // 8 * 8)
        self.reduce = nn.Conv2d(width, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale (N, width, H, W) channel by channel."""
        scale = torch.relu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * nn.functional.hardsigmoid(self.expand(scale))


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, hard: bool = False
) -> nn.Sequential:
    kind = nn.Conv2d if groups == 1 else Depthwise
    return nn.Sequential(
        kind(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.Hardswish(inplace=True) if hard else nn.ReLU6(inplace=True),
    )


class SiameseCnn(nn.Module):
    """One branch, shared by all views, then a network on the views together.

    The paper joins its two views by concatenating their channels, which fixes their number and
    order. Here the branches are joined as the mean and the maximum over the views: as many
    channels as the paper's two views have, for any number of views. Of two views mean and maximum
    hold all that the concatenation does, save which is which.
    """

    def __init__(self, config: CnnConfig | None = None) -> None:
        super().__init__()
        self.sizes = config or CnnConfig()
        width = self.sizes.stem
        layers: list[nn.Module] = [_convolution(1, width, 7, 4)]
        for block in BRANCH:
            layers.append(InvertedResidual(width, block))
            width = block.width
        self.branch = nn.Sequential(*layers)
        width *= 2
        layers = []
        for block in FUSED:
            layers.append(InvertedResidual(width, block))
            width = block.width
        layers.append(_convolution(width, self.sizes.features, 1, hard=True))
        self.fused = nn.Sequential(*layers)
        self.dropout = nn.Dropout(self.sizes.dropout)
        self.head = nn.Linear(self.sizes.features, len(CLASSES))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    @property
    def config(self) -> dict[str, Any]:
        """Sizes, as stored beside the weights."""
        return asdict(self.sizes)

    def encode_events(self, events: Sequence[Event]) -> ImageBatch:
        """Fill the images that `forward` takes."""
        return rasterize(events)

    def forward(self, batch: ImageBatch) -> tuple[torch.Tensor, torch.Tensor, None]:
        """Return logits (B, 3), features (B, features), and nothing of what left the charge."""
        joined = join_views(self.branch(batch.images), batch)
        features = self.fused(joined).mean((2, 3))
        return self.head(self.dropout(features)), features, None


def join_views(views: torch.Tensor, batch: ImageBatch) -> torch.Tensor:
    """Join (N, C, H, W) maps of views to (B, 2 C, H, W): mean and maximum over each event's."""
    stacked = views[batch.slots]
    share = batch.share.to(views.dtype)[:, :, None, None, None]
    return torch.cat([(stacked * share).sum(1), stacked.amax(1)], dim=1)
