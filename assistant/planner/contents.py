"""What is in the final state as cuts: particles with and without, showers, interaction modes."""

from __future__ import annotations

import re

from assistant.planner.cuts import Cuts
from assistant.planner.lexicon import MODES
from assistant.planner.scan import BLANK, Scan

_NOT = (
    r"\b(?:not|apart from|except for|leaving out|bar|non|no|except|excluding|exclude|without"
    r"|other than|but not|besides|minus)[ -]"
)
_AFTER_NOT = (
    r"\s*(?:ones? |events? |cc )*(?:(?:(?:are|is|were|being|be|shall be|should be|to be) )?(?:left"
    r" out|excluded|removed|dropped|aside|omitted|discarded|taken out))\b"
)


def is_excluded(text: str, start: int, end: int) -> bool:
    """Say whether the words between two positions name what is left out."""
    before = re.search(
        _NOT + r"(?:really |actually |truly |any |the |true |for |an? |as |(?:call|labell?|classifi"
        r"|identifi|tagg|recogni[sz]|predict|select|flagg)ed )*$",
        text[:start],
    )
    but = re.search(r"\b(?:all|every\w*)\b[^,;]*\bbut (?:the |for |for the )?$", text[:start])
    return before is not None or but is not None or re.match(_AFTER_NOT, text[end:]) is not None


_CONTENTS = {
    "protons": r"protons?",
    "charged_pions": r"charged[ -]pions?|pi\+/?-|pi\+-",
    "neutral_pions": r"neutral[ -]pions?|pi-?0s?|pi[ -]?zeros?",
    "neutrons": r"neutrons?",
    "n_prongs": r"prongs?",
    "n_showers": r"(?:separate )?(?:n_)?showers?",
    "n_tracks": r"(?:n_)?tracks?",
}
_TRACK = r"(?:(?:longest|muon) )?(?:muons?|tracks?|leptons?)"
_HAVING = (
    r"(?<!number of )\b(?:(?:with|having|has|have|whose|where|in which) )?(?:(?:an?|the|their) )?"
)
_THAT = r"(?:(?:that|which|is|are|was|does|do|did|has|have|fully|completely|clearly) )*"
_LEAVING = (
    r"(?:not (?:fully )?(?:contained|stopp?\w*|stay\w*)|uncontained|exit(?:s|ing|ed)?|escap(?:es?"
    r"|ing|ed)|leav(?:es?|ing)|left|cross(?:es|ing)? the (?:edge|border)|runs? out|goes out)"
)
_STAYING = r"(?:(?:fully )?contained|stopp?(?:s|ed|ing)?|stay(?:s|ing)?|ends?|ending)"
_IMAGE = (
    r"\b(?: (?:of |inside |within |in )*(?:the |all )?(?:image|picture|detector"
    r"|volume|tpc|view|frame)s?)?"
)

_OF_MUONS = rf"\b(?:numu(?: cc)?|events?|interactions?|ones)(?: events?)?[{BLANK} ]+"
_WITHIN = (
    r" (?:of |inside |outside |within |in )*(?:the )?(?:image|picture|detector|volume"
    r"|tpc|frame)s?\b"
)
"""What an event is said to do of which the track is meant: "numu that stop inside the image"."""


def read_contents(scan: Scan, cuts: Cuts) -> None:
    """Take out of the scan what the events shall contain: with, without, exactly two."""
    _read_particles(scan, cuts)
    _read_modes(scan, cuts)


_HADRONS = ("protons", "neutrons", "charged_pions", "neutral_pions")
_NOTHING_ELSE = (
    r"\b(?:and |but |with )*(?:nothing else|no(?:thing)? other(?: (?:final[ -]state"
    r" )?(?P<pions>pions?"
    r"|mesons?)| (?:final[ -]state )?(?:particles?|hadrons?)|s)?)\b"
    r"|\b(?:(?:with|having|have|has|contain\w*) )?(?:no|without|without any|zero|any)(?: visible)? "
    r"hadrons?\b(?: at all)?"
)
_SHOWS = (
    r"\b(?:with|having|have|has|contain(?:s|ing)?|includ(?:es?|ing)|requir(?:e|es|ed|ing)|demand\w*"
    r"|insist\w* on|featur(?:es?|ing)|(?<!^)shows?(?= an? | any | some )|(?:and|plus)(?= (?:an?"
    r"|some|1)"
    r" ))"
)


