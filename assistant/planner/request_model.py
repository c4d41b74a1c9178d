"""What a request asks for, as a network reads it: all-MiniLM-L6-v2 with its upper layers tuned.

The rules of the planner read events, cuts, classes and numbers exactly; which tool a sentence is
for, they tell by words, and fail where nobody thought of the words. This model was tuned to some
ten thousand requests in many voices (`assistant.planner.fit_requests`), each with the question
before it. It says which tool and statistic is asked for, by what a statistic is to be split, and
whether a later question changes the one before or goes on from its result.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.planner.dialogue import Dialogue
from nulens.errors import NuLensError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WEIGHTS = Path(__file__).with_name("request_model.safetensors")
TOOLS = (
    "describe_dataset", "select_events", "classify_events", "compare_classifiers", "explain_event",
    "display_event", "find_similar_events", "probe_event", "search_knowledge",
    "particle_properties",
)  # fmt: skip
STATISTICS = (
    "count", "mean", "histogram", "accuracy", "efficiency", "purity", "confusion_matrix", "roc",
    "calibration", "corrected_counts", "worst_mistakes", "least_sure",
)  # fmt: skip
_AGGREGATE = "aggregate_statistics"
LABELS = (*TOOLS, *(f"{_AGGREGATE}:{s}" for s in STATISTICS), "decline", "ask_back")
SPLITS = ("none", "truth", "label", "mode", "energy", "other")
SCOPES = ("new", "last", "same")
"""A request of its own; about the events that were found last; the last request, changed."""
SCALE = 10.0
"""Length of the sentence vector that the heads were tuned on."""
WORDS_BEFORE = 45
"""Words of the question before that are read."""


class Reading(NamedTuple):
    """What a request is taken for, and how sure that is (probabilities)."""

    tool: str
    statistic: str | None
    certainty: float
    split: str
    split_certainty: float
    scope: str


def read_request(dialogue: Dialogue) -> Reading | None:
    """Read the last message of a conversation; None where the base model is not the fetched one."""
    return _read(as_input(dialogue))


def as_input(dialogue: Dialogue) -> str:
    """Return a request as the model reads it: with the question before, and what that came to."""
    if len(dialogue.turns) < 2:
        return dialogue.current.question
    before = dialogue.turns[-2]
    labels = [str(c.arguments.get("statistic", c.tool)) for c in before.calls]
    return joined(" ".join(labels) or "none", before.question, dialogue.current.question)


def joined(labels: str, before: str, question: str) -> str:
    """Join a request with the question before it, of which tools or statistics came."""
    said = " ".join(f"after {labels}: {before}".split()[:WORDS_BEFORE])
    return f"{said} >> {question}"


@lru_cache(maxsize=64)
def _read(text: str) -> Reading | None:
    if (loaded := _load()) is None:
        return None
    encoder, heads = loaded
    vector = SCALE * encoder.encode([text])[0]
    p, split, scope = (_softmax(vector, heads, name) for name in ("first", "by", "scope"))
    tool, _, statistic = LABELS[int(p.argmax())].partition(":")
    return Reading(
        tool,
        statistic or None,
        float(p.max()),
        SPLITS[int(split.argmax())],
        float(split.max()),
        SCOPES[int(scope.argmax())],
    )


def _softmax(
    vector: npt.NDArray[np.float32], heads: dict[str, Any], name: str
) -> npt.NDArray[np.float32]:
    import numpy as np

    scores = heads[f"{name}.weight"].astype(np.float32) @ vector + heads[f"{name}.bias"]
    p: npt.NDArray[np.float32] = np.exp(scores - scores.max())
    return p / p.sum()


@lru_cache(maxsize=1)
def _load() -> tuple[Any, dict[str, Any]] | None:
    from safetensors.numpy import load_file

    from knowledge.encoder import MiniLM
    from nulens.base_models import BASE_MODELS, base_model

    if os.environ.get(BASE_MODELS["minilm"].setting):
        return None  # the tuned layers are no part of another model
    try:
        folder = base_model("minilm")
    except NuLensError:
        return None
    stored = load_file(WEIGHTS)
    tuned = {k: v for k, v in stored.items() if k.startswith("encoder.")}
    return MiniLM(folder, tuned), {k: v for k, v in stored.items() if k not in tuned}
