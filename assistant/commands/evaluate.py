"""``nulens evaluate``: the reports behind every figure that NuLens publishes."""

from __future__ import annotations

import click

from assistant.commands.console import data_option, json_option, print_json, progress_bar


@click.group(epilog="Example: nulens evaluate classifiers --data events.h5 --out report/")
def evaluate() -> None:
    """Measure classifiers, knowledge, assistant, simulation."""


@evaluate.command(
    epilog="Example: nulens evaluate classifiers --data events.h5 --model vit --model cnn"
)
@data_option
@click.option("--model", "models", multiple=True, help="May repeat; default vlm, vit, cnn.")
@click.option("--stored", multiple=True, type=click.Path(), help="Out-of-fold predictions (npz).")
@click.option("--foreign", type=click.Path(), default=None, help="Events of another detector.")
@click.option("--quick", is_flag=True, help="Leave out robustness and cost.")
@click.option("--out", default="reports/classifiers", show_default=True, type=click.Path())
def classifiers(
    data: str | None,
    models: tuple[str, ...],
    stored: tuple[str, ...],
    foreign: str | None,
    quick: bool,
    out: str,
) -> None:
    """Compare classifiers on the same labelled events.

    Into --out go report.html, report.json and table.md.
    """
    from assistant.sample import open_or_sample
    from classifier.evaluation.run import evaluate as run

    names = models if models or stored else ("vlm", "vit", "cnn")
    run(
        names,
        open_or_sample(data),
        out,
        robustness=not quick,
        cost=not quick,
        stored=stored,
        foreign=foreign,
        progress=click.echo,
    )
    click.echo(f"The report is in {out}.")


@evaluate.command(epilog="Example: nulens evaluate knowledge")
@click.option(
    "--half",
    type=click.Choice(["unseen", "tuned"]),
    default="unseen",
    show_default=True,
    help="Questions that nothing was fitted to, or those that the weights were fitted to.",
)
@json_option
def knowledge(half: str, as_json: bool) -> None:
    """Ask the documents questions with known answers.

    Recall, mean reciprocal rank, what is declined rightly and wrongly.
    """
    from knowledge.evaluation import evaluate as run

    with progress_bar("asking") as bar:
        report = run(half, progress=bar)
    if as_json:
        print_json(report)
    else:
        click.echo(report.as_text())


@evaluate.command(epilog="Example: nulens evaluate assistant --questions dev.jsonl --root data/")
@click.option("--questions", type=click.Path(), default=None, help="JSONL of conversations.")
@click.option("--root", type=click.Path(), default=None, help="Folder of the data sets they name.")
@click.option("--chat-model", default="embedded", show_default=True, help="As for `nulens ask`.")
@click.option("--out", default="reports/assistant", show_default=True, type=click.Path())
def assistant(questions: str | None, root: str | None, chat_model: str, out: str) -> None:
    """Hold conversations whose outcome is known.

    Pass rates by tool and by kind, unsupported numerals, latency.
    """
    from assistant.evaluation import evaluate as run

    with progress_bar("conversations") as bar:
        print_json(run(questions, root=root, chat_model=chat_model, out=out, progress=bar))


@evaluate.command(epilog="Example: nulens evaluate simulation --real maps/ --out reports/realism")
@click.option("--real", required=True, type=click.Path(), help="Folder of real DUNE maps.")
@click.option("--out", default="reports/simulation", show_default=True, type=click.Path())
def simulation(real: str, out: str) -> None:
    """Compare simulated with real maps, class by class.

    Into --out go a table, figures and two-sample tests.
    """
    from pathlib import Path

    from classifier.evaluation.simulation import evaluate_simulation

    with progress_bar("simulating maps like the real ones") as bar:
        evaluate_simulation(out, real, progress=bar)
    click.echo((Path(out) / "simulation.md").read_text())
