"""From what a clause names to the cut string over the event table that selects those events."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.planner.classes import ClassMention
from assistant.planner.lexicon import MODELS
from assistant.planner.slots import Slots, read_slots

_CHARGED = ("nue_cc", "numu_cc", "nutau_cc")


EXCLUDES = (
    r"^(?:(?:and|now|then|but|so|please|ok|okay|you can|could you|can you) )*(?:drop|remove|exclude"
    r"|discard|throw (?:out|away)|leave out|leaving out|(?:leave|take|throw|kick|cut)"
    r" (?=(?:\w+ ){1,4}out\b)|without(?! (?:any )?(?:\w+ )?(?:protons?"
    r"|neutrons?|pions?|pi-?0s?|showers?|prongs?|tracks?))|except(?: for)?|reject|veto|skip"
    r"|get rid of|take out|ignore|minus|excluding|no more)\b"
)
"""Openings of a clause that takes events away."""


@dataclass
class Wanted:
    """The events of one request, and how many of them in which order."""

    base: list[str] = field(default_factory=list)
    """Alternatives that name events: ranges, ``@last``, named selections."""
    filters: list[str] = field(default_factory=list)
    head: int | None = None
    step: int | None = None

    @property
    def expression(self) -> str:
        """The cut string; ``all`` for every event."""
        base = " or ".join(self.base)
        if self.filters and len(self.base) > 1:
            base = f"({base})"
        parts = ([base] if base else []) + [f"({f})" if " or " in f else f for f in self.filters]
        return " and ".join(parts) or "all"

    @property
    def plain(self) -> bool:
        """Whether the first few can be written as a slice of the whole file."""
        return not self.base and not self.filters


def taken_out(filters: list[str]) -> list[str]:
    """Return the cut that leaves out what passes some cuts; "exclude" negates but once."""
    return [f"not ({' and '.join(f.replace('!=', '==') for f in filters)})"] if filters else []


def read_wanted(
    slots: Slots, mentions: list[ClassMention], *, default_role: str, use_threshold: bool
) -> Wanted:
    """Put together which events a clause is about.

    Parameters
    ----------
    slots : Slots
        What the clause names.
    mentions : list of ClassMention
        The classes that restrict the events (and are not the target of a statistic).
    default_role : str
        ``true`` or ``predicted``: what a bare class name means here.
    use_threshold : bool
        Whether a probability threshold restricts the events.
    """
    wanted = Wanted(head=slots.events.head, step=slots.events.step)
    wanted.base += slots.events.expressions
    wanted.base += [f"@{key}" for key in slots.names]
    wanted.filters += [f"not {left_out}" for left_out in slots.events.excluded]
    if slots.rest:
        wanted.base = ["not @last"]
    elif (slots.them or slots.it) and not slots.events.expressions and not slots.names:
        wanted.base = ["@last"]
    elif slots.them and slots.events.head is None and slots.events.expressions:
        wanted.filters.append("@last")
    if slots.expression:
        wanted.filters.append(slots.expression)
    score_class = _score_class(slots, mentions) if use_threshold else None
    if mentions and (either := _either(slots.text, default_role)):
        wanted.filters.append(either)
    else:
        wanted.filters += slots.cuts.filters
        wanted.filters += class_filters([m for m in mentions if m is not score_class], default_role)
    if use_threshold and slots.cuts.threshold is not None:
        column = f"p_{score_class.name}" if score_class else "confidence"
        operator = "<" if slots.cuts.upper else ">"
        wanted.filters.append(f"{column} {operator} {slots.cuts.threshold:g}")
    wanted.filters += outcome(slots.text)
    return wanted


def _either(text: str, default_role: str) -> str | None:
    """Read "nue below 1 GeV or NC above 30 GeV": each class has cuts of its own."""
    sides: list[str] = []
    for said in re.split(r" or(?: else)? ", text):
        slots = read_slots(said)
        classes = class_filters(slots.classes, default_role)
        if not (classes and slots.cuts.filters):
            return None
        sides.append(" and ".join([*classes, *slots.cuts.filters]))
    return " or ".join(f"({side})" for side in sides) if len(sides) > 1 else None


def _score_class(slots: Slots, mentions: list[ClassMention]) -> ClassMention | None:
    """Find the class whose probability a threshold cuts on: the last named before it."""
    if slots.cuts.threshold is None:
        return None
    start, end = slots.cuts.threshold_span
    if slots.cuts.confidence:
        # "More than 95 % sure of nue": of that class, not of any.
        sure = (
            r"[\s\w]{0,12}?(?:sure|certain|confident|convinced)"
            r"(?: (?:of|that|about|in|it|they|is|are|an?))*\s+$"
        )
        mentions = [m for m in mentions if re.match(sure, slots.text[end : m.start])]
        return mentions[0] if mentions else None
    usable = [m for m in mentions if m.role != "true" and m.name in ("nue_cc", "numu_cc", "nc")]
    before = [m for m in usable if m.start < start]
    return before[-1] if before else (usable[0] if usable else None)


def class_filters(mentions: list[ClassMention], default_role: str) -> list[str]:
    """Write class mentions as cuts; several of one role are alternatives."""
    filters: list[str] = []
    for role, column in (("true", "truth"), ("predicted", "label")):
        names: list[str] = []
        own = [m for m in mentions if (m.role or default_role) == role]
        if any(m.name in _CHARGED and not m.negated for m in own):
            own = [m for m in own if m.name != "cc"]  # "the CC0pi sample of numu"
        for mention in own:
            every = _CHARGED if role == "true" else _CHARGED[:2]
            wanted = list(every) if mention.name == "cc" else [mention.name]
            if mention.negated:
                filters += [f"{column} != {name}" for name in wanted]
            else:
                names += [n for n in wanted if n not in names]
        if len(names) == 1:
            filters.append(f"{column} == {names[0]}")
        elif names:
            filters.append(f"{column} in [{', '.join(names)}]")
    return filters


_JUDGE = (
    r"(?:it|they|(?:the )?(?:cnn|vit|vlm|model|classifier|network)|(?:(?:all|both|each|every)(?:"
    r" of)?(?: the)?(?: 2| 3)?(?: (?:models?|classifiers?|networks?))?))"
)
WRONG = (
    r"(?:wrong(?:ly)?|incorrect(?:ly)?|mistaken(?:ly)?|in error|false|mis-?(?:classif|identif|label"
    r"|id)[\w']*)"
)
GOT_IT = (
    r"(?:and |so )*(?:does|did|do|will|would|has|have) (?:the )?(?:vlm|vit|cnn|model|classifier)s?"
    r"(?: also| then)? (?:get|got|gotten) (?:it|this|that)(?: one)? (?:right|wrong|correct)\b"
)
"""Whether the verdict on the one event at hand is true: "does the CNN get it right?"."""
RIGHT = r"(?:right(?:ly)?|correct(?:ly)?)"
_ALONE = (
    rf"\bonly (?:the )?(?P<model>{'|'.join(MODELS)}) (?:is|was|are|gets?|got|goes|went)"
    r"(?: it| them)?"
)
_OUTCOME = (
    r"\b(?:{said})(?: (?:\w+ ){{0,2}})?(?:events?|ones)\b(?<!event)",
    rf"(?:events?|ones|those|which|they|them|where) (?:that |which |of them )?(?:{_JUDGE} |is |are "
    rf"|was |were |has |have |been |gets? |got |does |did |do |goes |went )*{{said}}\b",
    rf"\b{_JUDGE} (?:\w+ )?(?:gets?|got|puts?|calls?) (?:(?:it|them|those) )?{{said}}\b",
    rf"\b(?:does|do|did) {_JUDGE} (?:\w+ )?(?:get )?{{said}}\b",
    r"\bwhich\b.{{0,40}}\b(?:are|is|were|was|gets?|got|get) {said}\b",
    r"\b(?:both|all)(?: (?:the )?(?:3|2|models|classifiers|networks))? (?:(?:are|were|get|got"
    r"|is) )?{said}\b",
    rf"\b(?:where|when|while|if) {_JUDGE} (?:is|was|goes|went|turns? out) {{said}}\b",
)


def outcome(text: str) -> list[str]:
    """Cuts on whether the classifier was right, where events are described so."""
    if re.match(GOT_IT, text) or re.search(
        r"\b(?:right|wrong|correct) (?:more|most|less|least)\b", text
    ):
        return []  # "which of them is right more often?"
    errs = rf"\b{_JUDGE}(?:'s)? (?:mistakes|errors|failures|misses|errs|fails|confuses)\b"
    misses = rf"\b(?:does|do|did) {_JUDGE} (?:\w+ )?(?:miss|confuse|fail)\b"
    if alone := re.search(rf"{_ALONE} (?:{RIGHT}|(?P<wrong>{WRONG}))\b", text):
        own, others = ("false", "true") if alone["wrong"] else ("true", "false")
        return [f"correct_{m} == {own if m == alone['model'] else others}" for m in MODELS]
    for said, value in ((WRONG, "false"), (RIGHT, "true")):
        if any(re.search(p.format(said=said), text) for p in _OUTCOME) or (
            value == "false" and re.search(f"{errs}|{misses}", text)
        ):
            return [f"correct == {value}"]
    return []
