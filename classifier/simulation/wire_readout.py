"""The far detector's pictures: charge on wires, hits found along time, and the crop of the maps.

The chain is that of the published maps (DUNE, Phys. Rev. D 102 (2020) 092003): deconvolved wire
signals, Gaussian hits, one pixel a hit with the hit's integral, a map per view that starts at its
first wire with a hit and is centred on the mean time of its hits, cropped to 500 x 500.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from classifier.events import DUNE_FD_HD, Hits
from classifier.simulation.detector import alive

ANGLE = math.radians(35.7)
"""Induction wires against the vertical: DUNE FD TDR vol. IV, JINST 15 (2020) T08010, table 2.1."""
PITCHES = (0.4669, 0.4669, 0.479)
APA_LENGTH = 232.4
APA_ACTIVE = 230.0
"""cm along the beam: wire frames repeat, and charge between two of them is lost (same table)."""
BIN = 0.12
"""Time bin in cm of drift: 1.5 samples of 0.5 µs; four make a column."""
BINS_PER_COLUMN = 4


class WireResponse(NamedTuple):
    """What turns charge on wires into hits; the defaults make maps like the published ones.

    Attributes
    ----------
    shaping_induction, shaping_collection : float
        Width in cm of drift of the deconvolved response to a point charge. The filter of the
        deconvolution sets it, longitudinal diffusion adds little: how finely hits are split does
        not vary between published maps as it would with the drift.
    count_induction, count_collection : float
        Electrons to one count of the map: 255 are 1000 ADC x samples of the hit's integral.
    threshold_induction, threshold_collection : float
        Electrons per bin that a pulse must reach somewhere to be kept (region of interest).
    threshold_noise : float
        Noise, as a share of the threshold, of the wave in which such regions are looked for: its
        filter is another than that of the wave whose charge is measured (DUNE FD TDR vol. IV,
        JINST 15 (2020) T08010), so that the threshold is not sharp in charge.
    peak : float
        Share of the threshold that each hit's peak in a kept pulse must reach.
    floor : float
        Share of the threshold where a pulse is taken to begin and end.
    valley : float
        Two peaks are two hits if the signal between them is below this share of the lower one, and
        by more than noise makes.
    most_peaks : int
        Peaks that the hit finder fits together; a pulse with more of them becomes one hit
        (`MaxMultiHit` of LArSoft's GausHitFinder, with `LongMaxHits` of 1: larreco,
        hitfindermodules.fcl at ceb502f). Dense parts of showers lose much of their counts by it.
    noise : float
        Electrons per bin.
    """

    shaping_induction: float = 0.16
    shaping_collection: float = 0.154
    count_induction: float = 800.0
    count_collection: float = 755.0
    threshold_induction: float = 2130.0
    threshold_collection: float = 1870.0
    threshold_noise: float = 0.13
    peak: float = 0.64
    floor: float = 0.2
    valley: float = 0.96
    most_peaks: int = 10
    noise: float = 80.0


RESPONSE = WireResponse()
LONG_HIT_SHARE = math.erf(1.5 / math.sqrt(2.0))
"""Share of its charge that a pulse of too many peaks keeps in its one hit, which is a Gaussian with
a third of the pulse's length as width, integrated over the pulse only."""
MIN_HITS = 100
"""Hits of an event in all views below which no map is made."""
MAP_WIRES = 2880
EMPTY_AHEAD = 20
MAX_EMPTY = 5


