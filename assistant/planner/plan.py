"""From a conversation to the tool calls of the present turn."""

from __future__ import annotations

import re

from assistant.planner import arguments as args
from assistant.planner.clauses import retracted, split
from assistant.planner.continuation import ContinuationBuilder
from assistant.planner.dialogue import Call, Dialogue
from assistant.planner.filters import EXCLUDES
from assistant.planner.follow_up import leans_on_previous, repeat
from assistant.planner.guard import is_injection, small_talk
from assistant.planner.intent_model import DECLINE
from assistant.planner.intents import weigh
from assistant.planner.lexicon import MODELS, PARTICLES
from assistant.planner.referents import (
    asks_nothing_new,
    lacks_referent,
    unknown_name,
    with_event_nouns,
)
from assistant.planner.refusals import is_beyond
from assistant.planner.requests import Plan
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics
from assistant.planner.subject import asks_missing, is_outside, missing_quantity, unread_quantity
from assistant.planner.text import normalise, quoted

__all__ = ["Plan", "make_plan"]

_RECORDED = ("aggregate_statistics", "select_events", "describe_dataset")
_NO_EVENTS = ("search_knowledge", "particle_properties")
_THRESHOLD = 2.5
_CUT_ON = (
    r"\b(?:cut on|cutting on|require|select(?:ing)? (?:on|by)|filter (?:on|by)"
    r"|events? (?:with|by))\b"
)
_WHICH_OF_THEM = (
    r"(?:(?:please|and|then|also|tell me|list|show(?: me)?|say|give me|name) )*"
    r"(?:which|the ones?|those)(?: ones?| events?)? (?:that )?"
    r"(?:are|is|were|(?:it|they) (?:calls?|labels?)|comes? out|counts? as)\b"
)
"""Begins a clause that asks for some of the events of the clause before."""

_SHORT = 6
"""Words of a follow-up up to which the request before it says what its numbers mean."""
_WEAK = ("select_events", "search_knowledge", "display_event", "describe_dataset")
_SUBJECTLESS = (
    r"^(?:and |so |now |ok(?:ay)? )*(?:which (?:ones?|are|were)\b|what (?:fraction|share|percentage"
    r"|proportion)\b(?! of)|how many (?:are|were|have|is|pass)\b(?! (?:there|events)\b.*\b(?:data"
    r"|file|sample|total))|what (?:is|was) the (?:truth|true (?:class|label|flavou?r|energy"
    r"|answer))\W*$|what (?:does|do|would|did) (?:the )?\w+(?: \w+)? (?:say|think|call|give"
    r"|make of it)\W*$|who (?:is|was) (?:right|better|correct|closer)|is (?:the|that"
    r"|this) difference)|\bthey\b|^(?:and |so |but )*(?:does|do|is|was|did) (?:that|this"
    r"|it) (?:agree|match|fit|right|correct|true)\b|\b(?:the 2|both) (?:of them )?(?:compare|agree"
    r"|differ|disagree|match|say|fare)\b"
)
_OWN = (
    rf"(?<![\w-])(?:{PARTICLES}|{'|'.join(MODELS)}|network|classifier)\b.*"
    r"\b(?:its|(?:is|does|was|when|if|that|how \w+) it)\b"
)
"""What "it" stands for in the same sentence, other than an event."""
_WITH_MODEL = (
    r"(?:and |please |but )*(?:use|using|with|by|via|take|based on) (?:the |its )?"
    r"(?:\w+ ?){1,2}(?:features?|embeddings?|space|for (?:that|this|it))?$"
)
_HOW_MANY = (
    r"(?:please |just |only |i (?:want|need) )*(?:(?:give|show|list|find)(?: me)? )?(?:the )?(?:top"
    r" )?(\d+)(?: (?:of them|please|(?:are|is|would be|will be|will|should) (?:enough|fine|do"
    r"|plenty|sufficient)))?"
)
_WHY = (
    r"(?:and |but |so |ok(?:ay)? )*(?:why(?: so| not| that| is that)?|how come|(?:please )?explain"
    r"(?: please)?|how so|why (?:did|does|do|would) (?:it|they|you|the \w+) (?:think|say|call"
    r"|believe|decide|choose)"
    r"(?: (?:so|that|it|this))*|what is the reason|reasons?|on what grounds|for what reason)"
)


def make_plan(dialogue: Dialogue) -> Plan:
    """Plan the turn that the last message of the conversation opens."""
    question = dialogue.current.question
    text = retracted(normalise(question), dialogue.n_events)
    if is_injection(text):
        return Plan(reply="decline")
    if kind := small_talk(text):
        return Plan(reply=kind)
    if any(is_beyond(part) for part in [text, *split(text)]):
        return Plan(reply="decline")
    if dialogue.previous is None or len(text.split()) > _SHORT:
        text = with_event_nouns(text, dialogue.n_events)
    return _Planner(dialogue, question, text).plan()


