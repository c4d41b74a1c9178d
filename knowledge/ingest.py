"""Documents into a collection: incremental, resumable, one writer at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.chunks import Chunk, chunks, sentences
from knowledge.documents import SUFFIXES, Document, read_document
from knowledge.index import (
    Index,
    StoredDocument,
    embedded_heading,
    embedded_sentence,
    embedded_text,
    packed_vectors,
    reopen,
)
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from nulens.errors import FormatError, NuLensError

Progress = Callable[[str, int, int], None]
"""Called with a document's name, its chunks done and its chunks in all."""

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]

_BATCH = 128


@dataclass
class IngestReport:
    """What became of each document, by name; ``refused`` holds (path, reason) pairs.

    ``duplicates`` holds (path, name of the stored document with the same content).
    """

    collection: str
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0


def ingest(
    paths: Iterable[str | Path],
    collection: str = SHIPPED_COLLECTION,
    progress: Progress | None = None,
    settings: KnowledgeSettings | None = None,
) -> IngestReport:
    """Bring files, and the documents in folders, into a collection.

    A document whose content is stored already is left as it is; one that changed replaces its
    former state. What was cut short is taken up where it stopped. While another program writes,
    this one waits. A file that cannot be read is reported and keeps no other from being taken.

    Parameters
    ----------
    paths : iterable of path-like
        Files, or folders that are searched for documents.
    collection : str
        Where to; made if it is not there.
    progress : callable, optional
        Told of each batch of chunks.

    Returns
    -------
    IngestReport

    Raises
    ------
    NuLensError
        If the collection's name is not allowed or the index cannot be written.
    """
    report = IngestReport(collection)
    index = _open(collection, settings)
    with writer_lock(index.settings):
        reopen(index.settings)
        stored = {d.source: d for d in index.documents()}
        _sweep(index, stored.values())
        try:
            for path in _files(paths):
                _ingest_file(index, path, stored, report, progress)
        finally:
            index.touch()
            index.refresh()
    return report


def delete(
    documents: Iterable[str],
    collection: str = SHIPPED_COLLECTION,
    settings: KnowledgeSettings | None = None,
) -> list[str]:
    """Delete documents by name and return the names.

    Raises
    ------
    NuLensError
        If one of them is not there; then none is deleted.
    """
    wanted = list(documents)
    index = _open(collection, settings)
    with writer_lock(index.settings):
        reopen(index.settings)
        stored = {d.name: d for d in index.documents()}
        missing = [name for name in wanted if name not in stored]
        if missing:
            near = get_close_matches(missing[0], stored, cutoff=0.3) or sorted(stored)[:3]
            raise NuLensError(
                f"The collection {collection} has no document {', '.join(missing)}.",
                f"Name one that it has, such as {', '.join(near)}." if near else "It is empty.",
            )
        heads = {document_prefix(stored[name].name, stored[name].sha256) for name in wanted}
        index.remove([id_ for id_ in index.all_ids() if id_.rpartition(":")[0] in heads])
        index.touch()
        index.refresh()
    return wanted


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


def _open(collection: str, settings: KnowledgeSettings | None) -> Index:
    """Open a collection; the shipped one with its own documents in it."""
    from knowledge.shipped import open_index

    return open_index(collection, settings)


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


def _ingest_file(
    index: Index,
    path: Path,
    stored: dict[str, StoredDocument],
    report: IngestReport,
    progress: Progress | None,
) -> None:
    try:
        document = read_document(path)
        before = stored.get(document.source)
        if before is not None and before.sha256 == document.sha256:
            report.unchanged.append(before.name)
            return
        same = next((d for d in stored.values() if d.sha256 == document.sha256), None)
        if same is not None:
            report.duplicates.append((str(path), same.name))
            return
        name = before.name if before else _free_name(path, {d.name for d in stored.values()})
        total = write_document(index, name, document, index.encoder.encode, progress)
    except FormatError as error:
        report.refused.append((str(path), str(error)))
        return
    except OSError as error:
        report.refused.append((str(path), f"{path}: cannot be read ({error.strerror})."))
        return
    if before is not None:
        old = document_prefix(before.name, before.sha256)
        index.remove([f"{old}:{position}" for position in range(before.chunks)])
        index.touch()
    (report.updated if before else report.added).append(name)
    report.chunks += total
    stored[document.source] = StoredDocument(
        name, document.title, document.sha256, document.source, total, ""
    )


def _free_name(path: Path, taken: set[str]) -> str:
    """Name a document by its file: the stem, else the file name, else with its folders."""
    candidates = [path.stem, path.name]
    parts = path.resolve().parts
    candidates += ["/".join(parts[-n:]) for n in range(2, len(parts) + 1)]
    for candidate in candidates:
        # A line end or control character in a file name must not reach an id.
        name = re.sub(r"[\x00-\x1f\x7f]+", " ", candidate)
        if name not in taken:
            return name
    return str(path.resolve())


def _sweep(index: Index, documents: Iterable[StoredDocument]) -> None:
    """Delete former states of documents that a killed program left beside the present one."""
    current = {d.name: document_prefix(d.name, d.sha256) for d in documents}
    leftover = []
    for id_ in index.all_ids():
        prefix = id_.rpartition(":")[0]
        name = prefix.rpartition(":")[0]
        if name in current and prefix != current[name]:
            leftover.append(id_)
    if leftover:
        index.remove(leftover)


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for given in paths:
        path = Path(given).expanduser()
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                    yield Path(folder) / name


def documents(
    collection: str = SHIPPED_COLLECTION, settings: KnowledgeSettings | None = None
) -> list[StoredDocument]:
    """Return the documents of a collection by name.

    Raises
    ------
    NuLensError
        If the collection's name is not allowed or the index does not answer.
    """
    return _open(collection, settings).documents()
