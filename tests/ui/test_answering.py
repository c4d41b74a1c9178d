"""An answer under way: it outlives the page that asked, and is stopped by hand alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.answer import Answer, Step
from assistant.assistant import Assistant
from ui.answering import Answering, begin, under_way

PAGE = Path(__file__).parents[2] / "ui" / "chat.py"


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.setenv("NULENS_DATA_DIR", str(tmp_path))
    return Assistant()


def test_a_page_that_comes_later_sees_all_of_it(assistant: Assistant) -> None:
    answering = begin(assistant, "s", "How many events are in this data set?")
    assert begin(assistant, "s", "Another tab asks this") is answering
    next(answering.follow())  # and the first page is closed
    parts = [part for part in answering.follow() if part is not None]
    assert isinstance(parts[-1], Answer)
    assert any(isinstance(part, Step) for part in parts)
    assert under_way("s") is None
    assert [asked for asked, _ in assistant.history("s")] == [answering.question]


def test_stopping_keeps_the_conversation_as_it_was(assistant: Assistant) -> None:
    answering = Answering(assistant, "s", "How many events are in this data set?")
    answering.stop()
    assert not any(isinstance(part, Answer) for part in answering.follow())
    assert assistant.history("s") == []


def test_a_first_question_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NULENS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    nowhere = "openai:m@http://127.0.0.1:9/v1"
    monkeypatch.setattr(sys, "argv", ["chat.py", "--chat-model", nowhere])
    page = AppTest.from_file(PAGE, default_timeout=240).run()
    page.chat_input[0].set_value("How many events are there?").run()
    assert not page.exception
    assert "cannot be reached" in page.error[0].value
