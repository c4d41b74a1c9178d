"""The chat page as a person uses it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ANSWER_MS = 240_000
ROOT = Path(__file__).parents[2]


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
    page.goto(chat_url, timeout=ANSWER_MS)  # a busy machine is slow to load the models
    page.get_by_test_id("stChatInput").wait_for(timeout=ANSWER_MS)
    idle(page)
    yield page
    context.close()
    assert not foreign


def idle(page) -> None:
    """Wait until the page has drawn everything."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(
        timeout=ANSWER_MS
    )


def begin(page, question: str) -> None:
    """Type a question."""
    page.get_by_test_id("stChatInput").locator("textarea").fill(question)
    page.keyboard.press("Enter")


def ask(page, question: str):
    """Ask a question and wait for its whole answer."""
    session = parse_qs(urlsplit(page.url).query)["session"][0]
    turn = page.locator(".nulens-answer-end").count()
    begin(page, question)
    page.locator(f"#end-{session}-{turn}").first.wait_for(state="attached", timeout=ANSWER_MS)
    idle(page)
    return page.get_by_test_id("stChatMessage").last


def test_classify_shows_answer_and_figure(page):
    message = ask(page, "Classify events 0 to 9 with the CNN")
    text = message.inner_text()
    assert "10 events" in text
    assert re.search(r"(νe CC|νμ CC|NC)", text)
    message.locator(".js-plotly-plot").first.wait_for(timeout=90_000)
    assert message.locator(".js-plotly-plot").count() >= 1
    message.get_by_text("Steps", exact=False).first.click()
    message.get_by_text("classify_events").first.wait_for(timeout=60_000)


def test_reload_keeps_the_conversation(page):
    ask(page, "How many events are in this data set?")
    page.reload()
    page.get_by_text("How many events are in this data set?").first.wait_for(timeout=60_000)
    page.locator(".nulens-answer-end").first.wait_for(state="attached", timeout=60_000)
    assert "100" in page.get_by_test_id("stChatMessage").last.inner_text()


def test_reload_in_the_middle_loses_nothing(page):
    begin(page, "Classify events 20 to 29 with the CNN")
    page.get_by_role("button", name="Stop").wait_for(timeout=60_000)
    page.reload()
    page.locator(".nulens-answer-end").first.wait_for(state="attached", timeout=ANSWER_MS)
    idle(page)
    assert page.get_by_test_id("stChatMessage").count() == 2
    assert "10 events" in page.get_by_test_id("stChatMessage").last.inner_text()


def test_cited_documents_are_shown(page):
    message = ask(page, "What is the radiation length of liquid argon?")
    assert "14.0 cm" in message.inner_text()
    message.get_by_text("Sources (", exact=False).first.click()
    page.get_by_text("liquid-argon-properties", exact=False).first.wait_for(timeout=90_000)


def test_stopping_leaves_the_conversation_as_it_was(page):
    ask(page, "Show me event 7")
    begin(page, "Classify all events with the ViT")
    page.get_by_role("button", name="Stop").click(timeout=30_000)
    page.get_by_text("Stopped, and not kept").wait_for(timeout=60_000)
    idle(page)
    assert page.get_by_test_id("stChatMessage").count() == 2
    message = ask(page, "what does the CNN make of it?")
    assert "event 7" in message.inner_text()


def test_uploaded_events_have_conversations_of_their_own(page):
    ask(page, "Show me event 3")
    first = page.url
    page.get_by_text("Open other events").click()
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(
        ROOT / "classifier/data/sample-modular-pixel.h5"
    )
    page.get_by_text("sample-modular-pixel.h5\nmodular-pixel").wait_for(timeout=60_000)
    idle(page)
    assert page.url != first
    assert "2 views" in ask(page, "How many views does an event have?").inner_text()
    page.goto(first)
    page.get_by_text("sample-dune-fd-hd.h5").wait_for(timeout=60_000)
    page.get_by_test_id("stChatMessage").nth(1).wait_for(timeout=60_000)
    assert page.get_by_test_id("stChatMessage").count() == 2


def test_a_conversation_is_taken_away_as_a_script(page):
    ask(page, "Show me event 11")
    page.get_by_test_id("stPopover").get_by_role("button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="As Python script").click()
    script = Path(download.value.path()).read_text()
    assert "tools.display_event(events='11:12'" in script


def test_wrong_path_says_what_to_do(page):
    page.get_by_text("Open other events").click()
    box = page.get_by_test_id("stTextInputField").first
    box.fill("/nowhere/at/all")
    box.press("Enter")
    alert = page.get_by_test_id("stAlert").first
    alert.wait_for(timeout=60_000)
    assert "/nowhere/at/all" in alert.inner_text()
    assert "Traceback" not in page.content()


def test_damaged_upload_is_named_and_has_a_way_back(page, tmp_path):
    whole = (ROOT / "classifier/data/sample-modular-pixel.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    page.get_by_text("Open other events").click()
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(tmp_path / "cut.h5")
    alert = page.locator(".stMain").get_by_test_id("stAlert")
    alert.wait_for(timeout=60_000)
    assert alert.inner_text().startswith("cut.h5 is a truncated")
    page.locator(".stMain").get_by_role("button", name="Back to the sample").click()
    page.get_by_text("sample-dune-fd-hd.h5").wait_for(timeout=60_000)
    page.get_by_text("Explain the verdict on event 3").wait_for(timeout=60_000)
