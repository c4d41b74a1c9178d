"""What an explanation may say about a picture: one grammar that writes claims and reads them back.

Each sentence of an explanation is an instance of one template below. The same templates render and
parse, so that every sentence that NuLens can write it can also read, and weigh against
`classifier.topology`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from classifier.events import EventClass
from classifier.models.base import Evidence

if TYPE_CHECKING:
    import numpy as np

    from classifier.topology import Topology

Value = int | float | bool | str

VERDICT_PREFIX = "I classify the pixel maps as"
"""The fixed words before the class name (Sagar et al., arXiv:2508.19376)."""

VERDICT_NAMES: dict[EventClass, str] = {
    EventClass.NUE_CC: "NuE CC",
    EventClass.NUMU_CC: "NuMu CC",
    EventClass.NC: "NC",
}
"""Class names as the verdict spells them, in ASCII so that each is one short run of tokens."""

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

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


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


@dataclass(frozen=True)
class Reading:
    """An explanation taken apart: its claims in order, its verdict, what could not be read."""

    claims: tuple[Claim, ...]
    verdict: EventClass | None
    unread: tuple[str, ...]


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


@dataclass(frozen=True)
class _Template:
    text: str
    fixed: dict[str, Value] = field(default_factory=dict)

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.text))

    @property
    def quantities(self) -> frozenset[str]:
        return frozenset(self.slots) | frozenset(self.fixed)

    def fits(self, claims: dict[str, Value]) -> bool:
        if not self.quantities <= claims.keys():
            return False
        if any(claims[q] != v for q, v in self.fixed.items()):
            return False
        # Zero, one, and "at the vertex" have sentences of their own.
        least = {"n_prongs": 2, "n_showers": 2, "vertex_gap_cm": 0.5, "longest_track_cm": 0.5}
        return all(float(claims[q]) >= least.get(q, 0.0) for q in self.slots)

    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"(\{\w+\})", self.text)
        built = ""
        for part in parts:
            slot = re.fullmatch(r"\{(\w+)\}", part)
            if slot is None:
                built += re.escape(part)
            elif slot[1].startswith("n_"):
                built += rf"(?P<{slot[1]}>\d+|{'|'.join(_WORDS[2:])})"
            else:
                built += rf"(?P<{slot[1]}>\d+(?:\.\d+)?)"
        return re.compile(built, re.IGNORECASE)


_T = _Template
_TEMPLATES: tuple[_Template, ...] = (
    # prongs
    _T("No prong leaves the vertex.", {"n_prongs": 0}),
    _T("I see no prong at a vertex.", {"n_prongs": 0}),
    _T("A single prong leaves the vertex.", {"n_prongs": 1}),
    _T("One prong leaves the vertex.", {"n_prongs": 1}),
    _T("There is one prong at the vertex.", {"n_prongs": 1}),
    _T("{n_prongs} prongs leave the vertex."),
    _T("I count {n_prongs} prongs at the vertex."),
    _T("There are {n_prongs} prongs at the vertex."),
    # the longest track
    _T("The longest track is about {longest_track_cm} cm long."),
    _T("The longest track runs for about {longest_track_cm} cm."),
    _T("The longest straight track measures {longest_track_cm} cm."),
    _T("The longest track stops inside the images.", {"track_contained": True}),
    _T("The longest track ends inside the images.", {"track_contained": True}),
    _T("The longest track leaves the images.", {"track_contained": False}),
    _T("The longest track exits through the border.", {"track_contained": False}),
    _T(
        "The longest track is about {longest_track_cm} cm long and stops inside the images.",
        {"track_contained": True},
    ),
    _T("The longest track stops after {longest_track_cm} cm.", {"track_contained": True}),
    _T(
        "The longest track is about {longest_track_cm} cm long and leaves the images.",
        {"track_contained": False},
    ),
    _T("The longest track exits after {longest_track_cm} cm.", {"track_contained": False}),
    # a muon-like track
    _T("A muon-like track is present.", {"has_track": True}),
    _T("One track looks like a muon.", {"has_track": True}),
    _T("There is a long muon-like track.", {"has_track": True}),
    _T("There is no muon-like track.", {"has_track": False}),
    _T("No track looks like a muon.", {"has_track": False}),
    _T("I see no muon-like track.", {"has_track": False}),
    _T(
        "A muon-like track of about {longest_track_cm} cm is present.",
        {"has_track": True},
    ),
    _T(
        "A muon-like track of about {longest_track_cm} cm leaves the images.",
        {"has_track": True, "track_contained": False},
    ),
    _T(
        "A muon-like track of about {longest_track_cm} cm stops inside the images.",
        {"has_track": True, "track_contained": True},
    ),
    # showers
    _T("An electromagnetic shower is visible.", {"has_shower": True}),
    _T("There is an electromagnetic shower.", {"has_shower": True}),
    _T("I see an electromagnetic shower.", {"has_shower": True}),
    _T("There is no electromagnetic shower.", {"has_shower": False}),
    _T("No electromagnetic shower is visible.", {"has_shower": False}),
    _T("I see no shower.", {"has_shower": False}),
    _T(
        "There is neither a shower nor a muon-like track.",
        {"has_shower": False, "has_track": False},
    ),
    _T("A single shower is visible.", {"n_showers": 1}),
    _T("There is one shower.", {"n_showers": 1}),
    _T("No separate shower can be counted.", {"n_showers": 0}),
    _T("I count {n_showers} showers."),
    _T("{n_showers} showers are visible."),
    # gap between vertex and shower
    _T("The shower starts at the vertex.", {"vertex_gap_cm": 0.0}),
    _T("No gap separates the shower from the vertex.", {"vertex_gap_cm": 0.0}),
    _T("The shower starts about {vertex_gap_cm} cm from the vertex."),
    _T("A gap of about {vertex_gap_cm} cm separates the shower from the vertex."),
    _T(
        "An electromagnetic shower starts at the vertex.",
        {"has_shower": True, "vertex_gap_cm": 0.0},
    ),
    _T(
        "An electromagnetic shower starts about {vertex_gap_cm} cm from the vertex.",
        {"has_shower": True},
    ),
    # charge at the start
    _T("The main prong starts with about {initial_dedx} MeV/cm."),
    _T("The first centimetres deposit about {initial_dedx} MeV/cm."),
    _T("The initial dE/dx is about {initial_dedx} MeV/cm."),
    _T(
        "The shower starts at the vertex with about {initial_dedx} MeV/cm.",
        {"vertex_gap_cm": 0.0},
    ),
    _T(
        "The shower starts about {vertex_gap_cm} cm from the vertex with about "
        "{initial_dedx} MeV/cm."
    ),
    # vertex activity
    _T("Vertex activity is low.", {"vertex_activity": "low"}),
    _T("There is little activity at the vertex.", {"vertex_activity": "low"}),
    _T("Vertex activity is high.", {"vertex_activity": "high"}),
    _T("There is much activity at the vertex.", {"vertex_activity": "high"}),
)


def verdict(label: EventClass) -> str:
    """Return the sentence that names the class, e.g. ``I classify the pixel maps as NuE CC.``."""
    return f"{VERDICT_PREFIX} {VERDICT_NAMES[label]}."


def templates() -> tuple[str, ...]:
    """Return the text of every template, slots in braces; for a decoder that is held to them."""
    return tuple(t.text for t in _TEMPLATES)


def patterns() -> tuple[re.Pattern[str], ...]:
    """Return one regular expression a template; a sentence that none matches cannot be read."""
    return tuple(pattern for _, pattern in _compiled())


def render(claims: Iterable[Claim], rng: np.random.Generator, *, shuffle: bool = True) -> str:
    """Write sentences that state each claim once.

    Parameters
    ----------
    claims : iterable of Claim
        At most one per quantity; a later one replaces an earlier one.
    rng : numpy.random.Generator
        Chooses wording, which claims share a sentence, and the order.
    shuffle : bool
        Whether sentences may change order; otherwise they follow the claims.

    Returns
    -------
    str
        Sentences joined by single spaces; empty for no claims.
    """
    left: dict[str, Value] = {c.quantity: c.rounded().value for c in claims}
    sentences: list[str] = []
    while left:
        quantity = next(iter(left))
        fitting = [t for t in _TEMPLATES if quantity in t.quantities and t.fits(left)]
        if not fitting:
            raise ValueError(f"no sentence states {quantity} = {left[quantity]!r}")
        chosen = fitting[int(rng.integers(len(fitting)))]
        sentences.append(_fill(chosen, left, rng))
        for q in chosen.quantities:
            del left[q]
    if shuffle:
        sentences = [sentences[i] for i in rng.permutation(len(sentences))]
    return " ".join(sentences)


def _fill(template: _Template, values: dict[str, Value], rng: np.random.Generator) -> str:
    texts = {}
    for slot in template.slots:
        value = values[slot]
        if slot.startswith("n_"):
            number = int(value)
            worded = number < len(_WORDS) and bool(rng.integers(2))
            texts[slot] = _WORDS[number] if worded else str(number)
        else:
            texts[slot] = f"{value:g}"
    sentence = template.text.format(**texts)
    return sentence[0].upper() + sentence[1:]


def read(text: str) -> Reading:
    """Take an explanation apart.

    Parameters
    ----------
    text : str
        Sentences ended by a full stop, a verdict among them or not.

    Returns
    -------
    Reading
        Claims in the order of the text; sentences outside the grammar are in ``unread``.
    """
    claims: list[Claim] = []
    label: EventClass | None = None
    unread: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        if not sentence:
            continue
        named = _read_verdict(sentence)
        if named is not None:
            label = named
            continue
        found = _read_sentence(sentence)
        if found is None:
            unread.append(sentence)
        else:
            claims.extend(found)
    return Reading(tuple(claims), label, tuple(unread))


def parse(text: str) -> list[Claim]:
    """Return the claims of an explanation; sentences outside the grammar yield none."""
    return list(read(text).claims)


@cache
def _compiled() -> tuple[tuple[_Template, re.Pattern[str]], ...]:
    return tuple((t, t.pattern()) for t in _TEMPLATES)


def _read_verdict(sentence: str) -> EventClass | None:
    if not sentence.startswith(VERDICT_PREFIX):
        return None
    name = sentence.removeprefix(VERDICT_PREFIX).strip().rstrip(".").lower()
    spellings = {n.lower(): label for label, n in VERDICT_NAMES.items()}
    spellings |= {label.symbol.lower(): label for label in VERDICT_NAMES}
    return spellings.get(name)


def _read_sentence(sentence: str) -> list[Claim] | None:
    for template, pattern in _compiled():
        match = pattern.fullmatch(sentence)
        if match is None:
            continue
        stated = [(q, _number(q, text)) for q, text in match.groupdict().items()]
        return [Claim(q, v) for q, v in (*template.fixed.items(), *stated)]
    return None


def _number(quantity: str, text: str) -> Value:
    if quantity.startswith("n_"):
        lowered = text.lower()
        return _WORDS.index(lowered) if lowered in _WORDS else int(text)
    return float(text)


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


def score(claim: Claim, topology: Topology) -> Evidence:
    """Weigh a claim against a measured (or true) topology.

    The score of a number is 1 within one standard deviation of the measurement, 0 beyond three, and
    falls linearly between. The score of a presence is 1 where both agree; where they do not, it is
    1 at the measurement's threshold and 0 where the measurement is sure.

    Parameters
    ----------
    claim : Claim
    topology : Topology

    Returns
    -------
    Evidence
        With ``score`` None where the picture cannot tell.
    """
    measured: Any = _measured(claim, topology)
    value: float | None
    if measured is None:
        value = None
    elif isinstance(claim.value, bool | str):
        value = 1.0 if claim.value == measured else _doubt(claim.quantity, topology)
    else:
        deviation = abs(float(claim.value) - float(measured))
        sigma = resolution(claim.quantity, float(measured))
        value = min(max((3.0 - deviation / sigma) / 2.0, 0.0), 1.0)
    return Evidence(
        claim=_sentence(claim),
        quantity=claim.quantity,
        claimed=claim.value,
        measured=measured,
        unit=claim.unit,
        score=value,
    )


def evidence(claims: Sequence[Claim], topology: Topology) -> tuple[Evidence, ...]:
    """Weigh each claim; see `score`."""
    return tuple(score(c, topology) for c in claims)


def _measured(claim: Claim, topology: Topology) -> Value | None:
    if claim.quantity == "vertex_activity":
        return activity_word(topology.vertex_activity)
    if claim.quantity == "longest_track_cm" and topology.longest_track_cm < 1.0:
        return None
    measured: Value | None = getattr(topology, claim.quantity)
    return measured


def _doubt(quantity: str, topology: Topology) -> float:
    if quantity == "has_shower":
        return 1.0 - 2.0 * abs(topology.shower_score - 0.5)
    if quantity == "vertex_activity":
        return max(1.0 - abs(topology.vertex_activity / HIGH_VERTEX_ACTIVITY - 1.0) / 0.5, 0.0)
    return 0.0


def resolution(quantity: str, measured: float) -> float:
    """Return one standard deviation of `classifier.topology`'s measurement.

    Measured against simulation truth by `classifier.evaluation.topology_accuracy` (half the width
    that holds 68 % of the differences), in the quantity's unit.
    """
    if quantity == "longest_track_cm":
        return 3.0 + 0.1 * measured
    if quantity == "vertex_gap_cm":
        return 1.5 + 0.15 * measured
    if quantity == "initial_dedx":
        return 0.5 + 0.25 * measured
    return 1.0


def _sentence(claim: Claim) -> str:
    """Return the first template that states just this claim."""
    values = {claim.quantity: claim.rounded().value}
    for template in _TEMPLATES:
        if template.quantities == values.keys() and template.fits(values):
            texts = {q: f"{v:g}" for q, v in values.items() if q in template.slots}
            sentence = template.text.format(**texts)
            return sentence[0].upper() + sentence[1:]
    raise ValueError(f"no sentence states {claim}")
