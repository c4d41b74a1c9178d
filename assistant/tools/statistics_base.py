"""What all statistics of `aggregate_statistics` share: arguments, results, the events' arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import LEVEL, Arguments, ClassName, Events, ModelName, Result
from assistant.tools.context import ToolContext
from assistant.tools.training_overlap import TrainingOverlap
from assistant.tools.wording import interval, percent, plain
from nulens.errors import NuLensError, SelectionError

Statistic = Literal[
    "count", "mean", "histogram", "accuracy", "efficiency", "purity", "confusion_matrix", "roc",
    "calibration", "corrected_counts", "worst_mistakes", "least_sure",
]  # fmt: skip


_FEW = 10
"""A number of so few whole values, such as that of protons, is split into them."""


class AggregateStatistics(Arguments):
    """Compute a statistic of many events with its interval.

    One of count, mean, histogram, accuracy, efficiency, purity, confusion_matrix, roc, calibration,
    corrected_counts (for misclassification), worst_mistakes, least_sure.
    """

    events: str = Events
    statistic: Statistic = Field(description="What to compute.")
    model: str = ModelName
    target: ClassName | None = Field(
        default=None, description="Class for efficiency, purity, roc, corrected_counts."
    )
    cut: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description=(
            "Events with a probability of the target of at least this are "
            "selected; without it, those whose most probable class it is."
        ),
    )
    at: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description=(
            "Instead of a cut: for efficiency, the purity (for purity, the efficiency) at which it "
            "is wanted; the cut is found and told. 'Which cut gives 90 % purity' asks for the "
            "efficiency at 0.9."
        ),
    )
    column: str | None = Field(
        default=None,
        description=(
            "Quantity for mean and histogram, such as energy, lepton_energy, n_hits, "
            "longest_track_cm, p_nue_cc. A mean comes with median, standard deviation and range."
        ),
    )
    by: str | None = Field(
        default=None,
        description=(
            "Column to split by: truth, label, mode, energy, ... "
            "A number is split into five bins of equal content, or its values where they are few."
        ),
    )
    where: str | None = Field(
        default=None,
        description=(
            "For count: cut whose share among the events is given; "
            "'how many of the NC are DIS' counts events 'truth == nc' where 'mode == dis'."
        ),
    )
    level: float = Field(
        default=LEVEL, gt=0, lt=1, description="Probability content of the intervals."
    )
    bins: int | None = Field(default=None, ge=1, le=200, description="Bins of a histogram.")
    bin_width: float | None = Field(
        default=None, gt=0, description="Bin width of a histogram, instead of bins."
    )
    top: int = Field(
        default=5, ge=1, le=200, description="How many events, for worst_mistakes and least_sure."
    )


class Estimate(BaseModel):
    """One number with its interval; ``passed`` of ``n`` where it is a share."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    passed: int | None = None
    unit: str = ""


class Statistics(Result):
    """Estimates and what belongs to the statistic that was asked for."""

    statistic: str
    model: str | None
    n_events: int
    total_events: int
    level: float
    level_percent: float
    target: str | None = None
    cut: float | None = None
    at: float | None = None
    column: str | None = None
    by: str | None = None
    where: str | None = None
    estimates: list[Estimate] = Field(default_factory=list)
    counts: dict[str, int] = Field(default_factory=dict)
    rows: list[dict[str, Any]] = Field(default_factory=list)
    matrix: list[list[int]] = Field(default_factory=list)
    matrix_truth: list[str] = Field(default_factory=list)
    edges: list[float] = Field(default_factory=list)
    histograms: dict[str, list[int]] = Field(default_factory=dict)
    covariance: list[list[float]] = Field(default_factory=list)
    n_left_out: int = 0
    trained_on: TrainingOverlap | None = None


