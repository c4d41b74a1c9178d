"""Texts to unit vectors.

The default model, all-MiniLM-L6-v2, is a BERT of six layers. Importing PyTorch and
sentence-transformers takes longer than a user should wait for one search (5-10 s), so that this
model is run here in NumPy; any other model is left to sentence-transformers. A test holds the two
to the same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nulens.errors import ModelError

Vectors = npt.NDArray[np.float32]

_BATCH_TOKENS = 4096
_EMBEDDINGS = "embeddings"
_PROJECTIONS = ("query", "key", "value")
_ERF = tuple(
    np.float32(a) for a in (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
)

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
    tuned : mapping of str to ndarray, optional
        Weights that take the place of those of the same names.
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path, tuned: Mapping[str, npt.NDArray[Any]] | None = None) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type", "bert") != "bert":
            raise ModelError(
                f"{folder} does not hold a BERT.", "Name such a model by NULENS_EMBEDDING instead."
            )
        sizes = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._weights = load_file(folder / "model.safetensors")
        self._weights |= {k: v.astype(np.float32) for k, v in (tuned or {}).items()}
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        for layer in range(self._layers):  # the three projections of a token in one product
            prefix = f"encoder.layer.{layer}.attention.self"
            for kind in ("weight", "bias"):
                parts = [self._weights.pop(f"{prefix}.{n}.{kind}") for n in _PROJECTIONS]
                self._weights[f"{prefix}.qkv.{kind}"] = np.concatenate(parts)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(sizes["max_seq_length"]))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, (len(texts), 384)."""
        ids = [tuple(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]
        place = {own: at for at, own in enumerate(dict.fromkeys(ids))}
        vectors = self._encode(list(place))
        return vectors[[place[own] for own in ids]]

    def _encode(self, ids: list[tuple[int, ...]]) -> Vectors:
        vectors = np.empty((len(ids), len(self._weights[f"{_EMBEDDINGS}.LayerNorm.bias"])), "f4")
        order = list(range(len(ids)))
        while order:
            n, tokens = 0, 0
            while n < len(order) and (not n or tokens + len(ids[order[n]]) <= _BATCH_TOKENS):
                tokens += len(ids[order[n]])
                n += 1
            batch, order = order[:n], order[n:]
            part = [ids[i] for i in batch]
            if tokens <= _SHORT:
                with _blas().limit(limits=1, user_api="blas"):
                    vectors[batch] = self._forward(part)
            else:
                vectors[batch] = self._forward(part)
        return vectors

    def word_pieces(self, word: str) -> list[int]:
        """Return the vocabulary ids of a word's pieces; low ids are common words."""
        return list(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def _forward(self, ids: list[tuple[int, ...]]) -> Vectors:
        # The tokens of all texts stand below each other and only attention looks at one text at a
        # time, so that nothing is computed on padding.
        w = self._weights
        ends = np.cumsum([len(own) for own in ids])
        starts = ends - [len(own) for own in ids]
        positions = np.concatenate([np.arange(len(own)) for own in ids])
        x = w[f"{_EMBEDDINGS}.word_embeddings.weight"][np.concatenate(ids)]
        x = x + w[f"{_EMBEDDINGS}.position_embeddings.weight"][positions]
        x += w[f"{_EMBEDDINGS}.token_type_embeddings.weight"][0]
        self._normalise(x, f"{_EMBEDDINGS}.LayerNorm")
        for layer in range(self._layers):
            prefix = f"encoder.layer.{layer}"
            mixed = self._attention(x, list(zip(starts, ends, strict=True)), prefix)
            x += self._linear(mixed, f"{prefix}.attention.output.dense")
            self._normalise(x, f"{prefix}.attention.output.LayerNorm")
            inner = _gelu(self._linear(x, f"{prefix}.intermediate.dense"))
            x += self._linear(inner, f"{prefix}.output.dense")
            self._normalise(x, f"{prefix}.output.LayerNorm")
        pooled = np.add.reduceat(x, starts) / (ends - starts)[:, None].astype(np.float32)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))

    def _linear(self, x: Vectors, name: str) -> Vectors:
        out: Vectors = x @ self._weights[f"{name}.weight"].T
        out += self._weights[f"{name}.bias"]
        return out

    def _normalise(self, x: Vectors, name: str) -> None:
        x -= x.mean(axis=-1, keepdims=True)
        x /= np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + self._epsilon)
        x *= self._weights[f"{name}.weight"]
        x += self._weights[f"{name}.bias"]

    def _attention(self, x: Vectors, texts: list[tuple[int, int]], prefix: str) -> Vectors:
        width = x.shape[1]
        parts = self._linear(x, f"{prefix}.attention.self.qkv").reshape(len(x), 3, self._heads, -1)
        q, k, v = parts.transpose(1, 2, 0, 3)  # each (heads, tokens, width of a head)
        mixed = np.empty_like(x)
        for start, end in texts:
            scores = q[:, start:end] @ k[:, start:end].transpose(0, 2, 1)
            scores /= np.float32(np.sqrt(width // self._heads))
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            own = scores @ v[:, start:end]
            mixed[start:end] = own.transpose(1, 0, 2).reshape(end - start, width)
        return mixed


@lru_cache(maxsize=1)
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _gelu(x: Vectors) -> Vectors:
    """Return x times the normal distribution function of x.

    By the formula 7.1.26 of Abramowitz and Stegun, whose error is below 2e-7, near that of single
    precision; SciPy's takes several times as long.
    """
    size = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1.0 / (1.0 + np.float32(0.3275911) * size)
    tail = np.full_like(t, _ERF[-1])
    for coefficient in _ERF[-2::-1]:
        tail *= t
        tail += coefficient
    tail *= t
    tail *= np.exp(-np.square(size))  # 1 - erf(|x| / sqrt(2))
    # x Phi(x) is max(x, 0) less |x| times half of the tail.
    tail *= np.abs(x)
    tail *= np.float32(-0.5)
    tail += np.maximum(x, 0.0)
    return tail


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
