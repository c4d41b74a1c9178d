"""Words of a text as index terms: symbols and synonyms of the field brought to one form.

A physicist writes X0, ``X_0`` or radiation length, ν_e, nue or electron neutrino, and means one
thing. Symbols are spelt out, words are stemmed, and each concept of ``_CONCEPTS`` adds a term of
its own, whichever of its names was used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from knowledge.patterns import Pattern

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "delta", "ε": "epsilon",
    "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "Λ": "lambda", "μ": "mu", "ν": "nu",
    "π": "pi", "ρ": "rho", "σ": "sigma", "Σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi",
    "ω": "omega", "Ω": "ohm",
}  # fmt: skip

# Spelling -> the words meant; the symbol itself stays beside them. Order matters: longer first.
_SYMBOLS: list[tuple[Pattern, str]] = [
    (Pattern(pattern), words)
    for pattern, words in [
        (r"\banti ?nu ?_?e\b|\bnuebar\b", "electron antineutrino nue"),
        (r"\banti ?nu ?_?mu\b|\bnumubar\b", "muon antineutrino numu"),
        (r"\bnu ?_?e(?:'?s)?\b|\bnues\b", "electron neutrino nue"),
        (r"\bnu ?_?mu\b|\bnumus\b", "muon neutrino numu"),
        (r"\bnu ?_?tau\b|\bnutaus?\b", "tau neutrino nutau"),
        (r"\bx0\b|\bx_0\b|\bx 0\b", "radiation length x0"),
        (r"\bdelta ?m ?\^?2? ?_?(21|31|32|41)\b", r"mass splitting delta m2 \1"),
        (r"\bdelta ?m ?\^?2\b", "mass splitting delta m2"),
        (r"\blambda ?_?(?:int|i)\b", "interaction length"),
        (r"\bsigma ?_?e? ?/ ?e\b", "energy resolution"),
        (r"\bv_d(?:rift)?\b|\bv drift\b", "drift velocity"),
        (r"\br_m\b", "moliere radius"),
        (r"\bm_a\b", "axial mass"),
        (r"\bd_l\b", "longitudinal diffusion"),
        (r"\bd_t\b", "transverse diffusion"),
        (r"\brho\b", "density"),
        (r"\bs/ ?n\b|\bs / ?n\b|\bsnr\b", "signal to noise ratio"),
        (r"\bhv\b", "high voltage"),
        (r"\bsce\b", "space charge"),
        (r"\bcrts?\b", "cosmic ray tagger"),
        (r"\bapas?\b", "anode plane assembly apa"),
        (r"\bcpas?\b", "cathode plane assembly cpa"),
        (r"\bdis\b", "deep inelastic scattering dis"),
        (r"\bcoh\b", "coherent coh"),
        (r"\bmec\b", "meson exchange currents mec"),
        (r"\bfhc\b", "forward horn current fhc"),
        (r"\brhc\b", "reverse horn current rhc"),
        (r"\blee\b", "low energy excess"),
        (r"\bmpv\b", "most probable value"),
        (r"\brois?\b", "regions of interest"),
        (r"\bood\b", "out of distribution ood"),
        (r"\bk\+|\bk \+|\bk ?plus\b", "charged kaon "),
        (r"\bpi ?(?:\+/-|\+-|[+±]|plus\b|minus\b)", "charged pion "),
        (r"\bmu ?(?:\+/-|\+-|[+±]|plus\b)", "muon "),
        (r"\be\+ ?e\b", "electron positron pair "),
        (r"\bmuons? boone\b|\bmu boone\b|\bu boone\b", "microboone"),
        (r"\bmuons?boone\b|\bmuboone\b|\buboone\b", "microboone"),
        (r"\be_c\b", "critical energy"),
        (r"\bbrems?\b", "bremsstrahlung"),
        (r"\bgammas?\b", "photon gamma"),
        (r"\bo2\b", "oxygen"),
        (r"\bh2o\b", "water"),
        (r"\bn2\b", "nitrogen"),
        (r"\bsurf\b", "sanford underground research facility"),
        (r"\bsbn\b", "short baseline sbn"),
        (r"\bbnb\b", "booster neutrino beam"),
        (r"\bt600\b", "icarus t600"),
        (r"\bpdfs\b", "pdf files"),
        (r"\bpermittivity\b", "dielectric constant"),
        (r"\bpot\b", "protons on target"),
        (r"\bdof\b", "degrees of freedom"),
        (r"\broc\b", "receiver operating characteristic roc"),
        (r"\bml\b", "machine learning"),
        (r"\bhd\b", "horizontal drift hd"),
        (r"\bvd\b", "vertical drift vd"),
        (r"\bcrystalli[sz]es?\b", "freezes"),
        (r"\bpi ?_?0s?\b|\bpizeros?\b", "neutral pion pi0"),
        (r"\bde/ ?d ?x\b|\bde / ?d ?x\b|\bd e ?/ ?d ?x\b|\bdedx\b", "energy loss dedx"),
        (r"\bdq/ ?d ?x\b|\bdq / ?d ?x\b|\bd q ?/ ?d ?x\b|\bdqdx\b", "charge per length dqdx"),
        (r"\be/ ?gamma\b|\be / ?gamma\b", "electron photon separation"),
        (r"\blartpcs?\b|\blar ?tpcs?\b", "liquid argon time projection chamber lartpc"),
        (r"\btpcs?\b", "time projection chamber tpc"),
        (r"\blar\b", "liquid argon lar"),
        (r"\bdelta ?cp\b|\bdelta_cp\b", "cp phase deltacp"),
        (r"\bmips?\b", "minimum ionising particle mip"),
        (r"\bfsi\b", "final state interactions fsi"),
        (r"\bccqe\b|\bqe\b", "quasielastic qe"),
        (r"\b2p ?2h\b", "two particle two hole meson exchange 2p2h"),
        (r"\bcc\b", "charged current cc"),
        (r"\bnc\b", "neutral current nc"),
        (r"\bcnns?\b", "convolutional neural network cnn"),
        (r"\bcvns?\b", "convolutional visual network cvn"),
        (r"\bvits?\b", "vision transformer vit"),
        (r"\bvlms?\b", "vision language model vlm"),
        (r"\bgnns?\b", "graph neural network gnn"),
        (r"\bpmts?\b", "photomultiplier pmt"),
        (r"\bece\b", "expected calibration error ece"),
        (r"\benc\b", "equivalent noise charge enc"),
        (r"\bmcs\b", "multiple coulomb scattering mcs"),
        (r"\bpid\b", "particle identification pid"),
        (r"\blbnf\b", "long baseline neutrino facility lbnf"),
        (r"\bpmns\b", "neutrino mixing matrix pmns"),
        (r"\bvuv\b", "vacuum ultraviolet vuv"),
        (r"\bfwhm\b", "full width at half maximum fwhm"),
        (r"\bsipms?\b", "silicon photomultiplier sipm"),
        (r"\bwls\b", "wavelength shifter wls"),
        (r"\bdaq\b", "data acquisition daq"),
        (r"\badcs?\b", "digitiser adc"),
        (r"\bm\.?w\.?e\b", "metres water equivalent mwe"),
        (r"\bsne?\b", "supernova sn"),
        (r"\bfd\b", "far detector fd"),
        (r"\bnd\b", "near detector nd"),
        (r"\bk_?f\b", "fermi momentum kf"),
        (r"\bp_?t\b", "transverse momentum pt"),
        (r"\bcms\b", "centre of mass cms"),
    ]
]  # fmt: skip

# Names of one thing, as they stand after `normalised`: each found adds the first as a term.
_CONCEPTS: list[tuple[str, Pattern]] = [
    (f"={names[0]}", Pattern("|".join(rf"\b{name}" for name in names)))
    for names in [
        ["radiation length", "radiative length", "x0"],
        ["moliere", "molière"],
        ["drift velocity", "drift speed", "(?:how fast|speed of) [a-z ]{0,20}drift"],
        ["electron lifetime", "drift lifetime", "charge lifetime", "attachment"],
        ["neutral pion", "pi0", "pi zero", "pi naught"],
        ["electron neutrino", "nue"],
        ["muon neutrino", "numu"],
        ["tau neutrino", "nutau"],
        ["neutral current", "nc"],
        ["charged current", "cc"],
        ["dedx", "stopping power", "energy loss", "ionisation loss", "ionization loss", "bethe"],
        ["photon", "gamma"],
        ["quasielastic", "quasi elastic", "qe"],
        ["final state interaction", "fsi", "intranuclear", "reinteract"],
        ["2p2h", "two particle two hole", "meson exchange", "mec", "multinucleon", "multi nucleon"],
        ["deep inelastic", "dis"],
        ["resonan", "delta 1232", "single pion production"],
        ["michel"],
        ["delta ray", "knock on electron", "knock on"],
        ["minimum ioni[sz]ing", "mip"],
        ["boiling point", "boils", "boiling temperature"],
        ["freezing", "melting", "triple point"],
        ["density", "g cm3", "dense", "heavy", "heavier", "weigh"],
        ["wavelength", "colour of [a-z ]{0,20}light", "vuv", "128 nm"],
        ["space charge", "positive ions", "ion build"],
        ["recombin", "birks", "box model", "quench"],
        ["calibration error", "ece", "reliability diagram"],
        ["temperature scaling"],
        ["grad cam", "saliency", "heat map", "heatmap", "class activation"],
        ["confidence interval", "clopper", "wilson", "error bar"],
        ["efficien", "recall"],
        ["purity", "precision"],
        ["unfold", "response matrix", "corrected count"],
        ["low rank", "lora", "qlora", "adapter"],
        ["quantis", "quantiz", "nf4", "4 bit", "four bit"],
        ["baseline", "distance [a-z ]{0,30}(?:source|beam|detector)"],
        ["fiducial", "active mass", "active volume"],
        ["multiple scattering", "coulomb scattering", "mcs", "highland"],
        ["conversion (?:gap|length|distance)", "vertex gap", "gap"],
        ["collection"],
        ["shower", "cascade"],
        ["lateral", "transverse", "sideways", "broad", "width"],
        ["pair production", "electron positron pair", "pair creation", "pair conversion"],
        ["thick", "diameter"],
        ["suffocat", "asphyxia", "oxygen deficien", "displaces oxygen", "lack of oxygen"],
        ["microboone"],
        ["lifetime", "half life", "how long [a-z ]{0,20}lives?", "decays? after"],
        ["readout window", "time window", "drift time", "how long [a-z ]{0,30}(?:drift|travers)"],
        ["dominat", "rules?", "prevail", "most common", "main"],
        ["contamina", "impurit", "pollut"],
        ["expensive", "costs?", "afford", "cheap", "price"],
        ["induction"],
        ["wire spacing", "wire pitch", "pitch", "spacing", "apart"],
        ["anode plane assembl", "apa"],
        ["charge readout plane", "crp"],
        ["scintillat", "light yield"],
        ["mass ordering", "mass hierarchy"],
        ["cp violat", "deltacp", "cp phase"],
        ["cosmic ray", "cosmic muon", "cosmics", "from the sky"],
        ["supernova", "stellar collapse", "star [a-z ]{0,20}explod", "explod[a-z]* star"],
        ["cathode", "high voltage", "potential"],
        ["overburden", "concrete", "shielding"],
        ["superluminal", "faster than light"],
        ["absorbed", "absorption", "swallow"],
        ["wavelength shift", "tpb", "tetraphenyl"],
        ["knocked out", "knock out", "ejected", "kicked out"],
        ["misclassif", "confusion", "mistaken for", "fakes?", "mimic", "passes? for"],
        ["prompt light", "fast light", "singlet"],
        ["late light", "slow light", "triplet"],
        ["overconfiden", "too (?:sure|certain|confident)"],
        ["neural network", "deep net", "network", "deep learning"],
        ["unlike", "unfamiliar", "out of distribution", "unusual", "outlier"],
        ["dead channel", "dead wire", "broken wire", "failed channel", "missing channel"],
        ["exception", "error class", "nulenserror"],
        ["offline", "without any network", "internet"],
        ["mixing angle", "theta13", "theta23", "theta12", "theta 13", "theta 23"],
        ["equivalent noise charge", "enc", "electrons of noise", "noise level"],
    ]
]  # fmt: skip

_UNITS: list[tuple[Pattern, str]] = [
    (Pattern(r"\bkilovolts?\b"), "kv"),
    (Pattern(r"\bvolts?\b"), "v"),
    (Pattern(r"\bcentimet(?:er|re)s?\b"), "cm"),
    (Pattern(r"\bmillimet(?:er|re)s?\b"), "mm"),
    (Pattern(r"\bkilomet(?:er|re)s?\b"), "km"),
    (Pattern(r"\bnanomet(?:er|re)s?\b"), "nm"),
    (Pattern(r"\bmicroseconds?\b|\bmus\b"), "us"),
    (Pattern(r"\bmilliseconds?\b"), "ms"),
    (Pattern(r"\bnanoseconds?\b"), "ns"),
    (Pattern(r"\bkelvins?\b"), "k"),
    (Pattern(r"\bmega ?electron ?volts?\b"), "mev"),
    (Pattern(r"\bgiga ?electron ?volts?\b"), "gev"),
    (Pattern(r"\bkilotonn?e?s?\b|\bkilotons?\b"), "kt"),
    (Pattern(r"\bper ?cent\b|%"), " percent"),
]

_BRITISH = [
    (re.compile(r"(\w{3}[iy])z(?=(?:e[drs]?|ers|ing|ations?)\b)"), r"\1s", "z"),
    (re.compile(r"\b(behavi|col|fav|flav|neighb|vap)or"), r"\1our", "or"),
    (re.compile(r"\b(cent|fib)er(s?)\b"), r"\1re\2", "er"),
]

_STOPWORDS = """
a about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has
have having he her here hers him his how i if in into is it its itself just let me more most
much my no nor not now of off on once one only or other our out over own please same she should
so some such tell than that the their them then there these they this those through to too
under until up us very was we were what when where which while who whom whose why will with
would you your explain describe say give many typical typically usually actually really get got
kind sort thing things mean means called use used using happen happens make makes made need
needs want know
"""
STOPWORDS = frozenset(_STOPWORDS.split())

_WORD = re.compile(r"[a-z]+\d*[a-z]*|\d+(?:\.\d+)?[a-z]*")


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from snowballstemmer import stemmer

    return stemmer("english")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the stem of a word (Snowball English); a word with digits stays as it is."""
    return str(_stemmer().stemWord(word)) if word.isalpha() and len(word) > 3 else word


