"""An answer while it comes: what is being done, how far it is, a way to stop it."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import streamlit as st

from assistant.agent import Planned, Working
from assistant.answer import Answer, Step
from nulens.errors import NuLensError
from ui.render import render_answer, render_question, safe

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Part = Planned | Working | Step | str | Answer | NuLensError
_DOING = {
    "describe_dataset": "Looking at the data set",
    "select_events": "Selecting events",
    "classify_events": "Classifying events",
    "compare_classifiers": "Comparing classifiers",
    "aggregate_statistics": "Computing statistics",
    "explain_event": "Explaining the verdict",
    "display_event": "Drawing events",
    "find_similar_events": "Looking for similar events",
    "probe_event": "Changing the event and classifying it again",
    "search_knowledge": "Searching the documents",
    "particle_properties": "Looking up the particle",
}
_PAUSE = 0.2


def show_answering(assistant: Assistant, session: str, question: str, key: str) -> None:
    """Ask a question and draw what happens until its answer is there."""
    render_question(question)
    with st.chat_message("assistant"):
        place = st.empty()
        box = place.container()
        status = box.status("Working …", expanded=True)
        box.button(
            "Stop",
            icon=":material/stop_circle:",
            key=f"{key}-stop",
            on_click=_stop,
            args=(question,),
        )
        draft = st.empty()
        doing, done, text, started = "Working", "", "", time.monotonic()
        try:
            # Any press of a button ends this run of the page, which closes the parts.
            with contextlib.closing(_parts(assistant, session, question)) as parts:
                for part in parts:
                    if isinstance(part, Planned):
                        doing, done = _DOING.get(part.tool, part.tool), ""
                    elif isinstance(part, Working):
                        done = f": {part.done} of {part.total}"
                    elif isinstance(part, Step):
                        doing, done = "Working", ""
                        status.write(f"{_DOING[part.tool]} · {part.seconds:.1f} s")
                    elif isinstance(part, str):
                        text += part
                        draft.markdown(safe(text))
                    elif isinstance(part, NuLensError):
                        raise part
                    elif isinstance(part, Answer):
                        place.empty()
                        draft.empty()
                        render_answer(part, key=key)
                        return
                    status.update(label=f"{doing}{done} … {time.monotonic() - started:.0f} s")
        except NuLensError as error:
            place.empty()
            draft.empty()
            st.error(f"{error.what}\n\n{error.remedy}")


def _stop(question: str) -> None:
    st.session_state["stopped"] = question


def _parts(assistant: Assistant, session: str, question: str) -> Generator[Part | None]:
    """Yield the parts of an answer as they come, and None in between.

    The answer is worked out in a thread of its own, so that the page is never deaf: Streamlit
    learns of a button only when the page draws something.
    """
    found: queue.Queue[Part | None] = queue.Queue()
    stopped = threading.Event()

    def work() -> None:
        try:
            with contextlib.closing(assistant.stream(question, session)) as stream:
                for part in stream:
                    found.put(part)
                    if stopped.is_set():
                        return
        except NuLensError as error:
            found.put(error)
        except Exception as error:
            what = f"The answer failed ({type(error).__name__}: {' '.join(str(error).split())})."
            found.put(NuLensError(what, "Ask in another way, or about other events."))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive() or not found.empty():
            try:
                yield found.get(timeout=_PAUSE)
            except queue.Empty:
                yield None
    finally:
        stopped.set()
        assistant.cancel(session)
