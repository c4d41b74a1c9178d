"""The same events seen by a worse detector: coarser, noisier, with dead channels, a view less."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import EventSet, Geometry, Hits, Reader, Truth

Change = Callable[[Hits, np.random.Generator], Hits]

NOISE_CHARGE = 0.05
"""Nominal noise of a pixel, as a share of the charge of a minimum-ionising particle.

Cold electronics of a wire chamber reach 500 to 600 electrons, against some 10^4 that such a
particle leaves on a wire of 5 mm (DUNE FD TDR vol. IV, JINST 15 T08010 (2020), section 4.2).
"""
NOISE_HITS = 20.0
"""Nominal number of spurious hits a view."""
MIP_CHARGE = 38.0
"""Typical pixel charge of a minimum-ionising particle, of a saturation of 255."""


class ChangedReader:
    """Reads another reader's events and changes their hits, the same way each time.

    Parameters
    ----------
    base : Reader
    name : str
        What is changed; part of the fingerprint.
    change : callable
        Takes hits and a random generator that depends on seed and event only.
    seed : int
    geometry : Geometry
        Of the changed events.
    """

    def __init__(
        self, base: Reader, name: str, change: Change, seed: int, geometry: Geometry
    ) -> None:
        self.source = base.source
        self.geometry = geometry
        self.table: pd.DataFrame = base.table
        told = f"{base.fingerprint}|{name}|{seed}"
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest()
        self._base = base
        self._change = change
        self._seed = seed

    def read_hits(self, index: int) -> Hits:
        """Return the changed hits."""
        rng = np.random.default_rng([self._seed, index])
        return self._change(self._base.read_hits(index), rng)

    def read_truth(self, index: int) -> Truth | None:
        """Return the unchanged truth."""
        return self._base.read_truth(index)


def _changed(
    events: EventSet, name: str, change: Change, seed: int, geometry: Geometry | None = None
) -> EventSet:
    reader = ChangedReader(events.reader, name, change, seed, geometry or events.geometry)
    return EventSet(reader, events.indices)


def lower_resolution(events: EventSet, factor: int) -> EventSet:
    """Average blocks of `factor` x `factor` pixels, as an image is made smaller.

    Parameters
    ----------
    events : EventSet
    factor : int
        2 or more.

    Returns
    -------
    EventSet
        In a geometry with fewer, larger pixels; values are float32.
    """
    g = events.geometry
    views = tuple(
        replace(v, row_pitch_cm=v.row_pitch_cm * factor, column_pitch_cm=v.column_pitch_cm * factor)
        for v in g.views
    )
    shape = (-(-g.shape[0] // factor), -(-g.shape[1] // factor))
    vertex = None if g.vertex is None else (g.vertex[0] / factor, g.vertex[1] / factor)
    coarse = replace(g, views=views, shape=shape, vertex=vertex)

    def change(hits: Hits, rng: np.random.Generator) -> Hits:
        row, column = hits.row.astype(np.int64) // factor, hits.column.astype(np.int64) // factor
        key = (hits.view.astype(np.int64) * shape[0] + row) * shape[1] + column
        keys, where = np.unique(key, return_inverse=True)
        sums = np.bincount(where, weights=hits.value, minlength=len(keys))
        return Hits(
            (keys // (shape[0] * shape[1])).astype(np.uint8),
            (keys // shape[1] % shape[0]).astype(np.uint16),
            (keys % shape[1]).astype(np.uint16),
            (sums / factor**2).astype(np.float32),
        )

    return _changed(events, f"resolution/{factor}", change, 0, coarse)


def add_noise(events: EventSet, times: float, seed: int = 0) -> EventSet:
    """Add `times` the nominal noise to the events' own.

    Each hit's charge is smeared by ``times * NOISE_CHARGE`` of a minimum-ionising particle's; hits
    that fall to zero vanish. ``times * NOISE_HITS`` small hits a view appear anywhere.
    """
    g = events.geometry
    mip = MIP_CHARGE * g.saturation / 255.0

    def change(hits: Hits, rng: np.random.Generator) -> Hits:
        views = hits.to_views(g).astype(np.float32)
        values = hits.value + rng.normal(0.0, times * NOISE_CHARGE * mip, len(hits))
        views[hits.view, hits.row, hits.column] = np.clip(values, 0.0, g.saturation)
        n = rng.poisson(times * NOISE_HITS, g.n_views)
        view = np.repeat(np.arange(g.n_views), n)
        row = rng.integers(0, g.shape[0], len(view))
        column = rng.integers(0, g.shape[1], len(view))
        size = mip * (0.2 + rng.exponential(0.3, len(view)))
        views[view, row, column] = np.clip(views[view, row, column] + size, 0.0, g.saturation)
        return Hits.from_views(_like(views, hits.value))

    return _changed(events, f"noise*{times:g}", change, seed)


def _like(views: npt.NDArray[np.float32], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.rint(views).astype(values.dtype) if values.dtype.kind in "ui" else views


def kill_channels(events: EventSet, share: float, seed: int = 0) -> EventSet:
    """Silence a share of the rows (wires, or pixel rows) of each view, others in each event."""
    g = events.geometry

    def change(hits: Hits, rng: np.random.Generator) -> Hits:
        alive = rng.random((g.n_views, g.shape[0])) >= share
        return _some(hits, alive[hits.view, hits.row])

    return _changed(events, f"dead*{share:g}", change, seed)


def drop_view(events: EventSet, view: int) -> EventSet:
    """Empty one view."""
    return _changed(events, f"without view {view}", lambda h, _: _some(h, h.view != view), 0)


def pure_noise(events: EventSet, seed: int = 0) -> EventSet:
    """Replace each event by noise: as many hits of the same charges, scattered over each view."""
    g = events.geometry
    pixels = g.shape[0] * g.shape[1]

    def change(hits: Hits, rng: np.random.Generator) -> Hits:
        views = np.zeros((g.n_views, pixels), dtype=hits.value.dtype)
        for v in range(g.n_views):
            values = hits.value[hits.view == v]
            views[v, rng.choice(pixels, len(values), replace=False)] = rng.permutation(values)
        return Hits.from_views(views.reshape(g.n_views, *g.shape))

    return _changed(events, "pure noise", change, seed)


def _some(hits: Hits, keep: npt.NDArray[np.bool_]) -> Hits:
    return Hits(hits.view[keep], hits.row[keep], hits.column[keep], hits.value[keep])


def stresses(events: EventSet) -> dict[str, EventSet]:
    """Return the changes that a report shows, by name, the unchanged events first."""
    g = events.geometry
    found = {"as recorded": events}
    found |= {f"resolution 1/{k}": lower_resolution(events, k) for k in (2, 4)}
    found |= {f"noise x{k}": add_noise(events, k) for k in (1, 2, 3, 4)}
    found |= {f"{s:.0%} dead channels": kill_channels(events, s) for s in (0.02, 0.05, 0.10)}
    if g.n_views > 1:
        found |= {f"without view {g.views[v].name}": drop_view(events, v) for v in range(g.n_views)}
    return found
