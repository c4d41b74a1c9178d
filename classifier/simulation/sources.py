"""Which kind of particle left the charge of each pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit

from classifier.events import SOURCES, Geometry, Hits

_KINDS = len(SOURCES)
MUON, _ELECTRON, _PHOTON, _MESON, _NUCLEON, _DECAY_ELECTRON = range(1, _KINDS)

_REACH_ROWS, _REACH_COLUMNS = 1, 2
"""Pixels over which the readout may move charge: a wire by diffusion, time within a long pulse."""


def kinds(particles: pd.DataFrame) -> npt.NDArray[np.uint8]:
    """Return the number in `SOURCES` of each row of a table of particles."""
    pdg = np.abs(particles["pdg"].to_numpy())
    parent = particles["parent"].to_numpy().astype(np.int64)
    mother = np.where(parent >= 0, pdg[parent], 0)
    kind = np.full(len(pdg), _MESON, np.uint8)
    kind[pdg == 13] = MUON
    kind[(pdg == 11) & (parent < 0)] = _ELECTRON
    kind[(pdg == 11) & (parent >= 0)] = _DECAY_ELECTRON
    kind[(pdg == 22) | (pdg == 111) | ((pdg == 11) & (mother == 111))] = _PHOTON
    kind[(pdg == 2112) | (pdg == 2212) | (pdg > 1e9)] = _NUCLEON
    return kind


def hit_sources(
    hits: Hits,
    geometry: Geometry,
    pixels: npt.NDArray[np.int32],
    seen: npt.NDArray[np.float64],
    kind: npt.NDArray[np.uint8],
) -> npt.NDArray[np.uint8]:
    """Find what left most of the charge in and next to each pixel.

    Parameters
    ----------
    hits : Hits
        n of them.
    geometry : Geometry
    pixels : ndarray of int32, shape (m, n_views, 2)
        Row and column where each piece of charge arrives.
    seen : ndarray, shape (m, n_views)
        Its charge in each view, 0 where it is outside of the picture.
    kind : ndarray of uint8, shape (m,)
        Number in `SOURCES` of what left it.

    Returns
    -------
    ndarray of uint8, shape (n,)
        Numbers in `SOURCES`; 0 for noise.
    """
    out = np.zeros(len(hits), np.uint8)
    for view in range(geometry.n_views):
        own = hits.view == view
        out[own] = _strongest(
            hits.row[own].astype(np.int64),
            hits.column[own].astype(np.int64),
            np.ascontiguousarray(pixels[:, view]),
            np.ascontiguousarray(seen[:, view]),
            kind,
            geometry.shape,
        )
    return out


@njit(cache=True)
def _strongest(
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    pixels: npt.NDArray[np.int32],
    seen: npt.NDArray[np.float64],
    kind: npt.NDArray[np.uint8],
    shape: tuple[int, int],
) -> npt.NDArray[np.uint8]:
    height, width = shape
    charge = np.zeros((height, width, _KINDS), np.float32)
    for i in range(len(seen)):
        r, c = pixels[i, 0], pixels[i, 1]
        if seen[i] > 0.0 and 0 <= r < height and 0 <= c < width:
            charge[r, c, kind[i]] += seen[i]
    out = np.zeros(len(row), np.uint8)
    total = np.empty(_KINDS)
    for i in range(len(row)):
        total[:] = 0.0
        for r in range(max(row[i] - _REACH_ROWS, 0), min(row[i] + _REACH_ROWS + 1, height)):
            first = max(column[i] - _REACH_COLUMNS, 0)
            for c in range(first, min(column[i] + _REACH_COLUMNS + 1, width)):
                # The pixel's own wire counts more than those that diffusion reaches.
                near = 4.0 if r == row[i] else 1.0
                for k in range(_KINDS):
                    total[k] += near * charge[r, c, k]
        best = np.argmax(total)
        if total[best] > 0.0:
            out[i] = best
    return out
