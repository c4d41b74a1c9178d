"""Tune a vision-language model with QLoRA on simulated events, or further on real ones."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader

from classifier.models.vlm_backbone import Backbone, out_of_memory
from classifier.training.augmentation import Augmentation
from classifier.training.checkpoints import load_checkpoint, save_checkpoint
from classifier.training.conversations import (
    ASIDE_SHARE,
    PLAIN_SHARE,
    STYLE_SHARES,
    Batch,
    Conversations,
    Material,
)
from classifier.training.data import DeviceEvents
from classifier.training.supervised import Report, Source, print_report
from classifier.training.vlm_steps import (
    Feeder,
    Holder,
    loss_of,
    optimizer_of,
    trained_parameters,
)


@dataclass(frozen=True)
class VlmPreset:
    """How a VLM is tuned.

    Attributes
    ----------
    batch : int
        Conversations a step and process.
    rates : dict
        Learning rates of ``adapter`` (2e-4 in Sagar et al., arXiv:2508.19376; a language model 80
        times smaller takes more), ``projector``, ``encoder``.
    alone : float
        Share of the training in which the projector learns alone, so that noise from an untrained
        one does not reach encoder and adapter.
    warmup : float
        Share in which the rates rise, of what is left.
    weight_decay, clip : float
    explanation_weight : float
        See `classifier.training.vlm_steps.loss_of`.
    workers : int
        Processes that write conversations.
    styles : tuple of float
        How often each of `classifier.models.vlm_prompts.STYLES` is asked.
    plain : float
        Share of captions in the wording that explanations are decoded in.
    style : str
        The one that the model is tested and shipped with.
    augmentation : Augmentation
    """

    batch: int = 128
    rates: dict[str, float] = field(
        default_factory=lambda: {"adapter": 1e-3, "projector": 1e-3, "encoder": 1e-4}
    )
    alone: float = 0.08
    warmup: float = 0.03
    weight_decay: float = 0.01
    clip: float = 1.0
    explanation_weight: float = 1.0
    workers: int = 12
    styles: tuple[float, ...] = STYLE_SHARES
    plain: float = PLAIN_SHARE
    style: str = "full"
    augmentation: Augmentation = field(default_factory=Augmentation)


VLM_PRESETS: dict[str, VlmPreset] = {
    # Two cores read some thousand conversations in half an hour: encoder and projector stay as
    # they were trained on their own, and prompts are mostly short; where the full one was but a
    # twentieth of them, it cost eight points of accuracy to ask with it.
    "cpu": VlmPreset(
        batch=4,
        rates={"adapter": 1e-3, "projector": 0.0, "encoder": 0.0},
        alone=0.0,
        workers=0,
        styles=(0.35, 0.5, 0.15),
        plain=0.9,
        style="reduced",
        augmentation=Augmentation(half=0.0, quarter=0.0, drop_view=0.0, dead=0.0, noise=0.0),
    ),
    "gpu": VlmPreset(),
    # Llama 3.2 Vision 11B as in the paper: batch 4 a device, 2e-4 throughout, norm clipped at 0.3.
    "llama": VlmPreset(
        batch=4,
        rates={"adapter": 2e-4},
        alone=0.0,
        weight_decay=0.0,
        clip=0.3,
        workers=4,
    ),
}


@dataclass
class Progress:
    """How far a training is; what a checkpoint keeps beside the weights."""

    step: int = 0
    seconds: float = 0.0


class Tuner:
    """Tunes adapters (and the embedded model's projector and encoder) in place.

    Parameters
    ----------
    backbone : Backbone
        Opened for training.
    material : Material
        Events and their captions.
    data : DeviceEvents or None
        Their hits on the device, numbered alike; only the embedded model needs them.
    preset : VlmPreset
    seed : int
    checkpoint : Path, optional
        Where progress is kept; a training finds its own there and goes on.
    report : callable
        Takes lines of progress.
    style_shares, aside_share
        See `Conversations`.
    """

    def __init__(
        self,
        backbone: Backbone,
        material: Material,
        data: DeviceEvents | None,
        preset: VlmPreset,
        *,
        seed: int = 0,
        checkpoint: Path | None = None,
        report: Report = print_report,
        style_shares: tuple[float, ...] = STYLE_SHARES,
        aside_share: float = ASIDE_SHARE,
    ) -> None:
        self.backbone = backbone
        self.material = material
        self.preset = preset
        self.seed = seed
        self.checkpoint = checkpoint
        self.report = report
        self.style_shares = style_shares
        self.aside_share = aside_share
        on_gpu = backbone.device.type == "cuda"
        self.accelerator = Accelerator(mixed_precision="bf16" if on_gpu else "no", cpu=not on_gpu)
        if not backbone.embedded:
            _save_memory(backbone)
        self.feeder = Feeder(backbone, data, preset.augmentation)
        groups = trained_parameters(backbone)
        self.holder = Holder(groups)
        for name, group in groups.items():
            for parameter in group.values():
                parameter.requires_grad_(preset.rates[name] > 0.0)
        self.optimizer = optimizer_of(groups, preset.rates, preset.weight_decay)
        self.model: torch.nn.Module = backbone.model
        if self.accelerator.num_processes > 1:
            self.model = self.accelerator.prepare_model(self.model, device_placement=False)

    def fit(
        self,
        sources: Sequence[Source],
        *,
        steps: int | None = None,
        seconds: float | None = None,
        save_every: int = 200,
    ) -> dict[str, Any]:
        """Tune on events for a number of steps or a time.

        Parameters
        ----------
        sources : sequence of Source
            Numbers of events, as the material counts them.
        steps : int, optional
            How many steps, or
        seconds : float, optional
            for how long; the learning rate then falls with the time that has passed.
        save_every : int
            Steps between checkpoints.

        Returns
        -------
        dict
            ``steps``, ``conversations``, ``seconds``, ``per_second``, ``memory_gb`` (of a GPU),
            and the losses of about the last ten steps, ``verdict`` and ``explanation``.

        Raises
        ------
        ModelError
            If the device runs out of memory, or the checkpoint is of another model.
        """
        progress = self._resume()
        rank = self.accelerator.process_index
        talk = Conversations(
            self.material,
            self.backbone,
            sources,
            self.preset.batch,
            seed=self.seed,
            rank=rank,
            style_shares=self.style_shares,
            aside_share=self.aside_share,
            plain_share=self.preset.plain,
        )
        began = time.monotonic() - progress.seconds
        first = progress.step
        smooth = torch.zeros(2)
        self.model.train()
        try:
            for batch in _batches(talk, progress.step, self.preset.workers):
                progress.seconds = time.monotonic() - began
                done = progress.seconds / seconds if seconds else progress.step / (steps or 1)
                if done >= 1.0:
                    break
                parts = self._step(batch, progress.step, done)
                progress.step += 1
                smooth = parts if progress.step == first + 1 else smooth.lerp(parts, 0.1)
                if progress.step % 20 == 0 or progress.step == first + 1:
                    self._tell(progress, done, smooth)
                if progress.step % save_every == 0:
                    self._save(progress)
        except torch.OutOfMemoryError as error:
            device = str(self.backbone.device)
            raise out_of_memory(device, self.backbone.config.quantise) from error
        self._save(progress)
        on_gpu = self.backbone.device.type == "cuda"
        return {
            "steps": progress.step,
            "conversations": progress.step * self.preset.batch * self.accelerator.num_processes,
            "seconds": round(progress.seconds, 1),
            "per_second": round(progress.step * self.preset.batch / max(progress.seconds, 1e-9), 2),
            "memory_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2) if on_gpu else None,
            "verdict": float(smooth[0]),
            "explanation": float(smooth[1]),
        }

    def _step(self, batch: Batch, step: int, done: float) -> torch.Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * _share(done, group["group"], self.preset)
        # Dropout draws from the common generator; a training that goes on must draw the same.
        seed = hash((self.seed, self.accelerator.process_index, step)) % 2**63
        torch.manual_seed(seed)
        generator = torch.Generator(self.backbone.device).manual_seed(seed)
        inputs = self.feeder(batch, generator)
        with self.accelerator.autocast():
            loss, parts = loss_of(self.model, inputs, batch, self.preset.explanation_weight)
        self.optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.holder.parameters(), self.preset.clip)
        self.optimizer.step()
        return parts

    def _resume(self) -> Progress:
        if self.checkpoint is None or not self.checkpoint.is_file():
            return Progress()
        modules: dict[str, torch.nn.Module] = {"trained": self.holder}
        progress = Progress(**load_checkpoint(self.checkpoint, modules, self.optimizer))
        self.report(f"going on from step {progress.step}")
        return progress

    def _save(self, progress: Progress) -> None:
        if self.checkpoint is None:
            return
        if self.accelerator.is_main_process:
            modules: dict[str, torch.nn.Module] = {"trained": self.holder}
            save_checkpoint(self.checkpoint, modules, self.optimizer, asdict(progress))
        self.accelerator.wait_for_everyone()

    def _tell(self, progress: Progress, done: float, parts: torch.Tensor) -> None:
        if not self.accelerator.is_main_process:
            return
        speed = progress.step * self.preset.batch / max(progress.seconds, 1e-9)
        left = progress.seconds * (1.0 - done) / max(done, 1e-9)
        self.report(
            f"step {progress.step}: {done:.0%}, verdict {float(parts[0]):.3f}, explanation "
            f"{float(parts[1]):.3f}, {speed:.1f} conversations/s, {left:.0f} s left"
        )


def _share(done: float, group: str, preset: VlmPreset) -> float:
    """Return the share of a group's learning rate.

    The projector's rate rises at once; the others wait for it. Then all fall as a cosine.
    """
    start = 0.0 if group == "projector" else preset.alone
    if done < start:
        return 0.0
    rise = min((done - start) / preset.warmup, 1.0) if preset.warmup else 1.0
    return rise * (0.01 + 0.495 * (1.0 + math.cos(math.pi * done)))


def _batches(talk: Conversations, first: int, workers: int) -> Iterator[Batch]:
    """Write batches ahead, in other processes where there are cores to spare, from a step on."""
    workers = min(workers, max(len(os.sched_getaffinity(0)) - 2, 0))
    return iter(
        DataLoader(
            talk,
            batch_size=None,
            sampler=range(first, len(talk)),
            num_workers=workers,
            prefetch_factor=4 if workers else None,
        )
    )


def _save_memory(backbone: Backbone) -> None:
    """Keep no activations of a large base; they are computed again on the way back."""
    model = backbone.base
    model.enable_input_require_grads()
    # transformers 5.20 gave the method another name.
    name = "activation_checkpointing_enable"
    enable = getattr(model, name, None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})
