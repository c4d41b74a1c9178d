"""Feature vectors of events, kept in Chroma so that each event is embedded once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.tools.context import ToolContext

if TYPE_CHECKING:
    from classifier.events import EventSet

_BLOCK = 256


class EmbeddingIndex:
    """The feature vectors that one classifier gives to the opened events.

    Parameters
    ----------
    context : ToolContext
    model : str
        Name of the classifier.
    """

    def __init__(self, context: ToolContext, model: str) -> None:
        import chromadb
        from chromadb.config import Settings

        from nulens.paths import data_dir

        self._context = context
        self._model = context.workspace.classifier(model)
        told = f"{context.events.reader.fingerprint}|{self._model.version}"
        self._chroma: Any = chromadb.PersistentClient(
            str(data_dir() / "embeddings"), Settings(anonymized_telemetry=False)
        )
        self._collection: Any = self._chroma.get_or_create_collection(
            f"{hashlib.sha256(told.encode()).hexdigest()[:40]}",
            configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
            embedding_function=None,
        )

    def nearest(self, event: int, among: EventSet, k: int) -> list[tuple[int, float]]:
        """Return the k nearest other events with their cosine similarity, best first."""
        self._ensure([event, *(int(i) for i in among.indices)])
        query = self._collection.get(ids=[str(event)], include=["embeddings"])["embeddings"]
        others = [int(i) for i in among.indices if int(i) != event]
        if not others:
            return []
        every = len(among) == len(self._context.events)
        found = self._collection.query(
            query_embeddings=query,
            n_results=min(k + 1, self._collection.count()) if every else min(k, len(others)),
            ids=None if every else [str(i) for i in others],
            include=["distances"],
        )
        pairs = [
            (int(i), 1.0 - float(d))
            for i, d in zip(found["ids"][0], found["distances"][0], strict=True)
        ]
        return [p for p in pairs if p[0] != event][:k]

    def _ensure(self, indices: list[int]) -> None:
        """Embed the events that are not in the collection yet, a block at a time."""
        known = set(self._collection.get(include=[])["ids"])
        missing = [i for i in dict.fromkeys(indices) if str(i) not in known]
        for start in range(0, len(missing), _BLOCK):
            self._context.check()
            block = missing[start : start + _BLOCK]
            vectors = np.asarray(
                self._model.embed(self._context.events.take(block)), dtype=np.float32
            )
            self._collection.upsert(ids=[str(i) for i in block], embeddings=vectors)
