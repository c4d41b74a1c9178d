"""Train the small network that tells the vertex among the points that may be it.

``python -m classifier.evaluation.vertex_score FILE...`` writes the weights that
`classifier.topology` uses, from simulated events of both geometries.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.events import EventSet
from classifier.topology.reconstruction import CENTRED, proposals
from classifier.topology.vertex import WEIGHTS_FILE, rate

CLOSE = 2.0
"""Pixels over which a set of points, by the median of the views, stops being the vertex."""
FARTHEST = 6.0
"""Pixels beyond which it is none."""
HIDDEN = 16
EPOCHS = 40

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Choice:
    """One event: the features of each set of points, and their distance from the vertex.

    Attributes
    ----------
    features : ndarray of float, shape (n, 28)
    distance : ndarray of float, shape (n,)
        In pixels, median of the views.
    """

    features: Array
    distance: Array


def collect(events: EventSet) -> list[Choice]:
    """Describe the candidates of simulated events."""
    found = []
    for event in events:
        assert event.truth is not None
        made = proposals(event)
        apart = np.hypot(*np.moveaxis(made.positions - np.asarray(event.truth.vertex), -1, 0))
        there = np.isfinite(apart).any(axis=1)
        median = np.full(len(apart), np.inf)
        median[there] = np.nanmedian(apart[there], axis=1)
        found.append(Choice(made.features, median))
    return found


def fit(choices: list[Choice], seed: int = 0) -> tuple[list[Array], dict[str, float]]:
    """Fit by the likelihood that the network's softmax gives to the right sets of an event.

    Parameters
    ----------
    choices : list of Choice
        The last quarter is kept out of the fit and measured.
    seed : int

    Returns
    -------
    layers : list of ndarray
        For `classifier.topology.vertex.rate`.
    held_out : dict
        Share of events where a set within 4 pixels was there, and was chosen.
    """
    import torch

    cut = len(choices) * 3 // 4
    train = [c for c in choices[:cut] if (c.distance < FARTHEST).any() and len(c.distance) > 1]
    pooled = np.concatenate([c.features for c in train])
    mean, spread = pooled.mean(axis=0), pooled.std(axis=0) + 1e-3
    torch.manual_seed(seed)
    size = pooled.shape[1]
    w1 = (torch.randn(size, HIDDEN) * size**-0.5).requires_grad_()
    b1 = torch.zeros(HIDDEN, requires_grad=True)
    w2 = (torch.randn(HIDDEN) * HIDDEN**-0.5).requires_grad_()
    optimiser = torch.optim.AdamW([w1, b1, w2], lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    scaled = [
        torch.tensor(np.clip((c.features - mean) / spread, -5, 5), dtype=torch.float32)
        for c in train
    ]
    weights = [
        np.where(c.distance < FARTHEST, -0.5 * (c.distance / CLOSE) ** 2, -np.inf).astype("f4")
        for c in train
    ]
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = rng.permutation(len(train))
        for begin in range(0, len(order), 32):
            batch = order[begin : begin + 32]
            together = torch.cat([scaled[i] for i in batch])
            scores = torch.tanh(together @ w1 + b1) @ w2
            loss = torch.zeros(())
            at = 0
            for i in batch:
                mine = scores[at : at + len(scaled[i])]
                right = torch.from_numpy(weights[i])
                loss = loss + torch.logsumexp(mine, 0) - torch.logsumexp(mine + right, 0)
                at += len(scaled[i])
            optimiser.zero_grad()
            (loss / len(batch)).backward()
            optimiser.step()
        schedule.step()
    layers = [mean, spread, *(p.detach().numpy().astype(np.float64) for p in (w1, b1, w2))]
    held = choices[cut:]
    best = [c.distance.min() for c in held if len(c.distance)]
    chosen = [c.distance[rate(c.features, layers).argmax()] for c in held if len(c.distance)]
    return layers, {
        "events": len(held),
        "within_4_pixels_there": _share(best, len(held)),
        "within_4_pixels_chosen": _share(chosen, len(held)),
    }


def _share(distances: list[float], n: int) -> float:
    return round(sum(float(d) <= 4.0 for d in distances) / max(n, 1), 4)


def main(paths: list[str]) -> None:
    """Fit to the events of files, and write the weights into the package."""
    from classifier.formats import open_events

    told: dict[str, Any] = {"command": "python -m classifier.evaluation.vertex_score FILE..."}
    for path in paths:
        events = open_events(path)
        layers, held_out = fit(collect(events))
        kind = "centred" if events.geometry.name in CENTRED else "first_hit"
        told[kind] = {
            "geometry": events.geometry.name,
            "events": len(events),
            "held_out": held_out,
            "layers": [np.round(layer, 5).tolist() for layer in layers],
        }
        print(json.dumps({kind: held_out}))
    WEIGHTS_FILE.write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
