"""NuLens' own event files: sparse pictures, truth and provenance in HDF5 (see `hdf5_layout`)."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import Hits, Truth
from classifier.formats.hdf5_layout import (
    EVENT_TYPES,
    FORMAT,
    HIT_TYPES,
    LABELS,
    SOURCE,
    UNKNOWN,
    VERSION,
    dataset,
    geometry_from_json,
    text_attribute,
)
from classifier.formats.hdf5_writer import EventWriter, convert
from classifier.formats.truth_table import COUNTS, MODES, compact, truth_of_row
from nulens.errors import FormatError

__all__ = ["EventWriter", "NuLensHdf5Reader", "convert"]

_WINDOW = 256
_REMEDY = "Write it again with 'nulens convert' or 'nulens simulate', or fetch it again."


class NuLensHdf5Reader:
    """Events of a NuLens HDF5 file; only the table of events is read on opening.

    Attributes
    ----------
    provenance : dict
        How the file was made, as its writer told.

    Raises
    ------
    FormatError
        If the file is truncated, lacks groups, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = str(path)
        self._handle: h5py.File | None = None
        self._owner = 0
        self._window: tuple[int, pd.DataFrame | None] | None = None
        try:
            self._open()
        except FormatError:
            self._close()
            raise
        except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError):
            # What h5py raises on damaged metadata depends on where the damage lies.
            self._close()
            raise FormatError(path, "is a damaged HDF5 file", _REMEDY) from None

    def _open(self) -> None:
        path, file = self.path, self._file()
        if text_attribute(path, file, "format") != FORMAT:
            raise FormatError(path, "is an HDF5 file of some other kind", _REMEDY)
        version = file.attrs.get("version")
        if version != VERSION:
            raise FormatError(
                path,
                f"has format version {version}, and this NuLens reads version {VERSION}",
                "Install the NuLens that wrote it, or convert the events again.",
            )
        self.geometry = geometry_from_json(path, text_attribute(path, file, "geometry"))
        try:
            self.provenance: dict[str, Any] = dict(
                json.loads(text_attribute(path, file, "provenance"))
            )
        except (ValueError, TypeError, RecursionError):
            raise FormatError(path, "has a damaged provenance", _REMEDY) from None
        self._hits = {name: dataset(path, file, f"hits/{name}") for name in HIT_TYPES}
        self._check_shapes()

    @cached_property
    def _events(self) -> dict[str, npt.NDArray[Any]]:
        """The columns of /events, as stored."""
        return {name: self._read(f"events/{name}") for name in ("id", *EVENT_TYPES)}

    @cached_property
    def _first_hit(self) -> npt.NDArray[np.int64]:
        return _offsets(self._events["n_hits"])

    @cached_property
    def _first_particle(self) -> npt.NDArray[np.int64]:
        return _offsets(self._events["n_particles"])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an event; see `classifier.events.Reader`."""
        events = self._events
        columns: dict[str, Any] = {
            "id": pd.Series(events["id"], dtype=object),
            "truth": pd.Series(_words(events["label"], LABELS), dtype=object),
            "energy": compact(events["energy"]),
            "lepton_energy": compact(events["lepton_energy"]),
            "mode": pd.Series(_words(events["mode"], MODES), dtype=object),
            "nu_pdg": _known(events["nu_pdg"], events["nu_pdg"] != 0),
            **{name: _known(events[name], events[name] >= 0) for name in COUNTS},
        }
        return pd.DataFrame(columns)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the table and the Adler-32 that ends each chunk of the pictures."""
        digest = hashlib.sha256(FORMAT.encode())
        for name in ("id", *EVENT_TYPES):
            values = self._events[name]
            if values.dtype == object:
                digest.update("\0".join(values).encode())
            else:
                digest.update(np.ascontiguousarray(values).tobytes())
        with self.path.open("rb") as stream:
            for hits in self._hits.values():
                ends: list[tuple[int, int]] = []
                hits.id.chunk_iter(lambda c, ends=ends: ends.append((c.byte_offset, c.size)))
                for offset, size in sorted(ends):
                    digest.update(os.pread(stream.fileno(), 4, offset + size - 4))
        return digest.hexdigest()

    def read_hits(self, index: int) -> Hits:
        """Read the pixels of one event; raise FormatError if they are damaged."""
        start, stop = int(self._first_hit[index]), int(self._first_hit[index + 1])
        self._file()
        try:
            view, row, column, value = (self._hits[name][start:stop] for name in HIT_TYPES)
        except (OSError, RuntimeError):
            raise FormatError(self.path, f"is damaged at event {index}", _REMEDY) from None
        height, width = self.geometry.shape
        outside = (view >= self.geometry.n_views) | (row >= height) | (column >= width)
        if outside.any():
            raise FormatError(self.path, f"has pixels outside the views in event {index}", _REMEDY)
        return Hits(view, row, column, value)

    def read_sources(self, index: int) -> npt.NDArray[np.uint8] | None:
        """Return what left each hit of one event (see `Truth.sources`), if the file knows."""
        if SOURCE not in self._file():
            return None
        rows = slice(int(self._first_hit[index]), int(self._first_hit[index + 1]))
        sources = self._read(SOURCE, rows)
        if len(sources) != rows.stop - rows.start or sources.dtype != np.uint8:
            raise FormatError(self.path, f"is damaged in '/{SOURCE}'", _REMEDY)
        return sources

    def read_truth(self, index: int) -> Truth | None:
        """Return the truth of one event with its vertex and particles, or None."""
        truth = truth_of_row(self.table.iloc[index])
        if truth is None:
            return None
        vertex = self._vertices[index].astype(np.float64)
        fields = {**vars(truth), "vertex": None if np.isnan(vertex).all() else vertex}
        return Truth(
            **{**fields, "particles": self._particles(index), "sources": self.read_sources(index)}
        )

    @cached_property
    def _vertices(self) -> npt.NDArray[np.float32]:
        return self._read("events/vertex")

    def _particles(self, index: int) -> pd.DataFrame | None:
        """Return one event's particles, out of a window of events that is read at once."""
        window = index // _WINDOW
        if self._window is None or self._window[0] != window:
            self._window = (window, self._particle_window(window * _WINDOW))
        first, table = self._first_particle, self._window[1]
        if table is None:
            return None
        start = first[window * _WINDOW]
        rows = table.iloc[first[index] - start : first[index + 1] - start]
        return rows.reset_index(drop=True)

    def _particle_window(self, index: int) -> pd.DataFrame | None:
        file = self._file()
        names = file.attrs.get("particle_columns")
        if names is None:
            return None
        last = min(index + _WINDOW, len(self._first_particle) - 1)
        rows = slice(int(self._first_particle[index]), int(self._first_particle[last]))
        columns: dict[str, Any] = {}
        for name in map(str, np.atleast_1d(names)):
            values = self._read(f"particles/{name}", rows)
            item = dataset(self.path, file, f"particles/{name}")
            if "categories" in item.attrs:
                try:
                    words = json.loads(text_attribute(self.path, item, "categories"))
                    values = _words(values, tuple(str(word) for word in words))
                except (ValueError, TypeError, RecursionError):
                    raise FormatError(self.path, f"is damaged in '/particles/{name}'") from None
            columns[name] = values
        return pd.DataFrame(columns)

    def _file(self) -> h5py.File:
        """Return the open file; no handle crosses a fork, where its state would be shared."""
        if self._handle is None or self._owner != os.getpid():
            try:
                self._handle = h5py.File(self.path, "r")
            except PermissionError:
                raise FormatError(
                    self.path, "may not be read by this user", "Ask for read permission."
                ) from None
            except OSError:
                raise FormatError(
                    self.path, "is a truncated or damaged HDF5 file", _REMEDY
                ) from None
            if self._owner:
                self._hits = {n: dataset(self.path, self._handle, f"hits/{n}") for n in HIT_TYPES}
            self._owner = os.getpid()
        return self._handle

    def _read(self, name: str, rows: slice = slice(None)) -> npt.NDArray[Any]:
        item = dataset(self.path, self._file(), name)
        try:
            if h5py.check_string_dtype(item.dtype):
                return np.asarray(item.asstr()[rows], dtype=object)
            return np.asarray(item[rows])
        except (OSError, RuntimeError, UnicodeDecodeError):
            raise FormatError(self.path, f"is damaged in '/{name}'", _REMEDY) from None

    def _check_shapes(self) -> None:
        """Refuse a file whose parts do not fit together, before anything large is read."""
        file = self._file()
        ids = dataset(self.path, file, "events/id")
        n = ids.shape[0] if ids.ndim == 1 else -1
        # An id takes 16 bytes in the file; a header that claims more events than fit is damaged.
        fits = 0 <= n <= self.path.stat().st_size // 16
        for name in EVENT_TYPES:
            fits &= dataset(self.path, file, f"events/{name}").shape == (n,)
        vertex = dataset(self.path, file, "events/vertex")
        fits &= vertex.shape == (n, self.geometry.n_views, 2)
        if not fits or not h5py.check_string_dtype(ids.dtype):
            raise FormatError(self.path, "has a damaged table of events", _REMEDY)
        height, width = self.geometry.shape
        most = self.geometry.n_views * height * width
        counts = self._events["n_hits"]
        total = int(self._first_hit[-1])
        shapes = {item.shape for item in self._hits.values()}
        if shapes != {(total,)} or (n and int(counts.max()) > most):
            raise FormatError(self.path, "has pictures that do not fit its table", _REMEDY)
        if self._hits["value"].dtype not in (np.dtype("u1"), np.dtype("f4")):
            raise FormatError(self.path, "has pixel values that are neither u1 nor f4", _REMEDY)

    def _close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    def __getstate__(self) -> dict[str, Any]:
        # Open HDF5 objects cannot travel to another process; the path can.
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]


def _offsets(counts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _words(codes: npt.NDArray[Any], words: tuple[str, ...]) -> npt.NDArray[np.object_]:
    """Turn codes into words; an unknown code becomes None."""
    known = np.array([*words, None], dtype=object)
    valid = (codes >= 0) & (codes < len(words))
    return known[np.where(valid, codes, UNKNOWN).astype(np.int64)]


def _known(values: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Whole numbers, with NaN for the unknown ones."""
    return compact(values) if known.all() else np.where(known, values, np.nan)
