"""What every classifier offers, whatever is inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from classifier.events import CLASSES, Event, EventClass

Progress = Callable[[int, int], None]
"""Called with (events done, events in all)."""


@dataclass(frozen=True)
class Predictions:
    """Calibrated class probabilities of some events.

    Attributes
    ----------
    indices : ndarray of int64, shape (n,)
        File indices of the events.
    probabilities : ndarray of float32, shape (n, 3)
        In the order of `CLASSES`; each row sums to 1.
    unlike : ndarray of float32, shape (n,)
        How unlike the training data each event is: the share of held-out training-like events that
        are less unusual, 0 to 1.
    """

    indices: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    unlike: npt.NDArray[np.float32]

    @property
    def labels(self) -> list[EventClass]:
        """The most probable class of each event."""
        return [CLASSES[i] for i in self.probabilities.argmax(axis=1)]

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True)
class Evidence:
    """One claim of an explanation beside what `classifier.topology` measures in the picture.

    ``score`` is 1 where claim and measurement agree within the measurement's resolution, falling to
    0 where they do not; None where the picture cannot tell.
    """

    claim: str
    quantity: str
    claimed: float | bool | str
    measured: float | bool | str | None
    unit: str
    score: float | None


@dataclass(frozen=True)
class Explanation:
    """A verdict in words, with the evidence for each claim."""

    text: str
    label: EventClass
    probabilities: npt.NDArray[np.float32]
    evidence: tuple[Evidence, ...]


class Classifier(Protocol):
    """A trained model; ``name`` is what a user calls it, ``version`` a hash of its weights."""

    name: str
    version: str
    card: dict[str, object]

    def predict(
        self, events: Sequence[Event] | Event, *, progress: Progress | None = None
    ) -> Predictions:
        """Return calibrated probabilities; events are read one batch at a time."""
        ...

    def embed(self, events: Sequence[Event] | Event) -> npt.NDArray[np.float32]:
        """Return one feature vector an event, shape (n, d), for similarity searches."""
        ...
