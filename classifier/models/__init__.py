"""The classifiers by name."""

from __future__ import annotations

import json
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from nulens.errors import ModelError

if TYPE_CHECKING:
    from classifier.models.base import Classifier

CLASSIFIER_NAMES = ("vlm", "vit", "cnn")
"""The shipped classifiers."""


def weights_folder(name: str) -> Path:
    """Return where the weights of a shipped classifier lie, whether they are there or not."""
    return Path(__file__).parents[1] / "weights" / name


def load_classifier(name: str | PathLike[str]) -> Classifier:
    """Load a trained classifier.

    Parameters
    ----------
    name : str or path-like
        One of `CLASSIFIER_NAMES`, or the folder of a trained model.

    Returns
    -------
    Classifier
        ``predict``, ``embed``, ``card`` and, for a VLM, ``explain``.

    Raises
    ------
    ModelError
        If there is no such model, or its folder is damaged.

    Examples
    --------
    >>> cnn = load_classifier("cnn")  # doctest: +SKIP
    >>> cnn.predict(events[0:100]).probabilities  # doctest: +SKIP
    """
    folder = weights_folder(fspath(name)) if fspath(name) in CLASSIFIER_NAMES else Path(name)
    if not folder.is_dir():
        known = ", ".join(CLASSIFIER_NAMES)
        if fspath(name) in CLASSIFIER_NAMES:
            raise ModelError(
                f"The weights of {fspath(name)!r} are not installed: {folder} is missing.",
                f"Install NuLens again, or train it: nulens train {fspath(name)} --help.",
            )
        raise ModelError(
            f"There is no classifier {fspath(name)!r}.",
            f"Choose one of {known}, or name the folder of a trained model.",
        )
    if _kind(folder) == "vlm":
        from classifier.models.vlm import load_vlm

        return load_vlm(folder)
    from classifier.models.supervised import SupervisedClassifier

    return SupervisedClassifier.load(folder)


def _kind(folder: Path) -> str:
    """Return what ``config.json`` calls the model; a damaged file is reported by its loader."""
    try:
        return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
