"""What a clause is about: the opened events, the world outside, or what no event records."""

from __future__ import annotations

import re

from assistant.planner.fragments import left_over
from assistant.planner.slots import Slots

_ELSEWHERE = (
    r"micro-?boone|u-?boone|icarus|sbnd|sbn program\w*|nova\b|minerva|minos|t2k|super-?k\w*"
    r"|hyper-?k\w*"
    r"|kamiokande|proto-?dune\w*|argoneut|lariat|argontube|argoncube|nd-?lar|2x2|borexino|juno"
    r"|icecube"
    r"|ice cube|lhc|atlas|cms\b|cern\b|fermilab|numi|\bbnb\b|lbnf|pip-?ii|j-?parc|et al|sagar"
    r"|papers?|"
    r"literature|publi(?:shed|cations?)|textbooks?|the pdg|references? (?:on|for|about)|in general"
    r"|in principle|concept\w*"
    r"|theor(?:y|etical\w*)|arxiv|(?:was|were|been) (?:\w+ )?trained|training (?:data|set|sample"
    r"|procedure)s?"
    r"|review articles?|model cards?|the card|manual|documentation"
)
"""Other experiments and the literature: never a property of the opened events."""
_MATTER = (
    r"liquid|argon|\blar\b|lartpcs?|\btpcs?\b|xenon|krypton|drift\w*|recombin\w*|scintillat\w*"
    r"|radiation length"
    r"|moli[eè]re|ioni[sz]\w*|diffus\w*|electron lifetime|purif\w*|impurit\w* (?:level"
    r"|concentration)|wires?\b"
    r"(?! plane)|anodes?|cathodes?|field cages?|electric field|high voltage|space charge|photo(?:n"
    r"|-)? ?detect\w*"
    r"|light (?:collection|detection|traps?|yield|readout|guides?)|sipms?|arapucas?|pmts?|cryo\w*"
    r"|cold electronics"
    r"|\bapas?\b|\bcrps?\b|readouts?|single-?phase|dual-?phase|far detector|near detector|baseline"
    r"|beam ?lines?|beams?\b"
    r"|oscillat\w*|mixing|pmns|cp[ -]violation|mass (?:ordering|hierarchy)|matter effects?"
    r"|cross[ -]?sections?"
    r"|form factors?|genie|geant4?|fermi (?:gas|motion)|spectral function|bethe|stopping power"
    r"|mips?\b|bragg|birks"
    r"|box model|pair production|compton|bremsstrahlung|delta rays?|michel|critical energy"
    r"|multiple scattering"
    r"|supernova\w*|solar neutrinos?|atmospheric|sterile|majorana|double beta|proton decay"
    r"|nucleon decay"
    r"|neutrino interactions?\b(?! events?)|neutrino interaction modes?"
    r"|final[ -]state interactions?"
    r"|\bfsi\b|nuclear effects|weak (?:interaction|force)|helicity"
    r"|w bosons?|z bosons?|neutrino mass\w*|detector physics|reconstruction|pandora|wire-?cell"
    r"|space points?"
    r"|deconvol\w*|signal processing|noise|calorimet\w*|fiducial|trigger\w*|pile-?up|appearance"
    r"|disappearance"
    r"|transformers? (?:work|architecture|block)|self-?attention|attention mechanism"
    r"|convolution works?"
    r"|lora\b|qlora|quanti[sz]ation|siamese (?:network|architecture|cnn) work\w*"
    r"|temperature scaling"
    r"|clopper|wilson interval|bootstrap|mcnemar(?:'s)? test|neural networks? work\w*|pre-?train\w*"
    r"|back-?propagation|overfitting|dropout|softmax|cross-?entropy|squeeze-and-excitation"
)
"""Matter, detectors, processes and methods, as the documents treat them."""
_GENERAL = (
    r"^(?:and |so |but |ok,? |hey,? |please |can you |could you )*(?:what(?: is| are| does| do"
    r"| causes?| makes?"
    r"| determines?| sets?| limits?| distinguishes| kinds? of)?|how|why|when|where|which|who"
    r"|define|explain"
    r"|tell me|describe|do|does|is|are|can|compare|classify|name|list|typical|average|mean"
    r"|number of"
    r"|find (?:me )?(?:a |the )?|show me what|difference|value of|size of|length of)\b"
)
_OF_OURS = (
    r"\b(?:this|these|those|the|my|our|your|opened|loaded) (?:\w+ ){0,2}(?:data ?sets?|data|file"
    r"|sample|selections?"
    r"|events|subset|set)\b|\bevents? (?:number )?#?\d|\bin here\b|\bhere\b|\b(?:true|predicted"
    r"|selected|misclassified"
    r"|candidate) (?:\w+ ){0,2}events?\b|@\w+|\bhow many (?:\w+ ){0,4}events?\b(?! per\b| a year"
    r"| each| will| would)"
)

