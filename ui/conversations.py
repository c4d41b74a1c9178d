"""The conversations of the page: listed, resumed, renamed, taken away, deleted."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import streamlit as st

from assistant.export import Kind, export_session
from assistant.session import SessionInfo, kept_sessions
from ui.answering import under_way

_LISTED = 30


def current() -> str:
    """Return the name of the conversation, which a reload, a bookmark or a second tab finds."""
    name = st.query_params.get("session")
    if not name:
        begin()
        name = st.query_params["session"]
    return name


def begin() -> None:
    """Begin another conversation."""
    _go(f"chat-{uuid.uuid4().hex[:8]}")


def listed(session: str) -> None:
    """Draw the list of conversations, and what can be done with the present one."""
    st.button("New conversation", icon=":material/add:", width="stretch", on_click=begin)
    for info in kept_sessions().sessions()[:_LISTED]:
        if info.name == session:
            with st.popover(f"**{info.title}**", width="stretch"):
                _manage(info)
        else:
            st.button(
                info.title,
                key=f"open-{info.name}",
                width="stretch",
                on_click=_go,
                args=(info.name,),
            )


def _manage(info: SessionInfo) -> None:
    key = f"title-{info.name}"
    st.text_input("Title", value=info.title, key=key, on_change=_rename, args=(info.name, key))
    st.download_button(
        "As Python script", lambda: _exported(info.name, "script"), f"{info.name}.py",
        icon=":material/code:", width="stretch", on_click="ignore",
    )  # fmt: skip
    st.download_button(
        "As page with figures", lambda: _exported(info.name, "html"), f"{info.name}.html",
        icon=":material/article:", width="stretch", on_click="ignore",
    )  # fmt: skip
    st.button(
        "Delete", icon=":material/delete:", width="stretch", on_click=_delete, args=(info.name,)
    )


def _go(name: str) -> None:
    st.query_params["session"] = name


def _rename(name: str, key: str) -> None:
    if title := str(st.session_state[key]).strip():
        kept_sessions().rename(name, title)


def _delete(name: str) -> None:
    if running := under_way(name):
        running.stop()
    kept_sessions().delete(name)
    begin()


def _exported(name: str, kind: Kind) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return export_session(name, Path(folder) / "conversation", kind).read_bytes()
