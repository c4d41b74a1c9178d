"""Teach the projector to read quantities off an event, before the language model speaks of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from classifier import claims
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_measured import Measurement
from classifier.models.vlm_readings import readings, target
from classifier.models.vlm_sentences import ORDER
from classifier.models.vlm_words import most_likely
from classifier.topology import measure
from classifier.training.captions import Caption
from classifier.training.conversations import Material
from classifier.training.data import DeviceEvents
from classifier.training.encode import pixel_batch, rasterize_hits
from classifier.training.supervised import Report

Index = npt.NDArray[np.int64]

MOST = 6_000
"""Events whose features are kept in memory: about 100 KB each."""


@dataclass(frozen=True)
class Features:
    """What the encoder makes of events: fp16, one event after another, on the host."""

    values: list[torch.Tensor]

    def batch(self, rows: Index, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features (B, T, width) and mask (B, T) of some events."""
        some = [self.values[i] for i in rows]
        longest = max(map(len, some))
        padded = torch.zeros(len(some), longest, some[0].shape[1])
        mask = torch.zeros(len(some), longest, dtype=torch.bool)
        for i, one in enumerate(some):
            padded[i, : len(one)] = one
            mask[i, : len(one)] = True
        return padded.to(device), mask.to(device)


def fit_words(
    backbone: Backbone,
    data: DeviceEvents,
    material: Material,
    chosen: Index,
    *,
    seconds: float | None = None,
    epochs: float = 12.0,
    batch: int = 64,
    rate: float = 1e-3,
    seed: int = 0,
    report: Report,
) -> dict[str, float]:
    """Fit the embedded model's projector to captions, the encoder as it is.

    It learns to read events both alone and in the light of what `classifier.topology` measures.

    Parameters
    ----------
    backbone : Backbone
        Opened for training, with a trained encoder.
    data : DeviceEvents
    material : Material
    chosen : ndarray of int64
        Events with captions to learn from; at most `MOST` are taken, and a twentieth is kept to
        tell how well they are read.
    seconds : float, optional
        For how long, features and measurements included, in place of `epochs`.
    batch, rate, seed
        Of AdamW, with a cosine.
    report : callable

    Returns
    -------
    dict
        By quantity, the share of kept events whose reading is within two standard deviations, alone
        and, as ``QUANTITY measured``, in the light of the measurement.
    """
    started = time.monotonic()
    random = np.random.default_rng(seed)
    told = [int(i) for i in random.permutation(chosen) if material.captions[int(i)] is not None]
    told = told[:MOST]
    if not told:
        return {}
    features = encode(backbone, data, np.array(told))
    report(f"encoded {len(told)} events in {time.monotonic() - started:.0f} s")
    measured = Measurement.of([measure(material.event(i)) for i in told])
    report(f"measured them after {time.monotonic() - started:.0f} s")
    captions = [material.captions[i] or () for i in told]
    targets = {q: _soft(q, captions) for q in ORDER}
    kept = max(len(told) // 20, 1)
    projector = backbone.base.projector.float()
    parameters = [p for n, p in projector.named_parameters() if not n.startswith("label")]
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.05)
    learn = np.arange(kept, len(told))
    projector.informed.standardise(measured.numbers[learn])
    sizes = np.array([len(v) for v in features.values])
    done, step = 0.0, 0
    projector.train()
    while done < 1.0:
        # Events of like size together, so that little is padding.
        order = random.permutation(learn)
        blocks = [b[np.argsort(sizes[b])] for b in np.array_split(order, -(-len(order) // 1024))]
        rows = [r for b in blocks for r in np.array_split(b, -(-len(b) // batch))]
        for i in random.permutation(len(rows)):
            spent = time.monotonic() - started
            done = spent / seconds if seconds else step / (epochs * len(rows))
            if done >= 1.0:
                break
            for group in optimizer.param_groups:
                share = min(step / 30, 1.0) * 0.5 * (1 + np.cos(np.pi * done))
                group["lr"] = rate * (0.01 + 0.99 * share)
            found = projector.look(*features.batch(rows[i], backbone.device))
            given = measured.rows(rows[i]).on(backbone.device)
            told_of = [projector.tell(found), projector.tell(found, given)]
            losses = [_loss(t[q], targets[q][rows[i]]) for t in told_of for q in ORDER]
            loss = torch.stack(losses).sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            step += 1
            if step % 100 == 0:
                report(f"reading step {step}: {done:.0%}, loss {float(loss.detach()):.3f}")
    shares = agreement(backbone, features, captions, np.arange(kept))
    informed = agreement(backbone, features, captions, np.arange(kept), measured)
    shares |= {f"{quantity} measured": share for quantity, share in informed.items()}
    report(f"read after {time.monotonic() - started:.0f} s: {shares}")
    return shares


@torch.inference_mode()
def encode(backbone: Backbone, data: DeviceEvents, numbers: Index, batch: int = 16) -> Features:
    """Run the encoder on events as they are."""
    encoder = backbone.base.encoder
    encoder.eval()
    values: list[torch.Tensor] = [torch.empty(0)] * len(numbers)
    order = np.argsort(data.sizes[numbers], kind="stable")
    for rows in np.array_split(order, max(1, -(-len(order) // batch))):
        rasters = rasterize_hits(data.batch(numbers[rows]), data.tables)
        pixels = replace(pixel_batch(rasters, data.tables), sources=None)
        with torch.autocast(backbone.device.type, dtype=torch.bfloat16, enabled=True):
            features, mask = encoder(pixels)
        features = features.half().cpu()
        for i, one, seen in zip(rows, features, mask.cpu(), strict=True):
            values[i] = one[seen].clone()
    return Features(values)


@torch.inference_mode()
def agreement(
    backbone: Backbone,
    features: Features,
    captions: list[Caption],
    rows: Index,
    measured: Measurement | None = None,
) -> dict[str, float]:
    """Return by quantity the share of events whose reading agrees with the caption."""
    projector = backbone.base.projector
    projector.eval()
    right: dict[str, list[bool]] = {q: [] for q in ORDER}
    for some in np.array_split(rows, max(1, -(-len(rows) // 64))):
        given = measured.rows(some).on(backbone.device) if measured else None
        logits = projector.read(*features.batch(some, backbone.device), given)
        for quantity in ORDER:
            values = readings()[quantity].values
            for i, place in zip(some, most_likely(quantity, logits[quantity]), strict=True):
                value, true = values[int(place)], values[target(quantity, captions[i])]
                agrees = value == true
                if readings()[quantity].ordered and value is not None and true is not None:
                    sigma = claims.resolution(quantity, float(true))
                    agrees = abs(float(value) - float(true)) <= 2 * sigma
                right[quantity].append(bool(agrees))
    return {q: round(float(np.mean(r)), 3) for q, r in right.items()}


def _soft(quantity: str, captions: list[Caption]) -> torch.Tensor:
    """Return the probabilities to learn, (n, values): near numbers are nearly as right."""
    reading = readings()[quantity]
    places = [target(quantity, caption) for caption in captions]
    soft = torch.zeros(len(captions), len(reading.values))
    for row, place in zip(soft, places, strict=True):
        value = reading.values[place]
        if not reading.ordered or value is None:
            row[place] = 1.0
            continue
        sigma = 0.5 * claims.resolution(quantity, float(value))
        numbers = np.array([np.inf if v is None else float(v) for v in reading.values])
        near = np.exp(-0.5 * ((numbers - float(value)) / sigma) ** 2)
        row[:] = torch.from_numpy(near / near.sum())
    return soft


def _loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits.float(), wanted.to(logits.device))
