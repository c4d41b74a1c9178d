"""A question with several requests, cut into one piece each."""

from __future__ import annotations

import re

from assistant.planner.classes import read_classes
from assistant.planner.cuts import Cuts, read_cuts
from assistant.planner.lexicon import MODEL_PATTERNS
from assistant.planner.ranges import read_bare, read_events
from assistant.planner.scan import BLANK, Scan
from assistant.planner.slots import read_slots

_VERB = (
    r"(?:show|display|draw|plot|tell|give|compare|classify|explain|find|list|count|compute"
    r"|calculate|select|pick|describe|run|label|say(?! (?:(?:about|below|above|under|over|between"
    r"|from|up to|less|more)\b|\d))|report|call|name|print|check|visuali[sz]e|histogram|save"
    r"|work out|determine|evaluate|estimate|mask|drop|remove|repeat|summari[sz]e|quote|quantify"
    r"|correct|unfold|look up|keep|filter|store|remember|predict|identify|get|look at|see (?:if"
    r"|whether|what|how)|let me (?:see|know)|point out|hide|apply)"
)
_ASK = (
    r"(?:how (?:many|much|often|well|pure|efficient|accurate|does|do"
    r"|is|are|did|long|far|sure|confident|would)|what|which"
    r"|why|where|whether|is|are|was|were|does|do|did|would|can|could|has|have|by how)"
)
_POLITE = (
    r"(?:also |then |please |now |finally |afterwards? |after that |lastly |next |maybe |just "
    r"|could you |can you |would you |i want to |i'd like to (?:see|know) )*"
)


_ONLY_MODELS = (
    rf"(?:(?:{'|'.join(MODEL_PATTERNS.values())}|versus|vs|against|compared to|or|and|the|,)\s*)+"
)
_RETRACTS = (
    r"^(?P<said>.{6,}?)\s*(?:(?:\.\.+|[,;]| -)\s*(?:oh |ah |oops,? )?(?:no wait|no,|no sorry|sorry"
    r"|wait|actually|rather|or rather|make that|i meant?|scratch that|correction)"
    r"(?:,? (?:no|sorry|i meant?|make that))*|\(?(?:sorry|oops),? i meant?)[,:]?\s+(?P<meant>.+)$"
)


def retracted(text: str, n: int | None) -> str:
    """Return a normalised text without what it takes back itself: "events 1 to 9, sorry, 2 to 9".

    Of what stands before the correction, only what the correction names anew is dropped.
    """
    found = re.match(_RETRACTS, text)
    if found is None:
        return text
    meant = read_slots(found["meant"], n=n)
    scan = Scan(found["said"])
    if meant.events or meant.bare or meant.classes or meant.cuts.filters:
        read_bare(scan, read_events(scan, n))
    if meant.classes:
        read_classes(scan)
    if meant.cuts.filters:
        read_cuts(scan, Cuts())
    if meant.models and not (meant.events or meant.bare or meant.classes):
        for words in MODEL_PATTERNS.values():
            scan.take_all(rf"(?<![\w])(?:{words})(?![\w])")
    if scan.left == found["said"]:
        return text
    return re.sub(r"\s+", " ", scan.left.replace(BLANK, "") + " " + found["meant"])


def split(text: str) -> list[str]:
    """Split a normalised question into clauses that each ask for one thing."""
    text = re.sub(r"\b(no|nr|vs|al|e\.g|i\.e|approx|resp|ev|evt|fig|c\.l)\.(?= )", r"\1", text)
    pieces = re.split(
        r"(?<=[\w)'\"%])[.?!;]+\s+(?=[\w@'\"(])|[;\n]+|,?\s+(?:and then|and afterwards"
        r"|and after that|then|followed by)\s+(?!(?:the|again|what about)\b)"
        rf"|(?:,? and|,|:| -| &| but| plus)\s+(?={_POLITE}(?:{_VERB}|{_ASK})\b)",
        text,
    )
    clauses = [piece.strip(" ,.;:!-") for piece in pieces if piece and piece.strip(" ,.;:!?-")]
    return _rejoin(clauses)


def _rejoin(clauses: list[str]) -> list[str]:
    """Undo cuts inside a list of conditions: "events that are NC | and have two protons"."""
    joined: list[str] = []
    for clause in clauses:
        # "Of those, which are NC", "For event 5, what ...": the first piece asks for nothing.
        opening = (
            r"(?:and |now |so |ok |then )*(?:if|suppose|assuming|when|once|after|without|of|among"
            r"|out of|from|for|in|on|within|given|requiring|demanding|cutting|selecting|applying"
            r"|using|at|concerning|regarding|considering|with|taking|take|consider|looking at|about"
            r"|as for|what about|how about)\b"
        )
        if (
            joined
            and len(joined) == 1
            and re.match(opening, joined[0])
            and re.match(rf"{_POLITE}{_ASK}\b", clause)
            and len(joined[0].split()) <= 14
            and not (
                not re.match(r"(?:and |now |so )*(?:if|suppose|assuming|once)\b", joined[0])
                and re.search(
                    rf"\b(?:{_ASK[3:-1]}|classify|compare|show|explain|compute)\b",
                    re.sub(r"^(?:and |now |so )*(?:what|how) about", "", joined[0]),
                )
            )
        ):
            joined[0] += ", " + clause
            continue
        # "VLM versus ViT, which one wins": the first piece only says of which classifiers.
        if len(joined) == 1 and re.fullmatch(_ONLY_MODELS, joined[0]):
            joined[0] += ", " + clause
            continue
        # "Event 17: track length?": the first piece only says of which event.
        if len(joined) == 1 and re.fullmatch(r"(?:for |on |in )?events? [\d\s,-]+", joined[0]):
            joined[0] += ", " + clause
            continue
        condition = re.match(r"(?:is|are|was|were|has|have|does|do)\b", clause) and (
            not clause.endswith("?") or re.match(r"(?:has|have)\b", clause)
        )
        if (
            joined
            and condition
            and re.search(
                r"\b(?:that|which|who|what|whose|all|everything|events|ones)\b", joined[-1]
            )
            and not re.match(
                r"(?:is|are|was|were|do|does|did|has|have) (?:it|they|there|the"
                r"|this|that|those|these|event)\b",
                clause,
            )
        ):
            joined[-1] += " and " + clause
        else:
            joined.append(clause)
    return joined
