"""What has been said and done before, read back from the messages of the conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

ONE_EVENT = ("explain_event", "probe_event", "find_similar_events")
"""Tools that take one event, the first of those that are named."""
_VERDICT = r"(?<![@\w])(label|confidence|unlike|correct|p_nue_cc|p_numu_cc|p_nc)(?!\w)"
CONTEXT = "CONTEXT "
"""Last line of the system prompt: what is opened and which selections are named, as JSON."""


@dataclass
class Call:
    """One tool call of the conversation and what came back."""

    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    answered: bool = False


@dataclass
class Turn:
    """One question, the calls made for it, and the reply."""

    question: str
    calls: list[Call] = field(default_factory=list)
    reply: str = ""


@dataclass(frozen=True)
class Group:
    """Events that a call of an earlier turn left selected."""

    call: Call
    turn: int
    meant: str
    """The cut string of the call, ``@last`` written out."""
    events: str
    """A cut string that names the selected events by itself."""
    indices: list[int]
    """File indices in the order of the answer; empty where the results do not list them all."""
    size: int


@dataclass
class Dialogue:
    """A conversation: earlier turns, the present one, and what is known of the data."""

    turns: list[Turn]
    context: dict[str, Any]

    @property
    def current(self) -> Turn:
        """The turn that is being answered."""
        return self.turns[-1]

    @property
    def previous(self) -> Turn | None:
        """The last earlier turn that called a tool."""
        return next((t for t in reversed(self.turns[:-1]) if t.calls), None)

    @property
    def n_events(self) -> int | None:
        """Events in the opened data set."""
        n = self.context.get("events")
        return int(n) if n is not None else None

    @property
    def names(self) -> dict[str, str]:
        """Named selections: as they are said, with their key."""
        keys = {str(k) for k in self.context.get("selections", [])}
        for turn in self.turns:
            for call in turn.calls:
                if call.tool == "select_events" and call.arguments.get("name") and not call.failed:
                    keys.add(str(call.arguments["name"]))
        return {key.replace("_", " "): key for key in keys}

    def last_model(self) -> str | None:
        """Return the classifier last used in an earlier turn or call."""
        for turn in reversed(self.turns):
            for call in reversed(turn.calls):
                models = call.arguments.get("models")
                if models:
                    return str(models[0])
                if call.arguments.get("model") and call.tool not in (
                    "display_event",
                    "select_events",
                ):
                    return str(call.arguments["model"])
                if call.tool == "select_events" and re.search(
                    r"label|p_\w+|confidence", str(call.arguments.get("events"))
                ):
                    return str(call.arguments.get("model"))
        return None

    def used_models(self) -> list[str]:
        """Return the classifiers last used one after the other, in the order of use."""
        used: list[str] = []
        for turn in reversed(self.turns):
            for call in reversed(turn.calls):
                models = call.arguments.get("models") or [call.arguments.get("model")]
                if call.arguments.get("models") and len(models) > 1 and not used:
                    return [str(m) for m in models]
                if call.tool in ("classify_events", "aggregate_statistics", "compare_classifiers"):
                    used = [str(m) for m in models if m and m not in used] + used
                if len(used) >= 2:
                    return used
        return used

    def groups(self) -> list[Group]:
        """Return what the calls of the earlier turns selected, in the order of the calls.

        The last one is what ``@last`` means.
        """
        found: list[Group] = []
        for number, turn in enumerate(self.turns[:-1]):
            for call in turn.calls:
                selected = call.result.get("selected")
                if call.failed or selected is None:
                    continue
                indices = [int(i) for i in selected]
                size = int(call.result.get("n_selected_events", len(indices)))
                indices = indices if size == len(indices) else []
                meant = _written_out(call, found[-1].events if found else "all")
                if where := call.arguments.get("where"):
                    where = f"({where})" if " or " in where else where
                    events = where if meant == "all" else f"{_wrapped(meant)} and {where}"
                else:
                    events = meant
                unnamed = "@last" in events or "@differ" in events
                if _chosen(call) or unnamed or (call.tool in ONE_EVENT and indices):
                    events = listed(indices) or "@last"
                found.append(Group(call, number, meant, events, indices, size))
        return found

    def last_indices(self) -> list[int]:
        """File indices of the latest selection, as far as the results list them."""
        for turn in reversed(self.turns):
            for call in reversed(turn.calls):
                if not call.failed and call.result.get("selected") is not None:
                    return [int(i) for i in call.result["selected"]]
        return []

    def classified(self) -> bool:
        """Whether the latest selection came with a classifier's verdicts."""
        for turn in reversed(self.turns[:-1]):
            for call in reversed(turn.calls):
                if call.failed:
                    continue
                if call.tool in ("classify_events", "compare_classifiers"):
                    return True
                if call.tool in ("describe_dataset", "display_event"):
                    return False
                if call.tool == "select_events":
                    return "label" in str(call.arguments.get("events")) or self._earlier_verdict()
        return False

    def _earlier_verdict(self) -> bool:
        return any(c.tool == "classify_events" for t in self.turns[:-1] for c in t.calls)


def listed(indices: Sequence[int]) -> str:
    """Return the cut string of some events: ``4:5`` for one, ``[3, 17]`` for several."""
    if len(indices) == 1:
        return f"{indices[0]}:{indices[0] + 1}"
    return f"[{', '.join(map(str, indices))}]" if indices else ""


def _chosen(call: Call) -> bool:
    """Whether a call leaves other events selected than its cut string names."""
    a = call.arguments
    ranked = a.get("statistic") in ("worst_mistakes", "least_sure")
    return bool(ranked or a.get("limit") or call.tool == "find_similar_events")


def _wrapped(events: str) -> str:
    return f"({events})" if " or " in events else events


def _written_out(call: Call, last: str) -> str:
    """Return a call's cut string without ``@last``, its verdicts told to be of which classifier."""
    events = str(call.arguments.get("events", "all"))
    model = (call.arguments.get("models") or [call.arguments.get("model", "vlm")])[0]
    events = re.sub(_VERDICT, rf"\1_{model}", events)
    if events == "@last":
        return last
    return re.sub(r"@last\b", lambda _: f"({last})" if " " in last else last, events)


def read_dialogue(messages: Sequence[BaseMessage]) -> Dialogue:
    """Read a conversation back from its messages."""
    turns: list[Turn] = []
    context: dict[str, Any] = {}
    by_id: dict[str, Call] = {}
    for message in messages:
        if isinstance(message, SystemMessage):
            context = _context(str(message.text)) or context
        elif isinstance(message, HumanMessage):
            turns.append(Turn(str(message.text)))
        elif isinstance(message, AIMessage) and turns:
            turns[-1].reply = str(message.text) or turns[-1].reply
            for wanted in message.tool_calls:
                call = Call(wanted["name"], dict(wanted["args"]))
                by_id[str(wanted["id"])] = call
                turns[-1].calls.append(call)
        elif isinstance(message, ToolMessage) and message.tool_call_id in by_id:
            call = by_id[message.tool_call_id]
            call.failed, call.answered = message.status == "error", True
            try:
                content = json.loads(str(message.text))
            except json.JSONDecodeError:
                content = {"error": str(message.text)}
            call.result = content if isinstance(content, dict) else {"value": content}
            call.failed = call.failed or "error" in call.result
    return Dialogue(turns or [Turn("")], context)


def _context(system_prompt: str) -> dict[str, Any] | None:
    for line in reversed(system_prompt.splitlines()):
        if line.startswith(CONTEXT):
            loaded = json.loads(line.removeprefix(CONTEXT))
            return loaded if isinstance(loaded, dict) else None
    return None
