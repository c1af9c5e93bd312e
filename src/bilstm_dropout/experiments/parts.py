"""The parts of the study: named lists of runs, trained into the store and published from it.

A part's runs can depend on what an earlier stage gave, so they are asked for with the store. `bilstm-dropout
experiments PART` trains what is missing of one, in several single-thread processes at once, and goes on where it
stopped; with --plan it says only what is to do, and with --publish it adds what is there to data/published.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ..errors import unknown
from ..results import published
from ..results.method import in_study
from ..results.rows import SCHEMA, row_of
from ..runs.config import RunConfig
from ..runs.store import DamagedRecord, Record, Store
from ..runs.sweep import Sweep
from ..runs.train import key_of, wanted
from . import ledger, memory, planted, planted_again, recall
from .confirmatory import plan, tuning
from .exploratory import (
    by_sample,
    early_late,
    monte_carlo,
    recipe,
    regularisers,
    rows_and_length,
    size,
    trained_again,
    tuned_again,
)  # fmt: skip
from .exploratory import plan as exploratory
from .speed import scaling

TUNINGS = ("a1", tuned_again.PART, size.PART)  # parts whose own runs decide which others there are
GRID = ("a1", "a2", "a3")  # parts of the confirmatory study, whose runs on a data set are all of one size


@dataclass(frozen=True)
class Part:
    """runs: from a score (see plan.Score) to the runs that are known, in the order of training. planned: data set to
    the number of runs, once all are known. after: the part that must be complete before this one is trained. like:
    another part whose runs of the same size say how long one takes. again: runs that other parts have published are
    trained and published all the same, because the part needs what those left behind no more. lot: what runs that
    follow each other share to be trained in one process, lot by lot in the order of `runs`; by default those that share
    a compiled program are, in whatever order.
    """

    runs: Callable[[plan.Score], list[RunConfig]]
    planned: Callable[[], dict[str, int]]
    after: str | None = None
    like: str | None = None
    again: bool = False
    lot: Callable[[RunConfig], tuple] | None = None


def _of_list(runs: Callable[[], list[RunConfig]], **others) -> Part:
    """A part whose runs depend on nothing. others: further fields of Part."""
    return Part(lambda _: runs(), lambda: Counter(config.dataset for config in runs()), **others)


def _of_sweeps(sweeps: Callable[[], list[Sweep]]) -> Part:
    """A part of sweeps, with the runs that each is compared with; it depends on nothing."""
    return _of_list(lambda: list({key_of(run): run for sweep in sweeps() for run in wanted(sweep)}.values()))


PARTS: dict[str, Part] = {
    ledger.PART: _of_sweeps(ledger.sweeps),
    **{part: _of_sweeps(lambda part=part: [sweep for _, sweep in memory.planned(part)]) for part in memory.PARTS},
    scaling.PART: _of_list(scaling.runs),
    planted.PART: _of_list(planted.runs),
    "a1": Part(plan.tuning, lambda: plan.planned("a1")),
    "a2": Part(plan.confirmation, lambda: plan.planned("a2"), after="a1"),
    "a3": _of_list(lambda: plan.fixed_rate()),
    # What explores waits for what confirms, and shares runs with a3.
    **{part: _of_list(made, after="a3") for part, made in exploratory.PARTS.items()},
    recall.PART: _of_list(recall.runs, like="memory"),
    trained_again.PART: _of_list(trained_again.runs, after=trained_again.OF, like=trained_again.OF, again=True),
    planted_again.PART: _of_list(planted_again.runs, like=planted.PART),
    early_late.PART: _of_list(early_late.runs, after=early_late.OF, like=early_late.OF),
    regularisers.PART: _of_list(regularisers.runs, after=regularisers.OF, like=regularisers.OF),
    recipe.PART: Part(recipe.runs, recipe.planned, after=recipe.OF, like=recipe.OF, lot=recipe.lot),
    by_sample.PART: _of_list(by_sample.runs, after=by_sample.OF, like=by_sample.OF),
    monte_carlo.PART: Part(
        monte_carlo.runs, monte_carlo.planned, after=monte_carlo.OF, like=monte_carlo.OF, lot=monte_carlo.lot
    ),
    rows_and_length.PART: _of_list(
        rows_and_length.runs, after=rows_and_length.OF, like=rows_and_length.LIKE, lot=rows_and_length.lot
    ),
    tuned_again.PART: Part(tuned_again.runs, tuned_again.planned, after=tuned_again.OF, like=tuned_again.OF),
    size.PART: Part(size.runs, size.planned, after=size.OF, like=size.OF),
}


def named(parts: list[str] | None) -> list[str]:
    """The parts of these names, all without any. UserError for an unknown one."""
    for part in parts or ():
        if part not in PARTS:
            raise unknown("experiment", part, PARTS)
    return list(parts or PARTS)


def runs(part: str, store: Store | None = None) -> dict[str, RunConfig]:
    """Every run of a part that is known by now, by its record's key, in the order of training.

    UserError for an unknown part, and for data that cannot be had.
    """
    named([part])
    return {key_of(config): config for config in PARTS[part].runs(_score_of(store or Store()))}


def _score_of(store: Store) -> plan.Score:
    """Test NLL of a run at the checkpoint that validation chose: infinite where there is none, None if not done.

    A published run has the score that was published, so that what follows from it is the same on every machine.
    """
    read: dict[str, float] = {}

    def score(config: RunConfig) -> float | None:
        if not read:
            for part in TUNINGS:
                rows = published.read(part)
                read.update(zip(rows["key"], tuning.scored(rows)["score"], strict=True))
            read[""] = math.inf  # read, even if nothing is published
        key = key_of(config)
        if key not in read and store.has(key):
            with contextlib.suppress(DamagedRecord):
                value = store.load(key).metrics.get("best", {}).get("nll", math.nan)
                read[key] = value if math.isfinite(value) else math.inf
        return read.get(key)

    return score


def records(part: str, store: Store | None = None) -> list[Record]:
    """The sound records of a part that the store has."""
    store = store or Store()
    return sound(runs(part, store), store)


def sound(known: Mapping[str, RunConfig], store: Store) -> list[Record]:
    """The records of runs, by key, that the store has and that are not damaged."""
    found = []
    for key in known:
        with contextlib.suppress(DamagedRecord):
            if store.has(key):
                found.append(store.load(key))
    return found


def published_keys(part: str) -> set[str]:
    """Keys of the runs that are published with a part or, for a part of the study, with any other of the study.

    Parts share runs, and a row serves wherever its run belongs, but in a part that trains runs again.
    """
    shares = in_study(part) and not PARTS[part].again
    parts = [each for each in PARTS if in_study(each)] if shares else [part]
    return {key for each in parts for key in published.read(each)["key"]}


def complete(rows: Mapping[str, pd.DataFrame], parts: Iterable[str]) -> bool:
    """Whether every planned run of these parts is published. rows: published rows by part."""
    return all(len(rows[part]) == sum(PARTS[part].planned().values()) for part in parts)


def own_rows(part: str, store: Store | None = None) -> pd.DataFrame:
    """The store's finished runs of a part in the form of rows.SCHEMA, one row a run."""
    rows = [row_of(part, record) for record in records(part, store)]
    return pd.DataFrame(rows, columns=SCHEMA.names)
