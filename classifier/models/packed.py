"""Convolutions as oneDNN computes them fastest: weights in its own layout, activations within."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class PackedConvolution(nn.Module):
    """A convolution and the activation behind it in one call, for inference on a CPU.

    Called one by one, each convolution brings its weights into oneDNN's layout again, and each
    activation reads and writes the whole map once more.

    Parameters
    ----------
    convolution : nn.Conv2d
    activation : module, optional
        `torch.nn.ReLU6` or `torch.nn.Hardswish`.
    """

    def __init__(self, convolution: nn.Conv2d, activation: nn.Module | None = None) -> None:
        super().__init__()
        self.weight = convolution.weight
        self.bias = convolution.bias
        self._how: tuple[Any, ...] = (
            list(convolution.padding),
            list(convolution.stride),
            list(convolution.dilation),
            convolution.groups,
        )
        self._activation: tuple[str, list[float]] = ("none", [])
        if isinstance(activation, nn.ReLU6):
            self._activation = ("hardtanh", [0.0, 6.0])
        elif isinstance(activation, nn.Hardswish):
            self._activation = ("hardswish", [])
        self._packed: dict[torch.Size, torch.Tensor] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W) to (N, C', H / stride, W / stride)."""
        # The layout depends on the size of the batch; a classifier's batches have a few sizes.
        packed = self._packed.get(x.shape)
        if packed is None:
            packed = torch.ops.mkldnn._reorder_convolution_weight(
                self.weight, *self._how, list(x.shape)
            )
            self._packed[x.shape] = packed
        out: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, packed, self.bias, *self._how, *self._activation, ""
        )
        return out


def can_pack(device: torch.device) -> bool:
    """Say whether PyTorch was built with oneDNN, and the device is the CPU that it is for."""
    return device.type == "cpu" and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


def pack(module: nn.Module) -> None:
    """Replace a module's convolutions, and the activations behind them, in place."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            setattr(module, name, PackedConvolution(child))
            continue
        if isinstance(child, nn.Sequential) and isinstance(child[0], nn.Conv2d):
            # A norm between the two is folded into the convolution before.
            kept = [m for m in child if not isinstance(m, nn.Identity)]
            if len(kept) <= 2 and all(isinstance(m, (nn.ReLU6, nn.Hardswish)) for m in kept[1:]):
                setattr(module, name, PackedConvolution(child[0], *kept[1:]))
                continue
        pack(child)
