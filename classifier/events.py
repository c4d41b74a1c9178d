"""Events: the pixel maps of a detector's views, their geometry, and truth where it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from nulens.errors import SelectionError


class EventClass(StrEnum):
    """Truth labels; the first three, in this order, are the classes that NuLens predicts."""

    NUE_CC = "nue_cc"
    NUMU_CC = "numu_cc"
    NC = "nc"
    NUTAU_CC = "nutau_cc"
    COSMIC = "cosmic"

    @property
    def symbol(self) -> str:
        """The label as physicists write it, e.g. ``νe CC``."""
        return _SYMBOLS[self]


CLASSES: tuple[EventClass, ...] = (EventClass.NUE_CC, EventClass.NUMU_CC, EventClass.NC)
"""The predicted classes, in the order of every probability array's columns."""

SOURCES: tuple[str, ...] = (
    "unknown",
    "muon",
    "electron",
    "photon",
    "meson",
    "nucleon",
    "decay electron",
)
"""What may leave the charge of a hit. An electron comes from the interaction, a decay electron from
a muon or a meson; photons include the pairs of Dalitz decays, nucleons nuclear fragments."""

_SYMBOLS = {
    EventClass.NUE_CC: "νe CC",
    EventClass.NUMU_CC: "νμ CC",
    EventClass.NC: "NC",
    EventClass.NUTAU_CC: "ντ CC",
    EventClass.COSMIC: "cosmic",
}


@dataclass(frozen=True)
class View:
    """One projection: rows run along the wires or pixels, columns along time or depth."""

    name: str
    row_axis: str
    column_axis: str
    row_pitch_cm: float
    column_pitch_cm: float


@dataclass(frozen=True)
class Geometry:
    """The views of a detector; two events of one geometry can be stacked.

    ``beam_axis`` says which image axis runs along the beam: 0 rows, 1 columns.
    ``vertex`` is the (row, column) near which the crop puts the interaction, or None.
    """

    name: str
    views: tuple[View, ...]
    shape: tuple[int, int]
    beam_axis: int = 0
    saturation: float = 255.0
    vertex: tuple[float, float] | None = None

    @property
    def n_views(self) -> int:
        """Number of views."""
        return len(self.views)


# Wire pitch 4.67 mm (induction) and 4.79 mm (collection): DUNE FD TDR vol. IV, JINST 15 T08010
# (2020), Table 2.1. A time pixel of the released maps is close to the same length.
DUNE_FD_HD = Geometry(
    name="dune-fd-hd",
    views=(
        View("U", "wire", "time", 0.467, 0.48),
        View("V", "wire", "time", 0.467, 0.48),
        View("Z", "wire", "time", 0.479, 0.48),
    ),
    shape=(500, 500),
    beam_axis=0,
    vertex=(5.0, 250.0),
)
# Sagar et al., arXiv:2508.19376: XZ and YZ of 512 x 512 pixels of 5 mm, centred on the interaction.
MODULAR_PIXEL = Geometry(
    name="modular-pixel",
    views=(View("XZ", "z", "x", 0.5, 0.5), View("YZ", "z", "y", 0.5, 0.5)),
    shape=(512, 512),
    beam_axis=0,
    vertex=(256.0, 256.0),
)
GEOMETRIES: dict[str, Geometry] = {g.name: g for g in (DUNE_FD_HD, MODULAR_PIXEL)}


@dataclass(frozen=True)
class Hits:
    """The pixels of one event that are not zero, sorted by view, row, column.

    Attributes
    ----------
    view : ndarray of uint8, shape (n,)
    row, column : ndarray of uint16, shape (n,)
    value : ndarray of uint8 or float32, shape (n,)
        Charge in the file's own unit, saturating at the geometry's ``saturation``.
    """

    view: npt.NDArray[np.uint8]
    row: npt.NDArray[np.uint16]
    column: npt.NDArray[np.uint16]
    value: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def from_views(cls, views: npt.NDArray[Any]) -> Hits:
        """Take the non-zero pixels of a dense (n_views, H, W) array."""
        # Several times faster than np.nonzero on three axes of bytes.
        view, row, column = np.unravel_index(np.flatnonzero(views != 0), views.shape)
        return cls(
            view.astype(np.uint8),
            row.astype(np.uint16),
            column.astype(np.uint16),
            views[view, row, column],
        )

    def to_views(self, geometry: Geometry) -> npt.NDArray[Any]:
        """Fill a dense array of shape (n_views, H, W)."""
        views = np.zeros((geometry.n_views, *geometry.shape), dtype=self.value.dtype)
        views[self.view, self.row, self.column] = self.value
        return views


