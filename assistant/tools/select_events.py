"""Selections: cut, ranked, and named."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from pydantic import Field

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.wording import (
    counts_in_words,
    events_in_words,
    model_name,
    number,
    plain,
    plural,
    symbol,
    with_unit,
)
from nulens.errors import SelectionError

_SHOWN = 200
_SEED = 0


class SelectEvents(Arguments):
    """Select events with a cut string, rank or limit them, and name the selection for later use."""

    events: str = Events
    model: str = Field(
        default="vlm",
        description=(
            "Classifier whose label, p_nue_cc, p_numu_cc, p_nc, "
            "confidence, correct or unlike the cut uses."
        ),
    )
    name: str | None = Field(
        default=None, description="Name to keep the selection under; used later as @name."
    )
    sort_by: str | None = Field(
        default=None, description="Column to rank by, 'index', or 'random' (the same each time)."
    )
    descending: bool = Field(default=True, description="Highest first.")
    limit: int | None = Field(
        default=None,
        ge=1,
        description="How many to keep, of the first by rank, or by index without one.",
    )


class Selection(Result):
    """The selected events."""

    n_selected: int
    total_events: int
    events: str
    name: str | None
    class_counts: dict[str, int]
    model: str | None
    sort_by: str | None
    sort_values: list[float] | None


def run(context: ToolContext, arguments: SelectEvents) -> Outcome:
    """Select, rank and name events."""
    from classifier.events import EventClass

    found = context.resolve(arguments.events, arguments.model)
    values = None
    if arguments.limit and not arguments.sort_by:
        found = found[: arguments.limit]
    elif arguments.sort_by:
        found, values = _ranked(context, found, arguments)
    indices = [int(i) for i in found.indices]
    if arguments.name:
        name = re.sub(r"\W+", "_", arguments.name.strip().lstrip("@").lower()).strip("_")
        if not name or name in ("last", "differ", "all") or name[0].isdigit():
            raise SelectionError(
                f"'{arguments.name}' cannot name a selection.",
                "Choose a word such as 'soft_muons'.",
            )
        context.selections.named[name] = np.array(indices, dtype=np.int64)
    truth = found.table["truth"]
    counts = {c.value: int((truth == c.value).sum()) for c in EventClass}
    uses_model = re.search(
        r"\b(?:label|p_\w+|confidence|correct|unlike)\b", f"{arguments.events} {arguments.sort_by}"
    )
    result = Selection(
        n_selected=len(indices),
        total_events=len(context.events),
        events=arguments.events,
        name=arguments.name,
        class_counts={k: n for k, n in counts.items() if n},
        model=arguments.model if uses_model else None,
        sort_by=arguments.sort_by,
        sort_values=values[:_SHOWN] if values else None,
    )
    return Outcome(
        result=result,
        summary=_summary(result, indices),
        indices=indices,
        selected=indices,
        tables=[_table(context, found, result, values)] if indices else [],
    )


def _ranked(
    context: ToolContext, found: Any, arguments: SelectEvents
) -> tuple[Any, list[float] | None]:
    column = arguments.sort_by or "index"
    if column == "random":
        order = np.random.default_rng(_SEED).permutation(len(found))[: arguments.limit]
        return found.take(np.sort(found.indices[order])), None
    if column == "index":
        ordered = np.sort(found.indices)
        chosen = (
            ordered[-arguments.limit :]
            if arguments.descending and arguments.limit
            else ordered[: arguments.limit]
        )
        return found.take(chosen), None
    table = found.table
    if column not in table.columns:
        table = context.columns(found, {column}, arguments.model)
    if column not in table.columns:
        raise SelectionError(
            f"There is no column '{column[:40]}' to rank by.",
            f"Columns: {', '.join(map(str, found.table.columns))}.",
        )
    values = (
        table[column]
        .astype(float)
        .dropna()
        .sort_values(ascending=not arguments.descending, kind="stable")
    )
    chosen = values.iloc[: arguments.limit]
    return found.take(chosen.index.to_numpy()), [float(v) for v in chosen]


def _summary(s: Selection, indices: list[int]) -> str:
    by = f" (labels of the {model_name(s.model)})" if s.model else ""
    if not s.n_selected:
        return f"No event passes the selection {s.events}{by}."
    text = f"{plural(s.n_selected)} selected with {s.events}{by}"
    if s.n_selected <= 20:
        text += (
            f": {events_in_words(indices)}"
            if s.n_selected <= 8
            else f": {', '.join(map(str, indices))}"
        )
    text += "."
    if s.sort_by and s.sort_values and s.n_selected <= 8:
        ranked = ", ".join(number(value) for value in s.sort_values)
        text += f" Ranked by {with_unit(s.sort_by)}: {ranked}."
    if s.class_counts:
        text += f" By truth: {counts_in_words(s.class_counts)}."
    if s.name:
        text += (
            f" The selection is kept as '{s.name.replace('_', ' ')}'; write @{s.name} to use it."
        )
    return text


def _table(context: ToolContext, found: Any, s: Selection, values: list[float] | None) -> Table:
    table = found.table.head(_SHOWN)
    titles = ["event", "truth", "energy (GeV)"]
    rows: list[list[Any]] = [
        [int(i), symbol(t), plain(e)]
        for i, t, e in zip(table.index, table["truth"], table["energy"], strict=True)
    ]
    if values is not None and s.sort_by not in ("energy", None):
        titles.append(str(s.sort_by))
        rows = [[*row, v] for row, v in zip(rows, values[:_SHOWN], strict=True)]
    return Table("Selected events", titles, rows)
