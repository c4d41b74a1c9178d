"""Plotly figures, made from the same arrays as the numbers beside them: the functions to call."""

from __future__ import annotations

from classifier.display_event import event_display
from classifier.display_statistics import (
    CLASS_COLOURS,
    by_group_figure,
    comparison_figure,
    confusion_figure,
    corrected_counts_figure,
    histogram_figure,
    probability_figure,
    reliability_figure,
    roc_figure,
    verdicts_figure,
)

__all__ = [
    "CLASS_COLOURS",
    "by_group_figure",
    "comparison_figure",
    "confusion_figure",
    "corrected_counts_figure",
    "event_display",
    "histogram_figure",
    "probability_figure",
    "reliability_figure",
    "roc_figure",
    "verdicts_figure",
]
