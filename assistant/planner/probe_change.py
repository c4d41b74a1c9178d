"""What `probe_event` is to change, read from the words."""

from __future__ import annotations

import re
from typing import Any

from assistant.number_words import NUMBER_WORDS
from assistant.planner.slots import Slots

_RESOLUTION = (
    r"resolution|degrad|down-?sampl|coars|granular|re-?bin|blur|pixels? (?:\w+ ){0,3}(?:twice"
    r"|bigger|larger)"
)
_FACTOR = (
    r"\b(?:half|halv\w+|twice|doubl\w+|quarter\w*|thirds?|tripl\w*|quadrupl\w*|\d+(?:th|x)?)\b"
    r"|\b\w+fold\b"
)
_NO_FACTOR = r"\b(?:event|#|for|on|with|number)\W*\d"
_REGIONS = (
    (r"showers?\b|cascade", "shower"),
    (r"\b(?:longest )?tracks?\b|\bmuon\b", "track"),
    (r"vertex|start of the (?:event|picture)|interaction point|beginning", "vertex"),
    (r"downstream|far end|\bend\b|(?:2th|second|last|lower|back) half", "downstream"),
    (r"upstream|(?:first|upper|front) half", "upstream"),
)
_ALL = (
    r"\b(?:everything|(?:all|every)(?: the)? (?:probes?|changes?|tests?|checks?|variations?)|the"
    r" (?:full|whole) (?:set|battery|suite|programme|list))\b"
)
_EVERY_KIND = (
    r"\b(?:try|do|test|run|vary|change) everything\b(?! (?:but|except))"
    r"|\bviews?\b[^.?]*\bmask\w*[^.?]*\bresolution"
)
_ONLY = r"\b(?:only|just|nothing but|solely|alone|keep\w*|left|remain\w*)\b"
_DROPPED = r"\b(?:without|drop\w*|remov\w*|gone|missing|dead|los\w+|mask\w*|hid\w*|no|off)\b"
_TOO = r"\b(?:too|also|as well|both|gone too|in addition|on top)\b"


def _factor(text: str) -> int:
    """Return by how much the resolution is lowered; 2 where the words do not say."""
    factor = 2.0
    if found := re.search(r"\b(by )?(\d+) ?(?:%|percent)", text):
        left = 100 - int(found[2]) if found[1] else int(found[2])
        factor = 100 / left if left > 0 else factor
    elif re.search(r"\b(?:half|halv\w+|twice|doubl\w+)\b", text):
        pass
    elif found := re.search(
        r"(?:1/|factor (?:of )?|by )(\d+)|(\d+) ?(?:times|x|-fold|fold) "
        r"?(?:lower|coarser|worse|bigger|larger)?",
        text,
    ):
        factor = int(found[1] or found[2])
    elif found := re.search(rf"\b({'|'.join(NUMBER_WORDS)})fold\b", text):
        factor = NUMBER_WORDS[found[1]]
    elif re.search(r"quarter|4th|quadrupl", text):
        factor = 4
    elif re.search(r"third|3th|tripl", text):
        factor = 3
    elif found := re.search(r"\b(\d+)th\b(?! (?:event|one|entry))", text):
        factor = int(found[1])
    elif not re.search(_RESOLUTION, text) and (found := re.search(r"\b(\d+)\b", text)):
        factor = int(found[1])  # "and 8?", where the resolution was lowered before
    return max(round(factor), 2)


def read_change(text: str, slots: Slots, before: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a clause changes of an event, as arguments; None where it names nothing.

    Parameters
    ----------
    text : str
        Normalised clause.
    slots : Slots
        What was read in it.
    before : dict
        Arguments of the probe before; "and by eight?" is a factor where that had one.
    """
    lowered = before.get("change") == "resolution" and not (slots.views or slots.events)
    if re.search(_EVERY_KIND, text):
        return {"change": "all"}
    if re.search(_RESOLUTION, text) or (
        lowered and re.search(_FACTOR, text) and not re.search(_NO_FACTOR, text)
    ):
        return {"change": "resolution", "factor": _factor(text)}
    if before and re.search(_ALL, text):
        return {"change": "all"}
    region = next((name for words, name in _REGIONS if re.search(words, text)), None)
    if region:
        return {"change": "mask", "region": region} | (
            {"views": slots.views} if slots.views else {}
        )
    if not slots.views:
        return None
    views = slots.views
    if before.get("change") == "mask" and re.search(r"\b(?:in|of) (?:the )?", text):
        return {"change": "mask", "region": before["region"], "views": views}
    if before.get("views") and re.search(_TOO, text):
        views = list(dict.fromkeys([*before["views"], *views]))
    keeps = before.get("change") == "keep_views" and not re.search(_DROPPED, text)
    kept = keeps or re.search(_ONLY, text)
    return {"change": "keep_views" if kept else "drop_views", "views": views}


def change_probe(arguments: dict[str, Any], slots: Slots) -> bool:
    """Set what a probe changes from the words; return whether anything was set."""
    change = read_change(slots.text, slots, arguments)
    if change is None:
        return False
    for key in ("change", "views", "region", "factor"):
        arguments.pop(key, None)
    arguments |= change
    return True
