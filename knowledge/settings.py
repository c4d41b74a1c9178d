"""What the knowledge room can be told by the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from nulens.paths import data_dir

SHIPPED_COLLECTION = "nulens"
"""Collection of the shipped corpus, to which a user's documents go unless another is named."""


@dataclass(frozen=True)
class KnowledgeSettings:
    """Where the index lives and which models serve it.

    Attributes
    ----------
    folder : Path
        Folder of the embedded index and of the keyword indexes.
    chroma_url : str or None
        A Chroma server such as ``http://localhost:8000``; None is the embedded Chroma.
    embedding : str or None
        A sentence-transformers model (folder or Hugging Face id); None is all-MiniLM-L6-v2.
    reranker : str or None
        A cross-encoder (folder or Hugging Face id) that reorders the best passages; None is none.
    """

    folder: Path
    chroma_url: str | None = None
    embedding: str | None = None
    reranker: str | None = None

    @classmethod
    def from_environment(cls) -> KnowledgeSettings:
        """Read ``NULENS_DATA_DIR`` and ``NULENS_CHROMA_URL``, ``_EMBEDDING``, ``_RERANKER``."""
        return cls(
            folder=data_dir() / "knowledge",
            chroma_url=os.environ.get("NULENS_CHROMA_URL") or None,
            embedding=os.environ.get("NULENS_EMBEDDING") or None,
            reranker=os.environ.get("NULENS_RERANKER") or None,
        )
