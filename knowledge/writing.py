"""A document's chunks and vectors into an index, one writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from knowledge.chunks import Chunk, chunks, sentences
from knowledge.documents import Document
from knowledge.index import (
    Index,
    embedded_heading,
    embedded_sentence,
    embedded_text,
    packed_vectors,
)
from knowledge.settings import KnowledgeSettings
from nulens.errors import FormatError

Progress = Callable[[str, int, int], None]
"""Called with a document's name, its chunks done and its chunks in all."""

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]

_BATCH = 128


@contextmanager
def writer_lock(settings: KnowledgeSettings) -> Iterator[None]:
    """Keep every other program from writing to the index; a killed one gives way at once."""
    from filelock import FileLock

    settings.folder.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.folder / "writer.lock"):
        yield


def write_document(
    index: Index,
    name: str,
    document: Document,
    encode: Encode,
    progress: Progress | None = None,
) -> int:
    """Write the chunks of a document that are not there yet and return how many it has.

    Raises
    ------
    FormatError
        If nothing in the document can be indexed.
    """
    made = chunks(document)
    if not made:
        raise FormatError(document.source, "holds only a list of sources", "Leave it out.")
    prefix = document_prefix(name, document.sha256)
    ids = [f"{prefix}:{chunk.position}" for chunk in made]
    present = index.present(ids)
    # The head goes last: a document without it is incomplete and is taken up again.
    todo = [i for i in reversed(range(len(made))) if ids[i] not in present]
    for start in range(0, len(todo), _BATCH):
        batch = todo[start : start + _BATCH]
        write_chunks(index, [(name, document, made[i], len(made)) for i in batch], encode)
        if progress:
            progress(name, len(made) - len(todo) + start + len(batch), len(made))
    return len(made)


def write_chunks(
    index: Index, rows: Sequence[tuple[str, Document, Chunk, int]], encode: Encode
) -> None:
    """Write chunks, each given with its document's name, its document and how many that has."""
    now = datetime.now(UTC).isoformat()
    said = [sentences(chunk.text) for _, _, chunk, _ in rows]
    texts = [embedded_text(document.title, c.section, c.text) for _, document, c, _ in rows]
    for (_, document, chunk, _), part in zip(rows, said, strict=True):
        texts.append(embedded_heading(document.title, chunk.section))
        texts += [embedded_sentence(chunk.section, sentence) for sentence in part]
    vectors = encode(texts)
    metadata = []
    first = len(rows)
    for (name, document, chunk, total), part in zip(rows, said, strict=True):
        meta = chunk_metadata(name, document, chunk, total, now)
        meta["sentences"] = len(part)
        meta["sentence_vectors"] = packed_vectors(vectors[first : first + 1 + len(part)])
        first += 1 + len(part)
        metadata.append(meta)
    index.upsert(
        [f"{document_prefix(name, d.sha256)}:{chunk.position}" for name, d, chunk, _ in rows],
        vectors[: len(rows)],
        [chunk.text for _, _, chunk, _ in rows],
        metadata,
    )


def document_prefix(name: str, sha256: str) -> str:
    """Return what the ids of a document's chunks start with."""
    return f"{name}:{sha256[:12]}"


def chunk_metadata(
    name: str, document: Document, chunk: Chunk, total: int, now: str
) -> dict[str, str | int]:
    """Return what is stored beside a chunk; the head tells how many there are and since when."""
    meta: dict[str, str | int] = {
        "document": name,
        "title": document.title,
        "section": chunk.section,
        "position": chunk.position,
        "sha256": document.sha256,
        "source": document.source,
    }
    if chunk.page is not None:
        meta["page"] = chunk.page
    if chunk.position == 0:
        meta["chunks"] = total
        meta["ingested"] = now
    return meta
