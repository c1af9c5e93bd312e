"""How runs an hour grow with single-thread processes on one machine, for the page on clusters.

`python -m bilstm_dropout.experiments.workers` measures it, and prints what is in data/published/workers.json. The runs are those of
growth.BASE. All processes of a count train at the same time, so what they take from each other counts.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import pydantic

from ..errors import UserError
from ..results import measurement
from ..results.published import published_folder
from ..runs import train
from ..runs.processes import train_batch
from ..runs.store import Record, Store
from . import scaling

COUNTS = (1, 2, 4)
RUNS = 11  # a process trains, of which the first compiles and is not counted

_Seconds = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


class Measured(pydantic.BaseModel, extra="forbid", frozen=True):
    """Seconds of every counted run. workers: how many processes trained at once."""

    workers: Annotated[int, pydantic.Field(ge=1)]
    seconds: Annotated[tuple[_Seconds, ...], pydantic.Field(min_length=1)]

    @property
    def runs_an_hour(self) -> float:
        """Of all processes together, by the median run."""
        return self.workers * 3600 / statistics.median(self.seconds)


class Workers(pydantic.BaseModel, extra="forbid", frozen=True):
    """What was measured. cores: that the machine says it has. counts: one entry a number of processes, rising."""

    cores: Annotated[int, pydantic.Field(ge=1)]
    counts: Annotated[tuple[Measured, ...], pydantic.Field(min_length=1)]
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _rising(self):
        counts = [each.workers for each in self.counts]
        if counts != sorted(set(counts)):
            raise ValueError("counts needs each number of workers once, rising")
        return self


def file() -> Path:
    """Where the study's own measurement is published."""
    return published_folder() / "workers.json"


def published_workers() -> Workers:
    """The published measurement, checked. UserError where the file is missing or does not hold what `measure` gives."""
    return measurement.read(file(), Workers, "python -m bilstm_dropout.experiments.workers")


def measure(counts=COUNTS, each: int = RUNS, say=lambda text: print(text, file=sys.stderr, flush=True)) -> Workers:
    """Train `each` runs in every process, for every number of processes. Minutes; nothing is kept of the runs.

    say: what tells of the progress. UserError where a process ends early.
    """
    found = []
    for workers in counts:
        with tempfile.TemporaryDirectory() as folder:
            records = _at_once(workers, each, Store(Path(folder)))
        found.append(Measured(workers=workers, seconds=tuple(record.seconds for record in records)))
        say(f"{workers} at once: {found[-1].runs_an_hour:.0f} runs an hour")
    return Workers(cores=os.cpu_count() or 1, counts=tuple(found), provenance=records[-1].provenance)


def _at_once(workers: int, each: int, store: Store) -> list[Record]:
    """The counted runs of so many processes."""
    context = multiprocessing.get_context("spawn")  # see parallel.train_in_processes
    batches = [
        [scaling.run_of(scaling.BASE, seed) for seed in range(1 + worker * each, 1 + (worker + 1) * each)]
        for worker in range(workers)
    ]
    processes = [context.Process(target=train_batch, args=(batch, store), daemon=True) for batch in batches]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise UserError("A training process ended early; its reason is above.")
    return [store.load(train.key_of(config)) for batch in batches for config in batch[1:]]


if __name__ == "__main__":
    try:
        print(json.dumps(measure().model_dump(mode="json"), indent=1))
    except UserError as error:
        print(f"workers: {error}", file=sys.stderr)
        sys.exit(2)
