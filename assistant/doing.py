"""What is being done while an answer comes, in words for whoever waits for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from assistant.agent import Planned, Working
from assistant.answer import Step

if TYPE_CHECKING:
    from assistant.tools.context import Workspace

DOING = {
    "describe_dataset": "Looking at the data set",
    "select_events": "Selecting events",
    "classify_events": "Classifying events",
    "compare_classifiers": "Comparing classifiers",
    "aggregate_statistics": "Computing statistics",
    "explain_event": "Explaining the verdict",
    "display_event": "Drawing events",
    "find_similar_events": "Looking for similar events",
    "probe_event": "Changing the event and classifying it again",
    "search_knowledge": "Searching the documents",
    "particle_properties": "Looking up the particle",
}
_MEASURABLE = 5.0
"""Seconds of work after which its speed tells how much longer it takes."""
_SURPRISING = 8.0
"""Seconds after which whoever waits asks why; the first use of a tool loads and compiles."""
_used: set[str] = set()


class Doing:
    """Sees the parts of an answer as they come; as a string, it says what is being done now."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._started = self._since = time.monotonic()
        self._tool = ""
        self._what = "Reading the question"
        self._begun: tuple[float, int] | None = None
        self._far = ""

    def see(self, part: object) -> None:
        """Note a part of `Assistant.stream`."""
        if isinstance(part, Planned):
            self._tool, self._since = part.tool, time.monotonic()
            self._what, self._begun, self._far = DOING.get(part.tool, part.tool), None, ""
        elif isinstance(part, Step):
            self._tool, self._since = "", time.monotonic()
            self._what, self._far = "Reading the result", ""
            _used.add(part.tool)
        elif isinstance(part, Working):
            now = time.monotonic()
            self._begun = self._begun or (now, part.done)
            seconds, n = now - self._begun[0], part.done - self._begun[1]
            self._far = f": {part.done} of {part.total}" if part.total > 1 else ""
            if self._far and n > 0 and seconds >= _MEASURABLE:
                self._far += f", about {_span(seconds / n * (part.total - part.done))} left"

    def __str__(self) -> str:
        now = time.monotonic()
        what = f"{self._what}{self._far}"
        if loading := self._workspace.loading:
            what = f"Loading the {loading}, which only the first question waits for"
        elif self._tool not in _used and not self._far and now - self._since > _SURPRISING:
            what += ", which takes longer the first time"
        return f"{what} … {_span(now - self._started)}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
