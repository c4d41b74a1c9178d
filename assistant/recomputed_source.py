"""What the numbers of an answer are computed anew from, for `assistant.recomputation`."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from assistant.tools.context import Workspace
    from classifier.events import EventSet

CLASSES = ("nue_cc", "numu_cc", "nc")
_VERDICT = re.compile(r"(label|confidence|unlike|correct|p_nue_cc|p_numu_cc|p_nc)(?:_(\w+))?")


@dataclass(frozen=True)
class Source:
    """Events and classifiers by the public functions; predictions through the store."""

    workspace: Workspace

    @property
    def events(self) -> EventSet:
        """The whole opened file."""
        return self.workspace.events

    def probabilities(self, model: str, indices: list[int]) -> npt.NDArray[np.float64]:
        """Return the probabilities of the three classes, shape (n, 3)."""
        return np.asarray(self._predictions(model, indices).probabilities, dtype=np.float64)

    def unlike(self, model: str, indices: list[int]) -> npt.NDArray[np.float64]:
        """Return how unlike the training data each event is, shape (n,)."""
        return np.asarray(self._predictions(model, indices).unlike, dtype=np.float64)

    def _predictions(self, model: str, indices: list[int]) -> Any:
        from classifier.predictions import predict_with_store

        classifier = self.workspace.classifier(model)
        return predict_with_store(classifier, self.events.take(indices), self.workspace.store)

    def table(self, indices: list[int], words: set[str], model: str) -> pd.DataFrame:
        """Return the event table with those of `words` that are verdicts or measured."""
        from classifier.topology import Topology

        table = self.events.take(indices).table.copy()
        truth = table["truth"].to_numpy()
        for word in words - set(table.columns):
            verdict = _VERDICT.fullmatch(word)
            if verdict and verdict[2] in (None, *self.workspace.model_names):
                p = self.probabilities(verdict[2] or model, indices)
                label = np.array(CLASSES)[p.argmax(axis=1)]
                known = np.isin(truth, CLASSES)
                right = [bool(r) if k else None for r, k in zip(label == truth, known, strict=True)]
                table[word] = {
                    "label": lambda label=label: label,
                    "confidence": lambda p=p: p.max(axis=1),
                    "unlike": lambda v=verdict: self.unlike(v[2] or model, indices),
                    "correct": lambda right=right: right,
                }.get(verdict[1], lambda p=p, v=verdict: p[:, CLASSES.index(v[1][2:])])()
        if measured := {f.name for f in fields(Topology)} & words - set(table.columns):
            found = self.workspace.topology(self.events.take(indices))
            table = table.join(found[sorted(measured)])
        return table
