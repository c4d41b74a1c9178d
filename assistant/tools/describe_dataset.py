"""What is in the opened file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.wording import counts_in_words, listed, number, plain, plural, symbol

_LISTED = 5
"""Events up to which what is recorded of each is told."""
_COUNTED = ("protons", "neutrons", "charged_pions", "neutral_pions")


class DescribeDataset(Arguments):
    """Describe the opened data set: number of events, true classes, energies, detector, columns.

    Of a few events it tells what is recorded of each: class, mode, energies, final state.
    """

    events: str = Events


class Description(Result):
    """Size, classes, energies (GeV) and detector of the events."""

    n_events: int
    total_events: int
    source: str
    class_counts: dict[str, int]
    unknown_truth: int
    energy_mean: float | None
    energy_min: float | None
    energy_max: float | None
    detector: str
    n_views: int
    views: list[str]
    rows: int
    columns_of_pixels: int
    columns: list[str]
    records: list[dict[str, Any]]


def run(context: ToolContext, arguments: DescribeDataset) -> Outcome:
    """Describe the selected events; no image is read."""
    from classifier.events import EventClass

    events = context.resolve(arguments.events)
    table = events.table
    truth = table["truth"]
    counts = {c.value: int((truth == c.value).sum()) for c in EventClass}
    counts = {name: n for name, n in counts.items() if n}
    energy = table["energy"].dropna()
    geometry = events.geometry
    found = Description(
        n_events=len(events),
        total_events=len(context.events),
        source=Path(events.source).name,
        class_counts=counts,
        unknown_truth=len(events) - sum(counts.values()),
        energy_mean=float(energy.mean()) if len(energy) else None,
        energy_min=float(energy.min()) if len(energy) else None,
        energy_max=float(energy.max()) if len(energy) else None,
        detector=geometry.name,
        n_views=geometry.n_views,
        views=[v.name for v in geometry.views],
        rows=geometry.shape[0],
        columns_of_pixels=geometry.shape[1],
        columns=[str(c) for c in table.columns],
        records=[
            {"event": int(index)} | {str(k): plain(v) for k, v in row.items()}
            for index, row in zip(events.indices, table.to_dict("records"), strict=True)
        ]
        if len(events) <= _LISTED
        else [],
    )
    rows: list[list[Any]] = []
    for name, n in counts.items():
        own = table.loc[truth == name, "energy"].dropna()
        rows.append(
            [
                symbol(name),
                n,
                *(
                    (float(own.mean()), float(own.min()), float(own.max()))
                    if len(own)
                    else (None,) * 3
                ),
            ]
        )
    titles = ["true class", "events", "mean energy (GeV)", "lowest (GeV)", "highest (GeV)"]
    return Outcome(
        result=found,
        summary=_summary(found),
        indices=[int(i) for i in events.indices],
        selected=[int(i) for i in events.indices],
        tables=[Table("Events by true class", titles, rows)] if rows else [],
    )


def _record(r: dict[str, Any]) -> str:
    """Say what is recorded of one event."""
    mode = r.get("mode")
    told = [f"true {symbol(r.get('truth'))}, mode {mode.upper() if mode else 'not recorded'}"]
    for column, name in (("energy", "neutrino energy"), ("lepton_energy", "lepton energy")):
        if r.get(column) is not None:
            told.append(f"{name} {number(r[column])} GeV")
    counted = [
        plural(int(r[c]), c.replace("_", " ").removesuffix("s"))
        for c in _COUNTED
        if r.get(c) is not None
    ]
    if counted:
        told.append(f"in the final state {listed(counted)}")
    return f"Event {r['event']}: {', '.join(told)}."


def _summary(d: Description) -> str:
    if d.n_events == 1 < d.total_events:
        return _record(d.records[0])
    part = "The data set has" if d.n_events == d.total_events else "The selection has"
    text = f"{part} {plural(d.n_events)}"
    text += (
        f": by truth {counts_in_words(d.class_counts)}."
        if d.class_counts
        else "; their true classes are not known."
    )
    if d.class_counts and d.unknown_truth:
        text += f" The truth of {d.unknown_truth} is not known."
    if d.records and d.n_events < d.total_events:
        return " ".join([text, *map(_record, d.records)])
    if d.energy_mean is not None and d.energy_min is not None and d.energy_max is not None:
        text += (
            f" True neutrino energies run from {number(d.energy_min)} "
            f"to {number(d.energy_max)} GeV, with a mean "
            f"of {number(d.energy_mean)} GeV."
        )
    views = ", ".join(d.views)
    return text + (
        f" Each event has {d.n_views} views ({views}) of {d.rows} "
        f"× {d.columns_of_pixels} pixels, detector {d.detector}. "
        f"One can cut on {', '.join(d.columns)}, and on what is measured on the images."
    )
