"""``nulens ingest``: a user's own documents into a collection."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, progress_bar


@click.command(epilog="Example: nulens ingest papers/ notes.md --collection mine")
@click.argument("sources", type=click.Path(), nargs=-1, required=True)
@click.option("--collection", default="mine", show_default=True, help="Where they go.")
@click.option("--delete", is_flag=True, help="Remove these documents instead.")
@json_option
def ingest(sources: tuple[str, ...], collection: str, delete: bool, as_json: bool) -> None:
    """Read documents (Markdown, text, HTML, PDF; folders too) so that answers can cite them."""
    from knowledge.ingest import delete as remove
    from knowledge.ingest import ingest as read

    if delete:
        outcome = remove(sources, collection=collection)
    else:
        with progress_bar("reading") as bar:
            outcome = read(sources, collection=collection, progress=bar)
    if as_json:
        print_json(outcome)
    else:
        click.echo(outcome.summary())
