"""The chat page: ``streamlit run ui/chat.py -- --data events.h5``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.session import kept_sessions
from nulens.errors import NuLensError
from ui import conversations, source
from ui.answering import begin, show_answering, under_way
from ui.render import render_answer, render_figure, render_question, safe

if TYPE_CHECKING:
    from assistant.assistant import Assistant

# Three views cannot be read on a phone's width: there a figure is scrolled sideways.
_STYLE = """<style>
@media (min-width: 640px) {
  .stMainBlockContainer { padding: 3.5rem 2rem 1rem; }
  [data-testid="stBottomBlockContainer"] { padding: 1rem 2rem 2rem; }
}
@media (max-width: 640px) {
  [data-testid^="stChatMessageAvatar"] { display: none; }
}
[class*="st-key-views-"] { min-width: 38rem; }
.stVerticalBlock:has(> [class*="st-key-views-"]) { overflow-x: auto; }
</style>"""


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
    st.html(_STYLE)
    options = _options()
    session = conversations.current()
    kept = kept_sessions().find(session)
    data = source.chosen(kept, options.data)
    assistant = _open(data, options)
    with st.sidebar:
        st.title("NuLens")
        if assistant:
            source.describe(assistant)
        source.choose(data, options.data)
        st.divider()
        conversations.listed(session)
    if assistant is None:
        return
    running = under_way(session)
    history = assistant.history(session)
    if running and running.is_over():
        running, history = None, assistant.history(session)
    welcome = st.empty()  # stays here, so that a question clears it at once
    for i, (question, answer) in enumerate(history):
        render_question(question)
        with st.chat_message("assistant"):
            render_answer(answer, key=f"{session}-{i}")
    stopped = st.session_state.pop("stopped", None)
    if stopped:
        st.info(f"Stopped, and not kept: {safe(stopped)}", icon=":material/stop_circle:")
        st.button("Ask it again", on_click=_ask, args=(stopped,), icon=":material/replay:")
    # While an answer is under way the field is closed: the page takes one question at a time.
    typed = st.chat_input(
        "Ask about the events, the detector or the physics", submit_mode="disable"
    )
    asked = typed or st.session_state.pop("ask", None)
    if running or asked:
        running = running or begin(assistant, session, asked)
        answered = show_answering(running, key=f"{session}-{len(history)}")
        if asked and asked != running.question:  # another tab was first
            st.session_state["ask"] = asked
            st.rerun()
        if answered and not history:
            st.rerun()  # the list of conversations has a new one
    elif not history and not stopped:
        with welcome.container():
            _welcome(assistant)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    # As a kept conversation names its events.
    parser.add_argument("--data", default=None, type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--chat-model", default="embedded")
    return parser.parse_known_args()[0]


def _open(data: str | None, options: argparse.Namespace) -> Assistant | None:
    try:
        return open_assistant(data, options.chat_model)
    except NuLensError as error:
        st.error(f"{source.told(error.what, data)}\n\n{error.remedy}")
        if data != options.data:
            source.back("from-error", options.data)
        return None


def _ask(question: str) -> None:
    st.session_state["ask"] = question


def _welcome(assistant: Assistant) -> None:
    """Show a newcomer what can be asked, and what the events look like."""
    from classifier.display import event_display

    st.subheader("Ask about these events")
    columns = st.columns(2)
    for i, question in enumerate(_suggestions(len(assistant.events))):
        columns[i % 2].button(question, width="stretch", on_click=_ask, args=(question,))
    if len(assistant.events):
        event = assistant.events[0]
        figure = event_display(event, title=f"Event {event.index}: {event.id}")
        render_figure(figure.to_plotly_json(), "first-event")


def _suggestions(n_events: int) -> list[str]:
    """Return questions that a data set of so many events can answer."""
    last = max(n_events - 1, 0)
    return [
        "How many events are there of each class?",
        f"Classify events 0 to {min(9, last)} with the VLM",
        f"Explain the verdict on event {min(3, last)}",
        f"Compare the three classifiers on events 0 to {min(19, last)}",
        "Show me the CNN's five most confident mistakes",
        "How can a LArTPC tell an electron from a photon?",
    ]


try:
    main()
except NuLensError as failed:
    st.error(f"{failed.what}\n\n{failed.remedy}")
