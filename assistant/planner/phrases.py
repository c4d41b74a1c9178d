"""Turns of phrase written in the one form that the readers of slots know.

They run on a text whose letters and numbers are uniform already (`assistant.planner.text`), so that
each way to say "without" or "between" is spelt once, here, and not in every reader.
"""

from __future__ import annotations

import re

_VALUE = r"\d+(?:\.\d+)?|\.\d+"
_ENERGY = r"(?:lepton |neutrino |true )*(?:energy|e_?nu|e|ev)"
_UNIT = r"gev|mev|tev|cm|mm|m"
_PARTICLE = (
    r"(?:(?:charged|neutral|visible|final[ -]state) )*"
    r"(?:protons?|neutrons?|pions?|pi-?0s?|pi zeros?|showers?|prongs?|tracks?)"
)
_WITHOUT = (
    r"(?:that |which |who |and )*(?:(?:do|does|did) not (?:have|contain|show|include|produce)"
    r"|lack(?:s|ing|ed)?|without(?= (?:a single|any|one|even one)\b)|(?:are |is )?(?:devoid|free"
    r"|empty) of|(?:with|having|have|has|containing"
    r"|contains?|show(?:s|ing)?) (?:no|zero|0|not (?:a single|any|one))|in the absence of|minus any"
    r"|(?:where|when) there (?:is|are) no)(?: (?:a single|any|one|a|an|even one))?"
)


_ALONE = r"(?! (?:(?:than|to|of|an?|one)\b|\d))"
"""Behind a bound that is on what stands before it: "2 protons at least", not "at least 1 pion"."""


def _interval(found: re.Match[str]) -> str:
    """Write a centre and a half width as a range."""
    centre, half = float(found["c"]), float(found["h"])
    unit = found["u"] or ""
    name = found.groupdict().get("q") or "energy"
    return f"{name} between {centre - half:g} and {centre + half:g} {unit}".rstrip()


def _each_without(found: re.Match[str]) -> str:
    """Write "no protons, neutrons or pions" one by one."""
    names = [found["first"], *re.findall(_PARTICLE, found["more"]), found["last"]]
    return " and ".join(f"without {name}" for name in names)


