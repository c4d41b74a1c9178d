"""The chat page: ``streamlit run ui/chat.py -- --data events.h5``."""

from __future__ import annotations

import argparse
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from nulens.errors import NuLensError
from ui.render import render_answer

if TYPE_CHECKING:
    from assistant.assistant import Assistant

SUGGESTIONS = [
    "How many events are there of each class?",
    "Classify events 0 to 9 with the VLM",
    "Why is event 3 classified as it is?",
    "Compare the three classifiers",
    "Show me the CNN's five most confident mistakes",
    "How can a LArTPC tell an electron from a photon?",
]


@st.cache_resource(show_spinner="Opening the events …", max_entries=4)
def open_assistant(data: str | None, chat_model: str) -> Assistant:
    """Return one assistant for all visitors of these events; sessions keep them apart."""
    from assistant.assistant import Assistant

    return Assistant(data=data, chat_model=chat_model)


def main() -> None:
    """Draw the page."""
    # A file of our own: Streamlit would fetch a named icon from the network.
    icon = Path(__file__).with_name("icon.png")
    st.set_page_config(page_title="NuLens", page_icon=str(icon), layout="wide")
    session = _session_name()
    with st.sidebar:
        st.title("NuLens")
        data, chat_model = _choose_source()
        try:
            assistant = open_assistant(data, chat_model)
        except NuLensError as error:
            st.error(f"{error.what}\n\n{error.remedy}")
            st.stop()
        _describe(assistant)
        _list_sessions(assistant, session)

    history = assistant.history(session)
    for i, (question, answer) in enumerate(history):
        with st.chat_message("user"):
            st.text(question)
        with st.chat_message("assistant"):
            render_answer(answer, key=f"{session}-{i}")
    asked = st.chat_input("Ask about the events, the detector or the physics")
    if not history and not asked:
        asked = _suggest(assistant)
    if asked:
        _answer(assistant, session, asked, key=f"{session}-{len(history)}")


def _session_name() -> str:
    # The name is in the address, so that a reload, a bookmark or a second tab finds it again.
    name = st.query_params.get("session")
    if not name:
        name = f"chat-{uuid.uuid4().hex[:8]}"
        st.query_params["session"] = name
    return name


def _choose_source() -> tuple[str | None, str]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=None)
    parser.add_argument("--chat-model", default="embedded")
    options, _ = parser.parse_known_args()
    data = st.text_input(
        "Events",
        value=options.data or "",
        placeholder="the bundled sample",
        help="An event file, or a folder of DUNE maps, on the machine that runs this page.",
    )
    return data.strip() or None, options.chat_model


def _describe(assistant: Assistant) -> None:
    events = assistant.events
    st.caption(f"{len(events)} events · {events.geometry.name} · {assistant.chat_model_name}")


def _list_sessions(assistant: Assistant, current: str) -> None:
    st.divider()
    if st.button("New conversation", icon=":material/add:", width="stretch"):
        st.query_params["session"] = f"chat-{uuid.uuid4().hex[:8]}"
        st.rerun()
    for info in assistant.sessions()[:20]:
        open_column, delete_column = st.columns([5, 1])
        label = f"**{info.title}**" if info.name == current else info.title
        if open_column.button(label, key=f"open-{info.name}", width="stretch"):
            st.query_params["session"] = info.name
            st.rerun()
        if delete_column.button("", key=f"delete-{info.name}", icon=":material/delete:"):
            assistant.delete_session(info.name)
            if info.name == current:
                st.query_params.clear()
            st.rerun()


def _suggest(assistant: Assistant) -> str | None:
    from classifier.display import event_display

    st.subheader("Ask about these events")
    columns = st.columns(2)
    asked = None
    for i, question in enumerate(SUGGESTIONS):
        if columns[i % 2].button(question, width="stretch"):
            asked = question
    if asked is None and len(assistant.events):
        event = assistant.events[0]
        figure = event_display(event, title=f"Event {event.index}: {event.id}")
        st.plotly_chart(figure, width="stretch", key="first-event", theme=None)
    return asked


def _answer(assistant: Assistant, session: str, question: str, key: str) -> None:
    from assistant.agent import Planned
    from assistant.answer import Answer, Step

    with st.chat_message("user"):
        st.text(question)
    with st.chat_message("assistant"):
        status = st.status("Working …", expanded=True)
        # Any press of a button ends this run of the page, which closes the stream and its tools.
        stop = status.empty()
        stop.button("Stop", icon=":material/stop_circle:", key=f"{key}-stop")
        draft = st.empty()
        text = ""
        try:
            for part in assistant.stream(question, session=session):
                if isinstance(part, Planned):
                    status.update(label=f"{part.tool} …")
                elif isinstance(part, Step):
                    status.write(f"`{part.tool}` · {part.seconds:.1f} s")
                elif isinstance(part, Answer):
                    stop.empty()
                    draft.empty()
                    status.update(label="Done", state="complete", expanded=False)
                    render_answer(part, key=key)
                else:
                    text += part
                    draft.markdown(text)
        except NuLensError as error:
            stop.empty()
            status.update(label="Failed", state="error", expanded=False)
            st.error(f"{error.what}\n\n{error.remedy}")


main()
