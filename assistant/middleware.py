"""What stands between the chat model and the tools: the clock, and repairs of what models emit."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from assistant.tools.context import ToolContext


class CheckClock(AgentMiddleware):
    """Stops before each call of the model when the user cancelled or the time is over."""

    def __init__(self, context: ToolContext) -> None:
        super().__init__()
        self._context = context

    def before_model(self, state: Any, runtime: Any) -> None:
        """Raise `StoppedError` where it is time to stop."""
        self._context.check()


class RepairToolCalls(AgentMiddleware):
    """Turns tool calls that a model wrote as text, as small models do, into real ones.

    What it only quotes, from a document, a file or a question, stays text: their authors call no
    tools.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Repair the reply of the model."""
        response = handler(request)
        read = "".join(_bare(str(m.text)) for m in request.messages if not isinstance(m, AIMessage))
        for position, message in enumerate(response.result):
            if isinstance(message, AIMessage):
                response.result[position] = self._repaired(message, read)
        return response

    def _repaired(self, message: AIMessage, read: str) -> AIMessage:
        calls = [
            {**c, "id": c["id"] or f"call_{uuid.uuid4().hex[:12]}"} for c in message.tool_calls
        ]
        for bad in message.invalid_tool_calls:
            arguments = _loads(str(bad.get("args") or "{}"))
            if bad.get("name") in self._names and arguments is not None:
                calls.append(_call(str(bad["name"]), arguments))
        if not calls:
            calls = written_calls(str(message.text), self._names, read)
        if calls == message.tool_calls or not calls:
            return message
        return message.model_copy(
            update={"tool_calls": calls, "invalid_tool_calls": [], "content": ""}
        )


def written_calls(text: str, names: list[str], read: str = "") -> list[dict[str, Any]]:
    """Find tool calls written as JSON in a text: bare, fenced, or between tags.

    Parameters
    ----------
    text : str
        A model's reply.
    names : list of str
        Names of the tools.
    read : str
        Letters and digits of what the model read; a call that stands there is a quotation.
    """
    decoder = json.JSONDecoder()
    calls = []
    for start in (m.start() for m in re.finditer(r"[{\[]", text)):
        try:
            found, length = decoder.raw_decode(text[start:])
        except json.JSONDecodeError:
            continue
        if read and _bare(text[start : start + length]) in read:
            continue
        for item in found if isinstance(found, list) else [found]:
            if not isinstance(item, dict):
                continue
            inner = item.get("function")
            item = inner if isinstance(inner, dict) else item
            name = item.get("name") or item.get("tool") or item.get("action")
            arguments = item.get("arguments", item.get("parameters", item.get("args", {})))
            if isinstance(arguments, str):
                arguments = _loads(arguments)
            if name in names and isinstance(arguments, dict):
                calls.append(_call(str(name), arguments))
        if calls:
            break
    return calls


def _bare(text: str) -> str:
    # Results are JSON within JSON: only the letters and digits survive every way of quoting.
    return re.sub(r"\\[nrt]|[\W_]", "", text)


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "args": arguments,
        "id": f"call_{uuid.uuid4().hex[:12]}",
        "type": "tool_call",
    }


def _loads(text: str) -> dict[str, Any] | None:
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", text.replace("'", '"'))):
        try:
            found = json.loads(attempt)
        except json.JSONDecodeError:
            continue
        if isinstance(found, dict):
            return found
    return None


class StopRepeating(AgentMiddleware):
    """Answers a call that was just made with the same arguments by telling the model so."""

    def wrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Run the tool unless the previous two calls for this question were the same."""
        messages = request.state["messages"]
        asked = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=0)
        made = [
            (c["name"], json.dumps(c["args"], sort_keys=True, default=str))
            for m in messages[asked:]
            if isinstance(m, AIMessage)
            for c in m.tool_calls
        ]
        call = request.tool_call
        own = (call["name"], json.dumps(call["args"], sort_keys=True, default=str))
        if made[-3:].count(own) == 3:
            return ToolMessage(
                json.dumps(
                    {
                        "error": "This call was already made, with the result above.",
                        "remedy": "Answer the question from the results.",
                    }
                ),
                tool_call_id=call["id"],
                name=call["name"],
                status="error",
            )
        return handler(request)
