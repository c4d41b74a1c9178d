"""Folders of DUNE CVN pixel maps, as released with Phys. Rev. D 102, 092003 (2020).

``eventN.gz`` is a zlib stream (not gzip) of uint8 in C order, (view, wire, time) = (3, 500, 500).
Truth is either ``eventN.info`` beside the map or ``labels.csv`` in its folder, joined by number.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from classifier.events import DUNE_FD_HD, EventClass, Hits, Truth
from classifier.formats.truth_table import truth_of_row, truth_table
from nulens.errors import FormatError

_MAP_NAME = re.compile(r"event(\d+)\.gz", re.ASCII)
_MAP_BYTES = DUNE_FD_HD.n_views * DUNE_FD_HD.shape[0] * DUNE_FD_HD.shape[1]
# Deflate never makes data longer than this (zlib's compressBound), so a longer file is no map.
_MAX_FILE_BYTES = _MAP_BYTES + _MAP_BYTES // 1000 + 64
_MAX_INFO_BYTES = 4096

# Interaction codes of LArSoft's lcvn::Interaction; 12 (scattering on electrons) and 15 (other) are
# neither a class nor a background that NuLens knows, so their truth stays unknown.
_FLAVOURS = (EventClass.NUMU_CC, EventClass.NUE_CC, EventClass.NUTAU_CC)
_FLAVOUR_PDG = (14, 12, 16)
_MODES = ("qe", "res", "dis", "other")
_NC, _COSMIC, _UNLABELLED = 13, 14, (12, 15)


@dataclass(frozen=True)
class _MapFile:
    """One map: its id (relative path without suffix), its number in the folder, where it lies."""

    id: str
    folder: tuple[str, ...]
    number: int
    path: Path


class DuneCvnReader:
    """Events of a folder of DUNE CVN maps, ordered by class folder, then by event number.

    Parameters
    ----------
    path : Path
        A folder, searched recursively, or one ``eventN.gz``.

    Raises
    ------
    FormatError
        If there is no map, or a truth file is damaged.
    """

    geometry = DUNE_FD_HD

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._root = path if path.is_dir() else path.parent
        self._files = sorted(_find_maps(path), key=lambda f: (f.folder, f.number, f.id))
        if not self._files:
            remedy = "Name a folder that has eventN.gz files in it or below it."
            if own := next(iter(sorted(path.glob("*.h5"))), None):
                remedy = f"Open one of its HDF5 files by its own path, such as {own}."
            raise FormatError(path, "holds no DUNE CVN map", remedy)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an event, with the reconstructed energies where there are any."""
        csv_truth: dict[Path, dict[int, dict[str, Any]]] = {}
        rows = []
        for file in self._files:
            info, folder = file.path.with_suffix(".info"), file.path.parent
            row: dict[str, Any] = {}
            if info.is_file():
                row = _read_info(info)
            else:
                if folder not in csv_truth:
                    csv_truth[folder] = _read_labels(folder / "labels.csv")
                row = csv_truth[folder].get(file.number, {})
            rows.append({"id": file.id, **row})
        return truth_table(rows)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over each map's name, size and Adler-32 (its last four bytes), and the truth."""
        digest = hashlib.sha256(b"dune-cvn")
        for file in self._files:
            try:
                with file.path.open("rb") as stream:
                    size = stream.seek(0, os.SEEK_END)
                    stream.seek(max(size - 4, 0))
                    digest.update(f"{file.id}\0{size}\0".encode() + stream.read(4))
            except OSError as error:
                raise _unreadable(file.path, error) from None
        hashed = pd.util.hash_pandas_object(self.table, index=False)
        digest.update(hashed.to_numpy().tobytes())
        return digest.hexdigest()

    def read_hits(self, index: int) -> Hits:
        """Inflate one map; raise FormatError if it is damaged or of another size."""
        path = self._files[index].path
        try:
            with path.open("rb") as stream:
                data = stream.read(_MAX_FILE_BYTES + 1)
        except OSError as error:
            raise _unreadable(path, error) from None
        return Hits.from_views(_inflate(path, data).reshape(3, *DUNE_FD_HD.shape))

    def read_truth(self, index: int) -> Truth | None:
        """Return the truth of one event, or None where no file tells it."""
        return truth_of_row(self.table.iloc[index])


def _find_maps(path: Path) -> Iterator[_MapFile]:
    if not path.is_dir():
        if match := _MAP_NAME.fullmatch(path.name):
            yield _MapFile(path.stem, (), int(match[1]), path)
        return

    def fail(error: OSError) -> None:
        raise _unreadable(error.filename or path, error)

    for folder, _, names in os.walk(path, onerror=fail):
        relative = Path(folder).relative_to(path)
        for name in names:
            if match := _MAP_NAME.fullmatch(name):
                id_ = (relative / name).as_posix().removesuffix(".gz")
                yield _MapFile(id_, relative.parts, int(match[1]), Path(folder, name))