@dataclass(frozen=True)
class Truth:
    """What the simulation knows of an event.

    Unknown numbers are NaN (energies) or -1 (counts); unknown words are None.

    Attributes
    ----------
    label : EventClass
    energy, lepton_energy : float
        Neutrino and outgoing lepton energy in GeV.
    mode : str or None
        ``qe``, ``res``, ``dis``, ``mec``, ``coh`` or ``other``.
    nu_pdg : int or None
        PDG code of the neutrino.
    protons, charged_pions, neutral_pions, neutrons : int
        Final-state particles above the writer's thresholds.
    vertex : ndarray of float, shape (n_views, 2), or None
        Row and column of the interaction in each view.
    particles : DataFrame or None
        Final-state particles; columns in `classifier.simulation.truth`.
    sources : ndarray of uint8, shape (n_hits,), or None
        What left most of each hit's charge: a number of `SOURCES`.
    """

    label: EventClass
    energy: float = float("nan")
    lepton_energy: float = float("nan")
    mode: str | None = None
    nu_pdg: int | None = None
    protons: int = -1
    charged_pions: int = -1
    neutral_pions: int = -1
    neutrons: int = -1
    vertex: npt.NDArray[np.float64] | None = None
    particles: pd.DataFrame | None = None
    sources: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Event:
    """One event of a set: its id, its index in the opened file, its hits, and truth or None."""

    id: str
    index: int
    geometry: Geometry
    hits: Hits = field(repr=False)
    truth: Truth | None = field(default=None, repr=False)

    @cached_property
    def views(self) -> npt.NDArray[Any]:
        """Dense pixel maps, uint8 or float32, shape (n_views, H, W)."""
        return self.hits.to_views(self.geometry)


class Reader(Protocol):
    """What a file format must offer; images are read only when asked for."""

    source: str
    geometry: Geometry

    @property
    def fingerprint(self) -> str:
        """Hash that changes whenever the events do; keys the predictions store."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """One row an event.

        Columns ``id``, ``truth`` (label or None), ``energy``, ``lepton_energy``, ``mode``,
        ``nu_pdg``, ``protons``, ``charged_pions``, ``neutral_pions``, ``neutrons``, and what else
        the format knows. Unknown numbers are NaN.
        """
        ...

    def read_hits(self, index: int) -> Hits:
        """Return the hits of the event at `index`; raise FormatError if they are damaged."""
        ...

    def read_truth(self, index: int) -> Truth | None:
        """Return what is known of the event at `index`."""
        ...


@dataclass(frozen=True)
class EventSet(Sequence[Event]):
    """Events of one file or folder, or some of them; images are read on access.

    Indices in ``indices`` and in every table count in the file as opened, so that event 17 stays
    event 17 in each selection.
    """

    reader: Reader
    indices: npt.NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, reader: Reader) -> EventSet:
        """Take all events of a reader."""
        return cls(reader, np.arange(len(reader.table)))

    @property
    def geometry(self) -> Geometry:
        """The views that all events of the set have."""
        return self.reader.geometry

    @property
    def source(self) -> str:
        """The path that was opened."""
        return self.reader.source

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an event, indexed by ``index``; no image is read for it."""
        table = self.reader.table.iloc[self.indices]
        return table.set_index(pd.Index(self.indices, name="index"))

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """True class as a column number of `CLASSES`; -1 for other or unknown, shape (n,)."""
        order = {label.value: i for i, label in enumerate(CLASSES)}
        return np.array([order.get(t, -1) for t in self.table["truth"]], dtype=np.int64)

    def take(self, indices: npt.ArrayLike) -> EventSet:
        """Return the events with these file indices, in this order.

        Raises
        ------
        SelectionError
            If an index is not in the opened file.
        """
        wanted = np.asarray(indices, dtype=np.int64).reshape(-1)
        n = len(self.reader.table)
        outside = wanted[(wanted < 0) | (wanted >= n)]
        if outside.size:
            raise SelectionError(
                f"There is no event {outside[0]}: the data set has {n} events, "
                f"numbered 0 to {n - 1}.",
                "Name an event in that range.",
            )
        return EventSet(self.reader, wanted)

    def __len__(self) -> int:
        return len(self.indices)

    @overload
    def __getitem__(self, item: int) -> Event: ...
    @overload
    def __getitem__(self, item: slice) -> EventSet: ...
    def __getitem__(self, item: int | slice) -> Event | EventSet:
        if isinstance(item, slice):
            return EventSet(self.reader, self.indices[item])
        index = int(self.indices[item])
        return Event(
            id=str(self.reader.table["id"].iloc[index]),
            index=index,
            geometry=self.geometry,
            hits=self.reader.read_hits(index),
            truth=self.reader.read_truth(index),
        )

    def __iter__(self) -> Iterator[Event]:
        return (self[i] for i in range(len(self)))
