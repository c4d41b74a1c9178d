"""Many questions at once: a YAML list in, JSONL and a Markdown report out, resumable."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from assistant.answer import Answer
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
        YAML list; an entry is a question or a list of questions asked in one conversation.
    data : path-like, optional
        Events to ask about; the bundled sample if not given.
    out : path-like
        Folder for ``answers.jsonl`` (one answer a line) and ``report.md``. Conversations that it
        already holds, on the same data, are not asked again.
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
        If the file is not such a list.
    """
    from assistant.assistant import Assistant

    conversations = _read_conversations(Path(questions))
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    answers_path = folder / "answers.jsonl"
    known = _read_known(answers_path)
    _end_line(answers_path)
    assistant = Assistant(data=data, chat_model=chat_model)
    records: list[dict[str, Any]] = []
    kept = 0
    for done, turns in enumerate(conversations):
        key = _key(turns, assistant.events.reader.fingerprint, chat_model)
        if key in known:
            records += known[key]
            kept += len(turns)
        else:
            fresh = _converse(assistant, key, turns)
            records += fresh
            # A conversation is appended whole, so that an interruption loses that one at most.
            lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in fresh)
            with answers_path.open("a", encoding="utf-8") as stream:
                stream.write(lines)
        if progress:
            progress(done + 1, len(conversations))
    report = folder / "report.md"
    report.write_text(_report(records, assistant.events.source), encoding="utf-8")
    failed = sum(r["error"] is not None for r in records)
    return BatchSummary(
        answered=len(records) - failed - kept,
        failed=failed,
        kept=kept,
        answers=str(answers_path),
        report=str(report),
    )


def _read_conversations(path: Path) -> list[list[str]]:
    import yaml

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(path, f"cannot be read ({error})", "Name a YAML file.") from error
    except yaml.YAMLError as error:
        raise FormatError(path, "is not YAML", "Write one question a line: - How many?") from error
    conversations = [[e] if isinstance(e, str) else e for e in entries or []]
    for turns in conversations:
        if not isinstance(turns, list) or not all(isinstance(t, str) and t for t in turns):
            raise FormatError(
                path,
                f"has an entry that is neither a question nor a list of questions: {turns!r}",
                "Quote questions that hold a colon.",
            )
    if not conversations:
        raise FormatError(path, "holds no questions", "Write one question a line: - How many?")
    return conversations


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


def _key(turns: list[str], fingerprint: str, chat_model: Any) -> str:
    text = json.dumps([turns, fingerprint, str(chat_model)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _converse(assistant: Any, key: str, turns: list[str]) -> list[dict[str, Any]]:
    import uuid

    session = f"batch-{key}-{uuid.uuid4().hex[:8]}"  # a conversation asked anew remembers nothing
    records = []
    for turn, question in enumerate(turns):
        record: dict[str, Any] = {"conversation": key, "turn": turn, "turns": len(turns)}
        record["question"] = question
        try:
            answer: Answer = assistant.ask(question, session=session)
        except NuLensError as error:
            records.append(record | {"error": str(error), "answer": None})
        else:
            plain = dataclasses.asdict(answer)
            # Figures are drawn again from the session; in a JSONL file they only weigh.
            plain["figures"] = len(answer.figures)
            records.append(record | {"error": None, "answer": plain})
    return records


def _report(records: list[dict[str, Any]], source: str) -> str:
    lines = ["# Answers", "", f"Events: `{source}`", ""]
    for record in records:
        lines += [f"## {record['question']}", ""]
        answer = record["answer"]
        if answer is None:
            lines += [f"**Failed:** {record['error']}", ""]
            continue
        lines += [answer["text"], ""]
        for table in answer["tables"]:
            lines += [f"**{table['title']}**", "", _row(table["columns"])]
            lines += [_row(["---"] * len(table["columns"]))]
            lines += [_row(row) for row in table["rows"]] + [""]
        for step in answer["steps"]:
            arguments = ", ".join(f"{k}={v!r}" for k, v in step["arguments"].items())
            lines.append(f"- step: `{step['tool']}({arguments})`")
        for c in answer["citations"]:
            page = f", page {c['page']}" if c["page"] else ""
            lines.append(f"- source: {c['document']}, {c['section']}{page}")
        if answer["unsupported"]:
            lines.append(f"- **not supported by any step:** {', '.join(answer['unsupported'])}")
        lines.append("")
    return "\n".join(lines)


def _row(cells: list[Any]) -> str:
    shown = ["" if c is None else f"{c:.4g}" if isinstance(c, float) else str(c) for c in cells]
    return "| " + " | ".join(c.replace("|", "\\|") for c in shown) + " |"
