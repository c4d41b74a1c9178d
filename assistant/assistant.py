"""The conversation: a question in, an answer with its evidence out."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.agent import Planned, Work, Working, messages_of, run_agent, system_prompt
from assistant.answer import Answer, Step
from assistant.grounding import ground, mark
from assistant.planner.prose import ABSTAIN
from assistant.providers import chat_model as make_chat_model
from assistant.providers import model_label
from assistant.session import SessionInfo, SessionStore, kept_sessions
from assistant.tools.context import ToolContext, Workspace
from nulens.errors import NuLensError

if TYPE_CHECKING:
    from classifier.events import EventSet

MAX_STEPS = 12
"""Calls of the chat model for one question; the longest question of the evaluation needs five."""
TIME_LIMIT = 1800.0
"""Seconds for one question; a VLM on a CPU classifies some 10,000 events in that time."""
_REMEMBERED = 20
_UNNAMED = "unnamed"


class Assistant:
    """Answers questions about a set of events, the detector and the physics.

    Parameters
    ----------
    data : path-like, optional
        File or folder of events; the bundled sample if not given.
    chat_model : str or BaseChatModel
        ``embedded`` (default; no key, no network), ``ollama:...``, ``openai:...``,
        ``huggingface:...``, or a LangChain chat model.
    classifiers : mapping, optional
        More classifiers by name: trained objects or folders.
    sessions : path-like, optional
        SQLite file of the conversations; in the user's data folder unless given.
    max_steps : int
        Calls of the chat model for one question at most.
    time_limit : float
        Seconds for one question at most.

    Examples
    --------
    >>> a = Assistant(data="events.h5")  # doctest: +SKIP
    >>> a.ask("How pure are the νe CC candidates?", session="mine").text  # doctest: +SKIP
    """

    def __init__(
        self,
        data: str | PathLike[str] | None = None,
        chat_model: Any = "embedded",
        *,
        classifiers: Mapping[str, Any] | None = None,
        sessions: str | PathLike[str] | None = None,
        max_steps: int = MAX_STEPS,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        # Takes seconds, which the first question shall not wait for.
        import langchain.agents  # noqa: F401

        from assistant.sample import open_or_sample

        self.events: EventSet = open_or_sample(data)
        self.chat_model_name = model_label(chat_model)
        self._model = make_chat_model(chat_model)
        self.workspace = Workspace(self.events, classifiers)
        self._store = kept_sessions(sessions)
        self._private = SessionStore(None)
        self._max_steps = max_steps
        self._time_limit = time_limit
        self._running: dict[str, threading.Event] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def ask(self, question: str, session: str | None = None) -> Answer:
        """Answer a question.

        Parameters
        ----------
        question : str
        session : str, optional
            Name of a conversation that persists; without it, the question belongs to this object's
            own conversation, which is not kept.

        Raises
        ------
        NuLensError
            If the question is empty, the chat model fails, or the answer was stopped.
        """
        answer: Answer | None = None
        for part in self.stream(question, session):
            if isinstance(part, Answer):
                answer = part
        assert answer is not None
        return answer

    def stream(
        self, question: str, session: str | None = None
    ) -> Generator[Planned | Working | Step | str | Answer]:
        """Answer a question, yielding calls, how far they are, steps, pieces of text, the answer.

        The turn is kept only once it is complete: whatever stops it leaves the conversation as it
        was.
        """
        if not question.strip():
            raise NuLensError("The question is empty.", "Ask something.")
        cancelled = threading.Event()
        parts: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # A thread of its own: Ctrl-C reaches a caller that waits, not one inside of the tools,
        # whose own threads would first be waited for.
        threading.Thread(
            target=self._work, args=(question, session, cancelled, parts), daemon=True
        ).start()
        try:
            while (part := parts.get()) is not None:
                if isinstance(part, Exception):
                    raise part
                yield part
        finally:
            # A generator that is closed early stops its tools as well.
            cancelled.set()

    def _work(
        self,
        question: str,
        session: str | None,
        cancelled: threading.Event,
        parts: queue.SimpleQueue[Any],
    ) -> None:
        """Put the parts of an answer, or what went wrong, into a queue, and None at the end."""
        key = session or _UNNAMED
        with self._guard:
            lock = self._locks.setdefault(f"{bool(session)}{key}", threading.Lock())
        if not lock.acquire(timeout=self._time_limit):
            parts.put(NuLensError("This conversation is still answering.", "Wait, or stop it."))
            return
        self._running[key] = cancelled
        try:
            for part in self._answer(question, session, cancelled):
                parts.put(part)
        except Exception as error:
            parts.put(error)
        finally:
            self._running.pop(key, None)
            lock.release()
            parts.put(None)

    def cancel(self, session: str | None = None) -> None:
        """Stop the answer that a conversation is waiting for."""
        if running := self._running.get(session or _UNNAMED):
            running.set()

    def _answer(
        self, question: str, session: str | None, cancelled: threading.Event
    ) -> Iterator[Planned | Working | Step | str | Answer]:
        store, name = (self._store, session) if session else (self._private, _UNNAMED)
        self._check_data(store, name)
        history = store.history(name, figures=False)
        context = ToolContext(
            self.workspace,
            store.selections(name),
            deadline=time.monotonic() + self._time_limit,
            cancelled=cancelled,
        )
        work = Work(context)
        prompt = system_prompt(
            {
                "events": len(self.events),
                "views": [v.name for v in self.events.geometry.views],
                "detector": self.events.geometry.name,
                "selections": sorted(n for n in context.selections.named if n != "differ"),
                "classifiers": self.workspace.model_names,
            }
        )
        messages = messages_of(history[-_REMEMBERED:], question)
        yield from run_agent(self._model, work, messages, prompt, self._max_steps)
        answer = self._finish(work)
        context.check()
        store.append(
            name,
            question,
            answer,
            context.selections,
            str(Path(self.events.source).resolve()),
            self.events.reader.fingerprint,
        )
        yield answer

    def _finish(self, work: Work) -> Answer:
        text = work.text.strip()
        if not text or text.startswith("Model call limits exceeded"):
            found = [str(s.result["summary"]) for s in work.steps if "summary" in s.result]
            text = "The chat model came to no answer within its steps. " + (
                f"What the tools found: {' '.join(found)}" if found else "Ask in another way."
            )
        quantities, unsupported = ground(text, work.steps, work.citations)
        return Answer(
            text=mark(text, unsupported),
            steps=work.steps,
            citations=work.citations,
            tables=work.tables,
            figures=work.figures,
            unsupported=unsupported,
            quantities=quantities,
            abstained=ABSTAIN.lower() in text.lower(),
        )

    def _check_data(self, store: SessionStore, name: str) -> None:
        """Refuse to go on with a conversation about other events: its indices mean others."""
        known = store.fingerprint(name)
        if known and known[1] != self.events.reader.fingerprint:
            raise NuLensError(
                f"The conversation '{name}' is about other events ({known[0]}).",
                "Open those, or begin another conversation.",
            )

    # Conversations -------------------------------------------------------------------------

    def sessions(self) -> list[SessionInfo]:
        """Return the kept conversations, the latest first."""
        return self._store.sessions()

    def history(self, session: str) -> list[tuple[str, Answer]]:
        """Return the questions and answers of a conversation."""
        return self._store.history(session)

    def rename_session(self, session: str, title: str) -> None:
        """Give a conversation another title."""
        self._store.rename(session, title)

    def delete_session(self, session: str) -> None:
        """Forget a conversation."""
        self._store.delete(session)
