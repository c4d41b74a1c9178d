"""Claims: what may be said about a picture, in quantities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.topology import Topology

Value = int | float | bool | str

UNITS: dict[str, str] = {
    "n_prongs": "",
    "longest_track_cm": "cm",
    "track_contained": "",
    "has_track": "",
    "has_shower": "",
    "n_showers": "",
    "vertex_gap_cm": "cm",
    "initial_dedx": "MeV/cm",
    "vertex_activity": "",
}
"""The quantities that a claim can be about, with their units."""

HIGH_VERTEX_ACTIVITY = 60.0
"""Deposit in MeV within 5 cm of the vertex above which vertex activity is called high.

A minimum-ionising particle leaves 11 MeV over 5 cm (2.1 MeV/cm, PDG), so two of them and a stopping
proton of 40 MeV make about this much.
"""


@dataclass(frozen=True)
class Claim:
    """One statement about the picture.

    Attributes
    ----------
    quantity : str
        A key of `UNITS`.
    value : int, float, bool or str
        Counts are int, lengths (cm) and dE/dx (MeV/cm) float, presences bool, ``vertex_activity``
        is ``"low"`` or ``"high"``.
    """

    quantity: str
    value: Value

    def __post_init__(self) -> None:
        if self.quantity not in UNITS:
            raise ValueError(f"unknown quantity {self.quantity!r}")

    @property
    def unit(self) -> str:
        """Unit of the value, empty for counts, presences and words."""
        return UNITS[self.quantity]

    def rounded(self) -> Claim:
        """Return the claim to the precision that a sentence gives it."""
        return Claim(self.quantity, _round(self.quantity, self.value))


def _round(quantity: str, value: Value) -> Value:
    if quantity == "longest_track_cm":
        length = float(value)
        step = 10.0 if length >= 100 else 5.0 if length >= 30 else 1.0
        return max(round(length / step) * step, 1.0)
    if quantity == "vertex_gap_cm":
        # A gap of less than three pixels of 5 mm cannot be told from none.
        return 0.0 if float(value) < 1.5 else float(round(float(value)))
    if quantity == "initial_dedx":
        return round(float(value) * 2) / 2
    return value


def claims_of(topology: Topology) -> list[Claim]:
    """Return all that a picture with this topology lets one claim, measured or true.

    Nothing is claimed of a track, a shower or a vertex that is not there, except its absence.
    """
    t = topology
    claims = [Claim("n_prongs", t.n_prongs), Claim("has_track", t.has_track)]
    if t.longest_track_cm >= 1.0:
        claims.append(Claim("longest_track_cm", t.longest_track_cm))
        if t.track_contained is not None:
            claims.append(Claim("track_contained", t.track_contained))
    claims.append(Claim("has_shower", t.has_shower))
    if t.has_shower:
        claims.append(Claim("n_showers", t.n_showers))
        if t.vertex_gap_cm is not None:
            claims.append(Claim("vertex_gap_cm", t.vertex_gap_cm))
    if t.initial_dedx is not None:
        claims.append(Claim("initial_dedx", t.initial_dedx))
    claims.append(Claim("vertex_activity", activity_word(t.vertex_activity)))
    return [c.rounded() for c in claims]


def activity_word(deposit: float) -> str:
    """Return ``"high"`` or ``"low"`` for a deposit in MeV near the vertex."""
    return "high" if deposit >= HIGH_VERTEX_ACTIVITY else "low"
