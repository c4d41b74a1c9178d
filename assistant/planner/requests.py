"""Calls of one clause with a request of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assistant.planner import arguments as args
from assistant.planner.carried_numbers import carry_numbers
from assistant.planner.dialogue import Call
from assistant.planner.filters import Wanted, read_wanted
from assistant.planner.follow_up import repeat, shifted
from assistant.planner.lexicon import DIFFER
from assistant.planner.ranges import EventNumbers
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics
from assistant.planner.statistics_plan import StatisticsBuilder

_FEW = 4
"""Most events that a tool for one event is called on one after the other."""
_DRAWN, _MOST_DRAWN = 4, 12
"""How many events `display_event` draws unless told otherwise, and at most."""
_SHOWS_FEW = r"(?:please |now |and )*(?:show|display|draw|plot)(?: me)? \d+\b"
_AMONG_FIRST = r"\b(?:of|among|amongst|in|from|within) (?:the )?(?:first|last|initial|final) \d"
_FIRST_BY_RANK = (
    r"\b(?:of|for|on|over|in|among|from) (?:the )?((?:top )?\d+ (?:\w+ ){0,3}?(?:most|least|fewest"
    r"|\w{3,}est)\b(?:(?! (?:with|by|using|for|of|on|according to) (?:the )?(?:vlm|vit"
    r"|cnn)\b)[^,;?])*)"
)
_MEASURING = ("explain_event", "find_similar_events", "probe_event")
_SINGLE = ("explain_event", "display_event", "find_similar_events", "probe_event")


@dataclass
class Plan:
    """The calls of a turn, or what is said without any.

    ``reply`` is one of ``decline``, ``greeting``, ``thanks``, ``help``, ``which_event``,
    ``negative``, ``no_probability``, ``which_model``, ``nothing_before``; None where calls are
    made.
    """

    calls: list[Call] = field(default_factory=list)
    reply: str | None = None
    subject: str = ""
    opening: str = ""
    """Said before the results."""
    left: list[tuple[str, Plan]] = field(default_factory=list)
    """Clauses of the turn that nothing was done for, with what each came to."""


def _numbered(expression: str) -> list[int]:
    """Return the events that are named by number; none for any other cut string."""
    if listed := re.fullmatch(r"\[([\d, ]+)\]", expression):
        return [int(n) for n in listed[1].split(",")]
    if ranged := re.fullmatch(r"(\d+):(\d+)", expression):
        return list(range(int(ranged[1]), int(ranged[2])))
    return []


def each_event(expression: str) -> list[str]:
    """Return the cut strings of a few events that are named by number, one each."""
    numbers = _numbered(expression)
    return [f"{n}:{n + 1}" for n in numbers] if 1 < len(numbers) <= _FEW else [expression]


class RequestBuilder(StatisticsBuilder):
    """Plans what a clause asks for, tool by tool."""

    def _act(self, text: str, slots: Slots, tool: str, *, first: bool) -> Plan | None:
        self._model_was_said |= bool(slots.models)
        if tool == "search_knowledge":
            self.calls.append(Call(tool, {"question": self.question.strip() if first else text}))
            return None
        if tool == "particle_properties":
            compared = re.search(r"\b(?:and|than|versus|vs|or|compare\w*|both)\b", text)
            for particle in slots.particles[: 4 if compared else 1]:
                self.calls.append(Call(tool, {"particle": particle}))
            if re.search(
                r"decay|interact|detect|look like|why|how (?:does|do|is"
                r"|are)\b(?! (?:heavy|long|massive))|into|branching|stable",
                text,
            ):
                self.calls.append(
                    Call("search_knowledge", {"question": self.question.strip() if first else text})
                )
            return None
        shown = re.search(r"\b(?:show|display|draw|see|look at|plot)\b", text)
        if (
            tool == "find_similar_events"
            and shown
            and not re.search(r"\d|\blike\b|\bto\b", text)
            and self._found_similar()
        ):
            # "Show the most similar one": those are found already.
            tool = "display_event"
            if not slots.names_events:
                slots.them, slots.events.head = True, slots.events.head or 1
        before = bool(self.calls) or self.dialogue.previous is not None
        if slots.shift is not None and not slots.events and (new := shifted(slots, self.dialogue)):
            slots.events.expressions = [new]
        loose = (slots.it or (slots.them and not before)) and not slots.events
        if (
            not before
            and (slots.it or slots.them)
            and (
                tool in (*_SINGLE, "classify_events", "compare_classifiers", "describe_dataset")
                or (tool == "aggregate_statistics" and slots.it)
            )
            and not (
                slots.events or slots.bare or slots.names or slots.classes or slots.cuts.filters
            )
            and not re.search(r"\b(?:data|sample|file|events|images|maps)\b", text)
        ):
            return Plan(reply="which_event", subject=tool)
        named = slots.names_events and not loose
        if (
            not named
            and slots.bare.expressions
            and (tool in _MEASURING or not args.sort_arguments(text))
            and tool != "describe_dataset"
        ):
            slots.events = slots.bare
        leaning = (
            slots.them
            or slots.it
            or self.pointed
            or slots.events is slots.bare
            or bool(self.calls)
            or re.match(r"(?:and|then|so|now)\b", text)
            or (before and not (named or slots.classes or slots.cuts.filters))
        )
        model = (
            slots.models[0]
            if slots.models
            else (self._inherited() if leaning else self._spoken_of) or "vlm"
        )
        if tool in ("aggregate_statistics", "compare_classifiers"):
            text, slots = self._first_by_rank(text, slots, model)
        if tool == "aggregate_statistics":
            names = slots.names
            apart = len(names) > 1 and not re.search(r"\b(?:together|combined|union|or)\b", text)
            for each in [[name] for name in names] if apart else [names]:
                slots.names = each
                self._aggregate(text, slots, model)
            return None
        by_score = (args.sort_arguments(text) or ("", True))[0].removeprefix("p_")
        by_score = "" if f"p_{by_score}" in text else by_score  # named beside the class
        measures = [args.target_of(s, slots) for s in read_statistics(text)]
        targets = tuple(filter(None, (by_score, *measures)))
        wanted = self._wanted(slots, tool, text, targets)
        if tool in ("select_events", "display_event") and len(slots.models) > 1:
            # Several classifiers call them so, each for itself.
            wanted.filters = [
                " and ".join(re.sub(r"^(label|correct)\b", rf"\1_{m}", f) for m in slots.models)
                if f.startswith(("label ", "correct "))
                else f
                for f in wanted.filters
            ]
            if re.search(r"(?<!not )\bagree\b", text):
                one, *others = slots.models
                wanted.filters += [f"label_{one} == label_{m}" for m in others]
        if (
            tool == "describe_dataset"
            and wanted.plain
            and len(text.split()) <= 4
            and not re.search(
                r"\b(?:data ?set|sample|file|events|overview|summary|columns?)\b", text
            )
            and len(self.dialogue.last_indices()) == 1
        ):
            wanted.base = ["@last"]  # "Truth?", of the one event before
        if tool == "compare_classifiers" and wanted.plain and self._of_what_was_run(slots):
            wanted.base = ["@last"]
        if tool == "select_events" and slots.top and re.match(_SHOWS_FEW, text):
            tool = "display_event" if slots.top <= _MOST_DRAWN else tool
        counted = tool in (
            "classify_events",
            "compare_classifiers",
            "display_event",
            "select_events",
        )
        if (
            counted
            and slots.top
            and wanted.head is None
            and (slots.names or slots.them or not wanted.base)
            and not args.sort_arguments(text)
            and not (tool == "compare_classifiers" and re.search(DIFFER, text))
        ):
            wanted.head = slots.top  # "classify 10 events": the first ten
        if (
            tool in _SINGLE
            and wanted.plain
            and wanted.head is None
            and not wanted.step
            and not slots.events.everything
        ) and (missing := self._single_event(text, slots, tool, wanted)):
            return missing
        if tool == "find_similar_events" and slots.events.numbers and wanted.head:
            slots.top, wanted.head = slots.top or wanted.head, None  # "the closest 4 numu to 7"
        if tool == "find_similar_events" and (found := self._like_which(text, slots, model)):
            slots, wanted = found
        ranked = (
            None
            if tool in _MEASURING and not wanted.plain and wanted.base != ["@last"]
            else args.sort_arguments(text)
        )
        if tool == "find_similar_events":
            ranked = None
        orders = re.search(args.ORDERS, text)
        if ranked and wanted.plain and wanted.head and (orders or re.search(_AMONG_FIRST, text)):
            wanted = Wanted(base=[self._expression(Wanted(head=wanted.head), model)])
        if ranked and tool in (
            "select_events",
            "display_event",
            "classify_events",
            "explain_event",
        ):
            limit = (
                slots.top
                or abs(wanted.head or 0)
                or (slots.bare.numbers[0] if len(slots.bare.numbers) == 1 else None)
                or slots.few
                or (None if orders else args.default_limit(text))
            )
            wanted.head = None
            place = re.search(r"\b(\d+)th[ -](?=(?:most|least|\w+st)\b)", text)
            limit = int(place[1]) if place else limit
            self._select(wanted, model, sort_by=ranked[0], descending=ranked[1], limit=limit)
            if place:  # of the first two, the other way round, the first is the second
                last = Wanted(base=["@last"])
                self._select(last, model, sort_by=ranked[0], descending=not ranked[1], limit=1)
            if tool == "select_events":
                return None
            wanted = Wanted(base=["@last"])
        expression = self._expression(wanted, model)
        self._call(tool, text, slots, expression, model)
        return None

    def _call(self, tool: str, text: str, slots: Slots, expression: str, model: str) -> None:
        if tool == "describe_dataset":
            self.calls.append(Call(tool, {"events": expression}))
        elif tool == "select_events":
            listed = self.calls and self.calls[-1].tool != "aggregate_statistics"
            if listed and expression in ("all", "@last"):
                return
            if self.dialogue.previous and expression == "all":
                return
            selected = bool(self.calls) and self.calls[-1].tool == "select_events"
            if selected and expression == "@last":
                return
            narrows = r"(?:keep|require|restrict|only|retain|filter|limit|with|demand)\b"
            if selected and (slots.cuts.filters or slots.classes) and re.match(narrows, text):
                expression = f"@last and {expression}"
            self.calls.append(Call(tool, {"events": expression, "model": model}))
        elif tool == "display_event":
            if (
                (expression.count("@last") and not slots.it)
                or slots.cuts.filters
                or any(f in expression for f in ("truth", "label"))
            ):
                self._show(expression, model)
            else:
                shown = len(_numbered(expression))
                limit = {"limit": shown} if _DRAWN < shown <= _MOST_DRAWN else {}
                self.calls.append(Call(tool, {"events": expression} | limit))
        elif tool == "classify_events":
            found: dict[str, Any] = {"events": expression, "model": model}
            if len(slots.models) > 1:
                found["models"] = slots.models
            self.calls.append(Call(tool, found))
        elif tool == "compare_classifiers":
            self.calls.append(Call(tool, {"events": expression, "models": self._compared(slots)}))
            for statistic in read_statistics(text):
                if statistic in ("efficiency", "purity", "roc", "confusion_matrix", "calibration"):
                    for compared in self._compared(slots):
                        found = args.statistic_arguments(statistic, slots)
                        self.calls.append(
                            Call(
                                "aggregate_statistics",
                                {"events": expression, "model": compared} | found,
                            )
                        )
        elif tool == "explain_event":
            self.calls += [
                Call(tool, {"events": events, "model": m})
                for events in each_event(expression)
                for m in (slots.models if len(slots.models) > 1 else [model])
            ]
        elif tool == "find_similar_events":
            found = {"model": model}
            if slots.top:
                found["k"] = slots.top
            among = read_wanted(slots, slots.classes, default_role="true", use_threshold=False)
            if re.match(
                r"(?:please |now )*(?:show|display|draw)(?: me)? event \d+,? (?:and|with)\b", text
            ):
                self.calls.append(Call("display_event", {"events": expression}))
            if restrictions := [f for f in among.filters if "@last" not in f]:
                found["among"] = " and ".join(restrictions)
            self.calls += [Call(tool, {"events": e} | found) for e in each_event(expression)]
        elif tool == "probe_event":
            change = args.probe_arguments(slots)
            previous = self.dialogue.previous
            if change == {"change": "all"} and previous and previous.calls[-1].tool == tool:
                change = {  # "does the cnn still see it then?"
                    k: v
                    for k, v in previous.calls[-1].arguments.items()
                    if k not in ("events", "model")
                }
            self.calls += [
                Call(tool, {"events": events, "model": m} | change)
                for events in each_event(expression)
                for m in (slots.models if len(slots.models) > 1 else [model])
            ]

    def _show(self, expression: str, model: str) -> None:
        """Show the events of a selection: select, then draw the first of them."""
        if expression != "@last":
            self.calls.append(Call("select_events", {"events": expression, "model": model}))
        size = len(self.dialogue.last_indices()) if expression == "@last" else 0
        every = size <= _MOST_DRAWN and re.search(r"\b(?:all|every|each)\b", self.question)
        asked = (self.calls[-1].arguments.get("limit") if self.calls else None) or 0
        size = size if every else min(asked, _MOST_DRAWN)
        limit = {"limit": size} if size > _DRAWN else {}
        self.calls.append(Call("display_event", {"events": "@last"} | limit))

    def _first_by_rank(self, text: str, slots: Slots, model: str) -> tuple[str, Slots]:
        """Select the events by rank of which the rest is asked: "on the 50 hardest numu"."""
        said = re.search(_FIRST_BY_RANK, text)
        ranked = args.sort_arguments(said[1]) if said else None
        if said is None or ranked is None:
            return text, slots
        of = self._slots(said[1])
        wanted = read_wanted(of, of.classes, default_role="true", use_threshold=False)
        if not wanted.base and slots.them:
            wanted.base = ["@last"]
        limit = int(re.findall(r"\d+", said[1])[0])
        self._select(wanted, model, sort_by=ranked[0], descending=ranked[1], limit=limit)
        text = f"{text[: said.start(1)]}those events{text[said.end(1) :]}"
        slots = self._slots(text)
        slots.them = True
        return text, slots

    def _like_which(self, text: str, slots: Slots, model: str) -> tuple[Slots, Wanted] | None:
        """Select the event that others are like: "look-alikes of the most energetic nutau"."""
        like = re.search(r"\b(?:of|to|like|as|resembl\w+) ((?:the|an?|some) .*)", text)
        ranked = args.sort_arguments(like[1]) if like and not slots.events.numbers else None
        if like is None or ranked is None:
            return None
        which, others = self._slots(like[1]), self._slots(text[: like.start()])
        others.top = others.top or slots.top
        one = read_wanted(which, which.classes, default_role="true", use_threshold=False)
        self._select(one, model, sort_by=ranked[0], descending=ranked[1], limit=1)
        return others, Wanted(base=["@last"])

    def _found_similar(self) -> bool:
        made = [c for turn in self.dialogue.turns for c in turn.calls] + self.calls
        return any(c.tool == "find_similar_events" for c in made)

    def _single_event(self, text: str, slots: Slots, tool: str, wanted: Wanted) -> Plan | None:
        """Find the event of a request that names none; ask where there is none to find."""
        if args.sort_arguments(text):
            return None
        if self.calls or self.dialogue.previous:
            indices = self.dialogue.last_indices()
            if self.calls or len(indices) == 1:
                wanted.base = ["@last"]
                return None
        return Plan(reply="which_event", subject=tool)

    def _name(self, text: str, slots: Slots, name: str) -> Plan | None:
        words = re.sub("_+", r"[\\W_]+", re.escape(name))
        # The last mention gives the name: "save the DIS nue events as dis_nue".
        said = [*re.finditer(rf"\b(?:as |called |named )?['\"@]*{words}\b['\"]?", text)][-1:]
        for place in said:
            text = f"{text[: place.start()]} {text[place.end() :]}".strip()
            slots = self._slots(text)
        slots.names = [n for n in slots.names if n not in name]
        slots.them &= self.dialogue.previous is not None or bool(self.calls)
        slots.it &= self.dialogue.previous is not None or bool(self.calls)
        if slots.bare.expressions and not slots.names_events:
            slots.events = slots.bare  # "call 5-25 batch A"
        previous = self.dialogue.previous.calls[-1] if self.dialogue.previous else None
        if previous and not self.calls and previous.arguments.get("name"):
            # "and those with one as single", "and hard: above 20"
            carried = carry_numbers(text.lstrip(" :="), slots, previous, previous)
            slots.them &= not carried
            slots.events = EventNumbers() if carried else slots.events
        if previous and not self.calls and re.search(r"\bthe same (?!events|ones)\w+", text):
            slots.them = False  # "the NC in the same range as noise"
            if changed := repeat(self.dialogue, slots, text):
                changed[-1].arguments["name"] = name
                self.calls += changed
                return None
        wanted = read_wanted(slots, slots.classes, default_role="true", use_threshold=True)
        model = slots.models[0] if slots.models else self._inherited() or "vlm"
        if wanted.plain and wanted.head is None and not wanted.step:
            if self.calls and self.calls[-1].tool == "select_events":
                self.calls[-1].arguments["name"] = name
                return None
            if not self.calls and self.dialogue.previous is None:
                return Plan(reply="which_events", subject=name)
            wanted.base = ["@last"]
        if self.calls and self.calls[-1].tool == "select_events" and wanted.expression == "@last":
            self.calls[-1].arguments["name"] = name
            return None
        ranked = args.sort_arguments(text)
        call = Call("select_events", {"events": "", "model": model})
        if ranked and (slots.top or wanted.head):
            call.arguments |= {
                "events": wanted.expression,
                "sort_by": ranked[0],
                "descending": ranked[1],
                "limit": slots.top or abs(wanted.head or 5),
            }
        elif wanted.head is not None and not wanted.plain:
            call.arguments |= {
                "events": wanted.expression,
                "sort_by": "index",
                "descending": wanted.head < 0,
                "limit": abs(wanted.head),
            }
        else:
            call.arguments["events"] = self._expression(wanted, model)
        call.arguments["name"] = name
        self.calls.append(call)
        return None
