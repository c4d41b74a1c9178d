"""``nulens train vlm``: from event files to a folder that `load_classifier` loads."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifier.events import EventSet
from classifier.formats import open_events
from classifier.models.vlm_backbone import Backbone, BackboneConfig, open_backbone
from classifier.models.vlm_folder import fill_parts, read_parts
from classifier.models.weights import read_folder
from classifier.training.captions import load_captions
from classifier.training.conversations import Material
from classifier.training.experiment import Length
from classifier.training.folds import FOLDS, read_folds
from classifier.training.presets import preset
from classifier.training.qlora import VLM_PRESETS, VlmPreset
from classifier.training.supervised import Report, print_report
from classifier.training.train import Paths, load_parts, paths_of
from classifier.training.vlm_experiment import VlmExperiment, state_of, transplant
from classifier.training.vlm_reader import fit_words
from nulens.errors import ModelError

SPLIT = 0.55
"""Share of the minutes at which tuning on simulation ends, where real maps follow on a GPU."""

READING = 0.3
"""Share of the minutes at which the projector has learnt to read."""

TRANSPLANT = 0.82
"""Share of the minutes at which tuning on simulation ends, where eyes are only exchanged."""

REFERENCE, CPU_REFERENCE = 4000, 128
"""Events that the measure of unlikeness is fitted on; a CPU asks ten a second."""

CPU_CALIBRATION = 300
"""Most events of a data set that temperature and metrics are taken from on a CPU."""


def train_vlm(
    data: Paths,
    out: str | PathLike[str],
    *,
    base: str = "",
    encoder: str | PathLike[str] | None = None,
    init: str | PathLike[str] | None = None,
    preset_name: str = "cpu",
    minutes: float | None = None,
    steps: int | None = None,
    batch: int | None = None,
    rank: int = 8,
    quantise: str = "nf4",
    images_first: bool = False,
    style: str | None = None,
    asides: bool = True,
    real: str | PathLike[str] | None = None,
    real_steps: int | None = None,
    folds: str | PathLike[str] = "dune",
    seed: int = 0,
    device: str | None = None,
    command: str = "",
    report: Report = print_report,
) -> dict[str, Any]:
    """Tune a VLM with QLoRA, calibrate it, and write its folder.

    It learns to classify simulated events and to say what they show. With `real`, it is then tuned
    on real maps, of which it learns the verdicts alone, while half of each batch stays simulated:
    once without each fold, tested on that fold, and once on all. Where the preset leaves the
    encoder as it is, as on a CPU, the encoders of the ViT's own folds are taken instead: `encoder`
    is then the folder of a ViT trained with folds.

    Parameters
    ----------
    data : path or list of paths
        Simulated events with truth; geometries may differ.
    out : path
        Folder of the tuned model. With `real`, the model tuned on simulation alone is in its
        subfolder ``pretrained``. A training that was interrupted goes on if called again with the
        same folder.
    base : str
        See `classifier.models.vlm_backbone.BackboneConfig`.
    encoder : path, optional
        Folder of a trained ViT, whose encoder the embedded model starts with.
    init : path, optional
        Folder of a tuned VLM to go on from; its own base and encoder count.
    preset_name : str
        See `classifier.training.qlora.VLM_PRESETS`.
    minutes : float, optional
        For everything, reading included.
    steps, real_steps : int, optional
        Steps of the tuning on simulation, and of each on real maps, in place of `minutes`.
    batch : int, optional
        In place of the preset's.
    rank : int
        Of the LoRA adapters; alpha is twice that.
    quantise : str
        ``nf4`` or ``bf16``.
    images_first : bool
        Whether the images come before the text.
    style : str, optional
        Train with this prompt alone, for comparison; default all, tested with ``full``.
    asides : bool
        Whether some prompts tell the energy range or a dead region.
    real : path, optional
        Folder of real maps with truth.
    folds : path
        Table of ``id,fold`` for `real`; ``dune`` stands for the fixed folds of the DUNE maps.
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
        If truth, a class, the base or a GPU is missing, memory runs out, or a checkpoint in `out`
        is damaged.
    FormatError
        If data cannot be read.
    """
    started = time.monotonic()

    def left(share: float) -> float | None:
        """Return the seconds until this share of the minutes has passed."""
        if minutes is None:
            return None
        return max(1.0, share * minutes * 60.0 - (time.monotonic() - started))

    tuning = _preset(preset_name, batch)
    on = device or _default_device()
    simulated = [open_events(path) for path in paths_of(data)]
    maps = [open_events(real)] if real is not None else []
    fold = read_folds(maps[0], Path(FOLDS if folds == "dune" else folds)) if maps else None
    sets = [*maps, *simulated]
    device_events, parts = load_parts(sets, on, fold, report)
    material = load_material(sets, report)
    config = BackboneConfig(
        base=base, quantise=quantise, rank=rank, alpha=2 * rank, images_first=images_first
    )
    backbone: Any = _opened(config, on, seed, encoder, init)
    if on == "cpu":
        parts = [replace(part, calibration=part.calibration[:CPU_CALIBRATION]) for part in parts]
    words: dict[str, float] = {}
    if backbone.embedded and encoder is not None and init is None:
        words = fit_words(
            backbone,
            device_events,
            material,
            np.concatenate([part.train for part in parts[len(maps) :]]),
            seconds=left(READING),
            epochs=12.0 if steps is None else 0.02 * steps,
            seed=seed,
            report=report,
        )
    folder = Path(out)
    first = VlmExperiment(
        kind="vlm",
        preset=preset("vit", "default"),
        seed=seed,
        out=folder / "pretrained" if maps else folder,
        init=None if encoder is None else Path(encoder),
        freeze=(),
        report=report,
        data=device_events,
        parts=parts[len(maps) :],
        backbone=backbone,
        material=material,
        tuning=tuning,
        begin=state_of(backbone),
        style=style or tuning.style,
        reference=REFERENCE if on != "cpu" else CPU_REFERENCE,
        **_asked(style, asides, tuning),
    )
    report(f"ready after {time.monotonic() - started:.0f} s")
    swapped = backbone.embedded and encoder is not None and tuning.rates["encoder"] == 0.0
    until = (TRANSPLANT if swapped else SPLIT) if maps else 0.85
    once = math.ceil(sum(len(part.train) for part in first.parts) / tuning.batch)
    _, speed = first.fit("all", _length(steps, left(until), once))
    speed |= {"words": words}
    if fold is None or not swapped:
        card = first.finish(backbone, vlm_card(first, simulated, command, speed))
        report(f"tuned on simulation: {card['metrics']}")
    if fold is None:
        return card
    second = replace(
        first,
        out=folder,
        parts=parts,
        rehearsed=len(simulated),
        begin=state_of(backbone),
        tuning=for_real_maps(tuning),
        encoders=Path(encoder) if swapped and encoder is not None else None,
    )
    rest = left(0.94)
    each = _length(
        real_steps,
        None if rest is None else rest / (int(fold.max()) + 2),
        max(1, 4 * len(parts[0].train) // tuning.batch),
    )
    found = second.cross_validate(fold, maps[0].table["id"].to_numpy(dtype=str), each)
    _, more = second.fit("all", each)
    card = second.finish(backbone, vlm_card(second, sets, command, speed | more), found)
    report(f"tuned on real maps: {card['metrics']}; took {time.monotonic() - started:.0f} s")
    return card


def _length(steps: int | None, seconds: float | None, otherwise: int) -> Length:
    """Return the steps asked for, else the time that is left, else so many steps."""
    if steps is None and seconds is not None:
        return Length(seconds=seconds)
    return Length(steps=otherwise if steps is None else steps)


def load_material(sets: Sequence[EventSet], report: Report) -> Material:
    """Read labels, energies and captions of all sets."""
    started = time.monotonic()
    captions = [caption for events in sets for caption in load_captions(events)]
    told = sum(caption is not None for caption in captions)
    report(f"wrote {told} captions in {time.monotonic() - started:.0f} s")
    energies = [events.table["energy"].to_numpy(dtype=float, na_value=np.nan) for events in sets]
    labels = np.concatenate([events.labels for events in sets])
    return Material(sets, labels, np.concatenate(energies), captions)


def for_real_maps(tuning: VlmPreset) -> VlmPreset:
    """Return the settings for a short tuning of a model that is tuned already."""
    rates = {name: 0.3 * rate for name, rate in tuning.rates.items()}
    return replace(tuning, rates=rates, alone=0.0, warmup=0.1)


def vlm_card(
    experiment: VlmExperiment, sets: Sequence[EventSet], command: str, speed: dict[str, Any]
) -> dict[str, Any]:
    """Return what is known of a training, but for its metrics."""
    backbone = experiment.backbone
    cuda = backbone.device.type == "cuda"
    return {
        "name": "vlm",
        "parameters": sum(p.numel() for p in experiment.begin.values()),
        "backbone": backbone.config.to_dict(),
        "base_hash": backbone.base_hash,
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
        "seed": experiment.seed,
        "command": command,
        "preset": asdict(experiment.tuning),
        "style": experiment.style,
        "device": torch.cuda.get_device_name(backbone.device) if cuda else "cpu",
        "training": speed,
    }


def _preset(name: str, batch: int | None) -> VlmPreset:
    if name not in VLM_PRESETS:
        raise ModelError(
            f"There is no preset {name!r} for vlm.", f"Choose one of {', '.join(VLM_PRESETS)}."
        )
    return replace(VLM_PRESETS[name], batch=batch) if batch else VLM_PRESETS[name]


def _default_device() -> str:
    from accelerate import PartialState

    # Under `accelerate launch` each process has a GPU of its own.
    return str(PartialState().device)


def _asked(style: str | None, asides: bool, tuning: VlmPreset) -> dict[str, Any]:
    from classifier.models.vlm_prompts import STYLES
    from classifier.training.conversations import ASIDE_SHARE

    shares = tuning.styles if style is None else tuple(float(s == style) for s in STYLES)
    return {"style_shares": shares, "aside_share": ASIDE_SHARE if asides else 0.0}


def _opened(
    config: BackboneConfig,
    device: str,
    seed: int,
    encoder: str | PathLike[str] | None,
    init: str | PathLike[str] | None,
) -> Backbone:
    torch.manual_seed(seed)
    if init is not None:
        stored, parts, _ = read_parts(Path(init))
        backbone = open_backbone(BackboneConfig(**stored["backbone"]), device, training=True)
        fill_parts(backbone, parts, Path(init))
        return backbone
    if encoder is not None:
        config = replace(config, vision=read_folder(Path(encoder))[0]["network"])
    backbone = open_backbone(config, device, training=True)
    if encoder is not None and backbone.embedded:
        transplant(backbone, Path(encoder))
    return backbone
