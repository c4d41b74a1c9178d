"""A question with several requests, cut into one piece each."""

from __future__ import annotations

import re

from assistant.planner.filters import EXCLUDES
from assistant.planner.lexicon import FILLER_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics

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
    r"(?:also |then |in addition,? |additionally,? |besides,? |moreover,? |furthermore,? |as well "
    r"|please |kindly |now |finally |afterwards? |after that |lastly |next |maybe |just |could you "
    r"|can you |would you |i want to |i'd like to (?:see|know) )*"
)


STATEMENT = (
    r"(?:(?:hm+|ok(?:ay)?|well|so|ah|oh|interesting|strange|odd|nice|right|wow)\b[, ]*)*(?:(?:(?:it"
    r"|this|that|these|those|they) )?(?:looks?|seems?|appears?|sounds?)\b|(?:please |also |just"
    r" )*(?:show|give|print|list|display)(?: me| us)? (?:(?:the|it|that|them|as|an?|all|whole|full"
    r"|entire|complete) )+(?:tables?|matri(?:x|ces)|numbers?|values?|details?|results?)\W*$|(?:it"
    r"|this|that|these|those|they) (?:is|are|must be|might be|could be)\b|(?:my|our|a) (?:student"
    r"|colleague|supervisor|advisor|professor|boss|collaborator|postdoc|friend)s? (?!wants?|asks?"
    r"|needs?|would)|there (?:is|are|seems?)\b|i (?:see|think|thought|guess|bet|suspect|believe"
    r"|suppose|like|expected|doubt|am|have|just|was|did not)\b|(?:if|i|we|it|this|that|the)\b.*"
    r"(?<!\bgets)(?<!\bget)(?<!\bgot)(?<!\bare)(?<!\bis)(?<!\bor)(?<!\bit) right$)(?!.*\?)"
)
"""Says something instead of asking."""
_DO_IT = (
    r"(?:compute|calculate|evaluate|determine|quote|provide|do|work out|give me) (?:it|that|this"
    r"|them)\b"
)
_CUTS = (
    r"\bat (?:(?:the )?(?:thresholds?|cuts?|working points?)(?: of| at)? )?(\d?\.\d+)"
    r"((?:(?:, (?:and )?| and | or | & )(?:at )?\d?\.\d+)+)"
)
_ALSO = (
    r"(?:at (?:a (?:cut|threshold) (?:of|at) )?0?\.\d|(?:of|for|on) (?:event|#) ?\d|then \w"
    r"|the (?:\w+ ){1,3}(?:for|of) (?:the )?(?:true )?(?:nue|numu|nutau|nc)\b)"
)
"""Begins a piece that asks the same of something else: "at 0.7 and at 0.9"."""
_POINTS_BACK = (
    r"\b(?:(?:this|that) (?:selection|sample|set|subset)|first|last|\d+th"
    r"|(?:those|these)(?! (?:whose|that|which|with|where|having)))\b"
)


def split(text: str) -> list[str]:
    """Split a normalised question into clauses that each ask for one thing."""
    text = re.sub(r"\b(no|nr|vs|al|e\.g|i\.e|approx|resp|ev|evt|fig|c\.l)\.(?= )", r"\1", text)
    if several := re.search(_CUTS, text):
        # "At 0.5, 0.7 and 0.9": the same at each.
        more = re.findall(r"\d?\.\d+", several[2])
        text = (
            text[: several.end(1)]
            + text[several.end() :].rstrip(" ?.!")
            + "".join(f"; at {v}" for v in more)
        )
    pieces = re.split(
        r"(?<=[\w)'\"%])[.?!;]+\s+(?=[\w@'\"(])|[;\n]+|,?\s+(?:and then|and afterwards|and after"
        r" that|then|followed by)\s+(?!(?:the|again|what about)\b)|(?:,? and|,|:| -| &| but|"
        rf" plus)\s+(?={_POLITE}(?:{_VERB}|{_ASK})\b)|,? and (?={_ALSO})",
        text,
    )
    clauses = [piece.strip(" ,.;:!-") for piece in pieces if piece and piece.strip(" ,.;:!?-")]
    return _rejoin(clauses)


def _only_names(piece: str) -> bool:
    """Whether a piece names classifiers or events by number, and asks for nothing."""
    slots = read_slots(piece)
    named = (
        slots.models
        or slots.events
        or slots.bare
        or slots.rest
        or (slots.classes and len(piece.split()) < 5 and not re.match(EXCLUDES, piece))
    )
    asks = read_statistics(piece) or re.match(rf"{_POLITE}(?:{_VERB}|{_ASK})\b", piece)
    return bool(named) and not asks and not re.search(r"[a-z]{2}", _rest(slots))


def _rest(slots: Slots) -> str:
    words = re.findall(r"[a-z]+", slots.left.replace(BLANK, " "))
    return " ".join(w for w in words if w not in FILLER_WORDS)


def _rejoin(clauses: list[str]) -> list[str]:
    """Undo cuts inside a list of conditions: "events that are NC | and have two protons"."""
    joined: list[str] = []
    for clause in clauses:
        # "Of those, which are NC", "For event 5, what ...": the first piece asks for nothing.
        opening = (
            r"(?:and |now |so |ok |then )*(?:averaged (?:over|across)|over|across|if|suppose"
            r"|assuming|when|once|after|without|of|among"
            r"|out of|from|for|in|on|within|given|requiring|demanding|cutting|selecting|applying"
            r"|using|at|concerning|regarding|considering|with|taking|take|consider|looking at|about"
            r"|as for|what about|how about)\b"
        )
        if (
            joined
            and re.match(opening, joined[-1])
            and re.match(rf"{_POLITE}{_ASK}\b", clause)
            and len(joined[-1].split()) <= 14
            and not (
                not re.match(r"(?:and |now |so )*(?:if|suppose|assuming|once)\b", joined[-1])
                and re.search(
                    rf"\b(?:{_ASK[3:-1]}|classify|compare|show|explain|compute)\b",
                    re.sub(r"^(?:and |now |so )*(?:what|how) about", "", joined[-1]),
                )
            )
        ):
            joined[-1] += ", " + clause
            continue
        # "... asks for the purity. Please compute it with the ViT": nothing else is asked.
        if joined and re.match(rf"{_POLITE}{_DO_IT}", clause):
            joined[-1] += ", " + clause
            continue
        # "VLM versus ViT, which one wins", "the first 20 events, classify": the first piece only
        # says of what.
        if len(joined) == 1 and _only_names(joined[0]) and not re.search(_POINTS_BACK, clause):
            joined[0] += ", " + clause
            continue
        condition = re.match(r"(?:is|are|was|were|has|have|does|do)\b", clause) and (
            not clause.endswith("?")
            or re.match(r"(?:has|have)\b", clause)
            or (joined and re.search(r"\b(?:are|is|have|has)\b", joined[-1]))
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
