"""How well a classifier does: accuracy, confusion, ROC, calibration, corrected counts."""

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
    empty,
    estimate,
    estimate_table,
    need_truth,
    share_in_words,
)
from assistant.tools.wording import (
    group_name,
    listed,
    model_name,
    percent,
    plural,
    symbol,
    with_unit,
)
from classifier.events import CLASSES, EventClass

_NAMES = [c.value for c in CLASSES]


def accuracy(sample: Sample) -> Outcome:
    """Share of right verdicts among events truly of the three classes."""
    from classifier.statistics import accuracy as share

    need_truth(sample)
    a = sample.arguments
    truth, labels = sample.truth, sample.labels
    result = empty(sample)
    result.estimates = [estimate("accuracy", share(truth, labels, confidence=a.level))]
    whole = result.estimates[0]
    result.n_left_out = len(truth) - whole.n
    result.counts = {"right": whole.passed or 0, "wrong": whole.n - (whole.passed or 0)}
    figures = []
    text = (
        f"The accuracy of the {model_name(a.model)} "
        f"is {share_in_words(whole, a.level)}; {result.counts['wrong']} are "
        "wrong."
    )
    if a.by:
        from classifier.display import by_group_figure

        found = {
            g: share(
                [truth[i] for i in np.flatnonzero(own)],
                [labels[i] for i in np.flatnonzero(own)],
                confidence=a.level,
            )
            for g, own in sample.groups(a.by).items()
            if a.by != "truth" or g in _NAMES
        }
        own = [estimate(g, e) for g, e in found.items()]
        result.estimates += own
        parts = [f"{group_name(e.name)}: {share_in_words(e, a.level)}" for e in own]
        text += f" By {with_unit(a.by)}: {'; '.join(parts)}."
        figures.append(as_json(by_group_figure(found, "accuracy", with_unit(a.by))))
    others = {
        c.value: truth.count(c.value)
        for c in EventClass
        if c not in CLASSES and truth.count(c.value)
    }
    if others:
        text += (
            f" {', '.join(f'{n} {symbol(k)}' for k, n in others.items())} "
            "are left out: none of the three classes is theirs."
        )
        result.rows = [{"left_out": k, "events": n} for k, n in others.items()]
    table = estimate_table("Accuracy", result.estimates)
    return Outcome(result, text, tables=[table], figures=figures)


def confusion(sample: Sample) -> Outcome:
    """How often each true class is given each label."""
    from classifier.display import confusion_figure
    from classifier.statistics import confusion_matrix

    need_truth(sample)
    a = sample.arguments
    matrix = confusion_matrix(sample.truth, sample.labels)
    result = empty(sample)
    result.matrix = [[int(n) for n in row] for row in matrix.counts]
    result.matrix_truth = list(matrix.truth)
    words, cells = [], []
    for t, row in zip(matrix.truth, matrix.counts, strict=True):
        if not row.sum():
            continue
        for p in matrix.predicted:
            result.estimates.append(
                estimate(f"{t} called {p}", matrix.share(t, p, confidence=a.level))
            )
        called = [
            f"{int(n)} are called {symbol(p)}" for p, n in zip(matrix.predicted, row, strict=True)
        ]
        words.append(f"of {int(row.sum())} true {symbol(t)}, {listed(called)}")
        cells.append([symbol(t), *(int(n) for n in row)])
    table = Table(
        "Confusion matrix (rows truth, columns verdicts)",
        ["true class", *(symbol(p) for p in matrix.predicted)],
        cells,
    )
    return Outcome(
        result,
        f"Confusion matrix of the {model_name(a.model)}: {'; '.join(words)}.",
        tables=[table, estimate_table("Shares of each true class", result.estimates)],
        figures=[as_json(confusion_figure(matrix))],
    )


def roc(sample: Sample) -> Outcome:
    """Receiver operating characteristic of each class against the rest."""
    from classifier.display import roc_figure
    from classifier.statistics import roc_curve

    need_truth(sample)
    a = sample.arguments
    truth = np.array([t or "" for t in sample.truth])
    known = np.isin(truth, _NAMES)
    result = empty(sample, target=a.target)
    result.n_left_out = int((~known).sum())
    curves, words = {}, []
    for target in [a.target] if a.target else _NAMES:
        curve = roc_curve(
            (truth == target)[known], sample.scores(target)[known], confidence=a.level
        )
        curves[symbol(target)] = curve
        e = estimate(f"AUC {target}", curve.auc)
        result.estimates.append(e)
        words.append(
            f"{symbol(target)} {e.value:.3f} ({e.low:.3f}–{e.high:.3f})"
            if e.value is not None
            else f"{symbol(target)} unknown (one class is empty)"
        )
    text = (
        f"Area under the ROC curve of the {model_name(a.model)}, each "
        "class against the other "
        f"two: {listed(words)}; {100 * a.level:.4g} % intervals."
    )
    if result.n_left_out:
        text += f" {plural(result.n_left_out)} of no or unknown class are left out."
    return Outcome(
        result,
        text,
        tables=[estimate_table("AUC", result.estimates)],
        figures=[as_json(roc_figure(curves))],
    )


