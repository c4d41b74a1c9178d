"""A cross-encoder that reorders passages, for those who configure one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from nulens.errors import ModelError


@lru_cache(maxsize=1)
def _load(model: str) -> Any:
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoder(model)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The cross-encoder {model} cannot be loaded ({type(error).__name__}).",
            "Set NULENS_RERANKER to a cross-encoder's folder or Hugging Face id, or unset it.",
        ) from error


def reranked(question: str, texts: Sequence[str], model: str) -> list[int]:
    """Return the order of the texts, best first, by a cross-encoder's score.

    Raises
    ------
    ModelError
        If the cross-encoder cannot be loaded.
    """
    scores = np.asarray(
        _load(model).predict([(question, text) for text in texts], show_progress_bar=False)
    )
    return [int(i) for i in np.argsort(-scores, kind="stable")]
