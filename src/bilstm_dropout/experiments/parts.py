"""Experiments beside a profile's grid: named lists of runs, trained into the store and published from it.

A part's runs can depend on what an earlier stage gave, so they are asked for with the store. Training goes on where it
stopped, in several single-thread processes at once.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from ..errors import UserError, unknown
from ..results import predictions, published
from ..results.method import in_study
from ..runs.config import RunConfig, Sweep
from ..runs.processes import train_in_processes
from ..runs.store import DamagedRecord, Record, Store
from ..runs.train import key_of, missing
from . import ledger, memory, planted, scaling
from .confirmatory import plan as grid
from .confirmatory import tuning
from .exploratory import plan as grid_exploring

GRID = ("a1", "a2", "a3")  # parts of the confirmatory study, whose runs on a data set are all of one size


@dataclass(frozen=True)
class Part:
    """runs: from a score (see grid.Score) to the runs that are known, in the order of training. planned: data set to
    the number of runs, once all are known. after: the part that must be complete before this one is trained.
    """

    runs: Callable[[grid.Score], list[RunConfig]]
    planned: Callable[[], dict[str, int]]
    after: str | None = None


def _of_sweeps(sweeps: Callable[[], list[Sweep]]) -> Part:
    """A part of sweeps, with the runs that each is compared with; it depends on nothing."""

    def runs(_: grid.Score) -> list[RunConfig]:
        found = (config for sweep in sweeps() for config in (*sweep.baselines(), *sweep.runs()))
        return list({key_of(config): config for config in found}.values())

    return Part(runs, lambda: Counter(config.dataset for config in runs(lambda _: None)))


PARTS: dict[str, Part] = {
    ledger.PART: _of_sweeps(ledger.sweeps),
    **{part: _of_sweeps(lambda part=part: [sweep for _, sweep in memory.planned(part)]) for part in memory.PARTS},
    scaling.PART: Part(lambda _: scaling.runs(), lambda: Counter(config.dataset for config in scaling.runs())),
    planted.PART: Part(
        lambda _: planted.runs(), lambda: Counter(config.dataset for config in planted.runs())
    ),
    "a1": Part(grid.tuning, lambda: grid.planned("a1")),
    "a2": Part(grid.confirmation, lambda: grid.planned("a2"), after="a1"),
    "a3": Part(lambda _: grid.fixed_rate(), lambda: grid.planned("a3")),
    # What explores waits for what confirms, and shares runs with a3.
    **{
        part: Part(lambda _, made=made: made(), lambda part=part: grid_exploring.planned(part), after="a3")
        for part, made in grid_exploring.PARTS.items()
    },
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


def _score_of(store: Store) -> grid.Score:
    """Test NLL of a run at the checkpoint that validation chose: infinite where there is none, None if not done.

    A published run has the score that was published, so that what follows from it is the same on every machine.
    """
    read: dict[str, float] = {}

    def score(config: RunConfig) -> float | None:
        if not read:
            rows = published.read("a1")
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
    return _sound(runs(part, store), store)


def _sound(known: Mapping[str, RunConfig], store: Store) -> list[Record]:
    found = []
    for key in known:
        with contextlib.suppress(DamagedRecord):
            if store.has(key):
                found.append(store.load(key))
    return found


@dataclass(frozen=True)
class Plan:
    """What training a part would do.

    done: of the planned runs, here or published. hours: of those of the rest whose time is known, on `workers`
    processes. unmeasured: data sets with runs left of which none that could stand for them was timed yet.
    """

    part: str
    planned: int
    done: int
    hours: float
    workers: int
    unmeasured: tuple[str, ...]

    @property
    def left(self) -> int:
        """Runs that are not done, those that are not known yet among them."""
        return self.planned - self.done

    def sentence(self) -> str:
        """All of it in a line."""
        known = f"about {self.hours:.2g} h on {self.workers} processes" if self.hours else ""
        without = f"no run on {', '.join(self.unmeasured)} was timed yet" if self.unmeasured else ""
        counts = f"{self.part}: {self.planned:,} runs planned, {self.done:,} done, {self.left:,} left"
        return "; ".join(each for each in (counts, known, without) if each)


def plan(part: str, store: Store | None = None, workers: int = 1) -> Plan:
    """What is planned, done and left of a part, and about how long it takes: the median time of a run of that size.

    The times are of the part's own finished runs. Parts of the confirmatory study, whose runs on a data set are alike,
    count for each other, and for an exploring part that has runs of their size. Where none of a size was timed, those
    of the part's other sizes on the data set stand for it, and where none was timed here, those that are published.
    """
    store = store or Store()
    known = runs(part, store)
    done = _sound(known, store)
    planned = PARTS[part].planned()
    finished = {record.key for record in done} | (known.keys() & published_keys(part))
    left = Counter(planned) - Counter(known[key].dataset for key in finished)
    timed = _timed(part, known, done, store) if left else {}
    waiting = [config for key, config in known.items() if key not in finished]
    names = [size if (size := _size(config)) in timed else config.dataset for config in waiting]
    # Of runs that are not known yet the data set is.
    names += (left - Counter(config.dataset for config in waiting)).elements()
    seconds = sum(timed.get(name, 0.0) for name in names)
    unmeasured = tuple(dataset for dataset in left if dataset in {*names} - {*timed})
    return Plan(part, sum(planned.values()), len(finished), seconds / 3600 / workers, workers, unmeasured)


def published_keys(part: str) -> set[str]:
    """Keys of the runs that are published with a part or, for a part of the study, with any other of the study.

    Parts share runs, and a row serves wherever its run belongs.
    """
    parts = [each for each in PARTS if in_study(each)] if in_study(part) else [part]
    return {key for each in parts for key in published.read(each)["key"]}


def _timed(part: str, known: Mapping[str, RunConfig], done: list[Record], store: Store) -> dict[str, float]:
    """The median seconds of finished runs that stand for those of a part: by _size, and by data set."""
    alike = GRID if part in GRID else (part,)
    others = GRID if part in grid_exploring.PARTS else ()
    sizes = {_size(config) for config in known.values()}
    own: dict[str, dict[str, float]] = {}  # by key, because a run can be in two parts
    there: dict[str, dict[str, float]] = {}
    for each in (*alike, *others):
        for found, timed in (own, done if each == part else records(each, store)), (there, _published_runs(each)):
            for run in timed:
                size = _size(run.config)
                for name in (size, run.config.dataset) if each in alike or size in sizes else ():
                    found.setdefault(name, {})[run.key] = run.seconds
    # Published times are another machine's, and better than none.
    return {name: float(np.median([*seconds.values()])) for name, seconds in (there | own).items()}


def _published_runs(part: str) -> list[SimpleNamespace]:
    """Key, config and seconds of a part's published runs."""
    rows = published.rows_of(published.read(part))
    return [SimpleNamespace(key=row["key"], config=published.config_of(row), seconds=row["seconds"]) for row in rows]


