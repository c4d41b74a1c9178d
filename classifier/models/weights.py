"""A trained model's folder: ``model.safetensors``, ``config.json``, ``card.json``."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.events import CLASSES
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch

FORMAT = 1


def write_folder(
    folder: Path,
    kind: str,
    network: dict[str, Any],
    tensors: dict[str, torch.Tensor],
    card: dict[str, Any],
) -> None:
    """Write a trained model; each file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    kind : str
        ``cnn`` or ``vit``.
    network : dict
        Sizes that the network is built from.
    tensors : dict of Tensor
        Weights (``network.*``) and what belongs to them (``temperature.*``, ``unlike.*``).
    card : dict
        Data, seed, command and metrics of the training.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = {"format": FORMAT, "kind": kind, "classes": list(CLASSES), "network": network}
    temporary = folder / "model.safetensors.part"
    save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, temporary)
    os.replace(temporary, folder / "model.safetensors")
    write_json(folder / "config.json", config)
    write_json(folder / "card.json", card)


def write_json(path: Path, content: Any) -> None:
    """Write JSON under a temporary name, then rename it."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def read_folder(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, torch.Tensor], dict[str, Any], str]:
    """Read what `write_folder` wrote.

    Returns
    -------
    config, tensors, card, version
        ``version`` is the start of the SHA-256 of ``model.safetensors``.

    Raises
    ------
    ModelError
        If a file is missing or damaged, or the model predicts other classes.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    remedy = "Train the model again, or restore its folder."
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        raw = (folder / "model.safetensors").read_bytes()
        tensors = load(raw)
    except FileNotFoundError as e:
        raise ModelError(f"{folder} has no {Path(e.filename).name}.", remedy) from e
    except OSError as e:
        raise ModelError(f"{folder} cannot be read: {e.strerror}.", remedy) from e
    except (ValueError, SafetensorError) as e:
        raise ModelError(f"The model in {folder} is damaged ({e}).", remedy) from e
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ModelError(f"{folder}/config.json is not of format {FORMAT}.", remedy)
    if config.get("classes") != list(CLASSES):
        raise ModelError(f"The model in {folder} predicts {config.get('classes')}.", remedy)
    return config, tensors, card, hashlib.sha256(raw).hexdigest()[:12]


def section(tensors: dict[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    """Return the tensors under ``name.``, without that prefix."""
    prefix = name + "."
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}


def half_precision(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Store matrices as fp16; vectors stay fp32, as running variances leave the range of fp16."""
    return {k: v.half() if v.is_floating_point() and v.ndim > 1 else v for k, v in state.items()}


def load_state(network: torch.nn.Module, state: dict[str, torch.Tensor], folder: Path) -> None:
    """Fill a network with weights.

    Raises
    ------
    ModelError
        If names or shapes do not fit, or a weight is not finite.
    """
    state = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ModelError(
                f"The model in {folder} is damaged: {name} holds numbers that are not finite.",
                "Train the model again, or restore its folder.",
            )
    try:
        network.load_state_dict(state)
    except RuntimeError as e:
        first = str(e).strip().splitlines()[-1].strip()
        raise ModelError(
            f"The weights in {folder} do not fit the network ({first}).",
            "Train the model again, or restore its folder.",
        ) from e
