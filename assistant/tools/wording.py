"""How tools put numbers and events into words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assistant.tools.context import DISPLAY_NAMES
from classifier.events import EventClass

_UNITS = {
    "energy": "GeV",
    "lepton_energy": "GeV",
    "longest_track_cm": "cm",
    "second_track_cm": "cm",
    "vertex_gap_cm": "cm",
    "initial_dedx": "MeV/cm",
    "track_dedx": "MeV/cm",
    "visible_energy": "MeV",
    "shower_energy": "MeV",
    "vertex_activity": "MeV",
}
_WORDS = {
    "energy": "neutrino energy",
    "lepton_energy": "lepton energy",
    "n_hits": "number of hits",
    "n_prongs": "number of prongs",
    "longest_track_cm": "length of the longest track",
    "vertex_gap_cm": "vertex gap",
    "initial_dedx": "initial dE/dx",
    "charged_pions": "number of charged pions",
    "neutral_pions": "number of neutral pions",
    "protons": "number of protons",
    "neutrons": "number of neutrons",
    "p_nue_cc": "P(νe CC)",
    "p_numu_cc": "P(νμ CC)",
    "p_nc": "P(NC)",
    "confidence": "confidence",
}


def symbol(name: str | None) -> str:
    """Return a class as physicists write it; ``unknown`` where there is none."""
    return EventClass(name).symbol if name in set(EventClass) else "unknown"


def group_name(name: str) -> str:
    """Return a group of events as it is shown: a class as its symbol, anything else as it is."""
    return symbol(name) if name in set(EventClass) else name


def model_name(name: str) -> str:
    """Return a classifier's name as it is shown, e.g. ``CNN``."""
    return DISPLAY_NAMES.get(name, name)


def percent(value: float, digits: int = 1) -> str:
    """Write a fraction as a percentage."""
    return "unknown" if math.isnan(value) else f"{100 * value:.{digits}f} %"


def interval(low: float, high: float, level: float) -> str:
    """Write the interval of a fraction with its probability content."""
    return f"{100 * low:.1f}–{100 * high:.1f} %, {100 * level:.4g} % interval"


def number(value: float) -> str:
    """Write a number with four significant digits."""
    if value != value:
        return "unknown"
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e6 else f"{value:.4g}"


def listed(words: Sequence[str]) -> str:
    """Join words with commas and a last "and"."""
    return (
        words[0]
        if len(words) == 1
        else f"{', '.join(words[:-1])} and {words[-1]}"
        if words
        else "none"
    )


def events_in_words(indices: Sequence[int]) -> str:
    """Name events by number, a run of them as a range."""
    chosen = [int(i) for i in indices]
    if not chosen:
        return "no events"
    if len(chosen) == 1:
        return f"event {chosen[0]}"
    if chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"events {chosen[0]} to {chosen[-1]}"
    if len(chosen) <= 8:
        return f"events {listed([str(i) for i in chosen])}"
    return f"{len(chosen)} events"


def plural(n: int, noun: str = "event") -> str:
    """Write a count with its noun."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def counts_in_words(counts: dict[str, int]) -> str:
    """Write counts a class, leaving out the empty ones."""
    present = [f"{n} {symbol(name)}" for name, n in counts.items() if n]
    return listed(present)


def plain(value: Any) -> Any:
    """Turn numpy scalars and NaN into what JSON can hold."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def quantity(column: str) -> str:
    """Name a column in words."""
    return _WORDS.get(column, column.replace("_", " "))


def unit_of(column: str) -> str:
    """Return the unit of a column; empty for a pure number."""
    return _UNITS.get(column, "")


def with_unit(column: str) -> str:
    """Name a column in words with its unit, as at an axis."""
    return f"{quantity(column)} ({unit_of(column)})" if unit_of(column) else quantity(column)
