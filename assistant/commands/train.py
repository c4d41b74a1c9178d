"""``nulens train``: train a classifier on events with truth."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

data_option = click.option(
    "--data", required=True, multiple=True, type=click.Path(), help="Events; may repeat."
)
out_option = click.option("--out", required=True, type=click.Path(), help="Folder of the model.")
minutes_option = click.option("--minutes", type=float, default=None, help="Time for all of it.")
seed_option = click.option("--seed", default=0, show_default=True)
device_option = click.option("--device", default=None, help="cpu, cuda; default what is there.")


@click.group(epilog="Example: nulens train vit --data simulated.h5 --minutes 60 --out my-vit")
def train() -> None:
    """Train a classifier: cnn, vit or vlm.

    An interrupted training goes on when called again.
    """


def _supervised(kind: str, title: str) -> click.Command:
    @train.command(
        name=kind,
        help=f"Train the {title}.\n\n`accelerate launch -m assistant train {kind} ...` spreads it "
        "over several GPUs.",
        epilog=f"Example: nulens train {kind} --data maps/ --init sim/ --out my-{kind}",
    )
    @data_option
    @out_option
    @click.option("--preset", default="default", show_default=True, help="Named settings.")
    @click.option("--epochs", type=float, default=None, help="Times through the data.")
    @minutes_option
    @click.option("--init", type=click.Path(), default=None, help="Trained model to start from.")
    @click.option("--freeze", multiple=True, help="Parameters that start so stay as they are.")
    @click.option("--folds", default=None, help="Table id,fold; 'dune' for the DUNE maps.")
    @click.option("--rehearse", multiple=True, type=click.Path(), help="Data not to be forgotten.")
    @seed_option
    @device_option
    def command(
        data: tuple[str, ...],
        out: str,
        preset: str,
        epochs: float | None,
        minutes: float | None,
        init: str | None,
        freeze: tuple[str, ...],
        folds: str | None,
        rehearse: tuple[str, ...],
        seed: int,
        device: str | None,
    ) -> None:
        from classifier.training.train import train as run

        card = run(
            kind,
            list(data),
            out,
            preset_name=preset,
            epochs=epochs,
            minutes=minutes,
            init=init,
            freeze=freeze,
            folds=folds,
            rehearse=list(rehearse),
            seed=seed,
            device=device,
            command=shlex.join(["nulens", *sys.argv[1:]]),
        )
        click.echo(f"The model is in {out}: {card['metrics']}")

    return command


cnn = _supervised("cnn", "CNN")
vit = _supervised("vit", "ViT")


@train.command(
    name="vlm",
    epilog="Example: nulens train vlm --data simulated.h5 --encoder my-vit --out my-vlm",
)
@data_option
@out_option
@click.option(
    "--base",
    default="",
    help="Language model (GGUF file or folder) or image-text-to-text model (folder or Hugging Face "
    "id such as meta-llama/Llama-3.2-11B-Vision-Instruct); default SmolLM2.",
)
@click.option("--encoder", type=click.Path(), default=None, help="Trained ViT to see with.")
@click.option("--init", type=click.Path(), default=None, help="Tuned VLM to go on from.")
@click.option("--preset", default="cpu", show_default=True, help="cpu, gpu or llama.")
@minutes_option
@click.option("--steps", type=int, default=None, help="Steps, in place of minutes.")
@click.option("--batch", type=int, default=None, help="Conversations a step.")
@click.option("--rank", default=8, show_default=True, help="Of the LoRA adapters.")
@click.option("--quantise", default="nf4", show_default=True, type=click.Choice(["nf4", "bf16"]))
@click.option("--images-first", is_flag=True, help="Put the images before the text.")
@click.option("--style", default=None, help="Train with this prompt alone: full, reduced or none.")
@click.option("--asides/--no-asides", default=True, help="Tell energy ranges and dead regions.")
@click.option("--real", type=click.Path(), default=None, help="Real maps to go on with, in folds.")
@click.option("--real-steps", type=int, default=None, help="Steps of each tuning on real maps.")
@seed_option
@device_option
def vlm(data: tuple[str, ...], out: str, preset: str, **options: Any) -> None:
    """Tune the VLM with QLoRA.

    `accelerate launch -m assistant train vlm ...` spreads it over several GPUs.
    """
    from classifier.training.train_vlm import train_vlm

    card = train_vlm(
        list(data),
        out,
        preset_name=preset,
        command=shlex.join(["nulens", *sys.argv[1:]]),
        **options,
    )
    click.echo(f"The model is in {out}: {card['metrics']}")