class _Planner(ContinuationBuilder):
    """Reads the clauses of a turn one by one."""

    def plan(self) -> Plan:
        whole = self.whole
        if self.dialogue.previous is None and re.search(_OWN, self.text):
            whole.it = False
        unknown = whole.unknown_model
        if unknown is None and not whole.models and (whole.events or whole.classes or whole.them):
            unknown = unknown_name(self.question)
        if (
            unknown
            and self._about_data(self.whole)
            and (
                not is_outside(self.text, self.whole)
                or self.whole.events
                or self.whole.bare.expressions
            )
            and not re.search(rf"\b(?:what|who) (?:is|are|was) (?:an? |the )?{unknown}", self.text)
        ):
            return Plan(reply="which_model", subject=unknown)
        if self._nothing_before() and lacks_referent(self.text, self.whole):
            return Plan(reply="which_event")
        if re.search(_CUT_ON, self.text) and (quantity := missing_quantity(self.text)):
            return Plan(reply="no_quantity", subject=quantity)
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

    def _nothing_before(self) -> bool:
        return self.dialogue.previous is None and not self._pending()

    def _about_data(self, slots: Slots) -> bool:
        return bool(
            slots.names_events or slots.bare.numbers or slots.classes or slots.cuts.filters
        ) or bool(
            re.search(
                r"classif|predict|label|compare|accura|confus|purity|efficien"
                r"|run\b|apply|use\b|identif|explain|better|versus|\bvs\b",
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
        if self._counts_what_was_asked(text, slots):
            # "What is a neutral current, and how many do we have?"
            text += " " + " ".join(self.whole.text[m.start : m.end] for m in self.whole.classes)
            slots = self._slots(text)
        if has_previous and re.fullmatch(_WHY, text.strip(" ?.!")):
            slots.it = True
        if first and has_previous and not slots.names_events and re.search(_SUBJECTLESS, text):
            slots.them = True
        if has_previous and re.search(r"\bare you (?:sure|certain)\b", text):
            slots.it = True
        if first and has_previous and slots.events.of_last:
            slots.them = True
        if not first and self.calls and not slots.names_events and re.match(_WHICH_OF_THEM, text):
            slots.them = True  # "Classify these and tell me which are NC"
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
            and re.search(
                EXCLUDES,
                self.text if self.calls else normalise(self.dialogue.turns[-2].question),
            )
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
        if first and tool in ("search_knowledge", DECLINE) and self._among_events(text, slots):
            del scores["search_knowledge"], scores[DECLINE]
            tool = max(scores, key=lambda t: scores[t])
        about = re.match(r"(?:and |so |now |ok |but )*(?:what|how) about\b", text)
        if first and self.dialogue.previous and about and tool in _WEAK and self._repeated(slots):
            return None
        statistics = read_statistics(text)
        averaged = bool(set(statistics) & {"mean", "histogram"})
        counted = "count" in statistics and re.search(r"\bevents?\b", text)
        if not is_outside(text, slots) and (quantity := asks_missing(text)):
            return Plan(reply="no_quantity", subject=quantity)
        if (tool in _RECORDED or counted or (averaged and tool not in _NO_EVENTS)) and (
            missing := missing_quantity(text) or (averaged and unread_quantity(text, slots))
        ):
            return Plan(reply="no_quantity", subject=missing)
        if tool == DECLINE:
            return Plan(reply="decline") if alone and not self.calls else None
        if scores[tool] < _THRESHOLD or (
            first and tool in _NO_EVENTS and scores[tool] < 6 and _elliptical(text)
        ):
            return self._without_intent(text, slots, first=first, alone=alone)
        if not first and self.calls and self._is_remark(text, slots, tool):
            self._set_model(slots)
            return None
        return self._act(text, slots, tool, first=first)

    def _among_events(self, text: str, slots: Slots) -> bool:
        """Whether a turn after one about events says nothing that a document could be about."""
        previous = self.dialogue.previous
        return (
            previous is not None
            and previous.calls[-1].tool not in _NO_EVENTS
            and asks_nothing_new(text, slots)
        )

    def _counts_what_was_asked(self, text: str, slots: Slots) -> bool:
        """Whether a later clause counts events of the class that the one before asked about."""
        return (
            bool(self.calls)
            and all(c.tool in _NO_EVENTS for c in self.calls)
            and read_statistics(text) != []
            and not (slots.classes or slots.cuts.filters or slots.names_events)
            and bool(self.whole.classes)
        )

    def _set_model(self, slots: Slots) -> None:
        """Take the model from a later clause: "Mask the shower: what does the CNN say then?"."""
        if slots.models:
            self._spoken_of = slots.models[0]
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
            self._set_model(slots)
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
