"""``nulens batch``: a list of questions in, answers and a report out."""

from __future__ import annotations

import click

from assistant.commands.console import data_option, json_option, print_json, progress_bar


@click.command(epilog="Example: nulens batch questions.yaml --data events.h5 --out answers/")
@click.argument("questions", type=click.Path())
@data_option
@click.option("--out", default="answers", show_default=True, help="Folder for the results.")
@click.option("--chat-model", default="embedded", show_default=True, help="As for `nulens ask`.")
@json_option
def batch(questions: str, data: str | None, out: str, chat_model: str, as_json: bool) -> None:
    """Answer the questions of a YAML list.

    Into --out go answers.jsonl, report.md and the figures. An entry of the list is a question, a
    list of questions that follow one another in one conversation, or a mapping with `ask` (one of
    these) and `data` (the events it is about). Answers that are there already are kept, so that an
    interrupted run goes on.
    """
    from assistant.batch import run_batch

    with progress_bar("answering") as bar:
        summary = run_batch(questions, data=data, out=out, chat_model=chat_model, progress=bar)
    if as_json:
        print_json(summary)
    else:
        click.echo(
            f"{summary.answered} questions answered, {summary.failed} failed, "
            f"{summary.kept} kept from before; see {summary.report}."
        )
    if summary.failed:
        raise SystemExit(1)
