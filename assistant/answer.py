"""What a question gets back: text, the steps behind it, citations, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One tool call.

    Attributes
    ----------
    tool : str
        Name of the tool.
    arguments : dict
        What it was called with.
    indices : list of int or None
        File indices of the events that it acted on, or None.
    result : dict
        Plain data (numbers, strings, lists, dicts) that the answer's numbers are taken from.
    seconds : float
        Wall time.
    """

    tool: str
    arguments: dict[str, Any]
    indices: list[int] | None
    result: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class Citation:
    """A passage that the text rests on; ``page`` is None where documents have none."""

    document: str
    section: str
    page: int | None
    text: str


@dataclass(frozen=True)
class Quantity:
    """A numeral of the text and where it comes from."""

    text: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class Table:
    """A table of an answer: a title, column names, rows of plain values."""

    title: str
    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Answer:
    """The whole answer to one question.

    ``figures`` are Plotly figures as JSON-able dicts. ``unsupported`` are numerals in the text that
    no step and no passage carries. ``abstained`` says that the question was declined.
    """

    text: str
    steps: list[Step] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    abstained: bool = False
