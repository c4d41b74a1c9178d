"""From a conversation to the tool calls of the present turn."""

from __future__ import annotations

import re

from assistant.planner import arguments as args
from assistant.planner.clauses import split
from assistant.planner.dialogue import Call, Dialogue
from assistant.planner.follow_up import CORRECTION, leans_on_previous, repeat
from assistant.planner.guard import is_injection, small_talk
from assistant.planner.intents import weigh
from assistant.planner.refusals import is_beyond
from assistant.planner.requests import Plan, RequestBuilder
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise, quoted

__all__ = ["Plan", "make_plan"]

_NO_EVENTS = ("search_knowledge", "particle_properties")
_THRESHOLD = 2.5
_WEAK = ("select_events", "search_knowledge", "display_event", "describe_dataset")
_SUBJECTLESS = (
    r"^(?:and |so |now |ok(?:ay)? )*(?:which ones?\b|what "
    r"(?:fraction|share|percentage|proportion)\b(?! of)"
    r"|how many (?:are|were|have|is|pass)\b(?! (?:there|events)\b.*\b(?:data|file|sample|total))"
    r"|who (?:is|was) (?:right|better|correct|closer)|is (?:the|that|this) difference)|\bthey\b"
)
_WHY = (
    r"(?:and |but |so |ok(?:ay)? )*(?:why(?: so| not| that| is that)?|how come|(?:please )?explain"
    r"(?: please)?|how so|what is the reason|reasons?|on what grounds|for what reason)"
)


def make_plan(dialogue: Dialogue) -> Plan:
    """Plan the turn that the last message of the conversation opens."""
    question = dialogue.current.question
    text = normalise(question)
    if is_injection(text):
        return Plan(reply="decline")
    if kind := small_talk(text):
        return Plan(reply=kind)
    if any(is_beyond(part) for part in [text, *split(text)]):
        return Plan(reply="decline")
    return _Planner(dialogue, question, text).plan()


