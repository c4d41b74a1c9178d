"""A linear map of the embedding space, learned from the corpus' questions and what answers them.

x is taken to x + x A B, of unit length, with A and B of low rank: questions and texts of this field
that belong together move closer than a model of general language puts them. It is trained by
``python -m knowledge.calibration`` with a softmax over all sections as in dense passage retrieval
(Karpukhin et al., arXiv:2004.04906).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Encoder, MiniLM

PATH = Path(str(files("knowledge"))) / "adaptation.npz"

Vectors = npt.NDArray[np.float32]


Factors = tuple[Vectors, Vectors]
"""A, (dimension, rank), and B, (rank, dimension)."""

_instead: list[Factors] = []


@contextmanager
def instead(factors: Factors) -> Iterator[None]:
    """Map by other factors for a while: by such as have not seen the documents asked about."""
    _instead.append(factors)
    try:
        yield
    finally:
        _instead.pop()


@lru_cache(maxsize=1)
def _stored() -> Factors:
    with np.load(PATH, allow_pickle=False) as stored:
        return stored["down"].astype(np.float32), stored["up"].astype(np.float32)


def adapted(vectors: Vectors, encoder: Encoder) -> Vectors:
    """Return vectors, (..., dimension), mapped and of unit length.

    Those of another model than the default one are only brought to unit length.
    """
    if isinstance(encoder, MiniLM):
        down, up = _instead[-1] if _instead else _stored()
        vectors = np.asarray(vectors + vectors @ down @ up, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


def fit(
    questions: Vectors,
    answered_by: npt.NDArray[np.int64],
    texts: list[tuple[Vectors, npt.NDArray[np.int64]]],
    rank: int = 64,
    epochs: int = 12,
    seed: int = 0,
) -> Factors:
    """Return the factors A, (dimension, rank), and B, (rank, dimension).

    Parameters
    ----------
    questions : ndarray, (n, dimension)
        Unit vectors.
    answered_by : ndarray, (n,)
        The section of each.
    texts : list of (ndarray, ndarray)
        Unit vectors of texts, and the section of each; chunks first, then sentences.
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n_sections = int(answered_by.max()) + 1
    scale, batch = 20.0, 256  # 1 / the temperature that MiniLM was trained with
    asked, wanted = torch.tensor(questions), torch.tensor(answered_by)
    down = (0.02 * torch.randn(questions.shape[1], rank)).requires_grad_()
    up = torch.zeros(rank, questions.shape[1], requires_grad=True)
    optimiser = torch.optim.AdamW([down, up], lr=1e-3, weight_decay=1e-2)

    def best(cosines: Any, sections: Any) -> Any:
        start = torch.full((len(cosines), n_sections), -1e9)
        return start.scatter_reduce(1, sections.expand(len(cosines), -1), scale * cosines, "amax")

    def mapped(x: Any) -> Any:
        return normalize(x + x @ down @ up, dim=1)

    places = [(torch.tensor(vectors), torch.tensor(sections)) for vectors, sections in texts]
    for _ in range(epochs):
        order = rng.permutation(len(questions))
        for start in range(0, len(order), batch):
            rows = torch.tensor(order[start : start + batch])
            query, keys = mapped(asked[rows]), mapped(asked)
            cosines = query @ keys.T
            cosines = cosines.index_put((torch.arange(len(rows)), rows), torch.tensor(-1.0))
            logits = [best(query @ mapped(x).T, sections) for x, sections in places]
            logits.append(best(cosines, wanted))
            loss = cross_entropy(sum(logits), wanted[rows])
            loss = loss + 0.3 * sum(cross_entropy(one, wanted[rows]) for one in logits[::2])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return down.detach().numpy(), up.detach().numpy()
