"""The command that answers new rows with a network that `run --save` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..datasets.new.reading import SeriesReading, TextReading
from ..datasets.new.rows import Example, NewRows, new_series, new_texts
from ..datasets.own.alike import shown
from ..errors import UserError, not_allowed
from ..files import check_writable, write_text
from ..loading import check_backend
from ..progress import bar
from .base import app, say

_COLUMN = "; by default as in training"


@app.command()
def predict(
    network: Annotated[Path, typer.Argument(help="A file that `run --save` wrote.", show_default=False)],
    rows: Annotated[Path, typer.Argument(help="New rows: .csv, .tsv, .json or .jsonl.", show_default=False)],
    text_column: Annotated[str | None, typer.Option(help=f"Of texts: their column{_COLUMN}.")] = None,
    id_column: Annotated[
        str | None, typer.Option(help=f"Of series: their ids{_COLUMN}. Of texts: ids to go with the answers.")
    ] = None,
    step_column: Annotated[str | None, typer.Option(help=f"Of series: the step{_COLUMN}.")] = None,
    feature_column: Annotated[
        list[str] | None, typer.Option(help=f"Of series: a feature; repeat for all, in order{_COLUMN}.")
    ] = None,
    passes: Annotated[int, typer.Option(help="Monte Carlo dropout: so many passes with masks.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the passes' masks.")] = 1,
    format: Annotated[str, typer.Option(help="csv or json.")] = "csv",
    output: Annotated[Path | None, typer.Option(help="A file for the answers instead of the screen.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file of answers.")] = False,
) -> None:
    """Answer new rows: class, probability and, with --passes, the interval of Monte Carlo dropout.

    Rows that cannot be read are listed with their lines; the others are answered. Exit status: 0 where all rows were
    answered, 1 where some were left out, 2 where nothing was done.
    """
    if not network.is_file():  # said before libraries load, which takes seconds
        raise UserError(f"There is no file {shown(network.name)}. Name one that `bilstm-dropout run … --save` wrote.")
    check_backend()
    from ..runs.saved.answering import answer, check_passes
    from ..runs.saved.answers import FORMATS, rows_of, written
    from ..runs.saved.network import read_saved

    check_passes(passes, seed)
    if format not in FORMATS:
        raise not_allowed("--format", format, " or ".join(FORMATS))
    _check_output(output, (network, rows), force)
    saved = read_saved(network)
    columns = {"text": text_column, "id": id_column, "step": step_column, "features": feature_column}
    found = _read(saved.about.reading, rows, {name: value for name, value in columns.items() if value})
    for row, reason in found.left_out:
        say(f"line {row}: {reason}")
    if not found.examples:
        raise UserError(f"{found.name}: none of its rows can be answered, for the reasons above. Correct them.")
    with bar(len(found.examples), "rows") as advance:
        contents = [each.content for each in found.examples]
        answers = answer(saved, contents, passes, seed, advance)
    text = written(rows_of(found.examples, answers, saved.about.classes), format)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_text(output, text)
        say(f"{len(found.examples):,} answers: {output}")
    if found.left_out:
        say(f"{len(found.left_out):,} left out, as said above")
        raise typer.Exit(1)


def _check_output(output: Path | None, inputs: tuple[Path, Path], force: bool) -> None:
    if output is None:
        if force:
            raise UserError("--force goes with --output FILE: without it nothing is written.")
        return
    if any(output.exists() and each.exists() and output.samefile(each) for each in inputs):
        raise UserError(f"--output {shown(output.name)} is a file that is read. Name another one.")
    if output.is_dir() or (output.exists() and not force):
        raise UserError(f"{shown(output.name)} is there already. Name another file, or add --force to replace it.")
    check_writable(output.absolute().parent, "Answers", "name another file with --output")


def _read(reading: TextReading | SeriesReading, rows: Path, columns: dict) -> NewRows:
    """The rows of a file, series scaled. columns: those that were named, instead of the ones of training."""
    if isinstance(reading, TextReading):
        if odd := [name for name in ("step", "features") if name in columns]:
            option = {"step": "--step-column", "features": "--feature-column"}[odd[0]]
            raise UserError(f"{option} is for series, and this network reads texts. Take --text-column or --id-column.")
        return new_texts(rows, columns.get("text", reading.column), columns.get("id"))
    if "text" in columns:
        raise UserError("--text-column is for texts, and this network reads series. Take --id-column, --step-column …")
    features = columns.get("features", reading.features)
    if len(features) != len(reading.features):
        raise UserError(
            f"--feature-column was given {len(features)} times, and the network reads {len(reading.features)}: "
            f"{', '.join(map(shown, reading.features[:20]))}. Name one column for each, in this order."
        )
    found = new_series(rows, columns.get("id", reading.id), columns.get("step", reading.step), features)
    kept = NewRows(found.name, [], found.left_out)
    for each in found.examples:
        values = reading.scaled(each.content)
        if np.isfinite(values).all():
            kept.examples.append(Example(each.row, each.id, values))
        else:
            reason = f"a value is too far from those of training, so the series {shown(each.id)} is left out"
            kept.left_out.append((each.row, reason))
    kept.left_out.sort(key=lambda each: each[0])
    return kept
