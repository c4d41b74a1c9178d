"""One collection of chunks: vectors and texts in Chroma, words in a BM25 index beside it.

Chroma is the one truth. The BM25 index is a cache of it, brought up to date whenever the revision
that the collection carries differs from its own, so that a change by another program, or one that
was cut short, is seen. A chunk's id is ``<document>:<hash>:<position>``; a document's chunk 0 is
written last and marks it as complete, and chunks without such a head are left out of every search.
"""

from __future__ import annotations

import base64
import gc
import re
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Encoder, load_encoder
from knowledge.keywords import KeywordIndex
from knowledge.settings import KnowledgeSettings
from knowledge.terms import terms
from nulens.errors import NuLensError

_FETCH = 5000
_LARGEST = 0.4  # component of a unit vector of some hundred; larger ones are rare and clipped
_FORMAT = ".v3"
"""Stored with each collection's name: an index whose chunks or vectors were made otherwise is not
read as if it were of this kind."""
_TERMS = ".t2"
"""Stored with each keyword index: one whose terms were made otherwise is made anew."""
_MODEL_MARK = ".with."
_HNSW = {"space": "cosine", "ef_construction": 150, "max_neighbors": 24, "ef_search": 150}
_CITATION = re.compile(
    r"\s*(?:\((?=[^()]*(?:\b(?:19|20)\d\d\b|\bet al\b|arXiv:|\bPDG\b|\bTDR\b))[^()]{1,300}\)"
    r"|\[\d[\d,\s–-]*\])"
)
_clients: dict[str, Any] = {}
_clients_lock = threading.RLock()


@dataclass(frozen=True)
class StoredDocument:
    """A document as the index has it."""

    name: str
    title: str
    sha256: str
    source: str
    chunks: int
    ingested: str


@dataclass(frozen=True)
class StoredChunk:
    """A chunk as the index has it."""

    id: str
    document: str
    title: str
    section: str
    page: int | None
    position: int
    text: str
    vector: npt.NDArray[np.float32]
    heading_vector: npt.NDArray[np.float32]
    sentence_vectors: npt.NDArray[np.float32]


def packed_vectors(vectors: npt.NDArray[np.float32]) -> str:
    """Return unit vectors as text of one byte a component, for the metadata of a chunk."""
    clipped = np.clip(vectors / _LARGEST, -1, 1)
    return base64.b64encode(np.round(127 * clipped).astype(np.int8).tobytes()).decode()


def unpacked_vectors(packed: str, n: int) -> npt.NDArray[np.float32]:
    """Return the ``n`` vectors of :func:`packed_vectors`, (n, dimension)."""
    whole = np.frombuffer(base64.b64decode(packed), dtype=np.int8).astype(np.float32)
    vectors = whole.reshape(n, -1) * np.float32(_LARGEST / 127)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def index_terms(title: str, section: str, text: str) -> list[str]:
    """Return the terms that a chunk is found by; those of its headings count again."""
    return [*terms(text), *2 * _heading_terms(section), *_heading_terms(title)]


@lru_cache(maxsize=10_000)
def _heading_terms(heading: str) -> tuple[str, ...]:
    return tuple(terms(heading))


def embedded_text(title: str, section: str, text: str) -> str:
    """Return what the embedding model reads of a chunk: its headings, then its text."""
    return f"{title}. {section}. {without_citations(text)}"


def embedded_sentence(section: str, sentence: str) -> str:
    """Return what the embedding model reads of one sentence."""
    return f"{section}: {without_citations(sentence)}"


def embedded_heading(title: str, section: str) -> str:
    """Return what the embedding model reads of a chunk's headings."""
    return f"{title}: {section}"


def without_citations(text: str) -> str:
    """Return a text less its citations in brackets, which say nothing on its matter."""
    return _CITATION.sub("", text)


