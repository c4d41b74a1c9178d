"""Why an event is called what it is called, with the measured topology beside each claim."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from pydantic import BaseModel

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, ModelName, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.figures import as_json
from assistant.tools.saliency import occlusion
from assistant.tools.wording import model_name, number, percent, plain, plural, symbol

_UNITS = {
    "visible_energy": "MeV",
    "longest_track_cm": "cm",
    "second_track_cm": "cm",
    "track_dedx": "MeV/cm",
    "shower_energy": "MeV",
    "vertex_gap_cm": "cm",
    "initial_dedx": "MeV/cm",
    "vertex_activity": "MeV",
}


class ExplainEvent(Arguments):
    """Explain a verdict on one event.

    Gives the model's reasons, each beside the measured topology, and which pixels matter.
    """

    events: str = Events
    model: str = ModelName


class Claim(BaseModel):
    """One claim beside the measurement; score 1 where they agree."""

    claim: str
    quantity: str
    claimed: float | bool | str
    measured: float | bool | str | None
    unit: str
    score: float | None


class ExplainedEvent(Result):
    """Verdict, reasons, measured topology."""

    event: int
    model: str
    label: str
    p_nue_cc: float
    p_numu_cc: float
    p_nc: float
    truth: str | None
    text: str
    claims: list[Claim]
    mean_score: float | None
    topology: dict[str, float | bool | None]


def run(context: ToolContext, arguments: ExplainEvent) -> Outcome:
    """Explain the verdict on the first of the selected events."""
    events, first_of_several = context.one(arguments.events, arguments.model)
    event = events[0]
    model = context.workspace.classifier(arguments.model)
    prediction = context.predictions(arguments.model, events)
    measured = context.topology(events)
    topology = {str(k): plain(v) for k, v in measured.iloc[0].items()}
    told = _reasons(model, event)
    p = prediction.probabilities[0]
    scores = [c.score for c in told[1] if c.score is not None]
    result = ExplainedEvent(
        event=event.index,
        model=arguments.model,
        label=prediction.labels[0].value,
        p_nue_cc=float(p[0]),
        p_numu_cc=float(p[1]),
        p_nc=float(p[2]),
        truth=event.truth.label.value if event.truth else None,
        text=told[0],
        claims=told[1],
        mean_score=float(np.mean(scores)) if scores else None,
        topology={
            k: v for k, v in topology.items() if v is None or isinstance(v, (int, float, bool))
        },
    )
    context.check()
    figure = occlusion(model, events, prediction, context.progress)
    return Outcome(
        result=result,
        summary=first_of_several + _summary(result),
        indices=[event.index],
        selected=[event.index],
        tables=_tables(result),
        figures=[as_json(figure)],
    )


def _reasons(model: Any, event: Any) -> tuple[str, list[Claim]]:
    """Return the model's own words where it has any, with the measurement beside each claim."""
    if not hasattr(model, "explain"):
        return "", []
    explained = model.explain(event)
    claims = [
        Claim(**{f.name: plain(getattr(e, f.name)) for f in fields(e)}) for e in explained.evidence
    ]
    return explained.text, claims


def _summary(e: ExplainedEvent) -> str:
    name = model_name(e.model)
    chosen = {"nue_cc": e.p_nue_cc, "numu_cc": e.p_numu_cc, "nc": e.p_nc}[e.label]
    text = (
        f"The {name} calls event {e.event} {symbol(e.label)} with a "
        f"probability of {percent(chosen)}"
    )
    text += f"; by truth it is {symbol(e.truth)}." if e.truth else "."
    if e.claims:
        words = [
            f"{c.claim.rstrip('.')} (measured: {_measured(c)}, {_verdict(c.score)})"
            for c in e.claims
        ]
        text += f" Its reasons, beside what is measured in the picture: {'; '.join(words)}."
        if e.mean_score is not None:
            text += f" Mean agreement of claims and measurement: {e.mean_score:.2f} of 1."
    return f"{text} {_topology(e.topology)}"


def _verdict(score: float | None) -> str:
    if score is None:
        return "not measurable"
    for least, words in ((0.9, "agrees"), (0.75, "nearly agrees"), (0.25, "agrees in part")):
        if score >= least:
            return words
    return "does not agree"


def _measured(c: Claim) -> str:
    if c.measured is None:
        return "nothing"
    if isinstance(c.measured, bool):  # a claim may deny: "yes" beside it would be read both ways
        return "the same" if c.measured == c.claimed else "the contrary"
    if isinstance(c.measured, str):
        return c.measured
    # Rounded once: 383.9502 is 384 to four digits, though 383.95 is 383.9.
    value = c.measured if abs(c.measured) >= 10 else round(c.measured, 2)
    return f"{number(value)} {c.unit}".strip()


def _topology(t: dict[str, float | bool | None]) -> str:
    """Say what is measured in the picture."""

    def get(name: str) -> float:
        value = t.get(name)
        return float(value) if value is not None else float("nan")

    text = (
        f"Measured in the picture: {plural(int(get('n_hits')), 'hit')} with "
        f"{get('visible_energy'):.0f} MeV, {plural(int(get('n_prongs')), 'prong')} at the vertex, "
        f"{plural(int(get('n_tracks')), 'track')}"
    )
    if get("longest_track_cm") > 0:
        contained = t.get("track_contained")
        inside = ", ending inside the picture" if contained else ", leaving the picture"
        inside = "" if contained is None else inside
        text += f", the longest {get('longest_track_cm'):.1f} cm long{inside}"
        if t.get("track_straightness") is not None:
            text += f" (straightness {get('track_straightness'):.2f})"
    else:
        text += ", the longest 0 cm (no track found)"
    if t.get("has_shower"):
        text += (
            f"; {plural(int(get('n_showers')), 'shower')}, the largest "
            f"of {get('shower_energy'):.0f} MeV (shower "
            f"score {get('shower_score'):.2f})"
        )
        if t.get("vertex_gap_cm") is not None:
            text += f", starting {get('vertex_gap_cm'):.1f} cm from the vertex"
        if t.get("initial_dedx") is not None:
            text += f" with an initial dE/dx of {get('initial_dedx'):.1f} MeV/cm"
    else:
        text += f"; no shower (shower score {get('shower_score'):.2f})"
    return f"{text}; {get('vertex_activity'):.0f} MeV within the vertex region."


def _tables(e: ExplainedEvent) -> list[Table]:
    tables = []
    if e.claims:
        rows: list[list[Any]] = [
            [c.claim, c.claimed, c.measured, c.unit, c.score] for c in e.claims
        ]
        tables.append(
            Table(
                "Claims beside the measurement",
                ["claim", "claimed", "measured", "unit", "score"],
                rows,
            )
        )
    rows = [[k, v, _UNITS.get(k, "")] for k, v in e.topology.items()]
    tables.append(Table("Measured topology", ["quantity", "value", "unit"], rows))
    return tables
