"""How often the assistant does what it was asked, over conversations with known answers."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.answer import Answer
from assistant.conversations import (
    QUESTIONS,
    SAMPLE,
    Conversation,
    check_turn,
    load_questions,
)
from assistant.recomputation import Recomputed, recompute
from nulens.errors import NuLensError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Progress = Callable[[int, int], None]
_REPEATS = 3


@dataclass(frozen=True)
class Outcome:
    """How one conversation went."""

    conversation: Conversation
    failures: list[str]
    seconds: list[float]
    classifying: list[float]
    first_step: list[float]
    unsupported: int
    numerals: int
    recomputed: int = 0
    disagreeing: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every turn did what it had to."""
        return not self.failures


def hold_all(
    conversations: Sequence[Conversation],
    open_assistant: Callable[[str], Assistant],
    *,
    change: Callable[[str], str] | None = None,
    verify: bool = False,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Hold the conversations one after the other and check each turn.

    Parameters
    ----------
    conversations : sequence of Conversation
    open_assistant : callable
        Takes the name of a data set and returns the assistant on it; asked once a name.
    change : callable, optional
        Rewrites each question, for paraphrases.
    verify : bool
        Compute the numbers of every answer anew; one that comes out otherwise is a failure.
    """
    assistants: dict[str, Assistant] = {}
    outcomes = []
    for number, conversation in enumerate(conversations):
        if conversation.data not in assistants:
            assistants[conversation.data] = open_assistant(conversation.data)
        outcomes.append(_hold(conversation, assistants[conversation.data], change, verify))
        if progress:
            progress(number + 1, len(conversations))
    return outcomes


def _hold(
    conversation: Conversation,
    assistant: Assistant,
    change: Callable[[str], str] | None,
    verify: bool,
) -> Outcome:
    session = f"evaluation-{conversation.id}-{time.time_ns()}"
    failures: list[str] = []
    seconds, classifying, first = [], [], []
    unsupported = numerals = 0
    checked = Recomputed()
    for number, turn in enumerate(conversation.turns, 1):
        question = change(turn.ask) if change else turn.ask
        started = time.perf_counter()
        answer, first_step = None, None
        try:
            for part in assistant.stream(question, session):
                if first_step is None:
                    first_step = time.perf_counter() - started
                if isinstance(part, Answer):
                    answer = part
        except NuLensError as error:
            failures.append(f"turn {number}: {error}")
            break
        assert answer is not None
        seconds.append(time.perf_counter() - started)
        first.append(first_step or 0.0)
        classifying.append(sum(s.seconds for s in answer.steps))
        unsupported += len(answer.unsupported)
        numerals += len(answer.unsupported) + len(answer.quantities)
        failures += [f"turn {number}: {f}" for f in check_turn(turn, answer, assistant.events)]
        if verify:
            again = recompute(answer, assistant.workspace)
            checked.agreeing += again.agreeing
            checked.disagreeing += [f"turn {number}: {d}" for d in again.disagreeing]
            checked.unchecked += [f"turn {number}: {u}" for u in again.unchecked]
    failures += checked.disagreeing
    if any(info.name == session for info in assistant.sessions()):
        assistant.delete_session(session)
    return Outcome(
        conversation,
        failures,
        seconds,
        classifying,
        first,
        unsupported,
        numerals,
        checked.agreeing,
        checked.disagreeing,
        checked.unchecked,
    )


def paraphrase(question: str, seed: int) -> str:
    """Change the surface of a question, not what it asks: politeness, case, punctuation, a slip."""
    rng = random.Random(f"{seed}|{question}")
    text = question
    kind = rng.randrange(4)
    if kind == 0:
        text = rng.choice(["Please ", "Could you please ", "Hi, ", "One more thing: "]) + (
            text if text[:2].isupper() else text[0].lower() + text[1:]
        )
    elif kind == 1:
        text = text.rstrip("?.!").lower() if not re.search(r"['\"]", text) else text.rstrip("?.!")
    elif kind == 2:
        words = [
            w
            for w in re.findall(r"[a-z]{7,}", text)
            if w.startswith(
                ("class", "event", "accur", "confus", "neutr", "explai", "compar", "simila")
            )
        ]
        if words:
            word = rng.choice(words)
            place = rng.randrange(2, len(word) - 2)
            text = text.replace(
                word, word[:place] + word[place + 1] + word[place] + word[place + 2 :], 1
            )
    else:
        text = f"  {text}  ".replace(" and ", "  and ") + rng.choice(["", " Thanks!", ""])
    return text


@dataclass(frozen=True)
class Report:
    """Pass rates of an evaluation, by kind and by tool, and how long answers took."""

    passed: int
    total: int
    by_kind: dict[str, tuple[int, int]]
    by_tool: dict[str, tuple[int, int]]
    unsupported: int
    numerals: int
    seconds: dict[str, float]
    passed_every_time: int | None = None
    recomputed: int = 0
    disagreeing: int = 0

    def markdown(self, title: str) -> str:
        """Return the report as a Markdown table with 68.27 % Clopper-Pearson intervals."""
        lines = [
            f"### {title}",
            "",
            "| what | passed | of | rate | interval |",
            "| --- | --- | --- | --- | --- |",
        ]
        rows = [
            ("all", self.passed, self.total),
            *((k, *v) for k, v in sorted(self.by_kind.items())),
            *((f"`{k}`", *v) for k, v in sorted(self.by_tool.items())),
        ]
        if self.passed_every_time is not None:
            rows.insert(
                1,
                (
                    f"passed {_REPEATS} times of {_REPEATS}, shuffled and paraphrased",
                    self.passed_every_time,
                    self.total,
                ),
            )
        for what, passed, total in rows:
            lines.append(_row(what, passed, total))
        s = self.seconds
        lines += [
            "",
            f"Numerals in the texts: {self.numerals}, "
            f"unsupported: {self.unsupported}; computed anew from the data, the "
            f"classifiers and the documents: {self.recomputed}, "
            f"disagreeing: {self.disagreeing}. Seconds to the answer: "
            f"median {s['p50']:.2f}, 95 % {s['p95']:.2f}; outside of the "
            f"tools: median {s['own_p50']:.2f}, 95 % {s['own_p95']:.2f}; to "
            f"the first step: median {s['first_p50']:.2f}.",
        ]
        return "\n".join(lines)


def _row(what: str, passed: int, total: int) -> str:
    from classifier.statistics import proportion

    p = proportion(passed, total)
    return (
        f"| {what} | {passed} | {total} | {100 * p.value:.1f} % "
        f"| {100 * p.low:.1f}–{100 * p.high:.1f} % |"
    )


def report(outcomes: Sequence[Outcome], repeats: Iterable[Sequence[Outcome]] = ()) -> Report:
    """Count what passed."""
    by_kind: dict[str, tuple[int, int]] = {}
    by_tool: dict[str, tuple[int, int]] = {}
    for o in outcomes:
        for table, key in ((by_kind, o.conversation.kind), (by_tool, o.conversation.tool)):
            passed, total = table.get(key, (0, 0))
            table[key] = (passed + o.passed, total + 1)
    every = None
    runs = list(repeats)
    if runs:
        good = {o.conversation.id for o in outcomes if o.passed}
        for run in runs:
            good &= {o.conversation.id for o in run if o.passed}
        every = len(good)
    seconds = np.array([s for o in outcomes for s in o.seconds] or [0.0])
    own = seconds - np.array([s for o in outcomes for s in o.classifying] or [0.0])
    first = np.array([s for o in outcomes for s in o.first_step] or [0.0])
    return Report(
        passed=sum(o.passed for o in outcomes),
        total=len(outcomes),
        by_kind=by_kind,
        by_tool=by_tool,
        unsupported=sum(o.unsupported for o in outcomes),
        numerals=sum(o.numerals for o in outcomes),
        seconds={
            "p50": float(np.quantile(seconds, 0.5)),
            "p95": float(np.quantile(seconds, 0.95)),
            "own_p50": float(np.quantile(own, 0.5)),
            "own_p95": float(np.quantile(own, 0.95)),
            "first_p50": float(np.quantile(first, 0.5)),
        },
        passed_every_time=every,
        recomputed=sum(o.recomputed for o in outcomes),
        disagreeing=sum(len(o.disagreeing) for o in outcomes),
    )


def evaluate(
    questions: str | PathLike[str] | None = None,
    *,
    root: str | PathLike[str] | None = None,
    chat_model: Any = "embedded",
    classifiers: dict[str, Any] | None = None,
    out: str | PathLike[str] | None = None,
    repeat: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Evaluate the assistant: what `nulens evaluate assistant` runs.

    Parameters
    ----------
    questions : path-like, optional
        JSONL of conversations; ``tuned`` or ``unseen`` (the default) for the shipped ones.
    root : path-like
        Folder of the data sets that the conversations name; ``sample`` is the bundled one.
    chat_model : str or chat model
        As for `assistant.assistant.Assistant`.
    classifiers : mapping, optional
        As for `assistant.assistant.Assistant`.
    out : path-like, optional
        Folder for ``table.md`` and ``outcomes.jsonl``.
    repeat : bool
        Hold all conversations twice more, shuffled and paraphrased; report which passed always.
    progress : callable, optional
        Called with (conversations done, conversations in all).

    Raises
    ------
    NuLensError
        If the data or the questions are not there.
    """
    from assistant.assistant import Assistant

    if root is None:
        raise NuLensError(
            "The conversations name data sets, and no folder of them is given.",
            "Name it with --root.",
        )
    name = questions or "unseen"
    path = QUESTIONS / f"{name}.jsonl" if name in ("tuned", "unseen") else Path(name)
    conversations = load_questions(path)
    folder = Path(root)
    opened: dict[str, Assistant] = {}

    def open_assistant(data: str) -> Assistant:
        if data not in opened:
            place = None if data == SAMPLE else folder / data
            opened[data] = Assistant(place, chat_model, classifiers=classifiers)
        return opened[data]

    first = hold_all(conversations, open_assistant, verify=True, progress=progress)
    repeats = []
    for seed in range(1, _REPEATS) if repeat else ():
        shuffled = list(conversations)
        random.Random(seed).shuffle(shuffled)
        repeats.append(hold_all(shuffled, open_assistant, change=partial(paraphrase, seed=seed)))
    found = report(first, repeats)
    if out is not None:
        _write(Path(out), f"Assistant ({chat_model}) on {path.name}", found, first)
    return found


def _write(folder: Path, title: str, found: Report, outcomes: Sequence[Outcome]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(found.markdown(title) + "\n", encoding="utf-8")
    lines = [
        {
            "id": o.conversation.id,
            "kind": o.conversation.kind,
            "tool": o.conversation.tool,
            "passed": o.passed,
            "failures": o.failures,
            "numerals_not_computed_anew": o.unchecked,
            "seconds": o.seconds,
        }
        for o in outcomes
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "outcomes.jsonl").write_text(text, encoding="utf-8")