class Index:
    """A named collection, read and written through Chroma.

    Parameters
    ----------
    collection : str
        Letters, digits, ``.``, ``_`` and ``-``; 3 to 60 of them.
    settings : KnowledgeSettings, optional
        Where and with which models; by default from the environment.

    Raises
    ------
    NuLensError
        If the name is not allowed or the Chroma server does not answer.
    """

    def __init__(self, collection: str, settings: KnowledgeSettings | None = None) -> None:
        self.settings = settings or KnowledgeSettings.from_environment()
        self.name = collection
        self.encoder: Encoder = load_encoder(self.settings.embedding)
        self._stored_name = stored_name(collection, self.settings)
        self._lock = threading.RLock()
        self._keywords: KeywordIndex | None = None
        self._rows: dict[str, int] = {}
        self._bound: tuple[Any, Any] | None = None

    @property
    def _collection(self) -> Any:
        """The collection as the present client has it: :func:`reopen` may have replaced that."""
        present = client(self.settings)
        if self._bound is None or self._bound[0] is not present:
            collection = present.get_or_create_collection(
                self._stored_name,
                metadata={"revision": "0"},
                configuration={"hnsw": _HNSW},
                embedding_function=None,
            )
            self._bound = (present, collection)
        return self._bound[1]

    # -- reading -----------------------------------------------------------------------------

    def refresh(self) -> KeywordIndex:
        """Return the BM25 index, brought up to the collection's present revision."""
        with self._lock:
            with self._chroma_errors():
                revision = str((self._fresh_metadata() or {}).get("revision", ""))
            keywords = self._keywords
            if keywords is not None and keywords.revision == revision:
                return keywords
            path = self.settings.folder / "words" / f"{self._stored_name}{_TERMS}.npz"
            if keywords is None:
                keywords = KeywordIndex.load(path)
            else:
                # Another program may have written: its vectors are on disk, not in this memory.
                reopen(self.settings)
            if keywords.revision != revision:
                with self._chroma_errors():
                    changed = self._catch_up(keywords)
                keywords.revision = revision
                if changed:
                    keywords.save(path)
            self._keywords = keywords
            self._rows = {id_: row for row, id_ in enumerate(keywords.ids)}
            return keywords

    def _fresh_metadata(self) -> dict[str, Any]:
        _ = self._collection  # made if it is not there
        found = client(self.settings).get_collection(self._stored_name, embedding_function=None)
        return dict(found.metadata or {})

    def _catch_up(self, keywords: KeywordIndex) -> bool:
        complete = {f"{d.name}:{d.sha256[:12]}" for d in self.documents()}
        live = [
            id_
            for id_ in self._collection.get(include=[])["ids"]
            if id_.rpartition(":")[0] in complete
        ]
        live_set = set(live)
        known = set(keywords.ids)
        keep = np.array([id_ in live_set for id_ in keywords.ids], dtype=bool)
        new = sorted(id_ for id_ in live if id_ not in known)
        if keep.all() and not new:
            return False
        texts: dict[str, list[str]] = {}
        for start in range(0, len(new), _FETCH):
            found = self._collection.get(
                ids=new[start : start + _FETCH], include=["documents", "metadatas"]
            )
            for id_, text, meta in zip(
                found["ids"], found["documents"], found["metadatas"], strict=True
            ):
                texts[id_] = index_terms(str(meta["title"]), str(meta["section"]), str(text))
        there = sorted(texts)  # another program may be deleting some
        keywords.replace(keep, there, [texts[id_] for id_ in there])
        return True

    def rows(self, ids: Sequence[str]) -> list[int]:
        """Return the rows of the given chunks in the BM25 index, those that are there."""
        return [self._rows[id_] for id_ in ids if id_ in self._rows]

    def nearest(self, vector: npt.NDArray[np.float32], n: int) -> dict[int, float]:
        """Return rows and cosines of the ``n`` chunks nearest to a unit vector."""
        if not self._rows:
            return {}
        with self._chroma_errors():
            found = self._collection.query(
                query_embeddings=vector[None, :],
                n_results=min(n, len(self._rows)),
                include=["distances"],
            )
        pairs = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
        return {self._rows[id_]: 1.0 - float(d) for id_, d in pairs if id_ in self._rows}

    def cosines(self, vector: npt.NDArray[np.float32], rows: Sequence[int]) -> dict[int, float]:
        """Return the cosines of the chunks in the given rows with a unit vector.

        A chunk that another program is just deleting is not among them.
        """
        if self._keywords is None or not rows:
            return {}
        ids = [self._keywords.ids[row] for row in rows]
        with self._chroma_errors():
            found = self._collection.get(ids=ids, include=["embeddings"])
        return {
            self._rows[id_]: float(stored @ vector)
            for id_, stored in zip(found["ids"], np.asarray(found["embeddings"]), strict=True)
        }

    def fetch(self, ids: Sequence[str]) -> list[StoredChunk]:
        """Return the chunks of the given ids, in their order; what is not there is left out."""
        if not ids:
            return []
        with self._chroma_errors():
            found = self._collection.get(
                ids=list(ids), include=["documents", "metadatas", "embeddings"]
            )
        by_id = {}
        for id_, text, meta, vector in zip(
            found["ids"],
            found["documents"] or [],
            found["metadatas"] or [],
            np.asarray(found["embeddings"], dtype=np.float32),
            strict=True,
        ):
            page = meta.get("page")
            vectors = unpacked_vectors(
                str(meta["sentence_vectors"]), int(str(meta["sentences"])) + 1
            )
            by_id[id_] = StoredChunk(
                id=id_,
                document=str(meta["document"]),
                title=str(meta["title"]),
                section=str(meta["section"]),
                page=int(page) if isinstance(page, int) else None,
                position=int(str(meta["position"])),
                text=str(text),
                vector=vector,
                heading_vector=vectors[0],
                sentence_vectors=vectors[1:],
            )
        return [by_id[id_] for id_ in ids if id_ in by_id]

    def documents(self) -> list[StoredDocument]:
        """Return the complete documents; of two states of one, the later."""
        with self._chroma_errors():
            found = self._collection.get(where={"position": 0}, include=["metadatas"])
        latest: dict[str, StoredDocument] = {}
        for meta in found["metadatas"] or []:
            stored = StoredDocument(
                name=str(meta["document"]),
                title=str(meta["title"]),
                sha256=str(meta["sha256"]),
                source=str(meta["source"]),
                chunks=int(str(meta["chunks"])),
                ingested=str(meta["ingested"]),
            )
            before = latest.get(stored.name)
            if before is None or before.ingested < stored.ingested:
                latest[stored.name] = stored
        return sorted(latest.values(), key=lambda d: d.name)

    def present(self, ids: Sequence[str]) -> set[str]:
        """Return which of the given chunk ids are stored."""
        found: set[str] = set()
        with self._chroma_errors():
            for start in range(0, len(ids), _FETCH):
                part = list(ids[start : start + _FETCH])
                found.update(self._collection.get(ids=part, include=[])["ids"])
        return found

    def metadata(self, key: str) -> str | None:
        """Return a value that :meth:`touch` stored with the collection."""
        with self._chroma_errors():
            value = self._fresh_metadata().get(key)
        return None if value is None else str(value)

    # -- writing -----------------------------------------------------------------------------

    def upsert(
        self,
        ids: Sequence[str],
        vectors: npt.NDArray[np.float32],
        texts: Sequence[str],
        metadata: Sequence[dict[str, Any]],
    ) -> None:
        """Write chunks; the caller holds the writer's lock and calls :meth:`touch` at the end."""
        with self._chroma_errors():
            self._collection.upsert(
                ids=list(ids), embeddings=vectors, documents=list(texts), metadatas=list(metadata)
            )

    def remove(self, ids: Sequence[str]) -> None:
        """Delete chunks by id."""
        with self._chroma_errors():
            for start in range(0, len(ids), _FETCH):
                self._collection.delete(ids=list(ids[start : start + _FETCH]))

    def all_ids(self) -> list[str]:
        """Return the ids of all stored chunks, those of incomplete documents too."""
        with self._chroma_errors():
            return list(self._collection.get(include=[])["ids"])

    def touch(self, **values: str) -> None:
        """Give the collection a new revision, and store ``values`` with it."""
        with self._chroma_errors():
            kept = self._fresh_metadata()
            self._collection.modify(metadata={**kept, **values, "revision": uuid.uuid4().hex})

    @contextmanager
    def _chroma_errors(self) -> Iterator[None]:
        import httpx
        from chromadb.errors import ChromaError, NotFoundError

        try:
            with _clients_lock:  # so that no other thread closes the client meanwhile
                yield
        except NotFoundError as error:
            raise NuLensError(
                f"The collection {self.name} is not there any more.", "Ingest its documents again."
            ) from error
        except (ChromaError, httpx.HTTPError) as error:
            where = self.settings.chroma_url or self.settings.folder
            raise NuLensError(
                f"The index at {where} does not answer ({type(error).__name__}: {error}).",
                "Check the Chroma server, or remove that folder and ingest again.",
            ) from error


