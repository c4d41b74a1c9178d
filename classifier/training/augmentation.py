"""Changes to events that physics or the detector allows, made on the device for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from classifier.training.data import GeometryTables, HitBatch


@dataclass(frozen=True)
class Augmentation:
    """How much events are changed in training; lengths in pixels, values in units of saturation.

    Attributes
    ----------
    reflect : float
        Probability of reflecting the column axis (drift, or the horizontal), about which neither
        the interaction nor the beam prefers a side. Views that share the axis go together.
    swap : float
        Probability of exchanging the views U and V: their wires slope alike to either side of the
        vertical, so that a mirrored event looks so.
    shift_rows, shift_columns : int
        Largest shift of the crop.
    gain, view_gain, hit_noise : float
        Relative spread of the charge scale of an event, of a view, and of each hit (lognormal).
    threshold : float
        Largest threshold below which hits vanish.
    noise : float
        Largest mean number of noise hits a view, in one event of three.
    dead : float
        Largest share of dead rows (wires, pixel columns), in one event of three.
    half, quarter : float
        Probability of half and of quarter resolution.
    drop_view : float
        Probability that an event loses one of its views.
    """

    reflect: float = 0.5
    swap: float = 0.5
    shift_rows: int = 4
    shift_columns: int = 16
    gain: float = 0.08
    view_gain: float = 0.05
    hit_noise: float = 0.08
    threshold: float = 0.04
    noise: float = 20.0
    dead: float = 0.10
    half: float = 0.15
    quarter: float = 0.05
    drop_view: float = 0.05


def augment(
    hits: HitBatch, tables: GeometryTables, settings: Augmentation, generator: torch.Generator
) -> tuple[HitBatch, torch.Tensor]:
    """Change a batch of events at random.

    Returns
    -------
    HitBatch
        The changed hits; those outside of the view are gone.
    Tensor of int64, shape (B,)
        By how much the resolution of each event is to be divided (1, 2 or 4).
    """
    device = hits.value.device
    n = len(hits)
    most = tables.views.shape[1]

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, device=device)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, device=device)

    hits = _add_noise_hits(hits, tables, settings, uniform)
    event, view, row, column = hits.event, hits.view, hits.row, hits.column
    height = tables.height[hits.geometry]
    width = tables.width[hits.geometry]
    axis = tables.column_axis[hits.geometry]
    swap = (uniform(n) < settings.swap) & tables.mirrored[hits.geometry]
    view = torch.where(swap[event] & (view < 2), 1 - view, view)
    flip = (uniform(n, most) < settings.reflect).gather(1, axis)[event, view]
    column = torch.where(flip, width[event] - 1 - column, column)
    row = row + _shift(settings.shift_rows, uniform(n))[event]
    column = column + _shift(settings.shift_columns, uniform(n, most).gather(1, axis))[event, view]
    gain = torch.exp(settings.gain * normal(n, 1) + settings.view_gain * normal(n, most))
    value = hits.value * gain[event, view]
    value = value * torch.exp(settings.hit_noise * uniform(n)[event] * normal(len(value)))
    keep = value > settings.threshold * (uniform(n) ** 2)[event]
    keep &= (row >= 0) & (row < height[event]) & (column >= 0) & (column < width[event])
    tallest = int(height.max())
    share = settings.dead * uniform(n) * (uniform(n) < 1 / 3)
    alive = uniform(n, most, tallest) >= share[:, None, None]
    keep &= alive[event, view, row.clamp(0, tallest - 1)]
    lost = (uniform(n) * tables.n_views[hits.geometry]).long()
    dropped = (uniform(n) < settings.drop_view) & (tables.n_views[hits.geometry] > 1)
    keep &= ~(dropped[event] & (view == lost[event]))
    chance = uniform(n)
    factor = torch.ones(n, dtype=torch.int64, device=device)
    factor[chance < settings.half + settings.quarter] = 2
    factor[chance < settings.quarter] = 4
    changed = replace(
        hits,
        event=event[keep],
        view=view[keep],
        row=row[keep],
        column=column[keep],
        value=value[keep].clamp(max=1.0),
        source=hits.source[keep],
    )
    return changed, factor


def _shift(largest: int, uniform: torch.Tensor) -> torch.Tensor:
    return (uniform * (2 * largest + 1)).long() - largest


def _add_noise_hits(
    hits: HitBatch, tables: GeometryTables, settings: Augmentation, uniform: object
) -> HitBatch:
    """Add hits anywhere, of the size of the smallest real ones."""
    assert callable(uniform)
    n = len(hits)
    device = hits.value.device
    mean = settings.noise * uniform(n) * (uniform(n) < 1 / 3) * tables.n_views[hits.geometry]
    counts = (mean * (0.5 + uniform(n))).long()
    event = torch.repeat_interleave(torch.arange(n, device=device), counts)
    geometry = hits.geometry[event]
    added = len(event)
    view = (uniform(added) * tables.n_views[geometry]).long()
    row = (uniform(added) * tables.height[geometry]).long()
    column = (uniform(added) * tables.width[geometry]).long()
    value = 0.03 + 0.12 * uniform(added) ** 2
    return replace(
        hits,
        event=torch.cat([hits.event, event]),
        view=torch.cat([hits.view, view]),
        row=torch.cat([hits.row, row]),
        column=torch.cat([hits.column, column]),
        value=torch.cat([hits.value, value]),
        source=torch.cat([hits.source, torch.zeros_like(event)]),
    )
