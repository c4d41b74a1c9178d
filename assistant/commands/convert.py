"""``nulens convert``: any readable events to NuLens' own HDF5."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, progress_bar


@click.command(epilog="Example: nulens convert maps/ events.h5")
@click.argument("source", type=click.Path())
@click.argument("target", type=click.Path())
@click.option("--overwrite", is_flag=True, help="Replace TARGET if it is there.")
@json_option
def convert(source: str, target: str, overwrite: bool, as_json: bool) -> None:
    """Write the events of SOURCE to TARGET as NuLens HDF5.

    SOURCE is a folder of DUNE maps, or HDF5. An interrupted conversion goes on when called again.
    """
    from classifier import open_events
    from classifier.formats.hdf5_writer import convert as write

    events = open_events(source)
    with progress_bar("converting") as bar:
        write(events, target, overwrite=overwrite, progress=bar)
    if as_json:
        print_json({"source": source, "target": target, "events": len(events)})
    else:
        click.echo(f"{len(events)} events of {events.geometry.name} written to {target}.")
