"""Conversations that judge the assistant: what is asked, and what each answer must show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer, Step
from nulens.errors import FormatError

if TYPE_CHECKING:
    from classifier.events import EventSet

QUESTIONS = Path(__file__).with_name("questions")
"""The shipped conversations: ``tuned.jsonl`` was looked at in building, ``unseen.jsonl`` not."""
SAMPLE = "sample"
"""The name by which a conversation calls the bundled sample."""


@dataclass(frozen=True)
class Turn:
    """A question and what its answer must show; None where nothing is asked of that."""

    ask: str
    tools: list[str] | None = None
    any_tool: list[str] | None = None
    indices: str | list[int] | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    contains: list[str] = field(default_factory=list)
    abstain: bool | None = None
    refused: bool | None = None


@dataclass(frozen=True)
class Conversation:
    """Turns asked in order in one session on one data set."""

    id: str
    data: str
    turns: list[Turn]

    @property
    def kind(self) -> str:
        """``single-turn``, ``multi-turn`` or ``declined``."""
        if any(t.abstain or t.refused for t in self.turns):
            return "declined"
        return "single-turn" if len(self.turns) == 1 else "multi-turn"

    @property
    def tool(self) -> str:
        """The tool that the first turn is about, or ``none``."""
        return next((named[0] for t in self.turns if (named := t.tools or t.any_tool)), "none")


def load_questions(path: str | PathLike[str]) -> list[Conversation]:
    """Read conversations, one JSON object a line.

    Raises
    ------
    FormatError
        If a line is no such conversation.
    """
    found = []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            turns = [Turn(**t) for t in plain["turns"]]
            found.append(Conversation(plain["id"], plain.get("data", ""), turns))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(path, f"line {number} is no conversation ({error})") from None
    return found


def check_turn(turn: Turn, answer: Answer, events: EventSet) -> list[str]:
    """Return what an answer lacks; empty where the turn passes.

    Parameters
    ----------
    turn : Turn
    answer : Answer
    events : EventSet
        All events of the data set, on which ranges and cuts are resolved.
    """
    failures: list[str] = []
    called = [s.tool for s in answer.steps]
    named = list(answer.steps)
    if turn.tools is not None:
        if turn.tools:
            rest = iter(called)
            if not all(any(tool == c for c in rest) for tool in turn.tools):
                failures.append(f"tools {called}, not {turn.tools}")
            named = [s for s in answer.steps if s.tool in turn.tools]
        elif any(c != "search_knowledge" for c in called):
            failures.append(f"tools {called}, not none")
    if turn.any_tool is not None:
        # Several tools answer such a question equally well.
        named = [s for s in answer.steps if s.tool in turn.any_tool]
        if not named:
            failures.append(f"tools {called}, none of {turn.any_tool}")
    if turn.indices is not None:
        wanted = set(expected_indices(turn.indices, events))
        if not any(s.indices is not None and set(s.indices) == wanted for s in named):
            got = [None if s.indices is None else len(s.indices) for s in named]
            failures.append(f"indices of {got} events, not the {len(wanted)} of {turn.indices}")
    for name, value in turn.arguments.items():
        if not any(_same(s, name, value) for s in named):
            failures.append(f"{name} {[s.arguments.get(name) for s in named]}, not {value}")
    failures += [f"text lacks {p}" for p in turn.contains if not re.search(p, answer.text)]
    if turn.abstain is not None and answer.abstained != turn.abstain:
        failures.append(f"abstained is {answer.abstained}")
    if turn.refused is not None and refuses(answer) != turn.refused:
        failures.append(f"refused is {not turn.refused}, tools {called}")
    if answer.unsupported:
        failures.append(f"unsupported {answer.unsupported}")
    return failures


def refuses(answer: Answer) -> bool:
    """Say whether an answer holds no result: it declines, asks back, or tells what is wrong.

    Reading the documents is no result; a tool that failed gives none.
    """
    return all(s.tool == "search_knowledge" or "error" in s.result for s in answer.steps)


def _same(step: Step, name: str, value: Any) -> bool:
    given = step.arguments.get(name)
    if isinstance(value, list):
        return isinstance(given, list) and set(map(str, given)) == set(map(str, value))
    return bool(given == value)


def expected_indices(spec: str | list[int], events: EventSet) -> list[int]:
    """Resolve a half-open range, a list or a cut to event indices."""
    if isinstance(spec, list):
        return spec
    if found := re.fullmatch(r"(-?\d*):(-?\d*)", spec.strip()):
        start, stop = (int(g) if g else None for g in found.groups())
        return list(range(len(events)))[start:stop]
    from classifier.selection import select

    return [int(i) for i in select(events, spec).indices]
