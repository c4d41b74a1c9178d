"""Counts, means and histograms of the events' own quantities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.answer import Table
from assistant.tools.base import Outcome
from assistant.tools.figures import as_json
from assistant.tools.statistics_base import (
    Estimate,
    Sample,
    Statistics,
    empty,
    estimate,
    estimate_table,
)
from assistant.tools.wording import (
    counts_in_words,
    group_name,
    interval,
    model_name,
    number,
    percent,
    plain,
    plural,
    quantity,
    symbol,
    unit_of,
    with_unit,
)
from classifier.events import CLASSES, EventClass
from nulens.errors import NuLensError


def count(sample: Sample) -> Outcome:
    """Count events, and the share of them that passes a further cut."""
    from classifier.statistics import poisson, proportion

    a = sample.arguments
    truth = sample.truth
    counts = {c.value: truth.count(c.value) for c in EventClass}
    result = empty(sample, where=a.where, counts={k: n for k, n in counts.items() if n}, model=None)
    n = len(sample.events)
    result.estimates = [estimate("events", poisson(n, confidence=a.level), "events")]
    total = len(sample.context.events)
    text = f"{plural(n)}"
    if a.events.strip() not in ("all", "", "@last"):
        text += f" of {total} pass {a.events}"
    text += f": by truth {counts_in_words(result.counts)}." if result.counts else "."
    selected = None
    if a.where:
        passing = (
            sample.context.resolve(f"({a.where})", a.model)
            if n == total
            else _within(sample, a.where)
        )
        share = proportion(len(passing), n, confidence=a.level)
        result.estimates.append(estimate(a.where, share))
        result.model = a.model
        selected = [int(i) for i in passing.indices]
        inner = [t for t in passing.table["truth"] if isinstance(t, str)]
        inside = {c.value: inner.count(c.value) for c in EventClass if inner.count(c.value)}
        result.rows = [{"where": a.where, "truth": k, "events": v} for k, v in inside.items()]
        text = f"{len(passing)} of {plural(n)} {_cut_in_words(a.where, a.model)}"
        if n:
            text += f": {percent(share.value)} ({interval(share.low, share.high, a.level)})"
        text += f". By truth these are {counts_in_words(inside)}." if inside else "."
    outcome = Outcome(result, text, selected=selected)
    if result.counts:
        outcome.tables.append(
            Table(
                "Events by true class",
                ["true class", "events"],
                [[symbol(k), v] for k, v in result.counts.items()],
            )
        )
    if a.by:
        _count_by(sample, result, outcome)
    return outcome


def _within(sample: Sample, where: str) -> Any:
    """Cut the sample further, computing verdicts for its events alone."""
    from classifier.selection import select, words_used

    columns = sample.context.columns(sample.events, set(words_used(where)), sample.arguments.model)
    return select(sample.events, where, columns=columns, names=sample.context.selections.arrays())


def _cut_in_words(where: str, model: str) -> str:
    """Say "called NC by the CNN" for a cut on labels alone."""
    for c in CLASSES:
        if where == f"label == {c.value}":
            return f"are called {c.symbol} by the {model_name(model)}"
    for c in EventClass:
        if where == f"truth == {c.value}":
            return f"are truly {c.symbol}"
    return f"pass {where}" + (f" ({model_name(model)})" if "label" in where else "")


def _count_by(sample: Sample, result: Statistics, outcome: Outcome) -> None:
    by = str(sample.arguments.by)
    tally = {g: int(own.sum()) for g, own in sample.groups(by).items()}
    result.rows += [{"group": g, "events": n} for g, n in tally.items()]
    result.model = sample.arguments.model if by == "label" else result.model
    shown = [f"{n} {group_name(g)}" for g, n in tally.items()]
    words = {"label": f"verdict of the {model_name(sample.arguments.model)}"}.get(by, with_unit(by))
    outcome.summary += f" By {words}: {', '.join(shown)}." if by != "truth" else ""
    outcome.tables.append(
        Table(f"Events by {words}", [words, "events"], [[g, n] for g, n in tally.items()])
    )


def mean(sample: Sample) -> Outcome:
    """Mean, median, spread and range of a quantity."""
    from classifier.statistics import describe

    a = sample.arguments
    column = a.column or "energy"
    values = sample.values(column)
    unit = unit_of(column)
    uses_model = column in ("confidence", "unlike") or column.startswith("p_")
    result = empty(sample, column=column, model=a.model if uses_model else None)
    d = describe(values, confidence=a.level)
    if not d.n:
        raise NuLensError(
            f"The {quantity(column)} of these events is not known.",
            "The file has no truth for it; ask for a measured quantity.",
        )
    result.n_left_out = d.unknown
    result.estimates = [estimate("mean", d.mean, unit), estimate("median", d.median, unit)]
    for name, value in (
        ("standard deviation", d.std),
        ("minimum", d.minimum),
        ("maximum", d.maximum),
    ):
        result.estimates.append(_bare(name, value, d.n, unit))
    m = result.estimates[0]
    text = f"The mean {quantity(column)} of {plural(d.n)} is {_with_interval(m, unit, a.level)}"
    text += (
        f"; median {number(d.median.value)}, standard "
        f"deviation {number(d.std)}, from {number(d.minimum)} "
        f"to {number(d.maximum)}{' ' + unit if unit else ''}."
    )
    if d.unknown:
        text += f" Of {plural(d.unknown)} it is not known."
    outcome = Outcome(
        result,
        text,
        tables=[
            estimate_table(
                with_unit(column)[0].upper() + with_unit(column)[1:],
                result.estimates,
            )
        ],
    )
    if a.by:
        from classifier.display import by_group_figure
        from classifier.statistics import mean as mean_of

        found = {
            g: mean_of(values[own], confidence=a.level)
            for g, own in sample.groups(a.by).items()
            if np.isfinite(values[own]).any()
        }
        own = [estimate(g, e, unit) for g, e in found.items()]
        result.estimates += own
        parts = "; ".join(f"{group_name(e.name)}: {number(e.value or 0.0)}" for e in own)
        outcome.summary += f" By {with_unit(a.by)}: {parts}{' ' + unit if unit else ''}."
        outcome.tables[0] = estimate_table(outcome.tables[0].title, result.estimates)
        figure = by_group_figure(found, f"mean {with_unit(column)}", with_unit(a.by))
        outcome.figures.append(as_json(figure))
    return outcome


def _bare(name: str, value: float, n: int, unit: str) -> Any:
    return Estimate(name=name, value=plain(value), low=None, high=None, n=n, unit=unit)


def _with_interval(e: Any, unit: str, level: float) -> str:
    text = number(e.value) + (f" {unit}" if unit else "")
    if e.low is None:
        return text + " (one event, so no interval)"
    return f"{text} ({number(e.low)}–{number(e.high)}, {100 * level:.4g} % interval)"


def histogram(sample: Sample) -> Outcome:
    """Histogram of a quantity, for each group where asked."""
    from classifier.display import histogram_figure
    from classifier.statistics import histogram as fill

    a = sample.arguments
    column = a.column or "energy"
    values = sample.values(column)
    unit = unit_of(column)
    known = np.isfinite(values)
    if not known.any():
        raise NuLensError(
            f"The {quantity(column)} of these events is not known.",
            "The file has no truth for it; ask for a measured quantity.",
        )
    edges = _edges(values[known], a.bins, a.bin_width)
    groups = sample.groups(a.by) if a.by else {"all": known}
    filled = {
        group_name(g): fill(values[own & known], edges, confidence=a.level)
        for g, own in groups.items()
    }
    uses_model = column in ("confidence", "unlike") or column.startswith("p_") or a.by == "label"
    result = empty(sample, column=column, model=a.model if uses_model else None)
    result.edges = [float(e) for e in edges]
    result.histograms = {g: [int(n) for n in h.counts] for g, h in filled.items()}
    result.counts = {g: int(h.n) for g, h in filled.items()}
    result.n_left_out = int((~known).sum())
    label = with_unit(column)
    total = np.sum([h.counts for h in filled.values()], axis=0)
    peak = int(np.argmax(total))
    result.rows = [
        {
            "peak_low": float(edges[peak]),
            "peak_high": float(edges[peak + 1]),
            "events": int(total[peak]),
            "bins": len(edges) - 1,
        }
    ]
    text = (
        f"Histogram of the {quantity(column)} "
        f"of {plural(int(known.sum()))} in {len(edges) - 1} bins "
        f"from {number(float(edges[0]))} "
        f"to {number(float(edges[-1]))}{' ' + unit if unit else ''}"
    )
    text += f", for {', '.join(f'{g} ({n})' for g, n in result.counts.items())}" if a.by else ""
    text += (
        f". The fullest bin, {number(float(edges[peak]))} "
        f"to {number(float(edges[peak + 1]))}{' ' + unit if unit else ''}, "
        f"holds {plural(int(total[peak]))}."
    )
    if result.n_left_out:
        text += f" Of {plural(result.n_left_out)} it is not known."
    rows = [
        [float(edges[i]), float(edges[i + 1]), *(int(h.counts[i]) for h in filled.values())]
        for i in range(len(edges) - 1)
    ]
    figure = histogram_figure(filled, label)
    return Outcome(
        result,
        text,
        tables=[Table(f"Histogram of {label}", ["from", "to", *filled], rows)],
        figures=[as_json(figure)],
    )


def _edges(values: Any, bins: int | None, width: float | None) -> Any:
    from classifier.statistics import bin_edges

    if width is None:
        return bin_edges(values, bins)
    low, high = np.floor(values.min() / width), np.floor(values.max() / width) + 1
    if high - low > 500:
        raise NuLensError(
            f"Bins of {width:g} are too narrow: {int(high - low)} would be needed.",
            "Choose wider bins.",
        )
    return np.arange(low, high + 1) * width


COMPUTE: dict[str, Callable[[Sample], Outcome]] = {
    "count": count,
    "mean": mean,
    "histogram": histogram,
}
