"""What the columns of a cut hold: numbers with units, words of a vocabulary, yes or no."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import EventClass
from classifier.formats.truth_table import MODES
from nulens.errors import SelectionError

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_COLUMNS = ("id", "truth", "label", "mode")
_UNKNOWN = ("unknown", "none", "nan", "null")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
# What one unit is in the unit of the column: GeV, cm, MeV/cm, or a plain ratio.
_UNITS = {
    "GeV": {"tev": 1e3, "gev": 1.0, "mev": 1e-3, "kev": 1e-6},
    "MeV": {"tev": 1e6, "gev": 1e3, "mev": 1.0, "kev": 1e-3},
    "cm": {"m": 100.0, "cm": 1.0, "mm": 0.1},
    "MeV/cm": {"mev/cm": 1.0},
    "1": {"%": 0.01},
}


@dataclass(frozen=True)
class Column:
    """A column of a cut.

    Attributes
    ----------
    name : str
    kind : str
        ``number``, ``boolean`` or ``text``.
    data : ndarray
        float64 for numbers and booleans, with NaN where unknown; objects for text, with None.
    """

    name: str
    kind: str
    data: npt.NDArray[Any]

    @classmethod
    def of(cls, name: str, series: pd.Series) -> Column:
        """Find out what a column holds; pictures and tables may not be cut on."""
        inferred = pd.api.types.infer_dtype(series, skipna=True)
        if inferred in ("string", "categorical") or (inferred == "empty" and name in _TEXT_COLUMNS):
            values = np.array(
                [None if v else w for v, w in zip(series.isna(), series, strict=True)]
            )
            return cls(name, "text", values.astype(object))
        if inferred == "boolean":
            kind = "boolean"
        elif inferred in ("integer", "floating", "mixed-integer-float", "decimal", "empty"):
            kind = "number"
        else:
            raise SelectionError(f"The column '{name}' cannot be cut on.", "Name another column.")
        return cls(name, kind, pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan))

    @property
    def unit(self) -> str | None:
        """The unit of a column of numbers, told by its name."""
        if self.name.startswith("p_") or self.name in ("confidence", "unlike"):
            return "1"
        if "dedx" in self.name:
            return "MeV/cm"
        if self.name.endswith("_cm"):
            return "cm"
        if self.name.endswith("_mev"):
            return "MeV"
        return "GeV" if "energy" in self.name else None

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where the value is known."""
        return np.asarray(pd.notna(self.data), dtype=np.bool_)

    def compare(self, sign: str, other: Column | float | str | None) -> npt.NDArray[np.bool_]:
        """Compare with another column or a value; None stands for "unknown".

        False wherever a value is unknown, unless that is what is asked for.
        """
        if other is None:
            if sign not in ("==", "!="):
                raise SelectionError("'unknown' has no order.", "Compare it with == or !=.")
            return ~self.known if sign == "==" else self.known
        values: Any = other
        known = self.known
        if isinstance(other, Column):
            if (self.kind == "text") != (other.kind == "text"):
                raise SelectionError(
                    f"'{self.name}' and '{other.name}' cannot be compared: one is text.",
                    "Compare columns of one kind.",
                )
            values, known = other.data, known & other.known
        if self.kind == "text" and sign not in ("==", "!="):
            raise SelectionError(f"'{self.name}' has no order.", "Compare it with == or !=.")
        return known & np.asarray(OPERATORS[sign](self.data, values), dtype=np.bool_)

    def number(self, text: str, unit: str | None) -> float:
        """Read a number in the unit of this column."""
        if self.kind == "text":
            raise SelectionError(
                f"'{self.name}' is compared with the number {text}, but it holds words.",
                f"Its values: {', '.join(self._vocabulary())}.",
            )
        if unit is None:
            return float(text)
        factors = _UNITS.get(self.unit or "", {})
        if unit.lower() not in factors:
            own = f"is in {self.unit}" if factors and self.unit != "1" else "has no unit"
            raise SelectionError(
                f"'{self.name}' {own} and cannot be compared with {text} {unit}.",
                "Write the number in the column's own unit.",
            )
        # As a physicist's decimal: 200 MeV is 0.2 GeV, not 0.2000...01.
        return float(f"{float(text) * factors[unit.lower()]:.15g}")

    def word(self, text: str) -> str | float | None:
        """Read a word as a value of this column; None stands for "unknown".

        Raises
        ------
        SelectionError
            If the column has no such value.
        """
        if text.lower() in _UNKNOWN:
            return None
        if self.kind == "boolean" and text.lower() in _BOOLEANS:
            return float(_BOOLEANS[text.lower()])
        if self.kind == "text":
            words = self._vocabulary()
            for form in (text, _plain(text), f"{_plain(text)}_cc"):
                if form in words or (self.name == "id" and form == text):
                    return form
            near = get_close_matches(_plain(text), words, n=3, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            remedy = f"{hint}Its values: {', '.join(words)}."
        else:
            remedy = "Compare it with " + (
                "true or false." if self.kind == "boolean" else "a number."
            )
        raise SelectionError(f"'{self.name}' has no value '{text}'.", remedy)

    def _vocabulary(self) -> list[str]:
        if self.name == "truth" or self.name.startswith("label"):
            return [label.value for label in EventClass]
        if self.name == "mode":
            return list(MODES)
        return sorted({str(v) for v in self.data[self.known]})[:20]


def _plain(word: str) -> str:
    """Write a word as labels are written: ``νμ CC`` becomes ``numu_cc``."""
    word = word.lower().replace("ν", "nu").replace("μ", "mu").replace("µ", "mu")
    return "_".join(word.replace("τ", "tau").replace("-", " ").split())
