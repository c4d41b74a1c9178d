"""Figures of the evaluation report, each made from the report's own JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier.events import CLASSES, EventClass

if TYPE_CHECKING:
    import plotly.graph_objects as go

Section = dict[str, Any]

COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")


def _figure(title: str, x: str, y: str, height: int = 420) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        title=title, xaxis_title=x, yaxis_title=y, template="plotly_white", height=height
    )
    return figure


def _errors(intervals: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [i["high"] - i["value"] for i in intervals],
        "arrayminus": [i["value"] - i["low"] for i in intervals],
    }


def confusion(model: dict[str, Any]) -> go.Figure:
    """Draw one confusion matrix twice: shares of the true class and of the called class."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    names = [EventClass(c).symbol for c in model["confusion"]["classes"]]
    titles = ("share of true class (efficiency)", "share of called class (purity)")
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.15)
    counts = model["confusion"]["counts"]
    for column, key in enumerate(("of_true", "of_called"), start=1):
        shares = model["confusion"][key]
        text = [
            [f"{share:.1%}<br>{n}" for share, n in zip(row, ns, strict=True)]
            for row, ns in zip(shares, counts, strict=True)
        ]
        figure.add_trace(
            go.Heatmap(
                z=shares,
                x=names,
                y=names,
                text=text,
                texttemplate="%{text}",
                colorscale="Blues",
                zmin=0,
                zmax=1,
                showscale=False,
            ),
            row=1,
            col=column,
        )
        figure.update_xaxes(title_text="called", row=1, col=column)
        figure.update_yaxes(title_text="true", autorange="reversed", row=1, col=column)
    figure.update_layout(title=model["model"], template="plotly_white", height=400)
    return figure


def roc(section: Section, label: EventClass) -> go.Figure:
    """Draw the ROC curves of all models for one class against the rest."""
    figure = _figure(
        f"ROC, {label.symbol} against the rest", "false positive rate", "true positive rate"
    )
    for k, model in enumerate(section["models"]):
        found = model["classes"][label.value]
        if found["roc"] is None:
            continue
        area = found["auc_roc"]
        figure.add_scatter(
            x=found["roc"]["false_positive_rate"],
            y=found["roc"]["true_positive_rate"],
            mode="lines",
            line={"color": COLOURS[k % len(COLOURS)]},
            name=f"{model['model']}: {area['value']:.3f} [{area['low']:.3f}, {area['high']:.3f}]",
        )
    return figure


def reliability(section: Section) -> go.Figure:
    """Draw accuracy against confidence of all models."""
    figure = _figure("Reliability", "confidence in the chosen class", "accuracy")
    figure.add_scatter(
        x=[0.3, 1], y=[0.3, 1], mode="lines", line={"dash": "dot", "color": "grey"}, name="ideal"
    )
    for k, model in enumerate(section["models"]):
        curve = model["calibration"]["reliability"]
        if curve is None:
            continue
        intervals = [
            {"value": v, "low": low, "high": high}
            for v, low, high in zip(curve["accuracy"], curve["low"], curve["high"], strict=True)
        ]
        figure.add_scatter(
            x=curve["confidence"],
            y=curve["accuracy"],
            error_y=_errors(intervals),
            mode="markers",
            marker={"color": COLOURS[k % len(COLOURS)]},
            name=f"{model['model']}: ECE {model['calibration']['ece']:.3f}",
        )
    return figure


def by_energy(section: Section, label: EventClass) -> go.Figure:
    """Draw the efficiency of one class against neutrino energy."""
    figure = _figure(f"Efficiency of {label.symbol}", "neutrino energy (GeV)", "efficiency")
    for k, model in enumerate(section["models"]):
        bins = model["efficiency_by_energy"].get(label.value)
        if bins:
            figure.add_scatter(
                x=[(b["from"] + b["to"]) / 2 for b in bins],
                y=[b["value"] for b in bins],
                error_y=_errors(bins),
                mode="lines+markers",
                marker={"color": COLOURS[k % len(COLOURS)]},
                name=model["model"],
            )
    figure.update_yaxes(range=[0, 1.02])
    return figure


def by_mode(section: Section) -> go.Figure:
    """Draw the efficiency of each class and interaction mode."""
    figure = _figure("Efficiency by interaction mode", "", "efficiency")
    for k, model in enumerate(section["models"]):
        bars = [
            (f"{EventClass(c).symbol} {mode}", share)
            for c, modes in model["efficiency_by_mode"].items()
            for mode, share in modes.items()
        ]
        figure.add_bar(
            x=[name for name, _ in bars],
            y=[share["value"] for _, share in bars],
            error_y=_errors([share for _, share in bars]),
            marker={"color": COLOURS[k % len(COLOURS)]},
            name=model["model"],
        )
    figure.update_layout(barmode="group")
    return figure


def stress(section: Section) -> go.Figure:
    """Draw the accuracy of all models on changed events."""
    figure = _figure("Accuracy on changed events", "", "accuracy", 480)
    for k, (name, changes) in enumerate(section["stresses"].items()):
        figure.add_scatter(
            x=list(changes),
            y=[c["accuracy"]["value"] for c in changes.values()],
            error_y=_errors([c["accuracy"] for c in changes.values()]),
            mode="markers",
            marker={"color": COLOURS[k % len(COLOURS)], "size": 9},
            name=name,
        )
    return figure


def all_figures(section: Section) -> list[go.Figure]:
    """Return the figures of one section, those that its results allow."""
    figures = [confusion(m) for m in section["models"]]
    figures += [roc(section, c) for c in CLASSES]
    figures.append(reliability(section))
    figures += [
        by_energy(section, c)
        for c in CLASSES
        if any(m["efficiency_by_energy"].get(c.value) for m in section["models"])
    ]
    if any(m["efficiency_by_mode"] for m in section["models"]):
        figures.append(by_mode(section))
    if section["stresses"]:
        figures.append(stress(section))
    return figures
