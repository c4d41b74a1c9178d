"""The CNN and the ViT as classifiers: events in, calibrated probabilities and features out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from classifier.events import Event
from classifier.models.base import Predictions, Progress
from classifier.models.batching import batches, without_truth
from classifier.models.calibrated import (
    Calibration,
    calibration_tensors,
    probabilities,
    read_calibrations,
    unlikeness_of,
)
from classifier.models.cnn import CnnConfig, SiameseCnn
from classifier.models.packed import can_pack, pack
from classifier.models.sparse import SparseConvolution
from classifier.models.unlike import detector_key, hit_statistics
from classifier.models.vit import VisionTransformer, VitConfig
from classifier.models.weights import half_precision, load_state, read_folder, section, write_folder
from nulens.errors import ModelError

KINDS = ("cnn", "vit")


def build_network(kind: str, sizes: dict[str, Any] | None = None) -> SiameseCnn | VisionTransformer:
    """Make an untrained network.

    Raises
    ------
    ModelError
        If `kind` is not ``cnn`` or ``vit``, or a size is not one of its.
    """
    try:
        if kind == "cnn":
            return SiameseCnn(CnnConfig(**(sizes or {})))
        if kind == "vit":
            return VisionTransformer(VitConfig(**(sizes or {})))
    except TypeError as e:
        raise ModelError(
            f"{sizes} are not sizes of a {kind}.", "Check the model's config.json."
        ) from e
    raise ModelError(f"There is no network {kind!r}.", f"Choose one of {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Outputs:
    """What a network says of n events before calibration; the arrays are float32.

    Attributes
    ----------
    logits : (n, 3)
    features : (n, d)
    statistics : (n, s)
        See `classifier.models.unlike.hit_statistics`.
    detectors : list of str
        See `classifier.models.unlike.detector_key`.
    indices : (n,) int64
    """

    logits: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    statistics: npt.NDArray[np.float32]
    detectors: npt.NDArray[np.str_]
    indices: npt.NDArray[np.int64]


class SupervisedClassifier:
    """A trained CNN or ViT.

    Parameters
    ----------
    name, version : str
        What a user calls the model, and the hash of its weights.
    kind : str
        ``cnn`` or ``vit``.
    network : module
        With its weights; it is changed for inference (batch norms folded, lower precision).
    calibrations : dict of str to Calibration
        By `detector_key`.
    card : dict
        The model card.
    device : str, optional
        Default: a GPU if there is one.
    dtype : torch.dtype, optional
        Default: bf16 where the device computes in it, otherwise float32.
    """

    def __init__(
        self,
        name: str,
        version: str,
        kind: str,
        network: SiameseCnn | VisionTransformer,
        calibrations: dict[str, Calibration],
        card: dict[str, Any],
        *,
        device: str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.kind = kind
        self.card: dict[str, object] = card
        self.calibrations = calibrations
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.dtype = dtype or inference_dtype(kind, self.device)
        self.network = for_inference(network, self.device, self.dtype)

    @classmethod
    def load(cls, folder: Path, **options: Any) -> SupervisedClassifier:
        """Load a folder that `save` wrote.

        Raises
        ------
        ModelError
            If it is missing or damaged.
        """
        config, tensors, card, version = read_folder(folder)
        network = build_network(config.get("kind", ""), config.get("network"))
        load_state(network, section(tensors, "network"), folder)
        calibrations = read_calibrations(tensors, folder)
        name = str(card.get("name", folder.name))
        return cls(name, version, config["kind"], network, calibrations, card, **options)

    def predict(
        self, events: Sequence[Event] | Event, *, progress: Progress | None = None
    ) -> Predictions:
        """Return calibrated probabilities; events are read one batch at a time.

        An event of a detector that the model was not trained on gets an `unlike` of 1 and the mean
        scaling of the detectors that it was.

        Raises
        ------
        ModelError
            If an event has pixels that are not finite.
        FormatError
            If an event cannot be read.
        """
        out = self.outputs(events, progress=progress)
        unlike = unlikeness_of(
            out.features, out.logits, out.statistics, out.detectors, self.calibrations
        )
        shares = probabilities(out.logits, out.detectors, self.calibrations)
        return Predictions(out.indices, shares, unlike)

    def embed(self, events: Sequence[Event] | Event) -> npt.NDArray[np.float32]:
        """Return the features before the last layer, shape (n, d)."""
        return self.outputs(events).features

    def outputs(
        self, events: Sequence[Event] | Event, *, progress: Progress | None = None
    ) -> Outputs:
        """Return logits, features and hit statistics, in the order of the events."""
        events = [events] if isinstance(events, Event) else events
        width = self.network.head.in_features
        n = len(events)
        logits = np.empty((n, 3), dtype=np.float32)
        features = np.empty((n, width), dtype=np.float32)
        statistics = np.empty((n, 10), dtype=np.float32)
        detectors = np.empty(n, dtype="U64")
        indices = np.empty(n, dtype=np.int64)
        size = 4 if self.device.type == "cpu" else 128
        for first, chunk, chunk_statistics in self._read(events):
            for i, event in enumerate(chunk, start=first):
                detectors[i], indices[i] = detector_key(event.geometry), event.index
            statistics[first : first + len(chunk)] = chunk_statistics
            for members in batches(chunk, size):
                batch = self.network.encode_events([chunk[i] for i in members])
                rows = first + np.asarray(members)
                logits[rows], features[rows] = self.run(batch)
            if progress:
                progress(first + len(chunk), n)
        return Outputs(logits, features, statistics, detectors, indices)

    @torch.inference_mode()
    def run(self, batch: Any) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return logits and features of one encoded batch."""
        on_device = cast_batch(batch.to(self.device), self.dtype)
        logits, features, _ = self.network(on_device)
        return logits.float().cpu().numpy(), features.float().cpu().numpy()

    def _read(
        self, events: Sequence[Event]
    ) -> Iterator[tuple[int, list[Event], npt.NDArray[np.float32]]]:
        """Read chunks of events, the next one while the network works on the last."""
        size = 32 if self.device.type == "cpu" else 512

        def read(first: int) -> tuple[int, list[Event], npt.NDArray[np.float32]]:
            last = min(first + size, len(events))
            chunk = [without_truth(events, i) for i in range(first, last)]
            return first, chunk, np.stack([hit_statistics(event) for event in chunk])

        with ThreadPoolExecutor(max_workers=1) as pool:
            starts = range(0, len(events), size)
            ahead = pool.submit(read, 0) if len(starts) else None
            for start in starts:
                assert ahead is not None
                current = ahead.result()
                following = start + size
                ahead = pool.submit(read, following) if following < len(events) else None
                yield current


