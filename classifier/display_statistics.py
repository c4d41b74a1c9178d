"""Figures of statistics: confusion, ROC, histograms, reliability, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from classifier.events import CLASSES, EventClass
from classifier.intervals import Interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

    from classifier.evaluation.calibration import Reliability
    from classifier.statistics import ConfusionMatrix, Histogram, RocCurve

# Okabe and Ito's palette, told apart with any colour vision; black and yellow left out.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_SYMBOLS = {c.value: c.symbol for c in EventClass}
CLASS_COLOURS = dict(zip((c.value for c in EventClass), _COLOURS, strict=False))


def confusion_figure(
    matrix: ConfusionMatrix, by: Literal["truth", "prediction"] = "truth", title: str | None = None
) -> Figure:
    """Draw a confusion matrix: truth downwards, prediction to the right.

    Each cell has its count and its share of the row (``by="truth"``) or the column.
    """
    from plotly.graph_objects import Heatmap

    shares = matrix.normalised(by)
    text = [
        [f"{n}<br>{p:.1%}" if np.isfinite(p) else f"{n}" for n, p in zip(*pair, strict=True)]
        for pair in zip(matrix.counts, shares, strict=True)
    ]
    whole = "true class" if by == "truth" else "predicted class"
    figure = _figure(title or f"Confusion matrix (shares of each {whole})")
    figure.add_trace(
        Heatmap(
            z=shares,
            x=[_name(label) for label in matrix.predicted],
            y=[_name(label) for label in matrix.truth],
            text=text,
            texttemplate="%{text}",
            zmin=0,
            zmax=1,
            colorscale=[[0, "#ffffff"], [1, _COLOURS[0]]],
            colorbar={"title": {"text": "share"}, "tickformat": ".0%", "thickness": 12},
            hovertemplate="truth %{y}<br>predicted %{x}<br>%{text}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text="predicted class", side="bottom", type="category")
    figure.update_yaxes(title_text="true class", autorange="reversed", type="category")
    return figure


def roc_figure(curves: Mapping[str, RocCurve], title: str | None = None) -> Figure:
    """Draw signal kept against background kept, one curve a name, with the areas below."""
    from plotly.graph_objects import Scatter

    figure = _figure(title or "Signal against background kept")
    for number, (name, curve) in enumerate(curves.items()):
        keep = _corners(curve.background, curve.signal)
        figure.add_trace(
            Scatter(
                x=curve.background[keep],
                y=curve.signal[keep],
                customdata=curve.cut[keep],
                mode="lines",
                line={"color": _colour(name, number)},
                name=f"{_name(name)}: AUC {_with_errors(curve.auc)}",
                hovertemplate="background %{x:.3f}<br>signal %{y:.3f}<br>cut %{customdata:.3f}",
            )
        )
    figure.add_trace(_diagonal("chance"))
    figure.update_xaxes(title_text="background efficiency", range=[0, 1])
    figure.update_yaxes(title_text="signal efficiency", range=[0, 1.005])
    return figure


def histogram_figure(
    histograms: Histogram | Mapping[str, Histogram], quantity: str, title: str | None = None
) -> Figure:
    """Draw histograms with their Poisson intervals; several lie over each other.

    Parameters
    ----------
    histograms : Histogram, or mapping of name to Histogram
    quantity : str
        Label of the horizontal axis, with its unit.
    """
    from plotly.graph_objects import Bar, Scatter

    groups = histograms if isinstance(histograms, Mapping) else {"events": histograms}
    figure = _figure(title or f"Distribution of {escape(quantity)}")
    for number, (name, h) in enumerate(groups.items()):
        colour = _colour(name, number)
        shared = {
            "x": (h.edges[:-1] + h.edges[1:]) / 2,
            "y": h.counts,
            "error_y": _errors(h.counts, h.low, h.high),
            "name": _name(name),
            "customdata": np.stack([h.edges[:-1], h.edges[1:]], axis=1),
            "hovertemplate": "%{customdata[0]:.4g} to %{customdata[1]:.4g}: %{y}",
        }
        if len(groups) == 1:
            figure.add_trace(Bar(width=np.diff(h.edges), marker={"color": colour}, **shared))
        else:
            line = {"color": colour, "shape": "hvh"}
            figure.add_trace(Scatter(mode="lines", line=line, **shared))
    figure.update_layout(bargap=0, showlegend=len(groups) > 1)
    figure.update_xaxes(title_text=escape(quantity))
    figure.update_yaxes(title_text="events", rangemode="tozero")
    return figure


def reliability_figure(curves: Mapping[str, Reliability], title: str | None = None) -> Figure:
    """Draw accuracy against confidence; on the diagonal, probabilities mean what they say."""
    from plotly.graph_objects import Scatter

    figure = _figure(title or "Are the probabilities honest?")
    for number, (name, curve) in enumerate(curves.items()):
        figure.add_trace(
            Scatter(
                x=curve.confidence,
                y=curve.accuracy,
                error_y=_errors(curve.accuracy, curve.low, curve.high),
                customdata=curve.count,
                mode="markers+lines",
                line={"color": _colour(name, number), "width": 1},
                name=_name(name),
                hovertemplate="confidence %{x:.3f}<br>right %{y:.3f}<br>%{customdata} events",
            )
        )
    figure.add_trace(_diagonal("honest"))
    figure.update_xaxes(title_text="mean confidence in the label", range=[0.3, 1.01])
    figure.update_yaxes(title_text="share of right labels", range=[0, 1.02])
    return figure


def comparison_figure(
    values: Mapping[str, Interval], quantity: str, title: str | None = None
) -> Figure:
    """Draw one bar a name with its interval, such as accuracies of models."""
    from plotly.graph_objects import Bar

    centres = np.array([v.value for v in values.values()], dtype=np.float64)
    low = np.array([v.low for v in values.values()], dtype=np.float64)
    high = np.array([v.high for v in values.values()], dtype=np.float64)
    figure = _figure(title or escape(quantity))
    figure.add_trace(
        Bar(
            x=[_name(name) for name in values],
            y=centres,
            error_y=_errors(centres, low, high),
            marker={"color": [_colour(name, i) for i, name in enumerate(values)]},
            customdata=[v.n for v in values.values()],
            hovertemplate="%{x}: %{y:.4g} (n = %{customdata})<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title_text=escape(quantity), rangemode="tozero")
    return figure


def by_group_figure(values: Mapping[str, Interval], quantity: str, by: str) -> Figure:
    """Draw a quantity with its interval for each group of events, such as bins of energy."""
    from plotly.graph_objects import Scatter

    centre, low, high = (
        np.array([getattr(v, name) for v in values.values()], dtype=np.float64)
        for name in ("value", "low", "high")
    )
    figure = _figure(escape(f"{quantity} by {by}"))
    figure.add_trace(
        Scatter(
            x=[_name(name) for name in values],
            y=centre,
            error_y=_errors(centre, low, high),
            mode="markers",
            marker={"color": _COLOURS[0], "size": 9},
            customdata=[v.n for v in values.values()],
            hovertemplate="%{x}: %{y:.4g} (n = %{customdata})<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=escape(by), type="category")
    figure.update_yaxes(title_text=escape(quantity), rangemode="tozero")
    return figure


def corrected_counts_figure(
    classes: Sequence[str],
    observed: npt.ArrayLike,
    corrected: npt.ArrayLike,
    errors: npt.ArrayLike,
    title: str | None = None,
) -> Figure:
    """Draw the numbers of labels beside the numbers of events corrected for the confusion.

    Parameters
    ----------
    classes : sequence of str, length n
    observed, corrected, errors : array-like, shape (n,)
        Events given each label; true events of each class; one standard deviation of the latter.
    """
    from plotly.graph_objects import Bar

    names = [_name(label) for label in classes]
    figure = _figure(title or "Counts corrected for misclassification")
    figure.add_trace(
        Bar(x=names, y=np.asarray(observed), name="labelled", marker={"color": "#999999"})
    )
    figure.add_trace(
        Bar(
            x=names,
            y=np.asarray(corrected),
            error_y={"type": "data", "array": np.asarray(errors)},
            name="corrected",
            marker={"color": _COLOURS[0]},
        )
    )
    figure.update_layout(barmode="group")
    figure.update_yaxes(title_text="events")
    return figure


def probability_figure(
    probabilities: Mapping[str, npt.ArrayLike], title: str | None = None
) -> Figure:
    """Draw class probabilities side by side: of several models, or before and after a change.

    Parameters
    ----------
    probabilities : mapping of name to array-like, shape (3,)
        In the order of `CLASSES`.
    """
    from plotly.graph_objects import Bar

    figure = _figure(title or "Class probabilities")
    for number, (name, p) in enumerate(probabilities.items()):
        figure.add_trace(
            Bar(
                x=[label.symbol for label in CLASSES],
                y=np.asarray(p, dtype=np.float64),
                name=_name(name),
                marker={"color": _COLOURS[number % len(_COLOURS)]},
                hovertemplate="%{x}: %{y:.4f}",
            )
        )
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_yaxes(title_text="probability", range=[0, 1])
    return figure


def verdicts_figure(probabilities: Mapping[str, npt.ArrayLike], title: str | None = None) -> Figure:
    """Draw the class probabilities of events, one stacked bar a name.

    Parameters
    ----------
    probabilities : mapping of name to array-like, shape (3,)
        In the order of `CLASSES`.
    """
    from plotly.graph_objects import Bar

    columns = np.array(list(probabilities.values()), dtype=np.float64).reshape(-1, len(CLASSES)).T
    figure = _figure(title or "Class probabilities")
    for label, column in zip(CLASSES, columns, strict=True):
        figure.add_trace(
            Bar(
                x=[_name(name) for name in probabilities],
                y=column,
                name=label.symbol,
                marker={"color": CLASS_COLOURS[label.value]},
                hovertemplate="%{x}: %{y:.3f}",
            )
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(type="category")
    figure.update_yaxes(title_text="probability", range=[0, 1])
    return figure


def _figure(title: str) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_layout(
        template="plotly_white",
        title={"text": title},
        height=420,
        margin={"l": 60, "r": 20, "t": 60, "b": 50},
        # Below the plot, so that a phone's width is left to it.
        legend={
            "orientation": "h",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0.5,
            "xanchor": "center",
        },
    )
    return figure


def _diagonal(name: str) -> Scatter:
    from plotly.graph_objects import Scatter

    line = {"color": "#999999", "dash": "dot"}
    return Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, name=name, hoverinfo="skip")


def _name(name: str) -> str:
    """Return a class as its symbol, anything else as it is, safe to draw."""
    return _SYMBOLS.get(name, escape(name))


def _colour(name: str, number: int) -> str:
    return CLASS_COLOURS.get(name, _COLOURS[number % len(_COLOURS)])


def _errors(
    centre: npt.NDArray[Any], low: npt.NDArray[Any], high: npt.NDArray[Any]
) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": high - centre,
        "arrayminus": centre - low,
        "thickness": 1,
        "width": 2,
    }


def _with_errors(interval: Interval) -> str:
    if np.isnan(interval.value):
        return "unknown"
    above, below = interval.high - interval.value, interval.value - interval.low
    return f"{interval.value:.3f} +{above:.3f} −{below:.3f}"


def _corners(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Leave out points in the middle of straight steps, and thin what is left to 2000 points."""
    dx, dy = np.diff(x), np.diff(y)
    turns = dx[:-1] * dy[1:] != dx[1:] * dy[:-1]
    keep = np.flatnonzero(np.concatenate([[True], turns, [True]]))
    if len(keep) > 2000:
        keep = keep[np.unique(np.linspace(0, len(keep) - 1, 2000).astype(int))]
    return keep
