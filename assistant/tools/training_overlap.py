"""Whether a classifier was trained on the very events that it is judged on, and what its card says.

The shipped classifiers were trained on the public DUNE pixel maps. Their cards hold fingerprints of
whole data sets; the ids of the maps stand in ``classifier/training/folds.csv``, so that a part of
the maps, or a converted file of them, is known as well.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from assistant.tools.context import ToolContext
from assistant.tools.wording import model_name, percent, plural

_REAL = "dune-cvn"


class TrainingOverlap(BaseModel):
    """Events that a classifier has seen in training, with its card's figure for events kept out.

    ``accuracy``, ``low`` and ``high`` (68.27 % interval) and ``n_held_out`` are None where the card
    has none.
    """

    model: str
    n_trained_on: int
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    n_held_out: int | None = None
    level_percent: float = 68.27


@lru_cache(maxsize=1)
def _trained_ids() -> frozenset[str]:
    """Return the ids of the real maps, with and without the folder that holds them."""
    import csv

    from classifier.training.folds import FOLDS

    with FOLDS.open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    return frozenset(ids) | frozenset(i.split("/", 1)[-1] for i in ids)


def training_overlap(context: ToolContext, model: str, events: Any) -> TrainingOverlap | None:
    """Return how many of the events a classifier was trained on; None where it saw none."""
    card: dict[str, Any] = dict(getattr(context.workspace.classifier(model), "card", None) or {})
    data = [d for d in card.get("data") or [] if isinstance(d, dict)]
    fingerprint = context.events.reader.fingerprint
    whole = next((d for d in data if d.get("fingerprint") == fingerprint), None)
    if any(d.get("source") == _REAL for d in data):
        known = _trained_ids()
        seen, source = sum(str(i) in known for i in events.table["id"]), _REAL
    else:
        seen, source = 0, ""
    if not seen and whole is not None and whole.get("trained_on"):
        seen, source = len(events), str(whole.get("source"))
    if not seen:
        return None
    found = TrainingOverlap(model=model, n_trained_on=seen)
    held_out = (card.get("metrics") or {}).get(source) or {}
    if held_out.get("accuracy") is not None and held_out.get("interval"):
        found.accuracy = float(held_out["accuracy"])
        found.low, found.high = (float(x) for x in held_out["interval"])
        found.n_held_out = int(held_out["events"])
    return found


def in_words(overlap: TrainingOverlap | None) -> str:
    """Return the sentence that warns of events seen in training; empty where there are none."""
    if overlap is None:
        return ""
    name = model_name(overlap.model)
    text = (
        f" The {name} was trained on {plural(overlap.n_trained_on)} of these, "
        "so its figures here are too good"
    )
    if overlap.accuracy is None or overlap.low is None or overlap.high is None:
        return f"{text}; judge it on events that it has not seen."
    return (
        f"{text}; on {plural(overlap.n_held_out or 0)} held out of the training its "
        f"card gives an accuracy of {percent(overlap.accuracy)} ({100 * overlap.low:.1f}–"
        f"{100 * overlap.high:.1f} %, {overlap.level_percent:g} % interval)."
    )
