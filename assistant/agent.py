"""The agent loop: a chat model that calls tools, with limits, errors it can act on, and a stop."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.answer import Answer, Citation, Step, Table
from assistant.tools import TOOLS
from assistant.tools.base import Outcome, ToolSpec
from assistant.tools.context import StoppedError, ToolContext
from nulens.errors import NuLensError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_LISTED = 200
"""Longest list of events that a tool message carries; the answer's tables hold the rest."""
_CONTENT = 24_000
"""Longest tool message in characters; a chat model has to read it."""


@dataclass
class Work:
    """What the tools of one question did."""

    context: ToolContext
    steps: list[Step] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    cancelled: StoppedError | None = None
    text: str = ""


@dataclass(frozen=True)
class Planned:
    """A tool call that is about to be made."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Working:
    """How many of how many events a tool has done, while it works."""

    tool: str
    done: int
    total: int


def system_prompt(context: dict[str, Any]) -> str:
    """Return the system prompt with what is opened, as JSON in its last line."""
    from assistant.planner.dialogue import CONTEXT

    text = Path(__file__).with_name("system_prompt.md").read_text(encoding="utf-8")
    return f"{text}\n{CONTEXT}{json.dumps(context, ensure_ascii=False)}"


def run_tool(work: Work, spec: ToolSpec, given: dict[str, Any]) -> str:
    """Run a tool, record its step, and return what the chat model reads.

    What goes wrong in a way that a model can act on is returned as an error with its remedy.
    """
    started = time.perf_counter()
    arguments = spec.arguments(**given)
    shown = _shown(arguments)
    try:
        work.context.check()
        outcome = spec.run(work.context, arguments)
    except StoppedError as error:
        work.cancelled = error
        raise
    except NuLensError as error:
        result: dict[str, Any] = {"error": error.what, "remedy": error.remedy}
        work.steps.append(Step(spec.name, shown, None, result, time.perf_counter() - started))
        return json.dumps(result, ensure_ascii=False)
    except Exception as error:
        # A fault of ours or a damaged event: the conversation goes on, and says so.
        result = {
            "error": (
                f"{spec.name} failed "
                f"({type(error).__name__}: {' '.join(str(error).split())[:200]})."
            ),
            "remedy": "Ask about other events, or in another way.",
        }
        work.steps.append(Step(spec.name, shown, None, result, time.perf_counter() - started))
        return json.dumps(result, ensure_ascii=False)
    result = _plain(outcome)
    step = Step(spec.name, shown, outcome.indices, result, time.perf_counter() - started)
    work.steps.append(step)
    work.tables += outcome.tables
    work.figures += outcome.figures
    work.citations += [c for c in outcome.citations if c not in work.citations]
    if outcome.selected is not None:
        work.context.selections.last = np.array(outcome.selected, dtype=np.int64)
    return content(step)


def _shown(arguments: Any) -> dict[str, Any]:
    """Return what a step was called with: all that was given, and always events and models."""
    given = arguments.model_dump(mode="json", exclude_none=True)
    always = ("events", "model", "models", "question", "change", "k")
    return {k: v for k, v in given.items() if k in arguments.model_fields_set or k in always}


def _plain(outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(outcome.result.model_dump_json())
    result["summary"] = outcome.summary
    if outcome.selected is not None:
        result["selected"] = outcome.selected
    return result


def content(step: Step) -> str:
    """Return a step's result as the chat model reads it: summary first, long lists cut short."""
    result = dict(step.result)
    selected = result.pop("selected", None)
    if selected is not None:
        result["selected"] = selected if len(selected) <= _LISTED else [selected[0], selected[-1]]
        result["n_selected_events"] = len(selected)
    text = json.dumps(
        {"summary": result.pop("summary", ""), **_shortened(result, _LISTED)}, ensure_ascii=False
    )
    for longest in (50, 20, 5):
        if len(text) <= _CONTENT:
            break
        text = json.dumps(
            {"summary": step.result.get("summary", ""), **_shortened(result, longest)},
            ensure_ascii=False,
        )
    return text


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, dict):
        return {k: _shortened(v, longest) for k, v in value.items()}
    if isinstance(value, list):
        return [_shortened(v, longest) for v in value[:longest]]
    return value


