"""``nulens simulate``: neutrino interactions in liquid argon, as pixel maps with truth."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, progress_bar


@click.command(
    epilog="Example: nulens simulate --geometry dune-fd-hd --events 1000 --seed 1 out.h5"
)
@click.argument("out", type=click.Path())
@click.option(
    "--geometry", default="dune-fd-hd", show_default=True, help="dune-fd-hd, modular-pixel"
)
@click.option("--events", default=1000, show_default=True, help="How many.")
@click.option("--flux", default="dune", show_default=True, help="dune, or uniform up to 10 GeV.")
@click.option("--seed", default=1, show_default=True, help="Same seed, same file.")
@click.option(
    "--workers", default=2, show_default=True, help="Processes; the file does not depend on it."
)
@click.option(
    "--classes",
    default=None,
    help="Share of each class, as nue_cc=1,numu_cc=1,nc=2 (also nutau_cc, cosmic); default: the"
    " flux's.",
)
@click.option(
    "--dead-channels",
    default=0.0,
    show_default=True,
    help="Share of wires or pixels that are dead.",
)
@click.option(
    "--cosmics", default=0.0, show_default=True, help="Mean number of overlaid cosmic-ray muons."
)
@json_option
def simulate(
    out: str,
    geometry: str,
    events: int,
    flux: str,
    seed: int,
    workers: int,
    classes: str | None,
    dead_channels: float,
    cosmics: float,
    as_json: bool,
) -> None:
    """Simulate events and write them to OUT as NuLens HDF5.

    An interrupted run goes on when called again.
    """
    import time

    from classifier.simulation.driver import simulate as run

    start = time.perf_counter()
    with progress_bar(f"simulating {geometry}") as bar:
        run(
            out,
            geometry,
            events,
            flux,
            seed,
            workers,
            _shares(classes),
            dead_channels,
            progress=lambda p: bar(p.done, p.total),
            cosmics=cosmics,
        )
    seconds = time.perf_counter() - start
    if as_json:
        print_json({"path": out, "events": events, "seconds": seconds})
    else:
        click.echo(f"{events} events of {geometry} in {seconds:.0f} s: {out}")


def _shares(text: str | None) -> dict[str, float] | None:
    """Read ``nue_cc=1,nc=2``."""
    if text is None:
        return None
    shares = {}
    for part in text.split(","):
        label, _, share = part.partition("=")
        try:
            shares[label.strip()] = float(share)
        except ValueError:
            raise click.BadParameter(
                f"'{part}' is not a class and its share, as nue_cc=1", param_hint="--classes"
            ) from None
    return shares
