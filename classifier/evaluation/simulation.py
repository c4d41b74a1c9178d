"""How real the simulation looks: distances of distributions, and tests that tell the two apart.

Every real map whose energy is known is simulated anew, several times: the same flavour, current,
energy and interaction mode, so that no difference of spectra is taken for one of pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.evaluation.map_observables import OBSERVABLES, TEXTURE, observe
from classifier.events import CLASSES, DUNE_FD_HD, Event, EventSet, Hits
from nulens.errors import NuLensError

if TYPE_CHECKING:
    import pandas as pd

TARGET = 0.15
"""Wasserstein distance in units of the real spread that the simulation aims at."""
TARGET_AUC = 0.75
CROP = 128
"""Side of the window, at full resolution around the vertex, that the small CNN sees."""


def simulate_like(event: Event, rng: np.random.Generator) -> Hits:
    """Simulate an event of the class, energy and mode of a real one.

    A neutral current says neither flavour nor mode: a muon neutrino's is taken.
    """
    from classifier.simulation.event import simulate_interaction
    from classifier.simulation.generator import ENERGY_RANGE, generate

    truth = event.truth
    assert truth is not None
    cc = truth.label != "nc"
    nu_pdg = truth.nu_pdg if cc and truth.nu_pdg else 14
    modes = {"other": ("mec", "coh")}.get(truth.mode or "", (truth.mode,))
    energy = float(np.clip(truth.energy, *ENERGY_RANGE))
    for attempt in range(20_000):
        interaction = generate(rng, nu_pdg, cc, energy)
        # A mode that is hardly possible at this energy is given up in the end.
        if truth.mode is None or interaction.mode in modes or attempt > 5000:
            simulated = simulate_interaction(rng, DUNE_FD_HD.name, interaction)
            if simulated is not None:
                return simulated.hits
    raise NuLensError(
        f"No event like '{event.id}' of {energy:g} GeV can be simulated.", "Leave it out."
    )


def _observe(pictures: list[Hits]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([observe(hits, DUNE_FD_HD) for hits in pictures])


def _distance(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], spread: float) -> float:
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(a, b) / max(spread, 1e-12))


def _compare(
    real: pd.DataFrame, simulated: pd.DataFrame, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """One row an observable and view, with what two samples of these sizes differ by chance."""
    rows = []
    for name in OBSERVABLES:
        for view in DUNE_FD_HD.views:
            a = real[f"{name}_{view.name}"].to_numpy()
            b = simulated[f"{name}_{view.name}"].to_numpy()
            spread = float(a.std())
            chance = [
                _distance(rng.choice(a, len(a)), rng.choice(a, len(b)), spread) for _ in range(40)
            ]
            rows.append(
                {
                    "observable": name,
                    "view": view.name,
                    "real_mean": float(a.mean()),
                    "simulated_mean": float(b.mean()),
                    "real_spread": spread,
                    "distance": _distance(a, b, spread),
                    "by_chance": float(np.mean(chance)),
                }
            )
    return rows


def _boosted_auc(
    real: pd.DataFrame, simulated: pd.DataFrame, groups: npt.NDArray[np.int64], seed: int
) -> dict[str, Any]:
    """Cross-validated AUC of boosted trees on all observables, and what they key on."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    x = np.concatenate([real.to_numpy(), simulated.to_numpy()])
    y = np.r_[np.zeros(len(real)), np.ones(len(simulated))]
    scores = np.empty(len(y))
    mean: npt.NDArray[np.float64] | None = None
    for train, test in GroupKFold(5).split(x, y, groups):
        model = HistGradientBoostingClassifier(max_iter=100, max_depth=3, random_state=seed)
        model.fit(x[train], y[train])
        scores[test] = model.predict_proba(x[test])[:, 1]
        if mean is None:
            # One fold tells what they key on; all of them would take minutes.
            mean = permutation_importance(
                model, x[test], y[test], scoring="roc_auc", n_repeats=3, random_state=seed
            ).importances_mean
    assert mean is not None
    assert mean is not None
    keys = [
        {"observable": str(real.columns[i]), "auc_lost": float(mean[i])}
        for i in np.argsort(-mean)[:6]
    ]
    return {"auc": float(roc_auc_score(y, scores)), "keys_on": keys}


