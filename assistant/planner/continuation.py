"""Turns that change one thing of the turn before: "and the ViT?", "above 20", "the next one"."""

from __future__ import annotations

import re

from assistant.planner import arguments as args
from assistant.planner.carried_numbers import carry_numbers
from assistant.planner.dialogue import Call, Turn
from assistant.planner.follow_up import CORRECTION, repeat
from assistant.planner.fragments import is_fragment
from assistant.planner.intent_words import PHYSICS_PROPERTY
from assistant.planner.probe_change import change_probe
from assistant.planner.requests import RequestBuilder
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics

_SAME = (
    r"\b(?:the same|same (?:thing|for|with|on|at|again|question)|do (?:it|that|this) (?:again|too"
    r"|for|with|on)|likewise|ditto|again|repeat)\b|\b(?:restrict|limit|narrow|confine|apply|extend"
    r"|redo|repeat) (?:that|it|this|these|them|those) (?:down )?(?:to|for|on|only)\b|^(?:and |now "
    r"|but )*(?:only|just) (?:for|on|with|in)\b"
)
_NOT_SAME = (
    r"same (?:events?|ones|selection|set|sample|class|answer|label|verdict|\d+|range|way|kind)"
    r"|still|\bthem again"
)
_LOOK_UP = ("search_knowledge", "particle_properties")
_SINGLE = ("explain_event", "display_event", "classify_events", "probe_event")
_SHOW_NUMBER = r"(?:(?:ok|now|and|then|please) )*(?:show|display|draw)(?: me)? (?:event |#)?\d+\W*$"
_AS_PLOT = (
    r"^(?:(?:and|now|can you|could you|please|ok) )*(?:plot|draw|show|histogram)(?: me)?"
    r" (?:it|that|this|them|the (?:distribution|histogram|spectrum)|(?:it |that )?as an? \w+)\b"
    r"(?! (?:of|for|event)\b)"
)
_SHOW_DISPUTED = (
    r"\b(?:show|display|draw|plot|look at|see)\b.*\b(?:differ|disagree|dispute|conflict)"
)
_ORDINAL = (
    r"\bthe (?:(?P<last>last|final)|(?P<n>\d+)th|first|closest|nearest|top|most similar"
    r"|best(?= match| hit))(?: (?:one|of (?:them|those|these)|match|hit|neighbou?r)\b|$)"
)
_AFFECTS = (
    r"\b(?:do|does|did|is|was|mean|affect|change|happen)\w*\b.*\b(?:to|for|with|on"
    r"|in) the\b|then\W*$"
)
_ORIGINAL = r"\bthe (?:original|initial|starting|reference|query)(?: (?:one|event))?\b"
_FAMILIES = ((r"(?:\w+ )?(?:k|kaon)", "kaon"), (r"(?:\w+ )?pi", "pion"))


