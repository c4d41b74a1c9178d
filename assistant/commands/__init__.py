"""The subcommands of ``nulens``; heavy libraries are imported only when one runs."""

from __future__ import annotations

import click

from assistant.commands.ask import ask
from assistant.commands.batch import batch
from assistant.commands.chat import chat
from assistant.commands.classify import classify
from assistant.commands.convert import convert
from assistant.commands.doctor import doctor
from assistant.commands.evaluate import evaluate
from assistant.commands.export import export
from assistant.commands.ingest import ingest
from assistant.commands.predictions import predictions
from assistant.commands.search import search
from assistant.commands.simulate import simulate
from assistant.commands.train import train

COMMANDS: list[click.Command] = [
    ask,
    batch,
    chat,
    classify,
    convert,
    doctor,
    evaluate,
    export,
    ingest,
    predictions,
    search,
    simulate,
    train,
]
