"""The event table that every reader offers, and the truth of one of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from classifier.events import EventClass, Truth

MODES: tuple[str, ...] = ("qe", "res", "dis", "mec", "coh", "other")
COUNTS: tuple[str, ...] = ("protons", "charged_pions", "neutral_pions", "neutrons")
_WORDS = ("id", "truth", "mode")
_NUMBERS = ("energy", "lepton_energy", "nu_pdg", *COUNTS)


def truth_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Make the event table of rows that may lack columns.

    Words that are missing become None and numbers NaN (so that no cut takes them for a value); a
    column of whole numbers without a gap stays integer. Further columns are kept where at least one
    row tells a value.
    """
    extra = dict.fromkeys(key for row in rows for key in row if row[key] is not None)
    names = dict.fromkeys(("id", "truth", "energy", "lepton_energy", "mode", *_NUMBERS, *extra))
    columns: dict[str, Any] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in _WORDS:
            words = [str(v) if v is not None else None for v in values]
            columns[name] = pd.Series(words, dtype=object)
        else:
            columns[name] = compact([np.nan if v is None else v for v in values])
    return pd.DataFrame(columns)


def compact(values: Any) -> np.ndarray:
    """Return whole numbers without a gap as int64, anything else as float64."""
    numbers = np.asarray(values)
    if numbers.dtype.kind in "iu":
        return numbers.astype(np.int64)
    return numbers.astype(np.float64)


def truth_of_row(row: pd.Series) -> Truth | None:
    """Return the truth that a row of the event table tells, or None if it has no label."""
    if not isinstance(row["truth"], str):
        return None
    counts: dict[str, Any] = {n: -1 if np.isnan(row[n]) else int(row[n]) for n in COUNTS}
    return Truth(
        label=EventClass(row["truth"]),
        energy=float(row["energy"]),
        lepton_energy=float(row["lepton_energy"]),
        mode=row["mode"] if isinstance(row["mode"], str) else None,
        nu_pdg=None if np.isnan(row["nu_pdg"]) else int(row["nu_pdg"]),
        **counts,
    )
