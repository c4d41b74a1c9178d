"""Other chat models: by name, through a real HTTP server, and misbehaving ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from assistant.assistant import Assistant
from assistant.grounding import MARK
from assistant.middleware import written_calls
from assistant.providers import chat_model, model_label
from nulens.errors import ModelError, NuLensError


class Scripted(BaseChatModel):
    """Says what it is told to say, one reply after the other, the last one for ever."""

    replies: list[Any]
    seen: list[list[BaseMessage]] = []  # noqa: RUF012 -- pydantic copies it

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Scripted:
        return self

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.seen.append(messages)
        reply = self.replies[min(len(self.seen) - 1, len(self.replies) - 1)]
        message = reply if isinstance(reply, AIMessage) else AIMessage(reply)
        return ChatResult(generations=[ChatGeneration(message=message.model_copy())])


def call(tool: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": arguments, "id": f"id-{tool}"}])


def ask(events_file: Path, classifiers: Any, replies: list[Any], **options: Any) -> Any:
    model = Scripted(replies=replies)
    assistant = Assistant(events_file, model, classifiers=classifiers, **options)
    return assistant.ask("How many events are there?", "s"), model, assistant


def test_a_chat_model_object_uses_the_tools(events_file: Path, classifiers: Any) -> None:
    replies = [call("describe_dataset"), "There are 48 events."]
    answer, _, assistant = ask(events_file, classifiers, replies)
    assert answer.text == "There are 48 events."
    assert [s.tool for s in answer.steps] == ["describe_dataset"]
    assert answer.unsupported == []
    assert assistant.chat_model_name == "Scripted"


def test_an_invented_number_is_marked(events_file: Path, classifiers: Any) -> None:
    replies = [call("describe_dataset"), "There are 48 events, with an accuracy of 99.9 %."]
    answer, *_ = ask(events_file, classifiers, replies)
    assert answer.unsupported == ["99.9 %"]
    assert f"99.9 % {MARK}" in answer.text


def test_a_tool_call_written_as_text_is_made(events_file: Path, classifiers: Any) -> None:
    written = (
        'I will look.\n```json\n{"name": "classify_events", '
        '"arguments": {"events": "0:2", "model": "cnn"}}\n```'
    )
    answer, *_ = ask(events_file, classifiers, [written, "Done."])
    assert answer.steps[0].indices == [0, 1]


def test_errors_go_back_to_the_model(events_file: Path, classifiers: Any) -> None:
    replies = [
        call("classify_events", events="0:2", model="forest"),
        call("classify_events", events="0:2", colour="red"),
        call("open_file", path="/etc/passwd"),
        call("classify_events", events="0:2", model="cnn"),
        "Done.",
    ]
    answer, model, _ = ask(events_file, classifiers, replies)
    told = [str(m.text) for m in model.seen[-1] if isinstance(m, ToolMessage)]
    assert "Choose one of vlm, vit, cnn" in told[0]
    assert "colour" in told[1]
    assert "open_file" in told[2]
    assert answer.steps[-1].indices == [0, 1]


def test_no_tool_opens_a_path(events_file: Path, classifiers: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    answer, *_ = ask(
        events_file, classifiers, [call("classify_events", model=str(secret)), "Done."]
    )
    assert "no classifier" in answer.steps[0].result["error"]


def test_a_model_that_loops_is_stopped(events_file: Path, classifiers: Any) -> None:
    answer, model, _ = ask(events_file, classifiers, [call("describe_dataset")], max_steps=6)
    assert len(model.seen) <= 6
    assert "came to no answer" in answer.text
    assert len(answer.steps) == 2  # the third same call is answered, not made


def test_rubbish_is_an_answer_without_support(events_file: Path, classifiers: Any) -> None:
    answer, *_ = ask(events_file, classifiers, ['{"name": 7, [[[ 12345 }'])
    assert answer.steps == []
    assert answer.unsupported == ["7", "12345"]
    empty, *_ = ask(events_file, classifiers, [""])
    assert "came to no answer" in empty.text


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "arguments": {"x": 1}}',
        '<tool_call>{"name": "a", "arguments": {"x": 1}}</tool_call>',
        '[{"function": {"name": "a", "arguments": "{\\"x\\": 1}"}}]',
        'Sure! {"tool": "a", "parameters": {"x": 1}} there.',
    ],
)
def test_written_calls(text: str) -> None:
    assert [(c["name"], c["args"]) for c in written_calls(text, ["a"])] == [("a", {"x": 1})]
    assert written_calls(text, ["b"]) == []


class _Server(BaseHTTPRequestHandler):
    """As much of the OpenAI protocol as a chat needs: first a tool call, then a text."""

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(size))
        if self.headers["Authorization"] == "Bearer wrong":
            return self._send(401, {"error": {"message": "invalid key", "code": "invalid_api_key"}})
        message: dict[str, Any] = {"role": "assistant", "content": "There are 48 events."}
        if asked["messages"][-1]["role"] == "user":
            function = {"name": "describe_dataset", "arguments": '{"events": "all"}'}
            calls = [{"id": "c1", "type": "function", "function": function}]
            message = {"role": "assistant", "content": None, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m"}
        return self._send(200, body | {"choices": [choice]})

    def _send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/v1"
    http.shutdown()
    thread.join()
    http.server_close()


def test_a_server_by_url(events_file: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = chat_model(f"openai:m@{server}")
    model.disable_streaming = True
    answer = Assistant(events_file, model).ask("How many events are there?", "s")
    assert answer.text == "There are 48 events."
    assert [s.tool for s in answer.steps] == ["describe_dataset"]


def test_a_wrong_key_and_an_unreachable_server(
    events_file: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    refused = Assistant(events_file, f"openai:m@{server}")
    with pytest.raises(NuLensError, match="refuses the key"):
        refused.ask("How many events are there?", "s")
    assert refused.sessions() == []
    nowhere = Assistant(events_file, "openai:m@http://127.0.0.1:9/v1")
    with pytest.raises(NuLensError, match="cannot be reached"):
        nowhere.ask("How many events are there?", "s")


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("NULENS_OPENAI_URL", raising=False)
    for name in ("gpt", "openai:", "embedded:x", "claude:y"):
        with pytest.raises(ModelError, match="no chat model"):
            chat_model(name)
    with pytest.raises(ModelError, match="needs a key"):
        chat_model("openai:m")
    with pytest.raises(ModelError, match="is no chat model"):
        chat_model(3)
    with pytest.raises(ModelError, match="cannot be loaded"):
        chat_model("huggingface:/nowhere/at/all")
    assert model_label("openai:m@http://secret.host/v1") == "openai:m"
