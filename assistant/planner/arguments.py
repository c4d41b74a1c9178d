"""The arguments of the tools that a clause asks for."""

from __future__ import annotations

import re
from typing import Any

from assistant.planner.classes import ClassMention
from assistant.planner.lexicon import COLUMN_PATTERNS, DOMAIN_WORDS, FILLER_WORDS
from assistant.planner.probe_change import change_probe
from assistant.planner.slots import Slots

TARGETED = ("efficiency", "purity", "roc", "corrected_counts")
_BY = (
    r"\b(?:per|by|for each|for every|each|in each|for all|(?:split|shared|divided) (?:up )?"
    r"(?:by|into|per|over|across|between|among)"
    r"|separated? (?:by|into)|broken down (?:by|into|per)|grouped by|as an? function of"
    r"|as function of|(?:chang\w*|var\w*|evolv\w*|degrad\w*|improv\w*|ris\w*|fall\w*|drop\w*"
    r"|grow\w*|(?:de|in)creas\w*|worsen\w*|get\w* (?:better|worse)) with|vs\.?|versus|against"
    r"|across|depend\w* on|within each|of each|of every|in bins of|class by)(?: the| all| 3| its"
    r"| their| number of| true| predicted| interaction| neutrino| reconstructed| final[ -]state)* "
)
_BY_WORDS = (
    (r"modes?|interaction(?: types?| modes?)?|process\w*|channels?|types?", "mode"),
    (r"lepton energ(?:y|ies)", "lepton_energy"),
    (r"energ(?:y|ies)|e_?nu|e\b", "energy"),
    (r"hits", "n_hits"),
    (r"track lengths?", "longest_track_cm"),
    (r"prongs?", "n_prongs"),
    (r"protons?", "protons"),
    (r"neutrons?", "neutrons"),
    (r"charged pions?", "charged_pions"),
    (r"neutral pions?|pi ?0s?|pi zeros?", "neutral_pions"),
    (r"labels?|predictions?|verdicts?", "label"),
    (r"class(?:es)?|truth|categor\w+|flavou?rs?|species", "truth"),
)
_NAME = (
    r"\b(?:call|name|dub|christen)\b.*?\b(?:them|those|these|this|that|it|selection|sample"
    r"|subset|result|events?)\b(?: selection| sample| set| events)? (?:the "
    r"|as )?['\"]?(@?\w[\w -]{0,40}?)['\"]?$",
    r"\b(?:save|store|name|keep|remember|define|register|label|tag|bookmark|refer to|mark|designate"
    r"|denote|record)\b.*?\b(?:as|under(?: the name)?|by the name(?: of)?|called|named)\b (?:the "
    r"|a )?(?!(?:every\w*|any\w*|all|whatever|those|ones|events?|what)\b)(?:selection )?"
    r"['\"]?(@?\w[\w -]{0,40}?)['\"]?(?= selection$| sample$|$|[,;:]|\.(?!\d))",
    r"\b(?:selection|sample|subset|set|group|list) (?:called|named"
    r"|dubbed|labelled) ['\"]?(@?\w[\w -]{0,40}?)['\"]?(?= (?:with"
    r"|of|from|that|for|containing|as|holding)\b|$|[,.;:])",
    r"^(?:please |now |and |then |also )*(?:select|take|pick|choose|put|set|give|find|get)\b.*"
    r"(?<!ed)(?<!fies)(?<!calls)(?<!labels)(?<!known)(?<!seen)(?<!taken) as (?:the |my )?"
    r"['\"]?(@?[a-z][\w-]*)['\"]?$",
    r"\blet ['\"]?(@?\w[\w -]{0,40}?)['\"]? (?:be|mean|denote|stand for|refer to|contain)\b",
    r"\b(?:define|create|make|build|set up|introduce) (?:a |the |an )?(?:new )?(?:named "
    r")?(?:selection |sample |subset )?['\"](@?\w[\w -]{0,40}?)['\"]",
    r"\bdefine (@?\w[\w -]{0,30}?) (?:as|to be|:|=)",
    r"\b(?:called|named|dubbed) ['\"]?(@?[\w][\w-]*(?: [\w-]+)?)['\"]?$",
    r"^(?:please |now |and )*(?:call|name|dub) (?:events? |numbers? )?#?\d[\d\s,to-]* (?:the |as )?"
    r"['\"]?([a-z][\w -]{0,30}?)['\"]?$",
    r"\b(?:are|is|be|as) (?:now )?(?:my|our|the) ['\"](@?\w[\w -]{0,40}?)['\"]",
    r"^['\"]?(@?\w[\w -]{0,30}?)['\"]? (?:shall be|are defined as|is defined as|:=|=)",
)


