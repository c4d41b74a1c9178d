"""Cuts that a turn takes away again: "without the last cut", "all modes", "whatever the energy"."""

from __future__ import annotations

import re

from assistant.planner.lexicon import CLASS_PATTERNS, COLUMN_PATTERNS, MODES
from assistant.planner.text import normalise

_CUT = (
    r"(?:cuts?|requirements?|restrictions?|conditions?|limits?|filters?|constraints?|bounds?"
    r"|vet(?:o|oes))"
)
_ANY = (
    "|".join(words for _, dimension, words in COLUMN_PATTERNS if dimension == "count") + "|pions?"
)
_LIFTED = re.compile(
    r"\b(?:without|drop|remove|lift|ignore|relax|forget|undo|omit|skip|scrap|minus|no)\b"
    rf"(?P<which>.*)\b{_CUT}\b|\b(?:all|any|every|what(?:so)?ever|whichever|no matter"
    r"|no matter (?:what|which)|(?:regardless|irrespective|independent(?:ly)?) of)(?: the| its"
    r"| their)?(?: 3)? (?P<what>(?:neutrino |lepton |interaction |true"
    r" )?(?:energ(?:y|ies)|modes?|channels?|class(?:es)?|flavou?rs?|types?))\b(?! (?:events?|in\b"
    r"|of\b|\w*st\b))|\b(?:forget|ignore|drop|lift|disregard)(?: about)? the (?P<bare>energ(?:y"
    rf"|ies)|modes?|class|flavou?r|{_ANY})\W*$|\bany number of (?P<any>{_ANY})|\b(?:include|put|add"
    r"|bring|take) .*\b(?P<back>again|back)\b|^(?:(?:and|now|for|over|on|in|what about) )*(?:all"
    r"|everything|all of (?:them|these)|the lot) (?P<all>together|combined)\W*$"
    r"|^(?:(?:and|now|for|over|on|in) )*(?P<every>all)\W*$"
)
_SAME_KIND = (
    ("truth", r"class(?:es)?|flavou?rs?|truth"),
    ("mode", r"modes?|channels?|(?:interaction )?types?|qe|res|dis|mec|coh"),
    ("charged_pions", r"pions?"),
    ("neutral_pions", r"pions?"),
    *((column, words) for column, _, words in COLUMN_PATTERNS),
)


def lifts(text: str, *, named: bool = False) -> bool:
    """Say whether a normalised clause takes a cut away.

    Where it is `named` what is cut on instead, only whole quantities are: "whatever the flavour".
    """
    found = _LIFTED.search(text)
    return found is not None and bool(not named or found["what"])


def without_cuts(events: str, text: str, question: str) -> str:
    """Return a cut string without the cuts that a clause takes away.

    Parameters
    ----------
    events : str
        Cuts joined by ``and``.
    text : str
        Normalised clause.
    question : str
        The question in which the cuts were told; the last one told is "the last cut".
    """
    found = _LIFTED.search(text)
    terms = events.split(" and ")
    if found is None or (len(terms) > 1 and "(" in events and not found["back"]):
        return events
    if found["all"] or found["every"]:  # what the turn before named last
        before = normalise(question)
        return " and ".join(t for t in terms if _place(t, before) < 0) or "all"
    said = found["what"] or found["which"] or found["any"] or found["bare"] or "class"
    if found["back"]:
        kept = [term for term in terms if not re.search(r"!=|\bnot\b", term)]
    elif re.search(r"\b(?:last|latest|final|that|this)\b", said):
        before = normalise(question)
        last = max(terms, key=lambda term: (_place(term, before), terms.index(term)))
        kept = [term for term in terms if term != last]
    elif re.search(r"\ball\b", said):
        kept = []
    else:
        columns = {c for c, words in _SAME_KIND if re.search(rf"\b(?:{words})\b", said)}
        kept = [term for term in terms if re.split(r"\W", term)[0] not in columns]
    return " and ".join(kept) or "all"


def _place(term: str, text: str) -> int:
    """Return where in a text the value of a cut stands; -1 where it does not."""
    value = term.split()[-1].strip("]")
    words = MODES.get(value) or CLASS_PATTERNS.get(value) or re.escape(value)
    return max(
        (m.start() for m in re.finditer(rf"(?<![\w.])(?:{words})(?![\w.])", text)), default=-1
    )
