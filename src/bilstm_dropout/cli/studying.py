"""What the commands of a study do, once there may be something to do."""

from __future__ import annotations

import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
import typer

from ..book.build import build, build_site
from ..book.findings import findings_of
from ..datasets.own.imported import name_for
from ..datasets.own.lines import given
from ..errors import UserError
from ..files import looking
from ..paths import book_folder
from ..progress import duration
from ..runs.processes import default_workers
from ..study import run as work
from ..study.own.prepare import Columns, listed, numbers, planned, prepare, say_what, write
from ..study.own.training import MINUTES, check_minutes, outlook, train
from ..study.pace import SITE, pace
from ..study.profile_files import load_profile
from ..study.profiles import Profile
from ..study.verdicts import verdicts_of
from ..wording import count
from . import whole
from .base import say, show, show_json


@dataclass(frozen=True)
class Own:
    """What a command was given of the reader's own data, beside the file: options as the study command has them.

    features, placements, rates: the same as feature, placement and rate, as lists with commas.
    """

    text: str | None = None
    label: str | None = None
    id: str | None = None
    step: str | None = None
    feature: Sequence[str] = ()
    features: str = ""
    group: str | None = None
    name: str | None = None
    minutes: float | None = None
    placement: Sequence[str] = ()
    placements: str = ""
    rate: Sequence[float] = ()
    rates: str = ""


def study(profile: str, workers: int | None, scheduler: str | None, plan: bool, data: str | None, own: Own) -> None:
    """Execute a profile's notebooks, of the reader's own data with `data`. plan: only say what is to do."""
    columns = Columns(own.text, own.label, own.id, own.step, (*own.feature, *listed(own.features)), own.group)
    placements, rates = (*own.placement, *listed(own.placements)), (*own.rate, *numbers(own.rates))
    minutes = own.minutes
    if not data and own != Own():
        raise UserError(
            "Columns, --name, --minutes, --placement and --rate go with --data FILE; a profile has its own."
        )
    if data:
        _only_one(data, profile)
        minutes = MINUTES if minutes is None else minutes
        check_minutes(minutes)
        chosen = {"name": own.name or None, "placements": placements, "rates": rates}
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
    before = whole.sources(profile)
    rows = work.run(profile, workers, scheduler, say=typer.echo, answered=_say_answer)
    failed = [row for row in rows if row.state != "done"]
    for row in failed:
        typer.echo(f"{row.name}: {row.state}{': ' + row.reason if row.reason else ''}", err=True)
    if failed:
        raise typer.Exit(1)
    if before == whole.sources(profile):  # nobody changed anything meanwhile
        whole.keep_study(profile, f"{Path(profile).stem}: all {len(rows)} notebooks are up to date")


def status(profile: str, as_json: bool, strict: bool, every: bool) -> None:
    """Show how far a profile's notebooks are, and its runs beside their twins.

    strict: exit with 1 where one drifted. every: list all notebooks; otherwise those that failed or are running.
    """
    with looking():
        chosen = load_profile(profile)
        rows, found = [asdict(row) for row in work.status(chosen)], verdicts_of(chosen)
    if as_json:
        show_json({"notebooks": rows, **found.as_json()})
    else:
        named = [row for row in rows if every or row["state"] in ("failed", "running")]
        if named:
            show(named, False, ["name", "state", "runs_done", "runs_total", "reason"])
        counted = _counted(rows) + ("" if every else "; --all lists each")
        with looking():
            said = (*chosen.said(), counted, found.line())
        for line in said:
            typer.echo(line)
    if strict and found.drifted:
        raise typer.Exit(1)


def _counted(rows: list[dict]) -> str:
    """How many notebooks are in each state."""
    states = Counter(row["state"] for row in rows)
    return f"{len(rows)} notebooks: " + ", ".join(f"{count} {state}" for state, count in states.most_common())


def book(profile: str, data: str | None, name: str | None) -> None:
    """Build the book of a profile, or of the study of the reader's own data, with its pages compiled as they need."""
    if data:
        _only_one(data, profile)
        profile = name_for(given(data), name or None)
    elif name:
        raise UserError("--name goes with --data FILE; a profile goes by the name of its file.")
    line, learned, started = whole.nothing_to_compile(profile), pace(), time.monotonic()
    if line:
        page = build_site(book_folder().resolve())
    else:
        before, chosen = whole.sources(profile), load_profile(profile)
        work.keep_profile(chosen)  # the book asks for it by its name
        say(f"Compiling the pages and building the site: about {duration(learned.seconds(SITE))}")
        page, line = build(chosen.name), verdicts_of(chosen).line()
        learned.learn(SITE, time.monotonic() - started)
        learned.keep()
        # A study that is not whole, or that something was changed under, is looked at again the next time.
        if whole.nothing_to_study(profile) and before == whole.sources(profile):
            whole.keep_compiled(profile, line)
    said = f"The book: {page}\n{line}"
    typer.echo(said)
    if whole.nothing_to_compile(profile):
        whole.keep_book(profile, said)



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
    programs = f"{count(planned['programs_to_do'], 'program')} to compile, " if planned["programs_to_do"] else ""
    typer.echo(
        f"{planned['name']}: {planned['executions_to_do']} of {planned['executions']} notebooks and "
        f"{planned['runs_to_do']} of {planned['runs']} runs to do, {programs}"
        f"about {planned['minutes']} minutes with the book"
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
