"""``nulens train``."""

import click


@click.command()
def train() -> None: ...