_REWRITTEN: tuple[tuple[str, str], ...] = (
    # All particles that are counted are those of the final state.
    (rf"\b(?:final[ -]state|outgoing|visible) (?={_PARTICLE}\b)", ""),
    (rf"\b({_PARTICLE}) in the final[ -]state\b", r"\1"),
    # "Leaving the taus out", "not counting the taus".
    (
        r"\b(?:leaving|setting|putting|keeping) ((?:(?!views?|planes?)[\w-]+ ){1,5}?)"
        r"(?:out|aside)\b",
        r"excluding \1",
    ),
    (
        r"\b(?:(?:leaving|setting|putting) (?:out|aside)|not (?:counting|including|considering)"
        r"|disregarding|ignoring|discounting|omitting|aside from|barring|(?:if|when|once)"
        r" (?:you|we|i|one) (?:(?:do not|don't|did not|didn't) (?:count|include)|ignored?|disregard"
        r"|omit|leave (?:out|aside)|left (?:out|aside)))\b"
        r"(?! (?:[\w-]+ ){1,3}(?:views?|planes?)\b)",
        "excluding",
    ),
    # "<E>", "<n_protons>": a mean.
    (r"<\s?([a-z][a-z_ ]*?)\s?>", r"mean \1"),
    # "2 protons or more", "at most" and "at least" behind the noun.
    (
        rf"\b(\d+) ({_PARTICLE}|hits),? (?:(?:or|and) (?:more|above|up)|at (?:the )?(?:very )?least"
        rf"|(?:at )?minimum)\b{_ALONE}",
        r"at least \1 \2",
    ),
    (
        rf"\b(\d+) ({_PARTICLE}|hits),? (?:(?:or|and) (?:fewer|less|below)"
        rf"|at (?:the )?(?:very )?most|(?:at )?maximum|tops)\b{_ALONE}",
        r"at most \1 \2",
    ),
    (rf"\b(?:exactly )?(?:1|one|an?) ({_PARTICLE}) or (?:none|zero|0)\b", r"at most 1 \1"),
    # "more protons than 4": "more than 4 protons".
    (
        rf"\b(more|fewer|less|greater) ({_PARTICLE}|hits|energy) than (\d+(?:\.\d+)?)\b",
        r"\1 than \3 \2",
    ),
    (
        rf"\b(?:the )?(?:number|amount|count|multiplicity) of ({_PARTICLE}|hits) (?:is |being "
        r"|to be )?((?:[<>]=?|==?|above|below|over|under|more than|less than|at least|at most"
        r"|exactly|equal to) )(\d+)\b",
        r"\2\3 \1",
    ),
    (r"\bi mean\b", "i meant"),
    (
        r"\b(mis\w+ (?:rate|fraction|probability))(?: of| from|,|:)? ((?:nue|numu|nutau|nc)(?:"
        r" cc)?) (?:in)?to (?=n[ceumta]+)",
        r"\1 of \2 as ",
    ),
    (
        r"\b(than|least|most|exactly|only|[<>=]=?) ?(\d+) (?:visible |separate |distinct"
        r" )?(track|shower)s?\b",
        r"\1 \2 n_\3s",
    ),
    (r"\bnumber one\b", "the first one"),
    (r"\b(?:of|in|on) (?:this|that|the|your) (?:list|ranking)\b(?! of)", "of those"),
    (
        r"^(?:what(?: i|')s|tell me|give me) the ((?:high|low|larg|small|great|long|short)est .*?)"
        r",? and (?:in )?which event (?:is it|is that|has it|does it belong to|did it occur)\b",
        r"which event has the \1",
    ),
    (
        r"^(?:ok,? |now )*back to (?:all(?: the)? events|everything|the (?:whole|full) (?:data ?set"
        r"|sample|file))[:,;.-]+ (?=how|what|which)",
        "of all events, ",
    ),
    # "The charge that one collects" is of no event.
    (r"\b(the \w+) that one (?=(?:[a-z]{3,}[b-rt-z]s|can|could|may|must)\b)", r"\1 that people "),
    (
        r"\b(?:by the way|btw|incidentally|one more thing|another question"
        r"|(?:permit|allow|let) me (?:ask )?(?:an? )?(?:\w+ )?question|before i forget"
        r"|out of curiosity"
        r"|(?:(?:sorry|excuse me|forgive me) for (?:the|my|this) |just |only )?"
        r"(?:an? |one |the |my )?"
        r"(?:quick|basic|stupid|silly|dumb|naive|short|general|simple) (?:\w+ )?(?:question|one)"
        r"(?=[,:]))\b[,:]? ?(?:but )?",
        "",
    ),
    (r"\b(?:in case(?: that)?|in the event that)\b", "if"),
    (r"\b(?:the )?runner[ -]?up\b", "the 2th one"),
    (r"\b(proton|neutron|pion|shower|track|pi-?0)less\b", r"without \1s"),
    # "numu below 3": in GeV, what else.
    (
        r"\b(nue|numu|nutau|nc)((?: cc)?(?: events?)?) (below|above|under|over|less than|more than"
        r"|<|>) ?([1-9]\d*(?:\.\d+)?)(?=[?.!]*$|,)",
        r"\1\2 \3 \4 gev",
    ),
    (r"\b(pions?\b.*\b(?:charged|neutral)) ones\b", r"\1 pions"),
    (
        r"\b(?:how come|what (?:is|was) the reason(?: (?:that|why|for))?|what makes you (?:say"
        r"|think|believe)(?: that)?)\b",
        "why",
    ),
    # "What does it mean" is no mean.
    (
        r"\bwhat (?:does|do|did) (?!it\b|that\b|this\b|they\b)(.{2,40}?) (?:mean|stand for"
        r"|signify)\b",
        r"what is the definition of \1",
    ),
    (
        r"\bhow (?:is|are) ((?:the |an? )?[a-z][a-z -]{2,40}?) defined\b",
        r"what is the definition of \1",
    ),
    # Multiplicities: "3+ protons", "2 or 3 protons", "1p0pi".
    (rf"\b(\d+) ?\+ (?={_PARTICLE}\b)", r"at least \1 "),
    (
        r"\b(?:one|single)-(protons?|neutrons?|pi-?0s?|charged pions?|neutral pions?|prongs?)\b",
        r"with exactly 1 \1",
    ),
    (
        r"\b(\d+)-(protons?|neutrons?|pi-?0s?|charged pions?|neutral pions?|prongs?)\b",
        r"with exactly \1 \2",
    ),
    (
        rf"\b(?:either )?(\d+|one) or (\d+) ({_PARTICLE})\b",
        r"at least \1 \3 and at most \2 \3",
    ),
    (r"\b(\d+)p0pi0?\b", r"with exactly \1 protons and without pions"),
    (r"\b(cc|nc)-?(?=[01]pi)", r"\1 "),
    (r"\b0pi\b", "without pions"),
    (r"\b1pi0\b", "with exactly 1 pi0"),
    (r"\b1pi\b", "with exactly 1 charged pion"),
    (r"\b(\d)p (?=(?:events?|sample|numu|nue|nc|cc)\b)", r"with exactly \1 protons "),
    (
        r"(?<![\w-])(?<!\d )(?<!no )(?<!single )(?<!without )"
        r"(pi-?0|pi zero|(?:neutral|charged)[ -]pion)"
        r" (events?|interactions?|sample|selection)\b",
        r"\2 with a \1",
    ),
    (r"(?<!a )\bcharged pion and pi-?0s?(?: both)?", "a charged pion and with a neutral pion"),
    # The number of the event first: "201: explain".
    (r"^(?:event )?#?(\d+) ?: (?=[a-z])", r"event \1: "),
    (r"(?<=\d): (?=[a-z])", ", "),
    (r"(?<![\w.])\.(?=\d)", "0."),
    # Without.
    (
        r"\b(?:with )?(?:the )?((?:true )?(?:nue|numu|nutau|nc)s?(?: cc)?(?: events)?)"
        r" (?:excluded|left out|removed|taken out)\b",
        r"without \1",
    ),
    (
        r"\b(what|who) (is|was) (#?\d+)(?= (?:in truth|truly|really|in reality)\b)",
        r"\1 \2 event \3",
    ),
    (
        rf"\b(?:with |having |have |has |contain\w* )?neither (?:a |any )?({_PARTICLE}|charged"
        rf"|neutral) nor (?:a |any )?({_PARTICLE})",
        r"without \1 and without \2",
    ),
    (
        r"\bwithout (charged|neutral) and without (\w+ )?(pions?)",
        r"without \1 pions and without \2pions",
    ),
    (r"\bneither (?:an? )?(\w+(?: cc)?) nor (?:an? )?(\w+)", r"not \1 and not \2"),
    (rf"\b{_WITHOUT} (?={_PARTICLE}\b)", "without "),
    (
        rf"\b(without|no) ({_PARTICLE}) (?:or|nor|and) (?:any |a )?(?!with)({_PARTICLE})",
        r"without \2 and without \3",
    ),
    (
        r"\b(?:without|no|with no) (charged|neutral) (?:or|nor|and) (charged|neutral) pions?",
        "without charged pions and without neutral pions",
    ),
    (
        rf"\b(with|having|have|has)\b([^,;?]*\d[^,;?]*) and (an?|some|no) (?={_PARTICLE}\b)",
        r"\1\2 and with \3 ",
    ),
    (
        r"\b(with|having|have|has|contain\w*) (?:both )?(charged|neutral) and (charged|neutral)"
        r" pions?",
        r"\1 some \2 pions and \1 some \3 pions",
    ),
    (r"\b(with|having|have|has|contain\w*) either ([^,;?]*?) or ", r"\1 \2 or \1 "),
    # More than zero.
    (
        rf"\b(with|having|have|has|contain\w*) (?:1|one) ({_PARTICLE}) or more\b",
        r"\1 some \2",
    ),
    (
        r"\b(with|having|have|has|contain\w*) (?:(?:1|one) or more|at least (?:1|one|a single|a)|a"
        rf" minimum of (?:1|one)) (?={_PARTICLE}\b)",
        "with some ",
    ),
    (
        r"\b(?:with|having|have|has|contain\w*) (?:both )?(?:(?:an?|some|at least one) )?"
        rf"({_PARTICLE}) and (?:an?|some|at least one) ({_PARTICLE})",
        r"with a \1 and with a \2",
    ),
    # Ends of a range.
    (r"\b(?:no|not) (?:higher|larger|bigger|longer|greater|more) (?:as|then) (?=\d)", "at most "),
    (
        r"\b(higher|larger|bigger|smaller|lower|longer|shorter|greater|more|less|fewer) (?:as"
        r"|then) (?=\d)",
        r"\1 than ",
    ),
    (
        r"[,;.]* (?:as |because |since )?(?:(?:i|we) )?(?:will |shall )?need (?:it|them|this"
        r"|these|those"
        r"|that) (?:for|later|in|this|today|tomorrow|tonight|by)\b[^.?!;]*$",
        "",
    ),
    (
        r"\b(?:equals?(?: to)?|the same) or (?:even )?(?:more|above|higher|greater|larger"
        r"|beyond) than (?=\d)",
        "at least ",
    ),
)
_NONE_OF = re.compile(
    rf"\b(?:without|no|with no) (?P<first>{_PARTICLE})(?P<more>(?:, (?:no )?{_PARTICLE})+),? "
    rf"(?:or|and|nor) (?:no )?(?P<last>{_PARTICLE})"
)
_REWRITTEN_RE = tuple((re.compile(pattern), new) for pattern, new in _REWRITTEN)
_INTERVALS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\|\s?(?P<q>{_ENERGY}) ?- ?(?P<c>{_VALUE}) ?(?:{_UNIT})?\s?\| ?<=? ?(?P<h>{_VALUE}) "
        rf"?(?P<u>{_UNIT})?\b",
        rf"\b(?P<q>{_ENERGY})?(?: of| =|:| within| at)? ?(?P<c>{_VALUE}) ?(?:{_UNIT})? ?(?:\+/?-|±"
        rf"|plus[ -]or[ -]minus|plus/minus) ?(?P<h>{_VALUE}) ?(?P<u>{_UNIT})\b",
        rf"\b(?P<q>{_ENERGY})?(?: is| are| lies?)? ?within (?P<h>{_VALUE}) ?(?P<u>{_UNIT}) (?:of"
        rf"|from|around) (?P<c>{_VALUE})(?: ?(?:{_UNIT}))?\b",
    )
)


def plain_phrases(text: str) -> str:
    """Return a text with uniform letters and numbers in the phrases that the readers know."""
    for pattern in _INTERVALS:
        text = pattern.sub(_interval, text)
    text = _NONE_OF.sub(_each_without, text)
    for pattern, new in _REWRITTEN_RE:
        text = pattern.sub(new, text)
    return text
