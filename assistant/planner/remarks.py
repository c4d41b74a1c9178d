"""What a turn only tells, beside what it asks: background, reasons, opinions are set aside."""

from __future__ import annotations

import re

from assistant.planner.intent_words import WEIGHTS
from assistant.planner.lexicon import FILLER_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.subject import is_outside

_LEAD = (
    r"(?:(?:so|and|but|well|ok(?:ay)?|hm+|oh|ah|hi|hey|hello|sorry|look|honestly|also|just|now|if"
    r"|when|since|because|although|though|while|actually|apparently|you know)\b[, ]*)*"
)
_PERSON = (
    r"(?:i|we|he|she|people|some(?:one|body)(?: \w+){0,4}|every(?:one|body)|nobody|you guys|they"
    r"|(?:my|our|a|the|his|her|one of (?:my|our|the)) (?:\w+ )?(?:student|colleague|supervisor"
    r"|advisor|adviser|professor|prof|boss|collaborator|postdoc|friend|group|referee|convener|team"
    r"|reviewer|theorist|feeling|guess|impression|understanding|intuition|hunch)s?)"
)
_TELLS = (
    rf"{_LEAD}(?:{_PERSON}(?:'\w+|\b)|(?:this|that|it|there|these|those|they)(?:'s)? (?:is|are|was"
    r"|were|looks?|seems?|appears?|sounds?|must|might|will)\b|(?:event \d+|the \w+(?: \w+)?)"
    r" (?:really |also |always |never )*(?:looks?|seems?|appears?|is|are|was|were|says?|decays?"
    r"|surprises?)\b|(?:in|at|during|from|after|before|reading|preparing|writing|working|looking"
    r"|as far as|according to) (?:\w+ ){0,8}(?:i|we|people|some(?:one|body)|he|she|they)\b"
    r"|(?:just|had|never|always|been|came|saw|heard|read) (?:\w+ )+)"
)
"""Begins what tells of somebody, or of how something is."""
_WANTS = (
    r"\b(?:wants?|wish(?:es)?|needs?|would (?:like|love)|'d (?:like|love)|looking for"
    r"|interested in|wonder(?:ing)?|curious|please|(?:can|could|would|will|may|might) (?:i|you|we)"
    r"|(?:tell|give|show|find|get|help|convince|remind|teach|explain(?: to)?) (?:me|us)|let (?:me"
    r"|us)|how about|what about|do not (?:know|understand|get|see) (?:what|how|why|which|if"
    r"|whether|the)|have (?:a|another|one|\d+) (?:\w+ )?questions?|am after|meant?|asking"
    r"|have to (?:know|see|have))\b"
)
"""Asks for something, whoever is said to."""
_ORDER = (
    r"(?:(?:please|just|now|then|kindly|maybe|so|and|but|can you|could you|would you|can i|can we"
    r"|could i|let us|i want(?: to)?|i need(?: to)?|i'd like(?: to)?|i would like(?: to)?) )*"
    r"(?:show|display|draw|plot|tell|give|compare|classify|explain|find|list|count|compute|make"
    r"|calculate|select|pick|describe|run|label|report|name|print|check|visuali[sz]e|histogram"
    r"|save|mask|drop|remove|repeat|quote|keep|filter|store|remember|predict|identify|get|use|try"
    r"|what|which|who|how|why|where|is|are|does|do|did|can|could|would|has|have|search|look)\b"
)
_SENTENCE_END = (
    r"(?<=[\w)'\"%])(?<!\b(?:vs|no|nr|al))(?<!\b(?:e\.g|i\.e|c\.l|evt))(?:[.!;]+|\?+|\.\.+)\s+"
    r"(?=[\w@'\"(])"
)
_CONCLUDES = rf",? (?:(?:and )?so|but|therefore|hence|thus)[, ]+(?={_ORDER})"
_REASON = (
    r",? (?:because|cause|since|as|so(?: that)?)(?= (?:i|we|it|my|our|they|he|she|people|there)\b)"
)
_PURPOSE = (
    r",? (?:i )?(?=(?:(?:will |might |may )?(?:need|want|use)|would like|going|gonna|trying|hoping"
    r"|planning|have) (?:it|them|this|that|these|those|to)\b)"
)
_TAG = r",? (?:right|correct|no|yes|true|ok|isn't it|is not it|is it not|do not you think)$"
_VACUOUS = (
    r"(?:(?:so|and|then|now|please|can|could|would|will|you|kindly|just|maybe) )*(?:compute"
    r"|calculate|evaluate|determine|quote|provide|do|work out|give(?: me| us)?|make|produce|plot"
    r"|draw|show(?: me| us)?|tell(?: me)?|get(?: me)?|run) (?:it|that|this|one|them)\b"
)
"""Asks for what was named just before: "could you provide it?"."""
_IT = r"\b(?:it|this one|that one|this event|that event)\b"
_LEANS = (
    r"\b(?:it|its|this|that|them|those|these|they|their|there|one|ones|both|same|former|latter"
    r"|such|others?)\b"
)
_FIELD = next(words for weight, words in reversed(WEIGHTS["search_knowledge"]))
_OF_THEM = r"\b(?:ones?|that|those|these|them|they|such)\b"
_TARGETED = {"efficiency", "purity", "roc", "corrected_counts"}