class ContinuationBuilder(RequestBuilder):
    """Plans turns that lean on the turn before."""

    def _continued(self, text: str, slots: Slots) -> bool:
        """Plan a turn that changes one thing of the turn before, if it is one."""
        previous = self.dialogue.previous
        assert previous is not None
        last = previous.calls[-1]
        if last.tool in _SINGLE and re.match(_SHOW_NUMBER, text):
            return False
        if carry_numbers(text, slots, last) and not read_statistics(text):
            return self._repeated(slots)
        if last.tool == "probe_event" and len(text.split()) <= 5 and change_probe({}, slots):
            return self._repeated(slots)
        if last.tool in _LOOK_UP and (slots.events or slots.bare or slots.models):
            return False
        if last.tool == "particle_properties" and (said := _particle(text, slots, last)):
            self.calls.append(Call("particle_properties", {"particle": said}))
            return True
        if slots.events.head is not None and not re.search(r"\bevents?\b|\bfile|\bdata", text):
            slots.them = slots.them or not slots.events.expressions
        if re.search(r"\bthe (?:\w+ ){1,4}one\b", text) and args.sort_arguments(text):
            slots.them = True
        if re.search(r"\bthe (?:worst|best) (?:ones?|of (?:them|those|these))\b", text):
            slots.them = True
        if (number := self._ordinal(text)) is not None:
            slots.events.expressions, slots.events.numbers = [f"{number}:{number + 1}"], [number]
            slots.events.head, slots.it, slots.them = None, False, False
            return self._repeated(slots) if is_fragment(text, slots) else False
        if len(text.split()) <= 5 and self._ranked_anew(text, previous):
            return True
        if re.search(_ORIGINAL, text) and (asked := self.dialogue.asked_about()):
            slots.events.expressions, slots.them, slots.it = [asked], False, False
        if re.search(r"\b(?:both|together)\b", text) and (two := self.dialogue.last_two()):
            slots.events.expressions, slots.them = [two], False
            return self._repeated(slots)
        if slots.top and re.search(r"\bthe top \d+\W*$", text):
            slots.them, slots.events.head, slots.top = True, slots.top, None
        if self._compared_before() and re.search(_SHOW_DISPUTED, text):
            self.calls.append(Call("display_event", {"events": "@differ"}))
            return True
        if last.arguments.get("statistic") in ("mean", "count") and re.search(_AS_PLOT, text):
            column = last.arguments.get("column", "energy")
            self.calls.append(
                Call(
                    "aggregate_statistics",
                    last.arguments | {"statistic": "histogram", "column": column},
                )
            )
            return True
        correction = re.search(CORRECTION, text) and not _asks_anew(text)
        if (correction or re.search(_SAME, text)) and not re.search(_NOT_SAME, text):
            return self._repeated(slots)
        statistics = read_statistics(text)
        if not is_fragment(text, slots):
            if statistics and re.search(_AFFECTS, text) and not slots.names_events:
                self._inherit_events(slots, previous)
            return False
        if statistics and statistics != [last.arguments.get("statistic")]:
            self._inherit_events(slots, previous)
            return False
        if slots.models and last.tool in ("select_events", "display_event", "describe_dataset"):
            # Events were found without a classifier; now one is asked about them.
            verdict = re.search(r"label|p_n|correct|confidence", str(last.arguments.get("events")))
            slots.them = slots.them or not slots.names_events
            return bool(verdict) and self._repeated(slots)
        return self._repeated(slots)

    def _ranked_anew(self, text: str, previous: Turn) -> bool:
        """Rank as the turn before did, by something else: "and the least energetic?"."""
        order = args.sort_arguments(text)
        if not (order and any(c.arguments.get("sort_by") for c in previous.calls)):
            return False
        for call in previous.calls:
            new = {"sort_by": order[0], "descending": order[1]}
            ranked = call.arguments.get("sort_by")
            self.calls.append(Call(call.tool, call.arguments | (new if ranked else {})))
        return True

    def _repeated(self, slots: Slots) -> bool:
        calls = repeat(self.dialogue, slots, slots.text)
        self.calls += calls or []
        return bool(calls)

    def _inherit_events(self, slots: Slots, previous: Turn) -> None:
        """Let a fragment speak of the events of the turn before, and of its classifier."""
        last = previous.calls[-1].arguments
        events = str(last.get("events", "all"))
        self.fragment = True
        # A statistic of the one event that was just looked at says nothing.
        if not slots.names_events and len(self.dialogue.last_indices()) != 1:
            if "@last" in events or last.get("statistic") is None:
                slots.them = True
            elif events != "all":
                slots.expression = events
        model = self.dialogue.last_model()
        if model and not slots.models:
            slots.models = [model]

    def _ordinal(self, text: str) -> int | None:
        """Return the event meant by "the third", "the last of them", "the closest one"."""
        indices = self.dialogue.last_group()
        found = re.search(_ORDINAL, text)
        if not found or len(indices) < 2:
            return None
        place = -1 if found["last"] else int(found["n"] or 1) - 1
        return indices[place] if place < len(indices) else None


def _particle(text: str, slots: Slots, last: Call) -> str | None:
    """Return the particle of a follow-up: "and its mass?", "lifetime of the charged one?"."""
    before = str(last.arguments["particle"])
    if slots.particle and not re.search(r"\b(?:one|ones)\b", text):
        fresh = len(slots.particles) == 1 and len(text.split()) <= 6
        return slots.particle if fresh else None
    charge = re.search(r"\b(neutral|charged|positive|negative)\b", text)
    if charge:
        family = next((f for k, f in _FAMILIES if re.match(k, before)), None)
        return f"{charge[1]} {family}" if family else None
    return (
        before
        if re.search(rf"\b(?:{PHYSICS_PROPERTY})\b", text) and len(text.split()) < 7
        else None
    )


def _asks_anew(text: str) -> bool:
    """Whether a correction carries a whole new request ("no, explain event 3 instead")."""
    return (
        re.search(
            r"\b(?:explain|classify|compare|display|draw|similar|histogram|mean|purity"
            r"|efficiency|accuracy|confusion|mask|why|how many|what)\b",
            text,
        )
        is not None
    )
