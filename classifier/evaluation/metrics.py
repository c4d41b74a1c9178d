"""Everything that is measured of one model's probabilities, with intervals, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier import statistics
from classifier.evaluation.calibration import (
    expected_calibration_error,
    perfect_spread,
    reliability,
)
from classifier.events import CLASSES, EventClass

ENERGY_EDGES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 40.0)
"""Bins of the neutrino energy in GeV."""
ROC_POINTS = 200
"""Points that a stored curve is thinned to."""


@dataclass(frozen=True)
class Scored:
    """Probabilities of one model beside the truth of the same events.

    Attributes
    ----------
    name : str
        The model's name.
    probabilities : ndarray of float, shape (n, 3)
        In the order of `CLASSES`.
    table : DataFrame
        Truth of the events, row by row; columns as in `classifier.events.Reader.table`.
    unlike : ndarray of float, shape (n,), or None
        See `classifier.models.base.Predictions`.
    """

    name: str
    probabilities: npt.NDArray[np.floating]
    table: pd.DataFrame
    unlike: npt.NDArray[np.floating] | None = None

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """True class as a column number of `CLASSES`, -1 for others, shape (n,)."""
        order = {c.value: i for i, c in enumerate(CLASSES)}
        return np.array([order.get(t, -1) for t in self.table["truth"]], dtype=np.int64)

    @property
    def chosen(self) -> npt.NDArray[np.int64]:
        """The most probable class, as a column number."""
        return np.asarray(self.probabilities).argmax(axis=1)

    def only(self, keep: npt.NDArray[np.bool_]) -> Scored:
        """Return some of the events."""
        unlike = None if self.unlike is None else self.unlike[keep]
        return replace(
            self, probabilities=self.probabilities[keep], table=self.table[keep], unlike=unlike
        )


def as_data(interval: Any) -> dict[str, Any]:
    """Return a value with its interval as a dict; NaN becomes None."""
    found = {"value": interval.value, "low": interval.low, "high": interval.high, "n": interval.n}
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in found.items()}


def measures(scored: Scored) -> dict[str, Any]:
    """Measure one model.

    Parameters
    ----------
    scored : Scored

    Returns
    -------
    dict
        Plain data. Shares have Clopper-Pearson intervals, areas bootstrap intervals (68.27 %).
        Events of no predicted class are background: they count under ``others`` only.
    """
    known = scored.only(scored.labels >= 0)
    y, p, chosen = known.labels, np.asarray(known.probabilities, dtype=np.float64), known.chosen
    found: dict[str, Any] = {
        "model": scored.name,
        "events": len(y),
        "accuracy": as_data(statistics.proportion(int((y == chosen).sum()), len(y))),
        "classes": {c.value: _of_class(y, p, chosen, i) for i, c in enumerate(CLASSES)},
        "confusion": _confusion(y, chosen),
        "calibration": _calibration(p, y),
        "negative_log_likelihood": _nll(p, y),
        "efficiency_by_energy": _by_energy(known),
        "efficiency_by_mode": _by_mode(known),
        "electron_or_nc": _electron_or_nc(known),
        "neutral_pions": _neutral_pions(known),
        "others": _others(scored),
    }
    recalls = [c["recall"]["value"] for c in found["classes"].values()]
    precisions = [c["precision"]["value"] for c in found["classes"].values()]
    areas = [c["auc_roc"]["value"] for c in found["classes"].values()]
    found["macro"] = {
        "recall": _mean(recalls),
        "precision": _mean(precisions),
        "auc_roc": _mean(areas),
    }
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def _nll(p: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> float | None:
    if not len(y):
        return None
    return float(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)).mean())


def _of_class(
    y: npt.NDArray[np.int64],
    p: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.int64],
    i: int,
) -> dict[str, Any]:
    from sklearn.metrics import roc_curve

    true, called = y == i, chosen == i
    found: dict[str, Any] = {
        "events": int(true.sum()),
        "recall": as_data(statistics.proportion(int((true & called).sum()), int(true.sum()))),
        "precision": as_data(statistics.proportion(int((true & called).sum()), int(called.sum()))),
        "auc_roc": {"value": None, "low": None, "high": None, "n": len(y)},
        "auc_pr": {"value": None, "low": None, "high": None, "n": len(y)},
        "roc": None,
    }
    if true.any() and not true.all():
        found["auc_roc"] = as_data(statistics.roc_auc(true, p[:, i]))
        found["auc_pr"] = as_data(statistics.pr_auc(true, p[:, i]))
        false_rate, true_rate, _ = roc_curve(true, p[:, i])
        thin = np.unique(np.linspace(0, len(false_rate) - 1, ROC_POINTS).astype(int))
        found["roc"] = {
            "false_positive_rate": false_rate[thin].round(5).tolist(),
            "true_positive_rate": true_rate[thin].round(5).tolist(),
        }
    return found


def _confusion(y: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Count events, rows true and columns called, with both normalisations."""
    k = len(CLASSES)
    counts = np.bincount(y * k + chosen, minlength=k * k).reshape(k, k)
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    return {
        "classes": [c.value for c in CLASSES],
        "counts": counts.tolist(),
        "of_true": (counts / np.maximum(rows, 1)).tolist(),
        "of_called": (counts / np.maximum(columns, 1)).tolist(),
    }


