"""A conversation as a script that reproduces its numbers, and as a document."""

from __future__ import annotations

import html
import json
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from assistant.answer import Answer, Table
from assistant.session import SessionStore
from nulens.errors import NuLensError
from nulens.paths import data_dir

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
        The file; HTML carries the figures, Markdown names them.
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
    store = SessionStore(Path(sessions) if sessions else data_dir() / "sessions.sqlite")
    known = store.fingerprint(session)
    if known is None:
        raise NuLensError(f"There is no conversation '{session}'.", "Name one that was kept.")
    history = store.history(session)
    if kind == "script":
        text = script(known[0], known[1], history)
    elif kind == "markdown":
        text = markdown(session, known[0], history)
    else:
        text = page(session, known[0], history)
    path = Path(out)
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise NuLensError(
            f"{path} cannot be written ({error.strerror}).", "Name another file."
        ) from None
    return path


def script(data: str, fingerprint: str, history: list[tuple[str, Answer]]) -> str:
    """Return Python that repeats the steps of a conversation and prints their results."""
    lines = [
        '"""A NuLens conversation as a script: every step again, with the same numbers."""',
        "",
        "import sys",
        "",
        "from assistant import Toolbox",
        "",
        f"DATA = sys.argv[1] if len(sys.argv) > 1 else {data!r}",
        f"FINGERPRINT = {fingerprint!r}",
        "",
        "tools = Toolbox(DATA)",
        "if tools.events.reader.fingerprint != FINGERPRINT:",
        '    print("Note: these are not the events of the conversation.", file=sys.stderr)',
    ]
    for question, answer in history:
        lines += ["", *(f"# {line}" for line in question.splitlines())]
        for step in answer.steps:
            if "error" in step.result:
                lines.append(f"# {step.tool} failed: {' '.join(str(step.result['error']).split())}")
                continue
            given = ", ".join(f"{k}={v!r}" for k, v in step.arguments.items())
            lines.append(f"print(tools.{step.tool}({given}).summary)")
        if not answer.steps:
            lines.append("# (no step was needed)")
    return "\n".join(lines) + "\n"


def markdown(session: str, data: str, history: list[tuple[str, Answer]]) -> str:
    """Return a conversation as Markdown."""
    lines = [f"# {session}", "", f"Events: `{data}`", ""]
    for question, answer in history:
        lines += [f"## {' '.join(question.split())}", "", answer.text, ""]
        for table in answer.tables:
            lines += [
                f"**{table.title}**",
                "",
                _row(table.columns),
                _row(["---"] * len(table.columns)),
            ]
            lines += [*(_row([_cell(c) for c in row]) for row in table.rows), ""]
        for title in _titles(answer.figures):
            lines.append(f"- figure: {title}")
        lines += [
            f"- step: `{s.tool}({_arguments(s.arguments)})`, {s.seconds:.2f} s"
            for s in answer.steps
        ]
        for n, c in enumerate(answer.citations, 1):
            lines.append(
                f"- [{n}] {c.document}, {c.section}" + (f", page {c.page}" if c.page else "")
            )
        if answer.unsupported:
            lines.append(f"- not supported by any step: {', '.join(answer.unsupported)}")
        lines.append("")
    return "\n".join(lines)


def page(session: str, data: str, history: list[tuple[str, Answer]]) -> str:
    """Return a conversation as one HTML page that needs nothing else to show its figures."""
    from plotly.graph_objects import Figure
    from plotly.offline import get_plotlyjs

    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{html.escape(session)}</title>",
        "<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse}td,th{border:1px solid "
        "#ccc;padding:.2em .6em;text-align:left}"
        "p{white-space:pre-wrap}</style>",
        f"<script>{get_plotlyjs()}</script>" if any(a.figures for _, a in history) else "",
        f"</head><body><h1>{html.escape(session)}</h1><p>Events: {html.escape(data)}</p>",
    ]
    for question, answer in history:
        parts += [f"<h2>{html.escape(question)}</h2><p>{html.escape(answer.text)}</p>"]
        parts += [_html_table(t) for t in answer.tables]
        parts += [
            Figure(f).to_html(full_html=False, include_plotlyjs=False) for f in answer.figures
        ]
        items = [f"{s.tool}({_arguments(s.arguments)})" for s in answer.steps]
        items += [
            f"[{n}] {c.document}, {c.section}: {c.text}" for n, c in enumerate(answer.citations, 1)
        ]
        if answer.unsupported:
            items.append(f"Not supported by any step: {', '.join(answer.unsupported)}")
        parts.append("<ul>" + "".join(f"<li>{html.escape(i)}</li>" for i in items) + "</ul>")
    return "\n".join([*parts, "</body></html>"])


def _arguments(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in arguments.items())


def _titles(figures: list[dict[str, Any]]) -> list[str]:
    titles = [f.get("layout", {}).get("title", {}) for f in figures]
    return [str(t.get("text", "")) if isinstance(t, dict) else str(t) for t in titles]


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(cells: list[Any]) -> str:
    return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(str(c))}</th>" for c in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(c))}</td>" for c in row) + "</tr>"
        for row in table.rows
    )
    return f"<h3>{html.escape(table.title)}</h3><table><tr>{head}</tr>{rows}</table>"
