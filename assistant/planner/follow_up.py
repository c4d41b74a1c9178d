"""Short turns that lean on the one before: "and the ViT?", "sorry, I meant 17"."""

from __future__ import annotations

import re
from typing import Any

from assistant.planner.arguments import TARGETED, read_by
from assistant.planner.dialogue import Call, Dialogue, Turn
from assistant.planner.filters import EXCLUDES, class_filters, taken_out
from assistant.planner.lexicon import COLUMN_PATTERNS
from assistant.planner.lifted_cuts import lifts, without_cuts
from assistant.planner.lookup_change import change_lookup
from assistant.planner.probe_change import change_probe
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics

CORRECTION = (
    r"\b(?:sorry|i meant?|oops|my (?:mistake|bad)|correction|wait"
    r"|not (?:event )?#?\d+|instead|rather|should have (?:been|said)"
    r"|typo|apologies|excuse me|i wanted|strike that|scratch that|pardon|make that|no,)"
)


_ADDS = (
    r"\b(?:add|include|plus)\b|\b(?:put|take|throw|bring) (?:event |#)*[\d, and]+in\b"
    r"|^(?:and )?also (?:event |#)*\d|\band (?:event |#)*\d+ (?:too|as well)\b"
    r"|\b(?:put|bring|take|add)\w*\b.*\bback\b|\bback in\b"
)
_LEFT_OUT = (
    r"\b(?:leav(?:e|ing)\b.*\bout|kick|without|drop|forget|skip|ignore|except|minus|not|remove"
    r"|exclude)\b"
)
REPLACED = r"\b(?:replac|swap|exchang|substitut|switch|chang)\w*\b.*\b(?:by|with|for|to)\b"
_EVERY = r"\b(?:all|every one) (?:of )?(?:the|our) (?!\d)"
_ALL_THERE = (
    r"\ball (?:of )?(?:the |our )?[^,]* in (?:the|our|this) (?:sample|data|file|data set)\b"
)
_JOINED = (
    r"\b(?:add|include|too|also|as well|overlay|superimpose|plus|join|(?:throw|bring|put|take)\b.*"
    r"\bin)\b"
)
_CLASS_COUNTED = re.compile(r"\b(label\w*|truth) (== \w+|in \[[^\]]*\])")
COUNTS = {"find_similar_events": "k", "select_events": "limit"}
"""The argument that says how many, of tools other than statistics."""
_WITHOUT_MODEL = ("describe_dataset", "display_event")
_BINS = 20
"""Bins of a histogram of which nothing was said."""
_COUNT_BOUND = r"(?:protons|neutrons|charged_pions|neutral_pions) [<>=!]=? \d+"
_HOW_MANY_HAVE = (
    r"(?:and |but |or )*how many (?:events )?(?:have|contain|has)\b(?!.*\b(?:also|both)\b)"
)
_NEW_VALUE = r"\b(\d+(?:\.\d+)?) ?([gm])ev\b"


def leans_on_previous(text: str, slots: Slots) -> bool:
    """Say whether a clause without a request of its own continues the one before."""
    words = re.findall(r"\w+", text)
    return len(words) <= 5 and bool(
        slots.models
        or slots.events
        or slots.bare.numbers
        or slots.classes
        or slots.cuts.threshold is not None
        or slots.cuts.filters
        or slots.views
        or slots.bare.expressions
        or slots.particle
        or slots.names
    )


