"""Convolutions over occupied pixels only.

A picture of a liquid-argon detector has charge on one or two pixels of a hundred. Convolutions
that are computed there alone, and look at empty neighbours as zeros, cost that much less
(submanifold convolutions: Graham, Engelcke and van der Maaten, arXiv:1711.10275; on liquid-argon
data: Domine and Terao, arXiv:1903.05663).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn.functional import embedding, pad

NEIGHBOURS = 9
CHILDREN = 4


@dataclass(frozen=True)
class Level:
    """Occupied sites of images at one resolution, in the order of their places.

    Attributes
    ----------
    place : Tensor of int64, shape (n,)
        ``(image * height + row) * width + column``.
    height, width : int
    neighbours : Tensor of int64, shape (n, 9)
        Numbers of the sites around each site and of itself, in C order; n where there is none.
    children : Tensor of int64, shape (n, 4), or None
        Numbers of the sites of the finer level in each quadrant; their number where there is none.
    parent : Tensor of int64, shape (finer sites,), or None
        Where each site of the finer level is in `children`, flattened.
    """

    place: torch.Tensor
    height: int
    width: int
    neighbours: torch.Tensor
    children: torch.Tensor | None = None
    parent: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.place)


def pyramid(place: torch.Tensor, images: int, height: int, width: int, depth: int) -> list[Level]:
    """Return the sites of some images at full resolution and `depth` times halved.

    Parameters
    ----------
    place : Tensor of int64, shape (n,)
        See `Level`; sorted, each once.
    images, height, width : int
        Sides are multiples of ``2 ** depth``.
    depth : int
    """
    levels = [Level(place, height, width, _neighbours(place, images, height, width))]
    for _ in range(depth):
        finer = levels[-1]
        rest, column = finer.place.div(width, rounding_mode="floor"), finer.place % width
        row = rest % height
        height, width = height // 2, width // 2
        # Rows of all images follow one another, and each image has an even number of them.
        up = rest.div(2, rounding_mode="floor") * width + column.div(2, rounding_mode="floor")
        taken = torch.zeros(images * height * width, dtype=torch.bool, device=place.device)
        taken[up] = True
        place = taken.nonzero()[:, 0]
        number = torch.empty(len(taken), dtype=torch.int64, device=place.device)
        number[place] = torch.arange(len(place), device=place.device)
        parent = number[up] * CHILDREN + (row % 2) * 2 + column % 2
        children = torch.full((len(place) * CHILDREN,), len(finer), device=place.device)
        children[parent] = torch.arange(len(finer), device=place.device)
        near = _neighbours(place, images, height, width)
        levels.append(Level(place, height, width, near, children.view(-1, CHILDREN), parent))
    return levels


def _neighbours(place: torch.Tensor, images: int, height: int, width: int) -> torch.Tensor:
    """Look each site's surroundings up in a picture of the sites' numbers with an empty margin."""
    n, device = len(place), place.device
    wide = width + 1
    rest, column = place.div(width, rounding_mode="floor"), place % width
    image = rest.div(height, rounding_mode="floor")
    # One empty column and one empty row between neighbours are margin enough on either side.
    where = (rest + image + 1) * wide + column + 1
    number = torch.full(
        ((images * (height + 1) + 2) * wide + 2,), n, dtype=torch.int32, device=device
    )
    number[where] = torch.arange(n, dtype=torch.int32, device=device)
    step = torch.tensor([r * wide + c for r in (-1, 0, 1) for c in (-1, 0, 1)], device=device)
    return number[where[:, None] + step].long()


def _gather(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Return rows of `x` next to one another, (n, k * C); an index past the end is zeros."""
    return embedding(index, pad(x, (0, 0, 0, 1))).flatten(1)