MISSING = (
    r"(?:(?:muon|electron|lepton|proton|pion|track|shower|transverse|initial|final) )?(?:momentum"
    r"|momenta)"
    r"|(?:scattering |opening |polar |azimuth\w* |emission |zenith )?angles?|directions?|cos"
    r"(?:ine)? ?theta|\btheta\b"
    r"|invariant mass|q ?\^? ?2\b|bjorken\w*|inelasticit\w*|hadronic (?:energy|mass)|missing "
    r"(?:energy|momentum)"
    r"|(?:event|arrival|hit|interaction) times?"
    r"|vertex (?:positions?|coordinates?)|run numbers?|sub-?runs?|spills?|time ?stamps?|dates?\b"
    r"|trigger \w+"
    r"|kaons?|lambdas?|hyperons?|strange (?:particles?|baryons?|mesons?)|charm\w*|michel\w*"
    r"|delta rays?"
    r"|deuterons?|alphas?\b|nuclear recoils?|electron lifetime|temperature|pressure|voltage|beam "
    r"(?:power|intensity)"
    r"|drift (?:time|distance)|light yield|flash(?:es)?|helicity|polari[sz]ation|trigger"
)
"""Quantities and particles that people ask for and no column of the events holds."""


def is_outside(text: str, slots: Slots) -> bool:
    """Say whether a clause asks about physics, a detector or a method, not about the events."""
    if slots.events.numbers or slots.names or slots.it or slots.rest or slots.shift:
        return False
    if re.search(rf"\b(?:{_ELSEWHERE})\b", text):
        return True
    if slots.them or slots.expression or re.search(_OF_OURS, text):
        return False
    if slots.models and not re.search(r"\b(?:how do(?:es)?|why|explain)\b.*\bworks?\b", text):
        return False
    return re.search(rf"(?:{_MATTER})", text) is not None and (
        re.match(_GENERAL, text) is not None or not re.search(r"\bevents?\b", text)
    )


def missing_quantity(text: str) -> str | None:
    """Return what is asked of events that they do not record."""
    found = re.search(rf"(?<![\w])(?:{MISSING})(?![\w])", text)
    return found[0] if found else None


_OBJECT = (
    r"\b(?:means?|averages?|medians?|histograms?|distributions?|spectr(?:um|a)|spread|plot"
    r"|standard deviation|maximum|minimum)(?: value| level| number| amount"
    r"| count)?(?: of)?(?: the| all| their| its)* "
    r"(?P<what>[a-z][a-z -]*?)(?= (?:of|for|in|on|per|by|over|with|during|across|above|below|versus"
    r"|vs|at|among|between|when|and|as)\b|[,.?!:]|$)"
)
_ANY_QUANTITY = frozenset(
    word
    for line in (
        "score scores probability probabilities output outputs posterior posteriors multiplicity",
        "multiplicities quantity distribution histogram spectrum population populations",
    )
    for word in line.split()
)


def unread_quantity(text: str, slots: Slots) -> str | None:
    """Return what a mean or a histogram is asked of, where no column goes by such a name."""
    if slots.columns or not (found := re.search(_OBJECT, text)):
        return None
    unknown = set(left_over(text, slots)) - _ANY_QUANTITY
    words = found["what"].split()
    return found["what"] if words and words[-1] in unknown else None
