"""What a clause is about: the opened events, the world outside, or what no event records."""

from __future__ import annotations

import re

from assistant.planner.filters import RIGHT, WRONG
from assistant.planner.fragments import left_over
from assistant.planner.lexicon import DIFFER, FILLER_WORDS, PREDICTED_WORDS, TRUE_WORDS
from assistant.planner.scan import BLANK
from assistant.planner.slots import Slots

_ELSEWHERE = (
    r"micro-?boone|u-?boone|icarus|sbnd|sbn program\w*|nova\b|minerva|minos|t2k|super-?k\w*"
    r"|hyper-?k\w*|kamiokande|proto-?dune\w*|argoneut|lariat|argontube|argoncube|nd-?lar|2x2"
    r"|borexino|juno|icecube|ice cube|lhc|atlas|cms\b|cern\b|fermilab|numi|\bbnb\b|lbnf|pip-?ii"
    r"|j-?parc|et al|sagar|papers?|literature|publi(?:shed|cations?)|textbooks?|the pdg|references?"
    r" (?:on|for|about)|definitions? of|in general|in principle|concept\w*|theor(?:y|etical\w*)"
    r"|arxiv|(?:was|were|been) (?:\w+ )?trained|training (?:data|set|sample|procedure)s?|review"
    r" articles?|model cards?|the card|manual|documentation"
)
"""Other experiments and the literature: never a property of the opened events."""
_MATTER = (
    r"(?:tau|lepton|charm|muon) production|off (?:an? |the )?(?:free |bound )?(?:nucle\w+|proton"
    r"|neutron)s?\b|detection thresholds?|range-based|liquid|argon|\blar\b"
    r"|lartpcs?|\btpcs?\b|xenon|krypton"
    r"|drift\w*|recombin\w*|scintillat\w*|radiation length|moli[eè]re|ioni[sz]\w*|diffus\w*"
    r"|electron lifetime|purif\w*|impurit\w* (?:level|concentration)|wires?\b(?! plane)|anodes?"
    r"|cathodes?|field cages?|electric field|high voltage|space charge|photo(?:n|-)? ?detect\w*"
    r"|light (?:collection|detection|traps?|yield|readout|guides?)|sipms?|arapucas?|pmts?|cryo\w*"
    r"|cold electronics|\bapas?\b|\bcrps?\b|readouts?(?! (?:planes?|views?))|single-?phase"
    r"|dual-?phase|far detector|near"
    r" detector|baseline|beam ?lines?|beams?\b|oscillat\w*|mixing|pmns|cp[ -]violation|mass"
    r" (?:ordering|hierarchy)|matter effects?|cross[ -]?sections?|form factors?|genie|geant4?|fermi"
    r" (?:gas|motion)|spectral function|bethe|stopping power|mips?\b|bragg|birks|box model|pair"
    r" production|compton|bremsstrahlung|delta rays?|michel|critical energy|multiple scattering"
    r"|supernova\w*|solar neutrinos?|atmospheric|sterile|majorana|double beta|proton decay|nucleon"
    r" decay|neutrino interactions?\b(?! events?)|neutrino interaction modes?|final[ -]state"
    r" interactions?|\bfsi\b|nuclear effects|weak (?:interaction|force)|helicity|w bosons?|z"
    r" bosons?|neutrino mass\w*|detector physics|reconstruction|pandora|wire-?cell|space points?"
    r"|deconvol\w*|signal processing|noise|calorimet\w*|fiducial|trigger\w*|pile-?up|appearance"
    r"|disappearance|transformers? (?:work|architecture|block)|self-?attention|attention mechanism"
    r"|convolution works?|lora\b|qlora|quanti[sz]ation|siamese (?:network|architecture|cnn) work\w*"
    r"|temperature scaling|clopper|wilson interval|bootstrap|kinematic\w*|at rest|(?:normal"
    r"|gaussian|poisson) approximation\w*|binomial\w*|frequentist|bayes\w*|mcnemar(?:'s)? test"
    r"|neural networks? work\w*|pre-?train\w*|back-?propagation|overfitting|dropout|softmax"
    r"|cross-?entropy|squeeze-and-excitation"
)
"""Matter, detectors, processes and methods, as the documents treat them."""
_GENERAL = (
    r"^(?:and |so |but |ok,? |hey,? |please |can you |could you )*(?:what(?: is| are| does| do"
    r"| causes?| makes?| determines?| sets?| limits?| distinguishes| kinds? of)?|how|why|when|where"
    r"|which|who|define|explain|tell me|describe|do|does|is|are|can|compare|classify|name|list"
    r"|typical|average|mean|number of|find (?:me )?(?:a |the )?|show me what|difference|value of"
    r"|size of|length of)\b"
)
_SPOILERS = (
    r"^(?:and |so )?what (?:(?:else )?(?:can|could|may|might)|(?:kinds?|types?|sorts?) of (?:\w+ )?"
    r"(?:events?|interactions?|process(?:es)?|particles?|backgrounds?)) (?:\w+ )?"
    r"(?:fakes?|mimics?|imitates?|looks? like|resembles?) (?!event)"
)
"""What is taken for something else in general: "what kinds of event fake a nue?"."""
_OF_OURS = (
    r"\b(?:this|these|those|the|my|our|your|opened|loaded) (?:\w+ ){0,2}(?:data ?sets?|data|file"
    r"|sample|selections?|events|subset|set|run)\b|\bevents? (?:number )?#?\d|\bin here\b|\bhere\b"
    r"|\b(?:true|predicted|selected|misclassified|candidate) (?:\w+ ){0,2}events?\b|@\w+"
    r"|\bhow many (?:\w+ ){0,4}events?\b(?! per\b| a year| each| will| would)"
)
_GENERIC = r"(?:and |so |but )*(?:is|are|does|do|can|could|would) (?:an? |\d)(?!.*\bevents?\b)"
"""Begins a question about things of a kind: "is a 3 cm gap consistent with a photon?"."""

