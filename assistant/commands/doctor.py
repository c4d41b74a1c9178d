"""``nulens doctor``: what is installed, which models are present, and what to do about the rest."""

from __future__ import annotations

import click

from assistant.commands.console import json_option, print_json, print_table, progress_bar

REQUIRED = [
    "torch", "transformers", "peft", "bitsandbytes", "accelerate", "langchain", "langgraph",
    "chromadb", "sentence-transformers", "h5py", "numpy", "numba", "streamlit", "plotly", "duckdb",
]  # fmt: skip
OPTIONAL = {
    "langchain-openai": "servers",
    "langchain-ollama": "servers",
    "distributed": "dask",
}


@click.command(epilog="Example: nulens doctor --fetch")
@click.option(
    "--fetch",
    is_flag=True,
    help="Fetch the base models that are missing; compile simulation and reconstruction ahead.",
)
@json_option
def doctor(fetch: bool, as_json: bool) -> None:
    """Check installation, models and device.

    What is missing is told with what to do about it.
    """
    if fetch:
        from nulens.base_models import BASE_MODELS, base_model

        for name in BASE_MODELS:
            with progress_bar(f"fetching {name}") as bar:
                base_model(name, lambda _, done, total, bar=bar: bar(done, total))  # type: ignore[misc]
        _compile()

    report = {
        "packages": _packages(),
        "base_models": _base_models(),
        "classifiers": _classifiers(),
        "device": _device(),
    }
    remedies = [row["remedy"] for rows in report.values() for row in rows if row["remedy"]]
    if as_json:
        print_json(report | {"remedies": remedies})
    else:
        for title, rows in report.items():
            click.secho(title.replace("_", " ").capitalize(), bold=True)
            columns = [c for c in rows[0] if c != "remedy"]
            print_table(columns, [[row[c] for c in columns] for row in rows])
            click.echo()
        click.echo("\n".join(f"To do: {r}" for r in remedies) or "Nothing is missing.")
    if any(row["status"] == "missing" for rows in report.values() for row in rows):
        raise SystemExit(1)


def _compile() -> None:
    from classifier.compilation import compile_ahead

    what = "Compiling simulation and reconstruction"
    click.echo(f"{what}: a minute or two the first time, seconds later.", err=True)
    with progress_bar(what) as bar:
        compile_ahead(bar)


def _row(name: str, status: str, detail: str, remedy: str = "") -> dict[str, str]:
    return {"name": name, "status": status, "detail": detail, "remedy": remedy}


def _packages() -> list[dict[str, str]]:
    from importlib.metadata import PackageNotFoundError, version

    rows = []
    for name in [*REQUIRED, *OPTIONAL]:
        try:
            rows.append(_row(name, "ok", version(name)))
        except PackageNotFoundError:
            extra = OPTIONAL.get(name)
            status = "optional" if extra else "missing"
            wanted = f"nulens[{extra}]" if extra else "nulens"
            remedy = "" if extra else f"install {name}: pip install {name}"
            detail = f"for {wanted}" if extra else "not installed"
            rows.append(_row(name, status, detail, remedy))
    return rows


def _base_models() -> list[dict[str, str]]:
    from nulens.base_models import BASE_MODELS, checked_file, sha256_of

    rows = []
    for name, model in BASE_MODELS.items():
        path = checked_file(model)
        if not path.is_file():
            rows.append(_row(name, "missing", model.what, "fetch it: nulens doctor --fetch"))
        elif (digest := sha256_of(path)) != model.sha256:
            rows.append(
                _row(
                    name,
                    "missing",
                    f"sha256 {digest[:12]} is not {model.sha256[:12]}",
                    f"delete {model.target}, then: nulens doctor --fetch",
                )
            )
        else:
            rows.append(_row(name, "ok", f"sha256 {digest[:12]}  {path}"))
    return rows


def _classifiers() -> list[dict[str, str]]:
    from classifier.models import CLASSIFIER_NAMES, weights_folder
    from nulens.base_models import sha256_of

    rows = []
    for name in CLASSIFIER_NAMES:
        files = sorted(weights_folder(name).glob("*.safetensors"))
        if files:
            hashes = ", ".join(f"{f.stem} {sha256_of(f)[:12]}" for f in files)
            rows.append(_row(name, "ok", f"sha256 {hashes}"))
        else:
            rows.append(
                _row(name, "untrained", "no weights", f"train it: nulens train {name} --help")
            )
    return rows


def _device() -> list[dict[str, str]]:
    import os

    import psutil
    import torch

    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB memory"
    rows = [
        _row("cpu", "ok", f"{os.cpu_count()} cores, {memory}, {torch.get_num_threads()} threads")
    ]
    for i in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(i)
        rows.append(
            _row(f"gpu {i}", "ok", f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB")
        )
    if len(rows) == 1:
        rows.append(_row("gpu", "optional", "none: NuLens runs on the CPU"))
    return rows
