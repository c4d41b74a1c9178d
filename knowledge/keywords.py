"""A BM25 index in NumPy that chunks can be added to and taken from.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond,
Found. Trends Inf. Retr. 3, 333 (2009), with its usual k1 and b. The libraries at hand score from a
finished matrix that is rebuilt for each change; here the postings keep term counts, so that adding
a chunk costs its own words and a merge.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.spelling import Speller

_LARGE = 30_000
"""Above so many terms, those in fewer than three chunks are not offered as corrections."""

K1 = 1.2
B = 0.6

Rows = npt.NDArray[np.int32]


@dataclass
class KeywordIndex:
    """Postings of the chunks of one collection.

    Attributes
    ----------
    ids : list of str
        The chunk of each row.
    vocabulary : dict
        Term to its column.
    starts : ndarray, (n_terms + 1,) int64
        Where each term's postings start in ``rows`` and ``counts``.
    rows, counts : ndarray, (n_postings,)
        Chunk and count of each posting; rows ascend within a term.
    lengths : ndarray, (n_rows,) float32
        Terms in each chunk.
    revision : str
        State of the collection that this stands for.
    """

    ids: list[str] = field(default_factory=list)
    vocabulary: dict[str, int] = field(default_factory=dict)
    starts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    rows: Rows = field(default_factory=lambda: np.zeros(0, np.int32))
    counts: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    lengths: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    revision: str = ""
    _saturated: npt.NDArray[np.float32] | None = None
    _speller: Speller | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def postings(self, term: str) -> tuple[Rows, npt.NDArray[np.float32]]:
        """Return the rows that hold a term and how often each does."""
        column = self.vocabulary.get(term)
        if column is None:
            return self.rows[:0], self.counts[:0]
        where = slice(self.starts[column], self.starts[column + 1])
        return self.rows[where], self.counts[where]

    def idf(self, term: str) -> float:
        """Return the inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5))."""
        n = len(self.postings(term)[0])
        return float(np.log1p((len(self) - n + 0.5) / (n + 0.5)))

    def scores(self, query: Mapping[str, float]) -> npt.NDArray[np.float32]:
        """Return the BM25 score of every row for weighted terms."""
        total = np.zeros(len(self), dtype=np.float32)
        if not len(self):
            return total
        saturated = self._saturated_counts()
        for term, weight in query.items():
            column = self.vocabulary.get(term)
            if column is not None:
                where = slice(self.starts[column], self.starts[column + 1])
                gain = np.float32(weight * self.idf(term) * (K1 + 1))
                total[self.rows[where]] += gain * saturated[where]
        return total

    def holds(self, term: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Say which of the given rows hold a term."""
        held, _ = self.postings(term)
        if not len(held):
            return np.zeros(len(rows), dtype=bool)
        at = np.minimum(np.searchsorted(held, rows), len(held) - 1)
        return np.asarray(held[at] == rows)

    def replace(
        self, keep: npt.NDArray[np.bool_], ids: Sequence[str], texts: Sequence[Sequence[str]]
    ) -> None:
        """Drop the rows not in ``keep``, then add chunks with their terms."""
        old_terms = np.repeat(np.arange(len(self.vocabulary)), np.diff(self.starts))
        kept = keep[self.rows] if len(self.rows) else np.zeros(0, dtype=bool)
        moved = np.cumsum(keep) - 1
        first = int(keep.sum())
        columns, rows, counts, lengths = [], [], [], []
        for row, terms in enumerate(texts, start=first):
            for term, count in Counter(terms).items():
                columns.append(self.vocabulary.setdefault(term, len(self.vocabulary)))
                rows.append(row)
                counts.append(count)
            lengths.append(len(terms))
        all_columns = np.concatenate([old_terms[kept], np.asarray(columns, dtype=np.int64)])
        all_rows = np.concatenate([moved[self.rows[kept]], np.asarray(rows, dtype=np.int64)])
        all_counts = np.concatenate([self.counts[kept], np.asarray(counts, dtype=np.float32)])
        order = np.lexsort((all_rows, all_columns))
        self.rows = all_rows[order].astype(np.int32)
        self.counts = all_counts[order].astype(np.float32)
        self.starts = np.searchsorted(all_columns[order], np.arange(len(self.vocabulary) + 1))
        self.lengths = np.concatenate([self.lengths[keep], np.asarray(lengths, dtype=np.float32)])
        self.ids = [id_ for id_, stays in zip(self.ids, keep, strict=True) if stays] + list(ids)
        self._saturated = self._speller = None

    def speller(self) -> Speller:
        """Return the speller of the vocabulary, made when first asked for."""
        if self._speller is None:
            counts = np.diff(self.starts)
            least = 3 if len(self.vocabulary) > _LARGE else 1
            self._speller = Speller(
                (term, int(counts[column]))
                for term, column in self.vocabulary.items()
                if counts[column] >= least
            )
        return self._speller

    def _saturated_counts(self) -> npt.NDArray[np.float32]:
        """Return each posting's count over itself plus the weight of its chunk's length."""
        if self._saturated is None:
            mean = float(self.lengths.mean()) or 1.0
            norm = (K1 * (1 - B + B * self.lengths / mean)).astype(np.float32)
            self._saturated = self.counts / (self.counts + norm[self.rows])
        return self._saturated

    def save(self, path: Path) -> None:
        """Write the index to a file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(
                    stream,
                    ids=_packed(self.ids),
                    vocabulary=_packed(self.vocabulary),
                    starts=self.starts,
                    rows=self.rows,
                    counts=self.counts.astype(np.uint16),
                    lengths=self.lengths,
                    revision=_packed([self.revision]),
                )
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> KeywordIndex:
        """Read an index; a missing or damaged file is an empty one, to be filled again."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return cls(
                    ids=_unpacked(stored["ids"]),
                    vocabulary={t: i for i, t in enumerate(_unpacked(stored["vocabulary"]))},
                    starts=stored["starts"],
                    rows=stored["rows"],
                    counts=stored["counts"].astype(np.float32),
                    lengths=stored["lengths"],
                    revision=_unpacked(stored["revision"])[0],
                )
        except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
            return cls()


def share_of_bm25(keywords: KeywordIndex, query: Mapping[str, float]) -> npt.NDArray[np.float32]:
    """Return each row's BM25 score over that of a row which holds every term often, 0 to 1."""
    scores = keywords.scores(query)
    most = sum(weight * keywords.idf(term) * (K1 + 1) for term, weight in query.items())
    return scores / np.float32(most) if most > 0 else scores


def _packed(texts: Sequence[str] | Mapping[str, int]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n") if packed.size else []
