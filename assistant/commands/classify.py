"""``nulens classify``: calibrated class probabilities of events."""

from __future__ import annotations

import click

from assistant.commands.console import (
    data_option,
    json_option,
    print_json,
    print_table,
    progress_bar,
)
from nulens.errors import NuLensError


@click.command(epilog='Example: nulens classify --data events.h5 --events "0:100" --model cnn')
@data_option
@click.option("--events", "cut", default="all", show_default=True, help="Range, list or cut.")
@click.option("--model", default="vlm", show_default=True, help="vlm, vit, cnn, or a path.")
@click.option(
    "--dask",
    "scheduler",
    default=None,
    metavar="SCHEDULER",
    help="Classify on the Dask cluster of tcp://HOST:PORT; needs pip install 'nulens[dask]'.",
)
@click.option("--csv", "csv_path", type=click.Path(), default=None, help="Write the table here.")
@json_option
def classify(
    data: str | None,
    cut: str,
    model: str,
    scheduler: str | None,
    csv_path: str | None,
    as_json: bool,
) -> None:
    """Classify events: label and probabilities.

    The column "unlike" says how unlike the training data an event is, from 0 to 1.
    """
    from pathlib import Path

    import pandas as pd

    from assistant.sample import open_or_sample
    from classifier import load_classifier
    from classifier.events import CLASSES
    from classifier.predictions import PredictionStore, predict_with_store
    from classifier.selection import select

    if csv_path and not Path(csv_path).absolute().parent.is_dir():
        raise NuLensError(f"The folder of {csv_path} is not there.", "Make it, or name another.")
    events = select(open_or_sample(data), cut)
    store = PredictionStore()
    with progress_bar(f"classifying with {model}") as bar:
        if scheduler:
            from classifier.cluster import predict_on_cluster

            predict_on_cluster(scheduler, model, events, store, progress=bar)
        found = predict_with_store(load_classifier(model), events, store, progress=bar)
    table = pd.DataFrame({"index": found.indices, "id": events.table["id"].to_numpy()})
    table["label"] = [label.value for label in found.labels]
    for i, name in enumerate(CLASSES):
        table[f"p_{name}"] = found.probabilities[:, i]
    table["unlike"] = found.unlike
    if csv_path:
        table.to_csv(csv_path, index=False)
        click.echo(f"{len(table)} rows written to {csv_path}.", err=True)
    elif as_json:
        print_json(table.to_dict(orient="records"))
    else:
        print_table(list(table.columns), table.to_numpy(dtype=object).tolist())
