"""Two or more classifiers on the same events."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import LEVEL, Arguments, Events, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.training_overlap import TrainingOverlap, in_words, training_overlap
from assistant.tools.wording import (
    events_in_words,
    interval,
    listed,
    model_name,
    percent,
    plural,
    symbol,
)
from nulens.errors import ModelError, SelectionError

_SHOWN = 100
_SIGNIFICANT = 0.05


class CompareClassifiers(Arguments):
    """Compare classifiers on the same events: accuracy, agreement, McNemar, where they differ."""

    events: str = Events
    models: list[str] = Field(
        default=["vlm", "vit", "cnn"], min_length=1, description="Two or three of vlm, vit, cnn."
    )


class ModelAccuracy(BaseModel):
    """Accuracy of one classifier on the events of known class."""

    model: str
    accuracy: float
    low: float
    high: float
    n_correct: int


class Pair(BaseModel):
    """Two classifiers on the same events; McNemar's test on those where one of them is right."""

    first: str
    second: str
    n_agree: int
    agreement: float
    agreement_low: float
    agreement_high: float
    n_differ: int
    differ: list[int]
    only_first_right: int | None
    only_second_right: int | None
    p_value: float | None
    accuracy_difference: float | None
    difference_percentage_points: float | None


class Disagreement(BaseModel):
    """One event on which the classifiers do not agree."""

    event: int
    truth: str | None
    labels: dict[str, str]
    probabilities: dict[str, float]


class Comparison(Result):
    """The classifiers side by side."""

    n_events: int
    n_with_truth: int
    level: float
    significance: float
    accuracies: list[ModelAccuracy]
    pairs: list[Pair]
    n_all_agree: int
    all_agree: float
    all_agree_low: float
    all_agree_high: float
    n_differ: int
    disagreements: list[Disagreement]
    trained_on: list[TrainingOverlap] = Field(default_factory=list)


def run(context: ToolContext, arguments: CompareClassifiers) -> Outcome:
    """Compare classifiers event by event."""
    from classifier.events import CLASSES
    from classifier.statistics import accuracy, proportion

    names = list(dict.fromkeys(arguments.models))
    if len(names) < 2:
        raise ModelError(
            "A comparison needs at least two classifiers.",
            f"Choose among {', '.join(context.workspace.model_names)}.",
        )
    for name in names:
        context.workspace.classifier(name)
    events = context.resolve(arguments.events, names[0])
    if not len(events):
        raise SelectionError(
            f"No event passes the selection '{arguments.events}'.", "Loosen the cut."
        )
    probabilities = {n: context.predictions(n, events).probabilities for n in names}
    labels = {n: p.argmax(axis=1) for n, p in probabilities.items()}
    truth = events.labels
    true_names = [t if isinstance(t, str) else None for t in events.table["truth"]]
    known = truth >= 0
    accuracies = []
    if known.any():
        for n in names:
            rate = accuracy(true_names, [CLASSES[i].value for i in labels[n]])
            accuracies.append(
                ModelAccuracy(
                    model=n,
                    accuracy=rate.value,
                    low=rate.low,
                    high=rate.high,
                    n_correct=int((labels[n] == truth)[known].sum()),
                )
            )
    stacked = np.array([labels[n] for n in names])
    differ = (stacked != stacked[0]).any(axis=0)
    together = proportion(int((~differ).sum()), len(differ))
    disagreements = [
        Disagreement(
            event=int(events.indices[i]),
            truth=true_names[i],
            labels={n: CLASSES[labels[n][i]].value for n in names},
            probabilities={n: float(probabilities[n][i].max()) for n in names},
        )
        for i in np.flatnonzero(differ)
    ]
    overlaps = [o for n in names if (o := training_overlap(context, n, events))]
    result = Comparison(
        trained_on=overlaps,
        n_events=len(events),
        n_with_truth=int(known.sum()),
        level=LEVEL,
        significance=_SIGNIFICANT,
        accuracies=accuracies,
        pairs=[_pair(a, b, labels, truth, events.indices) for a, b in combinations(names, 2)],
        n_all_agree=int((~differ).sum()),
        all_agree=together.value,
        all_agree_low=together.low,
        all_agree_high=together.high,
        n_differ=int(differ.sum()),
        disagreements=disagreements[:_SHOWN],
    )
    indices = [int(i) for i in events.indices]
    context.selections.named["differ"] = np.asarray(events.indices[differ], dtype=np.int64)
    return Outcome(
        result=result,
        summary=_summary(result, indices, names) + "".join(map(in_words, overlaps)),
        indices=indices,
        selected=indices,
        tables=_tables(result, names),
        figures=[_figure(result)] if accuracies else [],
    )


