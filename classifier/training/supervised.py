"""The one trainer of the CNN and the ViT."""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from accelerate import Accelerator
from torch import nn
from torch.optim.swa_utils import AveragedModel

from classifier.models.cnn import SiameseCnn
from classifier.models.vit import VisionTransformer
from classifier.training.augmentation import augment
from classifier.training.checkpoints import load_checkpoint, save_checkpoint
from classifier.training.data import DeviceEvents, HitBatch
from classifier.training.encode import image_batch, pixel_batch, rasterize_hits
from classifier.training.presets import Preset

Network = SiameseCnn | VisionTransformer
Report = Callable[[str], None]


def print_report(line: str) -> None:
    """Write one line of progress to the standard error."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Source:
    """Events to draw from; each step takes a share of its batch from each source."""

    indices: npt.NDArray[np.int64]
    share: float = 1.0


@dataclass
class Progress:
    """How far a training is; what a checkpoint keeps beside the weights."""

    step: int = 0
    seconds: float = 0.0
    best_loss: float = math.inf
    waited: int = 0


def encode(
    network: Network,
    hits: HitBatch,
    data: DeviceEvents,
    factor: torch.Tensor | None = None,
) -> Any:
    """Make the batch that a network takes."""
    rasters = rasterize_hits(hits, data.tables, factor)
    if isinstance(network, SiameseCnn):
        return image_batch(rasters)
    return pixel_batch(rasters, data.tables)


class Trainer:
    """Trains one network; several processes under ``accelerate launch`` share the work.

    Every random choice of a step follows from the seed and the step's number alone, so that a
    training that was killed goes on from its checkpoint to the same weights, on as many threads.

    Parameters
    ----------
    network : SiameseCnn or VisionTransformer
        Changed in place; at the end it holds the averaged weights.
    data : DeviceEvents
    preset : Preset
    seed : int
    checkpoint : Path, optional
        Where progress is kept; a training finds its own there and goes on.
    log : Path, optional
        Folder for TensorBoard.
    report : callable
        Takes lines of progress.
    frozen : tuple of str
        Starts of the names of parameters that are not trained.
    """

    def __init__(
        self,
        network: Network,
        data: DeviceEvents,
        preset: Preset,
        *,
        seed: int = 0,
        checkpoint: Path | None = None,
        log: Path | None = None,
        report: Report = print_report,
        frozen: tuple[str, ...] = (),
    ) -> None:
        self.data = data
        self.preset = preset
        self.seed = seed
        self.checkpoint = checkpoint
        self.report = report
        self.accelerator = Accelerator(
            # Accelerate keeps one precision a process, and the VLM's on a CPU is full.
            mixed_precision=preset.precision if data.device.type == "cuda" else "no",
            cpu=data.device.type == "cpu",
        )
        # Batches of a training all have one shape, so trying out convolution kernels pays.
        torch.backends.cudnn.benchmark = True
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(not name.startswith(frozen) if frozen else True)
        self._frozen_norms = [
            module
            for name, module in network.named_modules()
            if frozen
            and name.startswith(frozen)
            and isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))
        ]
        self.network = network.to(data.device)
        if isinstance(network, SiameseCnn):
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(
            self.network, multi_avg_fn=_averager(preset.ema), use_buffers=True
        )
        self.averaged = cast(Network, self.average.module)
        self.best = copy.deepcopy(self.network)
        model: nn.Module = self.network
        if self.accelerator.num_processes > 1:
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        self.model, self.optimizer = self.accelerator.prepare(
            model, _optimizer(self.network, preset)
        )
        self.writer: Any = None
        if log is not None and self.accelerator.is_main_process:
            from torch.utils.tensorboard import SummaryWriter

            self.writer = SummaryWriter(str(log))
        self._orders: dict[tuple[int, int], npt.NDArray[np.int64]] = {}

    @property
    def batch_size(self) -> int:
        """Events a step, over all processes."""
        return self.preset.batch * self.accelerator.num_processes

    def fit(
        self,
        sources: Sequence[Source],
        *,
        steps: int | None = None,
        seconds: float | None = None,
        validation: npt.NDArray[np.int64] | None = None,
        every: int = 100,
        save_every: int = 200,
    ) -> dict[str, Any]:
        """Train and leave the averaged weights in the network.

        Parameters
        ----------
        sources : sequence of Source
        steps : int, optional
            Most steps.
        seconds : float, optional
            Longest time; what comes first ends the training, and the learning rate falls with it.
        validation : ndarray of int64, optional
            Events whose loss decides when to stop early and which weights are kept.
        every, save_every : int
            Steps between evaluations on them, and between checkpoints.

        Returns
        -------
        dict
            ``steps``, ``events``, ``seconds``, ``events_per_second``, ``best_loss``.
        """
        if steps is None and seconds is None:
            msg = "give steps, seconds, or both"
            raise ValueError(msg)
        modules: dict[str, nn.Module] = {"network": self.network, "average": self.average}
        if validation is not None:
            modules["best"] = self.best
        progress = Progress()
        if self.checkpoint is not None and self.checkpoint.exists():
            progress = Progress(**load_checkpoint(self.checkpoint, modules, self.optimizer))
            self.report(f"going on from step {progress.step} of {self.checkpoint}")
        started = told = time.monotonic()
        before = progress.seconds

        def done() -> float:
            by_steps = progress.step / steps if steps else 0.0
            return max(by_steps, progress.seconds / seconds if seconds else 0.0)

        while done() < 1.0:
            loss = self._step(progress.step, done(), sources)
            progress.step += 1
            progress.seconds = before + time.monotonic() - started
            over = done() >= 1.0
            if validation is not None and (over or progress.step % every == 0):
                self._validate(progress, validation)
                over |= progress.waited >= self.preset.patience
            if over or time.monotonic() - told > 10:
                told = time.monotonic()
                self._tell(progress, min(done(), 1.0), loss)
            if self.checkpoint is not None and (over or progress.step % save_every == 0):
                self._save(modules, progress)
            if over:
                break
        kept = self.best if validation is not None else self.averaged
        self.network.load_state_dict(kept.state_dict())
        if self.writer is not None:
            self.writer.flush()
        self.accelerator.wait_for_everyone()
        events = progress.step * self.batch_size
        return {
            "steps": progress.step,
            "events": events,
            "seconds": round(progress.seconds, 1),
            "events_per_second": round(events / max(progress.seconds, 1e-9), 1),
            "best_loss": None if math.isinf(progress.best_loss) else progress.best_loss,
        }

    def _step(self, step: int, done: float, sources: Sequence[Source]) -> torch.Tensor:
        rank = self.accelerator.process_index
        rate = self.preset.learning_rate * _schedule(done, self.preset.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(hash((self.seed, step, rank)) % 2**63)
        generator = torch.Generator(self.data.device)
        generator.manual_seed(hash((self.seed, step, rank, 1)) % 2**63)
        indices = self._draw(step, sources)[rank :: self.accelerator.num_processes]
        self.model.train()
        for module in self._frozen_norms:
            module.eval()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._loss(indices, generator)
        self.accelerator.backward(loss)
        loss = loss.detach()
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.preset.clip)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        if self.writer is not None and step % 10 == 0:
            self.writer.add_scalar("train/loss", float(loss), step)
            self.writer.add_scalar("train/rate", rate, step)
        return loss

    def _loss(self, indices: npt.NDArray[np.int64], generator: torch.Generator) -> torch.Tensor:
        preset = self.preset
        hits, factor = augment(
            self.data.batch(indices), self.data.tables, preset.augmentation, generator
        )
        batch = encode(self.network, hits, self.data, factor)
        on_cpu = self.data.device.type == "cpu"
        half = torch.autocast("cpu", torch.bfloat16, enabled=preset.precision == "bf16")
        with half if on_cpu else self.accelerator.autocast():
            logits, _, sources = self.model(batch)
        loss = nn.functional.cross_entropy(
            logits.float(), hits.labels, label_smoothing=preset.label_smoothing
        )
        if sources is not None:
            loss = loss + preset.sources * source_loss(sources[0].float(), sources[1])
        return loss

    def _draw(self, step: int, sources: Sequence[Source]) -> npt.NDArray[np.int64]:
        """Return this step's events: each source is gone through in a new order every epoch."""
        total = sum(source.share for source in sources)
        parts = []
        filled = 0
        for number, source in enumerate(sources):
            last = number == len(sources) - 1
            size = round(self.batch_size * source.share / total)
            size = self.batch_size - filled if last else size
            filled += size
            n = len(source.indices)
            epochs, places = np.divmod(np.arange(step * size, (step + 1) * size), n)
            for epoch in np.unique(epochs):
                order = self._order(number, int(epoch), n)
                parts.append(source.indices[order[places[epochs == epoch]]])
        return np.concatenate(parts)

    def _order(self, source: int, epoch: int, n: int) -> npt.NDArray[np.int64]:
        key = (source, epoch)
        if key not in self._orders:
            self._orders = {k: v for k, v in self._orders.items() if k[0] != source}
            self._orders[key] = np.random.default_rng([self.seed, *key]).permutation(n)
        return self._orders[key]

    def _validate(self, progress: Progress, validation: npt.NDArray[np.int64]) -> None:
        logits, _ = infer(self.averaged, self.data, validation)
        labels = torch.from_numpy(self.data.labels[validation])
        loss = float(nn.functional.cross_entropy(torch.from_numpy(logits), labels))
        accuracy = float((logits.argmax(1) == labels.numpy()).mean())
        self.report(f"step {progress.step}: validation loss {loss:.4f}, accuracy {accuracy:.4f}")
        if self.writer is not None:
            self.writer.add_scalar("validation/loss", loss, progress.step)
            self.writer.add_scalar("validation/accuracy", accuracy, progress.step)
        progress.waited += 1
        if loss < progress.best_loss or math.isinf(progress.best_loss):
            progress.best_loss, progress.waited = loss, 0
            self.best.load_state_dict(self.averaged.state_dict())

    def _tell(self, progress: Progress, done: float, loss: torch.Tensor) -> None:
        if not self.accelerator.is_main_process:
            return
        left = progress.seconds * (1.0 - done) / max(done, 1e-9)
        speed = progress.step * self.batch_size / max(progress.seconds, 1e-9)
        self.report(
            f"step {progress.step}: {done:.0%}, loss {float(loss):.4f}, "
            f"{speed:.0f} events/s, {left:.0f} s left"
        )

    def _save(self, modules: dict[str, nn.Module], progress: Progress) -> None:
        assert self.checkpoint is not None
        if self.accelerator.is_main_process:
            save_checkpoint(self.checkpoint, modules, self.optimizer, asdict(progress))
        self.accelerator.wait_for_everyone()


