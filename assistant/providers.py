"""Chat models by name: embedded, ollama:, openai: (and what speaks its protocol), huggingface:."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nulens.errors import ModelError, NuLensError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_TIMEOUT = 120.0
_NEW_TOKENS = 512


def chat_model(name: Any) -> BaseChatModel:
    """Return a chat model.

    Parameters
    ----------
    name : str or BaseChatModel
        ``embedded``; ``ollama:NAME``; ``openai:NAME``, at ``NULENS_OPENAI_URL`` if that is set and
        ``openai:NAME@URL`` for any compatible server; ``huggingface:FOLDER`` for a local model; or
        a LangChain chat model.

    Raises
    ------
    ModelError
        If the name is none of these, or what it needs is not installed.
    """
    if not isinstance(name, str):
        return _checked(name)
    kind, _, rest = name.partition(":")
    if kind == "embedded" and not rest:
        from assistant.planner.chat_model import EmbeddedChatModel

        return EmbeddedChatModel()
    if not rest or kind not in ("ollama", "openai", "huggingface"):
        raise ModelError(
            f"There is no chat model '{name}'.",
            "Choose embedded, ollama:NAME, openai:NAME, openai:NAME@URL or huggingface:FOLDER.",
        )
    return {"ollama": _ollama, "openai": _openai, "huggingface": _huggingface}[kind](rest)


def _checked(model: Any) -> BaseChatModel:
    from langchain_core.language_models import BaseChatModel

    if not isinstance(model, BaseChatModel):
        raise ModelError(
            f"{type(model).__name__} is no chat model.",
            "Give a name such as 'embedded', or a LangChain chat model.",
        )
    return model


def _ollama(name: str) -> BaseChatModel:
    try:
        from langchain_ollama import ChatOllama
    except ImportError:
        raise _missing("langchain-ollama") from None
    name, _, url = name.partition("@")
    return ChatOllama(
        model=name, temperature=0, base_url=url or os.environ.get("OLLAMA_HOST") or None
    )


def _openai(name: str) -> BaseChatModel:
    try:
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr
    except ImportError:
        raise _missing("langchain-openai") from None
    name, _, url = name.partition("@")
    url = url or os.environ.get("NULENS_OPENAI_URL") or os.environ.get("OPENAI_BASE_URL") or ""
    key = os.environ.get("OPENAI_API_KEY") or ("unused" if url else "")
    if not key:
        raise ModelError(
            "The chat model needs a key: OPENAI_API_KEY is not set.",
            "Set it, name a server as openai:NAME@URL, or use the embedded model.",
        )
    options: dict[str, Any] = {"base_url": url} if url else {}
    return ChatOpenAI(
        model=name,
        api_key=SecretStr(key),
        temperature=0,
        timeout=_TIMEOUT,
        max_retries=1,
        **options,
    )


def _missing(package: str) -> ModelError:
    return ModelError(
        f"{package} is not installed.", "Install it with: pip install 'nulens[servers]'."
    )


def _huggingface(folder: str) -> BaseChatModel:
    from assistant.local_model import LocalChatModel

    return LocalChatModel.load(folder, max_new_tokens=_NEW_TOKENS)


def model_label(name: Any) -> str:
    """Return what a chat model is called where it is shown; no key or address in it."""
    if isinstance(name, str):
        return name.partition("@")[0]
    return str(
        getattr(name, "model_name", None) or getattr(name, "model", None) or type(name).__name__
    )


def explain_failure(error: Exception) -> NuLensError:
    """Put a failure of a chat model into one sentence and what to do."""
    if isinstance(error, NuLensError):
        return error
    kind = type(error).__name__
    text = " ".join(str(error).split())[:200]
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        return ModelError(
            "The chat model's server refuses the key.",
            "Check OPENAI_API_KEY, or use the embedded model.",
        )
    if status == 404:
        return ModelError(
            f"The chat model's server does not have that model ({text}).",
            "Check the name of the model.",
        )
    if status == 429:
        return ModelError(
            "The chat model's server is at its limit.", "Wait a little, or use the embedded model."
        )
    if "Timeout" in kind:
        return ModelError(
            "The chat model's server does not answer in time.",
            "Try again, or use the embedded model.",
        )
    if isinstance(error, ConnectionError) or "Connect" in kind or kind == "RemoteProtocolError":
        return ModelError(
            "The chat model's server cannot be reached.",
            "Start it, check its address, or use the embedded model.",
        )
    return ModelError(
        f"The chat model failed ({kind}: {text}).", "Try again, or use the embedded model."
    )