_NEVER = (
    r"protons on target|photo-?electrons?|pmts?|delta_?cp|mass (?:ordering|hierarchy)|q ?\^? ?2\b"
    r"|(?:hadronic )?invariant mass|bjorken\w*|inelasticit\w*|sub-?runs?|(?:run|spill) numbers?"
    r"|(?:which|what) (?:run|spill|day|year|time)|time ?stamps?|neutrino source"
    r"|when (?:was|were)(?= .*\b(?:recorded|taken|collected)\b)|vert(?:ex|ices) (?:\w+ ){0,2}[xyz]"
    r"|(?:distance|far)\b.* (?:to|from) the (?:source|beam|target)"
)
"""What no file of images tells, however it is asked for of the opened events: kinematics that need
the true final state, bookkeeping of a run, light, what only a fit of many events gives."""
_DEED = (
    r"(?:and |now |then |please )*(?:plot|draw|histogram|show|list|measure|fit|compute|calculate)\b"
)
"""Begins an order, which is about the opened events unless it says otherwise."""

MISSING = (
    rf"{_NEVER}|[wy](?= (?:[<>=]|above|below|over|under))|(?:(?:muon|electron|lepton|proton|pion"
    r"|track|shower|transverse|initial|final) )?(?:momentum|momenta)|(?:scattering |opening |polar "
    r"|azimuth\w* |emission |zenith )?angles?|angular \w+|directions?|cos(?:ine)? ?theta|\btheta\b"
    r"|(?:reconstructed|calorimetric) (?:neutrino )?energ(?:y|ies)|hadronic (?:energy|mass)|missing"
    r" (?:energy|momentum)|(?:event|arrival|hit|interaction) times?|vertex (?:positions?"
    r"|coordinates?)|spills?|dates?\b|trigger \w+|kaons?|lambdas?|hyperons?|strange (?:particles?"
    r"|baryons?|mesons?)|charm\w*|michel\w*|delta rays?|deuterons?|alphas?\b|nuclear recoils?"
    r"|electron lifetime|temperature|pressure|voltage|hv\b|beam (?:power|intensity|mode)|horn \w+"
    r"|drift (?:time|distance)|light yield|flash(?:es)?|helicity|polari[sz]ation|trigger"
)
"""Quantities and particles that people ask for and no column of the events holds."""


def is_outside(text: str, slots: Slots) -> bool:
    """Say whether a clause asks about physics, a detector or a method, not about the events."""
    if slots.events.numbers or slots.names or slots.it or slots.rest or slots.shift:
        return False
    if re.match(_SPOILERS, text):
        return True
    if re.search(r"\bevents?\b.*\bunlike\b", text):
        return False  # "which events are unlike the training data?"
    if re.search(rf"\b(?:{_ELSEWHERE})\b", text):
        return True
    if slots.them or slots.expression or re.search(_OF_OURS, text):
        return False
    if slots.particle and re.match(_GENERIC, text):
        return True
    if slots.models and not re.search(
        r"\b(?:how do(?:es)?|why|explain)\b.*\bworks?\b|\bdefinition of (?:the |an? )?\w+\W*$", text
    ):
        return False
    return re.search(rf"(?:{_MATTER})", text) is not None and (
        re.match(_GENERAL, text) is not None or not re.search(r"\bevents?\b", text)
    )


