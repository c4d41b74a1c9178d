"""From what a clause names to the cut string over the event table that selects those events."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.planner.classes import ClassMention
from assistant.planner.lexicon import MODELS
from assistant.planner.slots import Slots, read_slots

_CHARGED = ("nue_cc", "numu_cc", "nutau_cc")


EXCLUDES = (
    r"^(?:(?:and|now|then|but|so|the|same|please|ok|okay|you can|could you|can you) )*(?:drop"
    r"|remove|exclude"
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
    if slots.besides:
        besides = slots.besides
        wanted.filters += taken_out(
            [*besides.cuts.filters, *class_filters(besides.classes, default_role)]
        )
    score_class = _score_class(slots, mentions) if use_threshold else None
    if mentions and (either := _either(slots.text, default_role)):
        wanted.filters.append(either)
    else:
        wanted.filters += _alternatives(slots.text, slots.cuts.filters)
        wanted.filters += class_filters([m for m in mentions if m is not score_class], default_role)
    if use_threshold and slots.cuts.threshold is not None:
        column = f"p_{score_class.name}" if score_class else "confidence"
        operator = "<" if slots.cuts.upper else ">"
        wanted.filters.append(f"{column} {operator} {slots.cuts.threshold:g}")
    wanted.filters += outcome(slots.text)
    return wanted


_OR = r" or(?: else)? "


def _alternatives(text: str, filters: list[str]) -> list[str]:
    """Join cuts with an "or" between them: "over 5 neutrons or over 5 protons"."""
    for said in re.finditer(_OR, text):
        before = re.split(r",| (?:and|but|where|which) | (?=with |having )", text[: said.start()])[
            -1
        ]
        after = re.split(r"[,?;]| (?:and|but) ", text[said.end() :])[0]
        left, right = (read_slots(side).cuts.filters for side in (before, after))
        both = [*left, *right]
        if len(left) == len(right) == 1 and left != right and set(both) <= set(filters):
            at = filters.index(left[0])
            filters = [f for f in filters if f not in both]
            filters.insert(at, " or ".join(both))
    return filters


def _either(text: str, default_role: str) -> str | None:
    """Read "nue below 1 GeV or NC above 30 GeV": each class has cuts of its own."""
    sides: list[str] = []
    for said in re.split(_OR, text):
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
_POINTED = (
    r"(?:(?:all )?(?:of )?(?:it|this|that|them|those|these)|both(?: of them)?|@\w+"
    r"|events? \d[\d, and]*)(?: one| ones| events?)?"
)
GOT_IT = (
    r"(?:and |so |but )*(?:(?:does|did|do|will|would|has|have|could|can) (?:the )?(?:vlm|vit|cnn"
    r"|model|classifier)s?(?: also| then)? (?:get|got|gotten|classify|identify|label|call|have)"
    rf" {_POINTED} (?:all )?(?:right|wrong|correct)(?:ly)?\b|(?:is|was|are|were) (?:the )?(?:vlm"
    r"|vit|cnn|model|classifier)s? (?:also |then )?(?:right|wrong|correct) (?:about|on|with|for|in)"
    rf" {_POINTED}\W*$)"
)
"""Whether the verdicts on the events at hand are true: "does the CNN get it right?"."""
RIGHT = r"(?:right(?:ly)?|correct(?:ly)?)"
_ALONE = (
    rf"\bonly (?:the )?(?P<model>{'|'.join(MODELS)}) (?:is|was|are|gets?|got|goes|went)"
    r"(?: it| them)?"
)
_NAMED = rf"(?:both |all |the )*(?:{'|'.join(MODELS)})"
_EACH_JUDGED = (
    rf"(?P<models>{_NAMED}(?:(?:, and|,| and| &| or|/) ?{_NAMED})*) (?:(?:both|is|are|was|were"
    rf"|being"
    rf"|gets?|got|goes|went|does|do|it|them) )*(?:{RIGHT}|(?P<wrong>{WRONG}|not {RIGHT}))\b"
)
"""What several classifiers are said to be, each by itself: "the CNN is right, the ViT wrong"."""
_OUTCOME = (
    r"\b(?:{said})(?: (?:\w+ ){{0,2}})?(?:events?|ones)\b(?<!event)",
    r"st[ -](?:\w+ )?{said} (?:\w+ )?event\b",
    rf"\b(?:nue|numu|nc|cc) (?:that|which) (?:{_JUDGE} |is |are |gets? ){{{{0,2}}}}{{said}}\b"
    r"(?! (?:as|for)\b)",
    r"\b{said} (?:(?!as\b|for\b|by\b|on\b|in\b|of\b)\w+ ){{0,2}}(?:nue|numu|nc)\b",
    rf"\b{{said}}(?: (?:classif|identif|labell?|tagg|recogni)\w+)? by {_JUDGE}\b",
    r"\b(?:yet|but|and) (?:(?:is|are|was|were|still|nevertheless) )*{said}\W*$",
    rf"(?:events?|ones|those|which|they|them|where) (?:that |which |of them"
    rf" )?(?:{_JUDGE} |is |are "
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
    misses = (
        rf"\b(?:that|which) {_JUDGE} miss(?:es|ed)?\b"
        rf"|\b(?:does|do|did) {_JUDGE} (?:\w+ )?(?:miss|confuse|fail)\b"
        rf"|\b(?:fool(?:s|ed|ing)?|deceiv\w+|trick(?:s|ed)) (?:by )?{_JUDGE}\b"
    )
    if alone := re.search(rf"{_ALONE} (?:{RIGHT}|(?P<wrong>{WRONG}))\b", text):
        own, others = ("false", "true") if alone["wrong"] else ("true", "false")
        return [f"correct_{m} == {own if m == alone['model'] else others}" for m in MODELS]
    each: dict[str, str] = {}
    for found in re.finditer(_EACH_JUDGED, text):
        value = "false" if found["wrong"] else "true"
        each |= dict.fromkeys(re.findall("|".join(MODELS), found["models"]), value)
    if len(set(each.values())) == 2:
        return [f"correct_{m} == {value}" for m, value in each.items()]
    for said, value in ((WRONG, "false"), (RIGHT, "true")):
        if any(re.search(p.format(said=said), text) for p in _OUTCOME) or (
            value == "false" and re.search(f"{errs}|{misses}", text)
        ):
            return [f"correct == {value}"]
    return []