def _pair(
    a: str,
    b: str,
    labels: dict[str, npt.NDArray[np.int64]],
    truth: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int64],
) -> Pair:
    from classifier.statistics import mcnemar, proportion

    same = labels[a] == labels[b]
    agreement = proportion(int(same.sum()), len(same))
    known = truth >= 0
    p_value = difference = first = second = None
    if known.any():
        right_a, right_b = (labels[a] == truth)[known], (labels[b] == truth)[known]
        first, second = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
        p_value = float(mcnemar(right_a, right_b).p_value)
        difference = float(right_a.mean() - right_b.mean())
    return Pair(
        first=a,
        second=b,
        n_agree=int(same.sum()),
        agreement=agreement.value,
        agreement_low=agreement.low,
        agreement_high=agreement.high,
        n_differ=int((~same).sum()),
        differ=[int(i) for i in indices[~same]][:_SHOWN],
        only_first_right=first,
        only_second_right=second,
        p_value=p_value,
        accuracy_difference=difference,
        difference_percentage_points=None if difference is None else 100 * difference,
    )


def _summary(c: Comparison, indices: list[int], names: list[str]) -> str:
    which = events_in_words(indices)
    size = "" if which == plural(c.n_events) else f" ({plural(c.n_events)})"
    text = f"On {which}{size} "
    if len(names) > 2:
        text += (
            f"all of {listed([model_name(n) for n in names])} agree "
            f"on {c.n_all_agree} ({percent(c.all_agree)}, "
            f"{interval(c.all_agree_low, c.all_agree_high, c.level)}) and differ "
            f"on {c.n_differ}. "
        )
    else:
        pair = c.pairs[0]
        span = interval(pair.agreement_low, pair.agreement_high, c.level)
        text += (
            f"{model_name(pair.first)} and {model_name(pair.second)} agree "
            f"on {pair.n_agree} "
            f"({percent(pair.agreement)}, {span})"
        )
        text += f" and differ on {pair.n_differ}" + (
            f": {events_in_words(pair.differ)}. " if 0 < pair.n_differ <= 8 else ". "
        )
    if c.accuracies:
        parts = [
            f"{model_name(a.model)} {percent(a.accuracy)} ({interval(a.low, a.high, c.level)})"
            for a in c.accuracies
        ]
        text += f"Accuracy on the {c.n_with_truth} of known class: {listed(parts)}. "
        text += " ".join(_test(p, c.significance) for p in c.pairs)
    else:
        text += "No event of the three classes has truth here, so there is no accuracy."
    return text.strip()


def _test(p: Pair, significance: float) -> str:
    if p.p_value is None or p.difference_percentage_points is None:
        return ""
    first, second = model_name(p.first), model_name(p.second)
    if p.only_first_right == p.only_second_right:
        return f"{first} and {second} are equally accurate."
    better, worse = (first, second) if p.difference_percentage_points > 0 else (second, first)
    strength = "significant" if p.p_value < significance else "not significant"
    value = f"{p.p_value:.2g}" if p.p_value >= 1e-4 else f"{p.p_value:.1e}"
    return (
        f"{better} is better than {worse} "
        f"by {abs(p.difference_percentage_points):.1f} percentage "
        f"points, which is {strength} (McNemar's test "
        f"on {p.only_first_right} against {p.only_second_right} events: "
        f"p = {value})."
    )


def _tables(c: Comparison, names: list[str]) -> list[Table]:
    tables = []
    if c.accuracies:
        tables.append(
            Table(
                "Accuracy",
                ["classifier", "accuracy", "low", "high", "right", "of"],
                [
                    [model_name(a.model), a.accuracy, a.low, a.high, a.n_correct, c.n_with_truth]
                    for a in c.accuracies
                ],
            )
        )
    if c.disagreements:
        rows: list[list[Any]] = [
            [
                d.event,
                symbol(d.truth),
                *(f"{symbol(d.labels[n])} ({percent(d.probabilities[n])})" for n in names),
            ]
            for d in c.disagreements
        ]
        tables.append(
            Table("Where they differ", ["event", "truth", *(model_name(n) for n in names)], rows)
        )
    return tables


def _figure(c: Comparison) -> dict[str, Any]:
    from assistant.tools.figures import as_json
    from classifier.display import comparison_figure
    from classifier.statistics import Interval

    found = {
        model_name(x.model): Interval(x.accuracy, x.low, x.high, c.n_with_truth)
        for x in c.accuracies
    }
    return as_json(comparison_figure(found, "accuracy", "Accuracy on the same events"))