class _Planner(RequestBuilder):
    """Reads the clauses of a turn one by one."""

    def plan(self) -> Plan:
        unknown = self.whole.unknown_model
        if unknown and not self.whole.models and self._about_data(self.whole):
            return Plan(reply="which_model", subject=unknown)
        parts = split(self.text) or [self.text]
        clauses = [c for c in parts if not small_talk(c)] or parts
        for position, clause in enumerate(clauses):
            reply = self._clause(clause, alone=len(clauses) == 1, first=position == 0)
            if (
                reply
                and reply.reply == "which_event"
                and len(clauses) > 1
                and self.whole.names_events
            ):
                # The event is named in another part of the sentence.
                reply = self._clause(self.text, alone=True, first=True)
                return reply or Plan(calls=self.calls)
            if reply and reply.reply and not self.calls:
                return reply
        if not self.calls:
            return self._lookup(self.question)
        return Plan(calls=_distinct(self.calls))

    def _about_data(self, slots: Slots) -> bool:
        return bool(
            slots.names_events or slots.bare.numbers or slots.classes or slots.cuts.filters
        ) or bool(
            re.search(
                (
                    r"classif|predict|label|compare|accura|confus|purity|efficien"
                    r"|run\b|apply|use\b|identif|explain|better|versus|\bvs\b"
                ),
                slots.text,
            )
        )

    def _clause(self, text: str, *, alone: bool, first: bool) -> Plan | None:
        slots = self.whole if alone else self._slots(text)
        name = args.read_new_name(
            text, quoted(self.question) if alone or "'" in text or '"' in text else None
        )
        if name:
            return self._name(text, slots, name)
        has_previous = bool(self.calls) or self.dialogue.previous is not None
        if has_previous and re.fullmatch(_WHY, text.strip(" ?.!")):
            slots.it = True
        if first and has_previous and not slots.names_events and re.search(_SUBJECTLESS, text):
            slots.them = True
        if has_previous and re.search(r"\bare you (?:sure|certain)\b", text):
            slots.it = True
        if first and has_previous and slots.events.of_last:
            slots.them = True
        if first and has_previous and not slots.names_events and read_statistics(text):
            slots.them = self._continues(slots)
        scores = weigh(text, slots, has_previous=has_previous)
        tool = max(scores, key=lambda t: scores[t])
        if (
            first
            and re.search(CORRECTION, text)
            and self.dialogue.previous
            and not _asks_anew(text)
        ) and (repeated := repeat(self.dialogue, slots, text)):
            self.calls += repeated
            return None
        same = re.search(
            r"\b(?:the same|same (?:thing|for|with|on|again|question)|do "
            r"(?:it|that|this) (?:again|too|for|with|on)|likewise|ditto"
            r"|again|repeat)\b"
            r"|\b(?:restrict|limit|narrow|confine|apply|extend|redo|repeat) "
            r"(?:that|it|this|these|them|those) (?:down )?(?:to|for|on"
            r"|only)\b"
            r"|^(?:and |now |but )*(?:only|just) (?:for|on|with|in)\b",
            text,
        )
        if (
            first
            and same
            and self.dialogue.previous
            and not re.search(
                (
                    r"same (?:events?|ones|selection|set|sample|class|answer|label"
                    r"|verdict|\d+|range|way|kind)|still|\bthem again"
                ),
                text,
            )
        ) and (repeated := repeat(self.dialogue, slots, text)):
            self.calls += repeated
            return None
        about = re.match(r"(?:and |so |now |ok |but )*(?:what|how) about\b", text)
        weak = first and about and self.dialogue.previous and tool in _WEAK
        if weak and (repeated := repeat(self.dialogue, slots, text)):
            self.calls += repeated
            return None
        if scores[tool] < _THRESHOLD or (
            first and tool in _NO_EVENTS and scores[tool] < 6 and _elliptical(text)
        ):
            return self._without_intent(text, slots, first=first, alone=alone)
        if not first and self.calls and self._is_remark(text, slots, tool):
            self._set_model(slots)
            return None
        return self._act(text, slots, tool, first=first)

    def _set_model(self, slots: Slots) -> None:
        """Take the model from a later clause: "Mask the shower: what does the CNN say then?"."""
        arguments = self.calls[-1].arguments
        if slots.models and "model" in arguments and not self._model_was_said:
            arguments["model"] = slots.models[0]

    def _is_remark(self, text: str, slots: Slots, tool: str) -> bool:
        """Whether a later clause only says what to report of the call before it."""
        before = self.calls[-1]
        own = bool(
            slots.events
            or slots.cuts.filters
            or slots.names
            or (
                slots.models
                and slots.models[0] not in str(before.arguments)
                and self._model_was_said
            )
            or slots.views
        )
        if own:
            return False
        if tool == before.tool and tool != "aggregate_statistics":
            return True
        if tool == "select_events" and before.tool == "select_events":
            return not slots.classes
        reports = {
            "classify_events": ("select_events", "search_knowledge"),
            "compare_classifiers": ("search_knowledge", "describe_dataset", "classify_events"),
            "aggregate_statistics": ("search_knowledge", "describe_dataset"),
            "explain_event": ("search_knowledge", "describe_dataset"),
            "probe_event": (
                "classify_events",
                "explain_event",
                "search_knowledge",
                "compare_classifiers",
            ),
            "find_similar_events": ("search_knowledge", "select_events"),
        }
        if (
            before.tool == "classify_events"
            and tool == "select_events"
            and (slots.classes or "differ" in text)
        ):
            return False
        if before.tool == "compare_classifiers" and tool == "aggregate_statistics":
            return read_statistics(text)[:1] in (["accuracy"], ["count"])
        if before.tool == "classify_events" and tool == "aggregate_statistics":
            return read_statistics(text) == ["count"] and not any(
                c.role == "true" for c in slots.classes
            )
        return tool in reports.get(before.tool, ())

    def _without_intent(self, text: str, slots: Slots, *, first: bool, alone: bool) -> Plan | None:
        if self.calls:
            return None
        if first and self.dialogue.previous and leans_on_previous(text, slots):
            if self._pending():
                merged = self._answer_to_question(text)
                if merged:
                    return merged
            if repeated := repeat(self.dialogue, slots, text):
                self.calls += repeated
                return None
        elif first and self._pending() and (merged := self._answer_to_question(text)):
            return merged
        if slots.expression:
            return self._act(text, slots, "select_events", first=first)
        if slots.models and (slots.events or slots.bare.expressions or slots.classes):
            return self._act(text, slots, "classify_events", first=first)
        if slots.events or (slots.bare.expressions and len(text.split()) <= 4):
            return self._act(text, slots, "display_event", first=first)
        if (
            slots.cuts.filters
            or (slots.cuts.threshold is not None and "event" in text)
            or (slots.classes and re.search(r"\bevents?\b", text))
        ):
            return self._act(text, slots, "select_events", first=first)
        if first and not alone:
            return None  # "Can you open the file and tell me ...": the rest says what is wanted
        return self._lookup(self.question if first else text)

    def _pending(self) -> bool:
        """Whether the last reply was a question back to the user."""
        earlier = self.dialogue.turns[:-1]
        return bool(earlier) and not earlier[-1].calls and earlier[-1].reply.rstrip().endswith("?")

    def _answer_to_question(self, text: str) -> Plan | None:
        earlier = self.dialogue.turns[-2].question
        joined = f"{normalise(earlier).rstrip('?.! ')} {text}"
        if re.fullmatch(r"(?:event |number |#|the )*\d+", text):
            joined = f"{normalise(earlier).rstrip('?.! ')} event {re.findall(r'[0-9]+', text)[0]}"
        planner = _Planner(self.dialogue, earlier, joined)
        planner.dialogue = Dialogue(
            [*self.dialogue.turns[:-2], self.dialogue.turns[-1]], self.dialogue.context
        )
        plan = planner.plan()
        if plan.reply:
            return None
        self.calls += plan.calls
        return None if plan.calls else plan

    def _lookup(self, question: str) -> Plan:
        self.calls.append(Call("search_knowledge", {"question": question.strip()}))
        return Plan(calls=self.calls)


def _asks_anew(text: str) -> bool:
    """Whether a correction carries a whole new request ("no, explain event 3 instead")."""
    return (
        re.search(
            (
                r"\b(?:explain|classify|compare|display|draw|similar|histogram"
                r"|mean|purity|efficiency|accuracy|confusion|mask|why|how many"
                r"|what)\b"
            ),
            text,
        )
        is not None
    )


def _elliptical(text: str) -> bool:
    return (
        re.match(r"(?:and|what about|how about|same|now|or)\b", text) is not None
        and len(text.split()) <= 6
    )


def _distinct(calls: list[Call]) -> list[Call]:
    kept: list[Call] = []
    for call in calls:
        if (
            not any(k.tool == call.tool and k.arguments == call.arguments for k in kept)
            or call.arguments.get("events") == "@last"
        ) and not (kept and kept[-1].tool == call.tool and kept[-1].arguments == call.arguments):
            kept.append(call)
    return kept