@njit(cache=True)
def _spread(
    charge: npt.NDArray[np.float32], view: int, first_bin: float
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Cut charge into (wire, bin, electrons), shared among wires by transverse diffusion."""
    total = 0
    for i in range(len(charge)):
        total += 3 * _pieces(charge, i)
    wires = np.empty(total, np.int32)
    bins = np.empty(total, np.int32)
    values = np.empty(total, np.float32)
    sin, cos = math.sin(ANGLE), math.cos(ANGLE)
    pitch = PITCHES[view]
    n = 0
    for i in range(len(charge)):
        pieces = _pieces(charge, i)
        part = charge[i, 6] / pieces
        width = max(charge[i, 7], 0.02) * math.sqrt(2.0)
        for j in range(pieces):
            f = (j + 0.5) / pieces
            x = charge[i, 0] * (1.0 - f) + charge[i, 3] * f
            y = charge[i, 1] * (1.0 - f) + charge[i, 4] * f
            z = charge[i, 2] * (1.0 - f) + charge[i, 5] * f
            if z % APA_LENGTH > APA_ACTIVE:
                continue
            if view == 0:
                at = z * cos + y * sin
            elif view == 1:
                at = z * cos - y * sin
            else:
                at = z
            place = at / pitch + 1200.0
            wire = math.floor(place)
            low = 0.5 * (1.0 + math.erf((wire - place) * pitch / width))
            high = 0.5 * (1.0 - math.erf((wire + 1 - place) * pitch / width))
            time = math.floor((x - first_bin) / BIN)
            for k in range(3):
                share = low if k == 0 else 1.0 - low - high if k == 1 else high
                if share > 0.01:
                    wires[n] = wire + k - 1
                    bins[n] = time
                    values[n] = part * share
                    n += 1
    return wires[:n], bins[:n], values[:n]


@njit(cache=True)
def _pieces(charge: npt.NDArray[np.float32], i: int) -> int:
    length = 0.0
    for axis in range(3):
        length += (charge[i, 3 + axis] - charge[i, axis]) ** 2
    return 1 + int(math.sqrt(length) / 0.12)


@njit(cache=True)
def _find_hits(
    rng: np.random.Generator,
    wires: npt.NDArray[np.int32],
    bins: npt.NDArray[np.int32],
    values: npt.NDArray[np.float32],
    sigma: float,
    threshold: float,
    response: WireResponse,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Hits of one view: wire, time (bins) and electrons."""
    reach = math.ceil(3.5 * sigma)
    kernel = np.empty(2 * reach + 1)
    for k in range(-reach, reach + 1):
        kernel[k + reach] = math.exp(-0.5 * (k / sigma) ** 2)
    kernel /= kernel.sum()
    low_wire, high_wire = wires.min(), wires.max()
    starts = np.zeros(high_wire - low_wire + 2, np.int64)
    for w in wires:
        starts[w - low_wire + 1] += 1
    starts = np.cumsum(starts)
    order = np.empty(len(wires), np.int64)
    filled = starts[:-1].copy()
    for i in range(len(wires)):
        order[filled[wires[i] - low_wire]] = i
        filled[wires[i] - low_wire] += 1
    capacity = 4096
    out_wire = np.empty(capacity, np.int64)
    out_time = np.empty(capacity)
    out_charge = np.empty(capacity)
    wave = np.zeros(4096)
    n = 0
    for w in range(high_wire - low_wire + 1):
        mine = order[starts[w] : starts[w + 1]]
        if len(mine) == 0:
            continue
        mine = mine[np.argsort(bins[mine])]
        i = 0
        while i < len(mine):
            # Pulses that could touch: a gap of twice the kernel's reach parts them for good.
            begin = bins[mine[i]] - reach
            j = i + 1
            while j < len(mine) and bins[mine[j]] - bins[mine[j - 1]] <= 2 * reach:
                j += 1
            end = bins[mine[j - 1]] + reach + 1
            if end - begin > len(wave):
                wave = np.zeros(2 * (end - begin))
            for m in range(i, j):
                at = bins[mine[m]] - begin - reach
                value = values[mine[m]]
                for k in range(2 * reach + 1):
                    wave[at + k] += value * kernel[k]
            i = j
            if n > capacity - 2000:
                capacity *= 2
                out_wire = _larger(out_wire, capacity)
                out_time = _larger(out_time, capacity)
                out_charge = _larger(out_charge, capacity)
            before = n
            n = _pulses(rng, wave, end - begin, threshold, response, out_time, out_charge, n)
            for m in range(before, n):
                out_wire[m] = w + low_wire
                out_time[m] += begin
            wave[: end - begin] = 0.0
    return out_wire[:n], out_time[:n], out_charge[:n]


@njit(cache=True)
def _larger(values: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    out = np.empty(size, values.dtype)
    out[: len(values)] = values
    return out


@njit(cache=True)
def _pulses(
    rng: np.random.Generator,
    wave: npt.NDArray[np.float64],
    length: int,
    threshold: float,
    response: WireResponse,
    out_time: npt.NDArray[np.float64],
    out_charge: npt.NDArray[np.float64],
    n: int,
) -> int:
    """Find the stretches above the noise and their hits; return the number of hits."""
    b = 0
    floor = response.floor * threshold
    while b < length:
        if wave[b] <= floor:
            b += 1
            continue
        begin = b
        highest = 0.0
        while b < length and wave[b] > floor:
            wave[b] += response.noise * rng.standard_normal()
            highest = max(highest, wave[b])
            b += 1
        if highest >= threshold * (1.0 + response.threshold_noise * rng.standard_normal()):
            pieces = _split(wave, begin, b, response.peak * threshold, response)
            first = 0
            for k in range(1, len(pieces) + 1):
                # Peaks whose pieces touch are fitted together.
                if k == len(pieces) or pieces[k, 0] > pieces[k - 1, 1]:
                    n = _emit(wave, pieces[first:k], response.most_peaks, out_time, out_charge, n)
                    first = k
    return n


@njit(cache=True)
def _split(
    wave: npt.NDArray[np.float64],
    begin: int,
    end: int,
    threshold: float,
    response: WireResponse,
) -> npt.NDArray[np.int64]:
    """Cut a pulse at its valleys; return start and stop of the pieces that reach the threshold."""
    pieces = np.empty((end - begin, 2), np.int64)
    n = 0
    start = begin
    peak = 0.0
    valley, valley_at = math.inf, begin
    for b in range(begin, end + 1):
        value = wave[b] if b < end else -1.0
        if value > peak and valley == math.inf:
            peak = value
            continue
        if value < valley:
            valley, valley_at = value, b
        deep = valley < response.valley * peak
        rises = value > valley / response.valley + 2.0 * response.noise
        if b == end or (deep and rises):
            cut = valley_at if b < end else end
            if peak >= threshold:
                pieces[n] = start, cut
                n += 1
            start = cut
            peak = value
            valley = math.inf
        elif value > peak:
            peak = value
            valley = math.inf
    return pieces[:n]


@njit(cache=True)
def _emit(
    wave: npt.NDArray[np.float64],
    pieces: npt.NDArray[np.int64],
    most: int,
    out_time: npt.NDArray[np.float64],
    out_charge: npt.NDArray[np.float64],
    n: int,
) -> int:
    """Write a hit for each piece of a pulse, but one in its middle if there are too many."""
    if n + len(pieces) > len(out_time):
        return n
    if len(pieces) > most:
        begin, end = pieces[0, 0], pieces[-1, 1]
        out_time[n] = 0.5 * (begin + end)
        out_charge[n] = LONG_HIT_SHARE * wave[begin:end].sum()
        return n + 1
    for j in range(len(pieces)):
        total, moment = 0.0, 0.0
        for b in range(pieces[j, 0], pieces[j, 1]):
            total += wave[b]
            moment += wave[b] * (b + 0.5)
        if total > 0.0:
            out_time[n] = moment / total
            out_charge[n] = total
            n += 1
    return n


@njit(cache=True)
def _first_row(occupied: npt.NDArray[np.bool_], charge: npt.NDArray[Any], size: int) -> int:
    """First row of the crop: where at most 4 of the next 20 rows are empty.

    Where no such place is, or too near to the end, the window that holds most charge.
    """
    n = len(occupied)
    for row in range(n - size):
        empty = 0
        for ahead in range(row + 1, row + 1 + EMPTY_AHEAD):
            if not occupied[ahead]:
                empty += 1
        if empty < MAX_EMPTY:
            return row
    window = charge[:size].sum()
    best, best_row = window, 0
    for row in range(1, n - size):
        window += charge[row + size - 1] - charge[row - 1]
        if window > best + 1e-6:
            best, best_row = window, row
    return best_row


def _crop(
    wire: npt.NDArray[np.int64],
    time: npt.NDArray[np.float64],
    charge: npt.NDArray[np.float64],
    backwards: bool,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int, float]:
    """Rows and columns of a view's hits (outside of the map where not within 0 to 499).

    Also returns the wire of row 0 and the time in columns of column 0.
    """
    height, width = DUNE_FD_HD.shape
    columns = time / BINS_PER_COLUMN
    # The mean lies in the middle of column 250.
    start = columns.mean() - width / 2 - 0.5
    column = np.floor(columns - start).astype(np.int64)
    near = (column >= 0) & (column < width)
    if not near.any():
        return np.full_like(wire, -1), column, 0, float(start)
    # The V wires of the detector are numbered upstream, and its map is turned round afterwards: it
    # is its downstream end that lies one wire from the map's edge.
    origin = wire[near].max() - (MAP_WIRES - 2) if backwards else wire[near].min() - 1
    place = wire - origin
    good = near & (place >= 0) & (place < MAP_WIRES)
    per_row = np.bincount(place[good], weights=charge[good], minlength=MAP_WIRES)
    first = _first_row(per_row > 0, per_row, height)
    row = place - first
    row[(row < 0) | (row >= height)] = -1
    return row, column, int(origin + first), float(start)


def read_out(
    rng: np.random.Generator,
    charge: npt.NDArray[np.float32],
    vertex: npt.NDArray[np.float64],
    response: WireResponse = RESPONSE,
    dead: float = 0.0,
) -> tuple[Hits, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Make the three pictures of an event.

    Parameters
    ----------
    rng : numpy.random.Generator
    charge : ndarray, shape (n, 10)
        Of `detector.drift`.
    vertex : ndarray, shape (3,)
        Where the interaction is, in cm.
    response : WireResponse
    dead : float
        Share of the wires that see nothing.

    Returns
    -------
    hits : Hits
        None at all where there are fewer than `MIN_HITS`.
    vertex : ndarray, shape (3, 2)
        Row and column of the interaction in each view; may lie outside of the picture.
    seen : ndarray, shape (n, 3)
        Counts that each piece of charge adds to each view; 0 outside of the picture.
    pixels : ndarray of int32, shape (n, 3, 2)
        Row and column where it arrives.
    """
    size = DUNE_FD_HD.shape[0]
    seen = np.zeros((len(charge), 3))
    pixels = np.full((len(charge), 3, 2), -1, np.int32)
    places = np.full((3, 2), np.nan)
    low = float(charge[:, [0, 3]].min()) - 2.0 if len(charge) else 0.0
    found = [_view_hits(rng, charge, view, low, response) for view in range(3)]
    masks = [alive(rng, wire, dead) for wire, _, _ in found]
    found = [(w[m], t[m], q[m]) for (w, t, q), m in zip(found, masks, strict=True)]
    parts = [(np.empty(0, np.int64), np.empty(0)) for _ in range(3)]
    if sum(len(wire) for wire, _, _ in found) < MIN_HITS:
        found = []
    for view, (wire, time, electrons) in enumerate(found):
        if not len(wire):
            continue
        count = response.count_induction if view < 2 else response.count_collection
        row, column, first, start = _crop(wire, time, electrons, backwards=view == 1)
        good = (row >= 0) & (column >= 0) & (column < size)
        flat, place = np.unique(row[good] * size + column[good], return_inverse=True)
        parts[view] = flat, np.bincount(place, weights=electrons[good], minlength=len(flat)) / count
        points = np.vstack([np.asarray(vertex)[None], 0.5 * (charge[:, :3] + charge[:, 3:6])])
        along, across = _coordinates(points, view, low)
        places[view] = along[0] - first, across[0] - start
        inside = (along[1:] >= first) & (along[1:] < first + size)
        inside &= (across[1:] >= start) & (across[1:] < start + size)
        seen[:, view] = charge[:, 6] / count * inside
        pixels[:, view] = np.floor(np.stack([along[1:] - first, across[1:] - start], axis=1))
    flat = np.concatenate([p[0] for p in parts])
    counts = np.concatenate([p[1] for p in parts])
    hits = Hits(
        np.repeat(np.arange(3, dtype=np.uint8), [len(p[0]) for p in parts]),
        (flat // size).astype(np.uint16),
        (flat % size).astype(np.uint16),
        np.clip(np.ceil(counts), 1, 255).astype(np.uint8),
    )
    return hits, places, seen, pixels


def _view_hits(
    rng: np.random.Generator,
    charge: npt.NDArray[np.float32],
    view: int,
    low: float,
    response: WireResponse,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Wire, time (bins from `low`) and electrons of the hits of a view."""
    wires, bins, values = _spread(charge, view, low)
    if not len(wires):
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    shaping, threshold = response.shaping_induction, response.threshold_induction
    if view == 2:
        shaping, threshold = response.shaping_collection, response.threshold_collection
    return _find_hits(rng, wires, bins, values, shaping / BIN, threshold, response)


def _coordinates(
    points: npt.NDArray[np.float64], view: int, low: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Wire and column, as fractions, of points in the detector; shape (n, 3) in cm."""
    x, y, z = points.T
    turn = (math.sin(ANGLE), -math.sin(ANGLE), 0.0)[view]
    along = z * (math.cos(ANGLE) if view < 2 else 1.0) + y * turn
    return along / PITCHES[view] + 1200.0, (x - low) / BIN / BINS_PER_COLUMN
