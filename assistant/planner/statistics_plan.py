"""Calls of `aggregate_statistics`: which statistic, over which events, of which classifier."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from assistant.planner import arguments as args
from assistant.planner.builder import Builder
from assistant.planner.classes import ClassMention
from assistant.planner.dialogue import Call
from assistant.planner.filters import RIGHT, WRONG, Wanted, read_wanted
from assistant.planner.intent_model import likely_statistic
from assistant.planner.ranges import EventNumbers
from assistant.planner.slots import Slots
from assistant.planner.statistic import SHARE, read_statistics

_OF_EACH = (
    r"\bhow many (?:\w+ )?(?:hits|pixels|tracks|prongs|protons|neutrons|pions|pi-?0s)"
    r" (?:(?:do|does|did|has|have)\b(?!.*\b(?:above|below)\b)|per event)"
)
"""Asks for a number that each event has, not how many events there are."""


_CALLED = r"(?:calls?|called|labels?|labell?ed|classif\w+|predict\w+|identif\w+|tags?|tagged)"
_CANDIDATES = (
    rf"\b(?:candidates?|selected|predictions)\b|^(?:of|among|out of)\b[^,]*\b{_CALLED}\b"
    rf"|\b{_CALLED}\b.*\b(?:are|is|were) (?:in (?:truth|fact|reality)|actually|really|truly|indeed"
    r"|genuine\w*|true|real)\b"
)
"""Says that the verdict names the events, and the truth is asked."""
_PREDICATE = r"(?=,| (?:that|which|is|are|was|were|has|have|do|does|did|come|end)\b|[?.]|$)"
_OF_WHICH = tuple(
    rf"{start} (?:(?:all|the|our|my|true) )*(.+?){end}"
    for start, end in (
        (rf"{SHARE} .*?\b(?:in|among|amongst|within|out of)", _PREDICATE),
        (rf"(?:{SHARE} of|^(?:of|out of|in|among|amongst|within))", _PREDICATE),
        (
            rf"{SHARE} of",
            r"(?= (?:with|having|above|below|over|under|between|whose|where|contain))",
        ),
        # "of the nue cc events went through a resonance": the noun ends what they are.
        (
            rf"{SHARE} of",
            r"(?<=nts|ons|nue|umu|tau| cc|nos| nc)(?= (?!events?|cc|interactions?|and|or)\w)",
        ),
    )
)
"""The events that a share is taken of: "of the DIS events, what fraction ..."."""
_BOTH_WAYS = (
    rf"\b(?:{WRONG}\b.*\b(?:and|or|vs|versus|than|to)\b.*\b{RIGHT}"
    rf"|{RIGHT}\b.*\b(?:and|or|vs|versus|than|to)\b.*\b{WRONG})\b"
)
"""Speaks of the wrong verdicts beside the right ones."""
_AT = (
    r"\b(?:keep|retain|preserv|sav)\w* (?:at least )?(?P<kept>\d+(?:\.\d+)?) ?(?:%|per ?cent) of\b"
    r"|(?P<left>\d+(?:\.\d+)?) ?(?:%|per ?cent) of (?:[\w-]+ ){1,5}(?:kept|retained|preserved)\b"
    r"|(?P<value>\d+(?:\.\d+)?) ?(?:%|per ?cent)(?: of)?"
    r"(?: (?:the|signal|selection|nue|numu|nc|cc))*"
    r" (?P<fixed>purity|efficiency|pure)\b|(?P<point>\bat (?:an? )?)?\b(?P<named>purity"
    r"|efficiency) (?:is |reaches |becomes "
    r"|(?:of|at) (?:at least )?|above |> ?)+(?P<number>\d+(?:\.\d+)?)(?!\d|\.\d| ?(?:gev|mev"
    r"|cm|(?:%|percent) (?:\w+ )?(?:purity|efficiency)))"
    r"(?P<percent> ?(?:%|percent))?"
)


def _read_at(text: str) -> tuple[str, float] | None:
    """Read "the purity at 80 % efficiency", "which cut gives a purity of 0.9": what, and where."""
    for found in re.finditer(_AT, text):
        kept = found["kept"] or found["left"]
        value = float(kept or found["value"] or found["number"])
        value /= 100 if kept or found["value"] or found["percent"] or value > 1 else 1
        fixed = "purity" if "pur" in (found["fixed"] or found["named"] or "") else "efficiency"
        other = "efficiency" if fixed == "purity" else "purity"
        which = re.search(
            r"\b(?:cut|threshold|working point|reach\w*|get|need\w*|achiev\w*)\b", text
        )
        if 0 < value <= 1 and (kept or found["fixed"] or found["point"] or which):
            return other, value
    return None


class StatisticsBuilder(Builder):
    """Plans statistics."""

    wanted_statistic: str | None = None
    """The statistic that is asked for, whatever the words say."""

    def _aggregate(self, text: str, slots: Slots, model: str) -> None:
        likely = likely_statistic(text, slots, self._before())
        statistics = read_statistics(text) or [likely or ("mean" if slots.columns else "count")]
        if self.wanted_statistic:
            statistics = [self.wanted_statistic]
        wanted_at = _read_at(text) or (None if self.calls else _read_at(self.text))
        told = self.calls[-1].arguments if self.calls else {}
        if not wanted_at and "at" in told and statistics == [told["statistic"]]:
            return  # "Which cut is 90 % pure, and what efficiency is left?" is one question
        if wanted_at and {"purity", "efficiency"} & set(statistics):
            statistics = [wanted_at[0]]
        averaged = bool(self.calls) and self.calls[-1].arguments.get("statistic") == "mean"
        if statistics == ["count"] and slots.columns:
            if slots.bins or slots.bin_width:
                statistics = ["histogram"]  # "count the events in 2 GeV bins"
            elif averaged or re.search(_OF_EACH, text):
                statistics = ["mean"]
        models = slots.models if len(slots.models) > 1 else [model]
        for statistic in statistics:
            _score_to_cut(statistic, slots)
            if statistic in ("worst_mistakes", "least_sure"):
                _number_to_top(slots)
            carried = self._carried(statistic, slots)
            if "target" in carried and not slots.models:
                # What leaves the class to the question before leaves the classifier to it.
                models = [self._inherited() or model]
            found = args.statistic_arguments(statistic, slots) | carried
            if statistic in args.TARGETED and self._spoken_class:
                found.setdefault("target", self._spoken_class)
            if wanted_at and statistic == wanted_at[0]:
                found = {k: v for k, v in found.items() if k != "cut"} | {"at": wanted_at[1]}
            named = str(found.get("column", "")).removeprefix("p_")
            # "The mean p_nc of the NC": a class beside a score that is spelt out names events.
            target = found.get("target") or ("" if f"p_{named}" in text else named)
            wanted = self._wanted(
                slots, "aggregate_statistics", text, (target,) if target else (), statistic
            )
            told_apart = statistic in ("accuracy", "count") and re.search(
                r"\b(?:vs|versus|than|compared|each|separately|respectively|break|broken|break-?down|split)"
                r"\b|\b(?:more|better|worse)\b.*\bor\b",
                text,
            )
            if (statistic in ("mean", "histogram") or told_apart) and "by" not in found:
                # Of several classes or modes, each is told by itself.
                several = re.search(r"\b(truth|mode) in \[", " ".join(wanted.filters))
                found |= {"by": several[1]} if several else {}
            if statistic in ("mean", "histogram") and re.search(_BOTH_WAYS, text):
                found.setdefault("by", "correct")
                wanted.filters = [f for f in wanted.filters if not f.startswith("correct ")]
            beside = statistic == "accuracy" and {"purity", "efficiency", "roc"} & set(statistics)
            if beside:
                found.pop("cut", None)
            if beside or statistic in ("efficiency", "purity", "roc", "corrected_counts"):
                # Of a part of the true classes no purity could be told.
                wanted.filters = [
                    f for f in wanted.filters if not f.startswith(("label ", "correct ", "truth "))
                ]
            if statistic in (
                "accuracy",
                "worst_mistakes",
                "confusion_matrix",
                "least_sure",
                "calibration",
            ):
                kept = "correct == true" if statistic == "least_sure" else ""
                wanted.filters = [
                    f for f in wanted.filters if f == kept or not f.startswith("correct ")
                ]
            if statistic == "count" and re.search(r"\bconfus\w+ (?:\w+ ){1,4}(?:with|as)\b", text):
                wanted.filters = [f for f in wanted.filters if not f.startswith("correct ")]
            candidates = re.search(_CANDIDATES, text)
            truths = [f for f in wanted.filters if f.startswith("truth ")]
            if statistic == "count" and candidates and truths and len(truths) < len(wanted.filters):
                # "How many of the NC candidates are truly NC": the verdict says of which events.
                found["where"] = " and ".join(truths)
                wanted.filters = [f for f in wanted.filters if f not in truths]
            elif statistic == "count":
                self._share(text, slots, wanted, found)
            if (
                statistic == "count"
                and any("label" in f for f in wanted.filters)
                and not (candidates and truths)
            ):
                for each in models:
                    part = replace(wanted, filters=list(wanted.filters))
                    self._count_verdicts(text, slots, part, each, dict(found))
                continue
            expression = self._expression(wanted, model)
            recorded = statistic in ("mean", "histogram", "count") and not slots.models
            listed = "column" in found and bool(re.search(r",|\b(?:and|plus)\b", text))
            quantities: list[str | None] = [
                c for c in slots.columns if listed and c != found.get("by")
            ]
            for each in [model] if recorded and not _needs_model(expression, found) else models:
                for column in quantities or [found.get("column")]:
                    asked = {"events": expression, "model": each} | found
                    asked |= {"column": column} if column else {}
                    self.calls.append(Call("aggregate_statistics", asked))
        if (
            statistics[0] in ("worst_mistakes", "least_sure")
            and slots.top is None
            and args._one(text)
            and re.search(r"\b(?:show|display|draw|plot|see|look|picture)\b", text)
        ):
            self.calls.append(Call("display_event", {"events": "@last"}))

    def _carried(self, statistic: str, slots: Slots) -> dict[str, Any]:
        """Take class and cut over from the statistic before: "and the efficiency?"."""
        turn = self.dialogue.previous
        made = self.calls or (turn.calls if turn else [])
        if not made or made[-1].tool != "aggregate_statistics":
            return {}
        before = made[-1].arguments
        if statistic in ("mean", "histogram") and not slots.columns and before.get("column"):
            return {"column": before["column"]} if slots.it or slots.them or self.fragment else {}
        if (
            statistic not in ("efficiency", "purity", "roc")
            or slots.classes
            or not (slots.them or slots.it or self.fragment or len(slots.text.split()) <= 8)
        ):
            return {}
        counted = re.search(
            r"\b(?:(?:truth|label\w*) == |p_(?=\w+ >=? (?P<cut>\d?\.\d+)))(?P<target>nue_cc"
            r"|numu_cc|nc)\b",
            str(before["events"]),
        )
        target = {k: v for k, v in counted.groupdict().items() if v} if counted else {}
        target |= {"cut": float(target["cut"])} if "cut" in target else {}
        same = statistic == before.get("statistic")  # "95 % purity": "what efficiency is left?"
        kept = ("target", "cut", "at") if same else ("target", "cut")
        return target | {k: before[k] for k in kept if k in before}

    def _share(self, text: str, slots: Slots, wanted: Wanted, found: dict[str, Any]) -> None:
        """Read "how many of those are NC" and "what fraction of the numu events is above 5 GeV"."""
        fraction = re.search(SHARE, text)
        if not (fraction or wanted.base):
            return
        kept = [f for f in wanted.filters if not f.startswith("label ")]
        judged = len(kept) < len(wanted.filters)
        if wanted.base and (not slots.events or fraction or judged):
            inner: list[str] = []
        elif wanted.base or judged:
            return  # what is said of the events beside the verdict says of which
        else:
            inner = []
            for each in (found_of for p in _OF_WHICH if (found_of := re.search(p, text))):
                of = self._slots(each[1])
                said = read_wanted(of, of.classes, default_role="true", use_threshold=True).filters
                if not inner and set(said) < set(kept):
                    inner = said
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


def _number_to_top(slots: Slots) -> None:
    """Read a lone number as how many are asked for: "give me eight"."""
    bare = slots.bare
    if slots.top is None and len(bare.numbers) == 1 and len(bare.expressions) == 1:
        slots.top = bare.numbers[0]
        if slots.events is bare:
            slots.events = EventNumbers()


def _score_to_cut(statistic: str, slots: Slots) -> None:
    """Read a cut on the probability of a class as the working point of a statistic."""
    if statistic not in ("efficiency", "purity", "corrected_counts"):
        return
    point = re.search(r"(?<![\w.])(0?\.\d+)(?![\w.]| ?(?:gev|mev|cm|%))", slots.left)
    if slots.cuts.threshold is None and point:
        slots.cuts.threshold = float(point[1])
    said = [slots.expression or "", *slots.cuts.filters]
    for each in said:
        found = re.fullmatch(r"p_(nue_cc|numu_cc|nc) ?>=? ?(\d*\.?\d+)", each)
        if found:
            slots.cuts.threshold = float(found[2])
            slots.cuts.filters = [f for f in slots.cuts.filters if f != each]
            slots.expression = None if slots.expression == each else slots.expression
            if not slots.classes:
                slots.classes = [ClassMention(found[1], "predicted", 0, 0)]


def _needs_model(expression: str, found: dict[str, Any]) -> bool:
    return bool(
        re.search(
            r"label|p_\w+|confidence|correct|unlike",
            expression + str(found.get("column", "")) + str(found.get("by", "")),
        )
    )
