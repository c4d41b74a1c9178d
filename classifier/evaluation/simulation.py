"""How real the simulation looks: distances of distributions, and tests that tell the two apart.

Every real map is simulated anew, several times: the same flavour, current, energy and interaction
mode, so that no difference of spectra is taken for one of pictures. Maps whose energy is not told
are left out: the published sets differ in their spectra.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.evaluation.map_observables import OBSERVABLES, observe
from classifier.evaluation.simulation_report import figures, report
from classifier.evaluation.two_sample import boosted_test, cnn_test
from classifier.events import CLASSES, DUNE_FD_HD, EventSet, Hits
from nulens.errors import NuLensError

if TYPE_CHECKING:
    import pandas as pd

TARGET = 0.15
"""Wasserstein distance in units of the real spread that the simulation aims at."""
TARGET_AUC = 0.75


def simulate_like(
    rng: np.random.Generator, label: str, nu_pdg: int | None, mode: str | None, energy: float
) -> Hits:
    """Simulate an event of the class, energy (GeV) and mode of a real one.

    A neutral current says neither flavour nor mode: a muon neutrino's is taken.

    Raises
    ------
    NuLensError
        If such an event makes no picture.
    """
    from classifier.simulation.event import simulate_interaction
    from classifier.simulation.generator import ENERGY_RANGE, generate

    cc = label != "nc"
    flavour = nu_pdg or {"nue_cc": 12, "numu_cc": 14}.get(label, 14)
    modes = {"other": ("mec", "coh")}.get(mode or "", (mode,))
    energy = float(np.clip(energy, *ENERGY_RANGE))
    for attempt in range(20_000):
        interaction = generate(rng, flavour if cc else 14, cc, energy)
        # A mode that is hardly possible at this energy is given up in the end.
        if mode is None or interaction.mode in modes or attempt > 5000:
            simulated = simulate_interaction(rng, DUNE_FD_HD.name, interaction)
            if simulated is not None:
                return simulated.hits
    raise NuLensError(f"No {label} event of {energy:g} GeV can be simulated.", "Leave it out.")


def _matched(events: EventSet) -> pd.DataFrame:
    """Table of the maps to compare with, and whether each is held back."""
    table = events.table
    labels = [label.value for label in CLASSES]
    table = table[table["truth"].isin(labels) & table["energy"].notna()].copy()
    if not len(table):
        raise NuLensError(
            f"{events.source} has no maps with an energy to compare with.",
            "Name the folder of DUNE CVN maps that have .info files.",
        )
    table["mode"] = table["mode"].astype(object).where(table["mode"].notna(), None)
    # Parameters may be tuned on maps of even number; those of odd number are held back.
    numbers = [int(re.findall(r"\d+", name)[-1]) for name in table["id"]]
    table["held_back"] = np.array(numbers) % 2 == 1
    return table


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


def _simulated(
    table: pd.DataFrame, per_event: int, seed: int, progress: Callable[[int, int], None] | None
) -> list[Hits]:
    """`per_event` pictures for each row."""
    pictures: list[Hits] = []
    rows = table[["truth", "nu_pdg", "mode", "energy"]].to_numpy(object)
    for done, (label, pdg, mode, energy) in enumerate(rows, start=1):
        rng = np.random.default_rng([seed, done])
        flavour = int(pdg) if pdg == pdg and pdg is not None else None
        pictures += [simulate_like(rng, label, flavour, mode, energy) for _ in range(per_event)]
        if progress is not None:
            progress(done, len(table))
    return pictures


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
        Train the small CNN too (a few minutes).
    progress : callable, optional
        Called with the number of real maps done and their total.

    Returns
    -------
    dict
        ``classes``: per class, for all real maps and for the half that is held back from tuning
        (odd numbers), rows of observable, view, means, real spread, Wasserstein distance over it,
        and the distance that samples of that size have by chance; ``boosted`` and ``cnn``: how well
        real and simulated are told apart, over all and over the held-back maps, and by what.

    Raises
    ------
    NuLensError
        If the folder has no maps with energies.
    """
    import pandas as pd

    from classifier.formats import open_events

    rng = np.random.default_rng(seed)
    events = open_events(real_dir)
    table = _matched(events)
    pictures = [event.hits for event in events.take(table.index.to_numpy())]
    simulated = _simulated(table, per_event, seed, progress)
    seen, made = (
        pd.DataFrame([observe(hits, DUNE_FD_HD) for hits in maps]) for maps in (pictures, simulated)
    )
    number = np.arange(len(table))
    owner = np.repeat(number, per_event)
    labels = table["truth"].to_numpy(str)
    held = table["held_back"].to_numpy(bool)
    classes: dict[str, Any] = {}
    for label in CLASSES:
        mine = labels == label.value
        classes[label.value] = {
            part: {
                "real": int(chosen.sum()),
                "rows": _compare(seen[chosen], made[chosen[owner]], rng),
            }
            for part, chosen in (("all", mine), ("held_back", mine & held))
            if chosen.sum() > 1
        }
    groups, judged = np.r_[number, owner], np.r_[held, held[owner]]
    result: dict[str, Any] = {
        "real": len(table),
        "simulated": len(simulated),
        "seed": seed,
        "target": TARGET,
        "target_auc": TARGET_AUC,
        "classes": classes,
        "boosted": boosted_test(seen, made, groups, judged, seed),
        "cnn": cnn_test(pictures, simulated, groups, judged, seed) if cnn else None,
    }
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    (out / "simulation.json").write_text(json.dumps(result, indent=1))
    (out / "simulation.md").write_text(report(result))
    figures(seen, made, labels, labels[owner]).write_html(
        out / "simulation.html", include_plotlyjs=True
    )
    return result
