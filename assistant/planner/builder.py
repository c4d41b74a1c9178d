"""What building the calls of a turn needs: the events meant, the classifiers meant."""

from __future__ import annotations

import re
from typing import Any

from assistant.planner.dialogue import ONE_EVENT, Call, Dialogue
from assistant.planner.filters import EXCLUDES, Wanted, class_filters, read_wanted, taken_out
from assistant.planner.follow_up import REPLACED
from assistant.planner.lexicon import DIFFER, MODELS, PARTICLES
from assistant.planner.pointing import Pointer
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise

_OTHER_MODELS = r"\b(?:other|remaining) (?:models|classifiers|networks|nets)\b"
_BOTH_MODELS = r"\b(?:with|by|using|for|according to) (?:both|each|either)(?: of them)?(?=\W*$)"
_OF_BOTH = r"\b(?:(?:which|who|either|each) of (?:the \d|them)|the 2|both|they)\b"
_EACH_NAMED = r"\b(?:on|for|in|of) (?:each|both|either)(?: (?:of (?:them|the 2)|\w+s))?\W*$"
_OWN = (
    rf"(?<![\w-])(?:{PARTICLES}|{'|'.join(MODELS)}|(?:network|classifier|model)s?)\b.*"
    r"\b(?:its|(?:is|does|was|when|if|that|although|though|while|how \w+) it)\b"
)
"""What "it" stands for in the same sentence, other than an event."""
LOOK_UP = ("search_knowledge", "particle_properties")
"""Tools that look something up and touch no events."""
OF_LAST = ("classify_events", "compare_classifiers")


