"""The command that shows what linear models reach."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import datasets as data
from ..experiments.rivals import rivals
from .base import Json, app, rounded, show


@app.command()
def baselines(
    dataset: Annotated[list[str] | None, typer.Option(help="A data set; repeat for more.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the majority class and a linear model reach in the test, for orientation (seconds to minutes)."""
    names = dataset or [name for name in data.NAMES if data.describe(name).small]
    loaded = [data.load(name) for name in names]
    rows = [{"name": each.name, "rival": found.name, **found.model_dump(exclude={"name"})}
            for each in loaded for found in rivals(each)]
    rows = rows if as_json else rounded(rows)
    show(rows, as_json, ["name", "rival", "accuracy", "nll", "macro_f1", "strength", "chosen_on"])
