"""Statistics of events and classifiers, each with its interval: the functions to call.

All take plain arrays; truth and predictions are labels (`classifier.events.EventClass` or their
text), unknown truth is None. Intervals cover 68.27 % unless another confidence is asked for.
"""

from __future__ import annotations

from classifier.intervals import ONE_SIGMA, Interval, Proportion, poisson, proportion
from classifier.statistics_comparison import (
    Agreement,
    McNemar,
    agreement,
    least_sure,
    mcnemar,
    worst_mistakes,
)
from classifier.statistics_confusion import (
    ConfusionMatrix,
    CorrectedCounts,
    accuracy,
    confusion_matrix,
    corrected_counts,
)
from classifier.statistics_ranking import RocCurve, pr_auc, roc_auc, roc_curve
from classifier.statistics_samples import (
    Description,
    Histogram,
    bin_edges,
    describe,
    histogram,
    histograms,
    mean,
    median,
)
from classifier.statistics_selection import efficiency, purity, working_point

__all__ = [
    "ONE_SIGMA",
    "Agreement",
    "ConfusionMatrix",
    "CorrectedCounts",
    "Description",
    "Histogram",
    "Interval",
    "McNemar",
    "Proportion",
    "RocCurve",
    "accuracy",
    "agreement",
    "bin_edges",
    "confusion_matrix",
    "corrected_counts",
    "describe",
    "efficiency",
    "histogram",
    "histograms",
    "least_sure",
    "mcnemar",
    "mean",
    "median",
    "poisson",
    "pr_auc",
    "proportion",
    "purity",
    "roc_auc",
    "roc_curve",
    "working_point",
    "worst_mistakes",
]