def langchain_tools(work: Work) -> list[Any]:
    """Return the tools as LangChain knows them."""
    from langchain_core.tools import StructuredTool
    from langgraph.config import get_stream_writer

    def bind(spec: ToolSpec) -> StructuredTool:
        def call(**given: Any) -> str:
            tell = get_stream_writer()
            work.context.report = lambda done, total: tell(Working(spec.name, done, total))
            return run_tool(work, spec, given)

        def refused(error: Any) -> str:
            result = _bad_arguments(error)
            work.steps.append(Step(spec.name, {}, None, result, 0.0))
            return json.dumps(result, ensure_ascii=False)

        return StructuredTool.from_function(
            func=call,
            name=spec.name,
            description=spec.description,
            args_schema=spec.arguments,
            handle_validation_error=refused,
        )

    return [bind(spec) for spec in TOOLS]


def _bad_arguments(error: Any) -> dict[str, Any]:
    """Tell the model which argument is wrong."""
    problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return {
        "error": f"The arguments are wrong: {'; '.join(problems)}.",
        "remedy": "Correct them and call the tool again.",
    }


def messages_of(history: Sequence[tuple[str, Answer]], question: str) -> list[BaseMessage]:
    """Return a conversation as messages: what was asked, called, found and said."""
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

    messages: list[BaseMessage] = []
    for turn, (asked, answer) in enumerate(history):
        messages.append(HumanMessage(asked))
        for number, step in enumerate(answer.steps):
            key = f"turn{turn}-{number}"
            messages.append(
                AIMessage("", tool_calls=[{"name": step.tool, "args": step.arguments, "id": key}])
            )
            status = "error" if "error" in step.result else "success"
            messages.append(
                ToolMessage(content(step), name=step.tool, tool_call_id=key, status=status)
            )
        messages.append(AIMessage(answer.text))
    return [*messages, HumanMessage(question)]


def run_agent(
    model: BaseChatModel, work: Work, messages: list[BaseMessage], prompt: str, max_steps: int
) -> Iterator[Planned | Working | Step | str]:
    """Run the loop; yields calls, how far they are, finished steps, pieces of text.

    Raises
    ------
    StoppedError
        If the user stopped it, or the time limit passed.
    NuLensError
        If the chat model cannot be reached or used.
    """
    from langchain.agents import create_agent
    from langchain.agents.middleware import ModelCallLimitMiddleware
    from langchain_core.messages import AIMessage, AIMessageChunk
    from langgraph.errors import GraphRecursionError

    from assistant.middleware import CheckClock, RepairToolCalls, StopRepeating
    from assistant.providers import explain_failure

    limit: Any = ModelCallLimitMiddleware(run_limit=max_steps, exit_behavior="end")
    tools = langchain_tools(work)
    repair = RepairToolCalls([t.name for t in tools])
    agent: Any = create_agent(
        model,
        tools,
        system_prompt=prompt,
        middleware=[CheckClock(work.context), limit, repair, StopRepeating()],
    )
    told = 0
    text = ""
    try:
        stream = agent.stream(
            {"messages": messages},
            stream_mode=["updates", "messages", "custom"],
            config={"recursion_limit": 4 * max_steps + 10},
        )
        for mode, payload in stream:
            if mode == "custom":
                yield payload
                continue
            if mode == "messages":
                chunk = payload[0]
                if isinstance(chunk, AIMessageChunk) and chunk.text and not chunk.tool_call_chunks:
                    yield str(chunk.text)
                continue
            for update in (payload or {}).values():
                for message in (update or {}).get("messages", []):
                    if isinstance(message, AIMessage):
                        text = str(message.text) or text
                        for call in message.tool_calls:
                            yield Planned(call["name"], dict(call["args"]))
            while told < len(work.steps):
                yield work.steps[told]
                told += 1
    except StoppedError:
        raise
    except GraphRecursionError:
        text = ""
    except Exception as error:
        if work.cancelled is not None:
            raise work.cancelled from None
        raise explain_failure(error) from error
    work.text = text