def stored_name(collection: str, settings: KnowledgeSettings) -> str:
    """Return the name in Chroma: vectors of different models never share a collection.

    Raises
    ------
    NuLensError
        If the name has other characters than Chroma allows.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,58}[A-Za-z0-9]", collection):
        raise NuLensError(
            f"A collection cannot be named {collection!r}.",
            "Use 3 to 60 letters, digits, '.', '_' or '-', with a letter or digit at both ends.",
        )
    return collection + _suffix(settings)


def _suffix(settings: KnowledgeSettings) -> str:
    if settings.embedding is None:
        return _FORMAT
    model = re.sub(r"[^A-Za-z0-9]+", "-", settings.embedding.rstrip("/").split("/")[-1]).strip("-")
    return f"{_MODEL_MARK}{model}{_FORMAT}"


def client(settings: KnowledgeSettings) -> Any:
    """Return the Chroma client of these settings, one a process.

    Raises
    ------
    NuLensError
        If the server does not answer or the embedded index cannot be opened.
    """
    key = settings.chroma_url or str(settings.folder)
    with _clients_lock:
        if key not in _clients:
            _clients[key] = _new_client(settings)
        return _clients[key]


def reopen(settings: KnowledgeSettings) -> None:
    """Drop the client, so that the next use reads what other programs wrote."""
    if settings.chroma_url:
        return
    with _clients_lock:
        old = _clients.pop(str(settings.folder), None)
        if old is not None:
            old.close()
            gc.collect()


def _new_client(settings: KnowledgeSettings) -> Any:
    import chromadb
    from chromadb.config import Settings

    quiet = Settings(anonymized_telemetry=False)
    try:
        if settings.chroma_url is None:
            (settings.folder / "vectors").mkdir(parents=True, exist_ok=True)
            return chromadb.PersistentClient(str(settings.folder / "vectors"), settings=quiet)
        from urllib.parse import urlsplit

        url = urlsplit(settings.chroma_url)
        return chromadb.HttpClient(
            host=url.hostname or "localhost",
            port=url.port or (443 if url.scheme == "https" else 8000),
            ssl=url.scheme == "https",
            settings=quiet,
        )
    except Exception as error:  # Chroma raises ValueError, its own and its Rust core's panics here
        where = settings.chroma_url or settings.folder
        raise NuLensError(
            f"The index at {where} cannot be opened ({error}).",
            "Check the Chroma server, or remove that folder and ingest again.",
        ) from error
