"""Turns of a conversation as Markdown, with their figures as files beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.answer import Answer


def turn_markdown(question: str, answer: Answer, figures: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines of a question with its answer and the evidence.

    Parameters
    ----------
    question : str
    answer : Answer
    figures : sequence of (str, str)
        Title and file of each figure, relative to the document.
    """
    lines = [f"## {' '.join(question.split())}", "", _text(answer.text), ""]
    for title, path in figures:
        lines += [f"[Figure: {title}]({path})", ""]
    for table in answer.tables:
        lines += [f"**{table.title}**", "", _row(table.columns), _row(["---"] * len(table.columns))]
        lines += [*(_row(row) for row in table.rows), ""]
    lines += [
        f"- step: `{s.tool}({arguments(s.arguments)})`, {s.seconds:.2f} s" for s in answer.steps
    ]
    for n, c in enumerate(answer.citations, 1):
        page = f", page {c.page}" if c.page else ""
        lines.append(f"- source [{n}]: {c.document}, {c.section}{page}")
    if answer.unsupported:
        lines.append(f"- **not supported by any step:** {', '.join(answer.unsupported)}")
    return [*lines, ""]


def write_figures(figures: Sequence[dict[str, Any]], folder: Path, stem: str) -> list[str]:
    """Write figures as HTML files that a browser shows without a network.

    Parameters
    ----------
    figures : sequence of dict
        Plotly figures.
    folder : Path
        Made if it is not there; its plotly.min.js serves all figures in it.
    stem : str
        Start of the files' names.

    Returns
    -------
    list of str
        Paths relative to the folder above.
    """
    from plotly.graph_objects import Figure

    if figures:
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, figure in enumerate(figures, 1):
        name = f"{stem}-{number}.html"
        Figure(figure).write_html(folder / name, include_plotlyjs="directory")
        paths.append(f"{folder.name}/{name}")
    return paths


def figure_titles(figures: Sequence[dict[str, Any]]) -> list[str]:
    """Return the titles of figures in one line each, without the notes below them."""
    titles = [f.get("layout", {}).get("title", {}) for f in figures]
    found = [str(t.get("text", "")) if isinstance(t, dict) else str(t) for t in titles]
    return [" ".join(t.partition("<br><sup>")[0].replace("<br>", " ").split()) for t in found]


def arguments(given: dict[str, Any]) -> str:
    """Return a tool's arguments as a person reads them."""
    return ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in given.items())


def cell(value: Any) -> str:
    """Return a value as a table shows it."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(cells: Sequence[Any]) -> str:
    shown = [" ".join(cell(c).split()).replace("|", "\\|") for c in cells]
    return "| " + " | ".join(map(_text, shown)) + " |"


def _text(text: str) -> str:
    # What a document or a file's author wrote is shown, not made into elements or pictures.
    return text.replace("<", "\\<").replace("![", "!\\[").replace("](", "]\\(")