def _unreadable(path: str | Path, error: OSError) -> FormatError:
    if isinstance(error, PermissionError):
        return FormatError(
            path, "may not be read by this user", "Ask for read permission, or copy it."
        )
    return FormatError(path, f"cannot be read ({error.strerror})")


def _inflate(path: Path, data: bytes) -> np.ndarray:
    """Inflate a map; never more than its right size, whatever the stream claims."""
    remedy = "Fetch the file again, or take it out of the folder."
    if not data:
        raise FormatError(path, "is empty", remedy)
    if data[:2] == b"\x1f\x8b":
        raise FormatError(
            path,
            "is a gzip file, but DUNE CVN maps are zlib streams",
            "Inflate it with gunzip and pack it with zlib, or fetch the original.",
        )
    stream = zlib.decompressobj()
    try:
        pixels = stream.decompress(data, _MAP_BYTES + 1)
    except zlib.error:
        raise FormatError(path, "is damaged: it is no whole zlib stream", remedy) from None
    if len(pixels) > _MAP_BYTES:
        raise FormatError(path, f"inflates to more than the {_MAP_BYTES} bytes of a map", remedy)
    if not stream.eof:
        raise FormatError(path, "is truncated", remedy)
    if len(pixels) != _MAP_BYTES:
        raise FormatError(
            path, f"inflates to {len(pixels)} bytes, and a map has {_MAP_BYTES}", remedy
        )
    return np.frombuffer(pixels, dtype=np.uint8)


def _read_info(path: Path) -> dict[str, Any]:
    """Read an ``eventN.info`` of 14 to 16 lines; the layout is in the module's source paper."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MAX_INFO_BYTES).decode("ascii")
        values = [float(word) for word in text.split()]
        if not 14 <= len(values) <= 16:
            raise FormatError(
                path,
                f"has {len(values)} numbers, and DUNE CVN truth has 14 to 16",
                "Fetch the file again, or take it away to open the event without truth.",
            )
        code = int(values[0])
        counts = [int(v) for v in values[8:12]]
    except OSError as error:
        raise _unreadable(path, error) from None
    except (ValueError, OverflowError):
        raise FormatError(
            path,
            "is no list of numbers",
            "Fetch the file again, or take it away to open the event without truth.",
        ) from None
    label: EventClass | None
    mode = None
    if 0 <= code < 12:
        label, mode = _FLAVOURS[code // 4], _MODES[code % 4]
    elif code in (_NC, _COSMIC):
        label = EventClass.NC if code == _NC else EventClass.COSMIC
    elif code in _UNLABELLED:
        label = None
    else:
        raise FormatError(
            path, f"has the unknown interaction code {code}", "Codes run from 0 to 15."
        )
    pdg = int(values[7])
    return {
        "truth": label,
        "energy": values[1],
        "lepton_energy": values[2],
        "mode": mode,
        # 1 is the writer's "neutral current", where the flavour is not told.
        "nu_pdg": pdg if abs(pdg) in _FLAVOUR_PDG else None,
        **dict(zip(("protons", "charged_pions", "neutral_pions", "neutrons"), counts, strict=True)),
        # 0 stands for "not reconstructed".
        "reco_energy_nue": values[3] or None,
        "reco_energy_numu": values[4] or None,
        "reco_energy_nutau": values[5] or None,
        "weight": values[6],
    }


def _read_labels(path: Path) -> dict[int, dict[str, Any]]:
    """Read a folder's ``labels.csv``, keyed by event number; empty where there is none.

    Its particle counts are clipped at 3 by the writer.
    """
    columns = ("is_antineutrino", "flavour", "interaction")
    counts = ("protons", "charged_pions", "neutral_pions", "neutrons")
    remedy = "Fetch the file again, or take it away to open the events without truth."
    rows: dict[int, dict[str, Any]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            table = csv.DictReader(stream)
            if missing := {"event", *columns, *counts} - set(table.fieldnames or ()):
                raise FormatError(path, f"lacks the column {sorted(missing)[0]!r}", remedy)
            for row in table:
                event = int(row["event"])
                if event in rows:
                    raise FormatError(path, f"names event {event} twice", remedy)
                anti, flavour, mode = (int(row[c]) for c in columns)
                numbers = {c: int(row[c]) for c in counts}
                if flavour == 3:
                    rows[event] = {"truth": EventClass.NC, **numbers}
                    continue
                if flavour not in (0, 1, 2) or mode not in (0, 1, 2, 3):
                    raise FormatError(path, f"has an unknown flavour or mode at {event}", remedy)
                rows[event] = {
                    "truth": _FLAVOURS[flavour],
                    "mode": _MODES[mode],
                    "nu_pdg": _FLAVOUR_PDG[flavour] * (-1 if anti == 1 else 1),
                    **numbers,
                }
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unreadable(path, error) from None
    except (ValueError, TypeError, csv.Error):
        raise FormatError(path, "is no table of whole numbers", remedy) from None
    return rows
