"""Names of materials and particles: what holds for one of them does not hold for another.

A passage on the radiation length of argon is near to a question on that of tungsten, and does not
answer it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.terms import terms

# Words with another use in the field, such as lead, tin or top, are left out.
_ELEMENTS = """
hydrogen deuterium tritium helium lithium beryllium boron carbon nitrogen oxygen fluorine neon
sodium magnesium aluminium aluminum silicon phosphorus sulphur sulfur chlorine argon potassium
calcium scandium titanium vanadium chromium manganese iron cobalt nickel copper zinc gallium
germanium arsenic selenium bromine krypton rubidium strontium yttrium zirconium niobium molybdenum
technetium ruthenium rhodium palladium silver cadmium indium antimony tellurium iodine xenon
caesium cesium barium lanthanum cerium neodymium samarium europium gadolinium terbium dysprosium
holmium erbium thulium ytterbium lutetium hafnium tantalum tungsten rhenium osmium iridium platinum
gold mercury thallium bismuth polonium radon radium actinium thorium protactinium uranium neptunium
plutonium americium curium californium
"""
_MATERIALS = """
water ice air steel concrete glass sapphire quartz diamond graphite aerogel plastic nylon teflon
kapton ethanol methane isobutane ammonia freon emulsion scintillator tungstate
wood paper rock salt oil
"""
_PARTICLES = """
electron positron muon tau photon proton neutron neutrino antineutrino pion kaon lambda sigma xi
omega eta rho phi deuteron triton alpha delta higgs gluon graviton axion wimp monopole leptoquark
gluino squark neutralino charm bottom beauty quark upsilon pentaquark tetraquark glueball antiproton
sphaleron instanton hyperon
"""


@lru_cache(maxsize=1)
def matter_terms() -> frozenset[str]:
    """Return the index terms of materials and particles."""
    return frozenset(
        term
        for word in f"{_ELEMENTS} {_MATERIALS} {_PARTICLES}".split()
        for term in terms(word)
        if not term.startswith("=")
    )


# As the object of a preposition words with another use in the field are materials, too.
_OBJECT = re.compile(
    r"\b(?:of|in|into|through|for|inside|on|from|with|by)\s+(?:\w+\s+){0,2}?("
    + "|".join(sorted({*_ELEMENTS.split(), *_MATERIALS.split(), "lead", "tin"} - {"argon"}))
    + r")\b",
    re.I,
)


@lru_cache(maxsize=512)
def object_terms(question: str) -> frozenset[str]:
    """Return the index terms of the materials that a question is about: that of lead, in water."""
    return frozenset(
        term for word in _OBJECT.findall(question) for term in terms(word) if term[0] != "="
    )
