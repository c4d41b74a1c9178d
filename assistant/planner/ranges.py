"""Which events are meant by number: ranges, lists, the first and last few, every tenth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.planner.scan import Scan

_UNIT = (
    r"(?!\s*(?:gev|mev|tev|kev|%|percent|per cent|cm|mm|m\b|metres?|meters?|bins?|sigma|views?"
    r"|planes?|classifiers?|models?|protons?|pions?|prongs?|tracks?|hits?|neutrons?|times?|x\b"
    r"|charged|neutral|visible|final|or more|or fewer|or less|of (?:them|those|these)\b"
    r"|muons?|electrons?|photons?|gammas?|kaons?|leptons?|particles?|showers?|hadrons?|vertices"
    r"|pi-?0s?|neighbou?rs?|th\b|d\b|classes|ms|kv|v/)|[.,]\d|-?[a-z]|\w)"
)
_NOUN = (
    r"(?:events?|evts?|evs?|entries|entry|indices|indexes|index"
    r"|images?|maps?|interactions?|numbers?|nos?\.?|#)"
)
_NUMBERED = (
    r"comments?|questions?|points?|sections?|figures?|figs?\.?|tables?|chapters?|slides?|pages?"
    r"|items?|versions?|refs?\.?|reviewers?|referees?|issues?|appendix|equations?|eqs?\.?|tasks?"
    r"|exercises?"
)
"""What is numbered beside events."""
_TO = r"\s*(?:-|\.\.+|to|through|thru|until|till|up to|:)\s*"
_ITEM = rf"#?(?<![\d.])\d+(?:{_TO}(?:and including )?(?:(?:event|number|no\.?)\s*)?#?\d+)?{_UNIT}"
_LIST = (
    rf"{_ITEM}(?:(?:\s*[,;&]\s*(?:and\s+|or\s+)?|\s+(?:and|or|plus|as well as|along with|next to"
    rf"|beside|alongside|together with)\s+|\s+(?=#?\d))(?:also )?(?:{_NOUN}\s*)?{_ITEM})*"
)
_SHOWING = (
    r"(?!why|how|what is|what are|when|define).*\b(?:show|display"
    r"|draw|plot|classify|pick|give|take|find|look|see|view)\b"
)
_OF_A_CLASS = (
    r"nue|numu|nutau|nc|cosmic|electron neutrino|muon neutrino|tau neutrino|neutral[ -]current"
)
_FIRST = r"(?:very )?(?:first|initial|leading|starting|opening|earliest)"
_LAST = r"(?:very )?(?:last|final|trailing|closing|bottom-most|latest)"


@dataclass
class EventNumbers:
    """Events named by number: a cut string each, or how many of an ordered selection."""

    expressions: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    head: int | None = None
    """``10`` for the first ten, ``-5`` for the last five of whatever is selected."""
    step: int | None = None
    everything: bool = False
    excluded: list[str] = field(default_factory=list)
    """Cut strings of the events that are left out."""
    starts: list[int] = field(default_factory=list)
    """Where in the text the numbers stand that no noun explains."""
    of_last: bool = False
    """The first of those of the step before: "the first one"."""

    def __bool__(self) -> bool:
        return bool(self.expressions) or self.head is not None or self.everything or bool(self.step)


def read_events(scan: Scan, n: int | None) -> EventNumbers:
    """Take every mention of events by number out of the scan.

    Parameters
    ----------
    scan : Scan
        The normalised text.
    n : int or None
        Events in the data set, for halves and percentages.
    """
    events = EventNumbers()
    scan.take_all(rf"\b(?:{_NUMBERED}) (?:numbers? |no\.? |nr\.? |#)?#?\d+\b")
    _read_excluded(scan, events)
    _read_slices(scan, events)
    _read_open(scan, events)
    _read_parts(scan, events, n)
    _read_all_but(scan, events, n)
    _read_stride(scan, events)
    _read_ends(scan, events)
    pattern = (
        rf"(?:{_NOUN}\s*)(?:(?:with (?:the )?)?(?:numbers?|indices|index(?:es)?|ids?|nos?\.?"
        r"|nr\.?)\s*)?(?:(?:is|are|lies?) )?(?:from |between |in the range |range |of |number(?:ed"
        rf"|s)? |in |no\.? )?(?:{_NOUN}\s*)?({_LIST}|#?\d+\s+and\s+#?\d+{_UNIT})"
    )
    for found in scan.take_all(rf"(?<![\w]){pattern}"):
        between = "between" in found[0] or scan.text[: found.start()].endswith("between ")
        _read_list(found[1], events, between)
    for found in scan.take_all(rf"#\s?\d+(?:{_TO}#?\d+)?"):
        _read_list(found[0], events, False)
    # "100-149 events" does not happen; "between 10 and 20" without unit and column does.
    if scan.take(
        r"\b(?:all|every|each)(?: of)?(?: the| these| single)? (?:\d+ "
        r")?(?:events?|data|maps|images)\b(?! (?:of|in) (?:true|class))"
    ):
        events.everything = True
    if scan.take(
        r"\b(?:the )?(?:whole|entire|full|complete)(?: data ?set| sample"
        r"| set| data| file| thing)?\b|\beverything(?! else)\b|\boverall\b"
    ):
        events.everything = True
    return events


def read_bare(scan: Scan, events: EventNumbers) -> None:
    """Take numbers that nothing else explained as event numbers ("sorry, I meant 17")."""
    scan.take_all(
        r"(?<![\w.:#])\d+(?= (?!(?:\w*[sv]s|\w+ss|plus|minus|events|looks|seems|gets|calls|says"
        r"|always|please|this)\b)[a-z]{3,}s\b)"
    )  # "3 flavours" counts
    for found in scan.take_all(rf"(?<![\w.:#]){_LIST}(?![\w:])"):
        _read_list(found[0], events, scan.text[: found.start()].endswith("between "))
        events.starts.append(found.start())


def _read_list(text: str, events: EventNumbers, between: bool) -> None:
    if between and (pair := re.fullmatch(r"#?(\d+)\s*and\s*#?(\d+)", text.strip())):
        events.expressions.append(_closed(int(pair[1]), int(pair[2])))
        return
    singles: list[int] = []
    for found in re.finditer(
        rf"(\d+)(?:({_TO})(?:and including )?(?:(?:event|number|no\.?)\s*)?#?(\d+))?", text
    ):
        if found[3] is None:
            singles.append(int(found[1]))
        elif found[2].strip() == ":":
            events.expressions.append(f"{found[1]}:{found[3]}")
        else:
            events.expressions.append(_closed(int(found[1]), int(found[3])))
    events.numbers += singles
    if len(singles) == 1:
        events.expressions.append(f"{singles[0]}:{singles[0] + 1}")
    elif singles:
        events.expressions.append(f"[{', '.join(map(str, singles))}]")


def _read_excluded(scan: Scan, events: EventNumbers) -> None:
    """Take "but leave out 45", "except events 3 and 5" behind the events that are meant."""
    for found in scan.take_all(
        r"(?<=\w),? (?:but |and )*(?:leav(?:e|ing) out|except(?: for)?|excluding|but not|not"
        r"|skip(?:ping)?|omit(?:ting)?|without|minus|apart from|other than|save for|bar|less) "
        rf"(?:the )?(?:{_NOUN}\s*)?({_LIST})"
    ):
        left_out = EventNumbers()
        _read_list(found[1], left_out, False)
        events.excluded += left_out.expressions


def _closed(low: int, high: int) -> str:
    low, high = min(low, high), max(low, high)
    return f"{low}:{high + 1}"


def _read_slices(scan: Scan, events: EventNumbers) -> None:
    """Python slices as they are written: ``-5:``, ``:20``, ``0:100:10``."""
    pattern = (
        r"(?<![\w.:/])\[?(-?\d*):(-?\d+)(?::(\d+))?\]?(?![\w:/])"
        r"|(?<![\w.:/])\[?(-\d+):\]?(?![\w:/])"
    )
    pattern += r"|(?<![\w.:/])\[(\d+):\]|(?<![\w.:/])(\d*):(\d*):(\d+)(?![\w:/])"
    for found in scan.take_all(pattern):
        if start := found[4] or found[5]:
            events.expressions.append(f"{start}:")
        elif found[8]:
            events.expressions.append(f"{found[6]}:{found[7]}:{found[8]}")
        else:
            stride = f":{found[3]}" if found[3] else ""
            events.expressions.append(f"{found[1]}:{found[2]}{stride}")


def _read_open(scan: Scan, events: EventNumbers) -> None:
    """Take "20 events starting at 100", "from event 100 on", "events after 300"."""
    start = r"(?:(?:event|number|index|no\.?|#) ?)?#?(\d+)"
    end = (
        r"(?: ?(?:(?:up )?(?:to|until|till) the end|onwards?|upwards?"
        r"|and (?:on|up|upwards?|onwards?|later|above))\b)"
    )
    if found := scan.take(
        rf"\b(\d+) (?:\w+ )?{_NOUN},? (?:starting|beginning|counting|from|after)"
        rf"(?: (?:at|with|from|on|by))? {start}{end}?{_UNIT}"
    ):
        low = int(found[2]) + (1 if " after" in found[0] else 0)
        events.expressions.append(f"{low}:{low + int(found[1])}")
    elif found := scan.take(
        r"\b(?:the )?(?:one|event|entry) (?:just |right |directly )?(after|before|following"
        rf"|preceding) (?:event |number )?#?(\d+){_UNIT}"
    ):
        step = 1 if found[1] in ("after", "following") else -1
        number = max(int(found[2]) + step, 0)
        events.numbers.append(number)
        events.expressions.append(f"{number}:{number + 1}")
    elif found := scan.take(
        rf"\b(?:(?:everything )?(?:from|starting (?:at|from|with)) (?:{_NOUN} ?)?#?(?P<on>\d+)"
        rf"(?: on\b|{end})|{_NOUN} ?#?(?P<up>\d+){end}|#?(?P<rest>\d+) (?:up )?(?:to|until|till)"
        rf" the end\b)"
    ):
        events.expressions.append(f"{found['on'] or found['up'] or found['rest']}:")
    elif found := scan.take(rf"\b{_NOUN} (after|before|preceding|following) {start}{_UNIT}"):
        after = found[1] in ("after", "following")
        events.expressions.append(f"{int(found[2]) + 1}:" if after else f"0:{found[2]}")


def _read_parts(scan: Scan, events: EventNumbers, n: int | None) -> None:
    """Halves, thirds and percentages of the data set."""
    if n is None:
        return
    share = {"half": 2, "third": 3, "3th": 3, "quarter": 4, "4th": 4, "5th": 5, "10th": 10}
    found = scan.take(
        rf"\b({_FIRST}|2th|second|{_LAST}) (half|third|3th|quarter|4th"
        r"|10th)\b(?: of(?: the| all)?(?: data ?set| events| sample| data| file)?)?(?! event)"
    )
    if found:
        size = n // share[found[2]]
        if re.match(_FIRST, found[1]):
            events.expressions.append(f"0:{size}")
        elif found[2] == "half" or re.match(_LAST, found[1]):
            events.expressions.append(f"{n - size if found[2] != 'half' else size}:{n}")
    found = scan.take(
        rf"\b({_FIRST}|{_LAST}) (\d+) ?(?:%|percent|per cent)(?: of(?: "
        r"the| all)?(?: data ?set| events| sample| data)?)?"
    )
    if found:
        size = round(n * int(found[2]) / 100)
        events.expressions.append(f"0:{size}" if re.match(_FIRST, found[1]) else f"{n - size}:{n}")


def _read_all_but(scan: Scan, events: EventNumbers, n: int | None) -> None:
    """Take "all but the first 380 events"."""
    found = scan.take(
        r"\b(?:all|everything|every event)(?: the| of the)?(?: events| data)? (?:but|except(?:"
        rf" for)?|excluding|without|save) (?:the )?({_FIRST}|{_LAST}) (\d+)\b(?: events)?"
    )
    if found and n is not None:
        count = int(found[2])
        events.expressions.append(
            f"{count}:{n}" if re.match(_FIRST, found[1]) else f"0:{n - count}"
        )


def _read_stride(scan: Scan, events: EventNumbers) -> None:
    if found := scan.take(r"\b(?:every|each) (\d+)(?:th)?(?: events?| 1| one)?\b"):
        events.step = int(found[1])
    elif scan.take(
        r"\b(?:every (?:other|2th|second)|even(?:-|ly )?numbered|even) (?:events?|one)\b"
    ):
        events.step = 2
    elif scan.take(r"\bodd(?:-| )?(?:numbered )?events?\b"):
        events.expressions.append("1::2")


def _read_ends(scan: Scan, events: EventNumbers) -> None:
    """Take the first twenty, the last five, the 10th event, three NC events."""
    noun = (
        r"(?:events?|ones?|entries|images|maps|of (?:them|those|these)"
        r"|in the (?:file|data ?set|sample))"
    )
    if found := scan.take(
        rf"\b{_FIRST} (\d+)(?: events?)? and (?:the )?{_LAST} (\d+)\b(?: events?)?"
    ):
        events.expressions += [f"0:{found[1]}", f"-{found[2]}:"]
    elif found := scan.take(
        rf"\b({_FIRST}|{_LAST}) (\d+)\b(?! ?(?:%|percent|gev|mev|cm|induction))"
    ):
        count = int(found[2])
        before = scan.text[: found.start()]
        counted = re.match(rf" (?:true )?(?:{_OF_A_CLASS})\b", scan.text[found.end() :])
        if not counted and re.search(
            r"\b(?:among|amongst|within|in|from|out of|of)(?: all)?(?: the)? $", before
        ):
            events.expressions.append(f"0:{count}" if re.match(_FIRST, found[1]) else f"-{count}:")
        else:
            events.head = count if re.match(_FIRST, found[1]) else -count
    elif found := scan.take(rf"\b(\d+) ({_FIRST}|{_LAST})\b(?= {noun})"):
        count = int(found[1])
        events.head = count if re.match(_FIRST, found[2]) else -count
    elif found := scan.take(
        rf"\b(?:the )?({_FIRST}|{_LAST}) (?:(?:(event|entry|map)|one|of (?:them|those|these))\b"
        rf"|(?=\W*$))"
    ):
        events.head = 1 if re.match(_FIRST, found[1]) else -1
        events.of_last = found[2] is None
    elif found := scan.take(r"\b(\d+)th (?:event|entry|map|image)\b"):
        number = int(found[1]) - 1
        events.numbers.append(number)
        events.expressions.append(f"{number}:{number + 1}")
    elif found := scan.take(r"\b(?:2th|second)[ -](?:to[ -])?last (?:event|one)\b"):
        events.expressions.append("-2:-1")
    elif found := scan.take(
        r"(?<!the )(?<!all )(?<!these )(?<!those )(?<!of )(?<!event )(?<!events )(?<!number "
        r")(?<!is )(?<!was )(?<!are )(?<![\w.#-])(\d+) (?:(?!is\b|are\b|was\b|as\b|or\b|and\b"
        r"|an?\b|to\b|called\b|in\b|being\b|among\w*\b|with\w*\b|from\b|of\b|for\b|on\b|at\b"
        r"|by\b|only\b|the\b|that\b|which\b|not\b|but\b|vs\b)\w+ )?(?=(?:true |different "
        rf"|predicted )?(?:anti)?(?:{_OF_A_CLASS})s?(?: cc)?\b)(?! ?(?:gev|mev|cm|%))",
        1,
    ):
        events.head = int(found[1])
    elif re.match(_SHOWING, scan.text) and scan.take(
        r"\b(?:a|an|one|any|some) (?:typical |nice |good |single |clear "
        r"|clean )?(?=(?:true )?(?:nue|numu|nutau|nc|electron neutrino|muon neutrino|tau neutrino"
        r"|neutral[ -]current)(?: cc)? (?:event|interaction|example)\b)"
    ):
        events.head = 1
