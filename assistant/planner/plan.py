"""From a conversation to the tool calls of the present turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assistant.planner import arguments as args
from assistant.planner.clauses import split
from assistant.planner.dialogue import Call, Dialogue
from assistant.planner.filters import Wanted, read_wanted
from assistant.planner.follow_up import CORRECTION, leans_on_previous, repeat
from assistant.planner.guard import is_injection, small_talk
from assistant.planner.intents import weigh
from assistant.planner.lexicon import MODELS
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise, quoted

_SINGLE = ("explain_event", "display_event", "find_similar_events", "probe_event")
_NO_EVENTS = ("search_knowledge", "particle_properties")
_THRESHOLD = 2.5


@dataclass
class Plan:
    """The calls of a turn, or what is said without any.

    ``reply`` is one of ``decline``, ``greeting``, ``thanks``, ``help``, ``which_event``,
    ``which_model``, ``nothing_before``; None where calls are made.
    """

    calls: list[Call] = field(default_factory=list)
    reply: str | None = None
    subject: str = ""


def make_plan(dialogue: Dialogue) -> Plan:
    """Plan the turn that the last message of the conversation opens."""
    question = dialogue.current.question
    text = normalise(question)
    if is_injection(text):
        return Plan(reply="decline")
    if kind := small_talk(text):
        return Plan(reply=kind)
    return _Planner(dialogue, question, text).plan()


class _Planner:
    def __init__(self, dialogue: Dialogue, question: str, text: str) -> None:
        self.dialogue = dialogue
        self.question = question
        self.text = text
        self.calls: list[Call] = []
        self._model_was_said = False
        self.whole = self._slots(text)

    def _slots(self, text: str) -> Slots:
        names = self.dialogue.names | {
            str(c.arguments["name"]).replace("_", " "): str(c.arguments["name"])
            for c in getattr(self, "calls", [])
            if c.arguments.get("name")
        }
        return read_slots(text, n=self.dialogue.n_events, names=names)

    def plan(self) -> Plan:
        unknown = self.whole.unknown_model
        if unknown and not self.whole.models and self._about_data(self.whole):
            return Plan(reply="which_model", subject=unknown)
        clauses = split(self.text) or [self.text]
        for position, clause in enumerate(clauses):
            reply = self._clause(clause, alone=len(clauses) == 1, first=position == 0)
            if reply and not self.calls:
                return reply
        if not self.calls:
            return self._lookup(self.question)
        return Plan(calls=_distinct(self.calls))

    def _about_data(self, slots: Slots) -> bool:
        return bool(
            slots.names_events or slots.bare.numbers or slots.classes or slots.cuts.filters
        ) or bool(
            re.search(
                r"classif|predict|label|compare|accura|confus|purity|efficien|run\b|apply|use\b|identif|explain|better|versus|\bvs\b",
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
        if first and has_previous and not slots.names_events and read_statistics(text):
            slots.them = self._continues(slots)
        scores = weigh(text, slots, has_previous=has_previous)
        tool = max(scores, key=lambda t: scores[t])
        if (
            first
            and re.search(CORRECTION, text)
            and self.dialogue.previous
            and not _asks_anew(text)
        ):
            if repeated := repeat(self.dialogue, slots, text):
                self.calls += repeated
                return None
        same = re.search(
            r"\b(?:the same|same (?:thing|for|with|on|again|question)|do (?:it|that|this) (?:again|too|for|with|on)|likewise|ditto|again|repeat)\b"
            r"|\b(?:restrict|limit|narrow|confine|apply|extend|redo|repeat) (?:that|it|this|these|them|those) (?:down )?(?:to|for|on|only)\b"
            r"|^(?:and |now |but )*(?:only|just) (?:for|on|with|in)\b",
            text,
        )
        if (
            first
            and same
            and self.dialogue.previous
            and not re.search(
                r"same (?:events?|ones|selection|set|sample|class|answer|label|verdict|\d+|range|way|kind)|still|\bthem again",
                text,
            )
        ):
            if repeated := repeat(self.dialogue, slots, text):
                self.calls += repeated
                return None
        if scores[tool] < _THRESHOLD or (
            first and tool in _NO_EVENTS and scores[tool] < 6 and _elliptical(text)
        ):
            return self._without_intent(text, slots, first=first)
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

    def _without_intent(self, text: str, slots: Slots, *, first: bool) -> Plan | None:
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
        if slots.events or slots.bare.expressions and len(text.split()) <= 4:
            return self._act(text, slots, "display_event", first=first)
        if slots.cuts.filters or slots.cuts.threshold is not None and "event" in text or (slots.classes and re.search(r"\bevents?\b", text)):
            return self._act(text, slots, "select_events", first=first)
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

    # One clause with a request of its own -------------------------------------------------

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
                r"decay|interact|detect|look like|why|how (?:does|do|is|are)\b(?! (?:heavy|long|massive))|into|branching|stable",
                text,
            ):
                self.calls.append(
                    Call("search_knowledge", {"question": self.question.strip() if first else text})
                )
            return None
        if not slots.names_events and slots.bare.expressions and tool != "describe_dataset":
            slots.events = slots.bare
        leaning = (
            slots.them or slots.it or bool(self.calls) or re.match(r"(?:and|then|so|now)\b", text)
        )
        model = (
            slots.models[0] if slots.models else (self._inherited() if leaning else None) or "vlm"
        )
        if tool == "aggregate_statistics":
            return self._aggregate(text, slots, model)
        wanted = self._wanted(slots, tool, text)
        if (
            tool in _SINGLE
            and wanted.plain
            and wanted.head is None
            and not wanted.step
            and not slots.events.everything
        ):
            if missing := self._single_event(text, slots, tool, wanted):
                return missing
        ranked = (
            None
            if tool in ("probe_event", "find_similar_events", "explain_event") and not wanted.plain
            else args.sort_arguments(text)
        )
        if tool == "find_similar_events":
            ranked = None
        if ranked and tool in (
            "select_events",
            "display_event",
            "classify_events",
            "explain_event",
        ):
            limit = slots.top or (1 if not re.search(r"\bevents\b|\bones\b", text) else 5)
            self._select(wanted, model, sort_by=ranked[0], descending=ranked[1], limit=limit)
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
            if expression in ("all", "@last") and (self.calls or self.dialogue.previous):
                return
            if self.calls and self.calls[-1].tool == "select_events" and expression == "@last":
                return
            self.calls.append(Call(tool, {"events": expression, "model": model}))
        elif tool == "display_event":
            if (
                expression.count("@last")
                and not slots.it
                or slots.cuts.filters
                or any(f in expression for f in ("truth", "label"))
            ):
                self._show(expression, model)
            else:
                self.calls.append(Call(tool, {"events": expression}))
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
            self.calls.append(Call(tool, {"events": expression, "model": model}))
        elif tool == "find_similar_events":
            found = {"events": expression, "model": model}
            if slots.top:
                found["k"] = slots.top
            self.calls.append(Call(tool, found))
        elif tool == "probe_event":
            self.calls.append(
                Call(tool, {"events": expression, "model": model} | args.probe_arguments(slots))
            )

    def _show(self, expression: str, model: str) -> None:
        """Show the events of a selection: select, then draw the first of them."""
        if expression != "@last":
            self.calls.append(Call("select_events", {"events": expression, "model": model}))
        self.calls.append(Call("display_event", {"events": "@last"}))

    def _compared(self, slots: Slots) -> list[str]:
        if len(slots.models) >= 2:
            return slots.models
        if len(slots.models) == 1:
            last = self._inherited()
            if (
                last
                and last != slots.models[0]
                and (slots.them or slots.it or re.match(r"(?:and|now)\b", slots.text))
            ):
                return [last, slots.models[0]]
            if re.search(r"\b(?:others?|rest|other (?:2|models|classifiers))\b", slots.text):
                return [slots.models[0], *(m for m in MODELS if m != slots.models[0])]
            return [slots.models[0], "vlm"] if slots.models[0] != "vlm" else ["vlm", "cnn"]
        if re.search(r"\b(?:2|two|both|them|those|results|verdicts|answers)\b", slots.text):
            used = self.dialogue.used_models()
            if len(used) > 1:
                return used
        return list(MODELS)

    def _inherited(self) -> str | None:
        for call in reversed(self.calls):
            if call.arguments.get("models"):
                return str(call.arguments["models"][0])
            if call.arguments.get("model") and call.tool != "select_events":
                return str(call.arguments["model"])
        return self.dialogue.last_model()

    def _wanted(self, slots: Slots, tool: str, text: str, targets: tuple[str, ...] = ()) -> Wanted:
        mentions = [m for m in slots.classes if m.name not in targets]
        single = slots.single is not None or slots.it
        if (
            single
            or tool in ("explain_event", "probe_event", "find_similar_events")
            or (tool == "describe_dataset" and not slots.them)
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
        if (
            tool == "select_events"
            and slots.models
            and any(m.role == "predicted" for m in mentions)
        ):
            mentions = [m if m.role or not _just_verdict(mentions, m) else m for m in mentions]
        if tool == "compare_classifiers" and set(read_statistics(text)) & {"efficiency", "purity", "roc"}:
            mentions = []
        use_threshold = not (set(read_statistics(text)) & {"efficiency", "purity", "roc"}) and tool in (
            "select_events",
            "display_event",
            "classify_events",
            "compare_classifiers",
            "describe_dataset",
        )
        wanted = read_wanted(slots, mentions, default_role=default, use_threshold=use_threshold)
        if (
            re.search(
                r"(?:they|models|classifiers|networks|2|both|cnn|vit|vlm) (?:all )?(?:disagree|differ)|disagreements?\b|in dispute|disputed",
                text,
            )
            and tool != "compare_classifiers"
            and self._compared_before()
        ):
            wanted.base = ["@differ"]
        return self._anchored(wanted, slots)

    def _anchored(self, wanted: Wanted, slots: Slots) -> Wanted:
        """Read ``@last`` as all events where nothing came before, and lean on this turn's steps."""
        if not self.calls and not any(t.calls for t in self.dialogue.turns[:-1]):
            wanted.base = [b for b in wanted.base if "@last" not in b]
            wanted.filters = [f for f in wanted.filters if f != "@last"]
        elif (
            (self.calls or self._continues(slots))
            and wanted.plain
            and wanted.head is None
            and not wanted.step
            and not slots.events.everything
        ):
            wanted.base = ["@last"]
        return wanted

    def _continues(self, slots: Slots) -> bool:
        """Whether a turn goes on about the events of the one before: "and how many are NC?"."""
        if re.search(
            r"\b(?:data ?set|sample|file|in total|altogether|overall|all events|everything|in all)\b",
            self.text,
        ):
            return False
        return re.match(r"(?:and|so)\b(?! now)", self.text) is not None or bool(
            re.search(r"\bcompare (?:the )?(?:2|both|results|verdicts|answers)\b", slots.text)
        )

    def _compared_before(self) -> bool:
        return any(
            c.tool == "compare_classifiers" for t in self.dialogue.turns for c in t.calls
        ) or any(c.tool == "compare_classifiers" for c in self.calls)

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
        self, wanted: Wanted, model: str, *, sort_by: str | None, descending: bool, limit: int
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

    # Statistics --------------------------------------------------------------------------

    def _aggregate(self, text: str, slots: Slots, model: str) -> Plan | None:
        statistics = read_statistics(text) or ["count"]
        if statistics == ["calibration"]:
            statistics = ["calibration"]
        models = slots.models if len(slots.models) > 1 else [model]
        for statistic in statistics:
            found = self._carried(statistic, slots) | args.statistic_arguments(statistic, slots)
            target = found.get("target")
            wanted = self._wanted(slots, "aggregate_statistics", text, (target,) if target else ())
            if statistic in ("efficiency", "purity", "roc", "corrected_counts"):
                wanted.filters = [
                    f for f in wanted.filters if not f.startswith(("label ", "correct "))
                ]
            if statistic in (
                "accuracy",
                "worst_mistakes",
                "confusion_matrix",
                "least_sure",
                "calibration",
            ):
                wanted.filters = [f for f in wanted.filters if not f.startswith("correct ")]
            if statistic == "count":
                self._share(text, slots, wanted, found)
            if statistic == "count" and any("label" in f for f in wanted.filters):
                self._count_verdicts(text, slots, wanted, model, found)
                continue
            expression = self._expression(wanted, model)
            if (
                statistic in ("mean", "histogram", "count")
                and not slots.models
                and not _needs_model(expression, found)
            ):
                self.calls.append(
                    Call("aggregate_statistics", {"events": expression, "model": model} | found)
                )
                continue
            for each in models:
                self.calls.append(
                    Call("aggregate_statistics", {"events": expression, "model": each} | found)
                )
        if (
            statistics[0] in ("worst_mistakes", "least_sure")
            and slots.top is None
            and args._one(text)
            and re.search(r"\b(?:show|display|draw|plot|see|look|picture)\b", text)
        ):
            self.calls.append(Call("display_event", {"events": "@last"}))
        return None

    def _carried(self, statistic: str, slots: Slots) -> dict[str, Any]:
        """Take class and cut over from the statistic before: "and the efficiency?"."""
        turn = self.dialogue.previous
        if self.calls or turn is None or turn.calls[-1].tool != "aggregate_statistics":
            return {}
        if statistic not in ("efficiency", "purity", "roc") or slots.classes or not (slots.them or slots.it):
            return {}
        before = turn.calls[-1].arguments
        return {k: before[k] for k in ("target", "cut") if k in before}

    def _share(self, text: str, slots: Slots, wanted: Wanted, found: dict[str, Any]) -> None:
        """Read "how many of those are NC" and "what fraction of the numu events is above 5 GeV"."""
        fraction = re.search(r"\b(?:fractions?|shares?|percent\w*|proportions?|ratio|%)\b", text)
        if not (fraction or wanted.base):
            return
        kept = [f for f in wanted.filters if not f.startswith("label ")]
        if wanted.base and (not slots.events or fraction or len(kept) < len(wanted.filters)):
            inner: list[str] = []
        else:
            # The class right behind "of" says of which events.
            whole = (
                re.search(
                    r"(?:fractions?|shares?|percent\w*|proportions?|%) of (?:all |the |all the |true |real )*$",
                    text[: slots.classes[0].start],
                )
                if slots.classes
                else None
            )
            inner = [f for f in kept if whole and f.startswith("truth ")][:1]
            if wanted.base and not fraction:
                return
        where = [f for f in kept if f not in inner]
        if where:
            found["where"] = " and ".join(where)
            wanted.filters = [f for f in wanted.filters if f not in where]

    def _count_verdicts(
        self, text: str, slots: Slots, wanted: Wanted, model: str, found: dict[str, Any]
    ) -> None:
        """Count how many events a classifier calls something: classify them, then count."""
        labels = [f for f in wanted.filters if f.startswith("label ")]
        wanted.filters = [f for f in wanted.filters if f not in labels]
        expression = self._expression(wanted, model)
        fresh = not (wanted.base == ["@last"] and self._inherited())
        if fresh:
            self.calls.append(Call("classify_events", {"events": expression, "model": model}))
        where = " and ".join([*labels, *([found.pop("where")] if "where" in found else [])])
        self.calls.append(
            Call(
                "aggregate_statistics",
                {"events": expression, "model": model} | found | {"where": where},
            )
        )

    def _name(self, text: str, slots: Slots, name: str) -> Plan | None:
        slots.names = [n for n in slots.names if n != name]
        words = name.replace("_", " ")
        kept = [
            m
            for m in slots.classes
            if text[m.start : m.end] not in words or text.count(text[m.start : m.end]) > 1
        ]
        start = text.find(words)
        kept = (
            [m for m in kept if not start <= m.start < start + len(words)] if start >= 0 else kept
        )
        wanted = self._wanted(slots, "select_events", text)
        wanted = read_wanted(slots, kept, default_role="true", use_threshold=True)
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
        ranked = args.sort_arguments(text.replace(words, " "))
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