def _windows(pictures: list[Hits]) -> npt.NDArray[np.float32]:
    """Crops of `CROP` rows and columns about the vertex, log-scaled, shape (n, 3, CROP, CROP)."""
    out = np.zeros((len(pictures), DUNE_FD_HD.n_views, CROP, CROP), np.float32)
    left = DUNE_FD_HD.shape[1] // 2 - CROP // 2
    for image, hits in zip(out, pictures, strict=True):
        column = hits.column.astype(np.int64) - left
        inside = (hits.row < CROP) & (column >= 0) & (column < CROP)
        image[hits.view[inside], hits.row[inside], column[inside]] = (
            np.log1p(hits.value[inside].astype(np.float32)) / 5.5
        )
    return out


def _cnn_auc(
    real: list[Hits], simulated: list[Hits], groups: npt.NDArray[np.int64], seed: int
) -> float:
    """Cross-validated AUC of a small CNN that learns to tell real from simulated maps."""
    import torch
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from torch import nn

    x = torch.from_numpy(np.concatenate([_windows(real), _windows(simulated)]))
    y = np.r_[np.zeros(len(real)), np.ones(len(simulated))].astype(np.float32)
    target = torch.from_numpy(y)
    scores = np.empty(len(y))
    for fold, (train, test) in enumerate(GroupKFold(4).split(x, y, groups)):
        torch.manual_seed(seed + fold)
        layers: list[nn.Module] = []
        for inputs, outputs in ((3, 16), (16, 32), (32, 48), (48, 64)):
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.ReLU()]
        model = nn.Sequential(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 1)
        )
        steps, batch = 12 * (len(train) // 32 + 1), 32
        optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
        rng = np.random.default_rng(seed + fold)
        # As many real as simulated ones in each batch.
        ones, zeros = train[y[train] == 1], train[y[train] == 0]
        for _ in range(steps):
            chosen = np.r_[rng.choice(ones, batch // 2), rng.choice(zeros, batch // 2)]
            loss = nn.functional.binary_cross_entropy_with_logits(
                model(x[chosen])[:, 0], target[chosen]
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        model.eval()
        with torch.no_grad():
            scores[test] = model(x[test])[:, 0].numpy()
    return float(roc_auc_score(y, scores))


def _matched(events: EventSet) -> list[Event]:
    table = events.table
    labels = [label.value for label in CLASSES]
    known = table["truth"].isin(labels) & table["energy"].notna()
    return list(events.take(table.index[known].to_numpy()))


def evaluate_simulation(
    out_dir: str | PathLike[str],
    real_dir: str | PathLike[str],
    *,
    per_event: int = 2,
    seed: int = 1,
    cnn: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Compare simulated with real maps of the DUNE far detector and write a report.

    Parameters
    ----------
    out_dir : path-like
        Gets ``simulation.json``, ``simulation.md`` and ``simulation.html`` (figures).
    real_dir : path-like
        Folder of DUNE CVN maps; those with an energy (``.info`` files) are compared.
    per_event : int
        Simulated events for each real one.
    seed : int
    cnn : bool
        Train the small CNN too (about a minute on two cores).
    progress : callable, optional
        Called with the number of real maps done and their total.

    Returns
    -------
    dict
        ``classes``: per class and for each half of the real maps (every other one; parameters may
        be tuned on ``even`` only) rows of observable, view, means, real spread, Wasserstein
        distance over it, and the distance that samples of that size have by chance;
        ``boosted_auc`` and ``cnn_auc``: how well real and simulated are told apart.

    Raises
    ------
    NuLensError
        If the folder has no maps with energies.
    """
    from classifier.formats import open_events

    real = _matched(open_events(real_dir))
    if not real:
        raise NuLensError(
            f"{real_dir} has no maps with an energy to compare with.",
            "Name the folder of DUNE CVN maps that have .info files.",
        )
    simulated: list[Hits] = []
    for done, event in enumerate(real, start=1):
        rng = np.random.default_rng([seed, done])
        simulated += [simulate_like(event, rng) for _ in range(per_event)]
        if progress is not None:
            progress(done, len(real))
    rng = np.random.default_rng(seed)
    labels = np.array([str(e.truth.label) for e in real if e.truth is not None])
    pictures = [event.hits for event in real]
    seen, made = _observe(pictures), _observe(simulated)
    number = np.arange(len(real))
    owner = np.repeat(number, per_event)
    classes: dict[str, Any] = {}
    for label in CLASSES:
        mine = number[labels == label.value]
        halves = {"all": mine, "even": mine[::2], "odd": mine[1::2]}
        classes[label.value] = {
            half: {
                "real": len(chosen),
                "rows": _compare(seen.iloc[chosen], made[np.isin(owner, chosen)], rng),
            }
            for half, chosen in halves.items()
            if len(chosen) > 1
        }
    groups = np.r_[number, owner]
    result: dict[str, Any] = {
        "real": len(real),
        "simulated": len(simulated),
        "seed": seed,
        "target": TARGET,
        "classes": classes,
        "boosted": _boosted_auc(seen, made, groups, seed),
        "cnn_auc": _cnn_auc(pictures, simulated, groups, seed) if cnn else None,
    }
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    (out / "simulation.json").write_text(json.dumps(result, indent=1))
    (out / "simulation.md").write_text(_report(result))
    _figures(seen, made, labels, labels[owner]).write_html(
        out / "simulation.html", include_plotlyjs=True
    )
    return result


def _report(result: dict[str, Any]) -> str:
    lines = [
        "# Simulated against real maps",
        "",
        f"{result['real']} real maps, {result['simulated']} simulated ones of the same flavour,"
        " energy and mode. Distance: Wasserstein distance over the real spread, largest of the"
        f" three views; in brackets what samples of this size have by chance. Target {TARGET}.",
        "",
        "| observable | " + " | ".join(c.symbol for c in CLASSES) + " |",
        "| --- |" + " --- |" * len(CLASSES),
    ]
    for name, meaning in OBSERVABLES.items():
        cells = []
        for label in CLASSES:
            found = result["classes"].get(label.value, {}).get("all", {"rows": []})["rows"]
            rows = [row for row in found if row["observable"] == name]
            worst = max(rows, key=lambda row: row["distance"], default=None)
            cells.append(f"{worst['distance']:.2f} ({worst['by_chance']:.2f})" if worst else "–")
        lines.append(f"| {name.replace('_', ' ')} ({meaning}) | " + " | ".join(cells) + " |")
    keys = ", ".join(k["observable"] for k in result["boosted"]["keys_on"])
    lines += [
        "",
        f"Boosted trees on these and on texture ({'; '.join(TEXTURE.values())}) tell real from"
        f" simulated with AUC {result['boosted']['auc']:.3f} (cross-validated); they key on"
        f" {keys}.",
    ]
    if result["cnn_auc"] is not None:
        lines.append(
            f"A small CNN on {CROP} x {CROP} pixels about the vertex: AUC {result['cnn_auc']:.3f}"
            f" (target at most {TARGET_AUC})."
        )
    return "\n".join(lines) + "\n"


def _figures(
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
            a = real.loc[real_labels == label.value, f"{name}_Z"]
            b = simulated.loc[simulated_labels == label.value, f"{name}_Z"]
            bins = np.linspace(0.0, max(a.max(), b.max(), 1e-9), 26)
            for values, title, colour in ((a, "real", "#d62728"), (b, "simulated", "#1f77b4")):
                counts = np.histogram(values, bins)[0] / max(len(values), 1)
                figure.add_trace(
                    go.Scatter(
                        x=bins[:-1],
                        y=counts,
                        line={"shape": "hv", "color": colour},
                        name=title,
                        showlegend=i == j == 1,
                    ),
                    row=i,
                    col=j,
                )
    figure.update_layout(height=260 * len(OBSERVABLES), template="plotly_white")
    return figure
