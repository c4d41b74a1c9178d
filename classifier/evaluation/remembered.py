"""Explanations that are kept as they are made, so that a long run goes on where it was cut off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from classifier.events import Event, EventClass
from classifier.models.base import Explanation

CHUNK = 64
"""Events that are explained between two writes."""

Tell = Callable[[str], None]
"""Called with a line of text when something is done."""


class Explainer(Protocol):
    """A classifier that explains."""

    name: str

    def explain(self, event: Event) -> Explanation:
        """Return verdict and explanation of one event."""
        ...


def explain_many(model: Explainer, events: Sequence[Event]) -> list[Explanation]:
    """Explain events, in batches where the model can."""
    many = getattr(model, "explain_many", None)
    return list(many(events)) if many is not None else [model.explain(e) for e in events]


class Remembered:
    """A model whose explanations are kept in a file of JSON lines.

    They are found again by the model's version and the event's hits, so that a changed event is
    another one. Evidence is not kept.

    Parameters
    ----------
    model : Explainer
    path : Path
        Made if it is not there; a last line that was cut off is ignored.
    tell : callable, optional
        Called with progress.
    """

    def __init__(self, model: Explainer, path: Path, tell: Tell | None = None) -> None:
        self.model = model
        self.name = model.name
        self._version = str(getattr(model, "version", ""))
        self._path = path
        self._tell = tell
        self._kept: dict[str, Explanation] = {}
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            whole = text[: text.rfind("\n") + 1]
            if whole != text:
                path.write_text(whole, encoding="utf-8")
            for line in whole.splitlines():
                self._remember(json.loads(line))

    def _remember(self, told: dict[str, Any]) -> None:
        self._kept[told["event"]] = Explanation(
            told["text"],
            EventClass(told["label"]),
            np.array(told["probabilities"], dtype=np.float32),
            (),
        )

    def _key(self, event: Event) -> str:
        hits = event.hits
        digest = hashlib.sha256(f"{self._version}/{event.geometry.name}".encode())
        for column in (hits.view, hits.row, hits.column, hits.value):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()[:24]

    def explain(self, event: Event) -> Explanation:
        """Return verdict and explanation of one event."""
        return self.explain_many([event])[0]

    def explain_many(self, events: Sequence[Event]) -> list[Explanation]:
        """Explain events; those that were explained before are not explained again."""
        keys = [self._key(e) for e in events]
        missing = {k: i for i, k in enumerate(keys) if k not in self._kept}
        rows = sorted(missing.values())
        for first in range(0, len(rows), CHUNK):
            chunk = rows[first : first + CHUNK]
            found = explain_many(self.model, [events[i] for i in chunk])
            with self._path.open("a", encoding="utf-8") as file:
                for i, told in zip(chunk, found, strict=True):
                    line = {
                        "event": keys[i],
                        "label": str(told.label),
                        "probabilities": [round(float(p), 6) for p in told.probabilities],
                        "text": told.text,
                    }
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    self._remember(line)
            if self._tell is not None:
                self._tell(f"{self.name}: {first + len(chunk)} of {len(rows)} explained")
        return [self._kept[k] for k in keys]