def key(said: str) -> str:
    """Return the key under which a named selection is kept: ``soft muons`` -> ``soft_muons``."""
    said = re.sub(r"[ ,]+please$", "", said.strip().lower())
    return re.sub(r"\W+", "_", said.lstrip("@")).strip("_")


_ANOTHER = (
    r"^(?:and |also |then |now )+(?:events? )?#?\d[\d\s,to-]* ([a-z_][a-z_]*\w*)$",
    r"^(?:and|also|plus|then|now|likewise) .*\b(?:as|called"
    r"|named) ['\"]?(@?\w[\w -]{0,30}?)['\"]?$",
    r"^(?:and |also |then |now )*['\"]?(@?[a-z]\w{0,20})['\"]? ?[:=] .+",
)
"""How a second selection is named after a first: "and 150 to 170 as B"."""


_DESCRIBED = (
    r"^.*\b(?:above|below|over|under|between|with|having|than|from)\b.*(?:\d ?(?:gev|mev|tev|cm|m|%"
    r"|hits|prongs?|protons?|pions?|pi0s?)?|\bpi0s?|protons?|pions?|showers?|prongs?|tracks?)"
    r" (?=[a-z_])"
)
"""What stands between the events and their name: "call those below 2 GeV soft"."""


def read_new_name(text: str, quoted: str | None, *, another: bool = False) -> str | None:
    """Return the name that the user gives to a selection, or None.

    Parameters
    ----------
    text : str
        Normalised clause.
    quoted : str or None
        What stands in quotation marks in the question.
    another : bool
        Whether a selection was named just before.
    """
    if re.match(r"(?:and |but |so )*(?:why|what|how|who|which|is|are|was|were|does|do)\b", text):
        return None
    naming = (
        r"\b(?:call|name|dub|define|save|store|remember|let|label|register|christen|bookmark"
        r"|refer to|designate|denote|called|named|create|make|build|keep|record|mark|select)\b"
    )
    if (
        quoted
        and (another or re.search(naming, text))
        and not re.search(
            r"\b(?:on|over|for|in|of|use|using|show|classify|compare) (?:the )?['\"]", text
        )
    ):
        return key(quoted)
    for pattern in _NAME + (_ANOTHER if another else ()):
        found = re.search(pattern, text)
        if found and not re.search(
            r"\b(?:truth|what|which|as)\b|^(?:event )?\d+(?:$|[ ,-])"
            r"|^(?:(?:an?|the|true) )*(?:(?:nue|numu|nutau|nc|cc|events?|ones?|or|and)\b ?)+$",
            found[1],
        ):
            name = re.sub(_DESCRIBED, "", found[1]) or found[1]
            if pattern != _ANOTHER[0] or name not in FILLER_WORDS | DOMAIN_WORDS:
                return key(name)
    return None


def statistic_arguments(statistic: str, slots: Slots) -> dict[str, Any]:
    """Return the arguments of `aggregate_statistics`, except events and model."""
    arguments: dict[str, Any] = {"statistic": statistic}
    target = target_of(statistic, slots)
    if target:
        arguments["target"] = target
    if slots.cuts.threshold is not None and statistic in (
        "efficiency",
        "purity",
        "corrected_counts",
        "accuracy",
    ):
        arguments["cut"] = slots.cuts.threshold
    if slots.level:
        arguments["level"] = slots.level
    if statistic in ("mean", "histogram"):
        arguments["column"] = _column(slots)
        if slots.bins:
            arguments["bins"] = slots.bins
        if slots.bin_width:
            arguments["bin_width"] = slots.bin_width
    if statistic in ("worst_mistakes", "least_sure"):
        arguments["top"] = slots.top or (1 if _one(slots.text) else 5)
    if by := read_by(slots.text):
        arguments["by"] = by
    return arguments


def _one(text: str) -> bool:
    return re.search(
        r"\b(?:the )?(?:one|event|case|example|mistake|error|single \w+|prediction)\b(?!s)"
        r"|\bthe (?:most|least) \w+\W*$",
        text,
    ) is not None and not re.search(r"\b(?:events|ones|cases|mistakes|errors|predictions)\b", text)


