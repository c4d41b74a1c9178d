"""What a request is about where it does not say so: nothing yet, an unknown name, a bare number."""

from __future__ import annotations

import re

from assistant.planner.filters import outcome
from assistant.planner.intent_words import WEIGHTS
from assistant.planner.lexicon import COMMON_WORDS, DOMAIN_WORDS, FILLER_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise

_REQUESTS = frozenset(
    word
    for line in (
        "explain classify compare show display draw plot describe find list count run label probe",
        "rerun continue look see",
    )
    for word in line.split()
)
_FIELD = next(words for weight, words in reversed(WEIGHTS["search_knowledge"]))
_ASKED_OF = (
    r"\b(?:[Ww]ith|[Uu]s(?:e|ing)|[Bb]y|[Vv]ia|[Aa]pply|[Rr]un|[Aa]sk|[Dd]oes|[Dd]o|[Dd]id|[Ww]ould"
    r"|[Tt]ry|[Vv]s|[Vv]ersus|to) (?:(?:the|an?|your|my|our) )?((?:[A-Z][\w+-]*|[a-z]+[A-Z][\w+-]*"
    r"|[a-z]+-?\d[\w+-]*)(?: (?:net|network|model|filter|classifier))?)"
)
_LEANING = frozenset(
    word
    for line in (
        "why how what which who when because better worse best worst similar like same following",
        "latter former opposite way kind sort so really wrong right them said would say says think",
    )
    for word in line.split()
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
        or outcome(text)
        or read_statistics(text)
    )
    if named:
        # "Is it a nue?": a class is asked for, not named.
        asked_of_it = slots.it and re.match(r"(?:is|was|does|did) it\b", text)
        return bool(asked_of_it and slots.classes and not (slots.events or slots.bare))
    words = set(re.findall(r"[a-z]+", slots.left.replace(BLANK, " ")))
    if words & {"sample", "data", "file"} and words & {"describe", "list", "show", "about", "what"}:
        return False
    if words & {"classifier", "classifiers", "model", "models", "network", "networks"}:
        return bool(slots.it or slots.them)
    asked = words & _REQUESTS
    if (len(slots.models) > 1 or (slots.models and asked)) and not (slots.it or slots.them):
        return False  # "compare the classifiers": on all events
    return words <= FILLER_WORDS | _REQUESTS | _LEANING


def asks_nothing_new(text: str, slots: Slots) -> bool:
    """Say whether all words of a clause are about events and verdicts, none about physics."""
    words = set(re.findall(r"[a-z]+", slots.left.replace(BLANK, " ")))
    known = FILLER_WORDS | _REQUESTS | _LEANING | DOMAIN_WORDS
    return words <= known and not slots.particle and not re.search(_FIELD, text)


def unknown_name(question: str) -> str | None:
    """Return a name that a question wants its events judged by, if it is none that is known.

    Names are told by how they are written: "GoogLeNet", "BERT", "the Kalman filter".
    """
    for found in re.finditer(_ASKED_OF, question):
        words = normalise(found[1])
        if words in COMMON_WORDS | DOMAIN_WORDS | FILLER_WORDS or re.search(_FIELD, words):
            continue
        slots = read_slots(words)
        named = slots.models or slots.classes or slots.cuts.filters or slots.columns or slots.views
        if not (named or slots.particle or slots.events or len(words) < 3):
            return words
    return None


_MEASURES = (
    r"bar|atm|k?t|ktons?|tons?|k?g|kelvin|[mk]?v|volts?|amps?|m?w|hours?|days?|years?|[num]?s|secs?"
    r"|seconds?|minutes?|[kmg]?hz|body|bodies|particles?|neutrinos?|flavou?rs?|times|x|ways|kinds"
    r"|types|sorts|dimensions|degrees|sigma|epochs|percent|classes|views|planes"
)


def with_event_nouns(text: str, n: int | None) -> str:
    """Write "event" before the numbers that can be nothing else: "bring 77 up".

    Parameters
    ----------
    text : str
        Normalised question.
    n : int or None
        Events in the data set; larger numbers are left as they are.
    """
    slots = read_slots(text, n=n)
    bare = slots.bare
    if slots.top is not None or read_statistics(text)[:1] in (["worst_mistakes"], ["least_sure"]):
        return text  # a number there says how many
    if not bare or slots.events or not n:
        return text
    placed = re.search(
        r"^(?:and |so |but )*(?:(?:why|how|what|which) )?(?:is|was|did|does|would|has) #?\d+ "
        r"|\b(?:in|of|for|on) #?\d+\W*$|\b(?:think|believe|say|reckon)s? #?\d+ (?:is|was)\b",
        text,
    )
    if not placed and (slots.particle or re.search(_FIELD, text)):
        return text
    if re.search(
        r"\b(?:which|any|some|most|all|none|each|many) of (?:the|these|those) \d+\b", text
    ):
        return text  # as many as there were before
    if max(map(int, re.findall(r"\d+", str(bare.expressions)))) > n:
        return text
    noun = "event " if len(bare.numbers) == 1 and len(bare.expressions) == 1 else "events "
    start = bare.starts[0]
    behind = re.match(r"[\d\s,]*\d(-?)(?:\s([a-z]+))?", text[start:])
    if behind and (behind[1] or re.fullmatch(_MEASURES, behind[2] or "")):
        return text  # "2-particle", "2 bar"
    return f"{text[:start]}{noun}{text[start:]}"
