"""Which tool a question sounds like: a linear model fitted to examples.

It looks at the sentence vector of the question, at what the question names (events, a classifier, a
cut, ...), at which words of the tools occur in it and at which tool was called before. It adds to
what the rules of `assistant.planner.intents` say, where they are of two minds or have no opinion.
``python -m assistant.planner.fit_intents`` fits it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.planner.intent_words import WEIGHTS
from assistant.planner.statistic import read_statistics
from nulens.errors import NuLensError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from assistant.planner.slots import Slots

COEFFICIENTS = Path(__file__).with_name("intents.safetensors")
DECLINE = "decline"
"""The intent of questions that are none of the tools' business."""
FIRST, LATER = "first", "later"
"""The models of requests that open a conversation and of those that follow a call of a tool."""
STATISTICS = "aggregate_statistics"
"""The tool whose statistics are told apart: "aggregate_statistics accuracy" is an intent."""
WEIGHTS_OF = {FIRST: 6.0, LATER: 3.0}
"""Points of a rule that one unit of log probability is worth."""
_NEUTRAL = 2.0
"""Nats below certainty at which an intent neither gains nor loses."""
_FLOOR = -2.0
_LIKELY = 0.5
_FEWEST_WORDS = 2
_VECTOR, _INDICATOR = 3.0, 0.5
"""Scale of the sentence vector and of a fact beside it."""


def without_numbers(text: str) -> str:
    """Return a normalised text with all numbers and lists of numbers made the same."""
    text = re.sub(r"\d+(?:\.\d+)?", "7", text)
    return re.sub(r"7(?:[ ,]+(?:and )?7)+", "7", text)


def facts(text: str, slots: Slots, before: str | None = None) -> set[str]:
    """Return what a normalised text names, which words of the tools it has, and what it follows.

    Parameters
    ----------
    text : str
    slots : Slots
        What was read in the text.
    before : str or None
        The tool that was called last before the text was said.
    """
    named = {
        "event": slots.single is not None,
        "events": bool(slots.events) and slots.single is None,
        "number": bool(slots.bare),
        "it": slots.it,
        "them": slots.them,
        "selection": bool(slots.names or slots.expression),
        "cut": bool(slots.cuts.filters),
        "threshold": slots.cuts.threshold is not None,
        "class": bool(slots.classes),
        "true class": any(c.role == "true" for c in slots.classes),
        "predicted class": any(c.role == "predicted" for c in slots.classes),
        "view": bool(slots.views),
        "quantity": bool(slots.columns),
        "how many": slots.top is not None,
        "particle": bool(slots.particle),
        "classifier": len(slots.models) == 1,
        "classifiers": len(slots.models) > 1,
    }
    found = {name for name, holds in named.items() if holds} | set(read_statistics(text))
    for tool, patterns in WEIGHTS.items():
        found |= {f"{tool} {i}" for i, (_, p) in enumerate(patterns) if re.search(p, text)}
    return found | ({"follow-up", f"after {before}"} if before else set())


def design(
    vectors: npt.NDArray[np.float32], known: list[set[str]], names: list[str]
) -> npt.NDArray[np.float32]:
    """Return what the linear model is applied to, one row a question.

    Parameters
    ----------
    vectors : ndarray
        Sentence vectors, of shape (n, width).
    known : list of set of str
        What each question names (`facts`).
    names : list of str
        The facts that the model knows, in the order of its columns.
    """
    import numpy as np

    holds = np.array([[name in each for name in names] for each in known], dtype=np.float32)
    return np.hstack([_VECTOR * vectors, _INDICATOR * holds]).astype(np.float32)


def intent_points(text: str, slots: Slots, before: str | None) -> dict[str, float]:
    """Return what each tool gains or loses by how the question sounds, and by what it follows.

    Empty for first questions of one word, and where the sentence encoder is not installed.
    """
    import numpy as np

    found: dict[str, float] = {}
    for intent, p in _probabilities(text, slots, before).items():
        tool = intent.split()[0]
        found[tool] = found.get(tool, 0.0) + p
    weight = WEIGHTS_OF[LATER if before else FIRST]
    points = (np.log(p + 1e-9) - np.log(max(found.values())) + _NEUTRAL for p in found.values())
    return {
        tool: float(weight * np.clip(each, _FLOOR, _NEUTRAL))
        for tool, each in zip(found, points, strict=True)
    }


def likely_statistic(text: str, slots: Slots, before: str | None) -> str | None:
    """Return the statistic that a question sounds like, if it sounds like one more than not."""
    found = _probabilities(text, slots, before)
    best = max(found, key=lambda intent: found[intent], default="")
    tool, _, statistic = best.partition(" ")
    return statistic if tool == STATISTICS and statistic and found[best] > _LIKELY else None


@lru_cache(maxsize=64)
def _vector(text: str) -> npt.NDArray[np.float32]:
    loaded = _load()
    assert loaded is not None
    return loaded[0].encode([without_numbers(text)])


def _probabilities(text: str, slots: Slots, before: str | None) -> dict[str, float]:
    """Return the probability of each intent; {} where there is too little to go by."""
    if (before is None and len(text.split()) < _FEWEST_WORDS) or (loaded := _load()) is None:
        return {}
    import numpy as np

    stored = loaded[1]
    weights, bias = stored.models[LATER if before else FIRST]
    row = design(_vector(text), [facts(text, slots, before)], stored.facts)[0]
    scores = row @ weights.T + bias
    p = np.exp(scores - scores.max())
    return dict(zip(stored.intents, (p / p.sum()).tolist(), strict=True))


class _Stored(NamedTuple):
    """The fitted coefficients with the names of their rows and of the facts."""

    intents: list[str]
    facts: list[str]
    models: dict[str, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]


@lru_cache(maxsize=1)
def _load() -> tuple[Any, _Stored] | None:
    import json

    from safetensors import safe_open

    from knowledge.encoder import load_encoder

    try:
        encoder = load_encoder()
    except NuLensError:
        return None
    with safe_open(COEFFICIENTS, "numpy") as file:
        said, both = file.metadata(), (FIRST, LATER)
        return encoder, _Stored(
            json.loads(said["intents"]),
            json.loads(said["facts"]),
            {k: (file.get_tensor(f"{k}.weights"), file.get_tensor(f"{k}.bias")) for k in both},
        )