def _column(slots: Slots) -> str:
    if slots.columns:
        return slots.columns[0]
    classes = [c.name for c in slots.classes if c.name in ("nue_cc", "numu_cc", "nc")]
    if re.search(r"\b(?:confident|confidence|sure|certain)\b", slots.text):
        return "confidence"
    if re.search(r"scores?|probabilit|outputs?|posteriors?", slots.text):
        return f"p_{classes[0]}" if classes else "confidence"
    return "energy"


def target_of(statistic: str, slots: Slots) -> str | None:
    """Return the class whose efficiency, purity, ROC or corrected count is asked for."""
    if statistic not in TARGETED:
        return None
    mentions = [c for c in slots.classes if c.name in ("nue_cc", "numu_cc", "nc")]
    signal = [c for c in mentions if not _is_background(c, slots.text)]
    score = re.search(r"\bp_(nue_cc|numu_cc|nc)\b", slots.text)
    if not signal and (score or not mentions):
        return score[1] if score else None
    mentions = signal or mentions
    named = [
        c
        for c in mentions
        if re.search(
            r"(?:for|of|as|the|select\w*|purity|efficiency|called|predicted|our|your"
            r"|identify\w*|find\w*|correct\w*|in)\s*(?:the |all |true |cnn's |vit's |vlm's )*$",
            slots.text[: c.start],
        )
    ]
    predicted = [c for c in mentions if c.role == "predicted"]
    return ((predicted if statistic == "purity" else []) + named + mentions)[0].name


def _is_background(mention: ClassMention, text: str) -> bool:
    """Say whether a class is what spoils a selection: "NC contamination", "rejection of NC"."""
    spoils = r"(?:reject\w*|contamination|background|leakage|admixture|fakes?|fake rate)"
    before = rf"\b{spoils} (?:(?:of|from|by|due to|against) )?(?:the |true |real )*$"
    after = rf"\s*(?:cc )?(?:events? )?(?:{spoils}|leak\w*|sneak\w*|contaminat\w*)\b"
    return bool(re.search(before, text[: mention.start]) or re.match(after, text[mention.end :]))


def read_by(text: str) -> str | None:
    """Return the column by which a statistic is split."""
    for found in re.finditer(_BY, text):
        rest = text[found.end() :]
        for words, column in _BY_WORDS:
            if re.match(rf"(?:{words})\b", rest):
                called = r"(?:\b\w+ed|calls?|labels?) (?:(?:as|to be|to|into) )*$"
                predicted = column == "truth" and (
                    "predicted" in found[0] or re.search(called, text[: found.start()])
                )
                asked_mode = (
                    column == "mode" and "type" in rest[:5] and "interaction" not in found[0]
                )
                return "label" if predicted else "truth" if asked_mode else column
        if re.search(r"\binteraction $", found[0]):
            return "mode"
    for words, column in _BY_WORDS:
        if re.search(
            rf"\b(?:{words})[ -]depend\w+|\b(?:{words}) (?:affect|influence|impact|matter)\w*"
            rf"|\b(?:for|in|on|at) (?:which|what) (?:true )?(?:{words})\b|\b(?:which|what)"
            rf" (?:{words}) (?:is|are|does|do) (?:the )?(?:\w+ )?(?:struggl|fail|suffer|hard|eas"
            rf"|worst|best|most|least|diffic)",
            text,
        ):
            return column
        kinds = (
            rf"\b(?:{words}) (?:distributed|composition|break-?down|split|make-?up|mix(?:ture)?"
            rf"|content"
            rf"|fractions|shares)\b|\b(?:distribution|breakdown|mix(?:ture)?"
            rf"|composition) of (?:the "
            rf"|true |interaction )*(?:{words})\b|\b(?:composition|make-?up) in (?:{words})\b"
        )
        if column in ("mode", "label", "truth") and re.search(kinds, text):
            return column
        if re.search(
            rf"\b(?:in|for|over|across|per) (?:each )?(?:{words})[ -](?:bins?|slices?)\b", text
        ):
            return column
    if re.search(
        r"^(?=.*\b(?:high|low)(?:er)?[ -]energ)(?=.*\b(?:easier|harder|better|worse|drop|fall"
        r"|concentrat\w+)\b)",
        text,
    ):
        return "energy"
    return "truth" if re.search(r"class-by-class|per-class|classwise|class-wise", text) else None


def probe_arguments(slots: Slots) -> dict[str, Any]:
    """Return what `probe_event` changes; halved resolution where the words do not say."""
    arguments: dict[str, Any] = {}
    if not change_probe(arguments, slots):
        arguments = {"change": "all"}
    return arguments


