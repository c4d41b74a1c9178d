"""The shipped corpus: its documents, their precomputed vectors, and its place in the index.

``python -m knowledge.shipped`` computes the vectors anew after a document was changed. A chunk
or sentence whose vector is not among them is embedded when needed; the file only saves time.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from knowledge.chunks import chunks, sentences
from knowledge.documents import Document
from knowledge.encoder import Encoder, MiniLM, load_encoder
from knowledge.index import (
    Index,
    embedded_heading,
    embedded_sentence,
    embedded_text,
    reopen,
)
from knowledge.keys import VECTORS, WORDS, Keys, corpus_questions, key_terms, key_texts
from knowledge.keywords import KeywordIndex
from knowledge.readers.markdown import read_markdown
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.writing import write_chunks, writer_lock

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


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fingerprint() -> str:
    total = hashlib.sha256()
    for path in sorted(corpus_folder().glob("*.md")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _synchronise(index: Index) -> None:
    """Bring the shipped documents of the collection to the state of the package."""
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
            texts.append(embedded_heading(document.title, chunk.section))
            texts += [embedded_sentence(chunk.section, said) for said in sentences(chunk.text)]
    return list(dict.fromkeys(texts))


@lru_cache(maxsize=1)
def shipped_keys() -> Keys:
    """Return the keys to the shipped corpus, as they were written beside it."""
    with np.load(VECTORS, allow_pickle=False) as stored:
        documents, positions = stored["documents"].tolist(), stored["positions"].tolist()
        vectors = stored["vectors"].astype(np.float32)
    hashes = {path.stem: _sha256(path) for path in corpus_folder().glob("*.md")}
    ids = [
        f"{name}:{hashes.get(name, '')[:12]}:{position}"
        for name, position in zip(documents, positions, strict=True)
    ]
    return Keys(ids, vectors, KeywordIndex.load(WORDS), corpus_questions(), load_encoder())


def keys_of(index: Index) -> Keys | None:
    """Return the keys to a collection: those of the shipped corpus if it is in there.

    They are vectors of the default model; other models do without.
    """
    shipped = index.name == SHIPPED_COLLECTION and isinstance(index.encoder, MiniLM)
    return shipped_keys() if shipped else None


def write_keys() -> int:
    """Write the vectors and words of the corpus' questions, and return how many there are.

    Only questions that are new are embedded; remove the file after a change of the model.

    Raises
    ------
    ValueError
        If a question's quote is not in the section that it names.
    """
    keys = corpus_questions()
    cut = {name: chunks(document) for name, document in corpus_documents().items()}
    positions = []
    for key in keys:
        held = [
            (sum(said in chunk.text for said in key.quote), -chunk.position)
            for chunk in cut[key.document]
            if chunk.section == key.section
        ]
        most, position = max(held, default=(0, 0))
        if not most:
            raise ValueError(f"{key.document}, {key.section} does not hold {key.quote[0]!r}")
        positions.append(-position)
    texts = key_texts()
    said = [_key("\n".join(pair)) for pair in texts]
    known = _stored_key_vectors()
    new = [i for i, text in enumerate(said) if text not in known]
    if new:
        pairs = load_encoder().encode([text for i in new for text in texts[i]])
        mean = pairs.reshape(len(new), 2, -1).mean(axis=1)
        mean /= np.linalg.norm(mean, axis=1, keepdims=True)
        known.update(zip((said[i] for i in new), mean.astype(np.float16), strict=True))
    with _replacing(VECTORS) as stream:
        np.savez_compressed(
            stream,
            texts=np.array(said),
            documents=np.array([key.document for key in keys]),
            positions=np.array(positions, dtype=np.int16),
            vectors=np.stack([known[text] for text in said]),
        )
    words = KeywordIndex(revision="corpus")
    numbers = [str(i) for i in range(len(keys))]
    words.replace(np.zeros(0, dtype=bool), numbers, key_terms())
    words.save(WORDS)
    WORDS.chmod(0o644)  # it is shipped
    shipped_keys.cache_clear()
    return len(keys)


def _stored_key_vectors() -> dict[str, npt.NDArray[np.float16]]:
    if not VECTORS.is_file():
        return {}
    with np.load(VECTORS, allow_pickle=False) as stored:
        return dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))


def write_vectors() -> int:
    """Write the vectors of the shipped corpus, and return how many there are.

    Only texts that are new are embedded; remove the file after a change of the model.
    """
    texts = corpus_texts()
    vectors = encode(load_encoder(), texts).astype(np.float16)
    with _replacing(_VECTORS) as stream:
        np.savez_compressed(stream, keys=np.array([_key(t) for t in texts]), vectors=vectors)
    _stored_vectors.cache_clear()
    return len(texts)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        yield stream
    part.replace(path)


if __name__ == "__main__":
    print(f"{write_vectors()} vectors written to {_VECTORS}")
    print(f"{write_keys()} questions written to {VECTORS}")
