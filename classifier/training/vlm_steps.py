"""One step of QLoRA: a batch of conversations on the device, its loss, what learns how fast."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from classifier.models.batching import PixelBatch
from classifier.models.vlm_backbone import Backbone
from classifier.training.augmentation import Augmentation, augment
from classifier.training.conversations import Batch
from classifier.training.data import DeviceEvents, HitBatch
from classifier.training.encode import pixel_batch, rasterize_hits


class Feeder:
    """Completes a batch of conversations on the device.

    Parameters
    ----------
    backbone : Backbone
    data : DeviceEvents or None
        All events, numbered as in `Material`; None if the batches hold the images already.
    augmentation : Augmentation
    """

    def __init__(
        self,
        backbone: Backbone,
        data: DeviceEvents | None,
        augmentation: Augmentation,
    ) -> None:
        self.backbone = backbone
        self.data = data
        self.augmentation = augmentation

    def __call__(self, batch: Batch, generator: torch.Generator) -> dict[str, Any]:
        """Return the inputs of the whole conversations, answers included."""
        inputs: dict[str, Any] = self.backbone.move(batch.inputs)
        answers = batch.answers.to(inputs["input_ids"].device)
        n = answers.shape[1]
        inputs["input_ids"] = torch.cat([inputs["input_ids"], answers], dim=1)
        mask = inputs["attention_mask"]
        answered = batch.answered.to(mask.device).to(mask.dtype)
        inputs["attention_mask"] = torch.cat([mask, answered], dim=1)
        cross = inputs.get("cross_attention_mask")
        if cross is not None:
            answer_sees = cross[:, -1:].expand(-1, n, -1, -1)
            inputs["cross_attention_mask"] = torch.cat([cross, answer_sees], dim=1)
        if self.data is not None:
            inputs |= self._pixels(batch, self.data, generator)
        return inputs

    def _pixels(
        self, batch: Batch, data: DeviceEvents, generator: torch.Generator
    ) -> dict[str, PixelBatch]:
        hits = _without_dead(data.batch(batch.numbers), batch.dead)
        hits, factor = augment(hits, data.tables, self.augmentation, generator)
        pixels = pixel_batch(rasterize_hits(hits, data.tables, factor), data.tables)
        return {"pixels": replace(pixels, sources=None)}


def _without_dead(hits: HitBatch, dead: npt.NDArray[np.int64]) -> HitBatch:
    view, first, last = torch.from_numpy(dead).to(hits.view.device)[hits.event].T
    keep = (hits.view != view) | (hits.row < first) | (hits.row > last)
    kept = {
        n: getattr(hits, n)[keep] for n in ("event", "view", "row", "column", "value", "source")
    }
    return replace(hits, **kept)


def loss_of(
    model: nn.Module, inputs: dict[str, torch.Tensor], batch: Batch, explanation_weight: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of a batch and, for the log, its parts.

    The class name counts by the sum over its tokens, an event's cross-entropy; the explanation by
    the mean over its tokens. The many words of an explanation so never outweigh the verdict.

    Returns
    -------
    loss : Tensor, scalar
    parts : Tensor, shape (2,)
        Cross-entropy of the verdict an event, and of the explanation a token.
    """
    answers = inputs["input_ids"][:, -batch.answers.shape[1] :]
    logits = model(**inputs, use_cache=False, logits_to_keep=answers.shape[1] + 1).logits[:, :-1]
    answered = batch.answered.to(answers.device)
    named = batch.named.to(answers.device)
    losses = nn.functional.cross_entropy(
        logits[answered].float(), answers[answered], reduction="none"
    )
    is_name = named[answered]
    verdict = losses[is_name].sum() / len(answers)
    said = losses[~is_name]
    explanation = said.mean() if len(said) else losses.new_zeros(())
    parts = torch.stack([verdict.detach(), explanation.detach()])
    return verdict + explanation_weight * explanation, parts


def trained_parameters(backbone: Backbone) -> dict[str, dict[str, nn.Parameter]]:
    """Return what training changes, by group: ``adapter``, ``projector``, ``encoder``."""
    groups: dict[str, dict[str, nn.Parameter]] = {"adapter": {}}
    for name, parameter in backbone.model.named_parameters():
        if "lora_" in name:
            groups["adapter"][name] = parameter
    if backbone.embedded:
        for part in ("projector", "encoder"):
            groups[part] = dict(getattr(backbone.base, part).named_parameters(prefix=part))
    for group in groups.values():
        for parameter in group.values():
            parameter.data = parameter.data.float()
            parameter.requires_grad_(True)
    return groups


def optimizer_of(
    groups: dict[str, dict[str, nn.Parameter]], rates: dict[str, float], weight_decay: float
) -> torch.optim.AdamW:
    """AdamW (arXiv:1711.05101) with a learning rate a group, no decay of vectors."""
    parts: list[dict[str, Any]] = []
    for name, group in groups.items():
        for decayed in (True, False):
            chosen = [p for p in group.values() if (p.ndim > 1) is decayed]
            parts.append(
                {
                    "params": chosen,
                    "lr": rates[name],
                    "base": rates[name],
                    "group": name,
                    "weight_decay": weight_decay if decayed else 0.0,
                }
            )
    fused = next(iter(groups["adapter"].values())).device.type == "cuda"
    return torch.optim.AdamW(parts, betas=(0.9, 0.98), fused=fused)


class Holder(nn.Module):
    """The trained parameters alone, for a checkpoint without the base."""

    def __init__(self, groups: dict[str, dict[str, nn.Parameter]]) -> None:
        super().__init__()
        self.held = nn.ParameterDict(
            {k.replace(".", "/"): p for group in groups.values() for k, p in group.items()}
        )