def what_is_asked(text: str, n: int | None) -> str:
    """Return a normalised turn without its sentences and clauses that only tell something.

    What a question leans on in them is carried over: the event, classifier, particle or class that
    it means by "it". A remark that restricts the events and is not repeated is left standing.

    Parameters
    ----------
    text : str
        Normalised turn.
    n : int or None
        Events in the data set.
    """
    text = _without_reasons(text, n)
    pieces = _pieces(text)
    told = [tells(piece) for piece in pieces]
    if all(told) or not any(told):
        return text
    kept: list[str] = []
    for position, (piece, only) in enumerate(zip(pieces, told, strict=True)):
        if not only:
            kept.append(piece)
            continue
        after = next((i for i in range(position + 1, len(pieces)) if not told[i]), None)
        if after is None:
            if not _adds(piece, " ".join(kept), n):
                continue
            kept.append(piece)
            continue
        merged = _merged(piece, pieces[after], n)
        if merged is None:
            kept.append(piece)
        else:
            pieces[after] = merged
    return " ".join(kept)


def tells(piece: str) -> bool:
    """Say whether a sentence tells something and asks for nothing."""
    piece = piece.strip()
    if piece.endswith("?"):
        bare = piece.rstrip("? ")
        return bool(re.search(_TAG, bare)) and tells(re.sub(_TAG, "", bare))
    if re.match(_ORDER, piece) and not re.match(r"(?:have|so) (?:i|we|if|when)\b|so \w+ing", piece):
        return False
    return re.match(_TELLS, piece) is not None and not re.search(_WANTS, piece)


def _pieces(text: str) -> list[str]:
    """Cut a turn at the ends of sentences, and before what a sentence concludes."""
    ends = [0, *(found.end() for found in re.finditer(_SENTENCE_END, text))]
    sentences = [text[a:b].strip() for a, b in zip(ends, [*ends[1:], len(text)], strict=True)]
    pieces: list[str] = []
    for sentence in sentences:
        found = re.search(_CONCLUDES, sentence)
        if found and tells(sentence[: found.start()]):
            pieces += [sentence[: found.start()], sentence[found.end() :]]
        else:
            pieces.append(sentence)
    return [piece for piece in pieces if piece]


def _without_reasons(text: str, n: int | None) -> str:
    """Drop why something is wanted, behind the order: "because I want to scan them"."""
    for pattern in (_REASON, _PURPOSE):
        for found in re.finditer(pattern, text):
            start = max(
                (m.end() for m in re.finditer(_SENTENCE_END, text[: found.start()])), default=0
            )
            order, reason = text[start : found.start()], text[found.end() :]
            end = re.search(r"[.!?;](?:\s|$)|, (?=(?:please|can|could|so)\b)", reason)
            reason = reason[: end.start()] if end else reason
            asks = re.match(_ORDER, order) or re.search(_WANTS, order)
            open_question = re.match(r"(?:is|are|was|does|did|do|why|would|what|how)\b", order)
            if pattern is _PURPOSE and not found[0].startswith(","):
                continue
            if asks and not open_question and not _adds(reason, order, n):
                rest = text[found.end() + len(reason) :]
                return _without_reasons(text[: found.start()] + rest, n)
    return text


