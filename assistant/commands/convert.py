"""``nulens convert``: any readable events to NuLens' own HDF5."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json


@click.command(epilog="Example: nulens convert maps/ events.h5")
@click.argument("source", type=click.Path())
@click.argument("target", type=click.Path())
@json_option
def convert(source: str, target: str, as_json: bool) -> None:
    """Write the events of SOURCE (a folder of DUNE maps, or HDF5) to TARGET as NuLens HDF5."""
    from classifier import open_events
    from classifier.formats import convert as write

    events = open_events(source)
    write(events, target)
    if as_json:
        print_json({"source": source, "target": target, "events": len(events)})
    else:
        click.echo(f"{len(events)} events of {events.geometry.name} written to {target}.")
