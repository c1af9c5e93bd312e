"""The application that commands register with, and what they share: how a result is printed, how an error is said."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..errors import UserError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Where dropout goes in a BiLSTM: list placements, train runs, execute the study, build the book.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ProfileName = Annotated[str, typer.Option("--profile", help="A profile's name, or the path of a YAML file.")]
OWN_DATA = {"show_envvar": False, "rich_help_panel": "Your own data"}
OwnData = Annotated[
    str | None, typer.Option("--data", envvar="BILSTM_DROPOUT_OWN_DATA", help="Your own CSV or TSV file.", **OWN_DATA)
]

OwnName = Annotated[
    str | None,
    typer.Option(
        "--name", envvar="BILSTM_DROPOUT_OWN_NAME", help="What its data set is called; its file's name by default.",
        **OWN_DATA,
    ),
]


def show(rows: list[dict], as_json: bool, columns: list[str], title: str = "") -> None:
    """Print rows, all of them as JSON or the named columns as a table."""
    if as_json:
        show_json(rows)
        return
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(Text("" if row[column] is None else str(row[column])) for column in columns))
    # Without a terminal there is no width to fit: nothing is cut in a pipe.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def show_json(value: object) -> None:
    """Print a value as JSON, which has no NaN: what a diverged run lacks is null."""
    typer.echo(json.dumps(_or_none(value), indent=1, allow_nan=False))


def _or_none(value):
    if isinstance(value, dict):
        return {name: _or_none(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_or_none(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def rounded(rows: list[dict]) -> list[dict]:
    """Rows as people read them: numbers with four digits."""
    return [
        {name: f"{value:.4g}" if isinstance(value, float) else value for name, value in row.items()} for row in rows
    ]


def say(text: str) -> None:
    """Tell what happens, on the error stream."""
    typer.echo(text, err=True)


def check_workers(workers: int | None) -> None:
    """UserError for a number of workers that cannot be."""
    if workers is not None and workers < 1:
        raise UserError(f"--workers {workers} is not allowed: give a whole number of at least 1.")


@app.callback()
def _commands() -> None:
    """Keep the commands' names where a process knows only one of them."""
