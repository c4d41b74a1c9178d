"""How the parts of an answer look on the page."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import streamlit as st

from assistant.answer import Answer, Citation, Step, Table
from assistant.report import cell


def render_question(question: str) -> None:
    """Draw what the user asked, as text whatever it holds."""
    with st.chat_message("user"):
        st.text(question)


def render_answer(answer: Answer, key: str) -> None:
    """Draw a whole answer: text, figures, tables, steps and sources.

    Parameters
    ----------
    answer : Answer
    key : str
        Unique on the page; Streamlit keeps each figure's state by it.
    """
    st.markdown(safe(answer.text))
    if answer.unsupported:
        st.warning(
            "No step and no document carries these numbers: " + ", ".join(answer.unsupported),
            icon=":material/warning:",
        )
    for i, figure in enumerate(answer.figures):
        render_figure(figure, f"{key}-{i}")
    for table in answer.tables:
        render_table(table)
    if answer.citations:
        with st.expander(f"Sources ({len(answer.citations)})", icon=":material/menu_book:"):
            for number, citation in enumerate(answer.citations, start=1):
                render_citation(number, citation)
    if answer.steps:
        seconds = sum(step.seconds for step in answer.steps)
        label = f"Steps ({len(answer.steps)}, {seconds:.1f} s)"
        with st.expander(label, icon=":material/checklist:"):
            for step in answer.steps:
                render_step(step)
            if answer.quantities:
                _render_quantities(answer)
    # Tests and assistive technology can tell by this that the answer is complete.
    st.html(f'<span class="nulens-answer-end" id="end-{key}" aria-hidden="true"></span>')


def render_figure(figure: dict[str, Any], key: str) -> None:
    """Draw a Plotly figure; the page's style knows one of several views by its key."""
    kind = "views" if "xaxis2" in figure["layout"] else "figure"
    st.plotly_chart(figure, width="stretch", key=f"{kind}-{key}", theme=None)


def safe(text: str) -> str:
    """Return Markdown that shows what an answer says and loads, links or hides nothing.

    An answer quotes documents and file contents, whose authors are not trusted: a picture in a
    quotation would tell a foreign server what is read here.
    """
    text = re.sub(r"([<$~])", r"\\\1", text).replace("![", "!\\[").replace("](", "]\\(")
    return text.replace("\n", "  \n")


def render_table(table: Table) -> None:
    """Draw a table with its title, and a button to take it away as CSV."""
    st.markdown(f"**{_escape(table.title)}**")
    st.dataframe(readable(pd.DataFrame(table.rows, columns=table.columns)), hide_index=True)


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of mixed kinds are words: yes, no, four digits of a number.

    A column without any value is left out.
    """
    if len(frame):
        frame = frame.dropna(axis="columns", how="all")
    mixed = [c for c in frame if len({type(v) for v in frame[c] if v is not None}) > 1]
    return frame.assign(**{str(c): frame[c].map(cell) for c in mixed})


def render_citation(number: int, citation: Citation) -> None:
    """Draw a passage with its place; its text is shown as text, whatever it holds."""
    page = f", page {citation.page}" if citation.page else ""
    st.markdown(f"**[{number}] {_escape(citation.document)}** — {_escape(citation.section)}{page}")
    st.text(citation.text)


def render_step(step: Step) -> None:
    """Draw one tool call: what was called, on which events, with which result."""
    arguments = ", ".join(f"{k}={v!r}" for k, v in step.arguments.items())
    st.code(f"{step.tool}({arguments})", language="python", wrap_lines=True)
    acted = "" if step.indices is None else f"{len(step.indices)} events · "
    st.caption(f"{acted}{step.seconds:.2f} s")
    st.json(_short(step.result), expanded=False)


def _render_quantities(answer: Answer) -> None:
    """Draw where each number of the text comes from."""
    st.markdown("**Where the numbers come from**")
    rows = list(dict.fromkeys((q.text, q.source) for q in answer.quantities))
    st.dataframe(pd.DataFrame(rows, columns=["number", "from"]), hide_index=True)


def _short(value: Any, limit: int = 50) -> Any:
    if isinstance(value, dict):
        return {k: _short(v, limit) for k, v in value.items()}
    if isinstance(value, list):
        shown = [_short(v, limit) for v in value[:limit]]
        return [*shown, f"... {len(value) - limit} more"] if len(value) > limit else shown
    return value


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~$-])", r"\\\1", text)
