"""Efficiency and purity of a selection, and the cut at which they are what one wants."""

from __future__ import annotations

from typing import Literal

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


def working_point(
    signal: npt.ArrayLike,
    scores: npt.ArrayLike,
    wanted: float,
    of: Literal["efficiency", "purity"],
) -> float | None:
    """Return the cut at which a selection has the efficiency or purity that is wanted.

    Cuts are tried in steps of 0.001, so that the one found can be written down. It is the highest
    that keeps the efficiency, or the lowest that reaches the purity, so with the most signal.

    Parameters
    ----------
    signal : array-like of bool, shape (n,)
    scores : array-like of float, shape (n,)
        Probabilities; events with at least the cut are selected.
    wanted : float
        From 0 to 1.
    of : {"efficiency", "purity"}

    Returns
    -------
    float or None
        None if no cut does.
    """
    scores = np.asarray(scores, dtype=np.float64)
    is_signal, _ = _flags(signal, np.ones(scores.shape, dtype=np.bool_))
    cuts = np.arange(1001) / 1000.0
    kept = len(scores) - np.searchsorted(np.sort(scores), cuts)
    right = is_signal.sum() - np.searchsorted(np.sort(scores[is_signal]), cuts)
    below = is_signal.sum() if of == "efficiency" else kept
    reached = (below > 0) & (right >= wanted * below - 1e-9)
    if not reached.any():
        return None
    found = np.flatnonzero(reached)
    return float(cuts[found[-1] if of == "efficiency" else found[0]])


def _flags(
    first: npt.ArrayLike, second: npt.ArrayLike
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    a, b = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    if a.shape != b.shape or a.ndim != 1:
        raise NuLensError("The arrays have different lengths.", "Give one element an event.")
    return a, b
