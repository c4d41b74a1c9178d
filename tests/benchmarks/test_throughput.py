"""Events per second from file to probability, on two cores: NuLens against plain PyTorch.

Plain is the same architecture with the same weights, dense, in float32, called eagerly: the CNN as
trained (batch norms and all, channels first), the ViT with convolutions over whole images and every
patch of every view.
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
from classifier.models.batching import PixelBatch, occupied_pixels, rasterize
from classifier.models.supervised import SupervisedClassifier, build_network
from classifier.models.vit import POSITIONS
from classifier.models.weights import load_state, read_folder, section

ROOT = Path(__file__).parents[2]
DUNE = ROOT / ".." / "shared" / "data" / "dune-cvn" / "tutorial"
N = 64
GAIN = {"cnn": 3.0, "vit": 5.0}


def dense_pixels(events: list) -> PixelBatch:
    """List every pixel of every view, empty ones too."""
    pixels = occupied_pixels(events)
    value = np.zeros(len(pixels.event) * pixels.height * pixels.width, dtype=np.float32)
    value[pixels.place] = pixels.value
    return replace(pixels, place=np.arange(len(value)), value=value).to("cpu")


class DenseVit(torch.nn.Module):
    """The ViT as anyone would write it: convolutions over whole images, a token for each patch."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def convolve(self, layer: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        side, stride, margin = (2, 2, 0) if layer.halve else (3, 1, 1)
        kernel = layer.weight.view(side, side, x.shape[1], -1).permute(3, 2, 0, 1)
        y = torch.nn.functional.conv2d(x, kernel, stride=stride, padding=margin)
        n = layer.norm
        return torch.nn.functional.batch_norm(y, n.running_mean, n.running_var, n.weight, n.bias)

    def stem(self, pixels: PixelBatch) -> torch.Tensor:
        encoder = self.network.encoder
        shape = (len(pixels.event), pixels.height, pixels.width)
        inputs = encoder._inputs(pixels).view(*shape, -1).permute(0, 3, 1, 2)
        charged = (pixels.value > 0).view(shape)[:, None].float()
        x = (self.convolve(encoder.stem.first, inputs * charged)).relu() * charged
        for halving, block in zip(encoder.stem.halvings, encoder.stem.blocks, strict=True):
            charged = torch.nn.functional.max_pool2d(charged, 2)
            x = self.convolve(halving, x).relu() * charged
            y = self.convolve(block.first, x).relu() * charged
            x = (x + self.convolve(block.second, y)).relu() * charged
        return x

    def forward(self, pixels: PixelBatch) -> torch.Tensor:
        encoder = self.network.encoder
        maps = self.stem(pixels)
        _, _, rows, columns = maps.shape
        row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        near = pixels.vertex // encoder.config.patch
        away = encoder.row((row - near[:, 0, None, None]).clamp(-POSITIONS, POSITIONS) + POSITIONS)
        along = (column - near[:, 1, None, None]).clamp(-POSITIONS, POSITIONS) + POSITIONS
        x = encoder.embed(maps.permute(0, 2, 3, 1)) + away + encoder.column(along)
        x = (x + encoder.view(pixels.view)[:, None, None]).reshape(len(pixels), -1, encoder.width)
        x = torch.cat([encoder.class_token.expand(len(x), -1, -1), x], dim=1)
        x = encoder.norm(encoder.encoder(inputs_embeds=x).last_hidden_state)
        return self.network.head(x[:, 0])


def plain(kind: str, network: torch.nn.Module, events: list) -> np.ndarray:
    if kind == "cnn":
        batch = rasterize(events)
        tensors = (torch.from_numpy(a) for a in (batch.images, batch.slots, batch.share))
        encoded = replace(batch, **dict(zip(("images", "slots", "share"), tensors, strict=True)))
        return torch.softmax(network(encoded)[0], 1).numpy()
    return torch.softmax(DenseVit(network)(dense_pixels(events)), 1).numpy()


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
        if kind == "vit":  # the same architecture: what it makes of occupied patches agrees
            few = [events[i] for i in range(2)]
            whole = DenseVit(network).stem(dense_pixels(few)).permute(0, 2, 3, 1)
            _, _, levels, maps = network.encoder.see(occupied_pixels(few).to("cpu"))
            taken = whole.flatten(0, 2)[levels[-1].place]
            torch.testing.assert_close(taken, maps[-1], atol=1e-3, rtol=1e-3)

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
