"""Hits of several events as what a network takes: tokens of occupied patches, or dense images."""

from __future__ import annotations

from collections.abc import Sequence
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
"""Dense images are padded to multiples of this, the largest stride of the CNN."""


@dataclass(frozen=True)
class TokenBatch:
    """Occupied patches of a batch of events; rows shorter than the longest are padded.

    Arrays are numpy or torch. B events, at most T tokens each, P pixels a patch.

    Attributes
    ----------
    pixels : (B, T, P) float
        Scaled pixel values of each patch, in C order; a fine patch fills the first P / 4.
    row, column : (B, T) integer
        Patch number counted from the patch of the vertex (or of the image centre).
    level : (B, T) integer
        0 for a whole patch, 1 to 4 for the quadrant of a patch that was split in four.
    view : (B, T) integer
        Number of the view in `VIEW_NAMES`.
    mask : (B, T) bool
        True where there is a token, False where there is padding.
    sources : (B, T, S) float, or None
        In training, the charge that each of `classifier.events.SOURCES` left.
    """

    pixels: Any
    row: Any
    column: Any
    level: Any
    view: Any
    mask: Any
    sources: Any = None

    def __len__(self) -> int:
        return len(self.mask)

    def to(self, device: torch.device | str) -> TokenBatch:
        """Return the same tokens as torch tensors on `device`."""
        import torch

        def tensor(a: Any) -> torch.Tensor:
            return torch.as_tensor(a).to(device, non_blocking=True)

        return replace(self, **{name: tensor(getattr(self, name)) for name in _TOKEN_FIELDS})


_TOKEN_FIELDS = ("pixels", "row", "column", "level", "view", "mask")


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


def vertex_patch(geometry: Geometry, patch: int) -> tuple[int, int]:
    """Return row and column of the patch near which the interaction is expected."""
    row, column = geometry.vertex or (geometry.shape[0] / 2, geometry.shape[1] / 2)
    return int(row) // patch, int(column) // patch


def tokenize(events: Sequence[Event], patch: int = 16, fine_radius: int = 3) -> TokenBatch:
    """Cut events into the patches that hold at least one hit.

    Parameters
    ----------
    events : sequence of Event
        Any mixture of geometries.
    patch : int
        Side of a patch in pixels; even.
    fine_radius : int
        Patches at most this many rows and columns from that of the vertex are split in four, so
        that the first centimetres, where an electron and a photon differ, have tokens of half the
        size.

    Returns
    -------
    TokenBatch
        Numpy arrays, tokens ordered by view, row, column, quadrant. An event without a hit has one
        empty token, so that no row is all padding.
    """
    parts = [_event_tokens(event, patch, fine_radius) for event in events]
    longest = max(len(keys[0]) for keys, *_ in parts)
    shape = (len(parts), longest)
    pixels = np.zeros((*shape, patch * patch), dtype=np.float32)
    integers = {n: np.zeros(shape, dtype=np.int16) for n in ("row", "column", "level", "view")}
    mask = np.zeros(shape, dtype=bool)
    for i, ((view, row, column, level), token, offset, value) in enumerate(parts):
        n = len(view)
        mask[i, :n] = True
        pixels[i, token, offset] = value
        for name, array in (("row", row), ("column", column), ("level", level), ("view", view)):
            integers[name][i, :n] = array
    return TokenBatch(pixels=pixels, mask=mask, **integers)


def _event_tokens(
    event: Event, patch: int, fine_radius: int
) -> tuple[tuple[npt.NDArray[Any], ...], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return (view, row, column, level) of each token, and token, offset, value of each hit."""
    hits, geometry = normalised_hits(event)
    rows = -(-geometry.shape[0] // patch)
    columns = -(-geometry.shape[1] // patch)
    row0, column0 = vertex_patch(geometry, patch)
    if not len(hits):
        zero = np.zeros(0, dtype=np.int64)
        one = np.zeros(1, dtype=np.int64)
        return (one + view_number(geometry.views[0].name), one, one, one), zero, zero, zero
    row, row_in = np.divmod(hits.row.astype(np.int64), patch)
    column, column_in = np.divmod(hits.column.astype(np.int64), patch)
    half = patch // 2
    fine = (np.abs(row - row0) <= fine_radius) & (np.abs(column - column0) <= fine_radius)
    level = np.where(fine, 1 + 2 * (row_in >= half) + (column_in >= half), 0)
    key = ((hits.view.astype(np.int64) * rows + row) * columns + column) * 5 + level
    occupied = np.flatnonzero(np.bincount(key, minlength=geometry.n_views * rows * columns * 5))
    number = np.empty(geometry.n_views * rows * columns * 5, dtype=np.int64)
    number[occupied] = np.arange(len(occupied))
    offset = np.where(fine, (row_in % half) * half + column_in % half, row_in * patch + column_in)
    rest, token_level = np.divmod(occupied, 5)
    rest, token_column = np.divmod(rest, columns)
    token_view, token_row = np.divmod(rest, rows)
    names = np.array([view_number(v.name) for v in geometry.views])
    tokens = (names[token_view], token_row - row0, token_column - column0, token_level)
    return tokens, number[key], offset, scale_values(hits.value, geometry.saturation)


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
    height = max(-(-g.shape[0] // CANVAS) * CANVAS for _, g in parts)
    width = max(-(-g.shape[1] // CANVAS) * CANVAS for _, g in parts)
    slots, share = view_slots(np.array([g.n_views for _, g in parts]))
    images = np.zeros((sum(g.n_views for _, g in parts), 1, height, width), dtype=np.float32)
    for first, (hits, geometry) in zip(slots[:, 0], parts, strict=True):
        images[first + hits.view.astype(np.int64), 0, hits.row, hits.column] = scale_values(
            hits.value, geometry.saturation
        )
    return ImageBatch(images, slots, share)
