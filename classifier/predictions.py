"""The predictions store: what a model said of an event is computed once.

Predictions lie in Parquet parts, one folder a data set and model version, and are queried with
DuckDB. Parts are written under another name, renamed, and never changed afterwards, so any number
of processes may read and write at once.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import CLASSES, EventSet
from classifier.models.base import Classifier, Predictions, Progress
from nulens.errors import NuLensError
from nulens.paths import data_dir

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 32
"""Events of the first block that is stored; the next are larger while they are done soon."""
_LARGEST_BLOCK = 1024
_SOON = 1.0
_MAX_PARTS = 16
_PROBABILITIES = [f"p_{label.value}" for label in CLASSES]


class PredictionStore:
    """Predictions of all models on all data sets of a user.

    Parameters
    ----------
    folder : Path, optional
        Where the parts lie; in the user's data folder (``NULENS_DATA_DIR``) unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = data_dir() / "predictions" if folder is None else Path(folder)

    def get(self, fingerprint: str, model_version: str, indices: npt.ArrayLike) -> Predictions:
        """Return the stored predictions among `indices`, in their order, without those missing.

        Parameters
        ----------
        fingerprint : str
            Of the data set: `classifier.events.Reader.fingerprint`.
        model_version : str
            Hash of the model's weights.
        indices : array-like of int, shape (n,)
            File indices.
        """
        wanted = pd.DataFrame({"wanted": np.asarray(indices, dtype=np.int64).reshape(-1)})
        wanted["place"] = np.arange(len(wanted))
        # Two processes may both have stored an event; their rows say the same.
        query = f"""
            SELECT wanted AS index, {", ".join(f"any_value({p}) AS {p}" for p in _PROBABILITIES)},
                   any_value(unlike) AS unlike
            FROM wanted JOIN read_parquet($parts) AS stored ON stored.index = wanted.wanted
            GROUP BY wanted, place ORDER BY place
        """
        found = self._query(query, self._home(fingerprint, model_version), wanted=wanted)
        if found is None:
            found = pd.DataFrame(columns=["index", *_PROBABILITIES, "unlike"])
        return Predictions(
            indices=found["index"].to_numpy(dtype=np.int64),
            probabilities=found[_PROBABILITIES].to_numpy(dtype=np.float32),
            unlike=found["unlike"].to_numpy(dtype=np.float32),
        )

    def put(
        self, fingerprint: str, model_name: str, model_version: str, predictions: Predictions
    ) -> None:
        """Store predictions.

        Raises
        ------
        NuLensError
            If the store cannot be written.
        """
        import pyarrow as pa

        if not len(predictions):
            return
        n = len(predictions)
        table = pa.table(
            {
                "fingerprint": pa.array([fingerprint] * n).dictionary_encode(),
                "model": pa.array([model_name] * n).dictionary_encode(),
                "version": pa.array([model_version] * n).dictionary_encode(),
                "index": predictions.indices.astype(np.int64),
                **{p: predictions.probabilities[:, i] for i, p in enumerate(_PROBABILITIES)},
                "unlike": predictions.unlike.astype(np.float32),
            }
        )
        home = self._home(fingerprint, model_version)
        _write_part(home, table)
        parts = _parts(home)
        if len(parts) > _MAX_PARTS:
            self._compact(home, parts)

    def summary(self) -> pd.DataFrame:
        """Return how many predictions are stored: one row a model version and data set."""
        query = """
            SELECT model, version, fingerprint AS data, count(DISTINCT index) AS events
            FROM read_parquet($parts) GROUP BY ALL ORDER BY ALL
        """
        found = self._query(query, self.folder)
        if found is None:
            return pd.DataFrame(columns=["model", "version", "data", "events"])
        return found

    def clear(self, model_name: str) -> int:
        """Forget all predictions of a model; return how many those were."""
        table = self.summary()
        own = table[table["model"] == model_name]
        for row in own.itertuples():
            for part in _parts(self._home(str(row.data), str(row.version))):
                part.unlink(missing_ok=True)
        return int(own["events"].sum())

    def _home(self, fingerprint: str, version: str) -> Path:
        """Return the folder of a data set and model version, whatever characters they have."""
        names = (hashlib.sha256(text.encode()).hexdigest()[:24] for text in (fingerprint, version))
        return self.folder.joinpath(*names)

    def _query(self, query: str, home: Path, **tables: pd.DataFrame) -> pd.DataFrame | None:
        """Query all parts below a folder; None where there are none."""
        import duckdb

        for attempt in range(5):
            parts = _parts(home)
            if not parts:
                return None
            with duckdb.connect(config={"threads": 2}) as database:
                for name, table in tables.items():
                    database.register(name, table)
                try:
                    return database.execute(query, {"parts": [str(p) for p in parts]}).df()
                except duckdb.Error:
                    # Another process merged parts in between, or a part is damaged.
                    if attempt > 1:
                        _drop_damaged(parts)
        raise NuLensError(
            f"The predictions in {home} cannot be read.", "Delete that folder; they are made again."
        )

    def _compact(self, home: Path, parts: list[Path]) -> None:
        """Merge parts into one; readers see either the old ones, the new one, or both."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            merged = pa.concat_tables([pq.read_table(part) for part in parts])
        except (OSError, pa.ArrowException):
            return  # another process is at it, or a part is damaged: the next query sees to that
        _write_part(home, merged)
        for part in parts:
            part.unlink(missing_ok=True)


def predict_with_store(
    classifier: Classifier,
    events: EventSet,
    store: PredictionStore,
    progress: Progress | None = None,
) -> Predictions:
    """Classify events, asking the model only for those that the store does not have.

    Each block of new predictions is stored at once, so an interrupted run goes on where it stopped.
    Blocks grow while a model takes less than a second for one, so a slow model loses little.

    Returns
    -------
    Predictions
        In the order of `events`.
    """
    fingerprint, version = events.reader.fingerprint, classifier.version
    known = store.get(fingerprint, version, events.indices)
    parts = [known]
    missing = events.indices[~np.isin(events.indices, known.indices)]
    done = len(events) - len(missing)
    if progress is not None and done:
        progress(done, len(events))
    size, place = _BLOCK, 0
    while place < len(missing):
        block = events.take(missing[place : place + size])
        started = time.monotonic()
        found = classifier.predict(block, progress=_shifted(progress, done, len(events)))
        store.put(fingerprint, classifier.name, version, found)
        parts.append(found)
        done += len(block)
        place += len(block)
        if time.monotonic() - started < _SOON:
            size = min(2 * size, _LARGEST_BLOCK)
    indices = np.concatenate([p.indices for p in parts])
    order = np.argsort(indices, kind="stable")
    rows = order[np.searchsorted(indices, events.indices, sorter=order)]
    return Predictions(
        indices=indices[rows],
        probabilities=np.concatenate([p.probabilities for p in parts])[rows],
        unlike=np.concatenate([p.unlike for p in parts])[rows],
    )


def _shifted(progress: Progress | None, done: int, total: int) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda n, _: progress(done + n, total)


def _parts(home: Path) -> list[Path]:
    return sorted(home.rglob("part-*.parquet")) if home.is_dir() else []


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NuLensError(
            f"The predictions store {folder} cannot be written ({error.strerror or error}).",
            "Make room there, or name another folder in NULENS_DATA_DIR.",
        ) from None


def _write_part(home: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    temporary = home / f"writing-{name}.tmp"
    with _writing(home):
        home.mkdir(parents=True, exist_ok=True)
        try:
            pq.write_table(table, temporary)
            temporary.replace(home / f"part-{name}.parquet")
        finally:
            temporary.unlink(missing_ok=True)


def _drop_damaged(parts: list[Path]) -> None:
    """Delete parts that are no whole Parquet files; what they held is computed again."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in parts:
        try:
            pq.read_table(part)
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowException):
            part.unlink(missing_ok=True)
