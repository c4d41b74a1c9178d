"""``nulens ask``: one question, one answer with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import click

from assistant.commands.console import data_option, json_option, print_json, print_table, waiting

if TYPE_CHECKING:
    from assistant.answer import Answer


@click.command(epilog='Example: nulens ask --data events.h5 "How many events are νe CC?"')
@click.argument("question")
@data_option
@click.option("--session", default=None, help="Go on with this conversation.")
@click.option(
    "--chat-model", default="embedded", show_default=True, help="Or ollama:NAME, openai:NAME."
)
@json_option
def ask(
    question: str, data: str | None, session: str | None, chat_model: str, as_json: bool
) -> None:
    """Ask QUESTION about the events, the detector or the physics.

    Without --data, a --session goes on with the events that it is about.
    """
    with waiting() as tell:
        answer = _answer(question, data, session, chat_model, tell)
    if as_json:
        print_json(answer)
        return
    click.echo(answer.text)
    for table in answer.tables:
        click.secho(f"\n{table.title}", bold=True)
        print_table(table.columns, table.rows)
    if answer.steps:
        click.secho("\nSteps", bold=True)
        for step in answer.steps:
            arguments = ", ".join(f"{k}={v!r}" for k, v in step.arguments.items())
            click.echo(f"  {step.tool}({arguments})  {step.seconds:.2f} s")
    if answer.citations:
        click.secho("\nSources", bold=True)
        for i, c in enumerate(answer.citations, start=1):
            page = f", page {c.page}" if c.page else ""
            click.echo(f"  [{i}] {c.document}, {c.section}{page}")
    if answer.unsupported:
        click.echo(f"\nWarning: nothing supports {', '.join(answer.unsupported)}.", err=True)


def _answer(
    question: str,
    data: str | None,
    session: str | None,
    chat_model: str,
    tell: Callable[[object], None],
) -> Answer:
    from assistant.assistant import Assistant
    from assistant.doing import Doing
    from assistant.session import kept_sessions

    if data is None and session and (kept := kept_sessions().find(session)):
        data = kept.data
    assistant = Assistant(data=data, chat_model=chat_model)
    doing = Doing(assistant.workspace)
    tell(doing)
    for part in assistant.stream(question, session):
        doing.see(part)
    return cast("Answer", part)  # the last part: whatever fails raises
