from __future__ import annotations

import threading
from typing import Any

from assistant.assistant import Assistant


def test_no_conversation_waits_for_the_classification_of_another(assistant: Assistant) -> None:
    workspace, events = assistant.workspace, assistant.events
    begun, go_on = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        begun.set()
        assert go_on.wait(60)

    found: dict[str, Any] = {}

    def classify() -> None:
        found["long"] = workspace.predictions("vit", events, progress=hold)

    thread = threading.Thread(target=classify)
    thread.start()
    assert begun.wait(60)
    quick = threading.Thread(
        target=lambda: found.update(
            same=workspace.predictions("vit", events[:3]),
            other=workspace.predictions("cnn", events[:2]),
            topology=workspace.topology(events[:1]),
        )
    )
    quick.start()
    quick.join(60)
    waited = quick.is_alive()
    go_on.set()
    thread.join()
    quick.join()
    assert not waited
    assert (found["long"].probabilities[:3] == found["same"].probabilities).all()
