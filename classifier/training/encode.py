"""Batches of hits as images or lists of pixels, made on the device.

They equal those of `classifier.models.batching`, which are made of one event after another;
a GPU takes thousands of events a second, which no loop over events can feed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from classifier.events import SOURCES
from classifier.models.batching import CANVAS, SOURCE_CELL, ImageBatch, PixelBatch, channels_last
from classifier.training.data import GeometryTables, HitBatch


@dataclass(frozen=True)
class Rasters:
    """Unscaled images of all views of a batch.

    Attributes
    ----------
    images : Tensor, shape (N, H, W)
        In units of the saturation, not yet rooted.
    sources : Tensor, shape (N, H / s, W / s, S)
        Charge that each of `SOURCES` left in each cell of s x s pixels, s being `SOURCE_CELL`.
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
    hits: HitBatch, tables: GeometryTables, factor: torch.Tensor | None = None
) -> Rasters:
    """Fill images from hits; charge of hits on one pixel adds up to saturation.

    Parameters
    ----------
    hits : HitBatch
    tables : GeometryTables
    factor : Tensor of int64, shape (B,), optional
        Resolution of each event is divided by 1, 2 or 4: each block of pixels takes its mean, as a
        readout with that much longer pixels, on the same scale of values, would give.
    """
    n_views = tables.n_views[hits.geometry]
    first = n_views.cumsum(0) - n_views
    height = -(-int(tables.height.max()) // CANVAS) * CANVAS
    width = -(-int(tables.width.max()) // CANVAS) * CANVAS
    total = int(n_views.sum())
    flat = ((first[hits.event] + hits.view) * height + hits.row) * width + hits.column
    images = hits.value.new_zeros(total * height * width)
    images = images.index_add_(0, flat, hits.value).view(total, height, width).clamp_(max=1.0)
    cell = SOURCE_CELL
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


def pixel_batch(rasters: Rasters, tables: GeometryTables) -> PixelBatch:
    """List the occupied pixels; see `classifier.models.batching.occupied_pixels`."""
    _, height, width = rasters.images.shape
    flat = rasters.images.flatten()
    place = flat.nonzero()[:, 0]
    vertex = torch.as_tensor(tables.vertex, device=place.device)
    geometry = rasters.geometry[rasters.event]
    return PixelBatch(
        place=place,
        value=flat[place].sqrt(),
        event=rasters.event,
        view=tables.views[geometry, rasters.view],
        vertex=vertex[geometry],
        height=height,
        width=width,
        n_events=len(rasters.n_views),
        sources=rasters.sources,
    )