class _Convolve(torch.autograd.Function):
    """Neighbourhood of each site times a matrix; both directions only read what they gather."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, near: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight, near)
        return _gather(x, near) @ weight

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[Any, ...]:
        x, weight, near = ctx.saved_tensors
        down = None
        if ctx.needs_input_grad[0]:
            # If j is the k-th neighbour of i, then i is the (8 - k)-th of j.
            turned = weight.view(NEIGHBOURS, x.shape[1], -1).flip(0).transpose(1, 2)
            down = _gather(grad, near) @ turned.reshape(-1, x.shape[1])
        return down, _gather(x, near).T @ grad, None


class _Halve(torch.autograd.Function):
    """Children of each site times a matrix."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        children: torch.Tensor,
        parent: torch.Tensor,
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight, children, parent)
        return _gather(x, children) @ weight

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[Any, ...]:
        x, weight, children, parent = ctx.saved_tensors
        down = (grad @ weight.T).view(-1, x.shape[1])[parent]
        return down, _gather(x, children).T @ grad, None, None


class SparseConvolution(nn.Module):
    """3 x 3 convolution at the same sites, or 2 x 2 with stride 2 to the next level's, and a norm.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    halve : bool
        Whether the sites are halved.
    """

    def __init__(self, inputs: int, outputs: int, *, halve: bool = False) -> None:
        super().__init__()
        self.halve = halve
        taps = CHILDREN if halve else NEIGHBOURS
        self.weight = nn.Parameter(torch.empty(taps * inputs, outputs))
        # About three of nine neighbours of a site on a track are occupied.
        nn.init.normal_(self.weight, std=(2.0 / (inputs * (2 if halve else 3))) ** 0.5)
        self.norm: nn.Module = nn.BatchNorm1d(outputs)

    def forward(self, x: torch.Tensor, level: Level) -> torch.Tensor:
        """Map (n, inputs) to (n, outputs); `level` is that of the output."""
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))
        weight = self.weight.to(x.dtype)
        if self.halve:
            y = _Halve.apply(x, weight, level.children, level.parent)
        else:
            y = _Convolve.apply(x, weight, level.neighbours)
        return self.norm(y)

    def fold(self) -> None:
        """Merge the norm, as it is in evaluation, into the weights."""
        if isinstance(self.norm, nn.BatchNorm1d):
            n = self.norm
            assert n.running_var is not None
            assert n.running_mean is not None
            scale = n.weight * (n.running_var + n.eps).rsqrt()
            self.weight.data *= scale
            self.norm = _Shift(n.bias - n.running_mean * scale)


class _Shift(nn.Module):
    """What is left of a norm that is merged into weights."""

    def __init__(self, value: torch.Tensor) -> None:
        super().__init__()
        self.value = nn.Parameter(value.detach(), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.value


class SparseBlock(nn.Module):
    """Two convolutions around which the input is carried (residual block)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = SparseConvolution(channels, channels)
        self.second = SparseConvolution(channels, channels)

    def forward(self, x: torch.Tensor, level: Level) -> torch.Tensor:
        """Map (n, channels) to the same shape."""
        y = self.second(self.first(x, level).relu_(), level)
        return (x + y).relu_()


class SparseStem(nn.Module):
    """Convolutions and halvings in turn, from pixels to patches.

    Parameters
    ----------
    inputs : int
        Channels of the pixels.
    channels : tuple of int
        Channels at each level; the number of halvings is one less.
    """

    def __init__(self, inputs: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.first = SparseConvolution(inputs, channels[0])
        self.halvings = nn.ModuleList(
            SparseConvolution(a, b, halve=True) for a, b in pairwise(channels)
        )
        self.blocks = nn.ModuleList(SparseBlock(b) for b in channels[1:])

    def forward(self, x: torch.Tensor, levels: list[Level]) -> list[torch.Tensor]:
        """Return the features at every level, (n, channels) each."""
        out = [self.first(x, levels[0]).relu_()]
        for halving, block, level in zip(self.halvings, self.blocks, levels[1:], strict=True):
            out.append(block(halving(out[-1], level).relu_(), level))
        return out
