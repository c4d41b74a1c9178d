"""Later clauses of a turn: what they say of the calls before them, and what they add."""

from __future__ import annotations

import re

from assistant.planner.arguments import sort_arguments
from assistant.planner.builder import LOOK_UP
from assistant.planner.continuation import ContinuationBuilder
from assistant.planner.dialogue import ONE_EVENT
from assistant.planner.follow_up import extend, said_of_statistic
from assistant.planner.fragments import is_fragment
from assistant.planner.requests import Plan
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics

_IT_SAYS = (
    r"\b(?:it|they) (?=(?:calls?|called|labels?|labell?ed|thinks?|gets?|got|says?|said|predicts?"
    r"|predicted|classif\w+|misclassif\w+|mislabel\w*|takes|took|considers?|believes?|finds?"
    r"|found)\b)"
)
"""Says "it" for the classifier."""
_ITS_CLASS = r"\bits (?=(?:nue|numu|nc)\b)"


class LaterClauseBuilder(ContinuationBuilder):
    """Plans clauses that lean on the clauses before them."""

    _since = _until = 0
    """Where the calls of the last clause that made some begin and end."""

    def _opened(self) -> bool:
        """Whether a clause before has named events that the next one can point at."""
        return any(
            c.tool not in (*ONE_EVENT, *LOOK_UP)
            or not re.fullmatch(r"\d+:\d+", str(c.arguments.get("events")))
            for c in self.calls
        )

    def _with_subject(self, text: str) -> str:
        """Name the classifier that "it" is: "list the ones it calls nue"."""
        model = self._inherited()
        said = re.search(f"{_IT_SAYS}|{_ITS_CLASS}", text)
        if not said or model is None or self._slots(text[: said.start()]).models:
            return text
        text = re.sub(r"\bit (?:finds?|found)\b", "it calls", text)
        text = re.sub(_ITS_CLASS, f"the ones the {model} calls ", text)
        return re.sub(_IT_SAYS, f"the {model} ", text)

    def _asked_about(self, text: str, slots: Slots) -> str:
        """Return what a later clause leaves to a question about words before it.

        That is the class, "What is a neutral current, and how many do we have?", or the statistic,
        "How is purity defined, and what does the CNN reach?".
        """
        if not self.calls or any(c.tool not in LOOK_UP for c in self.calls):
            return ""
        said = read_statistics(text)
        if said and not (slots.classes or slots.cuts.filters or slots.names_events):
            return " ".join(self.whole.text[m.start : m.end] for m in self.whole.classes)
        if not said and slots.models and (asked := read_statistics(self.text)):
            return asked[0].replace("_", " ")
        return ""

    def _same_of_another(self, text: str, slots: Slots) -> bool:
        """Whether a later clause asks the statistic before of another class: "how many numu"."""
        last = self.calls[-1]
        named = slots.classes or slots.cuts.filters or slots.models
        return (
            last.tool == "aggregate_statistics"
            and read_statistics(text) == [last.arguments.get("statistic")]
            and bool(named)
            and not slots.names_events
            and is_fragment(text, slots)
        )

    def _called(self) -> str | None:
        """Return the class that the events before were called."""
        made = [c for t in self.dialogue.turns for c in t.calls] + self.calls
        cuts = [str(c.arguments.get(k, "")) for c in made[-1:] for k in ("where", "events")]
        found = [
            m[1]
            for cut in cuts
            for m in re.finditer(r"(?:label\w* == |\bp_)(nue_cc|numu_cc|nc)", cut)
        ]
        return found[-1].removesuffix("_cc") if found else None

    def _qualify(self, slots: Slots) -> None:
        """Take what a later clause says of the call before: "...: what does the CNN say then?"."""
        if slots.models:
            self._spoken_of = slots.models[0]
        arguments = self.calls[-1].arguments
        if slots.models and "model" in arguments and not self._model_was_said:
            arguments["model"] = slots.models[0]
        for call in self.calls[self._since :]:
            if call.tool == "aggregate_statistics":  # "90 % CL please", "30 bins"
                call.arguments |= said_of_statistic(slots)

    def _is_remark(self, text: str, slots: Slots, tool: str) -> bool:
        """Whether a later clause only says what to report of the call before it."""
        before = self.calls[-1]
        own = bool(
            slots.events
            or slots.cuts.filters
            or slots.names
            or (slots.classes and tool == "select_events")
            or (
                slots.models
                and slots.models[0] not in str(before.arguments)
                and self._model_was_said
            )
            or slots.views
            or (re.search(r"\b(?:which|who|one)\b", text) and sort_arguments(text))
        )
        if own:
            return False
        if tool == before.tool and tool != "aggregate_statistics":
            return True
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
        return tool in reports.get(before.tool, ())

    def _more(self, text: str, slots: Slots) -> Plan | None:
        """Plan a later clause that says no verb: "and at 0.9", "then V", "show me the NC ones"."""
        named = slots.classes or slots.cuts.filters or slots.events or slots.bare or slots.views
        said = slots.cuts.threshold is not None or (named and is_fragment(text, slots))
        if said and (more := extend(self.dialogue, self.calls[self._since :], slots)):
            self.calls += more
        else:
            self._qualify(slots)
        return None
