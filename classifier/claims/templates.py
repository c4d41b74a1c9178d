"""Every sentence that states claims: the same templates write and read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from classifier.claims.claim import Value

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""Numbers as words, in their place."""


@dataclass(frozen=True)
class Template:
    """A sentence with slots for numbers.

    Attributes
    ----------
    text : str
        Slots are quantities in braces.
    fixed : dict of str to value
        What it states without a slot.
    """

    text: str
    fixed: dict[str, Value] = field(default_factory=dict)

    @property
    def slots(self) -> tuple[str, ...]:
        """Quantities that it has a slot for."""
        return tuple(re.findall(r"\{(\w+)\}", self.text))

    @property
    def quantities(self) -> frozenset[str]:
        """All quantities that it states."""
        return frozenset(self.slots) | frozenset(self.fixed)

    def fits(self, claims: dict[str, Value]) -> bool:
        """Tell whether it states some of these claims and nothing else."""
        if not self.quantities <= claims.keys():
            return False
        if any(claims[q] != v for q, v in self.fixed.items()):
            return False
        # Zero, one, and "at the vertex" have sentences of their own.
        least = {
            "n_prongs": 2,
            "n_showers": 2,
            "vertex_gap_cm": 0.5,
            "longest_track_cm": 0.5,
        }
        return all(float(claims[q]) >= least.get(q, 0.0) for q in self.slots)

    def pattern(self) -> re.Pattern[str]:
        """Return what matches its sentences, a group a slot."""
        parts = re.split(r"(\{\w+\})", self.text)
        built = ""
        for part in parts:
            slot = re.fullmatch(r"\{(\w+)\}", part)
            if slot is None:
                built += re.escape(part)
            elif slot[1].startswith("n_"):
                built += rf"(?P<{slot[1]}>\d+|{'|'.join(WORDS[2:])})"
            else:
                built += rf"(?P<{slot[1]}>\d+(?:\.\d+)?)"
        return re.compile(built, re.IGNORECASE)


_T = Template
TEMPLATES: tuple[Template, ...] = (
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
    _T(
        "The longest track stops after {longest_track_cm} cm.",
        {"track_contained": True},
    ),
    _T(
        "The longest track is about {longest_track_cm} cm long and leaves the images.",
        {"track_contained": False},
    ),
    _T(
        "The longest track exits after {longest_track_cm} cm.",
        {"track_contained": False},
    ),
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


def templates() -> tuple[str, ...]:
    """Return the text of every template, slots in braces; for a decoder that is held to them."""
    return tuple(t.text for t in TEMPLATES)


def patterns() -> tuple[re.Pattern[str], ...]:
    """Return one regular expression a template; a sentence that none matches cannot be read."""
    return tuple(pattern for _, pattern in compiled())


@cache
def compiled() -> tuple[tuple[Template, re.Pattern[str]], ...]:
    """Return each template with what matches its sentences."""
    return tuple((t, t.pattern()) for t in TEMPLATES)
