"""What a number without a noun means: what the request before it had a number for.

After "purity above 0.7" the turn "0.9" is a threshold, after "events above 10 GeV" the turn "above
20" a bound on the energy, after a histogram "40" its bins.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.planner.dialogue import Call
from assistant.planner.lexicon import COLUMN_PATTERNS, FILLER_WORDS
from assistant.planner.lifted_cuts import lifts
from assistant.planner.ranges import EventNumbers
from assistant.planner.slots import Slots
from classifier.intervals import ONE_SIGMA

_NUMBER = r"(?<![\w.:#@])(\d+(?:\.\d+)?|\.\d+)(?![\w:]|\.\d)"
_LONGEST = 10
"""Most words of a turn that changes a number."""
_SIGNS = (
    (r">=|at least|no less than|not below|minimum", ">="),
    (r"<=|at most|no more than|not above|up to|maximum", "<="),
    (r">|above|over|more than|greater than|higher than|beyond|exceeding|harder than", ">"),
    (r"<|below|under|less than|fewer than|lower than|smaller than|softer than", "<"),
    (r"==?|exactly|equal to", "=="),
)
_COMPARED = re.compile(
    rf"(?P<sign>{'|'.join(words for words, _ in _SIGNS)}) ?{_NUMBER}"
    rf"|{_NUMBER} ?(?:or|and) ?(?P<open>more|above|higher|over|up|less|below|lower|fewer|under)\b"
)
_CUT = re.compile(r"(?<![\w.])(\w+) (<=?|>=?|==) (-?\d+(?:\.\d+)?)(?![\w.])")
_EVENT_NOUN = (
    r"\b(?:events?|number|no|index|entry|entries|for|of|on|with|to|try|show|like)\b[ #]*$|#$"
)
_SET = (
    r"\b(?:tight\w*|loose\w*|relax\w*|rais\w*|lower\w*|set|mov\w+|chang\w*|push\w*|bump\w*|crank\w*"
    r"|increas\w*|decreas\w*|reduc\w*|widen\w*|make|put|bring|turn|drop|cut|go"
    r"|extend\w*)\b.*\b(?:to|at|by)\b[ #]*$|\b(?:cut|threshold|bound|limit) (?:of|at|to) $"
)
"""Before a number: a bound is moved there."""
_WHAT_IF = (
    r"\bif (?:i|we|you|one) (?:were to |was to |would )?((?:tight\w*|loosen\w*|relax\w*|rais\w*"
    r"|lower\w*|set|put|mov\w+|chang\w*|push\w*|bring|brought|took|take|went|go|increas\w*|decreas\w*"
    rf"|reduc\w*)\b[^,]*\b(?:to|at|by) {_NUMBER}(?: ?%)?)\W*$"
)
"""What is asked for again with a bound moved: "what would it be if I tightened it to 0.85"."""
_ABOUT = (
    r"(?:(?:and|now|then) )*(?:what about|how about|for|of|try|same (?:for|with)) "
    r"(?:event |#)?\d+\W*$"
)
_COUNTING = ("aggregate_statistics", "select_events", "describe_dataset")
_LEADING = (
    r"(?:(?:and|or|but|so|now|then|in|from|between|what about|how about|how many|only|just|for|with"
    r"|the|events?|ones) )*"
)
_EDGE = (
    r"\b(?:(upper|top|high\w*|max\w*)|lower|bottom|low|min\w*) (?:edge|end|limit|bound\w*|cut"
    r"|side)\b"
)
_RANGE = rf"{_LEADING}{_NUMBER}(?: ?- ?| to | and ){_NUMBER}(?: (?:only|instead|please|then))*"
_RELATIVE = (
    r"\b(half|twice|double|thrice|triple|(\d+) times) (?:that|it|this|the (?:cut|threshold|bound"
    r"|number|energy|limit))\b|\b(halve|double|triple) (?:it|that|this|the \w+)\b"
)
_TIMES = {"half": 0.5, "halve": 0.5, "twice": 2, "double": 2, "thrice": 3, "triple": 3}
_INSTEAD = rf"{_NUMBER}(?: ?[a-z%]+)?,? (?:rather than|instead of|not) {_NUMBER}"
_SIDES = ("above", "over", "higher", "below", "under", "lower", "with", "without")
_IDLE = FILLER_WORDS | {"how", "what", "which", "often", "that", "frequently"}
"""Words beside which a lone "below" turns the bound of before round."""


def carry_numbers(text: str, slots: Slots, last: Call, bounded: Call) -> bool:
    """Give the numbers of a short turn the meaning that the call before suggests.

    Parameters
    ----------
    text : str
        Normalised text of the turn.
    slots : Slots
        What was read in it; changed in place.
    last : Call
        The last call of the turn before.
    bounded : Call
        The same with its ``@last`` written out, to look for bounds.

    Returns
    -------
    bool
        Whether a number was given a meaning.
    """
    if found := re.search(_WHAT_IF, text):
        text = found[1]
    if len(text.split()) > _LONGEST or slots.level is not None:
        return False
    text = re.sub(rf"^((?:\w+ )*)[\[(]{_NUMBER} ?[,;] ?{_NUMBER}[\])]", r"\1\2-\3", text)
    if (found := re.fullmatch(_RANGE, text.strip(" ?.!"))) and _between(found, slots, bounded):
        return True
    text, one = re.subn(
        r"(\b(?:with|only|exactly|just|at least|at most|more than)|^(?:and|or|what about)) one"
        r"(?=\W*$)",
        r"\1 1",
        text,
    )
    text, none = re.subn(r"\b(with|having|for|and) none(?: at all)?(?=\W*$)", r"\1 0", text)
    one += none
    text = re.sub(rf"\bfrom {_NUMBER} (?:on|onwards?|up|upwards?)\b", r"at least \1", text)
    if found := _COMPARED.search(text):
        return _bound(found, slots, bounded)
    core = [w for w in re.findall(r"[a-z]+|\d", text) if w in _SIDES or w not in _IDLE]
    if len(core) == 1 and core[0] in _SIDES[:6]:
        return _other_side(core[0], slots, bounded)
    absent = core == ["without"]
    if (absent or core == ["with"]) and not lifts(text):
        slots.cuts.filters = [f"{b[0]} {'==' if absent else '>'} 0" for b in _counted(bounded)]
        return bool(slots.cuts.filters)
    edge, new = re.search(_EDGE, text), re.search(rf"{_NUMBER} ?(mev\b)?", text)
    if edge and new and (bounds := _CUT.findall(_cuts(bounded))):
        to = float(new[1]) / (1000 if new[2] else 1)
        slots.cuts.filters = [f"{bounds[-1][0]} {'<=' if edge[1] else '>='} {to:g}"]
        slots.bare = EventNumbers()
        return True
    if found := re.search(_INSTEAD, text):
        return _replaced(found, slots, last)
    if found := re.search(_RELATIVE, text):
        return _multiplied(found, slots, bounded)
    if found := re.search(
        r"(?<![\w.])(\d+) (?:more|additional|further|extra)(?: (?:ones?|events))?\W*$", text
    ):
        counted = next((k for k in ("k", "top", "limit") if last.arguments.get(k)), None)
        if counted:
            slots.top, slots.bare = last.arguments[counted] + int(found[1]), EventNumbers()
            return True
    if slots.events or len(numbers := re.findall(_NUMBER, text)) != 1:
        return False
    value, arguments = float(numbers[0]), last.arguments
    share = re.search(rf"{_NUMBER} ?(?:%|percent)", text) is not None
    before = text[: re.search(_NUMBER, text).start()]  # type: ignore[union-attr]
    statistic = arguments.get("statistic")
    if value > 1 and not share and slots.cuts.threshold is not None:
        # "Raise the cut to 12": no probability.
        slots.cuts.threshold = None
        return _in_place_of(value, slots, bounded.arguments)
    told = arguments.get("level", ONE_SIGMA) != ONE_SIGMA and value >= 50  # "90 % interval": "95?"
    if (told or share) and "level" in arguments and (told or not {"cut", "at"} & set(arguments)):
        slots.level, slots.cuts.threshold = value / 100, None
    elif statistic in ("efficiency", "purity", "corrected_counts"):
        bare = slots.bare and not re.search(_EVENT_NOUN, before)
        told = {"cut", "at"} & set(arguments) and value >= 50 and bare
        if not (share or "." in numbers[0] or told):
            return False
        slots.cuts.threshold = value / 100 if share or told else value
    elif (
        not (slots.bare.numbers or one or "." in numbers[0])
        or (not one and re.search(_EVENT_NOUN, before) and not re.search(_SET, before))
        or (last.tool not in _COUNTING and re.search(r"\band\b[ #]*$", before))
    ):
        if statistic != "histogram" or not re.search(r"\bwith $", before):
            return False
        slots.bins = int(value)
    elif statistic == "histogram" and slots.bins is None and value >= 1:
        slots.bins = int(value)
    elif last.tool == "find_similar_events" and re.match(_ABOUT, text):
        return False
    elif last.tool == "find_similar_events" or statistic in ("worst_mistakes", "least_sure"):
        slots.top = slots.top or int(value)
    elif (last.tool not in _COUNTING) or not _in_place_of(value, slots, bounded.arguments):
        return False
    slots.bare = EventNumbers()
    return True


def _cuts(call: Call) -> str:
    """Return the cuts of a call, of which events and of what is counted among them."""
    return " and ".join(
        str(call.arguments[k]) for k in ("events", "where") if call.arguments.get(k)
    )


def bounds_of(call: Call) -> list[str]:
    """Return the cuts on quantities of a call, for "in that range"."""
    return [" ".join(bound) for bound in _CUT.findall(_cuts(call)) if bound[0] != "index"]


def _between(found: re.Match[str], slots: Slots, last: Call) -> bool:
    """Put a range in the place of the one that was cut on: "3 to 5", after energies of 3 to 6."""
    bounds = _CUT.findall(_cuts(last))
    pair = [b for b in bounds if [c[0] for c in bounds].count(b[0]) == 2]
    if len(pair) != 2 and len(bounds) == 1:
        pair = [(bounds[0][0], ">=", ""), (bounds[0][0], "<=", "")]
    if len(pair) != 2 or slots.cuts.filters:
        return False
    low, high = sorted((found[1], found[2]), key=float)
    slots.cuts.filters = [f"{pair[0][0]} {pair[0][1]} {low} and {pair[0][0]} {pair[1][1]} {high}"]
    slots.bare = slots.events = EventNumbers()
    return True


def _other_side(word: str, slots: Slots, last: Call) -> bool:
    """Turn the bound of before round: "and below that?"."""
    bounds = _CUT.findall(_cuts(last))
    rises = word in ("above", "over", "higher")
    if len(bounds) == 2 and bounds[0][0] == bounds[1][0]:  # "3 to 4 GeV": "and above that"
        low, high = sorted(bounds, key=lambda bound: float(bound[2]))
        slots.cuts.filters.append(f"{low[0]} {'>' if rises else '<'} {(high if rises else low)[2]}")
        return True
    if len(bounds) != 1:
        return False
    column, sign, value = bounds[0]
    strict = "" if "=" in sign and rises == (">" in sign) else "=" if "=" not in sign else ""
    sign = (">" if rises else "<") + strict
    slots.cuts.filters.append(f"{column} {sign} {value}")
    return True


def _counted(last: Call) -> list[tuple[str, str, str]]:
    """Return the bounds of a call on numbers of particles."""
    counts = {column for column, dimension, _ in COLUMN_PATTERNS if dimension == "count"}
    return [b for b in _CUT.findall(_cuts(last)) if b[0] in counts][:1]


def _replaced(found: re.Match[str], slots: Slots, last: Call) -> bool:
    """Put a number in the place of the bound that is taken back: "5 rather than 3"."""
    for column, sign, value in _CUT.findall(_cuts(last)):
        if float(value) == float(found[2]):
            slots.cuts.filters = [f"{column} {sign} {float(found[1]):g}"]
            slots.bare = slots.events = EventNumbers()
            return True
    return False


def _multiplied(found: re.Match[str], slots: Slots, last: Call) -> bool:
    """Put a multiple of the number that stood there: "at half that"."""
    times = float(found[2] or _TIMES[found[1] or found[3]])
    slots.bare = EventNumbers()
    if (cut := last.arguments.get("cut")) is not None:
        slots.cuts.threshold = round(cut * times, 6)
        return True
    for key in ("k", "top", "limit"):
        if n := last.arguments.get(key):
            slots.top = max(round(n * times), 1)
            return True
    bounds = _CUT.findall(_cuts(last))
    return len(bounds) == 1 and _in_place_of(float(bounds[0][2]) * times, slots, last.arguments)


def _in_place_of(value: float, slots: Slots, arguments: dict[str, Any]) -> bool:
    """Put a number in the place of the one that the selection had: its limit, or its only bound."""
    bounds = list(_CUT.finditer(str(arguments.get("events"))))
    if len(bounds) > 1:
        bounds = [b for b in bounds if b[2] == "=="]  # "no protons above 10 GeV": "and with 1?"
    if arguments.get("limit"):
        slots.top = int(value)
    elif len(bounds) == 1:
        column, sign, before = bounds[0].groups()
        sign = "==" if value == 0 else ">=" if sign == ">" and float(before) == 0 else sign
        slots.cuts.filters.append(f"{column} {sign} {value:g}")
    else:
        return False
    return True


def _bound(found: re.Match[str], slots: Slots, last: Call) -> bool:
    """Read a bound that names no quantity as one on the quantity that was bounded before."""
    value = float(next(g for g in (found[2], found[3]) if g))
    if found["open"]:
        rises = found["open"] in ("more", "above", "higher", "over", "up")
        sign = ">=" if rises else "<="
    else:
        sign = next(sign for words, sign in _SIGNS if re.fullmatch(words, found["sign"]))
    bounds = _CUT.findall(_cuts(last))
    if not bounds and (value <= 1 or slots.cuts.threshold is not None):
        return False
    shown = last.arguments.get("column")
    column = bounds[-1][0] if bounds else shown if shown == "lepton_energy" else "energy"
    read = [f.split()[0] for f in slots.cuts.filters]
    if not read and (slots.cuts.threshold is None or (bounds and "cut" not in last.arguments)):
        slots.cuts.threshold = None  # "below 1?", after energies
        slots.cuts.filters.append(f"{column} {sign} {value:g}")
        slots.bare = EventNumbers()
        slots.events = EventNumbers()
        return True
    told = "energy" in slots.columns or re.search(r"\benerg|\b(?:e|e_?nu|[gm]ev)\b", slots.text)
    if read == ["energy"] and column != "energy" and (column == "lepton_energy" or not told):
        slots.cuts.filters = [f.replace("energy", column) for f in slots.cuts.filters]
        return True
    return False
