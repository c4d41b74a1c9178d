"""Classifying on a Dask cluster, when one machine is not enough."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from classifier.events import EventSet
from classifier.models.base import Predictions, Progress
from classifier.predictions import PredictionStore
from nulens.errors import ModelError, NuLensError

_CHUNK = 128
"""Events a task: minutes of a VLM on a CPU, seconds of a CNN."""
_TIMEOUT = 10.0


def predict_on_cluster(
    scheduler: str,
    model: str,
    events: EventSet,
    store: PredictionStore,
    progress: Progress | None = None,
    chunk: int = _CHUNK,
) -> None:
    """Classify what the store does not hold yet on the workers of a Dask cluster.

    Each worker opens the events by the same path and loads the model by itself, so both must lie
    where all machines see them. What is done is stored at once; an interrupted run goes on.

    Parameters
    ----------
    scheduler : str
        Address, such as ``tcp://host:8786``.
    model : str
        Name or path, as for `classifier.load_classifier`.
    events : EventSet
    store : PredictionStore
        Where the predictions go; written by this process alone.
    progress : callable, optional
        Called with (events done, events in all).
    chunk : int
        Events a task.

    Raises
    ------
    NuLensError
        If the cluster cannot be reached, has no worker, or a worker fails.
    """
    from distributed import Client, as_completed

    from classifier import load_classifier

    wanted = load_classifier(model)
    fingerprint = events.reader.fingerprint
    known = store.get(fingerprint, wanted.version, events.indices).indices
    missing = events.indices[~np.isin(events.indices, known)]
    if not len(missing):
        return
    try:
        client = Client(scheduler, timeout=_TIMEOUT)
    except (OSError, ValueError) as error:
        raise NuLensError(
            f"The Dask scheduler {scheduler} cannot be reached ({' '.join(str(error).split())}).",
            "Start `dask scheduler` there, and `dask worker ADDRESS` on each machine.",
        ) from None
    with client:
        if not client.scheduler_info(n_workers=0)["n_workers"]:
            raise NuLensError(
                f"The Dask scheduler {scheduler} has no workers.",
                f"Start `dask worker {scheduler}` on each machine.",
            )
        parts = [missing[i : i + chunk].tolist() for i in range(0, len(missing), chunk)]
        tasks = client.map(
            _predict,
            parts,
            source=str(Path(events.source).resolve()),
            fingerprint=fingerprint,
            model=model,
            version=wanted.version,
            pure=False,
        )
        done = len(events) - len(missing)
        for task in as_completed(tasks):
            found = task.result()
            store.put(fingerprint, wanted.name, wanted.version, found)
            done += len(found.indices)
            if progress:
                progress(done, len(events))


def _predict(
    indices: list[int], source: str, fingerprint: str, model: str, version: str
) -> Predictions:
    """Classify some events on a worker."""
    try:
        events, loaded = _opened(source, model)
        if events.reader.fingerprint != fingerprint:
            raise NuLensError(
                f"{source} holds other events on a worker.", "Put the same file on all machines."
            )
        if loaded.version != version:
            raise ModelError(
                f"A worker has another version of the classifier {model}.",
                "Install the same NuLens on all machines.",
            )
        predicted: Predictions = loaded.predict(events.take(indices))
        return predicted
    except NuLensError as error:
        # Subclasses take other arguments and would not come through pickle.
        raise NuLensError(error.what, error.remedy) from None


@lru_cache(maxsize=1)
def _opened(source: str, model: str) -> tuple[EventSet, Any]:
    """Open events and model once a worker."""
    from classifier import load_classifier, open_events

    return open_events(source), load_classifier(model)