def repeat(dialogue: Dialogue, slots: Slots, question: str) -> list[Call] | None:
    """Return the calls of the previous turn with what the new turn changes, or None."""
    previous = dialogue.previous
    if previous is None:
        return None
    moved = slots.classes or slots.cuts.filters or slots.columns or lifts(slots.text)
    calls = again(dialogue, previous, moved=bool(moved))
    if slots.shift is not None:
        calls = calls[-1:]
    if calls[0].arguments.get("sort_by") and (slots.events.head or 0) > 0:
        slots.top, slots.events.head = slots.events.head, None  # "3 random nue", after random NC
    if slots.models and not moved:  # "is that what the cnn says?" asks of no picture
        calls = [c for c in calls if c.tool not in _WITHOUT_MODEL] or calls
    changed = False
    counted = next((c for c in calls if _CLASS_COUNTED.search(str(c.arguments.get("where")))), None)
    if counted and (said := class_filters(slots.classes, "true")):
        # "How many of them are called numu?" - "and NC?"
        column, value = _CLASS_COUNTED.search(counted.arguments["where"]).groups()  # type: ignore[union-attr]
        new = said[-1].split(" ", 1)[1]
        counted.arguments["where"] = counted.arguments["where"].replace(
            f"{column} {value}", f"{column} {new}"
        )
        # "And nue labelled NC?": of other events, too.
        slots.classes = [m for m in slots.classes if len(said) > 1 and m.role != "predicted"]
        changed = True
    for position, call in enumerate(calls):
        changed |= _change(
            call, slots, question, previous.question, first=position == 0, dialogue=dialogue
        )
    if not changed and not re.search(
        r"again|repeat|redo|once more|same|(?:do|run) (?:it|that)|retry", slots.text
    ):
        return None
    if _other_events(slots):
        # Events chosen beforehand by a helper step no longer matter when others are named.
        kept = [c for c in calls if c.tool != "select_events"]
        if kept and kept[0].arguments.get("events") == "@last":
            kept[0].arguments["events"] = calls[0].arguments["events"]
        calls = kept or calls
    last = calls[-1]
    if last.tool == "aggregate_statistics" and len(slots.models) > 1:
        calls += [Call(last.tool, last.arguments | {"model": m}) for m in slots.models[1:]]
    return calls


def extend(dialogue: Dialogue, calls: list[Call], slots: Slots) -> list[Call]:
    """Return calls of the same turn once more, for what a later clause names: "and at 0.9"."""
    new = [Call(c.tool, {k: v for k, v in c.arguments.items() if k != "name"}) for c in calls]
    changed = [_change(c, slots, slots.text, "", first=True, dialogue=dialogue) for c in new]
    return new if any(changed) else []


def again(dialogue: Dialogue, previous: Turn, *, moved: bool = False) -> list[Call]:
    """Return the calls of a turn anew, on the events that ``@last`` meant then.

    Parameters
    ----------
    dialogue : Dialogue
    previous : Turn
        The turn to repeat.
    moved : bool
        Write ``@last`` out even where it still means the same.
    """
    calls = [
        Call(c.tool, {k: v for k, v in c.arguments.items() if k != "name"}) for c in previous.calls
    ]
    groups = dialogue.groups()
    first = next((g for g in groups if g.call is previous.calls[0]), None)
    if (
        first
        and "@last" in str(calls[0].arguments["events"])
        and (moved or first.meant != groups[-1].events)
    ):
        calls[0].arguments["events"] = first.meant
    return calls


def _other_events(slots: Slots) -> bool:
    return bool(slots.events or slots.bare.expressions or slots.names)


def _change(
    call: Call, slots: Slots, question: str, before: str, *, first: bool, dialogue: Dialogue
) -> bool:
    arguments = call.arguments
    if call.tool in ("search_knowledge", "particle_properties"):
        return change_lookup(call, slots, question)
    changed = False
    if slots.models and call.tool not in _WITHOUT_MODEL:
        _change_models(call, slots)
        changed = True
    top = _count(call, slots)
    expression = None if top is not None else _events(slots, call, dialogue, first)
    if expression is not None:
        if slots.names and slots.cuts.filters:
            expression = " and ".join([expression, *slots.cuts.filters])
        further = re.fullmatch(r"-?\d*:\d* and (.+)", str(arguments.get("events")))
        if further and re.fullmatch(r"-?\d*:\d*", expression):
            expression += f" and {further[1]}"  # "events 40-60?", after the wrong ones of 20-40
        arguments["events"] = expression
        arguments.pop("limit", None)
        changed = True
    if call.tool == "probe_event":
        return change_probe(arguments, slots) or changed
    chained = not first and str(arguments.get("events")).startswith("@last")
    changed |= _change_events(call, slots, before, keep=expression is not None or chained)
    if call.tool == "aggregate_statistics":
        changed |= _change_statistic(arguments, slots)
    if top is not None:
        arguments[COUNTS.get(call.tool, "top")] = top
        if call.tool == "select_events" and not arguments.get("sort_by"):
            arguments |= {"sort_by": "index", "descending": False}
        changed = True
    return changed


