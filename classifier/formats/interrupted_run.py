"""The finished blocks of an interrupted run (``PATH.part``), read as one set of events."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from classifier.events import Hits, Truth
from classifier.formats.nulens_hdf5 import NuLensHdf5Reader
from nulens.errors import FormatError


class InterruptedRunReader:
    """Events that `EventWriter` had finished when its run was cut short.

    Parameters
    ----------
    path : Path
        The folder ``PATH.part``.

    Raises
    ------
    FormatError
        If no block was finished, or one is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._blocks = [NuLensHdf5Reader(block) for block in sorted(path.glob("block-*.h5"))]
        if not self._blocks:
            raise FormatError(path, "has no finished events", "Start the run again.")
        self.geometry = self._blocks[0].geometry
        self.provenance: dict[str, Any] = self._blocks[0].provenance
        self._ends = np.cumsum([len(block.table) for block in self._blocks])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an event; see `classifier.events.Reader`."""
        return pd.concat([block.table for block in self._blocks], ignore_index=True)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the fingerprints of the blocks."""
        return hashlib.sha256("".join(b.fingerprint for b in self._blocks).encode()).hexdigest()

    def read_hits(self, index: int) -> Hits:
        """Read the pixels of one event; raise FormatError if they are damaged."""
        block, place = self._find(index)
        return block.read_hits(place)

    def read_truth(self, index: int) -> Truth | None:
        """Return the truth of one event with its vertex and particles, or None."""
        block, place = self._find(index)
        return block.read_truth(place)

    def _find(self, index: int) -> tuple[NuLensHdf5Reader, int]:
        number = int(np.searchsorted(self._ends, index, side="right"))
        return self._blocks[number], index - (int(self._ends[number - 1]) if number else 0)
