"""Batches of hits as images or tokens, made on the device.

They equal those of `classifier.models.batching`, which are made of one event after another;
a GPU takes thousands of events a second, which no loop over events can feed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from classifier.events import SOURCES
from classifier.models.batching import ImageBatch, TokenBatch, channels_last
from classifier.training.data import GeometryTables, HitBatch


@dataclass(frozen=True)
class Rasters:
    """Unscaled images of all views of a batch.

    Attributes
    ----------
    images : Tensor, shape (N, H, W)
        In units of the saturation, not yet rooted.
    sources : Tensor, shape (N, 2 H / multiple, 2 W / multiple, S)
        Charge that each of `SOURCES` left in each cell.
    event, view : Tensor of int64, shape (N,)
        Which event and which of its views each is.
    geometry, n_views : Tensor of int64, shape (B,)
    """

    images: torch.Tensor
    sources: torch.Tensor
    event: torch.Tensor
    view: torch.Tensor
    geometry: torch.Tensor
    n_views: torch.Tensor


def rasterize_hits(
    hits: HitBatch, tables: GeometryTables, multiple: int, factor: torch.Tensor | None = None
) -> Rasters:
    """Fill images from hits; charge of hits on one pixel adds up to saturation.

    Parameters
    ----------
    hits : HitBatch
    tables : GeometryTables
    multiple : int
        Height and width are padded to multiples of this; the cells of `Rasters.sources` are half
        as long.
    factor : Tensor of int64, shape (B,), optional
        Resolution of each event is divided by 1, 2 or 4: each block of pixels takes its mean, as a
        readout with that much longer pixels, on the same scale of values, would give.
    """
    n_views = tables.n_views[hits.geometry]
    first = n_views.cumsum(0) - n_views
    height = -(-int(tables.height.max()) // multiple) * multiple
    width = -(-int(tables.width.max()) // multiple) * multiple
    total = int(n_views.sum())
    flat = ((first[hits.event] + hits.view) * height + hits.row) * width + hits.column
    images = hits.value.new_zeros(total * height * width)
    images = images.index_add_(0, flat, hits.value).view(total, height, width).clamp_(max=1.0)
    cell = multiple // 2
    across, along = width // cell, height // cell
    place = ((first[hits.event] + hits.view) * along + hits.row // cell) * across
    place = (place + hits.column // cell) * len(SOURCES) + hits.source
    sources = hits.value.new_zeros(total * along * across * len(SOURCES))
    sources = sources.index_add_(0, place, hits.value).view(total, along, across, len(SOURCES))
    event = torch.repeat_interleave(torch.arange(len(n_views), device=flat.device), n_views)
    view = torch.arange(total, device=flat.device) - first[event]
    if factor is not None:
        for k in (2, 4):
            chosen = (factor[event] == k).nonzero()[:, 0]
            if len(chosen):
                images[chosen] = _coarsen(images[chosen], k)
    return Rasters(images, sources, event, view, hits.geometry, n_views)


def _coarsen(images: torch.Tensor, k: int) -> torch.Tensor:
    """Replace each k x k block by its mean."""
    _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (0, -width % k, 0, -height % k))
    mean = torch.nn.functional.avg_pool2d(padded[:, None], k)[:, 0]
    return mean.repeat_interleave(k, 1).repeat_interleave(k, 2)[:, :height, :width]


def image_batch(rasters: Rasters) -> ImageBatch:
    """Scale images for the CNN; see `classifier.models.batching.rasterize`."""
    n_views = rasters.n_views
    order = torch.arange(int(n_views.max()), device=n_views.device)
    present = order < n_views[:, None]
    first = n_views.cumsum(0) - n_views
    slots = first[:, None] + order * present
    images = channels_last(rasters.images.sqrt())
    return ImageBatch(images, slots, present / n_views[:, None])


def _pairs(sources: torch.Tensor) -> torch.Tensor:
    """Add up the charge of 2 x 2 cells."""
    n, along, across, kinds = sources.shape
    return sources.view(n, along // 2, 2, across // 2, 2, kinds).sum((2, 4))


def token_batch(
    rasters: Rasters,
    tables: GeometryTables,
    patch: int,
    fine_radius: int,
    limit: int | None = None,
    generator: torch.Generator | None = None,
) -> TokenBatch:
    """Take the occupied patches; see `classifier.models.batching.tokenize`.

    Parameters
    ----------
    rasters : Rasters
        Made with `patch` as the multiple.
    tables : GeometryTables
    patch, fine_radius : int
        As in `tokenize`.
    limit : int, optional
        Of an event with more tokens, this many are taken by chance. It bounds memory and teaches
        the model not to lean on any one patch (as in masked training, arXiv:2212.00794).
    generator : torch.Generator, optional
        For that choice.
    """
    images = rasters.images.sqrt()
    device = images.device
    n, height, width = images.shape
    half = patch // 2
    vertex = torch.as_tensor(tables.vertex, device=device)[rasters.geometry] // patch
    row0, column0 = vertex[:, 0][rasters.event], vertex[:, 1][rasters.event]
    rows = torch.arange(height // patch, device=device)
    columns = torch.arange(width // patch, device=device)
    near_row = (rows - row0[:, None]).abs() <= fine_radius
    near_column = (columns - column0[:, None]).abs() <= fine_radius
    near = near_row[:, :, None] & near_column[:, None, :]
    quarters = torch.nn.functional.max_pool2d(images[:, None], half)[:, 0] > 0
    whole = quarters.view(n, height // patch, 2, width // patch, 2).amax((2, 4))
    coarse = (whole & ~near).nonzero()
    split = near.repeat_interleave(2, 1).repeat_interleave(2, 2)
    fine = (quarters & split).nonzero()
    quarter = (fine[:, 1] % 2) * 2 + fine[:, 2] % 2 + 1
    view = torch.cat([coarse[:, 0], fine[:, 0]])
    row = torch.cat([coarse[:, 1], fine[:, 1] // 2])
    column = torch.cat([coarse[:, 2], fine[:, 2] // 2])
    level = torch.cat([torch.zeros_like(coarse[:, 0]), quarter])
    event = rasters.event[view]
    # Rank of each token within its event, in an order that is random if some must go.
    n_events = len(rasters.n_views)
    counts = torch.bincount(event, minlength=n_events)
    key = event.double()
    if limit is not None:
        key = key + 0.999 * torch.rand(len(key), generator=generator, device=device).double()
    order = key.argsort(stable=True)
    rank = torch.empty_like(order)
    first = counts.cumsum(0) - counts
    rank[order] = torch.arange(len(order), device=device) - first[event[order]]
    longest = min(int(counts.max()) if len(event) else 1, limit or 1 << 30)
    # One more for the class token makes a multiple of 8, which fast attention kernels ask for.
    length = -(-(longest + 1) // 8) * 8 - 1
    kept = rank < length if limit is None else rank < min(limit, length)
    shape = (n_events, length)
    coarse_pixels = images.view(n, height // patch, patch, width // patch, patch)
    coarse_pixels = coarse_pixels.permute(0, 1, 3, 2, 4)[tuple(coarse.T)].flatten(1)
    fine_pixels = images.view(n, height // half, half, width // half, half)
    fine_pixels = fine_pixels.permute(0, 1, 3, 2, 4)[tuple(fine.T)].flatten(1)
    fine_pixels = torch.nn.functional.pad(fine_pixels, (0, patch * patch - half * half))
    coarse_sources = _pairs(rasters.sources)[tuple(coarse.T)]
    fine_sources = rasters.sources[tuple(fine.T)]
    where = (event[kept], rank[kept])

    def fill(values: torch.Tensor) -> torch.Tensor:
        out = values.new_zeros((*shape, *values.shape[1:]))
        out[where] = values[kept]
        return out

    mask = fill(torch.ones_like(event, dtype=torch.bool))
    # An event without a hit keeps one empty token, so that no row is all padding.
    mask[:, 0] = True
    return TokenBatch(
        pixels=fill(torch.cat([coarse_pixels, fine_pixels])),
        row=fill(row - row0[view]),
        column=fill(column - column0[view]),
        level=fill(level),
        view=fill(tables.views[rasters.geometry[event], rasters.view[view]]),
        mask=mask,
        sources=fill(torch.cat([coarse_sources, fine_sources])),
    )
