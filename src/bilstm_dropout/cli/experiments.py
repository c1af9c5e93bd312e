"""The command of the study's parts: train what is not done, say how long it takes, publish it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UserError
from ..experiments.confirmatory import contrasts
from ..experiments.parts import PARTS, complete, named, own_rows
from ..experiments.training import plan as plan_of
from ..experiments.training import publish as publish_part
from ..experiments.training import train
from ..results import published
from ..runs.processes import default_workers
from .base import app, check_workers


@app.command()
def experiments(
    part: Annotated[list[str] | None, typer.Argument(help=f"{', '.join(PARTS)}; all without any.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what is to do and how long it may take.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Add finished runs to data/published.")] = False,
    workers: Annotated[int | None, typer.Option(help="Single-thread processes; one a core by default.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Use this running Dask scheduler, tcp://host:port.")] = None,
) -> None:
    """Train the experiments beside a profile's grid, as far as they are not done, or publish what they gave."""
    check_workers(workers)
    if plan and publish:
        raise UserError("--plan only says what is to do: leave it out, or --publish.")
    names, workers = named(part), workers or default_workers()
    for name in names:
        typer.echo(plan_of(name, workers=workers).sentence())
        if name == "a2" and plan:
            typer.echo("\n".join(power()))
        if publish:
            typer.echo(f"{name}: {publish_part(name) or 'no new rows to publish'}")
        elif not plan:
            train(name, workers=workers, scheduler=scheduler)


def power() -> list[str]:
    """What a2 can be expected to see, by the tuning arm: a sentence a measure, or one that says that a1 is not done."""
    rows = {"a1": published.read("a1")}
    found = contrasts.power(rows["a1"] if complete(rows, ["a1"]) else own_rows("a1"))
    if found["spread"].isna().any():
        return ["a2: its power is computed once a1 is complete"]
    return [
        f"a2, {row.measure}: over {row.units} units a contrast has a standard deviation of {row.spread:.4f} nats in a1 "
        f"({row.freedom} degrees of freedom); a difference of {row.visible:.4f} is found with a power of .8, one of "
        f"{contrasts.MARGIN:g} with {row.finds_margin:.2f} (Holm's first step), and equivalence within "
        f"±{contrasts.MARGIN:g} is shown with {row.shows_equivalence:.2f} where there is no difference"
        for row in found.itertuples()
    ]
