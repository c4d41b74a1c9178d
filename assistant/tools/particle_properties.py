"""Properties of particles from the tables of the Particle Data Group."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from assistant.answer import Citation, Table
from assistant.tools.base import Arguments, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.particle_names import PDG_IDS
from nulens.errors import NuLensError


class ParticleProperties(Arguments):
    """Look up mass, lifetime, charge, spin and quark content of a particle in the PDG tables."""

    particle: str = Field(
        min_length=1, max_length=60, description="Name, such as muon, pi0, K+ or proton."
    )


class Properties(Result):
    """Properties; masses in MeV, lifetime in seconds, c·τ in centimetres."""

    name: str
    pdg_id: int
    mass_mev: float | None
    mass_error_mev: float | None
    lifetime_s: float | None
    lifetime_microseconds: float | None
    lifetime_nanoseconds: float | None
    ctau_cm: float | None
    width_mev: float | None
    stable: bool
    charge: float
    spin: float | None
    quarks: str
    antiparticle: str
    source: str


def run(context: ToolContext, arguments: ParticleProperties) -> Outcome:
    """Look the particle up in scikit-hep's `particle`, which carries the PDG tables."""
    import particle
    from particle import Particle

    found = _find(arguments.particle)
    lifetime = _finite(found.lifetime)
    lifetime = None if lifetime is None else lifetime * 1e-9  # the package gives nanoseconds
    # Beam neutrinos, electron and proton: no decay seen, so no lifetime (PDG, summary tables).
    stable = lifetime is None and (
        found.width is None or found.width in (0, -1) or found.width == 0.0
    )
    ctau = _finite(found.ctau)
    result = Properties(
        name=found.name,
        pdg_id=int(found.pdgid),
        mass_mev=_finite(found.mass),
        mass_error_mev=_finite(found.mass_upper),
        lifetime_s=lifetime,
        lifetime_microseconds=None if lifetime is None else lifetime * 1e6,
        lifetime_nanoseconds=None if lifetime is None else lifetime * 1e9,
        ctau_cm=None if ctau is None else ctau / 10,
        width_mev=_finite(found.width),
        stable=stable,
        charge=float(found.charge),
        spin=_finite(found.J),
        quarks=str(found.quarks or ""),
        antiparticle=_anti(found, Particle),
        source=f"PDG tables in scikit-hep particle {particle.__version__}",
    )
    said = _name(arguments.particle, result)
    return Outcome(
        result=result,
        summary=_summary(result, said),
        tables=[Table(f"Properties of the {said}", ["quantity", "value"], _rows(result))],
        citations=[
            Citation(
                "Particle Data Group tables",
                f"{result.name} (PDG ID {result.pdg_id})",
                None,
                _summary(result, said),
            )
        ],
    )


def _find(said: str) -> Any:
    from particle import Particle, ParticleNotFound

    # An unknown EvtGen name is a ValueError.
    missing = (ParticleNotFound, ValueError)
    key = re.sub(r"\s+", " ", said.strip().lower())
    key = re.sub(r"^(?:the|a|an) ", "", key)
    options = [key, key.removesuffix("s"), key.replace("-", " "), key.replace(" ", "")]
    for option in options:
        if option in PDG_IDS:
            return Particle.from_pdgid(PDG_IDS[option])
    for finder in (Particle.from_evtgen_name, Particle.from_name):
        try:
            return finder(said.strip())
        except missing:
            continue
    try:
        return Particle.from_pdgid(int(said))
    except missing:
        raise NuLensError(
            f"There is no particle '{said[:40]}' in the PDG tables.",
            "Name it as in 'muon', 'pi0', 'K+' or by its PDG number.",
        ) from None


def _finite(value: Any) -> float | None:
    if value is None or value != value or value in (float("inf"), -1):
        return None
    return float(value)


def _anti(found: Any, table: Any) -> str:
    return str(found.name) if found.is_self_conjugate else str(found.invert().name)


def _name(said: str, p: Properties) -> str:
    return re.sub(r"(?<=[a-z]{2})s$", "", said.strip()) if len(said.strip()) > 2 else p.name


def _summary(p: Properties, said: str) -> str:
    parts = []
    if p.mass_mev is not None:
        mass = f"{p.mass_mev:.10g} MeV" if p.mass_mev else "0 MeV"
        big = f" ({p.mass_mev / 1000:.4g} GeV)" if p.mass_mev >= 1000 else ""
        parts.append(f"a mass of {mass}{big}")
    if p.lifetime_s is not None:
        flown = "" if p.ctau_cm is None else f", a c·τ of {_length(p.ctau_cm)}"
        parts.append(f"a mean lifetime of {_time(p)}{flown}")
    elif p.stable:
        parts.append("no measured decay")
    text = (
        f"The {said} ({p.name}, PDG ID {p.pdg_id}) has {' and '.join(parts)}"
        if parts
        else f"The {said} is {p.name}, PDG ID {p.pdg_id}"
    )
    text += f"; its charge is {p.charge:+g} e" if p.charge else "; it is neutral"
    if p.spin is not None:
        text += f" and its spin {p.spin:g}"
    text += "."
    if p.quarks and re.search(r"[udscb]", p.quarks.lower()):
        text += f" Quark content: {p.quarks}."
    if p.antiparticle != p.name:
        text += f" Its antiparticle is the {p.antiparticle}."
    else:
        text += " It is its own antiparticle."
    return text


def _time(p: Properties) -> str:
    assert p.lifetime_s is not None
    seconds = f"{p.lifetime_s:.6g} s"
    if p.lifetime_microseconds is not None and 0.1 <= p.lifetime_microseconds < 1e6:
        return f"{p.lifetime_microseconds:.6g} µs ({seconds})"
    if p.lifetime_nanoseconds is not None and 0.1 <= p.lifetime_nanoseconds < 1e3:
        return f"{p.lifetime_nanoseconds:.6g} ns ({seconds})"
    if p.lifetime_s > 0.1:
        return f"{p.lifetime_s:.5g} s"
    return seconds


def _length(centimetres: float) -> str:
    if centimetres >= 100:
        return f"{centimetres / 100:.6g} m"
    return f"{centimetres:.6g} cm"


def _rows(p: Properties) -> list[list[Any]]:
    return [
        ["name", p.name],
        ["PDG ID", p.pdg_id],
        ["mass (MeV)", p.mass_mev],
        ["mean lifetime (s)", p.lifetime_s],
        ["c·τ (cm)", p.ctau_cm],
        ["width (MeV)", p.width_mev],
        ["charge (e)", p.charge],
        ["spin", p.spin],
        ["quarks", p.quarks],
        ["antiparticle", p.antiparticle],
    ]
