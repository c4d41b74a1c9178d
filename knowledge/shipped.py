"""The shipped corpus: its documents, their precomputed vectors, and its place in the index.

``python -m knowledge.shipped`` computes the vectors anew after a document was changed. A chunk
or sentence whose vector is not among them is embedded when needed; the file only saves time.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.chunks import chunks, sentences
from knowledge.documents import Document
from knowledge.encoder import Encoder, MiniLM, load_encoder
from knowledge.index import Index, embedded_sentence, embedded_text, reopen
from knowledge.readers.markdown import read_markdown
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings

_VECTORS = Path(str(files("knowledge"))) / "corpus_vectors.npz"
_opened: dict[tuple[str, KnowledgeSettings], Index] = {}
_opened_lock = threading.RLock()


def corpus_folder() -> Path:
    """Return the folder of the shipped documents."""
    return Path(str(files("knowledge"))) / "corpus"


def corpus_documents() -> dict[str, Document]:
    """Return the shipped documents by name."""
    found = {}
    for path in sorted(corpus_folder().glob("*.md")):
        raw = path.read_bytes()
        title, sections = read_markdown(raw.decode("utf-8"))
        found[path.stem] = Document(
            title, sections, hashlib.sha256(raw).hexdigest(), f"corpus:{path.stem}"
        )
    return found


def open_index(collection: str, settings: KnowledgeSettings | None = None) -> Index:
    """Return a collection, the same object each time; the shipped one holds the shipped corpus.

    Raises
    ------
    NuLensError
        If the name is not allowed or the index does not answer.
    """
    settings = settings or KnowledgeSettings.from_environment()
    with _opened_lock:
        index = _opened.get((collection, settings))
        if index is None:
            index = Index(collection, settings)
            if collection == SHIPPED_COLLECTION:
                _synchronise(index)
            _opened[collection, settings] = index
        return index


def _fingerprint() -> str:
    total = hashlib.sha256()
    for path in sorted(corpus_folder().glob("*.md")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _synchronise(index: Index) -> None:
    """Bring the shipped documents of the collection to the state of the package."""
    from knowledge.ingest import writer_lock

    fingerprint = _fingerprint()
    if index.metadata("corpus") == fingerprint:
        return
    with writer_lock(index.settings):
        reopen(index.settings)
        if index.metadata("corpus") == fingerprint:  # another program was first
            return
        shipped = corpus_documents()
        stored = {d.name: d for d in index.documents() if d.source.startswith("corpus:")}
        hashes = {name: document.sha256 for name, document in stored.items()}
        _write(index, {n: d for n, d in shipped.items() if hashes.get(n) != d.sha256})
        current = {f"{name}:{d.sha256[:12]}" for name, d in shipped.items()}
        former = {f"{name}:{d.sha256[:12]}" for name, d in stored.items()} - current
        index.remove([id_ for id_ in index.all_ids() if id_.rpartition(":")[0] in former])
        index.touch(corpus=fingerprint)


def _write(index: Index, documents: dict[str, Document]) -> None:
    """Write all documents at once: much quicker than one by one."""
    from knowledge.ingest import write_chunks

    rows = []
    for name, document in documents.items():
        made = chunks(document)
        rows += [(name, document, chunk, len(made)) for chunk in made]
    if rows:
        write_chunks(index, rows, lambda texts: encode(index.encoder, texts))


def encode(encoder: Encoder, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the vectors of texts, from the file where it has them: those of shipped documents."""
    known = _stored_vectors() if isinstance(encoder, MiniLM) else {}
    missing = [text for text in dict.fromkeys(texts) if _key(text) not in known]
    fresh = dict(zip(missing, encoder.encode(missing), strict=True)) if missing else {}
    return np.stack([fresh[text] if text in fresh else known[_key(text)] for text in texts])


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _stored_vectors() -> dict[str, npt.NDArray[np.float32]]:
    if not _VECTORS.is_file():
        return {}
    with np.load(_VECTORS, allow_pickle=False) as stored:
        vectors = stored["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return dict(zip(stored["keys"].tolist(), vectors, strict=True))


def corpus_texts() -> list[str]:
    """Return what the embedding model reads of each shipped chunk and of each sentence in it."""
    texts = []
    for document in corpus_documents().values():
        for chunk in chunks(document):
            texts.append(embedded_text(document.title, chunk.section, chunk.text))
            texts += [embedded_sentence(chunk.section, said) for said in sentences(chunk.text)]
    return list(dict.fromkeys(texts))


def write_vectors() -> int:
    """Compute the vectors of the shipped corpus, write them, and return how many there are."""
    texts = corpus_texts()
    vectors = encode(load_encoder(), texts).astype(np.float16)  # most are as they were
    part = _VECTORS.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez_compressed(stream, keys=np.array([_key(t) for t in texts]), vectors=vectors)
    part.replace(_VECTORS)
    _stored_vectors.cache_clear()
    return len(texts)


if __name__ == "__main__":
    print(f"{write_vectors()} vectors written to {_VECTORS}")