def _size(config: RunConfig) -> str:
    """What decides how long a run takes, beside its placement; which fold is the test part does not."""
    apart = {"placement", "rate", "schedule", "seed", "dropout_stream", "learning_rate", "dataset_options"}
    options = {name: value for name, value in config.dataset_options.items() if name != "fold"}
    return json.dumps({**config.model_dump(exclude=apart), "options": options}, sort_keys=True)


def complete(rows: Mapping[str, pd.DataFrame], parts: Iterable[str]) -> bool:
    """Whether every planned run of these parts is published. rows: published rows by part."""
    return all(len(rows[part]) == sum(PARTS[part].planned().values()) for part in parts)


def power(store: Store | None = None) -> list[str]:
    """What a2 can be expected to see, by the tuning arm: a sentence a measure, or one that says that a1 is not done."""
    from .confirmatory import contrasts

    rows = {"a1": published.read("a1")}
    found = contrasts.power(rows["a1"] if complete(rows, ["a1"]) else own_rows("a1", store))
    if found["spread"].isna().any():
        return ["a2: its power is computed once a1 is complete"]
    return [
        f"a2, {row.measure}: over {row.units} units a contrast has a standard deviation of {row.spread:.4f} nats in a1 "
        f"({row.freedom} degrees of freedom); a difference of {row.visible:.4f} is found with a power of .8, one of "
        f"{contrasts.MARGIN:g} with {row.finds_margin:.2f} (Holm's first step), and equivalence within "
        f"±{contrasts.MARGIN:g} is shown with {row.shows_equivalence:.2f} where there is no difference"
        for row in found.itertuples()
    ]


def train(part: str, store: Store | None = None, workers: int | None = None) -> None:
    """Train what is neither in the store nor published of a part, with progress and time to go on the error stream.

    Resumable at any run. workers: single-thread processes, one a core by default. UserError for a part whose runs rest
    on another that is not complete, and where a process ends early; what it finished is kept.
    """
    from ..study.run import default_workers

    store = store or Store()
    store.check_writable()
    (part,) = named([part])
    after = PARTS[part].after
    if after is not None and (left := plan(after, store).left):
        raise UserError(
            f"{part} rests on {after}, and {left} runs of {after} are not done. "
            f"Train them first: bilstm-dropout experiments {after}."
        )
    there = published_keys(part)
    # Once a stage is done the next one's runs are known.
    while todo := missing([c for key, c in runs(part, store).items() if key not in there], store, say=lambda _: None):
        train_in_processes(todo, store, workers or default_workers(), part)


def own_rows(part: str, store: Store | None = None) -> pd.DataFrame:
    """The store's finished runs of a part in the form of published.SCHEMA, one row a run."""
    rows = [published.row_of(part, record) for record in records(part, store)]
    return pd.DataFrame(rows, columns=published.SCHEMA.names)


def publish(part: str, store: Store | None = None):
    """Add a part's finished runs to data/published, and their test predictions where the part has those.

    Gives the new file of rows, or None where nothing is new.
    """
    found = records(part, store)
    file = published.publish(part, found, shared=runs(part, store))
    if part in predictions.PARTS_WITH_PREDICTIONS:
        predictions.publish(part, found)
    return file
