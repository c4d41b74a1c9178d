"""A tuned VLM's folder: adapter, projector, encoder and calibration, but never the base."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.events import CLASSES
from classifier.models.calibrated import Calibration, calibration_tensors, read_calibrations
from classifier.models.vlm_backbone import Backbone, BackboneConfig, open_backbone
from classifier.models.weights import FORMAT, half_precision, load_state, write_json
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch

PARTS = ("adapter", "projector", "encoder", "calibration")
"""Files of a folder, ``NAME.safetensors`` each; projector and encoder for the embedded model."""

_REMEDY = "Train the model again, or restore its folder."


def save_vlm(
    folder: Path,
    backbone: Backbone,
    calibrations: dict[str, Calibration],
    card: dict[str, Any],
    style: str = "full",
) -> None:
    """Write a tuned model; each file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    backbone : Backbone
        The tuned model; its base is named by hash, not stored.
    calibrations : dict of str to Calibration
        By `classifier.models.unlike.detector_key`.
    card : dict
        Data, seed, command and metrics of the training.
    style : str
        Prompt to be asked with.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    parts = trained_parts(backbone)
    parts["calibration"] = calibration_tensors(calibrations)
    for name, state in parts.items():
        state = half_precision(state) if name != "calibration" else state
        temporary = folder / f"{name}.safetensors.part"
        save_file({k: v.detach().cpu().contiguous() for k, v in state.items()}, temporary)
        os.replace(temporary, folder / f"{name}.safetensors")
    config = {
        "format": FORMAT,
        "kind": "vlm",
        "classes": list(CLASSES),
        "style": style,
        "base_hash": backbone.base_hash,
        "backbone": backbone.config.to_dict(),
    }
    write_json(folder / "config.json", config)
    write_json(folder / "card.json", card)


def trained_parts(backbone: Backbone) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights that training changes: adapter, and projector and encoder if embedded."""
    from peft import get_peft_model_state_dict

    parts = {"adapter": get_peft_model_state_dict(backbone.model)}
    if backbone.embedded:
        model = backbone.base
        parts["projector"] = model.projector.state_dict()
        parts["encoder"] = model.encoder.state_dict()
    return parts


def fill_parts(backbone: Backbone, parts: dict[str, dict[str, torch.Tensor]], source: Path) -> None:
    """Put trained weights into a freshly opened backbone.

    Raises
    ------
    ModelError
        If names or shapes do not fit.
    """
    from peft import set_peft_model_state_dict

    misfit = ModelError(
        f"The adapter in {source} does not fit its base model.",
        "Use the base model that it was trained on, named in its config.json.",
    )
    try:
        result: Any = set_peft_model_state_dict(backbone.model, parts["adapter"])
    except RuntimeError as error:
        raise misfit from error
    missing = [k for k in result.missing_keys if "lora_" in k]
    if result.unexpected_keys or missing:
        raise misfit
    if backbone.embedded:
        model = backbone.base
        load_state(model.projector, parts["projector"], source)
        load_state(model.encoder, parts["encoder"], source)


def load_vlm_parts(
    folder: Path, device: str, quantise: str | None = None
) -> tuple[Backbone, dict[str, Calibration], dict[str, Any], str, str]:
    """Read what `save_vlm` wrote.

    Parameters
    ----------
    folder : Path
    device : str
    quantise : str, optional
        ``nf4`` or ``bf16``: hold the base otherwise than in training.

    Returns
    -------
    backbone, calibrations, card, version, style
        ``version`` is the start of a SHA-256 over all weights and the base's hash.

    Raises
    ------
    ModelError
        If a file is missing or damaged, or the base is not the one that was trained on.
    """
    config, parts, weights = read_parts(folder)
    settings = BackboneConfig(**config["backbone"])
    settings = replace(settings, quantise=quantise or settings.quantise)
    backbone = open_backbone(settings, device, training=False)
    if backbone.base_hash != config["base_hash"]:
        raise ModelError(
            f"The model in {folder} was trained on another base than the one at hand (its hash is "
            f"{config['base_hash'][:12]}, not {backbone.base_hash[:12]}).",
            "Restore the base model that it was trained on, or train again on this one.",
        )
    calibrations = read_calibrations(parts.pop("calibration"), folder)
    fill_parts(backbone, parts, folder)
    card = json.loads(_read_bytes(folder / "card.json"))
    version = hashlib.sha256((config["base_hash"] + weights).encode()).hexdigest()[:12]
    return backbone, calibrations, card, version, str(config.get("style", "full"))


def read_parts(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, dict[str, torch.Tensor]], str]:
    """Return configuration, weights by part, and their SHA-256.

    Raises
    ------
    ModelError
        If a file is missing or damaged.
    """
    config = _read_config(folder)
    parts = {}
    digest = hashlib.sha256()
    for name in _parts_of(folder):
        data = _read_bytes(folder / f"{name}.safetensors")
        digest.update(data)
        parts[name] = _tensors(folder / f"{name}.safetensors", data)
    return config, parts, digest.hexdigest()


def _parts_of(folder: Path) -> list[str]:
    optional = ("projector", "encoder")
    return [n for n in PARTS if n not in optional or (folder / f"{n}.safetensors").is_file()]


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads(_read_bytes(folder / "config.json"))
    except ValueError as error:
        raise ModelError(f"{folder}/config.json is damaged ({error}).", _REMEDY) from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ModelError(f"{folder}/config.json is not of format {FORMAT}.", _REMEDY)
    if config.get("kind") != "vlm" or config.get("classes") != list(CLASSES):
        raise ModelError(f"{folder} does not hold a VLM for the classes of NuLens.", _REMEDY)
    return config


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", _REMEDY) from error


def _tensors(path: Path, data: bytes) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors: dict[str, torch.Tensor] = load(data)
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged ({error}).", _REMEDY) from error
    return tensors
