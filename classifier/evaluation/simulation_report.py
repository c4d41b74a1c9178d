"""The table and the figures of `evaluate_simulation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.evaluation.map_observables import OBSERVABLES, TEXTURE
from classifier.evaluation.two_sample import CROP
from classifier.events import CLASSES

if TYPE_CHECKING:
    import pandas as pd

_COLOURS = {"real": "#d62728", "simulated": "#1f77b4"}


def report(result: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        "# Simulated against real maps",
        "",
        f"{result['real']} real maps, {result['simulated']} simulated ones of the"
        " same flavour, energy and mode. Distance: Wasserstein distance over the real spread,"
        " largest of the three views; in brackets what samples of this size have by chance. Target"
        f" {result['target']}. Parameters were tuned on maps of even number; those of odd number"
        " are held back.",
    ]
    for part, title in (("held_back", "Maps held back"), ("all", "All maps")):
        sizes = {
            label: result["classes"][label.value].get(part, {"real": 0})["real"]
            for label in CLASSES
        }
        lines += [
            "",
            f"## {title}",
            "",
            "| observable | "
            + " | ".join(f"{label.symbol} ({sizes[label]})" for label in CLASSES)
            + " |",
            "| --- |" + " --- |" * len(CLASSES),
        ]
        lines += [
            f"| {name.replace('_', ' ')} ({meaning}) | "
            + " | ".join(_cell(result, label.value, part, name) for label in CLASSES)
            + " |"
            for name, meaning in OBSERVABLES.items()
        ]
    boosted, cnn = result["boosted"], result["cnn"]
    keys = ", ".join(f"{k['observable']} ({k['auc_lost']:.3f})" for k in boosted["keys_on"])
    lines += [
        "",
        "## Told apart",
        "",
        f"Cross-validated AUC, target at most {result['target_auc']} (0.5: not at all):",
        "",
        "| test | all maps | maps held back |",
        "| --- | --- | --- |",
        f"| boosted trees on observables | {boosted['auc']:.3f} | {boosted['auc_judged']:.3f} |",
    ]
    if cnn is not None:
        lines.append(
            f"| small CNN, {CROP} x {CROP} pixels about the vertex"
            f" | {cnn['auc']:.3f} | {cnn['auc_judged']:.3f} |"
        )
    lines += [
        "",
        "The trees see these observables and texture"
        f" ({'; '.join(TEXTURE.values())}); AUC that is lost without: {keys}.",
    ]
    if cnn is not None:
        parts = "; ".join(f"{k['shown']} {k['auc']:.3f}" for k in cnn["keys_on"])
        lines += ["", f"AUC, in one fold, of CNNs that are shown parts of the pictures: {parts}."]
    return "\n".join(lines) + "\n"


def _cell(result: dict[str, Any], label: str, part: str, name: str) -> str:
    found = result["classes"][label].get(part, {"rows": []})["rows"]
    rows = [row for row in found if row["observable"] == name]
    worst = max(rows, key=lambda row: row["distance"], default=None)
    return f"{worst['distance']:.2f} ({worst['by_chance']:.2f})" if worst else "–"


def figures(
    real: pd.DataFrame,
    simulated: pd.DataFrame,
    real_labels: npt.NDArray[np.str_],
    simulated_labels: npt.NDArray[np.str_],
) -> Any:
    """Histograms of the observables of the collection view, class by class."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = [f"{name.replace('_', ' ')}, {c.symbol}" for name in OBSERVABLES for c in CLASSES]
    figure = make_subplots(len(OBSERVABLES), len(CLASSES), subplot_titles=titles)
    for i, name in enumerate(OBSERVABLES, start=1):
        for j, label in enumerate(CLASSES, start=1):
            samples = {
                "real": real.loc[real_labels == label.value, f"{name}_Z"].to_numpy(),
                "simulated": simulated.loc[simulated_labels == label.value, f"{name}_Z"].to_numpy(),
            }
            top = max((values.max() for values in samples.values() if len(values)), default=1.0)
            bins = np.linspace(0.0, max(top, 1e-9), 26)
            for title, values in samples.items():
                counts = np.histogram(values, bins)[0] / max(len(values), 1)
                figure.add_trace(
                    go.Scatter(
                        x=bins[:-1],
                        y=counts,
                        line={"shape": "hv", "color": _COLOURS[title]},
                        name=title,
                        showlegend=i == j == 1,
                    ),
                    row=i,
                    col=j,
                )
    figure.update_layout(height=260 * len(OBSERVABLES), template="plotly_white")
    return figure
