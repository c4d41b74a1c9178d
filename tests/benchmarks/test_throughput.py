"""Events per second from file to probability, on two cores: NuLens against plain PyTorch.

Plain is the same architecture with the same weights, dense, in float32, called eagerly: the CNN as
trained (batch norms and all, channels first), the ViT with every patch of every view.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from classifier import open_events
from classifier.models import weights_folder
from classifier.models.batching import (
    TokenBatch,
    rasterize,
    scale_values,
    vertex_patch,
    view_number,
)
from classifier.models.supervised import SupervisedClassifier, build_network
from classifier.models.weights import load_state, read_folder, section

ROOT = Path(__file__).parents[2]
DUNE = ROOT / ".." / "shared" / "data" / "dune-cvn" / "tutorial"
N = 64
GAIN = {"cnn": 3.0, "vit": 5.0}


def every_patch(events: list, patch: int, fine_radius: int) -> TokenBatch:
    """Tokens of all patches, empty ones too."""
    batch = []
    for event in events:
        g = event.geometry
        rows, columns = (-(-n // patch) for n in g.shape)
        padded = np.zeros((g.n_views, rows * patch, columns * patch), dtype=np.float32)
        padded[:, : g.shape[0], : g.shape[1]] = scale_values(event.views, g.saturation)
        row0, column0 = vertex_patch(g, patch)
        half = patch // 2
        view, row, column = (a.ravel() for a in np.indices((g.n_views, rows, columns)))
        fine = (abs(row - row0) <= fine_radius) & (abs(column - column0) <= fine_radius)
        blocks = padded.reshape(g.n_views, rows, patch, columns, patch).swapaxes(2, 3)
        blocks = blocks.reshape(-1, patch, patch)
        quarters = blocks[fine].reshape(-1, 2, half, 2, half).swapaxes(2, 3).reshape(-1, half**2)
        quarters = np.pad(quarters, ((0, 0), (0, patch**2 - half**2)))
        names = np.array([view_number(v.name) for v in g.views])
        level = np.tile(np.arange(1, 5), fine.sum())

        def both(values: np.ndarray, offset: int = 0, fine: np.ndarray = fine) -> np.ndarray:
            return np.concatenate([values[~fine], np.repeat(values[fine], 4)]) - offset

        batch.append(
            (
                np.concatenate([blocks[~fine].reshape(-1, patch**2), quarters]),
                both(row, row0),
                both(column, column0),
                np.concatenate([np.zeros((~fine).sum(), dtype=np.int64), level]),
                both(names[view]),
                np.ones((~fine).sum() + len(level), dtype=bool),
            )
        )
    return TokenBatch(*(np.stack(part) for part in zip(*batch, strict=True))).to("cpu")


def plain(kind: str, network: torch.nn.Module, events: list) -> np.ndarray:
    if kind == "cnn":
        batch = rasterize(events)
        tensors = (torch.from_numpy(a) for a in (batch.images, batch.slots, batch.share))
        encoded = replace(batch, **dict(zip(("images", "slots", "share"), tensors, strict=True)))
    else:
        config = network.encoder.config
        encoded = every_patch(events, config.patch, config.fine_radius)
    return torch.softmax(network(encoded)[0], 1).numpy()


def peak(dtype: torch.dtype) -> float:
    """Floating-point operations per second of a large matrix product."""
    a, b = torch.randn(2, 2048, 2048).to(dtype)
    a @ b
    times = []
    for _ in range(5):
        started = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - started)
    return 2 * 2048**3 / min(times)


@pytest.mark.benchmark
@pytest.mark.dune
@pytest.mark.skipif(not DUNE.is_dir(), reason="the real DUNE maps are not here")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["cnn", "vit"])
@torch.inference_mode()
def test_throughput(kind, capsys):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        events = open_events(DUNE)
        events = events.take(np.linspace(0, len(events) - 1, N).astype(int))
        folder = weights_folder(kind)
        config, tensors, _, _ = read_folder(folder)
        network = build_network(kind, config["network"])
        load_state(network, section(tensors, "network"), folder)
        network.eval()
        classifier = SupervisedClassifier.load(folder, device="cpu")

        def rate(call, chunks):
            started = time.perf_counter()
            for chunk in chunks:
                call(chunk)
            return sum(map(len, chunks)) / (time.perf_counter() - started)

        def split(n, size):
            return [events[i : i + size] for i in range(0, n, size)]

        def plainly(chunk):
            return plain(kind, network, [chunk[i] for i in range(len(chunk))])

        plainly(events[:1])
        plain_by_batch = {b: rate(plainly, split(min(N, 16), b)) for b in (1, 4, 16)}
        classifier.predict(events[:8])
        alone = rate(classifier.predict, split(N, 1))
        together = max(rate(classifier.predict, [events]) for _ in range(2))
        with FlopCounterMode(display=False) as counted:
            for i in range(8):
                network(network.encode_events([events[i * N // 8]]).to("cpu"))
        share = counted.get_total_flops() / 8 * together / peak(classifier.dtype)
        dense = plainly(events[:8])
        ours = classifier.predict(events[:8]).probabilities
    finally:
        torch.set_num_threads(threads)
    with capsys.disabled():
        print(
            f"\n{kind}: one at a time {alone:.1f}/s, plain {plain_by_batch[1]:.1f}/s "
            f"({alone / plain_by_batch[1]:.1f}x); at its best batch {together:.1f}/s, plain "
            f"{max(plain_by_batch.values()):.1f}/s "
            f"({together / max(plain_by_batch.values()):.1f}x); "
            f"{share:.0%} of the {str(classifier.dtype)[6:]} matmul peak"
        )
    assert ours.shape == dense.shape
    assert alone >= GAIN[kind] * plain_by_batch[1]
    assert together >= GAIN[kind] * max(plain_by_batch.values())