def normalised(text: str) -> str:
    """Return a text in lower case, symbols of the field spelt out, British and American alike."""
    # LaTeX and sub- or superscripts first; then Greek letters become words.
    text = text.replace("\\", "").replace("$", "").replace("{", "").replace("}", "")
    text = unicodedata.normalize("NFKD", text)
    if not text.isascii():
        text = "".join(_GREEK.get(c, c) for c in text if not unicodedata.combining(c))
    text = text.lower()
    text = re.sub(r"[‐‑‒–—−_-]+", lambda m: "_" if m.group() == "_" else " ", text)
    for pattern, words in _SYMBOLS:
        text = pattern.replaced_in(text, words)
    for pattern, unit in _UNITS:
        text = pattern.replaced_in(text, unit)
    for american, british, needed in _BRITISH:
        if needed in text:
            text = american.sub(british, text)
    return text.replace("_", " ")


def terms(text: str) -> list[str]:
    """Return the index terms of a text: stems without stop words, then its concepts."""
    text = normalised(text)
    found = [stem(word) for word in _WORD.findall(text) if word not in STOPWORDS]
    found += [name for name, pattern in _CONCEPTS if pattern.found_in(text)]
    return [term for term in found if len(term) > 1 or term.isdigit()]


def stems(text: str) -> list[str]:
    """Return the stems of a text that was normalised, stop words too."""
    return [stem(word) for word in _WORD.findall(text)]
