"""Documents into a collection: incremental, resumable, one writer at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from knowledge.documents import SUFFIXES, read_document
from knowledge.index import (
    Index,
    StoredDocument,
    reopen,
)
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index
from knowledge.writing import Progress, document_prefix, write_document, writer_lock
from nulens.errors import FormatError, NuLensError


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
    index = open_index(collection, settings)
    with writer_lock(index.settings):
        reopen(index.settings)
        stored = {d.source: d for d in index.documents()}
        _sweep(index, stored.values())
        try:
            for path in map(Path, paths):
                found = list(_files(path.expanduser()))
                for file in found:
                    _ingest_file(index, file, stored, report, progress)
                if not found:
                    reason = f"it holds no document. Put {', '.join(SUFFIXES)} in it."
                    report.refused.append((str(path), reason))
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
    index = open_index(collection, settings)
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
        report.refused.append((str(path), f"{path} cannot be read ({error.strerror})."))
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


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
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
    return open_index(collection, settings).documents()
