"""What `probe_event` is to change, read from the words."""

from __future__ import annotations

import re
from typing import Any

from assistant.number_words import NUMBER_WORDS
from assistant.planner.slots import Slots


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
    return max(round(factor), 2)


def change_probe(arguments: dict[str, Any], slots: Slots) -> bool:
    """Set what a probe changes from the words; return whether anything was set."""
    text = slots.text
    if (
        arguments.get("change") == "resolution"
        and re.search(r"quarter|half|third|\dth|\d", text)
        and not (slots.views or slots.events or slots.bare)
    ) or re.search(
        r"resolution|degrad|down-?sampl|coars|granular|re-?bin|blur|pixels? "
        r"(?:\w+ ){0,3}(?:twice|bigger|larger)",
        text,
    ):
        arguments.update(change="resolution", factor=_factor(text))
        for key in ("views", "region"):
            arguments.pop(key, None)
        return True
    region = None
    if re.search(r"showers?\b|cascade", text):
        region = "shower"
    elif re.search(r"\b(?:longest )?tracks?\b|\bmuon\b", text):
        region = "track"
    elif re.search(r"vertex|start of the (?:event|picture)|interaction point|beginning", text):
        region = "vertex"
    elif re.search(r"downstream|far end|\bend\b|(?:2th|second|last|lower|back) half", text):
        region = "downstream"
    elif re.search(r"upstream|(?:first|upper|front) half", text):
        region = "upstream"
    only = re.search(r"\b(?:only|just|nothing but|solely|alone)\b", text)
    if region:
        arguments.update(change="mask", region=region)
        if slots.views:
            arguments["views"] = slots.views
        else:
            arguments.pop("views", None)
        return True
    if slots.views:
        if arguments.get("views") and re.search(r"\b(?:too|also|as well|both|gone too)\b", text):
            slots.views = list(dict.fromkeys([*arguments["views"], *slots.views]))
        arguments.update(change="keep_views" if only else "drop_views", views=slots.views)
        arguments.pop("region", None)
        return True
    return False
