"""The chat page as a person uses it."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ANSWER_MS = 240_000


@pytest.fixture
def page(chromium, chat_url):
    """An open page, which fails on a request that leaves this machine."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    foreign = []
    page.on(
        "request",
        lambda r: (
            foreign.append(r.url)
            if not re.match(r"(https?|wss?)://localhost|data:|blob:", r.url)
            else None
        ),
    )
    page.goto(chat_url)
    page.get_by_test_id("stChatInput").wait_for(timeout=60_000)
    yield page
    context.close()
    assert not foreign


def ask(page, question: str):
    """Type a question and wait for its whole answer."""
    before = page.locator(".nulens-answer-end").count()
    page.get_by_test_id("stChatInput").locator("textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".nulens-answer-end").nth(before).wait_for(state="attached", timeout=ANSWER_MS)
    return page.get_by_test_id("stChatMessage").last


def test_classify_shows_answer_and_figure(page):
    message = ask(page, "Classify events 0 to 9 with the CNN")
    text = message.inner_text()
    assert "10 events" in text
    assert re.search(r"(νe CC|νμ CC|NC)", text)
    message.locator(".js-plotly-plot").first.wait_for(timeout=30_000)
    assert message.locator(".js-plotly-plot").count() >= 1
    message.get_by_text("Steps", exact=False).first.click()
    assert "classify_events" in message.inner_text()
