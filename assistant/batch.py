"""Many questions at once: a YAML list in, JSONL and a Markdown report out, resumable."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.report import figure_titles, turn_markdown, write_figures
from assistant.session import answer_from
from nulens.errors import FormatError, NuLensError

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BatchSummary:
    """How a batch ended: counts of questions, and the files written."""

    answered: int
    failed: int
    kept: int
    answers: str
    report: str


@dataclass(frozen=True)
class Conversation:
    """Questions asked one after the other about one data set; None is that of the batch."""

    questions: list[str]
    data: str | None


def run_batch(
    questions: str | PathLike[str],
    *,
    data: str | PathLike[str] | None = None,
    out: str | PathLike[str] = "answers",
    chat_model: Any = "embedded",
    progress: Progress | None = None,
) -> BatchSummary:
    """Answer each conversation of a YAML file.

    Parameters
    ----------
    questions : path-like
        YAML list; an entry is a question, a list of questions asked in one conversation, or a
        mapping with ``ask`` (one of these) and ``data`` (events, relative to the file).
    data : path-like, optional
        Events to ask about where an entry names none; the bundled sample if not given.
    out : path-like
        Folder for ``answers.jsonl`` (one answer a line), ``report.md`` and ``figures``.
        Conversations that it already holds, on the same data, are not asked again.
    chat_model : str or chat model
        As for `assistant.assistant.Assistant`.
    progress : callable, optional
        Called with (conversations done, conversations in all).

    Returns
    -------
    BatchSummary

    Raises
    ------
    FormatError
        If the file is not such a list, or a data set cannot be opened.
    """
    from assistant.assistant import Assistant
    from assistant.providers import chat_model as open_chat_model
    from assistant.providers import model_label

    conversations = _read_conversations(Path(questions))
    label = model_label(chat_model)
    model = open_chat_model(chat_model)
    # All are opened before the first question: a wrong path is told at once, not after hours.
    assistants = {
        source: Assistant(data=data if source is None else source, chat_model=model)
        for source in dict.fromkeys(c.data for c in conversations)
    }
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    answers_path = folder / "answers.jsonl"
    known = _read_known(answers_path)
    _end_line(answers_path)
    records: list[dict[str, Any]] = []
    kept = 0
    for done, conversation in enumerate(conversations):
        assistant = assistants[conversation.data]
        key = _key(conversation.questions, assistant.events.reader.fingerprint, label)
        if key in known:
            fresh = known[key]
            kept += len(fresh)
        else:
            fresh = _converse(assistant, key, conversation.questions, folder / "figures")
            # A conversation is appended whole, so that an interruption loses that one at most.
            lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in fresh)
            with answers_path.open("a", encoding="utf-8") as stream:
                stream.write(lines)
        records += fresh
        if progress:
            progress(done + 1, len(conversations))
    failed = sum(r["error"] is not None for r in records)
    summary = BatchSummary(
        answered=len(records) - failed - kept,
        failed=failed,
        kept=kept,
        answers=str(answers_path),
        report=str(folder / "report.md"),
    )
    Path(summary.report).write_text(_report(records, label), encoding="utf-8")
    return summary


def _read_conversations(path: Path) -> list[Conversation]:
    import yaml

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
        raise FormatError(path, why, "Name a YAML file of questions.") from error
    except UnicodeDecodeError as error:
        raise FormatError(path, "is no text", "Name a YAML file of questions.") from error
    except yaml.YAMLError as error:
        raise FormatError(path, "is not YAML", "Write one question a line: - How many?") from error
    if not entries or not isinstance(entries, list):
        raise FormatError(path, "holds no questions", "Write one question a line: - How many?")
    return [_conversation(entry, path) for entry in entries]


def _conversation(entry: Any, path: Path) -> Conversation:
    asked, data = entry, None
    if isinstance(entry, dict) and set(entry) <= {"ask", "data"}:
        asked, data = entry.get("ask"), entry.get("data")
    turns = [asked] if isinstance(asked, str) else asked
    if (
        not isinstance(turns, list)
        or not turns
        or not all(isinstance(t, str) and t.strip() for t in turns)
        or not isinstance(data, str | None)
    ):
        raise FormatError(
            path,
            f"has an entry that is no question, list of questions, or ask with data: {entry!r}",
            "Quote questions that hold a colon.",
        )
    return Conversation(turns, str(path.parent / Path(data).expanduser()) if data else None)


def _read_known(path: Path) -> dict[str, list[dict[str, Any]]]:
    known: dict[str, list[dict[str, Any]]] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was killed while writing
                continue
            if record["turn"] == 0:  # a conversation that was cut short or failed was asked anew
                known[record["conversation"]] = []
            known[record["conversation"]].append(record)
    return {
        key: records
        for key, records in known.items()
        if len(records) == records[0]["turns"] and all(r["error"] is None for r in records)
    }


def _end_line(path: Path) -> None:
    """End a last line that a killed run left open, so that the next record begins its own."""
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        with path.open("a", encoding="utf-8") as stream:
            stream.write("\n")


def _key(turns: list[str], fingerprint: str, chat_model: str) -> str:
    text = json.dumps([turns, fingerprint, chat_model])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _converse(assistant: Any, key: str, turns: list[str], figures: Path) -> list[dict[str, Any]]:
    session = f"batch-{key}-{uuid.uuid4().hex[:8]}"  # a conversation asked anew remembers nothing
    records = []
    try:
        for turn, question in enumerate(turns):
            record: dict[str, Any] = {"conversation": key, "turn": turn, "turns": len(turns)}
            record |= {"data": assistant.events.source, "question": question}
            try:
                answer: Answer = assistant.ask(question, session=session)
            except NuLensError as error:
                records.append(record | {"error": str(error), "answer": None})
                continue
            plain = dataclasses.asdict(answer)
            titles = figure_titles(answer.figures)
            paths = write_figures(answer.figures, figures, f"{key}-{turn}")
            # The curves lie in the files; in a JSONL file they would only weigh.
            plain["figures"] = [{"title": t, "path": p} for t, p in zip(titles, paths, strict=True)]
            records.append(record | {"error": None, "answer": plain})
    finally:
        # It is kept in the answers, and not among the conversations that a person held.
        if any(info.name == session for info in assistant.sessions()):
            assistant.delete_session(session)
    return records


def _report(records: list[dict[str, Any]], chat_model: str) -> str:
    failed = sum(r["error"] is not None for r in records)
    lines = [
        "# Answers",
        "",
        f"{len(records)} questions, {failed} failed; chat model {chat_model}.",
    ]
    source = None
    for record in records:
        if record["data"] != source:
            source = record["data"]
            lines += ["", f"Events: `{source}`", ""]
        if record["answer"] is None:
            lines += [f"## {record['question']}", "", f"**Failed:** {record['error']}", ""]
            continue
        figures = [(f["title"], f["path"]) for f in record["answer"]["figures"]]
        answer = answer_from(record["answer"], [])
        lines += turn_markdown(record["question"], answer, figures)
    return "\n".join(lines)
