"""Writing NuLens HDF5 files: nothing half written, and nothing lost when a run is cut short.

Finished blocks of events lie as small files in ``PATH.part/`` and become ``PATH`` at the end, in
one rename. A killed run leaves the blocks, and `EventWriter.resume` goes on after the last one;
`open_events` opens that folder as it is, too.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import EventSet, Geometry, Hits, Truth
from classifier.formats.hdf5_join import join_blocks
from classifier.formats.hdf5_layout import (
    EVENT_TYPES,
    FORMAT,
    HIT_TYPES,
    LABEL_CODES,
    MODE_CODES,
    SOURCE,
    TEXT,
    UNKNOWN,
    VERSION,
    as_json,
    compression,
    geometry_from_json,
    geometry_to_json,
)
from classifier.formats.truth_table import COUNTS
from nulens.errors import FormatError, NuLensError

_BLOCK_EVENTS = 200
_OVERHEAD = 2**17
"""Bytes that a file of a few events takes beyond its blocks."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_Arrays = dict[str, npt.NDArray[Any]]


class EventWriter:
    """Write events to a NuLens HDF5 file; a context manager.

    Left without an error, the file is completed and put in its place; left with one (or killed),
    the finished blocks stay in ``PATH.part`` for `resume`.

    Parameters
    ----------
    path : path-like
        The file to write.
    geometry : Geometry
        The views of all its events.
    provenance : dict
        How the events were made (command, seed, versions): kept in the file as JSON.
    overwrite : bool
        Replace a file, or the blocks of an interrupted run, that are there already.

    Raises
    ------
    NuLensError
        If the file exists, the disk is full, or the folder is not writable.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        geometry: Geometry,
        provenance: dict[str, Any],
        overwrite: bool = False,
    ) -> None:
        self.path = Path(path)
        self.geometry = geometry
        self.provenance: dict[str, Any] = json.loads(as_json(provenance))
        self._parts = _parts_folder(self.path)
        if not overwrite:
            if self.path.exists():
                raise FormatError(
                    self.path, "exists already", "Name another file, or overwrite it (--overwrite)."
                )
            if self._parts.exists():
                raise FormatError(
                    self._parts,
                    "holds an interrupted run",
                    "Resume it, or overwrite it to start again.",
                )
        with self._disk():
            shutil.rmtree(self._parts, ignore_errors=True)
            self._parts.mkdir(parents=True)
            header = {"geometry": geometry_to_json(geometry), "provenance": self.provenance}
            _write_atomically(self._parts / "header.json", lambda p: p.write_text(as_json(header)))
        self._start()

    @classmethod
    def resume(cls, path: str | PathLike[str]) -> EventWriter:
        """Go on after an interrupted run; ``len()`` of the writer is the number of events kept.

        Raises
        ------
        NuLensError
            If there is no interrupted run at `path`.
        """
        writer = cls.__new__(cls)
        writer.path = Path(path)
        writer._parts = _parts_folder(writer.path)
        header = writer._parts / "header.json"
        try:
            raw = json.loads(header.read_text())
            writer.geometry = geometry_from_json(header, raw["geometry"])
            writer.provenance = raw["provenance"]
        except (OSError, ValueError, KeyError, TypeError):
            raise FormatError(
                writer.path, "has no interrupted run to resume", "Start it afresh."
            ) from None
        for leftover in writer._parts.glob("*.tmp"):
            leftover.unlink()
        writer._start()
        return writer

    @staticmethod
    def interrupted(path: str | PathLike[str]) -> bool:
        """Tell whether an interrupted run can be resumed at `path`."""
        return (_parts_folder(Path(path)) / "header.json").is_file()

    def _start(self) -> None:
        self._blocks = sorted(self._parts.glob("block-*.h5"))
        self.ids: set[str] = set()
        for block in self._blocks:
            with h5py.File(block, "r") as file:
                self.ids.update(file["events/id"].asstr()[:])
        self._clear()

    def _clear(self) -> None:
        self._hits: list[Hits] = []
        self._sources: list[npt.NDArray[np.uint8] | None] = []
        self._events: list[tuple[Any, ...]] = []
        self._vertices: list[npt.NDArray[np.float64]] = []
        self._particles: list[pd.DataFrame | None] = []

    def __len__(self) -> int:
        return len(self.ids)

    def write(self, id: str, hits: Hits, truth: Truth | None) -> None:
        """Add one event.

        Raises
        ------
        NuLensError
            If the id is taken, a pixel lies outside the views or occurs twice, or the disk is full.
        """
        if id in self.ids:
            raise NuLensError(f"The event id '{id}' occurs twice.", "Give each event its own id.")
        hits, order = self._checked(id, hits)
        sources = truth.sources if truth is not None else None
        if sources is not None and len(sources) != len(hits):
            raise NuLensError(
                f"Event '{id}' has {len(sources)} sources for {len(hits)} hits.",
                "Give one source a hit, or none at all.",
            )
        particles = truth.particles if truth is not None else None
        n_particles = 0 if particles is None else len(particles)
        blank = np.full((self.geometry.n_views, 2), np.nan)
        if truth is None:
            row = (id, len(hits), n_particles, UNKNOWN, np.nan, np.nan, UNKNOWN, 0, *[UNKNOWN] * 4)
        else:
            row = (
                id,
                len(hits),
                n_particles,
                LABEL_CODES[truth.label],
                truth.energy,
                truth.lepton_energy,
                UNKNOWN if truth.mode is None else MODE_CODES[truth.mode],
                truth.nu_pdg or 0,
                *(getattr(truth, name) for name in COUNTS),
            )
            if truth.vertex is not None:
                blank = np.asarray(truth.vertex, dtype=np.float64).reshape(blank.shape)
        self._hits.append(hits)
        self._sources.append(None if sources is None else np.asarray(sources, np.uint8)[order])
        self._events.append(row)
        self._vertices.append(blank)
        self._particles.append(particles if n_particles else None)
        self.ids.add(id)
        if len(self._events) >= _BLOCK_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Put the events so far on disk, where a kill cannot reach them.

        Raises
        ------
        NuLensError
            If the disk is full; as many of the events as fit are then kept.
        """
        if not self._events:
            return
        block = self._parts / f"block-{len(self._blocks):06d}.h5"
        count = len(self._events)
        with self._disk():
            while True:
                image = self._image(count)
                try:
                    _write_atomically(block, partial(_write_bytes, image))
                    break
                except OSError as error:
                    if count == 1 or error.errno not in _FULL:
                        raise
                    count //= 2
            self._blocks.append(block)
            if count < len(self._events):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._clear()

    def _image(self, count: int) -> bytes:
        """Return the first `count` events as an HDF5 file.

        It is made in memory: HDF5 cannot close a file that the disk refused to take.
        """
        columns = dict(
            zip(("id", *EVENT_TYPES), zip(*self._events[:count], strict=True), strict=True)
        )
        hits, sources = self._hits[:count], self._sources[:count]
        arrays: _Arrays = {
            f"hits/{name}": np.concatenate([getattr(h, name) for h in hits]) for name in HIT_TYPES
        }
        if any(s is not None for s in sources):
            arrays[SOURCE] = np.concatenate(
                [
                    np.zeros(len(h), np.uint8) if s is None else s
                    for h, s in zip(hits, sources, strict=True)
                ]
            )
        arrays |= {f"events/{n}": np.array(columns[n], dtype=t) for n, t in EVENT_TYPES.items()}
        arrays["events/id"] = np.array(columns["id"], dtype=object)
        arrays["events/vertex"] = np.stack(self._vertices[:count]).astype(np.float32)
        names: list[str] = []
        tables = [table for table in self._particles[:count] if table is not None]
        if tables:
            particles = pd.concat(tables, ignore_index=True)
            names = [str(name) for name in particles]
            arrays |= {f"particles/{name}": _storable(particles[name]) for name in names}
        with h5py.File(f"{self.path}.block", "w", driver="core", backing_store=False) as file:
            file.attrs["format"] = FORMAT
            file.attrs["version"] = VERSION
            file.attrs["geometry"] = geometry_to_json(self.geometry)
            file.attrs["provenance"] = as_json(self.provenance)
            if names:
                file.attrs.create("particle_columns", names, dtype=TEXT)
            file.create_group("particles", track_order=True)
            for name, values in arrays.items():
                kind = TEXT if values.dtype == object else values.dtype
                file.create_dataset(name, data=values, dtype=kind, **compression(kind, "lzf"))
            file.flush()
            return bytes(file.id.get_file_image())

    def close(self) -> None:
        """Join the blocks into the file and put it in its place."""
        self.flush()

        def join(path: Path) -> None:
            _reserve(path, _OVERHEAD + sum(block.stat().st_size for block in self._blocks))
            join_blocks(self._blocks, self.geometry, self.provenance, path)

        with self._disk():
            _write_atomically(self.path, join)
            shutil.rmtree(self._parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        elif not (isinstance(error, NuLensError) and self._full):
            self.flush()

    def _checked(self, id: str, hits: Hits) -> tuple[Hits, npt.NDArray[np.int64] | slice]:
        """Sorted hits of the stored types, inside the views, each pixel once; and their order."""
        order: npt.NDArray[np.int64] | slice = slice(None)
        height, width = self.geometry.shape
        view, row, column = (np.asarray(getattr(hits, n)) for n in ("view", "row", "column"))
        value = np.asarray(hits.value)
        if len(value):
            inside = (view < self.geometry.n_views) & (row < height) & (column < width)
            inside &= (view >= 0) & (row >= 0) & (column >= 0)
            if not inside.all():
                raise NuLensError(f"Event '{id}' has pixels outside its views.", "Crop it first.")
            key = (view.astype(np.int64) * height + row) * width + column
            step = np.diff(key)
            if (step <= 0).any():
                order = np.argsort(key, kind="stable")
                if (np.diff(key[order]) == 0).any():
                    raise NuLensError(f"Event '{id}' has a pixel twice.", "Add them up first.")
                view, row, column, value = (a[order] for a in (view, row, column, value))
        stored = Hits(
            view.astype(np.uint8),
            row.astype(np.uint16),
            column.astype(np.uint16),
            value if value.dtype == np.uint8 else value.astype(np.float32),
        )
        return stored, order

    _full = False

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the file system refuses into an error that a user can act on."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                self._full = True
                raise NuLensError(
                    f"The disk of {self.path} is full, or a limit on the size of files is reached.",
                    f"Make room and start again: it goes on from what is finished, which lies in"
                    f" {self._parts} and can be opened.",
                ) from None
            reason = error.strerror or "the file could not be written"
            raise FormatError(
                self.path, f"cannot be written ({reason})", "Name a folder that you may write to."
            ) from None


def convert(
    events: EventSet,
    path: str | PathLike[str],
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write events to a NuLens HDF5 file with their ids, truth and provenance.

    An interrupted conversion of the same events goes on where it stopped.

    Raises
    ------
    NuLensError
        If the file exists, an event is damaged, or the disk is full.
    """
    provenance = {
        **getattr(events.reader, "provenance", {}),
        "converted_from": Path(events.source).name,
        "source_fingerprint": events.reader.fingerprint,
    }
    writer = None
    if EventWriter.interrupted(path) and (overwrite or not Path(path).exists()):
        writer = EventWriter.resume(path)
        if writer.provenance != json.loads(as_json(provenance)):
            writer = None
    if writer is None:
        stale = EventWriter.interrupted(path) and not Path(path).exists()
        writer = EventWriter(path, events.geometry, provenance, overwrite=overwrite or stale)
    with writer:
        for done, event in enumerate(events, start=1):
            if event.id not in writer.ids:
                writer.write(event.id, event.hits, event.truth)
            if progress is not None:
                progress(done, len(events))


def _parts_folder(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _reserve(path: Path, size: int) -> None:
    """Raise OSError if there is no room for a file of this size.

    HDF5 cannot close a file that did not fit, and ends the process.
    """
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate") and size:
            os.posix_fallocate(file.fileno(), 0, size)


def _write_atomically(path: Path, save: Callable[[Path], Any]) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        save(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _storable(column: pd.Series) -> npt.NDArray[Any]:
    """Numbers as they are, anything else as text."""
    values = column.to_numpy()
    if values.dtype.kind in "iufb":
        return values
    return np.array([str(value) for value in values], dtype=object)
