"""Which events the page is about: the conversation's own, a path, an upload, or the sample."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.sample import sample_path
from assistant.session import SessionInfo
from nulens.paths import data_dir
from ui import conversations

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_PATH, _UPLOAD = "path of events", "uploaded events"


def chosen(kept: SessionInfo | None, default: str | None) -> str | None:
    """Return the path of the events to open; None for the bundled sample.

    A kept conversation is about the events that it was held on, whatever was opened since.
    """
    data: str | None = st.session_state.get("data", default)
    if kept is not None:
        data = None if Path(kept.data) == sample_path() else kept.data
    st.session_state["data"] = data  # a new conversation is about the same events
    return data


def describe(assistant: Assistant) -> None:
    """Say what is opened."""
    events = assistant.events
    views = ", ".join(view.name for view in events.geometry.views)
    st.markdown(f"**{len(events)} events**")
    st.caption(
        f"{Path(events.source).name}  \n{events.geometry.name}, views {views}  \n"
        f"chat model {assistant.chat_model_name}"
    )


def choose(data: str | None, default: str | None) -> None:
    """Let the user open other events, in a conversation of their own."""
    with st.expander("Open other events", icon=":material/folder_open:"):
        st.text_input(
            "File or folder on this machine",
            value=data or "",
            key=f"{_PATH}-{data}",
            placeholder="the bundled sample",
            help="A NuLens HDF5 file, or a folder of DUNE CVN maps.",
            on_change=_open_path,
            args=(f"{_PATH}-{data}",),
        )
        st.file_uploader(
            "Or upload NuLens HDF5", type=["h5", "hdf5"], key=_UPLOAD, on_change=_open_upload
        )
        if data != default:
            back("from-sidebar", default)


def back(key: str, default: str | None) -> None:
    """Draw a button that opens the events which the page was started with."""
    name = "the sample" if default is None else Path(default).name
    st.button(f"Back to {name}", key=key, on_click=_open, args=(default,))


def told(what: str, data: str | None) -> str:
    """Return what is said of a file, an upload by its own name rather than by where it is kept."""
    if data and Path(data).is_relative_to(data_dir() / "uploads"):
        return what.replace(data, Path(data).name)
    return what


def _open(path: str | None) -> None:
    st.session_state["data"] = path
    conversations.begin()


def _open_path(key: str) -> None:
    _open(str(st.session_state[key]).strip() or None)


def _open_upload() -> None:
    upload = st.session_state[_UPLOAD]
    if upload is None:
        return
    content = upload.getbuffer()
    # The same file twice is one data set; its own name is what the user knows it by.
    folder = data_dir() / "uploads" / hashlib.sha256(content).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / re.sub(r"[^\w.-]+", "_", Path(upload.name).name)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content)
    temporary.replace(path)
    _open(str(path))