def _change_events(call: Call, slots: Slots, before: str, *, keep: bool) -> bool:
    """Swap the class and the cuts of a call, or add them to its events."""
    arguments = call.arguments
    targets = [m for m in slots.classes if m.name in ("nue_cc", "numu_cc", "nc")]
    aimless = arguments.get("statistic") in TARGETED and not arguments.get("target")
    if targets and (
        aimless or (arguments.get("target") and (targets[0].role != "true" or targets[1:]))
    ):
        arguments["target"] = targets[0].name
        return True
    if call.tool == "find_similar_events":
        among = str(arguments.get("among", "all"))
        if slots.classes:
            among = _swap_class(among, slots)
        arguments |= {"among": _swap_cut(among, slots.cuts.filters)}
        if arguments["among"] == "all":
            del arguments["among"]
        return bool(slots.classes or slots.cuts.filters)
    one = re.fullmatch(r"(\d+):(\d+)", str(arguments.get("events")))
    if slots.classes and one and int(one[2]) == int(one[1]) + 1:
        return True  # "and for numu?", of the one event
    if "events" not in arguments or keep or call.tool == "explain_event":
        return False
    events, changed = str(arguments["events"]), bool(slots.lifted)
    if slots.lifted:
        events = " and ".join(t for t in events.split(" and ") if t not in slots.lifted) or "all"
    none = any(f.endswith("== 0") for f in slots.cuts.filters)  # "and without?"
    excluded = re.search(EXCLUDES, slots.text) and not (none or lifts(slots.text))
    terms, said = events.split(" and "), class_filters(slots.classes, "true")
    if (
        re.search(r"\b(?:other|remaining|rest)\b", slots.text)
        and said
        and said[0] in terms[:1] + terms[-1:]
    ):
        left = " and ".join(term for term in terms if term != said[0])
        arguments["events"] = f"{said[0]} and not ({left})" if left else said[0]
        return True  # "the other NC events?"
    numbered = re.fullmatch(r"\d*:\d*", events) and re.search(_EVERY, slots.text)
    if (said and numbered) or ((said or slots.cuts.filters) and re.search(_ALL_THERE, slots.text)):
        events = "all"
    if not excluded:  # "without DIS", then "only DIS"
        named = [f.split()[0] for f in slots.cuts.filters] + ["truth"] * bool(slots.classes)
        out = "|".join(map(re.escape, named)) or "-"
        kept = re.sub(rf"(?:^| and )not \((?:{out}) == \w+\)", "", events)
        events = kept.removeprefix(" and ") or "all"
    if slots.classes and not excluded:
        events, changed = _swap_class(events, slots), True
    if lifts(slots.text, named=bool(slots.cuts.filters)):
        kept = without_cuts(events, slots.text, before)
        events, changed = kept, changed or kept != events
    elif (
        len(slots.columns)
        and not slots.cuts.filters
        and (call.tool == "select_events" or arguments.get("statistic") == "count")
    ):
        events, changed = _swap_column(events, slots.columns, changed)
    filters = list(slots.cuts.filters)
    if "nu_pdg <" in events and re.search(r"(?<![\w-])neutrinos\b", slots.text):
        filters.append("nu_pdg > 0")
    if excluded:
        filters += class_filters(slots.classes, "true")
        filters = taken_out(filters)
    where = str(arguments.get("where", ""))
    if filters and all(re.search(rf"(?<!\w){re.escape(f.split()[0])} ", where) for f in filters):
        arguments["where"], changed = _swap_cut(where, filters), True
    elif filters:
        asked = arguments.get("statistic") == "count" and re.match(_HOW_MANY_HAVE, slots.text)
        if asked or (slots.instead and re.match(_COUNT_BOUND, filters[0])):
            # Protons, then neutrons; charged pions instead.
            terms = [t for t in events.split(" and ") if not re.fullmatch(_COUNT_BOUND, t)]
            events = " and ".join(terms) or "all" if slots.instead or not terms else events
        events, changed = _swap_cut(events, filters), True
    elif value := re.search(_NEW_VALUE, slots.text):
        # "Make it 10 GeV": the number of the cut that stands there.
        to = float(value[1]) / (1000 if value[2] == "m" else 1)
        new, n = re.subn(r"(energy [<>]=? )[\d.]+", rf"\g<1>{to:g}", events, count=1)
        events, changed = new, changed or bool(n)
    arguments["events"] = events
    return changed


