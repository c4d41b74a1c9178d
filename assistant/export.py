"""A conversation as a script that reproduces its numbers, and as a document."""

from __future__ import annotations

import html
from os import PathLike
from pathlib import Path
from typing import Literal

from assistant.answer import Answer, Table
from assistant.report import arguments, cell, figure_titles, turn_markdown, write_figures
from assistant.sample import sample_path
from assistant.session import kept_sessions
from nulens.errors import NuLensError

Kind = Literal["script", "markdown", "html"]


def export_session(
    session: str,
    out: str | PathLike[str],
    kind: Kind = "script",
    *,
    sessions: str | PathLike[str] | None = None,
) -> Path:
    """Write a kept conversation to a file.

    Parameters
    ----------
    session : str
        Name of the conversation.
    out : path-like
        The file; HTML carries the figures, Markdown has them in a folder beside it.
    kind : str
        ``script`` (Python that repeats every step with the public API and prints the same
        numbers), ``markdown`` or ``html``.
    sessions : path-like, optional
        SQLite file of the conversations; in the user's data folder unless given.

    Raises
    ------
    NuLensError
        If there is no such conversation, or the file cannot be written.
    """
    store = kept_sessions(sessions)
    known, info = store.fingerprint(session), store.find(session)
    if known is None or info is None:
        raise store.missing(session)
    history = store.history(session)
    path = Path(out)
    temporary = path.with_name(path.name + ".part")
    try:
        if kind == "script":
            text = script(*known, history)
        elif kind == "markdown":
            text = markdown(info.title, known[0], history, path.with_name(f"{path.stem}-figures"))
        else:
            text = page(info.title, known[0], history)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise NuLensError(
            f"{path} cannot be written ({error.strerror}).", "Name another file."
        ) from None
    return path


def script(data: str, fingerprint: str, history: list[tuple[str, Answer]]) -> str:
    """Return Python that repeats the steps of a conversation and prints their results."""
    # The sample lies elsewhere on another machine; without a path, it is what is opened.
    default = None if Path(data) == sample_path() else data
    lines = [
        '"""A NuLens conversation as a script: every step again, with the same numbers."""',
        "",
        "import sys",
        "",
        "from assistant import Toolbox",
        "",
        f"DATA = sys.argv[1] if len(sys.argv) > 1 else {default!r}",
        f"FINGERPRINT = {fingerprint!r}",
        "",
        "tools = Toolbox(DATA)",
        "if tools.events.reader.fingerprint != FINGERPRINT:",
        '    print("Note: these are not the events of the conversation.", file=sys.stderr)',
    ]
    for question, answer in history:
        lines += ["", *(f"# {_printable(line)}" for line in question.splitlines())]
        for step in answer.steps:
            if "error" in step.result:
                lines.append(f"# {step.tool} failed: {_printable(str(step.result['error']))}")
                continue
            given = ", ".join(f"{k}={v!r}" for k, v in step.arguments.items())
            lines.append(f"print(tools.{step.tool}({given}).summary)")
        if not answer.steps:
            lines.append("# (no step was needed)")
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    # Whatever a question holds stays one comment.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def markdown(title: str, data: str, history: list[tuple[str, Answer]], figures: Path) -> str:
    """Return a conversation as Markdown; its figures go into the folder `figures`."""
    lines = [f"# {title}", "", f"Events: `{data}`", ""]
    for number, (question, answer) in enumerate(history, 1):
        paths = write_figures(answer.figures, figures, f"turn-{number}")
        titles = figure_titles(answer.figures)
        lines += turn_markdown(question, answer, list(zip(titles, paths, strict=True)))
    return "\n".join(lines)


def page(title: str, data: str, history: list[tuple[str, Answer]]) -> str:
    """Return a conversation as one HTML page that needs nothing else to show its figures."""
    from plotly.graph_objects import Figure
    from plotly.offline import get_plotlyjs

    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{html.escape(title)}</title>",
        "<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 "
        "1em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em "
        ".6em;text-align:left}p{white-space:pre-wrap}</style>",
        f"<script>{get_plotlyjs()}</script>" if any(a.figures for _, a in history) else "",
        f"</head><body><h1>{html.escape(title)}</h1><p>Events: {html.escape(data)}</p>",
    ]
    for question, answer in history:
        parts += [f"<h2>{html.escape(question)}</h2><p>{html.escape(answer.text)}</p>"]
        parts += [_html_table(t) for t in answer.tables]
        parts += [
            Figure(f).to_html(full_html=False, include_plotlyjs=False) for f in answer.figures
        ]
        items = [f"{s.tool}({arguments(s.arguments)})" for s in answer.steps]
        items += [
            f"[{n}] {c.document}, {c.section}: {c.text}" for n, c in enumerate(answer.citations, 1)
        ]
        if answer.unsupported:
            items.append(f"Not supported by any step: {', '.join(answer.unsupported)}")
        parts.append("<ul>" + "".join(f"<li>{html.escape(i)}</li>" for i in items) + "</ul>")
    return "\n".join([*parts, "</body></html>"])


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(str(c))}</th>" for c in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell(c))}</td>" for c in row) + "</tr>"
        for row in table.rows
    )
    return f"<h3>{html.escape(table.title)}</h3><table><tr>{head}</tr>{rows}</table>"
