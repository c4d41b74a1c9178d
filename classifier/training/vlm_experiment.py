"""Tunings of a VLM that share data and base: on simulation, then a fold or all of the real maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from classifier.events import CLASSES
from classifier.models.calibrated import Calibration
from classifier.models.unlike import Unlikeness
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_folder import save_vlm
from classifier.models.vlm_inference import captured_features, paused
from classifier.models.vlm_reading import Reader
from classifier.models.weights import load_state, read_folder, section
from classifier.training.calibration import Outcome, fit_reference
from classifier.training.conversations import Material
from classifier.training.data import DeviceEvents
from classifier.training.encode import pixel_batch, rasterize_hits
from classifier.training.experiment import Experiment, Index, Length, Part, fold_weights
from classifier.training.qlora import Tuner, VlmPreset
from classifier.training.supervised import Source
from classifier.training.vlm_steps import trained_parameters
from nulens.errors import ModelError

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class VlmExperiment(Experiment):
    """An `Experiment` whose network is a backbone: each training starts from the same weights.

    Attributes
    ----------
    backbone : Backbone
        Opened for training; it holds the weights of the last training.
    material : Material
    tuning : VlmPreset
    begin : dict of Tensor
        Trained weights that each training starts from; see `state_of`.
    style : str
        Prompt that the model is tested and shipped with.
    style_shares, aside_share
        See `classifier.training.conversations.Conversations`.
    reference : int
        Most events of a data set that the measure of unlikeness is fitted on.
    encoders : Path, optional
        Folder of a ViT with its folds: a training is then nothing but taking its eyes. The language
        model, which was tuned on simulation, speaks of what they see.
    """

    backbone: Backbone = field(kw_only=True)
    material: Material = field(kw_only=True)
    tuning: VlmPreset = field(kw_only=True)
    begin: State = field(kw_only=True)
    style: str = field(default="full", kw_only=True)
    style_shares: tuple[float, ...] = field(default=(0.4, 0.2, 0.4), kw_only=True)
    aside_share: float = field(default=0.3, kw_only=True)
    reference: int = field(default=4000, kw_only=True)
    encoders: Path | None = field(default=None, kw_only=True)

    def fit(
        self, name: str, length: Length, parts: list[Part] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Tune from the start; return the backbone and how fast that was."""
        self.report(f"tuning vlm ({name})")
        restore(self.backbone, self.begin)
        if self.encoders is not None:
            transplant(self.backbone, self.encoders, name)
            return self.backbone, {}
        parts = parts or self.parts
        tuner = Tuner(
            self.backbone,
            self.material,
            self.data if self.backbone.embedded else None,
            self.tuning,
            seed=self.seed,
            checkpoint=self.out / f"{name}.checkpoint.safetensors",
            report=self.report,
            style_shares=self.style_shares,
            aside_share=self.aside_share,
        )
        main = len(parts) - self.rehearsed
        share = main / self.rehearsed if self.rehearsed else 1.0
        sources = [Source(p.train, 1.0 if i < main else share) for i, p in enumerate(parts)]
        return self.backbone, tuner.fit(sources, steps=length.steps, seconds=length.seconds)

    def outcome(self, network: Any, indices: Index) -> Outcome:
        """Ask the model about events as they are."""
        scores, features = ask(network, self.data, self.material, indices, self.style)
        return Outcome(scores, features, self.data.statistics[indices], self.data.labels[indices])

    def _reference(self, network: Any, parts: Sequence[Part], like: int) -> Unlikeness:
        random = np.random.default_rng(self.seed)
        own = [part for part in parts if self._detector(part) == self._detector(parts[like])]
        size = min(self.reference // len(own), *(len(part.train) for part in own))
        chosen = [random.permutation(part.train)[:size] for part in own]
        return fit_reference(self.outcome(network, np.concatenate(chosen)))

    def save(
        self,
        network: Any,
        calibrations: dict[str, Calibration],
        card: dict[str, Any],
    ) -> None:
        """Write the folder that `classifier.models.vlm.load_vlm` reads."""
        save_vlm(self.out, network, calibrations, card, self.style)


def transplant(backbone: Backbone, folder: Path, name: str = "all") -> None:
    """Give the embedded model the encoder of a ViT, and its head for the class's visual word.

    Parameters
    ----------
    backbone : Backbone
    folder : Path
        Folder of a trained ViT.
    name : str
        ``all``, or ``foldK`` for the ViT that was trained without a fold.

    Raises
    ------
    ModelError
        If the folder has no such weights, or they do not fit.
    """
    if name == "all":
        tensors = section(read_folder(folder)[1], "network")
    else:
        path = fold_weights(folder, name)
        if not path.is_file():
            raise ModelError(
                f"{folder} does not hold the ViT that was trained without {name}.",
                "Train the ViT with folds first, into the same folder.",
            )
        tensors = load_file(path)
    load_state(backbone.base.encoder, section(tensors, "encoder"), folder)
    load_state(backbone.base.projector.label, section(tensors, "head"), folder)


def state_of(backbone: Backbone) -> State:
    """Copy all trained weights."""
    groups = trained_parameters(backbone)
    return {k: p.detach().clone() for group in groups.values() for k, p in group.items()}


@torch.no_grad()
def restore(backbone: Backbone, state: State) -> None:
    """Put weights that `state_of` copied back."""
    for group in trained_parameters(backbone).values():
        for name, parameter in group.items():
            parameter.copy_(state[name])


@torch.inference_mode()
def ask(
    backbone: Backbone,
    data: DeviceEvents,
    material: Material,
    indices: Index,
    style: str,
    batch: int = 128,
) -> tuple[Any, Any]:
    """Return log-probabilities (n, 3) and features (n, d) of events, float32.

    The events of the embedded model are cut into patches on the device; see
    `classifier.models.vlm.VlmClassifier` for a few events of any file.
    """
    on_gpu = backbone.device.type == "cuda"
    size = batch if on_gpu else 8
    scores = np.empty((len(indices), len(CLASSES)), dtype=np.float32)
    features: list[Any] = [None] * len(indices)
    detectors = data.detectors[indices]
    for detector in np.unique(detectors):
        own = np.flatnonzero(detectors == detector)
        own = own[np.argsort(data.sizes[indices[own]], kind="stable")]
        reader = Reader(backbone, material.geometry(int(indices[own[0]])), style)
        for rows in np.array_split(own, max(1, -(-len(own) // size))):
            with (
                paused(backbone),
                torch.autocast(backbone.device.type, dtype=torch.bfloat16, enabled=on_gpu),
                captured_features(backbone) as seen,
            ):
                state = reader.begin(_inputs(reader, data, material, indices[rows]))
                for row, vector in zip(rows, seen(), strict=True):
                    features[row] = vector
                scores[rows] = reader.log_probabilities(state)
    return scores, np.stack(features)


def _inputs(
    reader: Reader, data: DeviceEvents, material: Material, numbers: Index
) -> dict[str, torch.Tensor]:
    backbone = reader.backbone
    texts = [reader.text] * len(numbers)
    processor: Any = backbone.processor
    if not backbone.embedded:
        return dict(processor(texts, [material.event(int(n)) for n in numbers]))
    pixels = pixel_batch(rasterize_hits(data.batch(numbers), data.tables), data.tables)
    return dict(processor.encode_texts(texts)) | {"pixels": pixels}
