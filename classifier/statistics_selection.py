"""Efficiency and purity of a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.events import EventClass
from classifier.intervals import ONE_SIGMA, Proportion, proportion
from nulens.errors import NuLensError


@dataclass(frozen=True)
class WorkingPoint:
    """A cut on a score, and what it keeps.

    Attributes
    ----------
    signal : EventClass
    cut : float
        Events with a score above or equal to it are selected.
    efficiency : Proportion
        Selected signal over all signal.
    purity : Proportion
        Selected signal over all selected, whatever their class.
    selected : dict of str to int
        How many events of each true class are selected.
    unknown : int
        Events of unknown truth, which count nowhere.
    """

    signal: EventClass
    cut: float
    efficiency: Proportion
    purity: Proportion
    selected: dict[str, int]
    unknown: int


def efficiency(
    signal: npt.ArrayLike, selected: npt.ArrayLike, *, confidence: float = ONE_SIGMA
) -> Proportion:
    """Return the share of signal that is selected, with its Clopper-Pearson interval.

    Parameters
    ----------
    signal, selected : array-like of bool, shape (n,)
    """
    is_signal, is_selected = _flags(signal, selected)
    kept = int((is_signal & is_selected).sum())
    return proportion(kept, int(is_signal.sum()), confidence=confidence)


def purity(
    signal: npt.ArrayLike, selected: npt.ArrayLike, *, confidence: float = ONE_SIGMA
) -> Proportion:
    """Return the share of selected events that is signal, with its Clopper-Pearson interval.

    Parameters
    ----------
    signal, selected : array-like of bool, shape (n,)
    """
    is_signal, is_selected = _flags(signal, selected)
    kept = int((is_signal & is_selected).sum())
    return proportion(kept, int(is_selected.sum()), confidence=confidence)


def working_point(
    truth: Sequence[str | None],
    scores: npt.ArrayLike,
    signal: EventClass | str,
    cut: float,
    *,
    confidence: float = ONE_SIGMA,
) -> WorkingPoint:
    """Return efficiency and purity of the events with a score of `cut` or more.

    All other true classes, ``nutau_cc`` and ``cosmic`` among them, are background.

    Parameters
    ----------
    truth : sequence of label or None, shape (n,)
    scores : array-like of float, shape (n,)
    """
    signal = EventClass(signal)
    labels = [label if isinstance(label, str) else None for label in truth]
    known = np.array([label is not None for label in labels], dtype=np.bool_)
    is_signal = np.array([label == signal for label in labels], dtype=np.bool_)
    passed = np.asarray(scores, dtype=np.float64) >= cut
    _flags(known, passed)
    return WorkingPoint(
        signal=signal,
        cut=float(cut),
        efficiency=efficiency(is_signal, passed & known, confidence=confidence),
        purity=purity(is_signal, passed & known, confidence=confidence),
        selected={
            label.value: sum(bool(p) and t == label for p, t in zip(passed, labels, strict=True))
            for label in EventClass
            if label in labels
        },
        unknown=int((~known).sum()),
    )


def _flags(
    first: npt.ArrayLike, second: npt.ArrayLike
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    a, b = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    if a.shape != b.shape or a.ndim != 1:
        raise NuLensError("The arrays have different lengths.", "Give one element an event.")
    return a, b
