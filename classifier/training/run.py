r"""Makes the shipped CNN or ViT: pretrained on simulation, fine-tuned on the real DUNE maps.

One process reads the data once for both stages::

    python -m classifier.training.run vit --real dune-cvn \
        --simulated dune.h5 --simulated modular.h5 --out build/vit --minutes 8

writes ``build/vit/pretrained`` (simulation only), ``build/vit/final`` with ``folds.npz``, the
cross-validated predictions of the real maps.
"""

from __future__ import annotations

import math
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from classifier.formats import open_events
from classifier.training.experiment import Experiment, Length
from classifier.training.folds import read_folds
from classifier.training.presets import preset
from classifier.training.supervised import print_report
from classifier.training.train import load_parts, model_card
from nulens.errors import NuLensError


@click.command(help=__doc__)
@click.argument("kind", type=click.Choice(["cnn", "vit"]))
@click.option("--real", required=True, type=click.Path(exists=True), help="Folder of DUNE maps.")
@click.option(
    "--simulated", multiple=True, required=True, type=click.Path(exists=True), help="May repeat."
)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--minutes", default=8.0, help="For everything, reading included.")
@click.option("--pretrain", default=0.6, help="Share of the minutes for the first stage.")
@click.option("--epochs", default=40.0, help="Most times through the real maps.")
@click.option("--presets", default=("default", "finetune"), nargs=2, help="Of the two stages.")
@click.option("--precision", default="bf16", type=click.Choice(["bf16", "fp16", "no"]))
@click.option("--batch", default=None, type=int, help="Events a step of the first stage.")
@click.option("--seed", default=0)
@click.option("--device", default=None)
def main(
    kind: str,
    real: str,
    simulated: tuple[str, ...],
    out: Path,
    minutes: float,
    pretrain: float,
    epochs: float,
    presets: tuple[str, str],
    precision: str,
    batch: int | None,
    seed: int,
    device: str | None,
) -> None:
    """Run both stages."""
    started = time.monotonic()
    command = shlex.join(["python", "-m", "classifier.training.run", *sys.argv[1:]])

    def left(share: float) -> float:
        return max(1.0, share * minutes * 60.0 - (time.monotonic() - started))

    first_preset = replace(preset(kind, presets[0]), precision=precision)
    sets = [open_events(path) for path in (real, *simulated)]
    fold = read_folds(sets[0])
    data, parts = load_parts(sets, device, fold, print_report)
    first = Experiment(
        kind=kind,
        preset=replace(first_preset, batch=batch or first_preset.batch),
        seed=seed,
        out=out / "pretrained",
        init=None,
        freeze=(),
        report=print_report,
        data=data,
        parts=parts[1:],
    )
    network, speed = first.fit("all", Length(seconds=left(pretrain)))
    card = first.finish(network, model_card(first, network, sets[1:], command, speed))
    print_report(f"pretrained: {card['metrics']}")
    second = replace(
        first,
        preset=replace(preset(kind, presets[1]), precision=precision),
        out=out / "final",
        init=first.out,
        parts=parts,
        rehearsed=len(simulated),
    )
    a_step = second.preset.batch * (1.0 - second.preset.rehearsed)
    steps = math.ceil(epochs * len(parts[0].train) / a_step)
    each = Length(steps, left(0.93) / (int(fold.max()) + 2))
    found = second.cross_validate(fold, sets[0].table["id"].to_numpy(dtype=str), each)
    network, speed = second.fit("all", each)
    card = second.finish(network, model_card(second, network, sets, command, speed), found)
    print_report(f"final: {card['metrics']}")
    print_report(f"took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    try:
        main()
    except NuLensError as error:
        print_report(f"Error: {error}")
        sys.exit(1)
