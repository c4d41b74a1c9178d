"""A second reading of a turn, where rules and network do not agree on what it asks for."""

from __future__ import annotations

import re

from assistant.planner.arguments import TARGETED, sort_arguments
from assistant.planner.dialogue import Call
from assistant.planner.follow_up import repeat
from assistant.planner.later_clauses import LaterClauseBuilder
from assistant.planner.request_model import Reading
from assistant.planner.requests import Plan
from assistant.planner.slots import Slots

_SURE = 0.95
"""Probability from which on the network is followed against a plan that the rules made."""
_SURE_OF_REFUSED = 0.9
"""Probability from which on the network is followed where the rules refuse, or ask of which event.

What the rules refuse for a reason, they refuse again when the request is planned anew.
"""
_SURE_OF_SPLIT = 0.5
_OF_MANY = ("aggregate_statistics", "compare_classifiers", "search_knowledge")
"""Tools that need not be told of which event."""
_COUNTING = {"describe_dataset", "count"}
"""Either tells how many there are."""


def disagree(plan: Plan, reading: Reading) -> bool:
    """Say whether a plan does not do what the network takes the request for."""
    if reading.tool in ("decline", "ask_back"):
        return False
    if plan.reply:
        whole = plan.reply == "which_event" and reading.tool in _OF_MANY
        return (whole or plan.reply == "decline") and reading.certainty >= _SURE_OF_REFUSED
    if reading.certainty < _SURE or _exact(plan, reading):
        return False
    targets = [c.arguments for c in plan.calls if c.arguments.get("statistic") in TARGETED]
    if reading.statistic in TARGETED and any("target" not in a for a in targets):
        return True  # nothing was read that it could be the efficiency of
    wanted = {reading.statistic or reading.tool}
    made = {str(c.arguments.get("statistic", c.tool)) for c in plan.calls}
    return not (wanted & made or (wanted <= _COUNTING and made & _COUNTING))


def _exact(plan: Plan, reading: Reading) -> bool:
    """Say whether the rules read what nobody says by chance: bins, ranks, verdicts of several."""
    made = [c.arguments for c in plan.calls]
    models = {str(m) for a in made for m in a.get("models") or [a.get("model")] if m}
    of_several = any(re.search(r"correct_\w+ .*correct_", str(a.get("events"))) for a in made)
    binned = any({"bins", "bin_width"} & a.keys() for a in made)
    by_class = reading.tool == "compare_classifiers" and len(models) == 1 and "by" in made[-1]
    ranked = reading.tool in ("compare_classifiers", "search_knowledge") and any(
        "sort_by" in a for a in made
    )
    return of_several or binned or by_class or ranked


def split_as(plan: Plan, reading: Reading) -> None:
    """Split the statistics of a plan as the network reads it, where the rules read no split."""
    if reading.split in ("none", "other") or reading.split_certainty < _SURE_OF_SPLIT:
        return
    for call in plan.calls:
        if call.arguments.get("statistic") == reading.statistic and "by" not in call.arguments:
            call.arguments["by"] = reading.split


class Rereader(LaterClauseBuilder):
    """Plans a turn as one request for a given tool."""

    def reread(self, reading: Reading) -> Plan:
        """Plan the turn for the tool and the statistic that the network reads."""
        text = self.pointer(self._with_subject(self.text))
        slots = self._slots(text)
        previous = self.dialogue.previous
        same = reading.scope == "same" and self._same(reading)
        if same and (repeated := repeat(self.dialogue, slots, text)):
            return Plan(calls=repeated)
        if previous is not None and reading.scope != "new" and not _names_events(slots):
            slots.them = True
        if sort_arguments(text):
            slots.it = False  # "the event of the lowest energy, could I see it?"
        self.wanted_statistic = reading.statistic
        reply = self._act(text, slots, reading.tool, first=True)
        return reply if reply and reply.reply else Plan(calls=self.calls)

    def _same(self, reading: Reading) -> bool:
        """Whether the turn before called what is asked for now."""
        previous = self.dialogue.previous
        last = previous.calls[-1] if previous and previous.calls else None
        return last is not None and last.tool == reading.tool

    def looked_up(self, tool: str) -> Plan:
        """Plan to look the question up: in the documents, or a particle in the tables."""
        particles = self.whole.particles
        if tool == "particle_properties":
            calls = [Call(tool, {"particle": p}) for p in particles[:4]]
            return Plan(calls=calls)
        return Plan(calls=[Call(tool, {"question": self.question.strip()})])


def _names_events(slots: Slots) -> bool:
    return bool(slots.names_events or slots.cuts.filters or slots.classes)