def _calibration(p: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> dict[str, Any]:
    if not len(y):
        return {"ece": None, "perfect_mean": None, "perfect_upper": None, "reliability": None}
    curve = reliability(p, y)
    spread = perfect_spread(p)
    return {
        "ece": expected_calibration_error(p, y),
        "perfect_mean": spread.mean,
        "perfect_upper": spread.upper,
        "reliability": {
            name: getattr(curve, name).tolist()
            for name in ("confidence", "accuracy", "low", "high", "count")
        },
    }


def _by_energy(known: Scored) -> dict[str, list[dict[str, Any]]]:
    if "energy" not in known.table:
        return {}
    energy = known.table["energy"].to_numpy(dtype=np.float64, na_value=np.nan)
    found = {}
    for i, name in enumerate(CLASSES):
        bins = []
        for low, high in pairwise(ENERGY_EDGES):
            inside = (known.labels == i) & (energy >= low) & (energy < high)
            if inside.any():
                right = int((known.chosen[inside] == i).sum())
                share = as_data(statistics.proportion(right, int(inside.sum())))
                bins.append({"from": low, "to": high, **share})
        if bins:
            found[name.value] = bins
    return found


def _by_mode(known: Scored) -> dict[str, dict[str, Any]]:
    if "mode" not in known.table:
        return {}
    modes = known.table["mode"].to_numpy(dtype=object)
    found: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(CLASSES):
        for mode in sorted({m for m in modes[known.labels == i] if isinstance(m, str)}):
            inside = (known.labels == i) & (modes == mode)
            right = int((known.chosen[inside] == i).sum())
            share = as_data(statistics.proportion(right, int(inside.sum())))
            found.setdefault(name.value, {})[mode] = share
    return found


def _electron_or_nc(known: Scored) -> dict[str, Any]:
    """Measure the hardest pair by itself: νe CC and NC, told apart by their two probabilities."""
    nue, nc = CLASSES.index(EventClass.NUE_CC), CLASSES.index(EventClass.NC)
    pair = known.only((known.labels == nue) | (known.labels == nc))
    true = pair.labels == nue
    p = np.asarray(pair.probabilities, dtype=np.float64)
    ratio = p[:, nue] / np.maximum(p[:, nue] + p[:, nc], 1e-12)
    found: dict[str, Any] = {"events": len(true)}
    if true.any() and not true.all():
        found["auc_roc"] = as_data(statistics.roc_auc(true, ratio))
        called = pair.chosen == nue
        found["nue_called_nc"] = as_data(
            statistics.proportion(int((true & (pair.chosen == nc)).sum()), int(true.sum()))
        )
        found["nc_called_nue"] = as_data(
            statistics.proportion(int((~true & called).sum()), int((~true).sum()))
        )
    return found


def _neutral_pions(known: Scored) -> dict[str, Any]:
    """How often NC events with and without a neutral pion are called νe CC."""
    if "neutral_pions" not in known.table:
        return {}
    nue, nc = CLASSES.index(EventClass.NUE_CC), CLASSES.index(EventClass.NC)
    pions = known.table["neutral_pions"].to_numpy(dtype=np.float64, na_value=np.nan)
    found = {}
    for name, some in (("nc_with_pi0", pions > 0), ("nc_without_pi0", pions == 0)):
        inside = (known.labels == nc) & some
        if inside.any():
            wrong = int((known.chosen[inside] == nue).sum())
            found[name] = as_data(statistics.proportion(wrong, int(inside.sum())))
    return found


def _others(scored: Scored) -> dict[str, Any]:
    """Count what events of no predicted class are called."""
    found = {}
    for label in (EventClass.NUTAU_CC, EventClass.COSMIC):
        inside = (scored.table["truth"] == label.value).to_numpy()
        if inside.any():
            n = int(inside.sum())
            found[label.value] = {
                c.value: as_data(statistics.proportion(int((scored.chosen[inside] == i).sum()), n))
                for i, c in enumerate(CLASSES)
            }
    return found


def unlike_area(like: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> dict[str, Any]:
    """Return the area under the ROC curve of the unlike measure, `other` against `like` events."""
    true = np.concatenate([np.zeros(len(like), dtype=bool), np.ones(len(other), dtype=bool)])
    if true.all() or not true.any():
        return {"value": None, "low": None, "high": None, "n": len(true)}
    return as_data(statistics.roc_auc(true, np.concatenate([like, other])))


def compare(first: Scored, second: Scored) -> dict[str, Any]:
    """McNemar's test on the events of a predicted class that both models classified.

    Raises
    ------
    ValueError
        If the models' events differ.
    """
    if list(first.table["id"]) != list(second.table["id"]):
        raise ValueError("the models were asked about different events")
    known = first.labels >= 0
    right = first.chosen[known] == first.labels[known]
    other = second.chosen[known] == second.labels[known]
    test = statistics.mcnemar(right, other)
    return {
        "models": [first.name, second.name],
        "only_first_right": int((right & ~other).sum()),
        "only_second_right": int((other & ~right).sum()),
        "p_value": float(test.p_value),
    }
