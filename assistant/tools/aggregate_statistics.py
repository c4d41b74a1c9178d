"""Numbers over many events: counts, means, histograms, and how well a classifier does."""

from __future__ import annotations

from assistant.tools import (
    statistics_of_classifier,
    statistics_of_mistakes,
    statistics_of_selection,
    statistics_of_values,
)
from assistant.tools.base import Outcome
from assistant.tools.context import ToolContext
from assistant.tools.statistics_base import AggregateStatistics, Sample, Statistics
from assistant.tools.training_overlap import in_words, training_overlap
from nulens.errors import SelectionError

_COMPUTE = (
    statistics_of_values.COMPUTE
    | statistics_of_classifier.COMPUTE
    | statistics_of_selection.COMPUTE
    | statistics_of_mistakes.COMPUTE
)


def run(context: ToolContext, arguments: AggregateStatistics) -> Outcome:
    """Compute the statistic over the selected events."""
    values_only = arguments.statistic in statistics_of_values.COMPUTE
    if not values_only:
        context.workspace.classifier(arguments.model)
    events = context.resolve(arguments.events, arguments.model)
    if not len(events) and arguments.statistic != "count":
        raise SelectionError(
            f"No event passes the selection '{arguments.events}'.", "Loosen the cut."
        )
    outcome = _COMPUTE[arguments.statistic](Sample(context, arguments, events))
    outcome.indices = [int(i) for i in events.indices]
    if not values_only and isinstance(outcome.result, Statistics):
        overlap = training_overlap(context, arguments.model, events)
        outcome.result.trained_on = overlap
        outcome.summary += in_words(overlap)
    if outcome.selected is None:
        outcome.selected = outcome.indices
    return outcome
