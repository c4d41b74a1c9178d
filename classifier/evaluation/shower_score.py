"""Fit the score that tells shower axes from tracks, on simulated paths whose particle is known.

``python -m classifier.evaluation.shower_score`` writes the weights that `classifier.topology` uses.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import GEOMETRIES, Event, Geometry
from classifier.topology.paths import Path
from classifier.topology.projection import Projection
from classifier.topology.showers import FEATURES, WEIGHTS_FILE, expand
from classifier.topology.vertex import Vertex

FLUXES = {"dune-fd-hd": "dune", "modular-pixel": "uniform"}
LABELS = ("nue_cc", "numu_cc", "nc")
UNCLEAR = (0.25, 0.75)
"""Paths whose charge is between these shares electromagnetic are left out."""
START_POINTS = 60
LONGEST_WEIGHT = 250.0
"""A path weighs its length in pixels, up to this."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Sample:
    """Paths with what made them.

    Attributes
    ----------
    features : ndarray of float, shape (n, 11)
    electromagnetic : ndarray of bool, shape (n,)
    weight : ndarray of float, shape (n,)
    """

    features: Array
    electromagnetic: Array
    weight: Array


def collect(geometry: str, n: int, seed: int) -> Sample:
    """Simulate events and take their paths.

    Parameters
    ----------
    geometry : {'dune-fd-hd', 'modular-pixel'}
    n : int
        Number of events, the three classes in turn.
    seed : int
    """
    from classifier.topology import reconstruct

    shape = GEOMETRIES[geometry]
    projection = Projection.of(shape)
    rows: list[Array] = []
    shares: list[float] = []
    weights: list[float] = []
    for k in range(n):
        rng = np.random.default_rng([seed, k])
        event, vertex, deposits, showering = _simulate(rng, geometry, LABELS[k % 3])
        found = reconstruct(event, Vertex(vertex))
        maps = _maps(shape, projection, vertex, deposits, showering)
        for v, judged in enumerate(found.judged):
            for shower in judged:
                share = _share(shower.path, *maps[v])
                if share is None or UNCLEAR[0] < share < UNCLEAR[1]:
                    continue
                rows.append(shower.features)
                shares.append(share)
                weights.append(min(shower.path.length, LONGEST_WEIGHT))
    return Sample(np.array(rows), np.array(shares) > 0.5, np.array(weights))


def _simulate(
    rng: np.random.Generator, geometry: str, label: str
) -> tuple[Event, Array, Array, Array]:
    """Simulate one event; return it, its vertex, its deposits (x, y, z, MeV), which are showers."""
    from classifier.simulation import pixel_readout, wire_readout
    from classifier.simulation.detector import drift
    from classifier.simulation.event import DETECTORS, _final_state
    from classifier.simulation.flux import draw_neutrino
    from classifier.simulation.generator import generate
    from classifier.simulation.stepping import ENERGY, OWNER
    from classifier.simulation.transport import track

    shape, detector = DETECTORS[geometry]
    while True:
        low, high = detector.fiducial.T
        place = low + (high - low) * rng.random(3)
        interaction = generate(rng, *draw_neutrino(rng, FLUXES[geometry], label))
        species, momenta = _final_state(rng, interaction)
        tracks = track(rng, species, momenta, detector.volume - place[:, None])
        charge = drift(tracks.deposits, place, detector)
        readout = wire_readout if geometry == "dune-fd-hd" else pixel_readout
        hits, vertex, *_ = readout.read_out(rng, charge, place)
        if len(hits) >= 20:
            break
    d = tracks.deposits.astype(np.float64)
    middle = (d[:, 0:3] + d[:, 3:6]) / 2
    deposits = np.concatenate([middle, d[:, ENERGY : ENERGY + 1]], axis=1)
    from classifier.simulation.transport import pdg_codes

    codes = np.abs(pdg_codes(tracks.records))
    showering = np.isin(codes, (11, 22))[d[:, OWNER].astype(np.int64)]
    return Event("simulated", 0, shape, hits), vertex, deposits, showering


def _maps(
    geometry: Geometry, projection: Projection, vertex: Array, deposits: Array, showering: Array
) -> list[tuple[Array, Array]]:
    """Return, a view each, images of the energy of showers and of all else."""
    assert projection.axes is not None
    maps = []
    for v in range(geometry.n_views):
        images = (np.zeros(geometry.shape), np.zeros(geometry.shape))
        at = vertex[v] + (deposits[:, :3] @ projection.axes[v].T) / projection.pitch[v]
        if np.isfinite(at).all():
            pixel = np.rint(at).astype(np.int64)
            inside = ((pixel >= 0) & (pixel < geometry.shape)).all(axis=1)
            for image, kind in zip(images, (showering, ~showering), strict=True):
                chosen = inside & kind
                np.add.at(image, tuple(pixel[chosen].T), deposits[chosen, 3])
        maps.append(images)
    return maps


def _share(path: Path, showers: Array, others: Array) -> float | None:
    """Return the share of the energy at the start of a path that showers left."""
    sums = [0.0, 0.0]
    for row, column in path.points[:START_POINTS].astype(np.int64):
        window = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
        sums[0] += float(showers[window].sum())
        sums[1] += float(others[window].sum())
    return sums[0] / sum(sums) if sum(sums) > 0 else None


def fit(samples: dict[str, Sample]) -> dict[str, Any]:
    """Fit a logistic regression in the features, their squares and products.

    Parameters
    ----------
    samples : dict of geometry to Sample
        The last quarter of each is kept out of the fit and measured.

    Returns
    -------
    dict
        Mean and spread of the features, weights, bias, and the areas under the ROC curve on what
        was kept out.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    parts = [_split(s) for s in samples.values()]
    x = np.concatenate([train.features for train, _ in parts])
    y = np.concatenate([train.electromagnetic for train, _ in parts])
    w = np.concatenate([train.weight for train, _ in parts])
    mean, spread = x.mean(axis=0), x.std(axis=0)
    model = LogisticRegression(C=0.1, max_iter=5000)
    model.fit(expand((x - mean) / spread), y, sample_weight=w)
    result: dict[str, Any] = {
        "features": list(FEATURES),
        "mean": mean.tolist(),
        "spread": spread.tolist(),
        "weights": model.coef_[0].tolist(),
        "bias": float(model.intercept_[0]),
        "held_out_auc": {},
        "paths": {name: len(s.weight) for name, s in samples.items()},
    }
    for name, (_, held) in zip(samples, parts, strict=True):
        scores = model.decision_function(expand((held.features - mean) / spread))
        area = roc_auc_score(held.electromagnetic, scores, sample_weight=held.weight)
        result["held_out_auc"][name] = round(float(area), 4)
    return result


def _split(sample: Sample) -> tuple[Sample, Sample]:
    cut = len(sample.weight) * 3 // 4
    columns = (sample.features, sample.electromagnetic, sample.weight)
    return Sample(*(c[:cut] for c in columns)), Sample(*(c[cut:] for c in columns))


def main(n: int = 1000, seed: int = 20250) -> None:
    """Simulate `n` events of each geometry, fit, and write the weights into the package."""
    result = fit({name: collect(name, n, seed) for name in FLUXES})
    result["command"] = f"python -m classifier.evaluation.shower_score {n} {seed}"
    FilePath(WEIGHTS_FILE).write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({k: result[k] for k in ("held_out_auc", "paths")}))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
