"""Hits of several events as what a network takes: occupied pixels, or dense images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, EventSet, Geometry, Hits
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch

VIEW_NAMES = ("U", "V", "Z", "XZ", "YZ")
"""Views with an embedding of their own; any other shares one more, number ``len(VIEW_NAMES)``."""

PIXEL_CM = 0.48
"""Pixel pitch that the networks know: both trained geometries have 4.67 to 5 mm."""

CANVAS = 32
"""Images are padded to multiples of this, the largest stride of the networks."""

SOURCE_CELL = 8
"""Side in pixels of the cells whose charge is traced back to its sources in training."""


@dataclass(frozen=True)
class PixelBatch:
    """Occupied pixels of all views of B events, one view after another.

    Arrays are numpy or torch. N views in all.

    Attributes
    ----------
    place : (n,) int64
        ``(view * height + row) * width + column`` of each pixel, sorted; ``view`` counts to N.
    value : (n,) float
        Scaled pixel values.
    event : (N,) int64
        Event of each view, ascending.
    view : (N,) int64
        Number of each view in `VIEW_NAMES`.
    vertex : (N, 2) int64
        Row and column of the pixel near which the interaction is expected.
    height, width : int
        Of all views; multiples of `CANVAS`.
    n_events : int
    sources : (N, height / s, width / s, S) float, or None
        In training, the charge that each of `classifier.events.SOURCES` left in cells of s x s
        pixels; s is `SOURCE_CELL`.
    """

    place: Any
    value: Any
    event: Any
    view: Any
    vertex: Any
    height: int
    width: int
    n_events: int
    sources: Any = None

    def __len__(self) -> int:
        return self.n_events

    def to(self, device: torch.device | str, **options: Any) -> PixelBatch:
        """Return the same pixels as torch tensors on `device`."""
        import torch

        names = ("place", "value", "event", "view", "vertex")
        moved: dict[str, Any] = {
            n: torch.as_tensor(getattr(self, n)).to(device, **options) for n in names
        }
        return replace(self, **moved)


def view_number(name: str) -> int:
    """Return the embedding number of a view by its name."""
    return VIEW_NAMES.index(name) if name in VIEW_NAMES else len(VIEW_NAMES)


def scale_values(values: npt.NDArray[Any], saturation: float) -> npt.NDArray[np.float32]:
    """Map pixel values to about 0 to 1 by a square root.

    The root spreads the small values, where one and two minimum-ionising particles are told
    apart, and keeps a saturated pixel at 1.
    """
    scaled = np.maximum(np.asarray(values, dtype=np.float32), 0.0) * np.float32(1.0 / saturation)
    return np.sqrt(scaled)


def normalised_hits(event: Event) -> tuple[Hits, Geometry]:
    """Check the hits of an event and bring them to pixels of about `PIXEL_CM`.

    A map of lower resolution (pixels k times as long) has each pixel repeated k x k times, so that
    a track is as many pixels long as at full resolution.

    Raises
    ------
    ModelError
        If a pixel is NaN or infinite.
    """
    hits, geometry = event.hits, event.geometry
    if hits.value.dtype.kind == "f" and not np.isfinite(hits.value).all():
        raise ModelError(
            f"Event {event.index} ({event.id}) has pixels that are not finite numbers.",
            "Leave the event out, or repair its file.",
        )
    factor = round(min(v.row_pitch_cm for v in geometry.views) / PIXEL_CM)
    if factor < 2:
        return hits, geometry
    n = len(hits)
    rows = (hits.row[:, None].astype(np.uint16) * factor + _tile(factor, 0)).reshape(-1)
    columns = (hits.column[:, None].astype(np.uint16) * factor + _tile(factor, 1)).reshape(-1)
    repeat = np.repeat(np.arange(n), factor * factor)
    vertex = geometry.vertex and (geometry.vertex[0] * factor, geometry.vertex[1] * factor)
    shape = (geometry.shape[0] * factor, geometry.shape[1] * factor)
    return (
        Hits(hits.view[repeat], rows, columns, hits.value[repeat]),
        replace(geometry, shape=shape, vertex=vertex),
    )


def _tile(factor: int, axis: int) -> npt.NDArray[np.uint16]:
    return np.indices((factor, factor), dtype=np.uint16)[axis].reshape(1, -1)


def without_truth(events: Sequence[Event], position: int) -> Event:
    """Return ``events[position]`` without its truth, which takes longer to read than the hits."""
    if not isinstance(events, EventSet):
        return events[position]
    index = int(events.indices[position])
    id_ = str(events.reader.table["id"].iloc[index])
    return Event(id_, index, events.geometry, events.reader.read_hits(index))


def vertex_pixel(geometry: Geometry) -> tuple[int, int]:
    """Return row and column of the pixel near which the interaction is expected."""
    row, column = geometry.vertex or (geometry.shape[0] / 2, geometry.shape[1] / 2)
    return int(row), int(column)


def occupied_pixels(events: Sequence[Event]) -> PixelBatch:
    """List the occupied pixels of some events, in any mixture of geometries."""
    parts = [normalised_hits(event) for event in events]
    height, width = _canvas([g for _, g in parts])
    place, value = [], []
    event: list[int] = []
    view: list[int] = []
    vertex: list[tuple[int, int]] = []
    for number, (hits, geometry) in enumerate(parts):
        first = len(view) + hits.view.astype(np.int64)
        place.append((first * height + hits.row) * width + hits.column)
        value.append(scale_values(hits.value, geometry.saturation))
        event += [number] * geometry.n_views
        view += [view_number(v.name) for v in geometry.views]
        vertex += [vertex_pixel(geometry)] * geometry.n_views
    places, values = np.concatenate(place), np.concatenate(value)
    order = np.argsort(places, kind="stable")
    order = order[values[order] > 0]
    return PixelBatch(
        place=places[order],
        value=values[order],
        event=np.array(event),
        view=np.array(view),
        vertex=np.array(vertex),
        height=height,
        width=width,
        n_events=len(parts),
    )


def _canvas(geometries: Sequence[Geometry]) -> tuple[int, int]:
    """Return the height and width that hold all views."""
    height = max(-(-g.shape[0] // CANVAS) * CANVAS for g in geometries)
    return height, max(-(-g.shape[1] // CANVAS) * CANVAS for g in geometries)


def batches(events: Sequence[Event], size: int) -> Iterator[list[int]]:
    """Group events of one geometry, sorted by number of hits, so that little is padding."""
    keys = [(e.geometry.name, e.geometry.shape, len(e.hits)) for e in events]
    batch: list[int] = []
    for i in sorted(range(len(events)), key=keys.__getitem__):
        if batch and (len(batch) == size or keys[batch[-1]][:2] != keys[i][:2]):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


@dataclass(frozen=True)
class ImageBatch:
    """Dense images of the views of B events, one after another.

    Attributes
    ----------
    images : (N, 1, H, W) float
        Scaled pixel values of each view; H and W are multiples of `CANVAS`.
    slots : (B, V) int64
        Where each event's views are among the N; an event of fewer than V views repeats its first.
    share : (B, V) float
        Weight of each slot in the mean over an event's views; 0 for a repeated one.
    """

    images: Any
    slots: Any
    share: Any

    def __len__(self) -> int:
        return len(self.slots)

    def to(self, device: torch.device | str) -> ImageBatch:
        """Return the same images as torch tensors on `device`, channels last."""
        import torch

        images = channels_last(torch.as_tensor(self.images).to(device, non_blocking=True)[:, 0])
        slots = torch.as_tensor(self.slots).to(device, non_blocking=True)
        share = torch.as_tensor(self.share).to(device, non_blocking=True)
        return ImageBatch(images, slots, share)


def channels_last(images: torch.Tensor) -> torch.Tensor:
    """Give (N, H, W) images one channel, (N, 1, H, W).

    With one channel both memory formats hold the same bytes, but convolutions choose their kernels
    by the strides, so these must be those of the channels-last format.
    """
    return images[..., None].permute(0, 3, 1, 2)


def view_slots(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return ``slots`` and ``share`` of an `ImageBatch` from the number of views of each event."""
    order = np.arange(int(counts.max()))
    present = order < counts[:, None]
    first = np.cumsum(counts) - counts
    slots = first[:, None] + np.where(present, order, 0)
    return slots, (present / counts[:, None]).astype(np.float32)


def rasterize(events: Sequence[Event]) -> ImageBatch:
    """Fill dense images of all views of some events, in any mixture of geometries."""
    parts = [normalised_hits(event) for event in events]
    height, width = _canvas([g for _, g in parts])
    slots, share = view_slots(np.array([g.n_views for _, g in parts]))
    images = np.zeros((sum(g.n_views for _, g in parts), 1, height, width), dtype=np.float32)
    for first, (hits, geometry) in zip(slots[:, 0], parts, strict=True):
        images[first + hits.view.astype(np.int64), 0, hits.row, hits.column] = scale_values(
            hits.value, geometry.saturation
        )
    return ImageBatch(images, slots, share)
