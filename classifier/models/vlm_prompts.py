"""What the model is asked: the detector, its views, the question, in three lengths."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.events import Geometry

STYLES = ("full", "reduced", "none")
"""Prompts that the model is trained with, and can be asked with."""

_DETECTORS = {
    "dune-fd-hd": "the DUNE far detector, a liquid-argon time projection chamber read by wires",
    "modular-pixel": "a modular liquid-argon time projection chamber read by pixels",
}

_CLASSES = (
    "NuE CC has an electron: an electromagnetic shower that starts at the vertex with the charge "
    "of one minimum-ionising particle. NuMu CC has a muon: a long straight track without a shower. "
    "NC has neither: hadrons, and perhaps photons whose showers start away from the vertex."
)


@dataclass(frozen=True)
class Prompt:
    """A system text and a question; either may be empty."""

    system: str
    question: str


def detector_text(geometry: Geometry) -> str:
    """Describe the detector and its views in one sentence."""
    detector = _DETECTORS.get(geometry.name, "a liquid-argon time projection chamber")
    names = [view.name for view in geometry.views]
    views = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    pitch = 10 * geometry.views[0].row_pitch_cm
    return f"The images are the {views} views of {detector}; a pixel is {pitch:.1f} mm."


def prompt(style: str, geometry: Geometry, aside: str = "") -> Prompt:
    """Return what the model is asked.

    Parameters
    ----------
    style : str
        One of `STYLES`: detector, views and marks of the classes; the views only; nothing.
    geometry : Geometry
        Gives detector and views.
    aside : str
        What else is known of the events, such as their energy range.
    """
    if style == "none":
        return Prompt("", aside)
    if style == "reduced":
        names = ", ".join(view.name for view in geometry.views)
        return Prompt("", f"{aside} Views: {names}. Which interaction is it?".strip())
    system = f"You classify neutrino interactions. {detector_text(geometry)} {_CLASSES}"
    question = "Is this NuE CC, NuMu CC or NC? Name the class, then say what you see."
    return Prompt(system, f"{aside} {question}".strip())
