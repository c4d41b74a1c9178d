"""What kind of answer a question wants: a length, a date, a price; and which sentences have one.

Question classification by expected answer type goes back to Li and Roth, Learning Question
Classifiers, COLING 2002. A sentence without the kind that is asked for hardly answers, and a
question whose kind no passage has, such as a price, is not covered by them.
"""

from __future__ import annotations

import re
from functools import lru_cache

_N = r"(?:\d[\d.,]*|\bone|\btwo|\bthree|\bfour|\bfive|\bsix|\bten|\bhalf a|\ba few|\bsome)"
_JOIN = r"(?:\s?(?:to|-|–|x|and|or|±|\+-|\^|10)\s?-?\d[\d.,]*)*\s?"


def _unit(names: str) -> str:
    return rf"{_N}{_JOIN}(?:{names})(?![A-Za-z])"


# Kind, how the question asks for it, what an answer has. The first that fits counts.
_TYPES: list[tuple[str, re.Pattern[str], re.Pattern[str]]] = [
    (kind, re.compile(asked, re.I), re.compile(answered))
    for kind, asked, answered in [
        (
            "price",
            r"\b(?:price|salary|budget|dollars?|euros?|francs?|bill|expensive|fee|fees)\b"
            r"|\bcosts?\b(?!.*\b(?:memory|compute)\b)",
            r"[$€£]|(?i:\b(?:usd|eur|chf|dollars?|euros?|francs?|costs?|price|cheap|expensive))",
        ),
        (
            "contact",
            r"\b(?:phone|telephone|e-?mail|address|website|url|gps|password|opening hours)\b",
            r"@|\+\d\d|https?:|www\.|(?i:\b(?:phone|e-?mail|address|password|hours)\b)",
        ),
        (
            "company",
            r"\b(?:which|what|name of the|whose) (?:\w+ )?(?:company|firm|manufacturer|vendor"
            r"|supplier|brand)\b|\bmanufactur(?:er|ed) (?:of|by)\b|\bwho (?:made|sells|supplied)\b",
            r"(?i:\b(?:company|firm|manufactur|vendor|supplier|brand|inc|gmbh|ltd)\b)",
        ),
        ("licence", r"\blicen[cs]es?\b", r"(?i:licen[cs]|\bMIT\b|\bBSD\b|\bGPL\b|apache)"),
        ("colour", r"\bcolou?r\b", r"(?i:\b(?:colou?r|red|green|blue|violet|white|black|grey)\b)"),
        (
            "date",
            r"\b(?:what|which|exact) (?:date|day|year|month|weekday)\b|\bsince when\b"
            r"|\bwhen (?:was|were|did|will|is the next)\b",
            r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September"
            r"|October|November|December)\b",
        ),
        (
            "person",
            r"^\W*(?:who|whose|whom)\b|\bname (?:of )?the (?:\w+ )?(?:author|referee|leader|person)"
            r"|\bspokesperson\b|\bnamed after\b|\bby whom\b",
            r"\b(?:[A-Z]\. ?)?[A-Z][a-z]+ (?:et al|and [A-Z][a-z]+)|\b[A-Z][a-z]+ [A-Z][a-z]+",
        ),
        (
            "duration",
            r"\bhow (?:long|much time) (?:does|do|did|will|must|is the (?:drift|readout|delay))\b"
            r"|\blifetime\b|\bhalf.?life\b|\bhow (?:soon|quickly)\b|\b(?:duration|drift time"
            r"|time constant)\b",
            _unit("fs|ps|ns|us|µs|μs|ms|s|min|h|seconds?|minutes?|hours?|days?|months?|years?")
            + r"|10\^-?\d+ ?s\b",
        ),
        (
            "speed",
            r"\bhow fast\b|\b(?:speed|velocity)\b",
            _unit("mm/us|m/s|km/s|mm/s|cm/s|cm/us|c|km/h|mm per us|events?(?:/s| per second)"),
        ),
        (
            "length",
            r"\bhow (?:far|wide|thick|deep|tall|high|big|large|long)\b|\b(?:distance|length|range"
            r"|spacing|pitch|thickness|width|diameter|radius|depth|size|baseline|wavelength)\b",
            _unit("fm|nm|um|µm|μm|mm|cm|m|km|metres?|cm3|m3|m2|cm2|km2|pixels?|g/cm2"),
        ),
        (
            "mass",
            r"\bhow (?:heavy|massive|much argon)\b|\b(?:mass|weighs?|tonnage|density|kilotons?)\b",
            _unit("mg|g|kg|t|kt|tonnes?|kilotonnes?|eV|MeV|GeV|MeV/c2|g/cm3|u"),
        ),
        (
            "temperature",
            r"\bhow (?:cold|hot|warm)\b|\btemperature\b|\b(?:boil|freez|melt)(?:s|ing|es)?\b",
            _unit("K|mK|°C|C|kelvin"),
        ),
        (
            "field",
            r"\b(?:voltage|kilovolts?|field strength|electric field|volts?|potential)\b",
            _unit("V/cm|kV/cm|kV|V|mV|kV/m"),
        ),
        (
            "energy",
            r"\b(?:energy|energies|threshold|momentum|momenta|mev|gev|kev)\b",
            _unit("eV|keV|MeV|GeV|TeV|PeV|MeV/c|GeV/c|MeV/cm|GeV2|mK"),
        ),
        (
            "share",
            r"\b(?:percentage|percent|fraction|share|efficiency|purity|accuracy|resolution"
            r"|probability|branching|how (?:often|likely|accurate|precise|well|good|pure))\b",
            rf"{_N}\s?%|\b0\.\d|(?i:\bpercent|\b(?:half|third|quarter|most|all) of\b)",
        ),
        (
            "number",
            r"\bhow (?:many|much|strong|old|loud|noisy)\b|\b(?:number of|value of|numerical|formula"
            r"|equation|count|rate)\b",
            rf"{_N}|=",
        ),
    ]
]


STRICT = frozenset({"price", "contact", "company", "licence", "colour", "date", "person"})
"""Kinds that a text on the matter lacks as a rule; quantities it may give in words."""


@lru_cache(maxsize=512)
def answer_type(question: str) -> tuple[str, re.Pattern[str]] | None:
    """Return the kind of answer that a question wants and what such answers match, if it shows."""
    for kind, asked, answered in _TYPES:
        if asked.search(question):
            return kind, answered
    return None
