"""The vision-language model as a classifier that also says why."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier import claims
from classifier.events import CLASSES, Event, EventClass, Geometry
from classifier.models.base import Explanation, Predictions, Progress
from classifier.models.batching import batches
from classifier.models.calibrated import Calibration, probabilities, unlikeness_of
from classifier.models.unlike import detector_key, hit_statistics
from classifier.models.vlm_backbone import Backbone, out_of_memory
from classifier.models.vlm_folder import load_vlm_parts
from classifier.models.vlm_inference import captured_features, for_inference
from classifier.models.vlm_reading import Reader

if TYPE_CHECKING:
    from classifier.topology import Topology

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Outputs:
    """What the model says of n events before calibration.

    Attributes
    ----------
    log_probabilities : ndarray of float32, shape (n, 3)
        Summed over the tokens of each class name.
    features : ndarray of float32, shape (n, d)
        Of the embedded model, the encoder's class token; of others, the language model's state
        before the class name.
    statistics : ndarray of float32, shape (n, s)
        See `classifier.models.unlike.hit_statistics`.
    detectors : ndarray of str, shape (n,)
        See `classifier.models.unlike.detector_key`.
    indices : ndarray of int64, shape (n,)
    """

    log_probabilities: Array
    features: Array
    statistics: Array
    detectors: npt.NDArray[np.str_]
    indices: npt.NDArray[np.int64]


class VlmClassifier:
    """A tuned vision-language model.

    Parameters
    ----------
    name, version : str
        What a user calls the model, and the hash of its weights and its base.
    backbone : Backbone
        With its trained weights.
    calibrations : dict of str to Calibration
        By `detector_key`; log-probabilities are the logits.
    card : dict
        The model card.
    style : str
        Prompt to ask with; one of `classifier.models.vlm_prompts.STYLES`.
    share_prompt : bool
        Whether the text before the images is read once and its key-value cache reused.
    batch : int, optional
        Events that are read together; by default what is fastest on the device.
    aside : str
        What else is known of all events, such as "Neutrino energies are between 2 and 4 GeV."
    """

    def __init__(
        self,
        name: str,
        version: str,
        backbone: Backbone,
        calibrations: dict[str, Calibration],
        card: dict[str, Any],
        *,
        style: str = "full",
        share_prompt: bool = True,
        batch: int | None = None,
        aside: str = "",
    ) -> None:
        self.name = name
        self.version = version
        self.card: dict[str, object] = card
        self.backbone = backbone
        self.calibrations = calibrations
        self.style = style
        self.aside = aside
        self._share = share_prompt
        self._batch = batch or (8 if backbone.device.type == "cpu" else 64)
        self._readers: dict[Geometry, Reader] = {}
        self._alone = threading.Lock()

    def predict(
        self, events: Sequence[Event] | Event, *, progress: Progress | None = None
    ) -> Predictions:
        """Return calibrated probabilities; events are read one batch at a time.

        An event of a detector that the model was not trained on gets an `unlike` of 1 and the mean
        scaling of the detectors that it was.

        Raises
        ------
        ModelError
            If an event has pixels that are not finite, or the device runs out of memory.
        FormatError
            If an event cannot be read.
        """
        out = self.outputs(events, progress=progress)
        scores = out.log_probabilities
        unlike = unlikeness_of(
            out.features, scores, out.statistics, out.detectors, self.calibrations
        )
        shares = probabilities(scores, out.detectors, self.calibrations)
        return Predictions(out.indices, shares, unlike)

    def embed(self, events: Sequence[Event] | Event) -> Array:
        """Return one feature vector an event, shape (n, d)."""
        return self.outputs(events).features

    def outputs(
        self, events: Sequence[Event] | Event, *, progress: Progress | None = None
    ) -> Outputs:
        """Return log-probabilities, features and hit statistics, in the order of the events."""
        events = [events] if isinstance(events, Event) else events
        n = len(events)
        scores = np.empty((n, len(CLASSES)), dtype=np.float32)
        features: list[Array] = [np.empty(0, dtype=np.float32)] * n
        statistics = np.empty((n, 10), dtype=np.float32)
        detectors = np.empty(n, dtype="U64")
        indices = np.empty(n, dtype=np.int64)
        size = 4 * self._batch
        for first in range(0, n, size):
            chunk = [events[i] for i in range(first, min(first + size, n))]
            for i, event in enumerate(chunk, start=first):
                statistics[i] = hit_statistics(event)
                detectors[i], indices[i] = detector_key(event.geometry), event.index
            for members in batches(chunk, self._batch):
                rows = [first + i for i in members]
                read, seen = self._score([chunk[i] for i in members])
                scores[rows] = read
                for row, vector in zip(rows, seen, strict=True):
                    features[row] = vector
            if progress:
                progress(first + len(chunk), n)
        stacked = np.stack(features) if n else np.empty((0, 0), dtype=np.float32)
        return Outputs(scores, stacked, statistics, detectors, indices)

    def explain(self, event: Event) -> Explanation:
        """Classify one event and say what speaks for it, each claim beside its measurement.

        Raises
        ------
        ModelError
            As `predict`.
        """
        return self.explain_many([event])[0]

    def explain_many(
        self, events: Sequence[Event], *, progress: Progress | None = None
    ) -> list[Explanation]:
        """Explain events in batches; see `explain`."""
        from classifier.topology import measure

        done: dict[int, Explanation] = {}
        size = 4 * self._batch
        for first in range(0, len(events), size):
            chunk = [events[i] for i in range(first, min(first + size, len(events)))]
            for members in batches(chunk, self._batch):
                batch = [chunk[i] for i in members]
                measured = [measure(event) for event in batch]
                written = self._write(batch, measured)
                for i, topology, (row, text) in zip(members, measured, written, strict=True):
                    label = CLASSES[int(row.argmax())]
                    evidence = claims.evidence(claims.parse(text), topology)
                    words = f"{claims.verdict(label)} {text}"
                    done[first + i] = Explanation(words, label, row, evidence)
            if progress:
                progress(len(done), len(events))
        return [done[i] for i in range(len(events))]

    def _write(
        self, events: list[Event], topologies: Sequence[Topology]
    ) -> list[tuple[Array, str]]:
        """Return probabilities and explanation of events of one geometry."""
        with self._inference():
            reader = self._reader(events[0].geometry)
            state = reader.start(events)
            detectors = np.array([detector_key(e.geometry) for e in events])
            shares = probabilities(reader.log_probabilities(state), detectors, self.calibrations)
            labels: list[EventClass] = [CLASSES[i] for i in shares.argmax(axis=1)]
            said = None
            if self.backbone.embedded:
                from classifier.models.vlm_evidence import informed

                said = informed(self.backbone, events, topologies)
            texts = reader.explain(state, labels, said)
            return list(zip(shares, texts, strict=True))

    def _score(self, events: list[Event]) -> tuple[Array, Array]:
        with self._inference(), captured_features(self.backbone) as seen:
            reader = self._reader(events[0].geometry)
            state = reader.start(events)
            features = seen()
            return reader.log_probabilities(state), features

    def _reader(self, geometry: Geometry) -> Reader:
        if geometry not in self._readers:
            self._readers[geometry] = Reader(
                self.backbone, geometry, self.style, share=self._share, aside=self.aside
            )
        return self._readers[geometry]

    @contextmanager
    def _inference(self) -> Iterator[None]:
        import torch

        try:
            # One batch at a time: features are caught by a hook that any thread's events pass.
            with self._alone, torch.inference_mode():
                yield
        except torch.OutOfMemoryError as error:
            device = str(self.backbone.device)
            raise out_of_memory(device, self.backbone.config.quantise) from error


def load_vlm(
    path: str | Path, device: str | None = None, *, quantise: str | None = None, **options: Any
) -> VlmClassifier:
    """Load a tuned VLM.

    Parameters
    ----------
    path : path-like
        A folder that `classifier.models.vlm_folder.save_vlm` wrote.
    device : str, optional
        Default: a GPU if there is one.
    quantise : str, optional
        ``nf4`` or ``bf16``: hold the base otherwise than in training.
    **options
        Of `VlmClassifier`.

    Raises
    ------
    ModelError
        If the folder is missing or damaged, or its base is not there or not the right one.
    """
    import torch

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder = Path(path)
    backbone, calibrations, card, version, style = load_vlm_parts(folder, device, quantise)
    for_inference(backbone)
    options.setdefault("style", style)
    name = str(card.get("name", folder.name))
    return VlmClassifier(name, version, backbone, calibrations, card, **options)