def asks_missing(text: str) -> str | None:
    """Return what is asked of certain events by name that they do not record."""
    found = re.search(
        rf"(?<![\w])({MISSING}) (?:(?:\w+ ){{0,4}}?(?:of|in|for|when|during|was|is|were) (?:the )?"
        r"(?:events?|it|this|that|them|those)\b|[^.?!;]{0,80}\b(?:of|in|for|over) (?:all |(?:the"
        r"|our|my|these|those|true|selected) )+(?:\w+ ){0,2}(?:events|sample|data))",
        text,
    )
    return found[1] if found else None


def never_recorded(text: str) -> str | None:
    """Return what a turn about the opened events asks for that no file of images tells.

    What documents say of it is asked without naming events.
    """
    found = re.search(rf"(?<![\w])(?:{_NEVER})(?![\w])", text)
    ours = re.search(_OF_OURS, text) or re.match(_DEED, text)
    return re.sub(r"^(?:which|what) ", "", found[0]) if found and ours else None


def missing_quantity(text: str) -> str | None:
    """Return what is asked of events that they do not record."""
    found = re.search(rf"(?<![\w])(?:{MISSING})(?![\w])", text)
    return found[0] if found else None


_OBJECT = (
    r"\b(?:means?|averages?|medians?|histograms?|distributions?|spectr(?:um|a)|spread|plot"
    r"|standard deviation|maximum|minimum)(?: value| level| number| amount| count)?(?: of)?(?: the"
    r"| all| their| its)* (?!(?:for|in|on|over|when|where"
    r"|among) )(?P<what>[a-z][a-z -]*?)(?= (?:of|for|in|on|per|by|over|with|during"
    r"|across|above|below|versus|vs|at|among|between|when|and|as)\b|[,.?!:]|$)"
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


_CONDITION = (
    rf"(?:\b(?:events?|ones|interactions?|those|them)|{BLANK})\W+(?:with|having|that|which|whose"
    r"|where|have|has|contain(?:ing|s)?|in which|for which|produc(?:ing|ed)|involving|recorded"
    r"|collected) ([^,;?!]*)"
)
_NO_CONDITION = (
    rf"\b(?:{PREDICTED_WORDS}|{TRUE_WORDS}|{DIFFER}|{WRONG}|{RIGHT}|\w+est|\w+ly|most|least"
    r"|answers?|verdicts?|average|nothing|better|worse|wins?|names?|views?|carries|takes|how|what"
    r"|through|somewhere|between|contain\w*|signal|wavers?|p|whatsoever|got|gets?|crack|under"
    r"|covariance|errors?|spread|scatter|std|standard|uncertaint\w+|confusion|list|sure|certain|confident|maximum|although"
    r"|\w+ing|given|table|plot|miss\w*)\b"
)
"""Words behind "with", "that" or "where" that are read as something else than a cut."""


_UNREAD = (
    r"\b(?:with|without|no|and|or|but|if|requir\w*|demand\w*|has|have|having|not|only|plus"
    r"|contain\w*)"
    r" (?:(?:an?|the|any|some|visible|clear|long|short|at least|exactly|more than|\d+) )*"
    r"(?:showers?|muons?|electrons?|positrons?|photons?|gammas?|pions?|hadrons?|mesons?|particles?"
    r"|contained|uncontained|exiting|stopping|leaving|escaping|upstream|downstream|fiducial"
    r"|baryons?)\b"
    r"|(?<![\w.])\d+(?:\.\d+)? ?(?:gev|mev|tev|cm|mm)\b"
    r"|(?<![\w.])\d+(?:\.\d+)? ?(?:%|percent) of (?:the|its|their) (?:\w+ )?" + BLANK
)
"""Conditions on what a file records or an image shows, in words that no cut was read from."""


def unread_condition(text: str, slots: Slots) -> str | None:
    """Return the words behind "with" or "that" that are no cut: "that leave the image"."""
    for found in re.finditer(_CONDITION, slots.left):
        partly = BLANK in found[1].strip(f"{BLANK} ") and (slots.cuts.filters or slots.models)
        if partly or re.search(_NO_CONDITION, found[1]):
            continue
        said = text[found.start(1) : found.end(1)].strip(" .")
        if any(w not in FILLER_WORDS for w in re.findall(r"[a-z]+", found[1])):
            return said
    unread = re.search(_UNREAD, slots.left)
    return text[unread.start() : unread.end()].strip() if unread else None
