"""Efficiency and purity of a selection."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classifier.intervals import ONE_SIGMA, Proportion, proportion
from nulens.errors import NuLensError


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


def _flags(
    first: npt.ArrayLike, second: npt.ArrayLike
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    a, b = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    if a.shape != b.shape or a.ndim != 1:
        raise NuLensError("The arrays have different lengths.", "Give one element an event.")
    return a, b