def _read_particles(scan: Scan, cuts: Cuts) -> None:
    if scan.take(
        r"\b(?:without|no|zero|0|lacking)(?: any| final[ -]state)* (?:pions?|pis?)\b(?! ?[-+0])"
        rf"|(?<![\w-] )\bpions?\b(?={_AFTER_NOT})"
    ):
        cuts.filters += ["charged_pions == 0", "neutral_pions == 0"]
    elif scan.take(r"\b(?:with|having|have|contain(?:s|ing)?)(?: any| some)? (?:pions?|pis)\b"):
        cuts.filters.append("(charged_pions > 0 or neutral_pions > 0)")
    if scan.take(r"\b(?:without|no|with no|lacking)(?: any| a| visible)* showers?\b"):
        cuts.filters.append("has_shower == false")
    elif scan.take(
        rf"{_SHOWS}(?: an?| any| some| visible| clear| electromagnetic| em| least| 1| at)*"
        rf" showers?\b"
        r"(?! (?:score|like|energ))|\bshower events\b|\bhas_shower\b"
    ):
        cuts.filters.append("has_shower == true")
    if scan.take(rf"{_HAVING}(?:{_LEAVING} {_TRACK}\b|{_TRACK} {_THAT}{_LEAVING}{_IMAGE})"):
        cuts.filters.append("track_contained == false")
    elif scan.take(rf"{_HAVING}(?:{_STAYING} {_TRACK}\b|{_TRACK} {_THAT}{_STAYING}{_IMAGE})"):
        cuts.filters.append("track_contained == true")
    elif scan.take(rf"{_OF_MUONS}((?:that|which|whose|are|is) {_THAT}{_LEAVING}{_WITHIN})", 1):
        cuts.filters.append("track_contained == false")
    elif scan.take(rf"{_OF_MUONS}((?:that|which|whose|are|is) {_THAT}{_STAYING}{_WITHIN})", 1):
        cuts.filters.append("track_contained == true")
    elif any(f.startswith("longest_track") for f in cuts.filters):
        # "With a contained track above 1 m".
        for words, inside in ((_LEAVING, "false"), (_STAYING, "true")):
            if scan.take(rf"\b({words}) (?:muon )?(?={BLANK})", 1):
                cuts.filters.append(f"track_contained == {inside}")
        # "Whose longest track is over 1 m and stays inside".
        if scan.take(rf"\b(?:and|but) {_THAT}{_LEAVING}{_IMAGE}"):
            cuts.filters.append("track_contained == false")
        elif scan.take(rf"\b(?:and|but) {_THAT}{_STAYING}{_IMAGE}"):
            cuts.filters.append("track_contained == true")
    for column, words in _CONTENTS.items():
        if scan.take(
            r"\b(?:without|no|zero|0|with no|lacking|free of)(?: any| a| "
            rf"visible| final[ -]state)* (?:{words})\b"
        ):
            cuts.filters.append(f"{column} == 0")
        elif found := scan.take(
            r"(?:^|(?:,|\b(?:with|having|have|has|containing|contain|of|contains"
            r"|exactly|produc(?:ing|ed?)|and|are)) )(?:exactly |just |only "
            rf")*(\d+) (?:visible |final[ -]state )?(?:{words})\b"
        ):
            cuts.filters.append(f"{column} == {found[1]}")
        elif found := scan.take(rf"\b(?:single|1)[ -](?:{words})\b"):
            cuts.filters.append(f"{column} == 1")
        elif scan.take(
            r"\b(?:with|having|have|has|containing|contains?|includ(?:es?|ing)|produc(?:ing|ed?"
            r"|es?))(?: a| an| any| some| at least (?:one|1)| (?:one|1) or more| the| visible|"
            rf" final[ -]state)* (?:{words})(?![\w])"
        ):
            cuts.filters.append(f"{column} > 0")
    if found := scan.take(_NOTHING_ELSE):
        said = " ".join(cuts.filters)
        others = [c for c in (_HADRONS[2:] if found["pions"] else _HADRONS) if c not in said]
        cuts.filters += [f"{column} == 0" for column in others]
    if not re.match(_ASKS_WHAT, scan.text) and (
        flavour := scan.take(
            r"\b(?:(electron|muon|tau)[ic]* )?anti-?neutrinos?\b(?! events? (?:energy|mean))"
            r"|\banti(?:nu)?(nue|numu|nutau|e|mu|tau)s?\b(?! ?like)"
        )
    ):
        codes = {"e": "== -12", "m": "== -14", "t": "== -16", None: "< 0"}
        said = flavour[1] or (flavour[2] or "").removeprefix("nu")
        cuts.filters.append(f"nu_pdg {codes[said[0] if said else None]}")


_ASKS_WHAT = (
    r"(?!.*\b(?:is|was|does|do) (?:it|that|this|they) (?:\w+ )?(?:for|in|on|with|of|among)\b)(?:and"
    r" |so |but )?(?:(?:the )?differences? between|what (?:is|are|does|do)|how (?:do|does|is|are"
    r"|can|would)|why|explain|describe|tell me about|define (?:the )?(?:terms?"
    r" )?\w+$)\b(?!.*\b(?:events?|sample|accuracy|purity|efficiency|mean|average|number|share"
    r"|fraction|data|rms|spread|deviation|median|minimum|maximum|energ(?:y|ies)|spectrum"
    r"|distribution|count|confusion|verdict|label|cnn|vit|vlm)\b)"
)


def _read_modes(scan: Scan, cuts: Cuts) -> None:
    """Interaction modes as cuts, unless the question is what such a mode is."""
    if re.match(_ASKS_WHAT, scan.text):
        return
    taken: list[str] = []
    for mode, words in MODES.items():
        found = scan.take(rf"(?<![\w])(?:{words})(?![\w])")
        if found and is_excluded(scan.text, *found.span()):
            cuts.filters.append(f"mode != {mode}")
        elif found:
            taken.append(mode)
    if len(taken) == 1:
        cuts.filters.append(f"mode == {taken[0]}")
    elif taken:
        cuts.filters.append(f"mode in [{', '.join(taken)}]")
