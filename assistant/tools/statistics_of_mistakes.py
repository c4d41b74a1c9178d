"""The events that a classifier gets most wrong, and those of which it is least sure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistant.answer import Table
from assistant.tools.base import Outcome
from assistant.tools.figures import as_json
from assistant.tools.statistics_base import Sample, empty, need_truth
from assistant.tools.wording import model_name, percent, symbol


def _events(sample: Sample, table: Any, intro: str, nothing: str) -> Outcome:
    result = empty(sample)
    rows = [
        {k: (v.item() if hasattr(v, "item") else v) for k, v in row.items()}
        for row in table.to_dict("records")
    ]
    truth = dict(zip((int(i) for i in sample.events.indices), sample.truth, strict=True))
    for row in rows:
        row.setdefault("truth", truth[int(row["index"])])
    result.rows = rows
    words = []
    for r in rows[:10]:
        known = f", truly {symbol(r['truth'])}" if r["truth"] else ""
        words.append(
            f"event {r['index']} (called {symbol(r['label'])} "
            f"with {percent(r['confidence'])}{known})"
        )
    text = f"{intro}: {'; '.join(words)}." if rows else nothing
    shown = Table(
        intro,
        ["event", "verdict", "confidence", "truth"],
        [[r["index"], symbol(r["label"]), r["confidence"], symbol(r["truth"])] for r in rows],
    )
    return Outcome(
        result, text, selected=[int(r["index"]) for r in rows], tables=[shown] if rows else []
    )


def worst(sample: Sample) -> Outcome:
    """List the wrong verdicts that the classifier was surest of."""
    from classifier.statistics import worst_mistakes

    need_truth(sample)
    a = sample.arguments
    name = model_name(a.model)
    table = worst_mistakes(sample.predictions, sample.truth, a.top)
    intro = (
        f"The {len(table)} most confident mistakes of the {name}"
        if len(table) != 1
        else f"The most confident mistake of the {name}"
    )
    outcome = _events(sample, table, intro, f"The {name} makes no mistake on these events.")
    outcome.figures = _pictures(sample, outcome.selected or [])
    return outcome


def least(sample: Sample) -> Outcome:
    """List the events whose most probable class is least probable."""
    from classifier.statistics import least_sure

    a = sample.arguments
    table = least_sure(sample.predictions, a.top)
    name = model_name(a.model)
    intro = (
        f"The {len(table)} events of which the {name} is least sure"
        if len(table) != 1
        else f"The event of which the {name} is least sure"
    )
    outcome = _events(sample, table, intro, "There are no events.")
    outcome.figures = _pictures(sample, outcome.selected or [])
    return outcome


def _pictures(sample: Sample, indices: list[int]) -> list[dict[str, Any]]:
    from classifier.display import event_display

    return [
        as_json(event_display(sample.context.events[i], title=f"Event {i}")) for i in indices[:3]
    ]


COMPUTE: dict[str, Callable[[Sample], Outcome]] = {"worst_mistakes": worst, "least_sure": least}
