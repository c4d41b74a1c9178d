"""Fit the intent model to labelled questions: ``python -m assistant.planner.fit_intents``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assistant.conversations import QUESTIONS, Turn, load_questions
from assistant.planner.corrections import without_lead
from assistant.planner.intent_model import (
    COEFFICIENTS,
    DECLINE,
    FIRST,
    LATER,
    STATISTICS,
    design,
    facts,
    without_numbers,
)
from assistant.planner.referents import with_event_nouns
from assistant.planner.slots import read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise
from knowledge.encoder import load_encoder
from knowledge.evaluation import questions as knowledge_questions

REQUESTS = Path(__file__).with_name("requests.txt")
"""Requests in many voices, under the name of the tool that each asks for.

Under ``# TOOL after OTHER ...`` are those that follow a call of another tool.
"""
_C = 2.0
_MANY = 1000
"""Events in the data sets of the questions, at most."""


class Example(NamedTuple):
    """A normalised request, the tool that was called before it, and the one that it asks for."""

    text: str
    before: str | None
    intent: str


def examples() -> list[Example]:
    """Return requests with their intent.

    They are the lines of `REQUESTS`, the turns of the tuned conversations, and questions to the
    documents.
    """
    found = [
        Example(q.question, None, "search_knowledge")
        for q in knowledge_questions()
        if q.half == "tuned"
    ]
    for conversation in load_questions(QUESTIONS / "tuned.jsonl"):
        before: str | None = None
        for number, turn in enumerate(conversation.turns):
            intent = _intent(turn, before)
            if intent and (before or number == 0):
                found.append(Example(turn.ask, before, intent))
            before = before if intent in (None, DECLINE) else intent.split()[0]
    intent = ""
    after: list[str | None] = [None]
    for line in REQUESTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            intent, _, said = line[2:].partition(" after ")
            after = [*said.split()] or [None]
        elif line:
            found += [Example(line, before, intent) for before in after]
    return list(dict.fromkeys(_told_apart(Example(_read(e), e.before, e.intent)) for e in found))


def _told_apart(example: Example) -> Example:
    """Write the statistic that is asked for behind the tool, where the words name one."""
    said = read_statistics(example.text)
    if example.intent != STATISTICS or not said:
        return example
    return example._replace(intent=f"{STATISTICS} {said[0]}")


def _intent(turn: Turn, before: str | None) -> str | None:
    """Return the tool that a turn of a conversation asks for last; None where it may be several."""
    if turn.abstain and not turn.tools:
        return DECLINE
    if turn.any_tool:
        return before if before in turn.any_tool else None
    tools = turn.tools or []
    if tools[-1:] == [STATISTICS] and "statistic" in turn.arguments:
        return f"{STATISTICS} {turn.arguments['statistic']}"
    return tools[-1] if tools and (before or len(set(tools)) == 1) else None


def _read(example: Example) -> str:
    text = normalise(example.text)
    return without_lead(text)[0] if example.before else with_event_nouns(text, _MANY)


def fit() -> int:
    """Fit and write the coefficients; return on how many requests."""
    from safetensors.numpy import save_file
    from sklearn.linear_model import LogisticRegression

    known = examples()
    vectors = load_encoder().encode([without_numbers(e.text) for e in known])
    named = [facts(e.text, read_slots(e.text, n=_MANY), e.before) for e in known]
    names = sorted(set().union(*named))
    rows, intents = design(vectors, named, names), np.array([e.intent for e in known])
    first = np.array([e.before is None for e in known])
    stored = {}
    # Requests that open a conversation are told apart by themselves; the few that follow others
    # lean on all of them.
    for kind, of in ((FIRST, first), (LATER, np.ones_like(first))):
        model = LogisticRegression(C=_C, max_iter=5000, class_weight="balanced")
        model.fit(rows[of], intents[of])
        stored[f"{kind}.weights"] = np.ascontiguousarray(model.coef_, dtype=np.float32)
        stored[f"{kind}.bias"] = np.ascontiguousarray(model.intercept_, dtype=np.float32)
    save_file(
        stored,
        COEFFICIENTS,
        metadata={
            "intents": json.dumps(model.classes_.tolist()),
            "facts": json.dumps(names),
        },
    )
    return len(known)


if __name__ == "__main__":
    print(f"Fitted to {fit()} requests.")
