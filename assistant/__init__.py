"""The conversation: the only room that knows both the classifiers and the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.toolbox import Toolbox

__all__ = ["Assistant", "Toolbox"]


def __getattr__(name: str) -> Any:
    # The command imports this package for its help, which must not wait for LangChain.
    if name == "Assistant":
        from assistant.assistant import Assistant

        return Assistant
    if name == "Toolbox":
        from assistant.toolbox import Toolbox

        return Toolbox
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
