"""Fit the intent model to labelled questions: ``python -m assistant.planner.fit_intents``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from assistant.conversations import QUESTIONS, load_questions
from assistant.planner.intent_model import COEFFICIENTS, DECLINE, design, facts, without_numbers
from assistant.planner.referents import with_event_nouns
from assistant.planner.slots import read_slots
from assistant.planner.text import normalise
from knowledge.encoder import load_encoder
from knowledge.evaluation import questions as knowledge_questions

REQUESTS = Path(__file__).with_name("requests.txt")
"""Requests in many voices, under the name of the tool that each asks for."""
_C = 2.0
_MANY = 1000
"""Events in the data sets of the questions, at most."""


def examples() -> dict[str, str]:
    """Return normalised questions with their intent.

    They are the lines of `REQUESTS`, how tuned conversations begin, and questions to the documents.
    """
    found = {q.question: "search_knowledge" for q in knowledge_questions() if q.half == "tuned"}
    for conversation in load_questions(QUESTIONS / "tuned.jsonl"):
        turn = conversation.turns[0]
        if turn.abstain:
            found[turn.ask] = DECLINE
        elif turn.tools and len(set(turn.tools)) == 1:
            found[turn.ask] = turn.tools[0]
    intent = ""
    for line in REQUESTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            intent = line[2:]
        elif line:
            found[line] = intent
    return {with_event_nouns(normalise(q), _MANY): intent for q, intent in found.items()}


def fit() -> int:
    """Fit and write the coefficients; return on how many questions."""
    from safetensors.numpy import save_file
    from sklearn.linear_model import LogisticRegression

    known = examples()
    vectors = load_encoder().encode([without_numbers(text) for text in known])
    named = [facts(text, read_slots(text, n=_MANY)) for text in known]
    names = sorted(set().union(*named))
    model = LogisticRegression(C=_C, max_iter=5000, class_weight="balanced")
    model.fit(design(vectors, named, names), list(known.values()))
    save_file(
        {
            "weights": np.ascontiguousarray(model.coef_, dtype=np.float32),
            "bias": np.ascontiguousarray(model.intercept_, dtype=np.float32),
        },
        COEFFICIENTS,
        metadata={
            "intents": json.dumps(model.classes_.tolist()),
            "facts": json.dumps(names),
        },
    )
    return len(known)


if __name__ == "__main__":
    print(f"Fitted to {fit()} questions.")
