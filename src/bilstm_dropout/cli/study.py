"""Commands around a profile: execute its notebooks, say how far they are, build the book."""

from __future__ import annotations

from typing import Annotated

import typer

from ..datasets.own.limits import in_words
from . import whole
from .base import OWN_DATA, Json, OwnData, OwnName, ProfileName, app, check_workers


@app.command(epilog=in_words())
def study(
    profile: ProfileName = "quick",
    workers: Annotated[int | None, typer.Option(help="Local single-thread workers; one a core by default.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Use this running Dask scheduler, tcp://host:port.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what is to do and how long it may take.")] = False,
    data: OwnData = None,
    name: OwnName = None,
    text: Annotated[
        str | None,
        typer.Option("--text-column", envvar="BILSTM_DROPOUT_OWN_TEXT", help="Column of texts.", **OWN_DATA),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label-column", envvar="BILSTM_DROPOUT_OWN_LABEL", help="Column of classes.", **OWN_DATA),
    ] = None,
    id: Annotated[
        str | None,
        typer.Option("--id-column", envvar="BILSTM_DROPOUT_OWN_ID", help="Which series a row belongs to.", **OWN_DATA),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option("--step-column", envvar="BILSTM_DROPOUT_OWN_STEP", help="A row's place in it.", **OWN_DATA),
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option("--feature-column", help="A series' feature; repeat. All other columns of numbers.", **OWN_DATA),
    ] = None,
    features: Annotated[str, typer.Option("--features", envvar="BILSTM_DROPOUT_OWN_FEATURES", hidden=True)] = "",
    group: Annotated[
        str | None,
        typer.Option(
            "--group-column", envvar="BILSTM_DROPOUT_OWN_GROUP", help="Rows of one value are never in two folds.",
            **OWN_DATA,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            envvar="BILSTM_DROPOUT_OWN_MINUTES", help="Train so long in all; 15 by default. More go on from there.",
            **OWN_DATA,
        ),
    ] = None,
    placement: Annotated[
        list[str] | None, typer.Option(help="A placement; repeat. Five that suit the data by default.", **OWN_DATA)
    ] = None,
    placements: Annotated[str, typer.Option("--placements", envvar="BILSTM_DROPOUT_OWN_PLACEMENTS", hidden=True)] = "",
    rate: Annotated[
        list[float] | None, typer.Option(help="A drop rate; repeat. 0.25 and 0.5 by default.", **OWN_DATA)
    ] = None,
    rates: Annotated[str, typer.Option("--rates", envvar="BILSTM_DROPOUT_OWN_RATES", hidden=True)] = "",
) -> None:
    """Execute a profile's notebooks, as far as they are not up to date; or train a study of your own data first."""
    check_workers(workers)
    own = {"text": text, "label": label, "id": id, "step": step, "feature": feature, "features": features,
           "group": group, "name": name, "minutes": minutes, "placement": placement, "placements": placements,
           "rate": rate, "rates": rates}  # fmt: skip
    own = {option: value for option, value in own.items() if value not in (None, "", [])}
    if not (data or own or plan) and (said := whole.nothing_to_study(profile)):
        typer.echo(said)
        return
    from . import studying  # what it needs takes seconds to load

    studying.study(profile, workers, scheduler, plan, data, studying.Own(**own))


@app.command()
def status(
    profile: ProfileName = "quick",
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where a run drifted from its twin.")] = False,
    every: Annotated[bool, typer.Option("--all", help="List every notebook, not only what failed or runs.")] = False,
) -> None:
    """Show how many of a profile's notebooks are done, and how its runs lie beside the published ones, their twins."""
    from . import studying

    studying.status(profile, as_json, strict, every)


@app.command()
def book(profile: ProfileName = "quick", data: OwnData = None, name: OwnName = None) -> None:
    """Compile the executed notebooks into chapters and build the book, strictly; with --data, of its study."""
    if not data and not name and (said := whole.nothing_to_build(profile)):
        typer.echo(said)
        return
    from . import studying

    studying.book(profile, data, name)
