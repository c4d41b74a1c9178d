"""The embedded chat model: plans tool calls and writes prose by rule; no key, no server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.planner.dialogue import Dialogue, Turn, read_dialogue
from assistant.planner.plan import make_plan
from assistant.planner.prose import reply_without_steps, with_notes, write


class EmbeddedChatModel(BaseChatModel):
    """A chat model that reads questions about events with rules and a small network.

    It is a function of the messages alone: the plan of a turn is made from the question and the
    earlier turns, its calls are emitted one by one, and the prose is composed of their results.
    """

    @property
    def _llm_type(self) -> str:
        return "nulens-embedded"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "embedded"}

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> EmbeddedChatModel:
        """Return itself: the tools are those of NuLens, which it knows."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = respond(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = respond(messages)
        if message.tool_calls:
            yield ChatGenerationChunk(
                message=AIMessageChunk(
                    content="",
                    tool_calls=message.tool_calls,
                    response_metadata=message.response_metadata,
                )
            )
            return
        words = str(message.text).split(" ")
        for i in range(0, len(words), 8):
            piece = " ".join(words[i : i + 8]) + (" " if i + 8 < len(words) else "")
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk


def respond(messages: Sequence[BaseMessage]) -> AIMessage:
    """Return the next tool call of the present turn, or its prose once all are done."""
    dialogue = read_dialogue(messages)
    made = dialogue.current.calls
    fresh = Dialogue([*dialogue.turns[:-1], Turn(dialogue.current.question)], dialogue.context)
    plan = make_plan(fresh)
    if plan.reply:
        text, _ = reply_without_steps(plan)
        return AIMessage(text)
    failed = any(c.failed for c in made)
    if len(made) < len(plan.calls) and not failed:
        call = plan.calls[len(made)]
        arguments = {k: v for k, v in call.arguments.items() if v is not None}
        return AIMessage(
            "",
            tool_calls=[
                {"name": call.tool, "args": arguments, "id": f"call_{uuid.uuid4().hex[:12]}"}
            ],
        )
    text, _ = write(fresh, made)
    return AIMessage(with_notes(plan, text))
