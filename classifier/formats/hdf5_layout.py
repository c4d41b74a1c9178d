"""What a NuLens HDF5 file holds; shared by its reader and its writer.

::

    attributes   format = "nulens-events", version = 1, geometry, provenance (both JSON)
    /hits        view u1, row u2, column u2, value u1 or f4: the pixels that are not zero, event
                 after event, each event sorted by view, row, column; optional: source u1, what
                 left most of the charge (`classifier.events.SOURCES`)
    /events      id, n_hits, n_particles, label, energy, lepton_energy, mode, nu_pdg, protons,
                 charged_pions, neutral_pions, neutrons, vertex (n, n_views, 2)
    /particles   optional: any columns of numbers, or words as whole-number codes whose attribute
                 ``categories`` (JSON) lists them

Events keep counts (``n_hits``), not offsets, so that joining files is appending arrays: offsets
that were right before a concatenation are wrong after it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from classifier.events import EventClass, Geometry, View
from classifier.formats.truth_table import COUNTS, MODES
from nulens.errors import FormatError

FORMAT = "nulens-events"
VERSION = 1
LABELS: tuple[str, ...] = tuple(label.value for label in EventClass)
UNKNOWN = -1
"""Code of an unknown label, mode or count; an unknown PDG code is 0."""

HIT_TYPES: dict[str, str] = {"view": "u1", "row": "u2", "column": "u2", "value": "u1"}
SOURCE = "hits/source"
EVENT_TYPES: dict[str, str] = {
    "n_hits": "u4",
    "n_particles": "u4",
    "label": "i1",
    "energy": "f8",
    "lepton_energy": "f8",
    "mode": "i1",
    "nu_pdg": "i4",
    **dict.fromkeys(COUNTS, "i2"),
}
TEXT = h5py.string_dtype()
MODE_CODES = {mode: code for code, mode in enumerate(MODES)}
LABEL_CODES = {label: code for code, label in enumerate(LABELS)}

# A detector picture far larger than any in use; a header that claims more is damaged or hostile.
_MAX_PIXELS = 2**28


def geometry_to_json(geometry: Geometry) -> str:
    """Serialise a geometry, so that files of any detector can be opened anywhere."""
    return json.dumps(dataclasses.asdict(geometry))


def geometry_from_json(path: Path, text: str) -> Geometry:
    """Read a geometry back; raise FormatError if it is damaged."""
    try:
        raw = json.loads(text)
        views = tuple(
            View(
                str(v["name"]),
                str(v["row_axis"]),
                str(v["column_axis"]),
                float(v["row_pitch_cm"]),
                float(v["column_pitch_cm"]),
            )
            for v in raw["views"]
        )
        height, width = (int(n) for n in raw["shape"])
        vertex = raw["vertex"]
        geometry = Geometry(
            name=str(raw["name"]),
            views=views,
            shape=(height, width),
            beam_axis=int(raw["beam_axis"]),
            saturation=float(raw["saturation"]),
            vertex=None if vertex is None else (float(vertex[0]), float(vertex[1])),
        )
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise FormatError(path, "has a damaged description of its views") from None
    sane = (
        0 < len(views) <= 255
        and 0 < height <= 65536
        and 0 < width <= 65536
        and len(views) * height * width <= _MAX_PIXELS
        and geometry.beam_axis in (0, 1)
        and all(v.row_pitch_cm > 0 and v.column_pitch_cm > 0 for v in views)
    )
    if not sane:
        raise FormatError(path, "describes views that no detector has")
    return geometry


def dataset(path: Path, file: h5py.File, name: str) -> h5py.Dataset:
    """Return a dataset stored in this very file.

    HDF5 links can lead into other files, which the user did not open; those are refused.
    """
    group: Any = file
    for part in name.split("/"):
        if not isinstance(group, h5py.Group) or part not in group:
            raise FormatError(
                path,
                f"is an HDF5 file without '/{name}', which NuLens event files have",
                "Open a file that 'nulens convert' or 'nulens simulate' wrote.",
            )
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise FormatError(path, f"keeps '/{name}' outside of itself, which is not allowed")
        group = group[part]
    if not isinstance(group, h5py.Dataset):
        raise FormatError(path, f"has a group where the data set '/{name}' should be")
    if group.external is not None or group.is_virtual:
        raise FormatError(path, f"keeps '/{name}' outside of itself, which is not allowed")
    return group


def text_attribute(path: Path, item: h5py.File | h5py.Dataset, name: str) -> str:
    """Return an attribute that must be text."""
    value = item.attrs.get(name)
    if not isinstance(value, str):
        raise FormatError(
            path,
            f"is an HDF5 file without the attribute '{name}', which NuLens event files have",
            "Open a file that 'nulens convert' or 'nulens simulate' wrote.",
        )
    return value


def as_json(value: Any) -> str:
    """Serialise provenance; NumPy scalars and arrays and paths become plain values."""

    def plain(item: Any) -> Any:
        if isinstance(item, (np.generic, np.ndarray)):
            return item.tolist()
        return str(item)

    return json.dumps(value, default=plain, sort_keys=True)


def compression(kind: Any, name: str) -> dict[str, Any]:
    """Arguments of `h5py.Group.create_dataset` that compress a data set of this type."""
    # HDF5 would compress the references of variable-length text, not the text.
    if h5py.check_string_dtype(kind):
        return {}
    return {"compression": name, "shuffle": True}