def _asks_anew(text: str) -> bool:
    """Whether a correction carries a whole new request ("no, explain event 3 instead")."""
    return (
        re.search(
            r"\b(?:explain|classify|compare|display|draw|similar|histogram|mean|purity|efficiency|accuracy|confusion|mask|why|how many|what)\b",
            text,
        )
        is not None
    )


def _elliptical(text: str) -> bool:
    return (
        re.match(r"(?:and|what about|how about|same|now|or)\b", text) is not None
        and len(text.split()) <= 6
    )


def _asked_for(text: str, mention: Any) -> bool:
    """Whether a class is what is asked, not which events: "is it a nue or an NC?", "as NC"."""
    before = text[: mention.start]
    return (
        re.search(
            r"(?:\bas(?: an?)?|\binto|\bor(?: an?)?|\b(?:is|are) (?:it|this|that|they|event \d+)(?: an?)?|\bbetween) $",
            before,
        )
        is not None
        and mention.role != "true"
    )


def _just_verdict(mentions: list[Any], mention: Any) -> bool:
    return len(mentions) == 1 and mention.role is None


def _needs_model(expression: str, found: dict[str, Any]) -> bool:
    return bool(
        re.search(
            r"label|p_\w+|confidence|correct|unlike",
            expression + str(found.get("column", "")) + str(found.get("by", "")),
        )
    )


def _distinct(calls: list[Call]) -> list[Call]:
    kept: list[Call] = []
    for call in calls:
        if (
            not any(k.tool == call.tool and k.arguments == call.arguments for k in kept)
            or call.arguments.get("events") == "@last"
        ):
            if not (kept and kept[-1].tool == call.tool and kept[-1].arguments == call.arguments):
                kept.append(call)
    return kept
