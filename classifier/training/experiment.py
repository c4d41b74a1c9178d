"""Trainings that share data and settings: one network, or one for each fold and one on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file

from classifier.events import CLASSES
from classifier.models.calibrated import Calibration
from classifier.models.supervised import build_network, save_classifier
from classifier.models.unlike import Unlikeness
from classifier.models.weights import half_precision, load_state, read_folder, section
from classifier.training.calibration import (
    Outcome,
    fit_reference,
    fit_scaling,
    measure,
)
from classifier.training.data import DeviceEvents
from classifier.training.presets import Preset
from classifier.training.supervised import Network, Report, Source, Trainer, infer
from nulens.errors import ModelError

Index = npt.NDArray[np.int64]

_REFERENCE = 1000
"""Most events of a data set that the measure of unlikeness is fitted on."""

_VALIDATION = 500
"""Most events of a data set that decide when to stop."""


@dataclass(frozen=True)
class Part:
    """One data set within the training data; the arrays number its events in `DeviceEvents`."""

    name: str
    train: Index
    validation: Index
    calibration: Index


@dataclass(frozen=True)
class Length:
    """How long one training takes: most steps, most seconds, or both."""

    steps: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class CrossValidation:
    """What models say of the fold that each was not trained on."""

    outcome: Outcome
    unusual: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Experiment:
    """What the trainings share.

    Attributes
    ----------
    kind : str
        ``cnn`` or ``vit``.
    preset : Preset
    seed : int
    out : Path
        Folder of the trained model.
    init : Path or None
        Folder of a trained model to start from.
    freeze : tuple of str
    report : callable
    data : DeviceEvents
    parts : list of Part
        The last `rehearsed` of them only keep the model from forgetting: together they are the
        preset's share of each batch.
    rehearsed : int
    """

    kind: str
    preset: Preset
    seed: int
    out: Path
    init: Path | None
    freeze: tuple[str, ...]
    report: Report
    data: DeviceEvents
    parts: list[Part]
    rehearsed: int = 0

    def start(self) -> Network:
        """Make the network, with random weights or those of `init`."""
        torch.manual_seed(self.seed)
        if self.init is None:
            return build_network(self.kind, self.preset.network)
        config, tensors, _, _ = read_folder(self.init)
        if config.get("kind") != self.kind:
            raise ModelError(
                f"{self.init} is a {config.get('kind')}, not a {self.kind}.",
                "Start from a model of the same kind.",
            )
        network = build_network(self.kind, config.get("network"))
        load_state(network, section(tensors, "network"), self.init)
        return network

    def fit(
        self, name: str, length: Length, parts: list[Part] | None = None
    ) -> tuple[Network, dict[str, Any]]:
        """Train one network; return it and how fast that was."""
        self.report(f"training {self.kind} ({name})")
        parts = parts or self.parts
        trainer = Trainer(
            self.start(),
            self.data,
            self.preset,
            seed=self.seed,
            checkpoint=self.out / f"{name}.checkpoint.safetensors",
            log=self.out / "log" / name,
            report=self.report,
            frozen=self.freeze,
        )
        main = len(parts) - self.rehearsed
        share = 1.0
        if self.rehearsed:
            rehearsed = self.preset.rehearsed
            share = main / self.rehearsed * rehearsed / (1.0 - rehearsed)
        sources = [Source(p.train, 1.0 if i < main else share) for i, p in enumerate(parts)]
        held = np.concatenate([part.validation for part in parts[:main]])
        speed = trainer.fit(
            sources,
            steps=length.steps,
            seconds=length.seconds,
            validation=held if len(held) else None,
            every=max(1, length.steps // 20) if length.steps else 500,
        )
        if name != "all":
            # Kept beside the final model: a VLM that takes its eyes is tested with the fold's own.
            state = half_precision(trainer.network.state_dict())
            save_file({k: v.contiguous() for k, v in state.items()}, fold_weights(self.out, name))
        return trainer.network, speed

    def cross_validate(
        self, fold: Index, ids: npt.NDArray[np.str_], length: Length
    ) -> CrossValidation:
        """Train without each fold of the first part and test on it; write ``folds.npz``.

        Parameters
        ----------
        fold : ndarray of int64, shape (n,)
            Fold of each event of the first part, -1 for none.
        ids : ndarray of str, shape (n,)
        length : Length
            Of each training.
        """
        outcomes, unusual, order = [], [], []
        for k in range(int(fold.max()) + 1):
            tested = np.flatnonzero(fold == k)
            inside = np.flatnonzero((fold >= 0) & (fold != k))
            parts = [replace(self.parts[0], train=inside), *self.parts[1:]]
            network, _ = self.fit(f"fold{k}", length, parts)
            outcome = self.outcome(network, tested)
            self.report(f"fold {k}: {measure(outcome)}")
            reference = self._reference(network, parts, 0)
            unusual.append(reference.raw(outcome.features, outcome.logits, outcome.statistics))
            outcomes.append(outcome)
            order.append(tested)
        tested = np.concatenate(order)
        pooled = Outcome.join(outcomes)
        folds = fold[tested]
        raw = np.concatenate(unusual)
        probabilities = np.empty((len(tested), len(CLASSES)), dtype=np.float32)
        unlike = np.empty(len(tested), dtype=np.float32)
        for k in np.unique(folds):
            # The calibration of a fold comes from the others, as it would for new events.
            own = folds == k
            scaling = fit_scaling([(pooled.logits[~own], pooled.labels[~own])])
            probabilities[own] = scaling(pooled.logits[own])
            unlike[own] = np.searchsorted(np.sort(raw[~own]), raw[own]) / (~own).sum()
        self.out.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            self.out / "folds.npz",
            name=self.kind,
            id=ids[tested],
            fold=folds,
            label=pooled.labels,
            logits=pooled.logits,
            probabilities=probabilities,
            unlike=unlike,
        )
        self.report(f"all folds: {measure(pooled)}")
        return CrossValidation(pooled, raw)

    def finish(
        self, network: Network, card: dict[str, Any], found: CrossValidation | None = None
    ) -> dict[str, Any]:
        """Fit the calibration of each detector; write the folder, drop checkpoints.

        What models of the folds said of events new to them stands for the first part, if there is
        a cross-validation: the network itself has seen all of those.

        Returns
        -------
        dict
            The card, with the metrics of each part.
        """
        held = [
            found.outcome if found and i == 0 else self.outcome(network, part.calibration)
            for i, part in enumerate(self.parts)
        ]
        detectors = [self._detector(part) for part in self.parts]
        calibrations: dict[str, Calibration] = {}
        metrics: dict[str, Any] = {}
        for detector in dict.fromkeys(detectors):
            own = [i for i, d in enumerate(detectors) if d == detector]
            scaling = fit_scaling([(held[i].logits, held[i].labels) for i in own])
            reference = self._reference(network, self.parts, own[0])
            unusual = [
                found.unusual
                if found and i == 0
                else reference.raw(held[i].features, held[i].logits, held[i].statistics)
                for i in own
            ]
            size = min(map(len, unusual))
            random = np.random.default_rng(self.seed)
            equal = np.concatenate([random.permutation(u)[:size] for u in unusual])
            calibrations[detector] = Calibration(scaling, reference.with_held_out(equal))
            for i in own:
                metrics[self.parts[i].name] = {
                    "how": "cross-validation" if found and i == 0 else "events kept out",
                    "temperature": round(scaling.temperature, 4),
                    "bias": [round(b, 4) for b in scaling.bias],
                    "matrix": [[round(m, 4) for m in row] for row in scaling.matrix],
                    **measure(held[i], scaling),
                }
        card = {**card, "metrics": metrics}
        self.save(network, calibrations, card)
        return card

    def save(
        self,
        network: Network,
        calibrations: dict[str, Calibration],
        card: dict[str, Any],
    ) -> None:
        """Write the folder of the trained model."""
        save_classifier(self.out, self.kind, network, calibrations, card)
        for checkpoint in self.out.glob("*.checkpoint.safetensors"):
            checkpoint.unlink()

    def outcome(self, network: Network, indices: Index) -> Outcome:
        """Run a network on events as they are."""
        logits, features = infer(network, self.data, indices)
        return Outcome(logits, features, self.data.statistics[indices], self.data.labels[indices])

    def _detector(self, part: Part) -> str:
        return str(self.data.detectors[part.train[0]])

    def _reference(self, network: Network, parts: Sequence[Part], like: int) -> Unlikeness:
        """Fit unlikeness on training events of all parts of the same detector as number `like`."""
        random = np.random.default_rng(self.seed)
        own = [part for part in parts if self._detector(part) == self._detector(parts[like])]
        size = min(_REFERENCE, *(len(part.train) for part in own))
        chosen = [random.permutation(part.train)[:size] for part in own]
        return fit_reference(self.outcome(network, np.concatenate(chosen)))


def fold_weights(folder: Path, name: str) -> Path:
    """Return where the weights are kept that were trained without a fold."""
    return folder / f"{name}.safetensors"


def split(name: str, labels: Index, offset: int) -> Part:
    """Keep every tenth event of each class for calibration, and up to a tenth for validation.

    Parameters
    ----------
    name : str
    labels : ndarray of int64, shape (n,)
    offset : int
        Number of the first event.

    Raises
    ------
    ModelError
        If a class has too few events for that.
    """
    rank = np.full(len(labels), -1)
    for c in range(len(CLASSES)):
        own = np.flatnonzero(labels == c)
        if len(own) < 10:
            raise ModelError(
                f"{name} has {len(own)} events of class {CLASSES[c]}, too few to train on.",
                "Give at least 10 of each class, and some hundreds for a useful model.",
            )
        rank[own] = np.arange(len(own))
    calibration = np.flatnonzero(rank % 10 == 9)
    validation = np.flatnonzero((rank >= 0) & (rank % 10 == 8))[:_VALIDATION]
    kept = np.concatenate([calibration, validation])
    training = np.setdiff1d(np.flatnonzero(rank >= 0), kept)
    return Part(name, training + offset, validation + offset, calibration + offset)
