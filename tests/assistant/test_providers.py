"""Other chat models: by name, through a real HTTP server, and misbehaving ones."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from assistant.answer import Answer
from assistant.assistant import Assistant
from assistant.grounding import MARK, numerals
from assistant.middleware import written_calls
from assistant.providers import chat_model, model_label
from nulens.base_models import base_model
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


@contextlib.contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def server() -> Iterator[str]:
    with _served(_Server) as url:
        yield f"{url}/v1"


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


_SERVE = """
import sys, xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.hostnames, p.port, p.api_keys = sys.argv[1], ["127.0.0.1"], 0, ["right"]
p.n_ctx, p.n_parallel, p.n_predict, p.use_jinja, p.warmup = 4096, 1, 24, True, False
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(p)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def llama_server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A real OpenAI-compatible server with a real small model; its key is ``right``."""
    pytest.importorskip("xllamacpp")
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(base_model("smollm2"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http"), "the server did not start"
        yield f"openai:smollm2@{address}/v1", process
        process.kill()


def test_a_real_server(
    events_file: Path,
    llama_server: tuple[str, subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, process = llama_server
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    with pytest.raises(NuLensError, match="refuses the key"):
        Assistant(events_file, name).ask("How many events are there?", "s")
    monkeypatch.setenv("OPENAI_API_KEY", "right")
    assistant = Assistant(events_file, name, max_steps=2)
    # A model that calls no tool has no number of its own: whatever it invents is marked.
    parts = list(assistant.stream("How many events are there?", "s"))
    answer = parts[-1]
    assert isinstance(answer, Answer)
    assert len([p for p in parts if isinstance(p, str)]) > 1
    if not answer.steps:
        assert answer.unsupported == [text for n in numerals(answer.text) if (text := n.text)]
    # Stopped in the middle of a word, by leaving or by Ctrl-C: the conversation is as it was.
    stream = assistant.stream("Tell me a long story.", "s")
    next(stream)
    stream.close()
    assert [q for q, _ in assistant.history("s")] == ["How many events are there?"]
    process.kill()
    process.wait()
    with pytest.raises(NuLensError, match="cannot be reached"):
        assistant.ask("And now?", "s")
    assert len(assistant.history("s")) == 1


class _Ollama(_Server):
    """As much of Ollama's protocol as a chat needs: lines of JSON, a tool call, then a text."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["model"] != "known":
            return self._send(404, {"error": f"model '{asked['model']}' not found"})
        message: dict[str, Any] = {"role": "assistant", "content": "There are 48 events."}
        if asked["messages"][-1]["role"] == "user":
            assert {"describe_dataset", "select_events"} < {
                t["function"]["name"] for t in asked["tools"]
            }
            function = {"name": "describe_dataset", "arguments": {"events": "all"}}
            message = {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}
        body = {"model": "known", "created_at": "2026-01-01T00:00:00Z", "message": message}
        return self._send(200, body | {"done": True, "done_reason": "stop"})


def test_ollama(events_file: Path) -> None:
    with _served(_Ollama) as url:
        answer = Assistant(events_file, f"ollama:known@{url}").ask("How many events?", "s")
        assert answer.text == "There are 48 events."
        assert [s.tool for s in answer.steps] == ["describe_dataset"]
        with pytest.raises(NuLensError, match="does not have that model"):
            Assistant(events_file, f"ollama:other@{url}").ask("How many events?", "t")
    with pytest.raises(NuLensError, match="cannot be reached"):
        Assistant(events_file, f"ollama:known@{url}").ask("How many events?", "t")


def test_a_local_folder(events_file: Path, tmp_path: Path) -> None:
    """A network that never learnt anything talks rubbish, and the conversation goes on."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<unk>", "</s>", "there", "are", "events", "48", "{", "}"]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        eos_token="</s>",
        chat_template="{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {% endfor %}",
    ).save_pretrained(tmp_path / "model")
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    config = LlamaConfig(vocab_size=len(words), num_attention_heads=2, **size)
    LlamaForCausalLM(config).save_pretrained(tmp_path / "model")
    assistant = Assistant(events_file, f"huggingface:{tmp_path / 'model'}", max_steps=2)
    answer = assistant.ask("How many events are there?", "s")
    assert answer.steps == []
    assert set(answer.unsupported) <= {"48"}
    assert len(assistant.history("s")) == 1


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