_TAKES = {
    "accuracy": ("by", "level"),
    "efficiency": ("target", "cut", "by", "level"),
    "purity": ("target", "cut", "by", "level"),
    "roc": ("target", "level"),
    "corrected_counts": ("target", "cut", "level"),
    "confusion_matrix": ("level",),
    "calibration": ("level",),
    "mean": ("column", "by", "level"),
    "histogram": ("column", "by", "bins", "bin_width"),
}
"""What a statistic takes over from the one that it replaces."""
JUDGED = tuple(name for name in _TAKES if name not in ("mean", "histogram"))
"""Statistics of what a classifier says."""
_BINNED = re.compile(
    r"\b(?:(?P<more>twice|double|finer|more|narrower|smaller)|half|coarser|fewer|wider"
    r"|larger)\b.*\bbin"
)


_AT_OTHER = re.compile(
    r"\b(?:at|for|with) (?:an? )?(\d+(?:\.\d+)?) ?(?:%|percent)? ?(efficiency|purity)\b"
)
_OTHER = {"efficiency": "purity", "purity": "efficiency"}


def replaceable(arguments: dict[str, Any], statistics: list[str]) -> bool:
    """Say whether the statistic of a call can make room for the one that is asked for now."""
    return len(statistics) == 1 and statistics[0] in _TAKES and arguments.get("statistic") in _TAKES


def _replace_statistic(arguments: dict[str, Any], new: str) -> None:
    """Put a statistic in the place of another; what it does not take is dropped."""
    for key in {k for keys in _TAKES.values() for k in keys} - set(_TAKES[new]):
        arguments.pop(key, None)
    arguments.pop("at", None)
    arguments["statistic"] = new
    if "column" in _TAKES[new]:
        arguments.setdefault("column", "energy")
    kept = r"(?:^| and )truth == (nue_cc|numu_cc|nc)\b"
    if "target" in _TAKES[new] and (found := re.search(kept, str(arguments["events"]))):
        # Of one true class there is no purity: the class is the target.
        arguments.setdefault("target", found[1])
        left = re.sub(kept, "", arguments["events"]).removeprefix(" and ")
        arguments["events"] = left or "all"


