"""The command ``nulens``: one subcommand a file in `assistant.commands`."""

from __future__ import annotations

import sys

import click

from assistant.commands import COMMANDS
from nulens import __version__
from nulens.errors import NuLensError


@click.group(
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Start here: nulens doctor, then nulens ask "How many events are in this data set?"',
)
@click.version_option(__version__, prog_name="nulens")
def nulens() -> None:
    """Ask, classify, compare and explain liquid-argon events, with the evidence shown."""


def main() -> None:
    """Run the command; exit status 0, 1 (failed) or 2 (bad usage)."""
    try:
        nulens.main(standalone_mode=False)
    except NuLensError as error:
        click.echo(f"Error: {error.what}\n{error.remedy}".rstrip(), err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader, such as `head`, has gone; nothing is left to say to it.
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        click.echo(_unforeseen(error), err=True)
        sys.exit(1)


def _unforeseen(error: Exception) -> str:
    """Keep where it happened for whoever mends it, and say in two lines what to do."""
    import traceback

    from nulens.paths import data_dir

    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"Error: {error.filename}: {error.strerror}.\nCheck the path and who may use it."
    details = data_dir() / "last-error.txt"
    details.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    what = " ".join(str(error).split())[:300]
    return f"Error: NuLens failed ({type(error).__name__}: {what}).\nPlease report {details}."
