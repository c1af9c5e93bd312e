"""Train a study of one's own data for the minutes that there are: the first trials, a plan from their pace, the rest.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from pathlib import Path

from ... import datasets
from ...errors import UserError
from ...loading import check_backend
from ...progress import duration
from ...runs.config import RunConfig
from ...runs.processes import default_workers, train_in_processes
from ...runs.store import Store
from ...runs.train import key_of, missing
from .. import cost
from . import pace
from .design import MOST_TRIALS, PILOT, Design, batches

MINUTES = 15.0
MOST_MINUTES = 7 * 24 * 60.0
UNLIKELY = 0.5  # a guess at the first trials' time below this share of the minutes is not looked into


def train(
    design: Design, folder: Path, minutes: float = MINUTES, workers: int | None = None, scheduler: str | None = None,
    say: Callable[[str], None] = print,
) -> Design:  # fmt: skip
    """Train as many trials as fit into the minutes, counted from the study's beginning; give the design with these.

    folder: where the pace is kept. What is trained is never trained again: more minutes go on where the last stopped,
    and the same minutes train nothing. UserError where minutes are none, or a training process ends early.
    """
    check_minutes(minutes)
    store, workers = Store(), workers or default_workers()
    store.check_writable()
    check_backend()
    known = pace.kept(folder, design, workers)
    if known is None:
        _check_time(design, minutes, store, workers, scheduler, say)
        known = _first(design, folder, store, workers, scheduler, say)
    planned = pace.plan(design, known, minutes, finished(design, store), workers)
    say(sentence(design, planned, workers))
    whole = design.with_trials(planned.trials, max(minutes, design.minutes))
    _train(whole, store, workers, scheduler)
    return whole


def outlook(design: Design, folder: Path, minutes: float, workers: int | None = None) -> str:
    """What `train` would do, without training: by the pace that was measured, or else by runs alike elsewhere."""
    store, workers = Store(), workers or default_workers()
    known = pace.kept(folder, design, workers)
    if known is not None:
        return sentence(design, pace.plan(design, known, minutes, finished(design, store), workers), workers)
    rows = cost.by_dataset(design.trial(0), cost.known_runs(store))
    seconds = sum(row["runs"] * row["seconds_a_run"] for row in rows)
    return (
        f"{design.dataset}: {minutes:g} minutes on {workers} processes, none and {len(design.arms)} others "
        f"({', '.join(design.placements)}) on one test part of a tenth of the rows after another. One takes about "
        f"{duration(seconds)} on one process; the first {PILOT} will say how many there is time for."
    )


def check_minutes(minutes: float) -> None:
    """UserError where so many minutes cannot be."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise UserError(f"MINUTES: {minutes:g} is not allowed. Allowed: a number from 1 to {MOST_MINUTES:,.0f}.")


def finished(design: Design, store: Store) -> int:
    """How many trials are trained whole, from the first on."""
    trials = itertools.takewhile(
        lambda number: all(store.has(key_of(config)) for config in design.whole_trial(number)), range(MOST_TRIALS)
    )
    return sum(1 for _ in trials)


def sentence(design: Design, planned: pace.Plan, workers: int) -> str:
    """The plan in words."""
    rows = f"{planned.trials} test parts of a tenth of the rows"
    if planned.trials >= 10:
        times = planned.trials // 10
        rows += f", so that every row is tested {'once' if times == 1 else f'{times} times'} under each"
    todo = (
        f"{planned.new} of them, {planned.new * design.runs_a_trial} runs, are to be trained, in about "
        f"{duration(planned.seconds)} on {workers} processes"
        if planned.new
        else "all of them are trained"
    )
    return (
        f"{design.dataset}: none and {len(design.arms)} others ({', '.join(design.placements)}, at rates "
        f"{', '.join(f'{rate:g}' for rate in design.rates)}) on {rows}; {todo}. By the spread of the first "
        f"{PILOT}, four of five such studies would find a difference of {planned.loss:.3f} nats in loss or of "
        f"{planned.points:.1f} points in accuracy."
    )


def _check_time(design, minutes, store, workers, scheduler, say) -> None:
    """UserError where the first trials alone take longer than the minutes: by one run, where that seems likely."""
    first = design.with_trials(PILOT)
    lacking = missing(first.configs(), store, say=lambda _: None)
    known = cost.known_runs(store)
    guessed = sum(known.seconds(config)[0] for config in lacking) / workers
    if guessed < 60 * minutes * UNLIKELY:
        return
    one = design.trial(0)[0]
    say(f"{design.dataset}: one run first, because {PILOT} test parts may take longer than {minutes:g} minutes")
    train_in_processes(missing([one], store, say=lambda _: None), store, 1, f"{design.dataset}: one run", scheduler)
    a_run = store.load(key_of(one)).seconds
    needed = a_run * (len(lacking) - 1) / workers / 60
    if needed > minutes:
        rows = len(datasets.load(one.dataset, **one.dataset_options).train) * 10 // 8
        raise UserError(
            f"{design.dataset}: a run takes {duration(a_run)} here, so {PILOT} test parts under none and "
            f"{len(design.arms)} others, the fewest that can be judged, take about {duration(60 * needed)}, and there "
            f"are {minutes:g} minutes. Three ways on: MINUTES={math.ceil(1.2 * needed)} or more; fewer placements or "
            f"rates, as PLACEMENTS={design.placements[0]} RATES={design.rates[0]:g}; or a file of about "
            f"{max(100, int(rows * minutes / needed / 2)):,} of the {rows:,} rows, drawn at random. That run is kept."
        )


def _first(design, folder, store, workers, scheduler, say) -> pace.Pace:
    first = design.with_trials(PILOT)
    lacking = missing(first.configs(), store, say=lambda _: None)
    if lacking:
        say(f"{design.dataset}: {len(lacking)} runs first, to see how long one takes on this machine")
    started = time.monotonic()
    _train(first, store, workers, scheduler)
    seconds = time.monotonic() - started
    records = [store.load(key_of(config)) for config in first.configs()]
    found = pace.measure(design, records, len(lacking), seconds, workers)
    pace.keep(folder, found)
    return found


def _train(design: Design, store: Store, workers: int, scheduler: str | None) -> None:
    todo: list[RunConfig] = missing(design.configs(), store, say=lambda _: None)
    if not todo:
        return
    train_in_processes(todo, store, workers, f"{design.dataset}: runs", scheduler, list(batches(todo, workers)))
