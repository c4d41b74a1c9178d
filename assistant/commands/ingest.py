"""``nulens ingest``: a user's own documents into a collection."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, progress_bar


@click.command(epilog="Example: nulens ingest papers/ notes.md")
@click.argument("sources", type=click.Path(), nargs=-1, required=True)
@click.option("--collection", default="nulens", show_default=True, help="Where they go.")
@click.option("--delete", is_flag=True, help="Remove documents of these names.")
@json_option
def ingest(sources: tuple[str, ...], collection: str, delete: bool, as_json: bool) -> None:
    """Read documents, so that answers can cite them.

    SOURCES are Markdown, text, HTML or PDF files, or folders of them.
    """
    from knowledge.ingest import delete as remove
    from knowledge.ingest import ingest as read

    if delete:
        gone = remove(sources, collection=collection)
        if as_json:
            print_json({"collection": collection, "deleted": gone})
        else:
            click.echo(f"{len(gone)} documents deleted from {collection}.")
        return
    with progress_bar("reading") as bar:
        report = read(sources, collection, progress=lambda _, done, total: bar(done, total))
    if as_json:
        print_json(report)
    else:
        for word in ("added", "updated", "unchanged"):
            if names := getattr(report, word):
                click.echo(f"{word}: {', '.join(names)}")
        for path, name in report.duplicates:
            click.echo(f"same content as {name}: {path}")
        for path, reason in report.refused:
            where = "" if reason.startswith(path) else f"{path}: "
            click.echo(f"refused: {where}{reason}", err=True)
        passages = "passage" if report.chunks == 1 else "passages"
        click.echo(f"{report.chunks} {passages} written to {collection}.")
    if report.refused:
        raise SystemExit(1)
