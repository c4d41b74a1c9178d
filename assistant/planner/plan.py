"""From a conversation to the tool calls of the present turn."""

from __future__ import annotations

import re

from assistant.planner import arguments as args
from assistant.planner.clauses import split
from assistant.planner.dialogue import Call, Dialogue, Turn
from assistant.planner.filters import EXCLUDES
from assistant.planner.follow_up import CORRECTION, leans_on_previous, repeat
from assistant.planner.fragments import is_fragment
from assistant.planner.guard import is_injection, small_talk
from assistant.planner.intent_model import DECLINE
from assistant.planner.intent_words import PHYSICS_PROPERTY
from assistant.planner.intents import weigh
from assistant.planner.refusals import is_beyond
from assistant.planner.requests import Plan, RequestBuilder
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics
from assistant.planner.subject import is_outside, missing_quantity
from assistant.planner.text import normalise, quoted

__all__ = ["Plan", "make_plan"]

_RECORDED = ("aggregate_statistics", "select_events", "describe_dataset")
_NO_EVENTS = ("search_knowledge", "particle_properties")
_THRESHOLD = 2.5
_WEAK = ("select_events", "search_knowledge", "display_event", "describe_dataset")
_SUBJECTLESS = (
    r"^(?:and |so |now |ok(?:ay)? )*(?:which ones?\b|what "
    r"(?:fraction|share|percentage|proportion)\b(?! of)"
    r"|how many (?:are|were|have|is|pass)\b(?! (?:there|events)\b.*\b(?:data|file|sample|total))"
    r"|what (?:is|was) the (?:truth|true (?:class|label|flavou?r|energy|answer))\W*$"
    r"|what (?:does|do|would|did) (?:the )?\w+(?: \w+)? (?:say|think|call|give|make of it)\W*$"
    r"|who (?:is|was) (?:right|better|correct|closer)|is (?:the|that|this) difference)|\bthey\b"
)
_WITH_MODEL = (
    r"(?:and |please |but )*(?:use|using|with|by|via|take|based on) (?:the |its )?"
    r"(?:\w+ ?){1,2}(?:features?|embeddings?|space|for (?:that|this|it))?$"
)
_HOW_MANY = (
    r"(?:please |just |only )*(?:give|show|list|find)(?: me)? (?:the )?(?:top )?(\d+)(?: of them)?"
)
_SAME = (
    r"\b(?:the same|same (?:thing|for|with|on|at|again|question)|do "
    r"(?:it|that|this) (?:again|too|for|with|on)|likewise|ditto|again|repeat)\b"
    r"|\b(?:restrict|limit|narrow|confine|apply|extend|redo|repeat) "
    r"(?:that|it|this|these|them|those) (?:down )?(?:to|for|on|only)\b"
    r"|^(?:and |now |but )*(?:only|just) (?:for|on|with|in)\b"
)
_NOT_SAME = (
    r"same (?:events?|ones|selection|set|sample|class|answer|label|verdict|\d+|range|way|kind)"
    r"|still|\bthem again"
)
_AS_PLOT = (
    r"^(?:(?:and|now|can you|could you|please|ok) )*(?:plot|draw|show|histogram)(?: me)?"
    r" (?:it|that|this|them|the (?:distribution|histogram|spectrum)|(?:it |that )?as an? \w+)\b"
    r"(?! (?:of|for|event)\b)"
)
_SHOW_DISPUTED = (
    r"\b(?:show|display|draw|plot|look at|see)\b.*\b(?:differ|disagree|dispute|conflict)"
)
_ORDINAL = (
    r"\bthe (?:(?P<last>last|final)|(?P<n>\d+)th|first|closest|nearest|top|most similar)"
    r"(?: (?:one|of (?:them|those|these)|match|hit|neighbou?r)\b|$)"
)
_FAMILIES = ((r"(?:\w+ )?(?:k|kaon)", "kaon"), (r"(?:\w+ )?pi", "pion"))
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
        if unknown and self._about_data(self.whole) and not is_outside(self.text, self.whole):
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
        if first and self.dialogue.previous and self._continued(text, slots):
            return None
        if not first and self.calls and slots.models and re.match(_WITH_MODEL, text):
            self._set_model(slots)
            return None
        if (
            slots.rest
            and has_previous
            and re.search(EXCLUDES, normalise(self.dialogue.turns[-2].question))
        ):
            slots.rest, slots.them = False, True  # what an exclusion has left
        if not first and self.calls and (count := re.fullmatch(_HOW_MANY, text)):
            last = self.calls[-1]
            key = "k" if last.tool == "find_similar_events" else "top"
            if key == "k" or "top" in last.arguments:
                last.arguments[key] = int(count[1])
                return None
        scores = weigh(text, slots, has_previous=has_previous)
        tool = max(scores, key=lambda t: scores[t])
        about = re.match(r"(?:and |so |now |ok |but )*(?:what|how) about\b", text)
        if first and self.dialogue.previous and about and tool in _WEAK and self._repeated(slots):
            return None
        if tool == DECLINE:
            return Plan(reply="decline") if alone and not self.calls else None
        if scores[tool] < _THRESHOLD or (
            first and tool in _NO_EVENTS and scores[tool] < 6 and _elliptical(text)
        ):
            return self._without_intent(text, slots, first=first, alone=alone)
        if tool in _RECORDED and (quantity := missing_quantity(text)):
            return Plan(reply="no_quantity", subject=quantity)
        if not first and self.calls and self._is_remark(text, slots, tool):
            self._set_model(slots)
            return None
        return self._act(text, slots, tool, first=first)

    def _continued(self, text: str, slots: Slots) -> bool:
        """Plan a turn that changes one thing of the turn before, if it is one."""
        previous = self.dialogue.previous
        assert previous is not None
        last = previous.calls[-1]
        if last.tool == "particle_properties" and (said := _particle(text, slots, last)):
            self.calls.append(Call("particle_properties", {"particle": said}))
            return True
        if slots.events.head is not None and not re.search(r"\bevents?\b|\bfile|\bdata", text):
            slots.them = slots.them or not slots.events.expressions
        if re.search(r"\bthe (?:\w+ ){1,4}one\b", text) and args.sort_arguments(text):
            slots.them = True
        if (number := self._ordinal(text)) is not None:
            slots.events.expressions, slots.events.numbers = [f"{number}:{number + 1}"], [number]
            slots.events.head, slots.it, slots.them = None, False, False
            return False
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
        if not is_fragment(text, slots):
            return False
        statistics = read_statistics(text)
        if statistics and statistics != [last.arguments.get("statistic")]:
            self._inherit_events(slots, previous)
            return False
        if slots.models and last.tool in ("select_events", "display_event", "describe_dataset"):
            # Events were found without a classifier; now one is asked about them.
            verdict = re.search(r"label|p_n|correct|confidence", str(last.arguments.get("events")))
            slots.them = slots.them or not slots.names_events
            return bool(verdict) and self._repeated(slots)
        return self._repeated(slots)

    def _repeated(self, slots: Slots) -> bool:
        calls = repeat(self.dialogue, slots, slots.text)
        self.calls += calls or []
        return bool(calls)

    def _inherit_events(self, slots: Slots, previous: Turn) -> None:
        """Let a fragment speak of the events of the turn before, and of its classifier."""
        last = previous.calls[-1].arguments
        events = str(last.get("events", "all"))
        self.fragment = True
        if not slots.names_events:
            if "@last" in events or last.get("statistic") is None:
                slots.them = True
            elif events != "all":
                slots.expression = events
        model = self.dialogue.last_model()
        if model and not slots.models:
            slots.models = [model]

    def _ordinal(self, text: str) -> int | None:
        """Return the event meant by "the third", "the last of them", "the closest one"."""
        indices = self.dialogue.last_indices()
        found = re.search(_ORDINAL, text)
        if not found or len(indices) < 2:
            return None
        place = -1 if found["last"] else int(found["n"] or 1) - 1
        return indices[place] if place < len(indices) else None

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
