"""``nulens train``: from event files to a folder that `load_classifier` loads."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifier.events import EventSet
from classifier.formats import open_events
from classifier.training.data import DeviceEvents, check_labels, load_sparse
from classifier.training.experiment import Experiment, Index, Length, Part, split
from classifier.training.folds import FOLDS, read_folds
from classifier.training.presets import preset
from classifier.training.supervised import Network, Report, print_report
from nulens.errors import ModelError

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]

_RESERVE = 0.06
"""Share of the minutes that calibration after training may take."""


def train(
    kind: str,
    data: Paths,
    out: str | PathLike[str],
    *,
    preset_name: str = "default",
    epochs: float | None = None,
    minutes: float | None = None,
    batch: int | None = None,
    learning_rate: float | None = None,
    init: str | PathLike[str] | None = None,
    freeze: Sequence[str] = (),
    folds: str | PathLike[str] | None = None,
    rehearse: Paths = (),
    seed: int = 0,
    device: str | None = None,
    command: str = "",
    report: Report = print_report,
) -> dict[str, Any]:
    """Train a CNN or a ViT, calibrate it, and write its folder.

    Of each data set every tenth event sets the temperature and the measure of unlikeness, and up to
    a tenth decides when to stop; neither is trained on. With folds, one model for each fold is
    trained on the others and tested on it, and the model that is kept is trained on all, with the
    temperature that the tested events ask for.

    Parameters
    ----------
    kind : str
        ``cnn`` or ``vit``.
    data : path or list of paths
        Event files or folders with truth; geometries may differ. Each gives as many events a step.
    out : path
        Folder of the trained model; checkpoints and the TensorBoard log are written there too. A
        training that was interrupted goes on if called again with the same folder.
    preset_name : str
        See `classifier.training.presets`.
    epochs, minutes : float, optional
        How long each training is, in times through `data` (default 10); or how long all of them
        and the calibration may take.
    batch, learning_rate : optional
        In place of the preset's.
    init : path, optional
        Folder of a trained model to start from.
    freeze : sequence of str
        Parameters whose names start so are not trained, e.g. ``branch`` or ``encoder``.
    folds : path, optional
        Table of ``id,fold`` for `data`; ``dune`` stands for the fixed folds of the DUNE maps.
    rehearse : path or list of paths
        Data sets that a share of each batch is drawn from (see `Preset`), so that fine-tuning on
        `data` does not make the model forget them.
    seed : int
    device : str, optional
        Default: a GPU if there is one.
    command : str
        What the user typed, for the card.
    report : callable
        Takes lines of progress.

    Returns
    -------
    dict
        The model card.

    Raises
    ------
    ModelError
        If truth or a class is missing, a pixel is not finite, or `init` or a checkpoint in `out` is
        damaged.
    FormatError
        If data cannot be read.
    """
    started = time.monotonic()
    chosen = preset(kind, preset_name)
    if batch is not None:
        chosen = replace(chosen, batch=batch)
    if learning_rate is not None:
        chosen = replace(chosen, learning_rate=learning_rate)
    main, others = paths_of(data), paths_of(rehearse)
    if not main or (folds and len(main) > 1):
        raise ModelError(
            f"{len(main)} data sets were given to train on.", "Give one, or several without folds."
        )
    sets = [open_events(path) for path in (*main, *others)]
    fold = read_folds(sets[0], Path(FOLDS if folds == "dune" else folds)) if folds else None
    device_events, parts = load_parts(sets, device, fold, report)
    experiment = Experiment(
        kind=kind,
        preset=chosen,
        seed=seed,
        out=Path(out),
        init=None if init is None else Path(init),
        freeze=tuple(freeze),
        report=report,
        data=device_events,
        parts=parts,
        rehearsed=len(others),
    )
    trainings = 1 if fold is None else int(fold.max()) + 2
    if minutes is not None:
        left = minutes * 60.0 - (time.monotonic() - started)
        length = Length(seconds=max(1.0, left * (1.0 - _RESERVE) / trainings))
    else:
        n = sum(len(part.train) for part in parts[: len(main)])
        a_step = chosen.batch * (1.0 - chosen.rehearsed if others else 1.0)
        length = Length(steps=max(1, math.ceil((epochs or 10.0) * n / a_step)))
    found = None
    if fold is not None:
        ids = sets[0].table["id"].to_numpy(dtype=str)
        found = experiment.cross_validate(fold, ids, length)
    network, speed = experiment.fit("all", length)
    card = model_card(experiment, network, sets, command, speed)
    return experiment.finish(network, card, found)


def load_parts(
    sets: Sequence[EventSet], device: str | None, fold: Index | None, report: Report
) -> tuple[DeviceEvents, list[Part]]:
    """Read data sets and split each; the first, if it has folds, is split by them alone."""
    started = time.monotonic()
    for events in sets:
        check_labels(events.labels, events.source)
    read = [load_sparse(events) for events in sets]
    report(f"read {sum(map(len, read))} events in {time.monotonic() - started:.0f} s")
    on = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    data = DeviceEvents(read, on)
    none = np.zeros(0, dtype=np.int64)
    parts = []
    for i, (events, sparse) in enumerate(zip(sets, read, strict=True)):
        name = Path(events.source).name
        if i == 0 and fold is not None:
            parts.append(Part(name, np.flatnonzero(fold >= 0), none, none))
        else:
            parts.append(split(name, sparse.labels, int(data.offsets[i])))
    return data, parts


def model_card(
    experiment: Experiment,
    network: Network,
    sets: Sequence[EventSet],
    command: str,
    speed: dict[str, Any],
) -> dict[str, Any]:
    """Return what is known of a training, but for its metrics."""
    data = experiment.data
    cuda = data.device.type == "cuda"
    return {
        "name": experiment.kind,
        "parameters": sum(p.numel() for p in network.parameters()),
        "data": [
            {
                "source": Path(events.source).name,
                "fingerprint": events.reader.fingerprint,
                "events": len(events),
                "trained_on": len(part.train),
            }
            for events, part in zip(sets, experiment.parts, strict=True)
        ],
        "init": None if experiment.init is None else experiment.init.name,
        "frozen": list(experiment.freeze),
        "seed": experiment.seed,
        "command": command,
        "preset": asdict(experiment.preset),
        "device": torch.cuda.get_device_name(data.device) if cuda else "cpu",
        "training": speed,
    }


def paths_of(data: Paths) -> list[str]:
    """Return one or several paths as a list."""
    if isinstance(data, (str, PathLike)):
        return [fspath(data)]
    return [fspath(path) for path in data]
