"""What the tools work on: the opened events, the classifiers, and the selections of a session."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nulens.errors import ModelError, NuLensError, SelectionError

if TYPE_CHECKING:
    import pandas as pd

    from classifier.events import EventSet
    from classifier.models.base import Classifier, Predictions, Progress
    from classifier.predictions import PredictionStore

MODEL_NAMES = ("vlm", "vit", "cnn")
DISPLAY_NAMES = {"vlm": "VLM", "vit": "ViT", "cnn": "CNN"}
_VERDICT = re.compile(r"(label|confidence|unlike|correct|p_nue_cc|p_numu_cc|p_nc)(?:_(\w+))?")


class StoppedError(NuLensError):
    """The user stopped the answer, or its time ran out."""


@dataclass
class Selections:
    """The named selections of a session, and the events of its previous step."""

    named: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    last: npt.NDArray[np.int64] | None = None

    def arrays(self) -> dict[str, npt.NDArray[np.int64]]:
        """Return all selections by name, with ``last``."""
        return self.named | ({} if self.last is None else {"last": self.last})


class Workspace:
    """The opened events with the classifiers and what was computed of them; shared by sessions.

    Parameters
    ----------
    events : EventSet
        The whole opened file.
    classifiers : mapping, optional
        More classifiers by name: the user's own trained ones.
    """

    def __init__(self, events: EventSet, classifiers: Mapping[str, Any] | None = None) -> None:
        from classifier.predictions import PredictionStore

        self.events = events
        self.store: PredictionStore = PredictionStore()
        self._classifiers: dict[str, Any] = dict(classifiers or {})
        self._predicted: dict[str, dict[int, tuple[npt.NDArray[np.float32], float]]] = {}
        self._topology: dict[int, Any] = {}
        self._loading_lock = threading.Lock()
        self.loading: str | None = None
        """Name of the classifier that is being loaded, for whoever waits for it."""

    @property
    def model_names(self) -> list[str]:
        """Names of all classifiers that may be asked for."""
        return list(dict.fromkeys([*MODEL_NAMES, *self._classifiers]))

    def classifier(self, name: str) -> Classifier:
        """Return a classifier by name, loading it on first use.

        Raises
        ------
        ModelError
            If there is none of that name. Paths are refused: only the user may open files.
        """
        with self._loading_lock:
            if name not in self.model_names:
                raise ModelError(
                    f"There is no classifier named '{name[:40]}'.",
                    f"Choose one of {', '.join(self.model_names)}.",
                )
            found = self._classifiers.get(name, name)
            if isinstance(found, str) or not hasattr(found, "predict"):
                self.loading = DISPLAY_NAMES.get(name, name)
                try:
                    from classifier import load_classifier

                    found = load_classifier(found)
                finally:
                    self.loading = None
                self._classifiers[name] = found
            loaded: Classifier = found
            return loaded

    def predictions(
        self, name: str, events: EventSet, progress: Progress | None = None
    ) -> Predictions:
        """Return the verdicts of a classifier, from memory or the store where they are known."""
        from classifier.models.base import Predictions
        from classifier.predictions import predict_with_store

        model = self.classifier(name)
        # Without the lock: another conversation's question is not to wait for this one's events.
        known = self._predicted.setdefault(name, {})
        missing = [int(i) for i in events.indices if int(i) not in known]
        if missing:
            found = predict_with_store(
                model, self.events.take(missing), self.store, progress=progress
            )
            for i, row, unlike in zip(
                found.indices, found.probabilities, found.unlike, strict=True
            ):
                known[int(i)] = (row, float(unlike))
        rows = [known[int(i)] for i in events.indices]
        return Predictions(
            indices=np.asarray(events.indices),
            probabilities=np.array([r[0] for r in rows], dtype=np.float32).reshape(-1, 3),
            unlike=np.array([r[1] for r in rows], dtype=np.float32),
        )

    def topology(self, events: EventSet, progress: Progress | None = None) -> pd.DataFrame:
        """Return the measured topology, one row an event, indexed by file index."""
        import pandas as pd

        from classifier.topology import Topology, measure

        for position, i in enumerate(events.indices):
            if int(i) not in self._topology:
                if progress:
                    progress(position, len(events))
                self._topology[int(i)] = measure(events[position])
        rows = [self._topology[int(i)] for i in events.indices]
        names = [f.name for f in fields(Topology)]
        return pd.DataFrame(
            {n: [getattr(r, n) for r in rows] for n in names},
            index=pd.Index(events.indices, name="index"),
        )


@dataclass
class ToolContext:
    """What one question's tools share: the workspace, the session's selections, the clock."""

    workspace: Workspace
    selections: Selections
    deadline: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    report: Progress | None = None
    """Told how many of how many events are done, while a tool works."""

    def check(self) -> None:
        """Stop where the user cancelled or the time is over.

        Raises
        ------
        StoppedError
        """
        if self.cancelled.is_set():
            raise StoppedError("The answer was stopped.", "Ask again when you like.")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise StoppedError(
                "The answer took longer than its time limit.",
                "Ask it again, which goes on from the events classified so far, or about fewer.",
            )

    def progress(self, done: int, total: int) -> None:
        """Say how far a tool is, and stop it where it is time to.

        Raises
        ------
        StoppedError
        """
        self.check()
        if self.report:
            self.report(done, total)

    @property
    def events(self) -> EventSet:
        """All events of the opened file."""
        return self.workspace.events

    def predictions(self, model: str, events: EventSet) -> Predictions:
        """Return verdicts; the user can stop between batches."""
        return self.workspace.predictions(model, events, self.progress)

    def topology(self, events: EventSet) -> pd.DataFrame:
        """Return the measured topology; the user can stop between events."""
        return self.workspace.topology(events, self.progress)

    def resolve(self, expression: str, model: str = "vlm") -> EventSet:
        """Return the events that a cut string selects.

        Columns that cost something (verdicts of `model`, measured topology) are computed only for
        events that pass the other cuts.

        Raises
        ------
        SelectionError
            If the expression cannot be understood.
        """
        from classifier.selection import select

        expression = self._expand_strides(expression.strip() or "all")
        names = self.selections.arrays()
        cheap, costly = self._split(expression)
        found = select(self.events, cheap, names=names) if cheap else self.events
        if costly:
            words = set(re.findall(r"[a-zA-Z_]\w*", costly))
            columns = self.columns(found, words, model)
            found = select(found, costly, columns=columns, names=names)
        return found

    def one(self, expression: str, model: str = "vlm") -> tuple[EventSet, str]:
        """Return the one event that a tool about single events needs, the first of several.

        Of several, the words that say so are returned beside it.

        Raises
        ------
        SelectionError
            If nothing is selected.
        """
        found = self.resolve(expression, model)
        if not len(found):
            raise SelectionError(
                f"No event passes the selection '{expression}'.", "Name an event by its number."
            )
        several = "This is the first of the events asked for; the others are left out. "
        return found[:1], several if len(found) > 1 else ""

    def columns(self, events: EventSet, words: set[str], model: str) -> pd.DataFrame:
        """Return the columns among `words` that are not in the event table."""
        import pandas as pd

        from classifier.topology import Topology

        table = pd.DataFrame(index=pd.Index(events.indices, name="index"))
        for word in sorted(words):
            verdict = _VERDICT.fullmatch(word)
            if verdict and (verdict[2] is None or verdict[2] in self.workspace.model_names):
                table[word] = self._verdict(events, verdict[1], verdict[2] or model)
        measured = {f.name for f in fields(Topology)} & words - set(events.table.columns)
        if measured:
            table = table.join(self.topology(events)[sorted(measured)])
        return table

    def _verdict(self, events: EventSet, column: str, model: str) -> Any:
        from classifier.events import CLASSES

        found = self.predictions(model, events)
        if column == "label":
            return [label.value for label in found.labels]
        if column == "confidence":
            return found.probabilities.max(axis=1) if len(found) else []
        if column == "unlike":
            return found.unlike
        if column == "correct":
            right = found.probabilities.argmax(axis=1) == events.labels if len(found) else []
            return [bool(r) if t >= 0 else None for r, t in zip(right, events.labels, strict=True)]
        place = [c.value for c in CLASSES].index(column.removeprefix("p_"))
        return found.probabilities[:, place]

    def _split(self, expression: str) -> tuple[str, str]:
        """Separate the conjuncts that need only the event table from those that need more."""
        from classifier.topology import Topology

        costly_words = {f.name for f in fields(Topology)} - set(self.events.table.columns)
        parts = _conjuncts(expression)
        costly = [
            part
            for part in parts
            if any(
                _VERDICT.fullmatch(w) or w in costly_words
                for w in re.findall(r"[a-zA-Z_]\w*", part)
            )
        ]
        cheap = [part for part in parts if part not in costly]
        return " and ".join(cheap), " and ".join(costly)

    def _expand_strides(self, expression: str) -> str:
        """Write Python slices with a step as lists; the grammar has plain ranges."""

        def listed(found: re.Match[str]) -> str:
            start, stop, step = (int(g) if g else None for g in found.groups())
            chosen = range(len(self.events))[slice(start, stop, step or None)]
            return f"[{', '.join(map(str, chosen))}]"

        return re.sub(r"(?<![\w.])(-?\d*):(-?\d*):(\d+)(?![\w.])", listed, expression)


def _conjuncts(expression: str) -> list[str]:
    """Split at the ``and`` of the outermost level; one part where an ``or`` stands there."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"[()\[\]]|\b(?:and|or)\b|&&?|\|\|?|,", expression):
        token = found[0]
        if token in "([":
            depth += 1
        elif token in ")]":
            depth -= 1
        elif depth == 0 and token in ("or", "|", "||", ","):
            return [expression]
        elif depth == 0:
            parts.append(expression[start : found.start()].strip())
            start = found.end()
    return [*parts, expression[start:].strip()]