class Sample:
    """The selected events with the arrays that statistics need, made on first use."""

    def __init__(self, context: ToolContext, arguments: AggregateStatistics, events: Any) -> None:
        self.context = context
        self.arguments = arguments
        self.events = events

    @property
    def truth(self) -> list[str | None]:
        """True labels; None where unknown."""
        return [t if isinstance(t, str) else None for t in self.events.table["truth"]]

    @property
    def predictions(self) -> Any:
        """Verdicts of the classifier that was asked for."""
        return self.context.predictions(self.arguments.model, self.events)

    @property
    def labels(self) -> list[str]:
        """Most probable class of each event."""
        return [label.value for label in self.predictions.labels]

    def scores(self, target: str) -> npt.NDArray[np.float64]:
        """Probability of a class."""
        from classifier.events import CLASSES

        place = [c.value for c in CLASSES].index(target)
        return np.asarray(self.predictions.probabilities[:, place], dtype=np.float64)

    def values(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column of the event table, of the measured topology, or of the verdicts."""
        table = self.events.table
        if column == "index":
            return np.asarray(self.events.indices, dtype=np.float64)
        if column not in table.columns:
            table = self.context.columns(self.events, {column}, self.arguments.model)
        if column not in table.columns:
            known = ", ".join(map(str, self.events.table.columns))
            raise SelectionError(
                f"There is no quantity '{column[:40]}'.",
                f"Choose one of {known}, or a measured one such as longest_track_cm.",
            )
        try:
            return np.asarray(table[column], dtype=np.float64)
        except (TypeError, ValueError):
            raise SelectionError(f"'{column}' is no number.", "Count its values instead.") from None

    def groups(self, by: str) -> dict[str, npt.NDArray[np.bool_]]:
        """Split by a column, and return the events of each group by its name.

        A number is split into its values where these are few and whole, otherwise into five bins of
        equal content, both ascending. Events for which the column is unknown are in no group.
        """
        table = self.events.table
        if by == "label" or (by in table.columns and not np.issubdtype(table[by].dtype, np.number)):
            column = self.labels if by == "label" else table[by]
            names = np.array([v if isinstance(v, str) else "" for v in column])
            return {str(n): names == n for n in dict.fromkeys(names.tolist()) if n}
        values = self.values(by)
        known = np.unique(values[np.isfinite(values)])
        if not len(known):
            raise NuLensError(f"No event has a known {by}.", "Split by something else.")
        if len(known) <= _FEW and (known == np.rint(known)).all():
            return {f"{v:.10g}": values == v for v in known}
        edges = np.unique(np.nanquantile(values, np.linspace(0, 1, 6)))
        place = np.searchsorted(edges[1:-1], values, side="right")
        return {
            f"{low:.4g}–{high:.4g}": (place == i) & np.isfinite(values)
            for i, (low, high) in enumerate(pairwise(edges))
        }

    def part(self, keep: npt.NDArray[np.bool_]) -> Sample:
        """Return the events of one group."""
        return Sample(self.context, self.arguments, self.events.take(self.events.indices[keep]))


def estimate(name: str, found: Any, unit: str = "") -> Estimate:
    """Turn an interval of `classifier.statistics` into plain data."""
    passed = getattr(found, "passed", None)
    return Estimate(
        name=name,
        value=plain(found.value),
        low=plain(found.low),
        high=plain(found.high),
        n=int(found.n),
        passed=passed,
        unit=unit,
    )


def empty(sample: Sample, **more: Any) -> Statistics:
    """Return the result with what every statistic says of itself."""
    a = sample.arguments
    return Statistics(
        statistic=a.statistic,
        n_events=len(sample.events),
        total_events=len(sample.context.events),
        level=a.level,
        level_percent=100 * a.level,
        by=a.by,
        **({"model": a.model} | more),
    )


def estimate_table(title: str, estimates: list[Estimate]) -> Table:
    """Return a table of estimates."""
    rows: list[list[Any]] = [[e.name, e.value, e.low, e.high, e.passed, e.n] for e in estimates]
    return Table(title, ["what", "value", "low", "high", "passed", "of"], rows)


def need_truth(sample: Sample) -> None:
    """Refuse events of unknown truth."""
    if not any(sample.truth):
        raise NuLensError(
            "The true classes of these events are not known.",
            "Ask for counts of the verdicts, or open a file with truth.",
        )


def share_in_words(e: Estimate, level: float) -> str:
    """Write a share with its counts and its interval."""
    if e.value is None or e.low is None or e.high is None:
        return "unknown (no such event)"
    passed = f"{e.passed} of {e.n}, " if e.passed is not None else ""
    return f"{percent(e.value)} ({passed}{interval(e.low, e.high, level)})"