ORDERS = (
    r"\b(?:sort|rank|order|arrange)(?:ed|ing)?\b.*\bby\b|\bin order of\b"
    r"|\b(?:most|least|\w+st)(?:[ -]\w+){0,2}[, -]+first\b"
    r"|\b(?:ascending|descending|(?:in|de)creasing)\b"
)
"""Asks for all events in an order, not for the first of them: "hardest neutrino first"."""


def default_limit(text: str) -> int:
    """How many are asked for by rank without a number: one where the noun is of one event."""
    one = re.search(
        r"\b(?:which|what|who|whose|whichever|the one|event)\b(?: \w+){0,4}? (?:has|had|is|was"
        r"|with)\b"
        r"|^(?:\w+ )?(?:longest|shortest)\b",
        text,
    )
    return 1 if one or not re.search(r"\b(?:event|one)s\b", text) else 5


_RANKABLE = [(words, column) for column, _, words in COLUMN_PATTERNS if column != "score"]


def sort_arguments(text: str) -> tuple[str, bool] | None:
    """Return (column, descending) where events are asked for by rank: "the ten most energetic"."""
    columns = (
        (r"lepton energ(?:y|ies)", "lepton_energy"),
        (r"energetic|energ(?:y|ies)", "energy"),
        (r"tracks?|longest|shortest", "longest_track_cm"),
        (r"hits|busiest|occup", "n_hits"),
        (r"prongs?", "n_prongs"),
        (r"(?:sure|certain|confident|confidence)|worst", "confidence"),
        (r"unlike|unusual|strange\w*|odd\w*|weird\w*|anomalous|outliers?", "unlike"),
    )
    if re.search(r"\brandom(?:ly)?\b|at random|arbitrary", text):
        return "random", True
    if found := re.search(
        r"\b(?:(?:sort|order|rank|arrange)(?:ed|ing)?\b.*\b(?:by|from)|in order of|(?:in"
        r"|by)(?=(?: the)?"
        r" (?:(?:in|de)creas|ascend|descend))) (?:(?:(?:cnn|vit|vlm)(?:'s)?|the|their|its"
        r"|number of|order of|(?:in|de)creasing"
        r"|ascending|descending) )*(.+)",
        text,
    ):
        for words, column in (*columns, *_RANKABLE):
            if re.match(words, found[1]):
                return column, not re.search(
                    r"ascending|increasing|(?:low|small|short|soft|few|least)\w*(?: \w+)? first",
                    text,
                )
    down = re.search(
        r"\b(?:(?<!at )most|highest|largest|longest|biggest|greatest|top|hardest|unusual|unlike"
        r"|atypical|anomalous|busiest|strangest|oddest|weirdest|maximum (?=\w* ?(?:energ|hits|track"
        r"|length|confiden))|outliers?|worst)\b",
        text,
    )
    up = re.search(
        r"\b(?:(?<!at )least|lowest|smallest|shortest|softest|fewest"
        r"|minimum (?=\w* ?(?:energ|hits|track|length|confiden)))\b",
        text,
    )
    if not down and not up:
        return None
    if re.search(
        r"\b(?:longest|shortest) tracks? (?:is |are |of )?(?:exceeds?|above|over|under|below|longer"
        r"|shorter|more|less|at least|at most|between|[<>])",
        text,
    ):
        return None  # a cut on the longest track ranks nothing
    nue = re.search(
        r"\b(nue|numu|nc)\b(?: cc)?[- ]like|most like(?:ly)? (?:\w+ )?(nue|numu|nc)|(?:high|low"
        r"|larg"
        r"|small|great)\w*st (?:(?:the )?(?:cnn|vit|vlm)(?:'s)? )?(nue|numu|nc)",
        text,
    )
    if nue:
        name = next(g for g in nue.groups() if g)
        return f"p_{name}" + ("" if name == "nc" else "_cc"), not up
    behind = text[(down or up).end() :]  # type: ignore[union-attr]
    for words, column in _RANKABLE:
        if re.match(rf" (?:number of )?(?:{words})\b", behind):
            return column, bool(down)
    own = {"busiest": "n_hits", "longest": "longest_track_cm", "shortest": "longest_track_cm"}
    if named := own.get((down or up)[0]):  # type: ignore[index]
        return named, bool(down)
    for words, column in columns:
        if re.search(words, text):
            return column, bool(down)
    if re.search(r"hardest|softest", text):
        return "energy", bool(down)
    return None
