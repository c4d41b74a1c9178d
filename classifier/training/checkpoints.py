"""Checkpoints that a killed training goes on from, to the same result; safetensors, no pickle."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from nulens.errors import ModelError


def save_checkpoint(
    path: Path,
    modules: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
    progress: dict[str, Any],
) -> None:
    """Write weights, the optimiser's moments and the progress to one file, whole or not at all."""
    tensors: dict[str, torch.Tensor] = {}
    for name, module in modules.items():
        for key, value in module.state_dict().items():
            tensors[f"{name}.{key}"] = value
    for number, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            tensors[f"optimizer.{number}.{key}"] = torch.as_tensor(value)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    # Weights that two modules share, or that are views, may not be stored twice: copy.
    tensors = {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}
    save_file(tensors, temporary, metadata={"progress": json.dumps(progress)})
    os.replace(temporary, path)


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Restore what `save_checkpoint` wrote; return the progress.

    Raises
    ------
    ModelError
        If the file is damaged or of another model.
    """
    remedy = "Delete it to start the training from the beginning."
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            progress = json.loads((file.metadata() or {})["progress"])
    except (SafetensorError, KeyError, ValueError, OSError) as e:
        raise ModelError(f"The checkpoint {path} is damaged ({e}).", remedy) from e
    try:
        for name, module in modules.items():
            prefix = name + "."
            module.load_state_dict(
                {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
            )
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("optimizer."):
                _, number, entry = key.split(".")
                state.setdefault(int(number), {})[entry] = value
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": state, "param_groups": groups})
    except (RuntimeError, ValueError) as e:
        first = str(e).strip().splitlines()[0]
        raise ModelError(f"The checkpoint {path} is of another model ({first}).", remedy) from e
    return dict(progress)
