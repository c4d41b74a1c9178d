"""``nulens export``: a conversation as a script that reproduces it, or as a document."""

from __future__ import annotations

import click


@click.command(epilog="Example: nulens export --session mine --format script analysis.py")
@click.argument("out", type=click.Path())
@click.option("--session", required=True, help="Name of the conversation.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["script", "markdown", "html"]),
    default="script",
    show_default=True,
)
def export(out: str, session: str, kind: str) -> None:
    """Write the conversation --session to OUT."""
    from typing import Literal, cast

    from assistant.export import export_session

    export_session(session, out, cast(Literal["script", "markdown", "html"], kind))
    click.echo(f"The conversation {session} is written to {out}.")
