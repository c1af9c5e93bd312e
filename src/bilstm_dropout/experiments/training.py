"""Train a part of the experiments as far as it is not done, say how long that takes, and publish it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from ..errors import UserError
from ..results import curves, predictions, published
from ..results.rows import config_of, rows_of
from ..runs.config import RunConfig
from ..runs.processes import default_workers, train_in_processes
from ..runs.store import Record, Store
from ..runs.train import missing
from .exploratory import plan as grid_exploring
from .parts import GRID, PARTS, named, published_keys, records, runs, sound


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
    count for each other, and for an exploring part that has runs of their size; so does the part that another is like.
    Where none of a size was timed, those of the part's other sizes on the data set stand for it, and where none was
    timed here, those that are published.
    """
    store = store or Store()
    known = runs(part, store)
    done = sound(known, store)
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


def _timed(part: str, known: Mapping[str, RunConfig], done: list[Record], store: Store) -> dict[str, float]:
    """The median seconds of finished runs that stand for those of a part: by _size, and by data set."""
    alike = GRID if part in GRID else (part,)
    others = GRID if part in grid_exploring.PARTS else ()
    others += (PARTS[part].like,) if PARTS[part].like else ()
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
    rows = rows_of(published.read(part))
    return [SimpleNamespace(key=row["key"], config=config_of(row), seconds=row["seconds"]) for row in rows]


def _size(config: RunConfig) -> str:
    """What decides how long a run takes, beside its placement; which fold or draw its data are does not, and how many
    rows are for validation and whether the training rows are watched hardly do. Passes with masks take longer; the
    part's own runs say how much, once there are some.
    """
    apart = {"placement", "rate", "schedule", "seed", "dropout_stream", "learning_rate", "dataset_options",
             "watch_training", "passes"}  # fmt: skip
    draws = ("fold", "data_seed", "resample", "validation")
    options = {name: value for name, value in config.dataset_options.items() if name not in draws}
    return json.dumps({**config.model_dump(exclude=apart), "options": options}, sort_keys=True)


def train(
    part: str, store: Store | None = None, workers: int | None = None, scheduler: str | None = None
) -> None:
    """Train what is neither in the store nor published of a part, with progress and time to go on the error stream.

    Resumable at any run. workers: single-thread processes, one a core by default. UserError for a part whose runs rest
    on another that is not complete, and where a process ends early; what it finished is kept.
    """
    store = store or Store()
    store.check_writable()
    (part,) = named([part])
    after = PARTS[part].after
    if after is not None and (left := plan(after, store).left):
        raise UserError(
            f"{part} rests on {after}, and {left} runs of {after} are not done. "
            f"Train them first: bilstm-dropout experiments {after}."
        )
    there, lot = published_keys(part), PARTS[part].lot
    # Once a stage is done the next one's runs are known.
    while todo := missing([c for key, c in runs(part, store).items() if key not in there], store, say=lambda _: None):
        in_order = {"groups": [[*each] for _, each in itertools.groupby(todo, lot)]} if lot else {}
        train_in_processes(todo, store, workers or default_workers(), part, scheduler, **in_order)


def publish(part: str, store: Store | None = None):
    """Add a part's finished runs to data/published, and their predictions and learning curves where the part has those.

    Gives the new file of rows, or None where nothing is new.
    """
    found = records(part, store)
    file = published.publish(part, found, shared=() if PARTS[part].again else runs(part, store))
    if part in predictions.PARTS_WITH_PREDICTIONS:
        predictions.publish(part, found)
    if part in curves.PARTS_WITH_CURVES:
        curves.publish(part, found)
    return file
