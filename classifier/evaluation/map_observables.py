"""Numbers that describe a pixel map as a whole, to compare simulated with real ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classifier.events import Geometry, Hits

OBSERVABLES: dict[str, str] = {
    "hits": "pixels that are not zero",
    "charge": "sum of their values",
    "charge_per_hit": "their mean value",
    "extent_along": "rows between the 5th and the 95th percentile of hits",
    "extent_across": "columns between the 5th and the 95th percentile of hits",
    "patches": "16 x 16 patches with a hit",
    "vertex_activity": "charge in the first 16 rows from the first hit",
}
"""What is compared with a target, by view."""
TEXTURE: dict[str, str] = {
    "saturated": "share of pixels at 255",
    "faint": "share of pixels below 15",
    "single_in_time": "share of hits without a neighbour along time",
    "next_but_one": "share of hits with one at two columns' distance",
    "single_on_wires": "share of hits without a neighbour on the next wires",
}
"""What the two-sample test sees besides."""


def observe(hits: Hits, geometry: Geometry) -> dict[str, float]:
    """Return `OBSERVABLES` and `TEXTURE` of each view, as ``<name>_<view>``."""
    out: dict[str, float] = {}
    for number, view in enumerate(geometry.views):
        mine = hits.view == number
        values = _view(
            hits.row[mine].astype(np.int64),
            hits.column[mine].astype(np.int64),
            hits.value[mine].astype(np.float64),
            geometry,
        )
        names = (*OBSERVABLES, *TEXTURE)
        out |= {f"{name}_{view.name}": x for name, x in zip(names, values, strict=True)}
    return out


def _view(
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    geometry: Geometry,
) -> list[float]:
    if not len(row):
        return [0.0] * (len(OBSERVABLES) + len(TEXTURE))
    low_row, high_row = np.percentile(row, [5, 95])
    low_column, high_column = np.percentile(column, [5, 95])
    patches = np.unique(row // 16 * 1000 + column // 16)
    start = value[row <= row.min() + 15].sum()
    filled = np.zeros((geometry.shape[0] + 4, geometry.shape[1] + 4), dtype=bool)
    r, c = row + 2, column + 2
    filled[r, c] = True
    return [
        float(len(row)),
        float(value.sum()),
        float(value.mean()),
        float(high_row - low_row),
        float(high_column - low_column),
        float(len(patches)),
        float(start),
        float(np.mean(value >= geometry.saturation)),
        float(np.mean(value < 15)),
        float(np.mean(~(filled[r, c - 1] | filled[r, c + 1]))),
        float(np.mean(filled[r, c - 2] | filled[r, c + 2])),
        float(np.mean(~_near(filled, r, c))),
    ]


def _near(
    filled: npt.NDArray[np.bool_], r: npt.NDArray[np.int64], c: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether a hit lies within one column on the wire before or after."""
    found = np.zeros(len(r), dtype=bool)
    for wire in (-1, 1):
        for shift in (-1, 0, 1):
            found |= filled[r + wire, c + shift]
    return found
