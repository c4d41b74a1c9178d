"""What each part of a tuned VLM is worth: the same events asked without it, in one run.

Other prompts, the neutrino energy told or not, the base in NF4 or bf16, the adapter switched off,
adapters of other ranks (trained before, given as folders), and the encoder with a linear head
instead of a language model.

::

    python -m classifier.evaluation.ablations --data events.h5 --model vlm --out ablations/
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
import numpy as np

from classifier.evaluation.metrics import Scored, compare, measures
from classifier.evaluation.run import Tell, refuse_trained_on
from classifier.events import EventSet
from classifier.models.base import Predictions
from classifier.models.vlm_prompts import STYLES
from nulens.errors import NuLensError

if TYPE_CHECKING:
    from classifier.models.vlm import VlmClassifier

ENERGY_GEV = (0, 1, 2, 3, 4, 6, 8, 10, 15, 20, 40)
"""Ranges of which the model is told; events above the last are asked without."""


class Predictor(Protocol):
    """Anything that classifies events."""

    def predict(self, events: EventSet) -> Predictions:
        """Return probabilities."""


def ablate(
    vlm: VlmClassifier,
    events: EventSet,
    others: Sequence[tuple[str, Predictor]] = (),
    *,
    tell: Tell | None = None,
) -> list[dict[str, Any]]:
    """Ask a VLM in every other way, and other models, about the same events.

    Parameters
    ----------
    vlm : VlmClassifier
    events : EventSet
        With truth that no training has seen.
    others : sequence of (str, Predictor)
        What else to ask, and what to call it.
    tell : callable, optional
        Called with a line of text when a step begins.

    Returns
    -------
    list of dict
        One for each variant, the VLM as it is first: what `measures` finds, ``seconds``, and under
        ``against`` McNemar's test of the first against it. All have the calibration that they were
        saved with.

    Raises
    ------
    NuLensError
        If the events have no truth.
    """
    if not (events.labels >= 0).any():
        raise NuLensError(
            f"{events.source} has no events with a true class.", "Measure on events with truth."
        )
    rows: list[dict[str, Any]] = []
    first: Scored | None = None
    vlm.predict(events[:8])  # what happens once is not counted
    variants: list[tuple[str, Predictor]] = [
        (f"as it is ({vlm.style} prompt)", vlm),
        *((f"{style} prompt", _asked(vlm, style)) for style in STYLES if style != vlm.style),
        ("energy range told", EnergyTold(vlm)),
        ("without the adapter", _WithoutAdapter(vlm)),
        *others,
    ]
    for name, model in variants:
        if tell is not None:
            tell(f"{events.geometry.name}: {name}")
        started = time.perf_counter()
        scored = Scored(name, model.predict(events).probabilities, events.table)
        seconds = round(time.perf_counter() - started, 1)
        first = first or scored
        row = {"variant": name, "seconds": seconds, **measures(scored)}
        rows.append(row | {"against": compare(first, scored)})
    return rows


def _asked(vlm: VlmClassifier, style: str, aside: str = "") -> VlmClassifier:
    """Return the same model under another prompt."""
    from classifier.models.vlm import VlmClassifier

    parts = (vlm.name, vlm.version, vlm.backbone, vlm.calibrations, vlm.card)
    return VlmClassifier(*parts, style=style, aside=aside)


class EnergyTold:
    """Tells the VLM in which range the neutrino energies are."""

    def __init__(self, vlm: VlmClassifier) -> None:
        self._vlm = vlm

    def predict(self, events: EventSet) -> Predictions:
        """Return probabilities, in the order of the events."""
        bins = np.digitize(events.table["energy"].to_numpy(dtype=np.float64), ENERGY_GEV)
        order, parts = [], []
        for k in np.unique(bins):
            own = np.flatnonzero(bins == k)
            aside = ""
            if 0 < k < len(ENERGY_GEV):
                low, high = ENERGY_GEV[k - 1], ENERGY_GEV[k]
                aside = f"Neutrino energies are between {low} and {high} GeV."
            asked = _asked(self._vlm, self._vlm.style, aside)
            parts.append(asked.predict(events.take(events.indices[own])))
            order.append(own)
        back = np.argsort(np.concatenate(order))
        together = [
            np.concatenate([getattr(part, name) for part in parts])[back]
            for name in ("indices", "probabilities", "unlike")
        ]
        return Predictions(*together)


class _WithoutAdapter:
    """The base language model behind the same encoder and projector."""

    def __init__(self, vlm: VlmClassifier) -> None:
        self._vlm = vlm

    def predict(self, events: EventSet) -> Predictions:
        with self._vlm.backbone.model.disable_adapter():
            return self._vlm.predict(events)


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    """Return what `ablate` found, by geometry, as a table in Markdown."""
    lines = []
    for geometry, rows in found.items():
        lines += [
            f"**{geometry}**, {rows[0]['events']} events with a class",
            "",
            "| variant | accuracy (68 %) | AUC (mean of the classes) | log loss | ECE | "
            "only the first right : only this | p | events/s |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for row in rows:
            a, against = row["accuracy"], row["against"]
            lines.append(
                f"| {row['variant']} | {100 * a['value']:.1f} % "
                f"[{100 * a['low']:.1f}, {100 * a['high']:.1f}] | {row['macro']['auc_roc']:.3f} | "
                f"{row['negative_log_likelihood']:.3f} | {row['calibration']['ece']:.3f} | "
                f"{against['only_first_right']} : {against['only_second_right']} | "
                f"{against['p_value']:.2g} | {row['events'] / max(row['seconds'], 0.1):.1f} |"
            )
        lines.append("")
    return "\n".join(lines)


@click.command(help=__doc__)
@click.option("--data", required=True, multiple=True, type=click.Path(exists=True))
@click.option("--model", default="vlm", show_default=True, help="Name or folder of the VLM.")
@click.option("--other", multiple=True, help="Name or folder of another model to ask.")
@click.option("--most", default=500, show_default=True, help="Events of each data set.")
@click.option("--out", required=True, type=click.Path(path_type=Path))
def main(data: tuple[str, ...], model: str, other: tuple[str, ...], most: int, out: Path) -> None:
    """Measure and write ``ablations.json`` and ``table.md``."""
    from classifier import load_classifier, open_events
    from classifier.models import CLASSIFIER_NAMES, weights_folder
    from classifier.models.vlm import load_vlm
    from classifier.models.weights import write_json

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    vlm: Any = load_classifier(model)
    if not hasattr(vlm, "backbone"):
        raise NuLensError(f"{model} is not a VLM.", "Name a tuned VLM; others go under --other.")
    others: list[tuple[str, Any]] = [(str(o), load_classifier(o)) for o in other]
    if vlm.backbone.config.quantise == "nf4":
        folder = weights_folder(model) if model in CLASSIFIER_NAMES else Path(model)
        others.insert(0, ("base in bf16", load_vlm(folder, quantise="bf16")))
    found: dict[str, list[dict[str, Any]]] = {}
    for path in data:
        events = open_events(path)
        for asked in (vlm, *(o for _, o in others)):
            refuse_trained_on(asked, events)
        known = events.indices[events.labels >= 0]
        found[events.geometry.name] = ablate(vlm, events.take(known[:most]), others, tell=tell)
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / "ablations.json", found)
    (out / "table.md").write_text(table(found), encoding="utf-8")
    print(json.dumps({g: len(rows) for g, rows in found.items()}))


if __name__ == "__main__":
    main()
