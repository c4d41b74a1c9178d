"""Take the picture of the chat page that the README shows: ``python docs/take_picture.py``.

A real conversation on the bundled sample, in a real Chromium; needs ``pip install '.[test]'``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).with_name("chat.png")
FIRST = "Classify events 0 to 4 with the VLM"  # loads what the questions of the picture need
QUESTIONS = ["Explain the verdict on event 3", "How can a LArTPC tell an electron from a photon?"]
WIDTH = 1400
PATIENCE_MS = 300_000


def main() -> None:
    """Hold the conversation and write the picture."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "assistant", "chat", "--headless", "--port", str(port)]
        server = subprocess.Popen(command, env=os.environ | {"NULENS_DATA_DIR": data})
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health")
            _photograph(f"http://localhost:{port}")
        finally:
            server.terminate()
            server.wait()


def _wait_for(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=1).read()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("The page did not start.")


def _photograph(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser")
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        _ask(page, FIRST, 0)
        page.get_by_role("button", name="New conversation").click()
        page.get_by_text("Ask about these events").wait_for()
        for number, question in enumerate(QUESTIONS):
            _ask(page, question, number)
        height = page.locator(".stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.wait_for_timeout(5000)  # the figures are drawn anew
        page.screenshot(path=PICTURE)
        browser.close()


def _ask(page: Page, question: str, number: int) -> None:
    """Ask the question of that number in its conversation and wait for the whole answer."""
    _idle(page)
    page.get_by_test_id("stChatInput").locator("textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".nulens-answer-end").nth(number).wait_for(state="attached")
    _idle(page)


def _idle(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


if __name__ == "__main__":
    main()
