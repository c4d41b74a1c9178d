"""From what a model says of events to probabilities and unlikeness, by detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from classifier.models.unlike import Unlikeness
from classifier.models.weights import section
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[np.float32]


IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class Scaling:
    """Temperature scaling, with what a model needs beyond it.

    A temperature alone (Guo et al., arXiv:1706.04599) cannot mend a model that prefers a class; a
    bias can (Alexandari et al., arXiv:1901.06852, section 2.2). One that is sure of one class in
    another way than of the next, as a language model of its words, takes a matrix (Dirichlet
    calibration; Kull et al., arXiv:1910.12656, section 3).

    Attributes
    ----------
    temperature : float
        Log-probabilities are divided by it.
    bias : tuple of float
        Added to them, class by class; sums to 0.
    matrix : tuple of tuple of float
        By which they are multiplied from the right before; the identity for most models.
    """

    temperature: float = 1.0
    bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    matrix: tuple[tuple[float, float, float], ...] = IDENTITY

    def __call__(self, logits: npt.NDArray[np.floating]) -> Array:
        """Return probabilities, shape (n, 3), of logits of that shape; each row sums to 1."""
        from scipy.special import softmax

        scaled: Array = softmax(self.scores(logits), axis=1)
        return scaled.astype(np.float32)

    def scores(self, logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return logits of the calibrated probabilities, shape (n, 3) as those given."""
        from scipy.special import log_softmax

        told = log_softmax(logits, axis=1) @ np.array(self.matrix)
        scores: npt.NDArray[np.floating] = told / self.temperature + np.array(self.bias)
        return scores


@dataclass(frozen=True)
class Calibration:
    """What held-out events of one detector have taught.

    Attributes
    ----------
    scaling : Scaling
    unlikeness : Unlikeness
    """

    scaling: Scaling
    unlikeness: Unlikeness


def probabilities(
    logits: Array, detectors: npt.NDArray[np.str_], calibrations: Mapping[str, Calibration]
) -> Array:
    """Return the probabilities that logits stand for.

    Parameters
    ----------
    logits : ndarray of float32, shape (n, 3)
    detectors : ndarray of str, shape (n,)
        See `classifier.models.unlike.detector_key`.
    calibrations : mapping of str to Calibration
        By detector; one that is not there gets the mean scaling of those that are.

    Returns
    -------
    ndarray of float32, shape (n, 3)
        Each row sums to 1.
    """
    shares = np.empty(logits.shape, dtype=np.float32)
    for detector in np.unique(detectors):
        own = detectors == detector
        known = calibrations.get(str(detector))
        scaling = known.scaling if known else _mean([c.scaling for c in calibrations.values()])
        shares[own] = scaling(logits[own])
    return shares


def _mean(scalings: list[Scaling]) -> Scaling:
    if not scalings:
        return Scaling()
    temperature = float(np.exp(np.mean([np.log(s.temperature) for s in scalings])))
    first, second, third = np.mean([s.bias for s in scalings], axis=0).tolist()
    matrix = np.mean([s.matrix for s in scalings], axis=0)
    return Scaling(temperature, (first, second, third), _rows(matrix))


def _rows(matrix: npt.NDArray[np.floating]) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(a), float(b), float(c)) for a, b, c in matrix)


def unlikeness_of(
    features: Array,
    logits: Array,
    statistics: Array,
    detectors: npt.NDArray[np.str_],
    calibrations: Mapping[str, Calibration],
) -> Array:
    """Return how unlike its detector's training data each event is; 1 for an unknown detector.

    Parameters
    ----------
    features, logits, statistics : ndarray of float32, shape (n, d), (n, 3), (n, s)
        See `classifier.models.unlike.Unlikeness`.
    detectors : ndarray of str, shape (n,)
    calibrations : mapping of str to Calibration
        By detector.
    """
    unlike = np.ones(len(detectors), dtype=np.float32)
    for detector, calibration in calibrations.items():
        own = detectors == detector
        if own.any():
            unlike[own] = calibration.unlikeness(features[own], logits[own], statistics[own])
    return unlike


def calibration_tensors(calibrations: Mapping[str, Calibration]) -> dict[str, torch.Tensor]:
    """Return what is stored of calibrations beside a model's weights."""
    import torch

    state = {}
    for detector, calibration in calibrations.items():
        scaling = calibration.scaling
        state[f"temperature.{detector}"] = torch.tensor(scaling.temperature, dtype=torch.float32)
        state[f"bias.{detector}"] = torch.tensor(scaling.bias, dtype=torch.float32)
        if scaling.matrix != IDENTITY:
            state[f"matrix.{detector}"] = torch.tensor(scaling.matrix, dtype=torch.float32)
        for part in fields(calibration.unlikeness):
            value = np.ascontiguousarray(getattr(calibration.unlikeness, part.name))
            state[f"unlike.{detector}.{part.name}"] = torch.from_numpy(value)
    return state


def read_calibrations(tensors: dict[str, torch.Tensor], source: Path) -> dict[str, Calibration]:
    """Return the calibrations that `calibration_tensors` stored.

    Raises
    ------
    ModelError
        If a part of one is missing.
    """
    calibrations = {}
    try:
        for detector, temperature in section(tensors, "temperature").items():
            first, second, third = tensors[f"bias.{detector}"].tolist()
            matrix = tensors.get(f"matrix.{detector}")
            rows = IDENTITY if matrix is None else _rows(matrix.numpy())
            scaling = Scaling(float(temperature), (first, second, third), rows)
            unlike = {
                part.name: tensors[f"unlike.{detector}.{part.name}"].numpy()
                for part in fields(Unlikeness)
            }
            calibrations[detector] = Calibration(scaling, Unlikeness(**unlike))
    except KeyError as error:
        raise ModelError(
            f"The model in {source} lacks a part of its calibration, {error}.",
            "Train the model again, or restore its folder.",
        ) from error
    return calibrations
