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

    def note(request) -> None:
        if not re.match(r"((https?|wss?)://localhost|data:|blob:)", request.url):
            foreign.append(request.url)

    page.on("request", note)
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
    message.locator(".js-plotly-plot").first.wait_for(timeout=90_000)
    assert message.locator(".js-plotly-plot").count() >= 1
    message.get_by_text("Steps", exact=False).first.click()
    assert "classify_events" in message.inner_text()


def test_reload_keeps_the_conversation(page):
    ask(page, "How many events are in this data set?")
    page.reload()
    page.get_by_text("How many events are in this data set?").first.wait_for(timeout=60_000)
    page.locator(".nulens-answer-end").first.wait_for(state="attached", timeout=60_000)
    assert "100" in page.get_by_test_id("stChatMessage").last.inner_text()


def test_cited_documents_are_shown(page):
    message = ask(page, "What is the radiation length of liquid argon?")
    assert "14.0 cm" in message.inner_text()
    message.get_by_text("Sources (", exact=False).first.click()
    page.get_by_text("liquid-argon-properties", exact=False).first.wait_for(timeout=90_000)


def test_wrong_path_says_what_to_do(page):
    box = page.get_by_test_id("stSidebar").locator("input").first
    box.fill("/nowhere/at/all")
    box.press("Enter")
    alert = page.get_by_test_id("stAlert").first
    alert.wait_for(timeout=60_000)
    assert "/nowhere/at/all" in alert.inner_text()
    assert "Traceback" not in page.content()