def _change_statistic(arguments: dict[str, Any], slots: Slots) -> bool:
    new: dict[str, Any] = {}
    if lifts(slots.text) and re.search(r"\bcut|threshold", slots.text):
        return arguments.pop("cut", None) is not None  # "and with no cut?"
    if (found := _AT_OTHER.search(slots.text)) and arguments["statistic"] == _OTHER[found[2]]:
        arguments.pop("cut", None)
        arguments["at"] = float(found[1]) / (100 if float(found[1]) > 1 else 1)
        return True
    said = (
        []
        if any(f.startswith("correct") for f in slots.cuts.filters)
        else read_statistics(slots.text)
    )
    if replaceable(arguments, said) and said[0] != arguments["statistic"]:
        _replace_statistic(arguments, said[0])
        new["statistic"] = said[0]
    if slots.cuts.threshold is not None:
        new["at" if "at" in arguments else "cut"] = slots.cuts.threshold
    if slots.columns and arguments.get("column") and not slots.cuts.filters:
        new["column"] = slots.columns[0]
    by = read_by(slots.text)
    if by:
        new["by"] = by
        if arguments.get("column") == new.get("column") == by:
            del new["column"]
    elif slots.columns and arguments.get("by") and not (new or slots.cuts.filters):
        new["by"] = slots.columns[0]  # "with the number of prongs?"
    new |= said_of_statistic(slots)
    if slots.bins or slots.bin_width:
        arguments.pop("bins", None)
        arguments.pop("bin_width", None)
    if not new and (binned := _BINNED.search(slots.text)):
        if width := arguments.get("bin_width"):
            new["bin_width"] = width / 2 if binned["more"] else width * 2
        else:
            bins = arguments.get("bins") or _BINS
            new["bins"] = bins * 2 if binned["more"] else max(bins // 2, 1)
    arguments |= new
    return bool(new)


def said_of_statistic(slots: Slots) -> dict[str, Any]:
    """Return what a clause says of how a statistic is shown."""
    said = {k: v for k in ("bins", "bin_width", "level") if (v := getattr(slots, k))}
    return said | ({"by": by} if (by := read_by(slots.text)) else {})


def _count(call: Call, slots: Slots) -> int | None:
    """Return how many are asked for now: "ten of them", "give me 6 instead"."""
    if call.tool == "select_events":
        return None if re.search(r"\b(?:of them|show|draw|see)\b", slots.text) else slots.top
    ranked = call.arguments.get("statistic") in ("worst_mistakes", "least_sure")
    if not ranked and call.tool != "find_similar_events":
        return None
    if slots.top is not None:
        return slots.top
    found = re.search(
        r"(?<!event )(?<!for )(?<!on )(?<!of )(?<!to )(?<!with )(?<!try )(?<![#\w.])(\d+)\b"
        r"(?: of (?:them|those|these)| more| instead| please| events| then)*$",
        slots.text,
    )
    if not found or (
        not ranked and re.match(r"(?:and|or|what about|how about|sorry|i meant) ?\d", slots.text)
    ):
        return None
    return int(found[1])


def _change_models(call: Call, slots: Slots) -> None:
    arguments, text = call.arguments, slots.text
    models = [m for m in slots.models if m not in slots.replaced] or slots.models
    old = list(arguments.get("models") or [])
    if len(models) == 1 and models[0] not in old and set(old) & set(slots.replaced):
        arguments["models"] = [models[0] if m in slots.replaced else m for m in old]
    elif call.tool == "compare_classifiers":
        if re.search(r"\b(?:swap|switch|revers\w+)\b", text) and len(models) != 1:
            arguments["models"] = old[::-1]
        elif re.search(_LEFT_OUT, text) and len(left := [m for m in old if m not in models]) > 1:
            arguments["models"] = left
        elif re.search(REPLACED, text) and len(models) == 2 and set(models) - set(old):
            gone, new = sorted(models, key=lambda m: m not in old)
            arguments["models"] = [new if m == gone else m for m in old]
        elif len(models) >= 2:
            arguments["models"] = models
        elif re.search(_JOINED, text):
            arguments["models"] = old + [m for m in models if m not in old]
        elif models[0] in old:
            arguments["models"] = old
        else:
            arguments["models"] = [old[0], models[0]] if len(old) == 2 else old + models
    elif len(models) > 1 and call.tool == "classify_events":
        arguments["models"] = models
    else:
        arguments["model"] = models[0]
        arguments.pop("models", None)


def _events(slots: Slots, call: Call, dialogue: Dialogue, first: bool) -> str | None:
    """Return the events that the new turn names, or None where it leaves them as they were."""
    if not first and call.arguments.get("events") == "@last":
        return None
    events = slots.events
    if slots.shift is not None:
        return shifted(slots, dialogue)
    if events.excluded and not events.expressions and call.arguments.get("events"):
        before = str(call.arguments["events"])  # "the same without event 12"
        before = f"({before})" if " or " in before else before
        return " and ".join([before, *(f"not {left_out}" for left_out in events.excluded)])
    expressions = events.expressions or slots.bare.expressions
    if (
        re.search(r"\bnot (?:event )?#?\d+", slots.text)
        and len(events.expressions + slots.bare.expressions) > 1
    ):
        # "17, not 7": the number behind "not" is the one to leave.
        refused = {int(n) for n in re.findall(r"\bnot (?:event |number |no )?#?(\d+)", slots.text)}
        numbers = [n for n in events.numbers + slots.bare.numbers if n not in refused]
        expressions = [f"{n}:{n + 1}" for n in numbers] or expressions
    elif (
        re.search(r"\bnot (?:event )?#?\d+", slots.text)
        and len(slots.bare.numbers + events.numbers) == 2
    ):
        refused = {int(n) for n in re.findall(r"\bnot (?:event |number |no )?#?(\d+)", slots.text)}
        expressions = [
            f"{n}:{n + 1}" for n in events.numbers + slots.bare.numbers if n not in refused
        ]
    if expressions and re.search(EXCLUDES, slots.text):
        before = str(call.arguments.get("events", "all"))  # "drop 5"
        before = f"({before})" if " or " in before else before
        return " and ".join([before, *(f"not {left_out}" for left_out in expressions)])
    stretch = re.fullmatch(r"(\d+):(\d+)", str(call.arguments.get("events")))
    if stretch and expressions and re.search(r"\bexten\w+|\bstretch\w*|\ball the way", slots.text):
        return f"{stretch[1]}:{max(slots.bare.numbers + events.numbers) + 1}"  # "extend it to 99"
    parts = list(expressions)
    if events.head is not None:
        parts.append(f"0:{events.head}" if events.head > 0 else f"{events.head}:")
    if events.step:
        parts.append(f"::{events.step}")
    said = [*slots.cuts.filters, *class_filters(slots.classes, "true")]
    every = r"\b(?:on|for|over|with) (?:them )?all\W*$|\b(?:in total|altogether|in all)\b"
    if (events.everything and not (slots.names or said)) or re.search(every, slots.text):
        return " and ".join(said) or "all"
    parts += [f"@{name}" for name in slots.names]
    if slots.expression:
        parts.append(slots.expression)
    if parts and re.search(_ADDS, slots.text):
        parts.insert(0, str(call.arguments.get("events", "all")))
    return " or ".join(parts) if parts else None


def shifted(slots: Slots, dialogue: Dialogue) -> str | None:
    """Return the events before or behind the latest ones, as a cut string."""
    shift = slots.shift or 0
    indices = dialogue.last_indices()
    if not indices:
        return None
    low, high = min(indices), max(indices) + 1
    if abs(shift) == 1 and high - low > 1 and not re.search(r"\b(?:one|event|entry)\b", slots.text):
        shift *= high - low  # "next", after events 50 to 99
    if abs(shift) == 1 and len(indices) == 1:
        new = max(low + shift, 0)
        return f"{new}:{new + 1}"
    return f"{high}:{high + shift}" if shift > 0 else f"{max(low + shift, 0)}:{low}"


def _swap_class(expression: str, slots: Slots) -> str:
    role = "predicted" if "label" in expression and "truth" not in expression else "true"
    new = " and ".join(class_filters(slots.classes, role))
    pattern = r"(?:truth|label\w*)\s*(?:(?:==|!=)\s*\w+|in\s*\[[^\]]*\])"
    column = new.split()[0] if new else "truth"
    same = rf"{column}\s*(?:(?:==|!=)\s*\w+|in\s*\[[^\]]*\])"
    for target in (same, pattern):
        if re.search(target, expression):
            return re.sub(target, new, expression, count=1)
    return (
        new
        if expression in ("all", "")
        else f"({expression}) and {new}"
        if " or " in expression
        else f"{expression} and {new}"
    )


def _swap_column(events: str, columns: list[str], changed: bool) -> tuple[str, bool]:
    """Put a quantity in the place of the one that was cut on: "lepton energy, not energy"."""
    new = columns[0]
    kind = {column: dimension for column, dimension, _ in COLUMN_PATTERNS}
    alike = [
        c for c in re.findall(r"(\w+) [<>=!]", events) if kind.get(c) == kind[new] and c != new
    ]
    old = columns[1] if len(columns) > 1 else alike[-1] if alike else new
    swapped = re.sub(rf"(?<!\w){old}(?= [<>=!])", new, events)
    return swapped, changed or swapped != events


def _swap_cut(expression: str, filters: list[str]) -> str:
    """Put cuts in the place of those on the same quantity, or add them."""
    for new in filters:
        column = re.escape(new.split()[0])
        pattern = (
            rf"{column} (?:(?:[<>]=?|[=!]=) -?[\w.]+|in \[[^\]]*\])"
            rf"(?: and {column} (?:[<>]=?|==) -?[\d.]+)?"
        )
        one = re.fullmatch(rf"{column} ([<>]=?) (-?[\d.]+)", new)
        both = re.search(rf"{column} (>=?) (-?[\d.]+) and {column} (<=?) (-?[\d.]+)", expression)
        if one and both and (one[1][0] == "<") == (float(one[2]) > float(both[2])):
            # "Up to 5", after 1 to 3: the other end stays.
            low = new if one[1][0] == ">" else f"{column} {both[1]} {both[2]}"
            high = new if one[1][0] == "<" else f"{column} {both[3]} {both[4]}"
            if one[1][0] == "<" or float(one[2]) < float(both[4]):
                new = f"{low} and {high}"
        if re.fullmatch(r"\w+", column) and re.search(pattern, expression):
            expression = re.sub(pattern, new, expression, count=1)
        elif expression in ("all", ""):
            expression = new
        else:
            inner = f"({expression})" if " or " in expression else expression
            expression = f"{inner} and {new}"
    return expression
