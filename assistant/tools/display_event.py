"""Event displays."""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.figures import as_json
from assistant.tools.wording import number, plain, symbol
from nulens.errors import SelectionError


class DisplayEvent(Arguments):
    """Draw the views of one event, or of the first few of a selection."""

    events: str = Events
    limit: int = Field(
        default=4, ge=1, le=12, description="Most events to draw; the others are left out."
    )


class Shown(BaseModel):
    """One event that is drawn."""

    event: int
    id: str
    truth: str | None
    energy_gev: float | None
    mode: str | None
    n_hits: int


class Display(Result):
    """The events that are drawn."""

    n_selected: int
    n_shown: int
    shown: list[Shown]


def run(context: ToolContext, arguments: DisplayEvent) -> Outcome:
    """Draw the selected events."""
    from classifier.display import event_display

    events = context.resolve(arguments.events)
    if not len(events):
        raise SelectionError(
            f"No event passes the selection '{arguments.events}'.", "Loosen the cut."
        )
    shown: list[Shown] = []
    figures: list[dict[str, Any]] = []
    for event in events[: arguments.limit]:
        context.check()
        truth = event.truth
        known = truth is not None and not math.isnan(truth.energy)
        shown.append(
            Shown(
                event=event.index,
                id=event.id,
                truth=truth.label.value if truth else None,
                energy_gev=truth.energy if truth and known else None,
                mode=truth.mode if truth else None,
                n_hits=len(event.hits),
            )
        )
        figures.append(as_json(event_display(event, title=_title(shown[-1]))))
    result = Display(n_selected=len(events), n_shown=len(shown), shown=shown)
    indices = [int(i) for i in events.indices]
    rows = [[s.event, s.id, symbol(s.truth), plain(s.energy_gev), s.mode, s.n_hits] for s in shown]
    return Outcome(
        result=result,
        summary=_summary(result),
        indices=indices if len(indices) <= arguments.limit else indices[: arguments.limit],
        selected=indices,
        figures=figures,
        tables=[
            Table("Events shown", ["event", "id", "truth", "energy (GeV)", "mode", "hits"], rows)
        ],
    )


def _title(s: Shown) -> str:
    known = f", {number(s.energy_gev)} GeV" if s.energy_gev is not None else ""
    return f"Event {s.event}" + (f": true {symbol(s.truth)}{known}" if s.truth else "")


def _summary(d: Display) -> str:
    words = []
    for s in d.shown:
        text = f"event {s.event}"
        if s.truth:
            text += f" (true {symbol(s.truth)}"
            text += f", {number(s.energy_gev)} GeV" if s.energy_gev is not None else ""
            text += f", {s.mode.upper()})" if s.mode and s.mode != "other" else ")"
        words.append(f"{text} with {s.n_hits} hits")
    text = f"Here is {'; '.join(words)}."
    if d.n_selected > d.n_shown:
        text += f" These are the first {d.n_shown} of {d.n_selected}."
    return text
