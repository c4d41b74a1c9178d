"""``nulens chat``: the page, in the browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from assistant.commands.console import data_option


@click.command(epilog="Example: nulens chat --data events.h5 --port 8501")
@data_option
@click.option("--chat-model", default="embedded", show_default=True, help="As for `nulens ask`.")
@click.option("--port", default=8501, show_default=True, help="Port of the page.")
@click.option("--headless", is_flag=True, help="Serve the page without opening a browser.")
def chat(data: str | None, chat_model: str, port: int, headless: bool) -> None:
    """Open the chat page; without --data, on the bundled sample."""
    page = Path(__file__).parents[2] / "ui" / "chat.py"
    command = [sys.executable, "-m", "streamlit", "run", str(page), f"--server.port={port}"]
    command += [f"--server.headless={str(headless).lower()}"]
    command += ["--", f"--chat-model={chat_model}"]
    if data:
        command += [f"--data={Path(data).resolve()}"]
    os.execv(command[0], command)  # signals and the exit status are the server's own
