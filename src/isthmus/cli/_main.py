"""The `isthmus` command: its subcommands and what becomes of errors."""

import sys
from importlib import import_module
from keyword import iskeyword

import typer

from isthmus import __version__
from isthmus._errors import UserError

COMMANDS = (
    "run",
    "report",
    "route",
    "skim",
    "assign",
    "design",
    "events",
    "backtest",
    "calibrate",
    "estimate",
    "variance",
    "check",
    "new",
    "import",
    "export",
    "sources",
    "places",
    "doctor",
)
"""Commands in the order of the help. Each is a module of this package with a function of the same name, whose
docstring is its help (with _ after a word of Python); the module imports numpy, pandas or anything that does only inside functions."""

app = typer.Typer(
    name="isthmus",
    help="Plans the infrastructure that countries share.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"isthmus {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """Plans the infrastructure that countries share."""


for _name in COMMANDS:
    _word = f"{_name}_" if iskeyword(_name) else _name
    app.command(_name)(getattr(import_module(f"isthmus.cli.{_word}"), _word))


def main() -> None:
    """Run the command line; input that cannot be used exits with 2, an interruption with 130."""
    try:
        app()
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