def save_classifier(
    folder: Path,
    kind: str,
    network: SiameseCnn | VisionTransformer,
    calibrations: dict[str, Calibration],
    card: dict[str, Any],
) -> None:
    """Write a trained network and its calibration as a folder that `load` reads."""
    state = {f"network.{k}": v for k, v in half_precision(network.state_dict()).items()}
    state |= calibration_tensors(calibrations)
    write_folder(folder, kind, network.config, state, card)


def inference_dtype(kind: str, device: torch.device) -> torch.dtype:
    """Return bf16 if the device multiplies in it natively, float32 otherwise.

    On a CPU the ViT stays in float32: bf16 gains little there, and its sums would depend on how
    much padding a batch has, so that an event alone had other probabilities than among others.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    if kind == "vit":
        return torch.float32
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if native else torch.float32


def for_inference(
    network: SiameseCnn | VisionTransformer, device: torch.device, dtype: torch.dtype
) -> SiameseCnn | VisionTransformer:
    """Fold batch norms and activations into convolutions; bring weights to device and layout."""
    network.eval().requires_grad_(False)
    for module in list(network.modules()):
        if isinstance(module, SparseConvolution):
            module.fold()
        if isinstance(module, nn.Sequential):
            for i in range(len(module) - 1):
                convolution, norm = module[i], module[i + 1]
                if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    module[i] = fuse_conv_bn_eval(convolution, norm)
                    module[i + 1] = nn.Identity()
    network = network.to(device=device, dtype=dtype)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if can_pack(device):
        pack(network)
    return network


def cast_batch(batch: Any, dtype: torch.dtype) -> Any:
    """Return a batch with its floating-point tensors in `dtype`."""
    from dataclasses import replace

    changes = {
        f.name: getattr(batch, f.name).to(dtype)
        for f in fields(batch)
        if isinstance(getattr(batch, f.name), torch.Tensor)
        and getattr(batch, f.name).is_floating_point()
    }
    return replace(batch, **changes)
