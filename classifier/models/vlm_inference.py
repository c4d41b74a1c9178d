"""What scoring events takes beside the prompt: one precision, even batches, features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from classifier.models.vlm_backbone import Backbone

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[np.float32]


def for_inference(backbone: Backbone) -> None:
    """Bring all parts to one precision; merge the adapters where weights are not in four bits."""
    from classifier.models.sparse import SparseConvolution

    model = backbone.model
    model.eval().requires_grad_(False)
    base = backbone.base
    dtype = base.get_input_embeddings().weight.dtype
    if not getattr(base, "is_loaded_in_4bit", False):
        model.merge_adapter()
    if backbone.embedded:
        for module in base.encoder.modules():
            if isinstance(module, SparseConvolution):
                module.fold()
        base.encoder.to(dtype)
        base.projector.to(dtype)


@contextmanager
def paused(backbone: Backbone) -> Iterator[None]:
    """Test a model in the middle of its training.

    Four-bit layers stay in training mode: on a CPU, bitsandbytes repacks them when they are first
    used outside of it, and a repacked layer passes no gradient on.
    """
    model = backbone.model
    model.eval()
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.training = True
    try:
        yield
    finally:
        model.train()


@contextmanager
def captured_features(backbone: Backbone) -> Iterator[Callable[[], Array]]:
    """Catch what the model makes of events on its way to a verdict."""
    caught: list[torch.Tensor] = []
    base = backbone.base
    if backbone.embedded:
        hook = base.encoder.register_forward_hook(
            lambda module, inputs, output: caught.append(output[0][:, 0])
        )
    else:
        hook = base.get_output_embeddings().register_forward_pre_hook(
            lambda module, inputs: caught.append(inputs[0][:, -1])
        )
    try:
        # The text before the images, read once for all events, passes the hooks first.
        yield lambda: caught[-1].float().cpu().numpy()
    finally:
        hook.remove()
