"""Requests that lean on something when nothing has been said: to be asked back."""

from __future__ import annotations

import re

from assistant.planner.lexicon import COMMON_WORDS, DOMAIN_WORDS, FILLER_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise

_REQUESTS = frozenset(
    "explain classify compare show display draw plot describe find list count run label probe"
    " rerun continue look see".split()
)
_ASKED_OF = (
    r"\b(?:[Ww]ith|[Uu]s(?:e|ing)|[Bb]y|[Vv]ia|[Aa]pply|[Rr]un|[Aa]sk|[Dd]oes|[Dd]o|[Dd]id|[Ww]ould"
    r"|[Tt]ry|[Vv]s|[Vv]ersus|to) (?:(?:the|an?|your|my|our) )?"
    r"((?:[A-Z][\w+-]*|[a-z]+[A-Z][\w+-]*|[a-z]+-?\d[\w+-]*)(?: (?:net|network|model|filter|classifier))?)"
)
_LEANING = frozenset(
    "why how what which who when because better worse best worst similar like same following"
    " latter former opposite way kind sort so really".split()
)


def lacks_referent(text: str, slots: Slots) -> bool:
    """Say whether a first request names nothing that it could be about: "and these?", "why?".

    Parameters
    ----------
    text : str
        Normalised question.
    slots : Slots
        What was read in it.
    """
    named = (
        slots.events
        or slots.bare
        or slots.classes
        or slots.cuts.filters
        or slots.cuts.threshold is not None
        or slots.columns
        or slots.names
        or slots.expression
        or slots.views
        or slots.top
        or slots.particle
        or slots.unknown_model
        or read_statistics(text)
    )
    if named:
        return False
    words = set(re.findall(r"[a-z]+", slots.left.replace(BLANK, " ")))
    asked = words & _REQUESTS
    if slots.models and asked and not (slots.it or slots.them):
        return False  # "compare the classifiers": on all events
    return words <= FILLER_WORDS | _REQUESTS | _LEANING


def unknown_name(question: str) -> str | None:
    """Return a name that a question wants its events judged by, if it is none that is known.

    Names are told by how they are written: "GoogLeNet", "BERT", "the Kalman filter".
    """
    for found in re.finditer(_ASKED_OF, question):
        words = normalise(found[1])
        if words in COMMON_WORDS | DOMAIN_WORDS | FILLER_WORDS:
            continue
        slots = read_slots(words)
        named = slots.models or slots.classes or slots.cuts.filters or slots.columns or slots.views
        if not (named or slots.particle or slots.events or len(words) < 3):
            return words
    return None
