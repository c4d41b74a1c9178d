"""Joining finished blocks of events into one NuLens HDF5 file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from classifier.events import Geometry
from classifier.formats.hdf5_layout import (
    EVENT_TYPES,
    FORMAT,
    HIT_TYPES,
    SOURCE,
    TEXT,
    VERSION,
    as_json,
    compression,
    geometry_to_json,
)
from nulens.errors import NuLensError

_CHUNK = 65536
_Layout = dict[str, tuple[Any, tuple[int, ...]]]


def join_blocks(
    blocks: Sequence[Path], geometry: Geometry, provenance: dict[str, Any], path: Path
) -> None:
    """Write the events of all blocks, in their order, to one file.

    Raises
    ------
    NuLensError
        If some events have other particle columns than the rest.
    """
    layout = _layout(blocks, geometry)
    words = _words(blocks, layout)
    with h5py.File(path, "w", libver=("earliest", "v110")) as out:
        out.attrs["format"] = FORMAT
        out.attrs["version"] = VERSION
        out.attrs["geometry"] = geometry_to_json(geometry)
        out.attrs["provenance"] = as_json(provenance)
        for name, (kind, shape) in layout.items():
            out.create_dataset(
                name,
                shape=(0, *shape),
                maxshape=(None, *shape),
                dtype=kind,
                chunks=(max(1, _chunk(kind) // int(np.prod(shape, dtype=int))), *shape),
                **compression(kind, "gzip"),
            )
        columns = [n.removeprefix("particles/") for n in layout if n.startswith("particles/")]
        if columns:
            out.attrs.create("particle_columns", columns, dtype=TEXT)
        for block in blocks:
            with h5py.File(block, "r") as file:
                _append(out, file, layout, words)
        for name, known in words.items():
            out[name].attrs["categories"] = json.dumps(list(known))


def _chunk(kind: Any) -> int:
    # References to text are not compressed, so that a chunk is as large as its space.
    return _CHUNK // 16 if h5py.check_string_dtype(kind) else _CHUNK


def _layout(blocks: Sequence[Path], geometry: Geometry) -> _Layout:
    """Find each data set's type and its shape beyond the first axis, wide enough for all blocks."""
    layout: _Layout = {
        **{f"hits/{name}": (np.dtype(kind), ()) for name, kind in HIT_TYPES.items()},
        "events/id": (TEXT, ()),
        **{f"events/{name}": (np.dtype(kind), ()) for name, kind in EVENT_TYPES.items()},
        "events/vertex": (np.dtype("f4"), (geometry.n_views, 2)),
    }
    texts: set[str] = set()
    for block in blocks:
        with h5py.File(block, "r") as file:
            if file["hits/value"].dtype == np.float32:
                layout["hits/value"] = (np.dtype("f4"), ())
            if SOURCE in file:
                layout[SOURCE] = (np.dtype("u1"), ())
            # Blocks list their columns in the order of the particle table.
            for name, item in file["particles"].items():
                key = f"particles/{name}"
                if h5py.check_string_dtype(item.dtype):
                    texts.add(key)
                if key in texts:
                    layout[key] = (np.dtype("i4"), ())
                else:
                    layout[key] = (np.result_type(item.dtype, *_known(layout, key)), ())
    return layout


def _known(layout: _Layout, key: str) -> tuple[np.dtype[Any], ...]:
    return (layout[key][0],) if key in layout else ()


def _words(blocks: Sequence[Path], layout: _Layout) -> dict[str, dict[str, int]]:
    """Give each word of the particle columns that have words its code."""
    particles = [name for name in layout if name.startswith("particles/")]
    words: dict[str, dict[str, int]] = {}
    for block in blocks:
        with h5py.File(block, "r") as file:
            for name in particles:
                if name in file and h5py.check_string_dtype(file[name].dtype):
                    known = words.setdefault(name, {})
                    for word in np.unique(file[name].asstr()[:]):
                        known.setdefault(str(word), len(known))
    return words


def _append(
    out: h5py.File, block: h5py.File, layout: _Layout, words: dict[str, dict[str, int]]
) -> None:
    n_particles = int(block["events/n_particles"][:].sum())
    for name in layout:
        if name == SOURCE and name not in block:
            start = out[name].shape[0]
            out[name].resize(start + block["hits/view"].shape[0], axis=0)  # filled with 0: unknown
            continue
        if name not in block:
            if n_particles:
                raise NuLensError(
                    f"Some events have no particle column '{name.removeprefix('particles/')}'.",
                    "Give all particle tables the same columns.",
                )
            continue
        item = block[name]
        values = item.asstr()[:] if h5py.check_string_dtype(item.dtype) else item[:]
        if name in words:
            known = words[name]
            codes = [known.setdefault(str(word), len(known)) for word in values]
            values = np.array(codes, dtype=np.int32)
        target = out[name]
        start = target.shape[0]
        target.resize(start + len(values), axis=0)
        target[start:] = values
