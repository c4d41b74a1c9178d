"""A language model on this machine as a chat model, through transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from nulens.errors import ModelError

_INSTRUCTION = (
    "To use a tool, answer with one JSON object alone: "
    '{"name": "<tool>", "arguments": {...}}. The tools:\n'
)


class LocalChatModel(BaseChatModel):
    """A causal language model with a chat template; writes its tool calls as JSON.

    Attributes
    ----------
    tokenizer, network : object
        Of transformers.
    max_new_tokens : int
        Longest reply.
    """

    tokenizer: Any
    network: Any
    model_name: str
    max_new_tokens: int = 512
    tools: list[dict[str, Any]] = Field(default_factory=list)

    @classmethod
    def load(cls, source: str, max_new_tokens: int) -> LocalChatModel:
        """Load a folder of safetensors, a GGUF file, or a Hugging Face id.

        Raises
        ------
        ModelError
            If it cannot be loaded; code that a model brings along is never run.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        path = Path(source).expanduser()
        options: dict[str, Any] = {"trust_remote_code": False}
        where = source
        if path.is_file():
            where = str(path.parent)
            options["gguf_file"] = path.name
        try:
            tokenizer = AutoTokenizer.from_pretrained(where, **options)
            weights = {} if path.is_file() else {"use_safetensors": True}
            network = AutoModelForCausalLM.from_pretrained(where, **options, **weights)
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"The chat model {source} cannot be loaded ({' '.join(str(error).split())[:160]}).",
                "Name a folder with safetensors, a GGUF file, or a Hugging Face id.",
            ) from None
        if not tokenizer.chat_template:
            raise ModelError(
                f"The model {source} has no chat template.",
                "Name a model that is tuned for conversation.",
            )
        return cls(
            tokenizer=tokenizer,
            network=network.eval(),
            model_name=Path(source).name,
            max_new_tokens=max_new_tokens,
        )

    @property
    def _llm_type(self) -> str:
        return "nulens-local"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> LocalChatModel:
        """Return a copy that is told of the tools."""
        return self.model_copy(update={"tools": [convert_to_openai_tool(t) for t in tools]})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        import torch

        told = [self._told(m) for m in messages]
        if self.tools:
            short = [t["function"] for t in self.tools]
            described = "\n".join(
                json.dumps(
                    {k: f[k] for k in ("name", "description")}
                    | {"arguments": list(f["parameters"].get("properties", {}))}
                )
                for f in short
            )
            if told and told[0]["role"] == "system":
                told[0]["content"] += f"\n{_INSTRUCTION}{described}"
            else:
                told.insert(0, {"role": "system", "content": _INSTRUCTION + described})
        inputs = self.tokenizer.apply_chat_template(
            told, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            out = self.network.generate(
                **inputs, max_new_tokens=self.max_new_tokens, do_sample=False
            )
        text = self.tokenizer.decode(
            out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True
        )
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text.strip()))])

    @staticmethod
    def _told(message: BaseMessage) -> dict[str, str]:
        """Write a message in the roles that every chat template knows."""
        if isinstance(message, ToolMessage):
            return {"role": "user", "content": f"Result of {message.name}: {message.text}"}
        if isinstance(message, AIMessage) and message.tool_calls:
            call = message.tool_calls[0]
            return {
                "role": "assistant",
                "content": json.dumps({"name": call["name"], "arguments": call["args"]}),
            }
        role = {"human": "user", "ai": "assistant"}.get(message.type, message.type)
        return {"role": role, "content": str(message.text)}