@torch.inference_mode()
def infer(
    network: Network, data: DeviceEvents, indices: npt.NDArray[np.int64], batch: int = 64
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return logits (n, 3) and features (n, d) of events as they are, float32."""
    training = network.training
    network.eval()
    order = np.argsort(data.sizes[indices], kind="stable")
    logits = np.empty((len(indices), 3), dtype=np.float32)
    features = np.empty((len(indices), network.head.in_features), dtype=np.float32)
    half = data.device.type == "cuda"
    with torch.autocast(data.device.type, dtype=torch.bfloat16, enabled=half):
        for members in np.array_split(order, max(1, -(-len(order) // batch))):
            hits = data.batch(indices[members])
            out = network(encode(network, hits, data))
            logits[members], features[members] = (o.float().cpu().numpy() for o in out[:2])
    network.train(training)
    return logits, features


def source_loss(logits: torch.Tensor, charge: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy with the shares of charge, over patches where those are known.

    Parameters
    ----------
    logits, charge : Tensor, shape (..., S)
        The charge of the first source, which is the unknown one, does not count.
    """
    known = charge[..., 1:].sum(-1) > 0
    share = charge[known][:, 1:]
    share = share / share.sum(-1, keepdim=True)
    rated = -(share * logits[known][:, 1:].log_softmax(-1)).sum(-1)
    # A sum, so that events of which nothing is known give zero, and a gradient of zero.
    return rated.sum() / max(len(rated), 1)


def _optimizer(network: Network, preset: Preset) -> torch.optim.AdamW:
    """AdamW without decay of vectors and of the position tables."""
    decayed: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.requires_grad:
                plain = parameter.ndim < 2 or isinstance(module, nn.Embedding)
                (others if plain or name == "class_token" else decayed).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": preset.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=preset.learning_rate, betas=(0.9, 0.98))


def _schedule(done: float, warmup: float) -> float:
    """Return the share of the learning rate: a linear rise, then a cosine to a hundredth."""
    if done < warmup:
        return 0.01 + 0.99 * done / warmup
    return 0.01 + 0.495 * (1.0 + math.cos(math.pi * (done - warmup) / max(1.0 - warmup, 1e-9)))


def _averager(decay: float) -> Callable[..., None]:
    """Average over the last 1 / (1 - decay) steps, or a tenth of them while there are fewer."""

    @torch.no_grad()
    def average(averaged: Any, current: Any, number: torch.Tensor | int) -> None:
        n = float(number)
        weight = 1.0 - min(decay, (1.0 + n) / (10.0 + n))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, weight)
        else:
            for old, new in zip(averaged, current, strict=True):
                old.copy_(new)

    return average
