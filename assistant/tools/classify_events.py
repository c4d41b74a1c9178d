"""Verdicts of one or several classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import LEVEL, Arguments, Events, ModelName, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.figures import as_json
from assistant.tools.wording import (
    counts_in_words,
    events_in_words,
    interval,
    listed,
    model_name,
    percent,
    plural,
    symbol,
)
from nulens.errors import SelectionError

_SHOWN = 200
_DRAWN = 60
_UNLIKE = 0.99
_TOLD = 6
"""Events up to which the text gives every verdict."""


class ClassifyEvents(Arguments):
    """Classify events as νe CC, νμ CC or NC with calibrated probabilities."""

    events: str = Events
    model: str = ModelName
    models: list[str] | None = Field(
        default=None, description="Several classifiers, where more than one is asked for."
    )


class EventVerdict(BaseModel):
    """Verdict on one event."""

    event: int
    label: str
    p_nue_cc: float
    p_numu_cc: float
    p_nc: float
    truth: str | None
    unlike: float


class ModelVerdicts(BaseModel):
    """Verdicts of one classifier on all selected events."""

    model: str
    counts: dict[str, int]
    most_common: str
    mean_confidence: float
    n_with_truth: int
    n_correct: int
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    n_unlike: int
    least_sure: int
    least_sure_probability: float
    verdicts: list[EventVerdict]


class Verdicts(Result):
    """Verdicts of every classifier that was asked."""

    n_events: int
    level: float
    by_model: list[ModelVerdicts]


def run(context: ToolContext, arguments: ClassifyEvents) -> Outcome:
    """Classify the selected events."""
    names = list(dict.fromkeys(arguments.models or [arguments.model]))
    for name in names:
        context.workspace.classifier(name)
    events = context.resolve(arguments.events, names[0])
    if not len(events):
        raise SelectionError(
            f"No event passes the selection '{arguments.events}'.", "Loosen the cut."
        )
    found = [_one_model(context, name, events) for name in names]
    indices = [int(i) for i in events.indices]
    result = Verdicts(n_events=len(events), level=LEVEL, by_model=found)
    return Outcome(
        result=result,
        summary=" ".join(_summary(m, indices) for m in found),
        indices=indices,
        selected=indices,
        tables=[_table(m) for m in found],
        figures=[_figure(m) for m in found],
    )


def _one_model(context: ToolContext, name: str, events: Any) -> ModelVerdicts:
    from classifier.events import CLASSES
    from classifier.statistics import accuracy

    p = context.predictions(name, events)
    truth = [t if isinstance(t, str) else None for t in events.table["truth"]]
    chosen = p.probabilities.argmax(axis=1)
    counts = {c.value: int((chosen == i).sum()) for i, c in enumerate(CLASSES)}
    confidence = p.probabilities.max(axis=1)
    known = events.labels >= 0
    right = int((chosen == events.labels)[known].sum())
    rate = accuracy(truth, p.labels) if known.any() else None
    least = int(np.argmin(confidence))
    verdicts = [
        EventVerdict(
            event=int(i),
            label=CLASSES[c].value,
            p_nue_cc=float(row[0]),
            p_numu_cc=float(row[1]),
            p_nc=float(row[2]),
            truth=t,
            unlike=float(u),
        )
        for i, c, row, t, u in list(
            zip(p.indices, chosen, p.probabilities, truth, p.unlike, strict=True)
        )[:_SHOWN]
    ]
    return ModelVerdicts(
        model=name,
        counts=counts,
        most_common=max(counts, key=lambda k: counts[k]),
        mean_confidence=float(confidence.mean()),
        n_with_truth=int(known.sum()),
        n_correct=right,
        accuracy=rate.value if rate else None,
        accuracy_low=rate.low if rate else None,
        accuracy_high=rate.high if rate else None,
        n_unlike=int((p.unlike > _UNLIKE).sum()),
        least_sure=int(p.indices[least]),
        least_sure_probability=float(confidence[least]),
        verdicts=verdicts,
    )


def _summary(m: ModelVerdicts, indices: list[int]) -> str:
    name = model_name(m.model)
    if len(indices) == 1:
        v = m.verdicts[0]
        text = (
            f"The {name} calls event {v.event} {symbol(v.label)}: P(νe CC) "
            f"= {percent(v.p_nue_cc)}, P(νμ CC) = {percent(v.p_numu_cc)}, "
            f"P(NC) = {percent(v.p_nc)}."
        )
        if v.truth:
            text += f" By truth it is {symbol(v.truth)}."
        if m.n_unlike:
            text += " The event is unlike the training data, so take the verdict with care."
        return text
    total = len(indices)
    which = events_in_words(indices)
    size = "" if which == plural(total) else f" ({plural(total)})"
    text = f"The {name} classifies {which}{size} as {counts_in_words(m.counts)}; "
    if total <= _TOLD:
        text += f"{listed([_told(v) for v in m.verdicts])}."
        return text + _rightness(m) + _unlike(m)
    most = m.counts[m.most_common]
    tied = [k for k, n in m.counts.items() if n == most]
    text += (
        f"all are called {symbol(m.most_common)}."
        if most == total
        else (
            f"most often {symbol(m.most_common)}."
            if len(tied) == 1
            else f"{listed([symbol(t) for t in tied])} come out equally often."
        )
    )
    text += _rightness(m)
    text += f" It is least sure of event {m.least_sure} ({percent(m.least_sure_probability)})."
    return text + _unlike(m)


def _told(v: EventVerdict) -> str:
    chosen = {"nue_cc": v.p_nue_cc, "numu_cc": v.p_numu_cc, "nc": v.p_nc}[v.label]
    return f"event {v.event} is {symbol(v.label)} ({percent(chosen)})"


def _rightness(m: ModelVerdicts) -> str:
    if m.accuracy is None or m.accuracy_low is None or m.accuracy_high is None:
        return ""
    return (
        f" Of the {m.n_with_truth} whose true class is one of the "
        f"three, {m.n_correct} {'is' if m.n_correct == 1 else 'are'} right: {percent(m.accuracy)} "
        f"({interval(m.accuracy_low, m.accuracy_high, LEVEL)})."
    )


def _unlike(m: ModelVerdicts) -> str:
    if not m.n_unlike:
        return ""
    return f" {plural(m.n_unlike)} {'is' if m.n_unlike == 1 else 'are'} unlike the training data."


def _table(m: ModelVerdicts) -> Table:
    titles = ["event", "verdict", "P(νe CC)", "P(νμ CC)", "P(NC)", "truth", "unlike training"]
    rows: list[list[Any]] = [
        [
            v.event,
            symbol(v.label),
            v.p_nue_cc,
            v.p_numu_cc,
            v.p_nc,
            symbol(v.truth) if v.truth else None,
            v.unlike,
        ]
        for v in m.verdicts
    ]
    return Table(f"Verdicts of the {model_name(m.model)}", titles, rows)


def _figure(m: ModelVerdicts) -> dict[str, Any]:
    """Draw the probabilities of each event, or the counts where events are too many."""
    import plotly.graph_objects as go

    from classifier.display import CLASS_COLOURS, probability_figure, verdicts_figure
    from classifier.events import CLASSES

    name = model_name(m.model)
    if sum(m.counts.values()) > _DRAWN:
        symbols = [c.symbol for c in CLASSES]
        colours = [CLASS_COLOURS[c.value] for c in CLASSES]
        counts = [m.counts[c.value] for c in CLASSES]
        figure = go.Figure(go.Bar(x=symbols, y=counts, marker={"color": colours}))
        figure.update_layout(title=f"Verdicts of the {name}", yaxis_title="events")
        return as_json(figure)
    found = {v.event: [getattr(v, f"p_{c.value}") for c in CLASSES] for v in m.verdicts}
    if len(found) == 1:
        ((event, p),) = found.items()
        title = f"Event {event}: class probabilities by the {name}"
        return as_json(probability_figure({name: p}, title))
    named = {f"event {event}": p for event, p in found.items()}
    return as_json(verdicts_figure(named, f"Class probabilities by the {name}"))
