"""``nulens search``: passages of the documents, with their place."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json


@click.command(epilog='Example: nulens search "radiation length of liquid argon"')
@click.argument("question")
@click.option("--collection", default="nulens", show_default=True, help="Which documents.")
@click.option("-k", default=5, show_default=True, help="How many passages at most.")
@json_option
def search(question: str, collection: str, k: int, as_json: bool) -> None:
    """Search the documents for QUESTION."""
    from knowledge.retrieval import search as find

    passages = find(question, collection=collection, k=k)
    if as_json:
        print_json(passages)
    elif not passages:
        click.echo("Nothing in these documents is about that.")
    else:
        for p in passages:
            page = f", page {p.page}" if p.page else ""
            click.secho(f"{p.document}, {p.section}{page}  (score {p.score:.2f})", bold=True)
            click.echo(f"{p.text}\n")
