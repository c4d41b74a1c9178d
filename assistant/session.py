"""Conversations that persist: turns, named selections, titles; one SQLite file, many users."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answer import Answer, Citation, Quantity, Step, Table
from assistant.tools.context import Selections
from nulens.errors import NuLensError
from nulens.paths import data_dir

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, data TEXT NOT NULL, fingerprint TEXT NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL);
CREATE TABLE IF NOT EXISTS turns (
    session TEXT NOT NULL REFERENCES sessions(name) ON DELETE CASCADE ON UPDATE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, figures BLOB NOT NULL,
    PRIMARY KEY (session, number));
CREATE TABLE IF NOT EXISTS selections (
    session TEXT NOT NULL REFERENCES sessions(name) ON DELETE CASCADE ON UPDATE CASCADE,
    name TEXT NOT NULL, indices BLOB NOT NULL, PRIMARY KEY (session, name));
"""
_LAST = "@last"
_TITLE = 60
_TOLD = 5


@dataclass(frozen=True)
class SessionInfo:
    """One kept conversation; times are seconds since 1970, ``data`` the path it was opened on."""

    name: str
    title: str
    data: str
    created: float
    updated: float
    turns: int


class SessionStore:
    """Conversations in an SQLite file; a turn is written whole or not at all.

    Parameters
    ----------
    path : Path or None
        The file; None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory: sqlite3.Connection | None = None
        if path is None:
            self._memory = sqlite3.connect(":memory:", check_same_thread=False)
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._memory or sqlite3.connect(str(self._path), timeout=30)
            database.execute("PRAGMA foreign_keys = ON")
            try:
                with database:
                    yield database
            finally:
                if database is not self._memory:
                    database.close()
        except sqlite3.DatabaseError as error:
            raise NuLensError(
                f"The conversations in {self._path} cannot be read or written ({error}).",
                "Move that file away; a new one is made.",
            ) from None

    def close(self) -> None:
        """Close the conversations that are kept in memory."""
        if self._memory is not None:
            self._memory.close()

    def sessions(self) -> list[SessionInfo]:
        """Return all conversations, the latest first."""
        query = (
            "SELECT name, title, data, created, updated, "
            "(SELECT count(*) FROM turns WHERE session = name) FROM sessions ORDER BY updated DESC"
        )
        with self._open() as database:
            return [SessionInfo(*row) for row in database.execute(query)]

    def find(self, name: str) -> SessionInfo | None:
        """Return the conversation of that name, or None."""
        return next((info for info in self.sessions() if info.name == name), None)

    def fingerprint(self, name: str) -> tuple[str, str] | None:
        """Return path and fingerprint of the events that a conversation is about."""
        with self._open() as database:
            row = database.execute(
                "SELECT data, fingerprint FROM sessions WHERE name = ?", (name,)
            ).fetchone()
        return (row[0], row[1]) if row else None

    def history(self, name: str, *, figures: bool = True) -> list[tuple[str, Answer]]:
        """Return questions and answers in order."""
        with self._open() as database:
            rows = database.execute(
                "SELECT question, answer, figures FROM turns WHERE session = ? ORDER BY number",
                (name,),
            ).fetchall()
        return [
            (q, answer_from(json.loads(a), json.loads(zlib.decompress(f)) if figures else []))
            for q, a, f in rows
        ]

    def selections(self, name: str) -> Selections:
        """Return the named selections of a conversation and its ``@last``."""
        with self._open() as database:
            rows = database.execute(
                "SELECT name, indices FROM selections WHERE session = ?", (name,)
            ).fetchall()
        found = {n: np.frombuffer(zlib.decompress(b), dtype=np.int64).copy() for n, b in rows}
        return Selections(
            named={n: v for n, v in found.items() if n != _LAST}, last=found.get(_LAST)
        )

    def append(
        self,
        name: str,
        question: str,
        answer: Answer,
        selections: Selections,
        data: str,
        fingerprint: str,
    ) -> None:
        """Add a turn with the selections as they are after it."""
        now = time.time()
        title = " ".join(question.split())
        if len(title) > _TITLE:
            title = title[:_TITLE].rsplit(" ", 1)[0] + " …"
        plain = asdict(answer)
        figures = zlib.compress(json.dumps(plain.pop("figures")).encode(), 1)
        chosen = dict(selections.named)
        if selections.last is not None:
            chosen[_LAST] = selections.last
        with self._open() as database:
            database.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT(name) DO UPDATE SET updated = excluded.updated",
                (name, title, data, fingerprint, now, now),
            )
            database.execute(
                "INSERT INTO turns SELECT ?, count(*), ?, ?, ? FROM turns WHERE session = ?",
                (name, question, json.dumps(plain, ensure_ascii=False), figures, name),
            )
            database.executemany(
                "INSERT OR REPLACE INTO selections VALUES (?, ?, ?)",
                [
                    (name, n, zlib.compress(np.asarray(v, dtype=np.int64).tobytes()))
                    for n, v in chosen.items()
                ],
            )

    def rename(self, name: str, title: str) -> None:
        """Give a conversation another title.

        Raises
        ------
        NuLensError
            If there is none of that name.
        """
        with self._open() as database:
            changed = database.execute(
                "UPDATE sessions SET title = ? WHERE name = ?", (title.strip()[:200], name)
            )
        if not changed.rowcount:
            raise self.missing(name)

    def delete(self, name: str) -> None:
        """Forget a conversation with all its turns and selections.

        Raises
        ------
        NuLensError
            If there is none of that name.
        """
        with self._open() as database:
            changed = database.execute("DELETE FROM sessions WHERE name = ?", (name,))
        if not changed.rowcount:
            raise self.missing(name)

    def missing(self, name: str) -> NuLensError:
        """Return the error that there is no conversation of that name, with those that are."""
        known = ", ".join(f"'{info.name}' ({info.title})" for info in self.sessions()[:_TOLD])
        remedy = f"The latest are {known}." if known else "None is kept yet."
        return NuLensError(f"There is no conversation '{name}'.", remedy)


def kept_sessions(path: str | PathLike[str] | None = None) -> SessionStore:
    """Return the conversations of a file; those in the user's data folder unless it is given."""
    return SessionStore(Path(path) if path else data_dir() / "sessions.sqlite")


def answer_from(plain: dict[str, Any], figures: list[dict[str, Any]]) -> Answer:
    """Return the answer whose plain data, as of `dataclasses.asdict`, was kept."""
    return Answer(
        text=plain["text"],
        steps=[Step(**s) for s in plain["steps"]],
        citations=[Citation(**c) for c in plain["citations"]],
        tables=[Table(**t) for t in plain["tables"]],
        figures=figures,
        unsupported=plain["unsupported"],
        quantities=[Quantity(**q) for q in plain["quantities"]],
        abstained=plain["abstained"],
    )
