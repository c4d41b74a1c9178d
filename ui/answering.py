"""An answer while it comes: what is being done, how far it is, a way to stop it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import streamlit as st

from assistant.agent import Planned, Working
from assistant.answer import Answer, Step
from assistant.doing import DOING, Doing
from nulens.errors import NuLensError
from ui.render import render_answer, render_question, safe

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Part = Planned | Working | Step | str | Answer | NuLensError
_PAUSE = 0.2


class Answering:
    """An answer under way, worked out in a thread of its own.

    It belongs to the conversation rather than to the page that asked: a page that is reloaded, or
    a second tab, finds it again and follows it from its beginning.
    """

    def __init__(self, assistant: Assistant, session: str, question: str) -> None:
        self.question = question
        self.doing = Doing(assistant.workspace)
        self.stopped = False
        self._assistant, self._session = assistant, session
        self._parts: list[Part] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def is_over(self) -> bool:
        """Say whether all parts are there."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Stop it; the conversation stays as it was."""
        self.stopped = True
        self._assistant.cancel(self._session)

    def follow(self) -> Iterator[Part | None]:
        """Yield the parts as they come, and None in between.

        The page must never be deaf: Streamlit learns of a button only when it draws something.
        """
        seen = 0
        while True:
            over = self.is_over()
            for part in self._parts[seen:]:
                seen += 1
                yield part
            if over:
                return
            yield None
            self._thread.join(_PAUSE)

    def _work(self) -> None:
        try:
            with contextlib.closing(self._assistant.stream(self.question, self._session)) as stream:
                for part in stream:
                    self.doing.see(part)
                    self._parts.append(part)
                    if self.stopped:
                        return
        except NuLensError as error:
            self._parts.append(error)
        except Exception as error:
            what = f"The answer failed ({type(error).__name__}: {' '.join(str(error).split())})."
            self._parts.append(NuLensError(what, "Ask in another way, or about other events."))


@st.cache_resource
def _all() -> tuple[dict[str, Answering], threading.Lock]:
    return {}, threading.Lock()


def under_way(session: str) -> Answering | None:
    """Return the answer that a conversation waits for, if there is one."""
    answers, _ = _all()
    found = answers.get(session)
    if found is not None and found.is_over():
        answers.pop(session, None)  # the conversation has it now
        return None
    return None if found is None or found.stopped else found


def begin(assistant: Assistant, session: str, question: str) -> Answering:
    """Begin to answer; the answer under way where another page of the conversation was first."""
    answers, lock = _all()
    with lock:
        if (running := under_way(session)) is None:
            running = answers[session] = Answering(assistant, session, question)
    return running


def show_answering(answering: Answering, key: str) -> bool:
    """Draw what happens until the answer is there; say whether one came."""
    render_question(answering.question)
    with st.chat_message("assistant"):
        place = st.empty()
        box = place.container()
        status = box.status(str(answering.doing), expanded=True)
        box.button(
            "Stop",
            icon=":material/stop_circle:",
            key=f"{key}-stop",
            on_click=_stop,
            args=(answering,),
        )
        draft = st.empty()
        text, shown = "", ""
        for part in answering.follow():
            if isinstance(part, Step):
                status.write(f"{DOING[part.tool]} · {part.seconds:.1f} s")
            elif isinstance(part, str):
                text += part
                draft.markdown(safe(text))
            elif isinstance(part, (Answer, NuLensError)):
                place.empty()
                draft.empty()
                if isinstance(part, Answer):
                    render_answer(part, key=key)
                else:
                    st.error(f"{part.what}\n\n{part.remedy}")
                return isinstance(part, Answer)
            if shown != (shown := str(answering.doing)):
                status.update(label=shown)
        place.empty()  # another page stopped it
        draft.empty()
    return False


def _stop(answering: Answering) -> None:
    answering.stop()
    st.session_state["stopped"] = answering.question
