"""Mentions of interaction classes, and whether the truth or a classifier's verdict is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.planner.contents import is_excluded
from assistant.planner.intent_words import PHYSICS_PROPERTY
from assistant.planner.lexicon import CLASS_PATTERNS, PREDICTED_WORDS, TRUE_WORDS
from assistant.planner.scan import Scan


@dataclass(frozen=True)
class ClassMention:
    """A class named in the text.

    ``role`` is ``true``, ``predicted``, or None where the words do not say which.
    """

    name: str
    role: str | None
    start: int
    end: int
    negated: bool = False


_TAUS = r"\btaus\b|(?<=\bfor )tau\b(?=\W*$|,)|(?<=\bthe )tau\b(?= (?:ones?|part|spectrum)\b)"
_TAKES = (
    r"\b(?:tak(?:e|es|ing)|took|mistak\w+|mistook|confus\w+|mis-?(?:identif|classif|label|tag)\w+"
    r"(?: (?:rate|fraction|probability)(?: of| for)?)?) (?:(?:an?|the|any|true|real) )*$"
)


def read_classes(scan: Scan) -> list[ClassMention]:
    """Take all class names out of the scan, in order."""
    found: list[tuple[int, int, str]] = []
    for name, words in CLASS_PATTERNS.items():
        taken = scan.take_all(rf"(?<![\w/])(?:{words})(?![\w/]|-ray)")
        found += [(*match.span(), name) for match in taken]
    # "muon events" and "true electrons" name the class of the neutrino.
    for noun, name in (("electron", "nue_cc"), ("muon", "numu_cc"), ("tau", "nutau_cc")):
        many = rf"(?<=many ){noun}s\b|(?<=for ){noun}s\b|" if "decay" not in scan.text else ""
        pattern = (
            rf"(?<=is a ){noun}(?= one\b)|(?<![\w])(?:{many}{noun}s? (?=events?\b|sample|class\b"
            rf"|candidates?|category|interactions?|ones\b)|(?<=true ){noun}s?\b(?! (?:energy"
            rf"|momentum"
            rf"|track|mass))|(?<=as ){noun}s?\b|(?<=as a ){noun}\b)"
        )
        found += [(*match.span(), name) for match in scan.take_all(pattern)]
    coordinated = (
        r"(?<=\band not )taus?\b|(?<=\bor )taus?\b(?! (?:lep|decay))"
        r"|(?<=\band )taus?\b(?! (?:lep|decay))"
        if found
        else r"\btaus\b"
    )
    if found:
        found += [(*match.span(), "nutau_cc") for match in scan.take_all(coordinated)]
    if not re.search(rf"(?<![\w-])(?:{PHYSICS_PROPERTY})(?![\w-])", scan.text):
        found += [(*match.span(), "nutau_cc") for match in scan.take_all(_TAUS)]
    found += [
        (*match.span(), "nutau_cc")
        for match in scan.take_all(
            r"(?<=energetic )taus?\b|(?<=energy )taus?\b|(?<=true )taus?\b|(?<=, )taus?(?=\W*$)"
        )
    ]
    found.sort()
    mentions: list[ClassMention] = []
    for i, (start, end, name) in enumerate(found):
        left = found[i - 1][1] if i else 0
        right = found[i + 1][0] if i + 1 < len(found) else len(scan.text)
        role, negated = _role(scan.text, left, start, end, right)
        if (
            role is None
            and mentions
            and re.fullmatch(
                r"[\s,]*(?:and|or|/|,|vs\.?|versus|from|nor)?[\s,]*(?:the |a )?",
                scan.text[left:start],
            )
        ):
            role = mentions[-1].role
        if (
            i
            and re.search(_TAKES, scan.text[: found[i - 1][0]])
            and re.fullmatch(
                r"(?: cc)?(?: events?)? (?:for|as|with) (?:an? |the )?", scan.text[left:start]
            )
        ):
            mentions[-1] = replace(mentions[-1], role="true")  # "takes a nue for an NC"
            role = "predicted"
        if role is None and scan.text[start:end].endswith("like"):
            role = "predicted"
        if name in ("nutau_cc", "cosmic"):
            role = "true"
        mentions.append(ClassMention(name, role, start, end, negated))
    return mentions


def _is_object(word: str, start: str, gap: str) -> bool:
    """Say whether the class behind a verb names the events that it is done to."""
    if re.fullmatch(r"mistakes|mistaken?", word) and re.search(r"\b(?:on|among|in)\b", gap):
        return True
    taken_for = re.fullmatch(r"tak(?:e|es|ing)", word) and re.search(r"\bfor (?:an? )?$", gap)
    if taken_for or re.fullmatch(r"mis\w+|confus\w+|taken|took|pass\w*", word):
        return False
    if re.match(r"[^,;]*\b(?:for|on|of|over|to|in|among|from|with|about)\b", gap) and not re.search(
        r"\bas\b", gap
    ):
        return True
    base = re.fullmatch(
        r"classify|label|tag|identify|predict|call|assign|judge|pick|take|guess|choose|flag|put",
        word,
    )
    polite = r"(?:please|now|and|then|let us|let's|could you|can you|just|i want to)"
    if base and re.fullmatch(rf"\W*(?:{polite}\W+)*", start) and not re.search(r"\bas\b", gap):
        return True
    return (
        base is not None
        and re.match(r"\s*(?:the|all|every|each|any|these|those|me)\b", gap) is not None
    )


_FOUND = (
    r"\s*(?:cc )?(?:events? |ones )?(?:did|does|do|would|has|have) (?:it|they|(?:the )?(?:cnn|vit"
    r"|vlm)) (?:\w+ )?(?:finds?|found|sees?|seen|gets?|gives?|calls?|picks?|selects?|identif\w+"
    r"|tags?|labels?|predicts?|reports?|counts?|claims?)(?: (?:in|among|for|on|there)\b|\W*$)"
)
"""How many nue "did it find": those that it calls so."""


def _role(text: str, left: int, start: int, end: int, right: int) -> tuple[str | None, bool]:
    """Read the words around a class name; the nearer word wins."""
    before = text[left:start]
    after = text[end:right]
    best: tuple[int, str] | None = None
    for role, words in (("true", TRUE_WORDS), ("predicted", PREDICTED_WORDS)):
        for match in re.finditer(rf"(?<![\w])(?:{words})(?![\w-])", before):
            # "Classify the NC events", "labels for the NC events": the class says which events.
            if re.fullmatch(r"mis\w+ed", match[0]) and not before[match.end() :].strip():
                continue  # "misclassified nue" are nue
            if role == "predicted" and _is_object(
                match[0], before[: match.start()], before[match.end() :]
            ):
                continue
            distance = len(before[match.end() :].split())
            if distance <= 5 and (best is None or distance < best[0]):
                best = (distance, role)
    # Behind the name: "NC candidates", "NC according to the CNN", "events that are NC in truth".
    behind = [
        (
            "predicted",
            r"\s*(?:cc )?(?:candidates?|predictions?|labels?|tags?|verdicts?|selection|-?like"
            r"|calls?\b(?! (?:it|them|event))|according to|by the (?:c?nn|vit|vlm)|for the"
            r" (?:cnn|vit"
            r"|vlm)|(?:events? )?(?:predicted|identified|selected|tagged|called|found) by)",
        ),
        (
            "true",
            r"\s*(?:cc )?(?:events? )?(?:in (?:truth|reality|fact|the (?:mc|simulation))|truth"
            r"|by truth|according to (?:the )?(?:truth|mc|simulation))",
        ),
        (
            "predicted",
            r"[\w\s]{0,25}?\b(?:predicted|according to the (?:cnn|vit|vlm"
            r"|model|classifier|network))",
        ),
    ]
    adjective = re.search(r"\bmis\w+ed\s*$", before)
    if (best is None or best[0] > 1) and not adjective:
        for role, pattern in behind:
            if re.match(pattern, after):
                best = (0, role)
                break
    if best is None and re.match(_FOUND, text[end:]):
        best = (0, "predicted")
    negated = is_excluded(text, start, end)
    return (best[1] if best else None), negated
