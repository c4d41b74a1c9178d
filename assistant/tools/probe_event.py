"""What changes the verdict: drop a view, mask a region, lower the resolution, classify again."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, ModelName, Outcome, Result
from assistant.tools.changes import changed_events
from assistant.tools.context import ToolContext
from assistant.tools.figures import as_json
from assistant.tools.wording import model_name, percent, symbol

Region = Literal["shower", "track", "vertex", "upstream", "downstream"]


class ProbeEvent(Arguments):
    """Change one event and classify it again.

    Drop or keep views, mask a region, lower the resolution, or all of these.
    """

    events: str = Events
    model: str = ModelName
    change: Literal["drop_views", "keep_views", "mask", "resolution", "all"] = Field(
        default="all", description="What to change."
    )
    views: list[str] | None = Field(
        default=None,
        description=(
            "Names of the event's views, such as U, V, Z or XZ, YZ: those to drop or keep; "
            "for mask, where to mask."
        ),
    )
    region: Region | None = Field(default=None, description="What to mask.")
    factor: int = Field(
        default=2, ge=2, le=16, description="How many times coarser, for resolution."
    )


class Probe(BaseModel):
    """The verdict after one change."""

    change: str
    label: str
    p_nue_cc: float
    p_numu_cc: float
    p_nc: float
    n_hits_removed: int
    verdict_changes: bool
    probability_of_first_label: float


class Probed(Result):
    """The verdict before and after each change."""

    event: int
    model: str
    label: str
    p_nue_cc: float
    p_numu_cc: float
    p_nc: float
    probability: float
    n_hits: int
    factor: int
    truth: str | None
    probes: list[Probe]


def run(context: ToolContext, arguments: ProbeEvent) -> Outcome:
    """Change the first of the selected events and classify it again."""
    from classifier.display import event_display
    from classifier.events import CLASSES

    events, first_of_several = context.one(arguments.events, arguments.model)
    event = events[0]
    model = context.workspace.classifier(arguments.model)
    before = context.predictions(arguments.model, events).probabilities[0]
    first = int(before.argmax())
    probes: list[Probe] = []
    figures: list[dict[str, Any]] = [
        as_json(event_display(event, title=f"Event {event.index} as recorded"))
    ]
    for words, changed in changed_events(
        events, arguments.change, arguments.views, arguments.region, arguments.factor
    ):
        context.check()
        after = np.asarray(model.predict(changed).probabilities[0])
        probes.append(
            Probe(
                change=words,
                label=CLASSES[int(after.argmax())].value,
                p_nue_cc=float(after[0]),
                p_numu_cc=float(after[1]),
                p_nc=float(after[2]),
                n_hits_removed=max(len(event.hits) - len(changed[0].hits), 0),
                verdict_changes=int(after.argmax()) != first,
                probability_of_first_label=float(after[first]),
            )
        )
        if len(figures) == 1:
            figures.append(as_json(event_display(changed[0], title=f"Event {event.index} {words}")))
    result = Probed(
        event=event.index,
        model=arguments.model,
        label=CLASSES[first].value,
        p_nue_cc=float(before[0]),
        p_numu_cc=float(before[1]),
        p_nc=float(before[2]),
        probability=float(before[first]),
        n_hits=len(event.hits),
        factor=arguments.factor,
        truth=event.truth.label.value if event.truth else None,
        probes=probes,
    )
    rows: list[list[Any]] = [
        ["as recorded", symbol(result.label), result.p_nue_cc, result.p_numu_cc, result.p_nc]
    ]
    rows += [[p.change, symbol(p.label), p.p_nue_cc, p.p_numu_cc, p.p_nc] for p in probes]
    return Outcome(
        result=result,
        summary=first_of_several + _summary(result),
        indices=[event.index],
        selected=[event.index],
        tables=[
            Table(
                f"Event {event.index} before and after",
                ["change", "verdict", "P(νe CC)", "P(νμ CC)", "P(NC)"],
                rows,
            )
        ],
        figures=figures,
    )


def _summary(p: Probed) -> str:
    text = (
        f"The {model_name(p.model)} calls event {p.event} as "
        f"recorded {symbol(p.label)} ({percent(p.probability)})."
    )
    for probe in p.probes:
        chosen = {"nue_cc": probe.p_nue_cc, "numu_cc": probe.p_numu_cc, "nc": probe.p_nc}[
            probe.label
        ]
        words = probe.change[0].upper() + probe.change[1:]
        if probe.verdict_changes:
            text += (
                f" {words} the verdict changes to {symbol(probe.label)} "
                f"({percent(chosen)}; {symbol(p.label)} falls "
                f"to {percent(probe.probability_of_first_label)})."
            )
        else:
            text += f" {words} it is still called {symbol(p.label)} ({percent(chosen)})."
    return text
