"""The modular detector's pictures: charge in 5 mm voxels, threshold, and projections XZ and YZ."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.events import MODULAR_PIXEL, Hits
from classifier.simulation.detector import alive

PITCH = 0.5
ANODE_DISTANCE = 60.0
"""cm; see `detector.MODULAR`."""
HALF = 256
NOISE = 800.0
"""Electrons per pixel and hit: D. A. Dwyer et al. (LArPix), JINST 13 (2018) P10007."""
THRESHOLD = 4000.0
"""Electrons: a sixth of what a minimum-ionising particle leaves across a pixel."""
ELECTRONS_PER_COUNT = 800.0
"""A minimum-ionising particle along a pixel is about 35 counts; 255 saturate."""


@njit(cache=True)
def _voxels(
    rng: np.random.Generator, charge: npt.NDArray[np.float32], vertex: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    total = 0
    for i in range(len(charge)):
        total += _pieces(charge, i)
    keys = np.empty(total, np.int64)
    values = np.empty(total)
    n = 0
    for i in range(len(charge)):
        pieces = _pieces(charge, i)
        for j in range(pieces):
            f = (j + 0.5) / pieces
            place = np.empty(3, np.int64)
            inside = True
            for axis in range(3):
                width = charge[i, 8] if axis == 0 else charge[i, 7]
                at = charge[i, axis] * (1.0 - f) + charge[i, 3 + axis] * f
                at += width * rng.standard_normal() - vertex[axis]
                place[axis] = math.floor(at / PITCH) + HALF
                inside &= 0 <= place[axis] < 2 * HALF
            if inside:
                keys[n] = (place[2] * 512 + place[0]) * 512 + place[1]
                values[n] = charge[i, 6] / pieces
                n += 1
    order = np.argsort(keys[:n])
    out_keys = np.empty(n, np.int64)
    out = np.empty(n)
    m = 0
    for i in order:
        if m > 0 and out_keys[m - 1] == keys[i]:
            out[m - 1] += values[i]
        else:
            out_keys[m] = keys[i]
            out[m] = values[i]
            m += 1
    return out_keys[:m], out[:m]


@njit(cache=True)
def _pieces(charge: npt.NDArray[np.float32], i: int) -> int:
    length = 0.0
    for axis in range(3):
        length += (charge[i, 3 + axis] - charge[i, axis]) ** 2
    return 1 + int(math.sqrt(length) / 0.15)


def read_out(
    rng: np.random.Generator,
    charge: npt.NDArray[np.float32],
    vertex: npt.NDArray[np.float64],
    dead: float = 0.0,
) -> tuple[Hits, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Make the two pictures of an event.

    Parameters
    ----------
    rng : numpy.random.Generator
    charge : ndarray, shape (n, 10)
        Of `detector.drift`.
    vertex : ndarray, shape (3,)
        The interaction, at the centre of the pictures.
    dead : float
        Share of the pixels that see nothing.

    Returns
    -------
    hits : Hits
    vertex : ndarray, shape (2, 2)
        Row and column of the interaction in each view.
    seen : ndarray, shape (n, 2)
        Counts that each piece of charge adds to each view; 0 outside of the picture.
    pixels : ndarray of int32, shape (n, 2, 2)
        Row and column where it arrives.
    """
    keys, values = _voxels(rng, charge, np.asarray(vertex, dtype=np.float64))
    values = values + NOISE * rng.standard_normal(len(values))
    keys, values = keys[values > THRESHOLD], values[values > THRESHOLD]
    # A pixel looks along the drift, from its anode to the cathodes 30 cm away on both sides.
    along = ((keys // 512 % 512 - HALF) * PITCH + vertex[0]) // ANODE_DISTANCE
    pixel = (along.astype(np.int64) * 512 + keys // 512**2) * 512 + keys % 512
    works = alive(rng, pixel, dead)
    keys, values = keys[works], values[works]
    row, x, y = keys // 512**2, keys // 512 % 512, keys % 512
    size = MODULAR_PIXEL.shape[0]
    views, rows, columns, counts = [], [], [], []
    for number, column in enumerate((x, y)):
        flat, place = np.unique(row * size + column, return_inverse=True)
        sums = np.bincount(place, weights=values, minlength=len(flat))
        views.append(np.full(len(flat), number, np.uint8))
        rows.append((flat // size).astype(np.uint16))
        columns.append((flat % size).astype(np.uint16))
        counts.append(np.minimum(np.ceil(sums / ELECTRONS_PER_COUNT), 255).astype(np.uint8))
    hits = Hits(
        np.concatenate(views), np.concatenate(rows), np.concatenate(columns), np.concatenate(counts)
    )
    middle = 0.5 * (charge[:, :3] + charge[:, 3:6]) - np.asarray(vertex)
    inside = np.abs(middle) < HALF * PITCH
    share = charge[:, 6] / ELECTRONS_PER_COUNT
    seen = np.stack(
        [share * (inside[:, 2] & inside[:, 0]), share * (inside[:, 2] & inside[:, 1])], axis=1
    )
    x, y, z = (np.floor(middle / PITCH) + HALF).astype(np.int32).T
    pixels = np.stack([np.stack([z, x], axis=1), np.stack([z, y], axis=1)], axis=1)
    return hits, np.full((2, 2), float(HALF)), seen, pixels