def calibration(sample: Sample) -> Outcome:
    """Confidence against how often it is right."""
    from classifier.display import reliability_figure
    from classifier.evaluation.calibration import expected_calibration_error, reliability

    need_truth(sample)
    a = sample.arguments
    p, truth = sample.predictions.probabilities, sample.events.labels
    found = reliability(p, truth)
    error = expected_calibration_error(p, truth)
    result = empty(sample)
    known = truth >= 0
    result.estimates = [
        Estimate(
            name="expected calibration error",
            value=float(error),
            low=None,
            high=None,
            n=int(known.sum()),
        )
    ]
    mean_confidence = float(p[known].max(axis=1).mean())
    share = float((p[known].argmax(axis=1) == truth[known]).mean())
    result.rows = [{"mean_confidence": mean_confidence, "accuracy": share}]
    rows: list[list[Any]] = [
        [float(c), float(r), float(lo), float(hi), int(n)]
        for c, r, lo, hi, n in zip(
            found.confidence, found.accuracy, found.low, found.high, found.count, strict=True
        )
    ]
    text = (
        f"The {model_name(a.model)} has a mean confidence "
        f"of {percent(mean_confidence)} and an accuracy "
        f"of {percent(share)} on {plural(int(known.sum()))}; its "
        f"expected calibration error is {percent(float(error))}."
    )
    return Outcome(
        result,
        text,
        tables=[Table("Reliability", ["confidence", "accuracy", "low", "high", "events"], rows)],
        figures=[as_json(reliability_figure({model_name(a.model): found}))],
    )


def corrected(sample: Sample) -> Outcome:
    """Correct counts for confusion, measured on events other than those that are counted.

    The labelled events are split by the parity of their position; each half is corrected with the
    confusion of the other, and the two are added.
    """
    from classifier.display import corrected_counts_figure
    from classifier.statistics import confusion_matrix, corrected_counts

    need_truth(sample)
    a = sample.arguments
    truth, labels = sample.truth, sample.labels
    values, covariance, observed = np.zeros(3), np.zeros((3, 3)), np.zeros(3)
    for half in (0, 1):
        own = [i for i in range(len(labels)) if i % 2 == half]
        other = [i for i in range(len(labels)) if i % 2 != half and truth[i] is not None]
        matrix = confusion_matrix([truth[i] for i in other], [labels[i] for i in other])
        counts = np.array([sum(labels[i] == c for i in own) for c in _NAMES], dtype=float)
        background = matrix.counts[len(CLASSES) :].sum(axis=0).astype(float) * (
            len(own) / max(len(other), 1)
        )
        found = corrected_counts(counts, matrix, background=background)
        values += found.values
        covariance += found.covariance
        observed += counts
    errors = np.sqrt(np.diag(covariance))
    result = empty(sample, target=a.target)
    result.covariance = [[float(x) for x in row] for row in covariance]
    result.counts = {n: truth.count(n) for n in [*_NAMES, "nutau_cc", "cosmic"] if truth.count(n)}
    result.estimates = [
        Estimate(
            name=n, value=float(v), low=float(v - e), high=float(v + e), n=int(o), unit="events"
        )
        for n, v, e, o in zip(_NAMES, values, errors, observed, strict=True)
    ]
    result.rows = [
        {"class": n, "called": int(o), "corrected": float(v), "error": float(e)}
        for n, o, v, e in zip(_NAMES, observed, values, errors, strict=True)
    ]
    chosen = [r for r in result.rows if a.target in (None, r["class"])]
    words = [
        f"{r['called']} are called {symbol(r['class'])}, which corrects "
        f"to {r['corrected']:.1f} ± {r['error']:.1f} "
        f"true {symbol(r['class'])} "
        f"(truth: {result.counts.get(r['class'], 0)})"
        for r in chosen
    ]
    text = (
        f"Of {plural(len(labels))} the {model_name(a.model)}'s "
        "verdicts, corrected for misclassification with the confusion "
        f"matrix of the other half of the events: {'; '.join(words)}. "
        "Errors are one standard deviation, from counting and from the limited number of events "
        "behind the matrix; events of no class are subtracted as background."
    )
    table = Table(
        "Corrected counts",
        ["class", "called", "corrected", "error", "truth"],
        [
            [
                symbol(r["class"]),
                r["called"],
                r["corrected"],
                r["error"],
                result.counts.get(r["class"], 0),
            ]
            for r in result.rows
        ],
    )
    cov = Table(
        "Covariance of the corrected counts",
        ["", *(symbol(n) for n in _NAMES)],
        [[symbol(n), *row] for n, row in zip(_NAMES, result.covariance, strict=True)],
    )
    figure = corrected_counts_figure([symbol(n) for n in _NAMES], observed, values, errors)
    return Outcome(result, text, tables=[table, cov], figures=[as_json(figure)])


COMPUTE: dict[str, Callable[[Sample], Outcome]] = {
    "accuracy": accuracy,
    "confusion_matrix": confusion,
    "roc": roc,
    "calibration": calibration,
    "corrected_counts": corrected,
}
