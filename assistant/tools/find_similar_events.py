"""Events that a classifier's encoder sees as alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from assistant.answer import Table
from assistant.tools.base import Arguments, Events, ModelName, Outcome, Result
from assistant.tools.context import ToolContext
from assistant.tools.embeddings import EmbeddingIndex
from assistant.tools.figures import as_json
from assistant.tools.wording import counts_in_words, listed, model_name, plain, symbol


class FindSimilarEvents(Arguments):
    """Find the events that look most like one event, by the classifier's own features."""

    events: str = Events
    model: str = ModelName
    k: int = Field(default=5, ge=1, le=100, description="How many to find.")
    among: str = Field(default="all", description="Cut string of the events to search among.")


class Neighbour(BaseModel):
    """One similar event; similarity is the cosine of the feature vectors."""

    event: int
    similarity: float
    truth: str | None
    energy_gev: float | None


class Similar(Result):
    """The most similar events, best first."""

    event: int
    truth: str | None
    model: str
    n_searched: int
    neighbours: list[Neighbour]
    class_counts: dict[str, int]


def run(context: ToolContext, arguments: FindSimilarEvents) -> Outcome:
    """Search the feature vectors for the nearest neighbours of one event."""
    from classifier.display import event_display

    query, first_of_several = context.one(arguments.events, arguments.model)
    own = int(query.indices[0])
    among = context.resolve(arguments.among, arguments.model)
    index = EmbeddingIndex(context, arguments.model)
    found = index.nearest(own, among, arguments.k)
    table = context.events.table
    neighbours = [
        Neighbour(
            event=i,
            similarity=s,
            truth=_text(table["truth"].loc[i]),
            energy_gev=plain(float(table["energy"].loc[i])),
        )
        for i, s in found
    ]
    counts: dict[str, int] = {}
    for n in neighbours:
        if n.truth:
            counts[n.truth] = counts.get(n.truth, 0) + 1
    result = Similar(
        event=own,
        truth=_text(table["truth"].loc[own]),
        model=arguments.model,
        n_searched=len(among),
        neighbours=neighbours,
        class_counts=counts,
    )
    shown = [own] + [n.event for n in neighbours[:3]]
    figures = [as_json(event_display(context.events[i], title=f"Event {i}")) for i in shown]
    rows: list[list[Any]] = [
        [n.event, n.similarity, symbol(n.truth), n.energy_gev] for n in neighbours
    ]
    return Outcome(
        result=result,
        summary=first_of_several + _summary(result),
        indices=[own],
        selected=[n.event for n in neighbours],
        tables=[
            Table(
                f"Most similar to event {own}",
                ["event", "similarity", "truth", "energy (GeV)"],
                rows,
            )
        ],
        figures=figures,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _summary(s: Similar) -> str:
    if not s.neighbours:
        return f"There is no other event to compare event {s.event} with."
    words = [f"{n.event} ({n.similarity:.3f})" for n in s.neighbours[:10]]
    text = (
        f"Of {s.n_searched} events, those most like event {s.event} to "
        f"the {model_name(s.model)} are {listed(words)}; in brackets "
        "the cosine similarity of the features."
    )
    if s.class_counts and s.truth:
        text += (
            f" By truth event {s.event} is {symbol(s.truth)}, the similar "
            f"ones are {counts_in_words(s.class_counts)}."
        )
    return text
