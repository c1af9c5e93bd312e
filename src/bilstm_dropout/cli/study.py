"""Commands around a profile: execute its notebooks, say how far they are, build the book."""

from __future__ import annotations

import textwrap
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import nbformat
import typer

from ..book.build import build
from ..book.findings import findings_of
from ..datasets.own.imported import name_for
from ..datasets.own.limits import in_words
from ..datasets.own.lines import given
from ..errors import UserError
from ..files import looking
from ..runs.processes import default_workers
from ..study import run as work
from ..study.own.prepare import Columns, listed, numbers, planned, prepare, say_what, write
from ..study.own.training import MINUTES, check_minutes, outlook, train
from ..study.profiles import Profile, load_profile
from ..study.verdicts import verdicts_of
from .base import OWN_DATA, Json, OwnData, OwnName, ProfileName, app, check_workers, show, show_json


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
    columns = Columns(text, label, id, step, (*(feature or ()), *listed(features)), group)
    chosen_placements, chosen_rates = (*(placement or ()), *listed(placements)), (*(rate or ()), *numbers(rates))
    if not data and (columns != Columns() or name or minutes is not None or chosen_placements or chosen_rates):
        raise UserError(
            "Columns, --name, --minutes, --placement and --rate go with --data FILE; a profile has its own."
        )
    if data:
        _only_one(data, profile)
        minutes = MINUTES if minutes is None else minutes
        check_minutes(minutes)
        chosen = {"name": name or None, "placements": chosen_placements, "rates": chosen_rates}
        if plan:
            with looking(), planned(data, columns, **chosen) as (looked_at, imported):
                say_what(imported, typer.echo, plan=True)
                typer.echo(outlook(looked_at.own, looked_at.folder, minutes, workers))
                _say_plan(looked_at, workers, True)
            return
        prepared, imported = prepare(data, columns, **chosen)
        say_what(imported, typer.echo)
        profile = prepared.name
        write(train(prepared.own, prepared.folder, minutes, workers, scheduler, say=typer.echo))
    with looking() if plan else nullcontext():
        _say_plan(load_profile(profile), workers, plan)
    if plan:
        return
    rows = work.run(profile, workers, scheduler, say=typer.echo, answered=_say_answer)
    failed = [row for row in rows if row.state != "done"]
    for row in failed:
        typer.echo(f"{row.name}: {row.state}{': ' + row.reason if row.reason else ''}", err=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def status(
    profile: ProfileName = "quick",
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where a run drifted from its twin.")] = False,
) -> None:
    """Show which of a profile's notebooks are done, and how its runs lie beside the published ones, their twins."""
    with looking():
        chosen = load_profile(profile)
        rows, found = [asdict(row) for row in work.status(chosen)], verdicts_of(chosen)
    if as_json:
        show_json({"notebooks": rows, **found.as_json()})
    else:
        show(rows, False, ["name", "state", "runs_done", "runs_total", "reason"])
        with looking():
            said = (*chosen.said(), found.line())
        for line in said:
            typer.echo(line)
    if strict and found.drifted:
        raise typer.Exit(1)


def _say_answer(executed: Path) -> None:
    """What the runs on the reader's own data say, while the other pages of the book are still to come."""
    typer.echo("\nWhat your runs say (the book has figures and tables to it; its other pages follow):")
    for each in findings_of(nbformat.read(executed, 4)):
        if each["holds"]:
            typer.echo(textwrap.fill(each["sentence"], 100, initial_indent="- ", subsequent_indent="  "))
    typer.echo("")


def _say_plan(profile: Profile, workers: int | None, in_full: bool) -> None:
    """Say what is to do for a profile. in_full: with a table of its data sets."""
    planned = work.plan(profile, workers or default_workers())
    typer.echo(
        f"{planned['name']}: {planned['executions_to_do']} of {planned['executions']} notebooks and "
        f"{planned['runs_to_do']} of {planned['runs']} runs to do, "
        f"about {planned['minutes']} minutes"
    )
    for line in profile.said():
        typer.echo(line)
    for name, reason in planned["absent"].items():
        typer.echo(f"{name} is left out. {reason}", err=True)
    if in_full and planned["datasets"]:
        columns = ["dataset", "runs", "seconds_a_run", "minutes", "source"]
        show(planned["datasets"], False, columns, title="Runs to do, on one worker, about")


def _only_one(data: str, profile: str) -> None:
    if profile != "quick":
        raise UserError(f"Give --data or --profile, not both: {data[-80:]!r} and {profile[:80]!r}.")


@app.command()
def book(profile: ProfileName = "quick", data: OwnData = None, name: OwnName = None) -> None:
    """Compile the executed notebooks into chapters and build the book, strictly; with --data, of its study."""
    if data:
        _only_one(data, profile)
        profile = name_for(given(data), name or None)
    chosen = load_profile(profile)
    work.keep_profile(chosen)  # the book asks for it by its name
    page = build(chosen.name)
    typer.echo(f"The book: {page}")
    typer.echo(verdicts_of(chosen).line())
