"""Texts to unit vectors.

The default model, all-MiniLM-L6-v2, is a BERT of six layers. Importing PyTorch and
sentence-transformers takes longer than a user should wait for one search (5-10 s), so that this
model is run here in NumPy; any other model is left to sentence-transformers. A test holds the two
to the same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nulens.errors import ModelError

Vectors = npt.NDArray[np.float32]

_BATCH_TOKENS = 4096

_SHORT = 512
"""Tokens up to which one thread is used: on a busy machine threads wait for each other longer."""


class Encoder(Protocol):
    """Turns texts into vectors of unit length; ``name`` tells models apart."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, (len(texts), dimension)."""
        ...

    def __hash__(self) -> int:
        """Tell encoders apart in a cache."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 in NumPy: BERT (arXiv:1810.04805), mean pooling, unit length.

    Parameters
    ----------
    folder : Path
        A sentence-transformers folder with a BERT in ``model.safetensors``.
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type", "bert") != "bert":
            raise ModelError(
                f"{folder} does not hold a BERT.", "Name such a model by NULENS_EMBEDDING instead."
            )
        sizes = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._weights = load_file(folder / "model.safetensors")
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(sizes["max_seq_length"]))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, (len(texts), 384)."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        width = self._weights["embeddings.word_embeddings.weight"].shape[1]
        vectors = np.empty((len(ids), width), dtype=np.float32)
        # Texts of one length go together, so that next to nothing is computed on padding.
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        while order:
            take = max(1, _BATCH_TOKENS // len(ids[order[-1]]))
            batch, order = order[-take:], order[:-take]
            part = [ids[i] for i in batch]
            if sum(map(len, part)) <= _SHORT:
                with _blas().limit(limits=1, user_api="blas"):
                    vectors[batch] = self._forward(part)
            else:
                vectors[batch] = self._forward(part)
        return vectors

    def word_pieces(self, word: str) -> list[int]:
        """Return the vocabulary ids of a word's pieces; low ids are common words."""
        return list(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def _forward(self, ids: list[list[int]]) -> Vectors:
        length = max(map(len, ids))
        tokens = np.zeros((len(ids), length), dtype=np.int64)
        mask = np.zeros((len(ids), length), dtype=np.float32)
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1.0
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][tokens]
        x = x + w["embeddings.position_embeddings.weight"][:length]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normalised(x, "embeddings.LayerNorm")
        hidden = (1.0 - mask[:, None, None, :]) * np.float32(-1e9)
        for layer in range(self._layers):
            prefix = f"encoder.layer.{layer}"
            x = self._normalised(
                x + self._attention(x, hidden, prefix), f"{prefix}.attention.output.LayerNorm"
            )
            inner = _gelu(self._linear(x, f"{prefix}.intermediate.dense"))
            x = self._normalised(
                x + self._linear(inner, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm"
            )
        pooled = (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _linear(self, x: npt.NDArray[Any], name: str) -> Vectors:
        weight = self._weights[f"{name}.weight"]
        flat = x.reshape(-1, x.shape[-1]) @ weight.T
        flat += self._weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], weight.shape[0])

    def _normalised(self, x: Vectors, name: str) -> Vectors:
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + self._epsilon)
        x *= self._weights[f"{name}.weight"]
        x += self._weights[f"{name}.bias"]
        return x

    def _attention(self, x: Vectors, hidden: Vectors, prefix: str) -> Vectors:
        rows, length, width = x.shape
        split = (rows, length, self._heads, width // self._heads)
        q, k, v = (
            self._linear(x, f"{prefix}.attention.self.{part}").reshape(split).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(np.sqrt(split[-1])) + hidden
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = np.ascontiguousarray((scores @ v).transpose(0, 2, 1, 3)).reshape(x.shape)
        return self._linear(mixed, f"{prefix}.attention.output.dense")


@lru_cache(maxsize=1)
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _gelu(x: Vectors) -> Vectors:
    from scipy.special import erf

    return x * (0.5 + 0.5 * erf(x / np.float32(np.sqrt(2.0))))


class SentenceTransformerEncoder:
    """Any model that sentence-transformers can load.

    Parameters
    ----------
    model : str
        A folder or a Hugging Face id.
    """

    def __init__(self, model: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = Path(model).name if Path(model).exists() else model
        try:
            self._model: Any = SentenceTransformer(model)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The embedding model {model} cannot be loaded ({type(error).__name__}).",
                "Set NULENS_EMBEDDING to a sentence-transformers folder or id, or unset it.",
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


@lru_cache(maxsize=2048)
def mean_vector(encoder: Encoder, texts: tuple[str, ...]) -> Vectors:
    """Return the mean of the vectors of some texts, kept for the steps that need it again."""
    vector: Vectors = encoder.encode(texts).mean(axis=0)
    vector.flags.writeable = False  # it is shared
    return vector


@lru_cache(maxsize=2)
def load_encoder(model: str | None = None) -> Encoder:
    """Return the encoder of a model; the default is all-MiniLM-L6-v2.

    Raises
    ------
    ModelError
        If the model cannot be fetched or loaded.
    """
    if model is not None:
        return SentenceTransformerEncoder(model)
    from nulens.base_models import base_model

    return MiniLM(base_model("minilm"))
