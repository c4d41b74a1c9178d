"""``nulens search``: passages of the documents, with their place."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json
from nulens.errors import NuLensError


@click.command(epilog='Example: nulens search "radiation length of liquid argon"')
@click.argument("question")
@click.option("--collection", default="nulens", show_default=True, help="Which documents.")
@click.option("-k", default=5, show_default=True, help="How many passages at most.")
@json_option
def search(question: str, collection: str, k: int, as_json: bool) -> None:
    """Search the documents for QUESTION."""
    from knowledge.ingest import documents
    from knowledge.retrieval import search as find

    if not question.strip():
        raise NuLensError("The question is empty.", "Give some words to search for.")
    passages = find(question, collection=collection, k=k)
    if as_json:
        print_json(passages)
    elif not passages and not documents(collection):
        click.echo(f"The collection {collection} is empty; `nulens ingest` fills it.")
    elif not passages:
        click.echo("Nothing in these documents is about that.")
    else:
        for p in passages:
            page = f", page {p.page}" if p.page else ""
            click.secho(f"{p.document}, {p.section}{page}  (score {p.score:.2f})", bold=True)
            click.echo(f"{p.text}\n")
