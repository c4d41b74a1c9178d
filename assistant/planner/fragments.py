"""Turns without a request of their own, that change one thing of the turn before: "and RES?"."""

from __future__ import annotations

import re

from assistant.planner.arguments import read_by
from assistant.planner.filters import EXCLUDES
from assistant.planner.intent_words import WEIGHTS
from assistant.planner.lexicon import FILLER_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots
from assistant.planner.statistic import PATTERNS, read_statistics

_TOOL_VERBS = (
    r"^(?:(?:and|now|so|then|ok|okay|please|can|could|you|also) )*(?:show|give|tell|plot|draw"
    r"|histogram|compute|calculate)\b(?! (?:me )?(?:\d+(?= (?:more|of|instead|please|ones|then"
    r"|only)\b|\W*$)|more|less|fewer|instead|the same|that|it again))"
)
_SHOWS = frozenset(("show", "draw", "display", "compute", "calculate", "there"))
"""Words that ask for nothing by themselves beside the name of a statistic."""
_SPLITS = frozenset(
    word
    for line in (
        "per by split broken down each separately label labels mode modes channel channels",
        "truth true",
        "flavour flavours category categories type types process processes number function",
    )
    for word in line.split()
)
"""Words that say by what a statistic is split."""


def left_over(text: str, slots: Slots) -> list[str]:
    """Return the words of a clause that neither its slots nor its statistics explain."""
    left = slots.left
    if about := re.match(
        r"(?:(?:and|so|but|now|ok|or) )*(?:what|how) (?:(?:about|if|of)|(?:is|are|was) (?:the|its"
        r"|their))\b",
        text,
    ):
        left = BLANK * about.end() + left[about.end() :]
    for name in read_statistics(text):
        for found in re.finditer(rf"(?:{dict(PATTERNS)[name]})", text):
            # A pattern may bridge a gap: what lies between its words is explained as well.
            start, end = found.span()
            left = left[:start] + BLANK * (end - start) + left[end:]
    by = read_by(text)
    idle = FILLER_WORDS | (_SHOWS if by or read_statistics(text) else frozenset())
    idle = idle | (_SPLITS if by else frozenset())
    return [word for word in re.findall(r"[a-z]+", left) if word not in idle]


def is_fragment(text: str, slots: Slots) -> bool:
    """Say whether a clause names things without saying what to do with them."""
    asks = re.match(
        r"(?:and |so )*(?:how many|what (?:is|are|was|were) (?:it|that|they|the)\b"
        r"|which (?:ones?|are|were|of)\b|(?:does|do|did|has|have|was|were) (?:it|they)\b"
        r"|is (?:it|that|this)\b|are (?:they|those|these)\b)",
        text,
    )
    return (
        len(text.split()) <= 12
        and not left_over(text, slots)
        and not (re.search(_TOOL_VERBS, text) and slots.columns and read_by(text))
        and (read_statistics(text) or not re.search(_TOOL_VERBS, text))
        and not (asks and not read_statistics(text))
    )


_REASKED = ("aggregate_statistics", "compare_classifiers", "probe_event")
"""Tools whose question may be asked again of something else in the form of a question."""
_NEW_WORDS = 2
"""Most unknown words with which a turn may still only change the request before."""


def edits(text: str, slots: Slots, before: str) -> bool:
    """Say whether a turn names only what the request before it is changed in.

    Either all its words are explained, or few are not and none calls for another tool: "crank it up
    to 12 GeV".

    Parameters
    ----------
    text : str
        Normalised clause.
    slots : Slots
        What was read in it.
    before : str
        The tool that was called last.
    """
    left_out = re.search(EXCLUDES, text) and (slots.bare or slots.events) and not slots.views
    if is_fragment(text, slots) or left_out:
        return True
    named = (
        slots.models
        or slots.classes
        or slots.cuts.filters
        or slots.cuts.threshold is not None
        or slots.names_events
        or slots.bare
        or slots.views
        or slots.level
        or slots.top
    )
    unknown = set(left_over(text, slots))
    asks = re.match(r"(?:and |so |but )*(?:which|who|why|how (?:many|much)|is|are)\b", text)
    reasked = re.match(r"(?:and |so |but )*(?:what|how|does|do|did|would)\b", text)
    if before == "select_events" and slots.classes and re.match(r"(?:and |so )*which\b", text):
        unknown, asks, reasked = unknown - {"which"}, None, asks  # "and which NC?"
    elif reasked:
        # "What is it for QE?", after a statistic; after a listing it asks for something else.
        unknown -= {"what", "how"}
        if before not in _REASKED or unknown:
            return False
    if not named or asks or slots.them or len(unknown) > _NEW_WORDS or len(text.split()) > 9:
        return False
    return bool(reasked and not unknown) or not calls_for_another(text, before)


def calls_for_another(text: str, before: str) -> bool:
    """Say whether a clause has words of a tool other than the one that was called before."""
    return any(
        re.search(words, text)
        for tool, patterns in WEIGHTS.items()
        if tool != before
        for _, words in patterns
    )
