"""Cut strings, as physicists write them, to events; parsed by a grammar, never run as code.

::

    truth == nutau_cc and energy > 20 GeV      p_nue_cc >= 0.9 & label != truth
    0:10    -5:    42    [3, 17, 250]    0:10, 20:30    index in [3, 17]    not (1 < energy <= 4)
    @last and truth in [nc, nue_cc]    has_shower and longest_track_cm < 2 m    all

Ranges are half open and count in the file as opened, from its end where negative. Where a value is
unknown every comparison with it is false; ``truth == unknown`` finds such events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.cut_values import Column
from classifier.events import EventSet
from nulens.errors import SelectionError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_EXAMPLES = "Write a cut such as 'truth==nue_cc and energy>2', '0:10', '[3, 17]' or '@last'."
_MAX_LENGTH = 50_000
_MAX_DEPTH = 100
_SIGNS = {"=": "==", "≤": "<=", "≥": ">=", "≠": "!="}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
Mask = npt.NDArray[np.bool_]


def select(
    events: EventSet,
    expression: str,
    *,
    columns: pd.DataFrame | None = None,
    names: Mapping[str, npt.NDArray[Any]] | None = None,
) -> EventSet:
    """Return the events that pass a cut string, in the order of `events`.

    Bare names, lists and ranges keep their own order.

    Parameters
    ----------
    events : EventSet
        Where to select.
    expression : str
        The cut string; the module's docstring shows what it may say.
    columns : DataFrame, optional
        More columns to cut on (predictions, topology), indexed by file index; they go before those
        of the event table. Events without a row there have unknown values.
    names : mapping of str to int arrays, optional
        Named selections: file indices of each.

    Raises
    ------
    SelectionError
        If the expression cannot be understood, or names a column, value, event or selection that is
        not there.
    """
    tree = _parse(expression)
    cut = _Cut(events, columns, names or {})
    children: list[Any] = tree.children
    if all(child.data == "listed" for child in children):
        inside = set(events.indices.tolist())
        wanted = (i for child in children for i in cut.indices(child).tolist())
        return events.take([i for i in dict.fromkeys(wanted) if i in inside])
    return events.take(events.indices[cut.mask(tree)])


def words_used(expression: str) -> frozenset[str]:
    """Return every word of a cut that may be a column, to know which columns it needs.

    Raises
    ------
    SelectionError
        If the expression cannot be understood.
    """
    return frozenset(map(str, _parse(expression).scan_values(_is_word)))


def _is_word(token: Any) -> bool:
    return bool(token.type == "WORD")


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark.open("selection.lark", rel_to=__file__, parser="lalr")


def _parse(expression: str) -> Tree[Token]:
    from lark.exceptions import UnexpectedInput

    if not expression.strip():
        raise SelectionError("The selection is empty.", "Write 'all' for all events.")
    if len(expression) > _MAX_LENGTH:
        raise SelectionError(
            f"The selection is longer than {_MAX_LENGTH} characters.", "Name its parts first."
        )
    try:
        tree = _parser().parse(expression)
    except UnexpectedInput as error:
        place = getattr(error, "pos_in_stream", None)
        place = place if isinstance(place, int) and place >= 0 else len(expression)
        rest = expression[place:].split()
        if rest and re.match(r"[+-]?\d{19}", rest[0]):
            where = f"no event has so large a number as {rest[0][:20]}"
        elif rest and getattr(getattr(error, "token", None), "type", "") != "$END":
            where = f"'{rest[0][:20]}' at character {place + 1} does not belong there"
        else:
            where = "it ends too early"
        raise SelectionError(
            f"The selection '{_shorten(expression)}' cannot be understood: {where}.", _EXAMPLES
        ) from None
    level: list[Any] = [tree]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in getattr(node, "children", ())]
    if level:
        raise SelectionError("The selection is nested too deeply.", "Name its parts first.")
    return tree


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


class _Cut:
    """A table of events with named selections, on which the nodes of a parsed cut are evaluated."""

    def __init__(
        self,
        events: EventSet,
        columns: pd.DataFrame | None,
        names: Mapping[str, npt.NDArray[Any]],
    ) -> None:
        self.events = events
        self.n_file = len(events.reader.table)
        self.names = names
        self.tables = [events.table] if columns is None else [columns, events.table]

    def mask(self, tree: Tree[Token]) -> Mask:
        """Tell which events pass, shape (n,)."""
        parts: list[Any] = tree.children
        match tree.data:
            case "start" | "either":
                return np.logical_or.reduce([self.mask(part) for part in parts])
            case "both":
                return np.logical_and.reduce([self.mask(part) for part in parts])
            case "negation":
                return ~self.mask(parts[0])
            case "everything":
                return np.ones(len(self.events), dtype=np.bool_)
            case "comparison":
                passed = self._compare(*parts[:3])
                return passed & self._compare(*parts[2:]) if len(parts) > 3 else passed
            case "member":
                return self._member(parts)
            case "flag":
                return self._flag(str(parts[0]))
        return np.isin(self.events.indices, self.indices(tree))

    def indices(self, tree: Tree[Token]) -> npt.NDArray[np.int64]:
        """Return the file indices that a name, number, range or list says, in its order."""
        found = [np.empty(0, dtype=np.int64)]
        parts: list[Any] = tree.children
        for part in parts:
            token = getattr(part, "children", [part])[0]
            if token.type == "NAME":
                found.append(self._named(str(token)[1:]))
            elif token.type == "RANGE":
                found.append(self._range(str(token)))
            elif token.type == "INTEGER" and (part is token or len(part.children) == 1):
                found.append(np.array([self._index(int(token))]))
            else:
                raise SelectionError(
                    f"'{token}' is no event number.", "Write a list such as '[3, 17, 250]'."
                )
        return np.concatenate(found)

    def _named(self, name: str) -> npt.NDArray[np.int64]:
        if name not in self.names:
            known = ", ".join(f"@{n}" for n in sorted(self.names)) or "none yet"
            raise SelectionError(
                f"There is no selection named '@{name}'.", f"Named selections: {known}."
            )
        return np.asarray(self.names[name], dtype=np.int64).reshape(-1)

    def _range(self, text: str) -> npt.NDArray[np.int64]:
        first, last = (part.strip() for part in text.split(":"))
        start = self._index(int(first)) if first else 0
        stop = self.n_file
        if last:
            # Half open: the end may be one past the last event.
            end = int(last)
            stop = self._index(end - 1) + 1 if end > 0 else self._index(end)
        if start >= stop and (first or last):
            raise SelectionError(
                f"The range '{text}' holds no event.", "Ranges are half open: '0:10' is 0 to 9."
            )
        return np.arange(start, stop, dtype=np.int64)

    def _index(self, index: int) -> int:
        """Return a file index, counted from the end where negative."""
        found = index + self.n_file if index < 0 else index
        if not 0 <= found < self.n_file:
            numbered = f", numbered 0 to {self.n_file - 1}" if self.n_file else ""
            raise SelectionError(
                f"There is no event {index}: the data set has {self.n_file} events{numbered}.",
                "Name events in that range.",
            )
        return found

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(["index", *(str(c) for t in self.tables for c in t.columns)]))

    def _find(self, name: str) -> Column | None:
        """Return a column by its name, in whatever case, or None."""
        known = self._columns()
        if name not in known:
            alike = [c for c in known if c.lower() == name.lower()]
            if not alike:
                return None
            name = alike[0]
        if name == "index":
            return Column(name, "number", self.events.indices.astype(np.float64))
        table = next(t for t in self.tables if name in t.columns)
        return Column.of(name, table[name].reindex(self.events.indices))

    def _column(self, name: str) -> Column:
        column = self._find(name)
        if column is None:
            known = self._columns()
            near = get_close_matches(name, known, n=3, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            raise SelectionError(
                f"There is no column '{name}'.", f"{hint}Columns: {', '.join(known)}."
            )
        return column

    def _operand(self, tree: Tree[Token]) -> Column | None:
        return self._find(str(tree.children[0])) if tree.data == "word" else None

    def _compare(self, left: Tree[Token], sign: Token, right: Tree[Token]) -> Mask:
        operator = _SIGNS.get(str(sign), str(sign))
        ours, theirs = self._operand(left), self._operand(right)
        if ours is None and theirs is None:
            words = [str(side.children[0]) for side in (left, right) if side.data == "word"]
            if not words:
                raise SelectionError("A comparison needs a column.", _EXAMPLES)
            self._column(words[0])
        if ours is not None:
            return ours.compare(operator, theirs or _value(ours, right))
        assert theirs is not None
        return theirs.compare(_MIRRORED.get(operator, operator), _value(theirs, left))

    def _member(self, parts: list[Any]) -> Mask:
        column, *items = parts
        column = self._column(str(column))
        negated = getattr(items[0], "type", "") == "NEGATED" if items else False
        passed = np.zeros(len(self.events), dtype=np.bool_)
        for item in items[1:] if negated else items:
            kind = getattr(item, "type", None)
            if kind is None:
                passed |= column.compare("==", _value(column, item))
            elif column.name == "index":
                listed = self._named(str(item)[1:]) if kind == "NAME" else self._range(str(item))
                passed |= np.isin(self.events.indices, listed)
            elif kind == "RANGE" and column.kind == "number":
                low, high = (part.strip() for part in str(item).split(":"))
                passed |= column.compare(">=", float(low or "-inf")) & column.compare(
                    "<", float(high or "inf")
                )
            else:
                raise SelectionError(f"'{column.name}' cannot be in '{item}'.", _EXAMPLES)
        return column.known & ~passed if negated else passed

    def _flag(self, name: str) -> Mask:
        column = self._column(name)
        if column.kind != "boolean":
            raise SelectionError(
                f"'{name}' is no yes-or-no column, so it cannot stand alone.",
                f"Compare it with a value, as in '{name} == ...'.",
            )
        return column.data == 1


def _value(column: Column, tree: Tree[Token]) -> float | str | None:
    """Read a number, word or quoted text as a value of a column."""
    text, *unit = (str(token) for token in tree.children)
    if tree.data == "number":
        return column.number(text, unit[0] if unit else None)
    return column.word(text[1:-1] if tree.data == "text" else text)