class Builder:
    """The calls of the present turn, as far as they are planned, and what they lean on."""

    def __init__(self, dialogue: Dialogue, question: str, text: str) -> None:
        self.dialogue = dialogue
        self.question = question
        self.text = text
        self.calls: list[Call] = []
        self.pointer = Pointer(dialogue)
        self.left: list[tuple[str, Any]] = []
        """Clauses that nothing is done for, with the plan that says why."""
        self._model_was_said = False
        self._spoken_of: str | None = None
        """The classifier that a clause without a call of its own names."""
        self._spoken_class: str | None = None
        """The class that such a clause names."""
        self.pointed = False
        """The clause points back at something."""
        self.fragment = False
        """The clause only names a statistic: "and the purity?"."""
        self.whole = self._slots(text)

    def _slots(self, text: str) -> Slots:
        names = self.dialogue.names | {
            str(c.arguments["name"]).replace("_", " "): str(c.arguments["name"])
            for c in getattr(self, "calls", [])
            if c.arguments.get("name")
        }
        names |= {normalise(said): key for said, key in names.items()}
        text = re.sub(
            r"\b(other|remaining) 2(?= (?:models|classifiers|networks|nets)\b)", r"\1", text
        )
        slots = read_slots(text, n=self.dialogue.n_events, names=names)
        judged = (slots.models or self._spoken_of) and read_statistics(text)
        if self.dialogue.previous is None and (judged or re.search(_OWN, text)):
            slots.it = False
        if not slots.models and re.search(_OTHER_MODELS, text) and (last := self._inherited()):
            slots.models = [m for m in MODELS if m != last]
        previous = self.dialogue.previous
        compared = previous is not None and "models" in previous.calls[-1].arguments
        if len(slots.models) == 2 and re.search(REPLACED, text) and not compared:
            slots.models = slots.models[1:]
        if not slots.names_events and re.search(_EACH_NAMED, text):
            slots.names = self._named_last()
        of_one = len(self.dialogue.last_indices()) == 1 and re.search(r"\bboth\W*$", text)
        if not slots.models and (of_one or re.search(_BOTH_MODELS, text)):
            slots.models = self.dialogue.used_models()
        return slots

    def _named_last(self) -> list[str]:
        """Return the names of the selections that were named one after the other, if several."""
        made = [c for t in self.dialogue.turns for c in t.calls]
        named = [str(c.arguments["name"]) for c in made if c.arguments.get("name")]
        return named[-2:] if len(named) > 1 else []

    def _before(self) -> str | None:
        """Return the tool that was called last."""
        if self.calls:
            return None if self.calls[-1].tool in LOOK_UP else self.calls[-1].tool
        return self.dialogue.previous.calls[-1].tool if self.dialogue.previous else None

    def _inherited(self) -> str | None:
        if self._spoken_of:
            return self._spoken_of
        for call in reversed(self.calls):
            if call.arguments.get("models"):
                return str(call.arguments["models"][0])
            if call.arguments.get("model") and call.tool != "select_events":
                return str(call.arguments["model"])
        return self.dialogue.last_model()

    def _wanted(
        self,
        slots: Slots,
        tool: str,
        text: str,
        targets: tuple[str, ...] = (),
        statistic: str | None = None,
    ) -> Wanted:
        mentions = [m for m in slots.classes if m.name not in targets or m.role == "true"]
        single = slots.single is not None or (slots.it and tool != "aggregate_statistics")
        if (
            single
            or tool in ("explain_event", "probe_event", "find_similar_events")
            or (
                tool == "describe_dataset"
                and not slots.them
                and "count" not in read_statistics(text)
            )
        ):
            mentions = []
        if tool == "classify_events":
            mentions = [m for m in mentions if not _asked_for(text, m)]
        default = "true"
        if (
            tool in ("select_events", "display_event")
            and slots.them
            and (self.dialogue.classified() or any(c.tool == "classify_events" for c in self.calls))
        ):
            default = "predicted"
        statistics = {statistic} if statistic else set(read_statistics(text))
        use_threshold = (
            not statistics & {"efficiency", "purity", "roc"}
            and tool not in (*ONE_EVENT, "aggregate_statistics")
        ) or (tool == "aggregate_statistics" and statistics <= {"count", "mean", "histogram"})
        wanted = read_wanted(slots, mentions, default_role=default, use_threshold=use_threshold)
        if (
            re.search(
                rf"(?:they|models|classifiers|networks|2|3|both|cnn|vit|vlm) (?:all )?{DIFFER}"
                r"|disagreements?\b|in dispute|disputed",
                text,
            )
            and tool != "compare_classifiers"
            and self._compared_before()
        ):
            wanted.base = ["@differ"]
        described = re.search(r"\b(?:events?|ones|those) (?:that|which|where|the)\b", text)
        if tool == "compare_classifiers" and not described:
            wanted.filters = [f for f in wanted.filters if not f.startswith("correct ")]
        if tool == "describe_dataset" and (slots.single is not None or slots.it):
            wanted.filters = []  # "was event 5 QE or DIS?" asks, and restricts nothing
        if tool in ("explain_event", "probe_event", "find_similar_events") and (
            slots.events.numbers
            or slots.bare.numbers
            or slots.it
            or wanted.base
            or (not self.calls and len(self.dialogue.last_indices()) == 1)
        ):
            # The event is named: what else is said describes it.
            wanted.filters = [f for f in wanted.filters if f == "@last"]
        measured = wanted.filters and all(
            f.startswith(("has_shower", "track_", "n_")) for f in wanted.filters
        )
        if tool == "explain_event" and measured and not wanted.base and self.dialogue.previous:
            wanted.base, wanted.filters = ["@last"], []  # "does it have a shower?"
        if re.search(EXCLUDES, text) and wanted.filters:
            each = re.search(r"\b(?:and|or) (?:everything|anything|all|any|those|the ones)\b", text)
            wanted.filters = (
                [n for f in wanted.filters for n in taken_out([f])]
                if each
                else taken_out(wanted.filters)
            )
            previous = self.dialogue.previous
            last = self.calls or (previous.calls if previous else [])
            if not wanted.base and last and last[-1].tool == "select_events":
                wanted.base = ["@last"]
        self._beside(wanted)
        self._counted(wanted)
        if re.search(EXCLUDES, text) and slots.them and slots.names:
            wanted.filters.append("not @last")  # "drop those from golden"
        return self._anchored(wanted, slots, tool)

    def _counted(self, wanted: Wanted) -> None:
        """Take "them" for the class counted before: "how many numu are in the file?"."""
        previous = self.dialogue.previous
        if wanted.base != ["@last"] or self.calls or not previous:
            return
        several = len(self.dialogue.last_indices()) != 1
        if previous.calls[-1].tool == "describe_dataset" and several and not wanted.filters:
            said = class_filters(self._slots(normalise(previous.question)).classes, "true")
            wanted.filters += said if len(said) == 1 else []

    def _beside(self, wanted: Wanted) -> None:
        """Look beside the latest events for another class: "those called NC" - "and the nue?"."""
        groups = self.dialogue.groups()
        if wanted.base != ["@last"] or self.calls or not groups:
            return
        for column in ("truth", "label"):
            new = [f for f in wanted.filters if f.startswith(f"{column} == ")]
            old = re.search(rf" and {column}(?:_\w+)? == (\w+)", groups[-1].events)
            if new and old and old[1] not in new[0]:
                wanted.base = [self.pointer.name(groups[-1].events.replace(old[0], ""))]

    def _anchored(self, wanted: Wanted, slots: Slots, tool: str) -> Wanted:
        """Read ``@last`` as all events where nothing came before, and lean on this turn's steps."""
        made = [c for t in self.dialogue.turns[:-1] for c in t.calls] + self.calls
        if not any("events" in c.arguments for c in made):
            wanted.base = [b for b in wanted.base if "@last" not in b]
            wanted.filters = [f for f in wanted.filters if f != "@last"]
        elif (
            self.calls
            and self.calls[-1].tool == "select_events"
            and not wanted.base
            and wanted.head is None
            and all(f.startswith("label ") for f in wanted.filters)
            and not slots.events.everything
        ):
            wanted.base = ["@last"]  # "Select the DIS: what fraction is called NC?"
        elif (
            (self.calls or self._continues(slots) or (tool in OF_LAST and self._asks_back(slots)))
            and wanted.plain
            and (wanted.head is None or (self.calls and self.calls[-1].tool == "select_events"))
            and not wanted.step
            and not slots.events.everything
        ):
            wanted.base = ["@last"]
        return wanted

    def _continues(self, slots: Slots) -> bool:
        """Whether a turn goes on about the events of the one before: "and how many are NC?"."""
        if re.search(
            r"\b(?:data ?set|sample|file|in total|altogether|overall|all "
            r"events|everything|in all)\b",
            self.text,
        ):
            return False
        previous = self.dialogue.previous
        of_verdicts = previous is not None and previous.calls[-1].tool in OF_LAST
        if of_verdicts and any(c.role == "predicted" for c in slots.classes):
            return True  # "how many came out as nue?"
        return re.match(r"(?:and|so)\b(?! now)", self.text) is not None or bool(
            re.search(
                r"\b(?:compare|differ\w*|disagree\w*|agree\w*)\b.*?(?:between )?\b(?:2|both|results"
                r"|verdicts|answers|they|them)\b|\b(?:2|both|they) (?:differ|(?:dis)?agree)",
                slots.text,
            )
            or re.search(
                r"\b(?:chang|flip)\w+|\b(?:something else|otherwise|something different)\b",
                slots.text,
            )
        )

    def _asks_back(self, slots: Slots) -> bool:
        """Whether a short turn names no events, so that it means those just looked at."""
        return (
            self.dialogue.previous is not None
            and (len(slots.text.split()) <= 6 or re.search(_OF_BOTH, slots.text) is not None)
            and not re.search(
                r"\b(?:data ?set|sample|file|overall|in general|events)\b", slots.text
            )
        )

    def _compared_before(self) -> bool:
        return any(
            c.tool == "compare_classifiers" for t in self.dialogue.turns for c in t.calls
        ) or any(c.tool == "compare_classifiers" for c in self.calls)

    def _of_what_was_run(self, slots: Slots) -> bool:
        """Whether a short comparison is of the verdicts just given: "which is better?"."""
        previous = self.dialogue.previous
        return (
            previous is not None
            and previous.calls[-1].tool in OF_LAST
            and self._asks_back(slots)
            and not (slots.events.everything or slots.classes or slots.cuts.filters)
        )

    def _compared(self, slots: Slots) -> list[str]:
        if len(slots.models) >= 2:
            return slots.models
        if len(slots.models) == 1:
            if re.search(r"\b(?:others?|rest|other (?:2|models|classifiers))\b", slots.text):
                return [slots.models[0], *(m for m in MODELS if m != slots.models[0])]
            last = self._inherited()
            if last and last != slots.models[0]:
                return [last, slots.models[0]]
            return [slots.models[0], "vlm"] if slots.models[0] != "vlm" else ["vlm", "cnn"]
        if self._of_what_was_run(slots) or re.search(
            r"\b(?:2|two|both|they|them|those|results|verdicts|answers|difference|who"
            r"|significant)\b",
            slots.text,
        ):
            used = self.dialogue.used_models()
            if len(used) > 1:
                return used
        for call in reversed(self.calls):
            if len(call.arguments.get("models") or []) > 1:
                return [str(m) for m in call.arguments["models"]]
        return list(MODELS)

    def _expression(self, wanted: Wanted, model: str) -> str:
        """Write the wanted events as a cut string; the first few of a selection need a step."""
        if wanted.head is None and not wanted.step:
            return wanted.expression
        if wanted.plain:
            if wanted.step:
                end = f"{wanted.head}" if wanted.head and wanted.head > 0 else ""
                start = f"{wanted.head}" if wanted.head and wanted.head < 0 else ""
                return f"{start}:{end}:{wanted.step}"
            return f"0:{wanted.head}" if (wanted.head or 0) > 0 else f"{wanted.head}:"
        if wanted.step and wanted.head is None:
            return f"{wanted.expression} and ::{wanted.step}"
        limit = wanted.head or 1
        # The first few of a ranked selection keep its order.
        self._select(
            wanted,
            model,
            sort_by="index" if limit < 0 else None,
            descending=limit < 0,
            limit=abs(limit),
        )
        return "@last"

    def _select(
        self,
        wanted: Wanted,
        model: str,
        *,
        sort_by: str | None,
        descending: bool,
        limit: int | None,
    ) -> None:
        self.calls.append(
            Call(
                "select_events",
                {
                    "events": wanted.expression,
                    "model": model,
                    "sort_by": sort_by,
                    "descending": descending,
                    "limit": limit,
                },
            )
        )


def _asked_for(text: str, mention: Any) -> bool:
    """Whether a class is what is asked, not which events: "is it a nue or an NC?", "as NC"."""
    before = text[: mention.start]
    if re.match(r"\s*(?:cc )?(?:search|analysis|measurement|appearance)", text[mention.end :]):
        return True
    return (
        re.search(
            r"(?:\bas(?: an?)?|\binto|\bor(?: an?)?|\b(?:is|are) (?:it|this"
            r"|that|they|event \d+)(?: an?)?|\bbetween) $",
            before,
        )
        is not None
        and mention.role != "true"
    )
