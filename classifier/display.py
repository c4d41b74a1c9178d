"""Plotly figures, made from the same arrays as the numbers beside them: the functions to call."""

from __future__ import annotations

from classifier.display_event import Box, event_display
from classifier.display_statistics import (
    comparison_figure,
    confusion_figure,
    corrected_counts_figure,
    histogram_figure,
    probability_figure,
    reliability_figure,
    roc_figure,
)

__all__ = [
    "Box",
    "comparison_figure",
    "confusion_figure",
    "corrected_counts_figure",
    "event_display",
    "histogram_figure",
    "probability_figure",
    "reliability_figure",
    "roc_figure",
]