def _names(slots: Slots) -> bool:
    return bool(slots.events or slots.cuts.filters or slots.expression or slots.names)


def _adds(piece: str, asked: str, n: int | None) -> bool:
    """Whether a remark names events, numbers or a statistic that the request does not."""
    said, known = read_slots(piece, n=n), read_slots(asked, n=n)
    return bool(
        _names(said)
        or (said.bare and not known.bare)
        or said.level
        or said.bins
        or said.bin_width
        or said.cuts.threshold is not None
        or set(said.models) - set(known.models)
        or {c.name for c in said.classes} - {c.name for c in known.classes}
        or set(read_statistics(piece)) - set(read_statistics(asked))
    )


def _merged(remark: str, asked: str, n: int | None) -> str | None:
    """Return a request with what it leans on in the remark before it; None to leave both."""
    said, own = read_slots(remark, n=n), read_slots(asked, n=n)
    leans = re.search(_LEANS, asked) is not None
    statistics = read_statistics(asked)
    found = re.match(_VACUOUS, asked)
    if found and read_statistics(remark) and said.single is None:
        return f"{remark.rstrip(' .,;')} {asked[found.end() :].lstrip()}"
    alone = not (own.events or own.bare)
    if not leans and (is_outside(asked, own) or (re.search(_FIELD, asked) and not _ours(own))):
        return asked
    if said.single is not None and alone:
        if not leans:
            return None
        return _told_what_it_is(asked, f"event {said.single}")
    if said.events or said.bare or (_names(said) and not (own.events or own.cuts.filters)):
        return None if alone else asked
    if said.models and not own.models and alone and re.search(r"\bits?\b", asked):
        return _told_what_it_is(asked, f"the {said.models[0]}")
    targeted = set(statistics) & _TARGETED
    if said.classes and not own.classes and not own.events:
        if targeted:
            mention = said.classes[0]
            asked = _with(asked, f"of {remark[mention.start : mention.end]}")
        elif re.search(_OF_THEM, asked) or re.match(r"(?:how many|which)\b", asked):
            return None
    if said.models and not own.models and statistics:
        return _with(asked, f"with the {said.models[0]}")
    if targeted:
        return asked
    if said.particle and not own.particle and alone and re.search(r"\bits?\b", asked):
        return _told_what_it_is(asked, said.particle)
    empty = not (own.models or own.columns or statistics or own.events or own.classes or own.views)
    if empty and not own.particle and not re.search(_FIELD, asked):
        if said.models or said.views or said.particle or not leans:
            return None
        if set(re.findall(r"[a-z]+", own.left.replace(BLANK, " "))) <= FILLER_WORDS | _ASKING:
            return "in general: " + re.sub(r"[,:;]|\.(?!\d)", "", remark)
    return None if said.views and leans and not own.views else asked


def _told_what_it_is(asked: str, it: str) -> str:
    """Write out the first "it" of a request, or its "its"; what follows leans on that."""
    return re.sub(rf"\bits\b|{_IT}", lambda m: it + "'s" * (m[0] == "its"), asked, count=1)


def _ours(slots: Slots) -> bool:
    """Whether a request names anything of the opened events."""
    return bool(_names(slots) or slots.models or slots.views or slots.classes or slots.columns)


def _with(asked: str, said: str) -> str:
    """Add words to the first of the things that a sentence asks for."""
    end = re.search(rf",? and (?={_ORDER})|[,.?!; ]*$", asked)
    at = end.start() if end else len(asked)
    return f"{asked[:at]} {said}{asked[at:]}"


_ASKING = frozenset(
    word
    for line in (
        "what why how who where when which matter matters work works happen happens mean that this",
        "explain come comes from correct",
    )
    for word in line.split()
)
