"""Commands that hold what is published against new runs, and those that make the published measurements."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from ..book.pages import repeats as repeats_page
from ..book.pages import rerun
from ..errors import UserError, unknown
from ..experiments import linear, live
from ..experiments import robustness as spoilt
from ..experiments import texts as counts
from ..experiments.confirmatory import crossed, plan
from ..experiments.exploratory import doses as dose
from ..experiments.mechanisms import tables as mechanism_tables
from ..experiments.replication import pytorch as replication
from ..experiments.replication import repeats as repeating
from ..experiments.speed import cost as costs
from ..experiments.speed import scaling
from ..files import write_text
from ..loading import check_backend
from ..results.measurement import Measurement
from ..runs import compiled
from ..runs.processes import ENVIRONMENT
from .base import app, check_workers, show

check = typer.Typer(no_args_is_help=True, help="Train published runs again, and compare.")
measure = typer.Typer(no_args_is_help=True, help="Make a published measurement, and print its file.")
app.add_typer(check, name="check")
app.add_typer(measure, name="measure")
FileJson = Annotated[bool, typer.Option("--json", help="Print what is in the published file.")]
Workers = Annotated[int | None, typer.Option(help="Single-thread processes; one a core by default.")]
MOST_UNITS = len(plan.FIXED_SEEDS_OF_SERIES)


def _text(found: Measurement) -> str:
    return json.dumps(found.model_dump(mode="json"), indent=1)


def _dump(found: Measurement) -> None:
    typer.echo(_text(found))


def _set_up() -> None:
    check_backend()
    os.environ.update(ENVIRONMENT)  # read by TensorFlow when it is imported
    compiled.keep()


@check.command()
def repeats(
    runs: Annotated[int, typer.Option(help="How many runs.")] = repeating.RUNS,
    seed: Annotated[int, typer.Option(help="Of the drawing.")] = repeating.SEED,
    part: Annotated[list[str] | None, typer.Option(help="An experiment; repeat for more; all of the study.")] = None,
    workers: Workers = None,
    as_json: FileJson = False,
) -> None:
    """Train randomly drawn published runs again and compare their numbers with the published ones."""
    check_workers(workers)
    for name, value, least in (("--runs", runs, 1), ("--seed", seed, 0)):
        if value < least:
            raise UserError(f"{name} {value} is not allowed: give a whole number of at least {least}.")
    found = repeating.measure(runs, seed, part or [], workers)
    if as_json:
        _dump(found)
        return
    show([_line(run) for run in found.runs], False, [*_line(found.runs[0])])
    typer.echo("\n".join(repeats_page.sentences(found)))


def _line(run: repeating.Repeat) -> dict[str, str]:
    """A run as the table for people has it: test NLL at the chosen checkpoint and at the last epoch, in nats."""
    shown = {"part": run.part, "data set": run.dataset, "placement": run.placement}
    for name, compared in (("chosen", run.chosen), ("last", run.last)):
        numbers = {"published": compared.published, "again": compared.again, "spread": compared.spread}
        shown |= {f"{name}: {what}": "–" if value is None else f"{value:.5g}" for what, value in numbers.items()}
    same = {"device": run.same_device, "code": run.same_source, "bits": run.identical}
    return shown | {f"same {what}": "yes" if holds else "no" for what, holds in same.items()}


@check.command()
def pytorch(
    units: Annotated[int, typer.Option(help=f"Units of each data set, from 1 to {MOST_UNITS}.")] = replication.UNITS,
    dataset: Annotated[list[str] | None, typer.Option(help="One data set; repeat for more; all.")] = None,
    workers: Workers = None,
    as_json: FileJson = False,
) -> None:
    """Train published runs of three placements again in PyTorch and compare their differences from none."""
    check_workers(workers)
    if not 1 <= units <= MOST_UNITS:
        raise UserError(f"--units {units} is not allowed: give a whole number from 1 to {MOST_UNITS}.")
    for name in dataset or ():
        if name not in replication.PARTS:
            raise unknown("data set of this check", name, replication.PARTS)
    found = replication.measure(units, dataset, workers)
    if as_json:
        _dump(found)
    else:
        typer.echo(rerun.page_part(found))


@measure.command()
def doses() -> None:
    """How far each placement's masks move the logits of trained networks (data/published/doses/mr.json)."""
    check_backend()
    _dump(dose.measure())


@measure.command()
def robustness() -> None:
    """Loss, accuracy and confidence on spoilt test inputs (data/published/shift.json): half an hour."""
    _set_up()
    _dump(spoilt.measure())


@measure.command()
def mechanisms() -> None:
    """What the page on mechanisms shows (data/published/mechanisms.json): a minute or two."""
    _set_up()
    _dump(mechanism_tables.measure())


@measure.command("linear")
def linear_models() -> None:
    """What TF-IDF with logistic regression reaches on the tuned runs' folds (data/published/linear.json): minutes."""
    _dump(linear.measure())


@measure.command("texts")
def texts(
    publish: Annotated[bool, typer.Option("--publish", help="Write the file, whole, instead of printing it.")] = False,
) -> None:
    """Tokens and unknown words of the tuned runs' test texts (data/published/texts.json): seconds."""
    _set_up()
    _give(counts.measure(), publish)


@measure.command("seeds-and-examples")
def seeds_and_examples() -> None:
    """Intervals of planned contrasts over seeds and examples (data/published/seeds-and-examples.json): a minute."""
    _dump(crossed.measure())


@measure.command("workers")
def count_workers() -> None:
    """How many runs an hour one, two and four processes train (data/published/workers.json)."""
    _dump(scaling.measure())


@measure.command()
def networks(
    publish: Annotated[bool, typer.Option("--publish", help="Write the file, whole, instead of printing it.")] = False,
) -> None:
    """Small trained networks that a page runs (data/published/networks.json): a minute or two."""
    _set_up()
    _give(live.measure(), publish)


@measure.command()
def cost(
    rounds: Annotated[int, typer.Option(help="How often all placements take their turn.")] = costs.ROUNDS,
    publish: Annotated[bool, typer.Option("--publish", help="Write the file, whole, instead of printing it.")] = False,
) -> None:
    """What each placement costs in training time (data/published/cost.json): a quarter of an hour, mostly compiling."""
    _set_up()
    _give(costs.measure(rounds), publish)


def _give(found: Measurement, publish: bool) -> None:
    """Write a measurement to its place, or print it."""
    if publish:
        write_text(found.file(), _text(found) + "\n")
        typer.echo(f"{found.file()} is written.")
    else:
        _dump(found)
