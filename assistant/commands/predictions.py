"""``nulens predictions``: what the predictions store holds."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, print_table


@click.command(epilog="Example: nulens predictions --clear cnn")
@click.option("--clear", default=None, help="Forget the predictions of this model.")
@json_option
def predictions(clear: str | None, as_json: bool) -> None:
    """List the stored predictions, or clear a model's.

    A row is a data set and a version of a model.
    """
    from classifier.predictions import PredictionStore

    store = PredictionStore()
    if clear:
        click.echo(f"{store.clear(clear)} predictions of {clear} forgotten.")
        return
    table = store.summary()
    if as_json:
        print_json(table.to_dict(orient="records"))
    elif table.empty:
        click.echo("The store is empty; `nulens classify` fills it.")
    else:
        print_table(list(table.columns), table.to_numpy(dtype=object).tolist())
