"""How long a run takes as sequences, units or training rows grow: a part of experiments on a task that needs no file.

Only seconds are taken from these runs. Each size has several seeds, because the first run of a process compiles.
`bilstm-dropout measure workers` measures how runs an hour grow with single-thread processes on one machine, and prints
what is in data/published/workers.json. All processes of a count train at the same time, so what they take from each
other counts.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pydantic

from ...results.measurement import Measurement
from ...runs import train
from ...runs.cluster import local_client
from ...runs.config import RunConfig
from ...runs.processes import train_batches
from ...runs.store import Record, Store

PART = "growth"
SEEDS = (1, 2, 3, 4, 5)
BASE = {"steps": 40, "units": 64, "rows": 1000}
AXES = {"steps": (20, 40, 80, 160, 320), "units": (16, 32, 64, 128, 256), "rows": (500, 1000, 2000, 4000, 8000)}
TITLES = {"steps": "steps T", "units": "units U", "rows": "training rows n"}
HELD_OUT = 100  # rows for validation and for testing, few, so that seconds are those of training
EPOCHS = 2


def runs() -> list[RunConfig]:
    """Every size, one axis at a time from BASE, with each seed."""
    sizes = [BASE | {axis: value} for axis, values in AXES.items() for value in values]
    return [run_of(size, seed) for size in {tuple(each.values()): each for each in sizes}.values() for seed in SEEDS]


def run_of(size: dict[str, int], seed: int) -> RunConfig:
    """The run of a size (steps, units, rows) with a seed."""
    options = {"steps": size["steps"], "train": size["rows"], "validation": HELD_OUT, "test": HELD_OUT}
    return RunConfig(
        placement="recurrent", rate=0.25, seed=seed, dataset="recall", dataset_options=options, units=size["units"],
        embedding_dim=100, epochs=EPOCHS,
    )  # fmt: skip


def seconds(rows: pd.DataFrame) -> pd.DataFrame:
    """Median seconds of a run by size: axis, value, seconds. rows: of this part. Only sizes with every seed."""
    frame = rows.drop_duplicates("key")
    options = frame["dataset_options"].map(json.loads)
    frame = frame.assign(steps=[each["steps"] for each in options], rows=[each["train"] for each in options])
    found = []
    for axis, values in AXES.items():
        for value in values:
            size = BASE | {axis: value}
            mine = frame[np.logical_and.reduce([frame[name] == number for name, number in size.items()])]
            if len(mine) == len(SEEDS):
                found.append((axis, value, float(mine["seconds"].median())))
    return pd.DataFrame(found, columns=["axis", "value", "seconds"])


def exponent(values, found) -> float:
    """b of seconds = a · valueᵇ, by least squares on logarithms: 1 for what grows in proportion. NaN below two."""
    if len(values) < 2:
        return math.nan
    return float(np.polyfit(np.log(values), np.log(found), 1)[0])


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


class Workers(Measurement):
    """What was measured. cores: that the machine says it has. counts: one entry a number of processes, rising."""

    FILE = "workers.json"
    COMMAND = "bilstm-dropout measure workers"

    cores: Annotated[int, pydantic.Field(ge=1)]
    counts: Annotated[tuple[Measured, ...], pydantic.Field(min_length=1)]
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _rising(self):
        counts = [each.workers for each in self.counts]
        if counts != sorted(set(counts)):
            raise ValueError("counts needs each number of workers once, rising")
        return self


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
    groups = [
        [run_of(BASE, seed) for seed in range(1 + worker * each, 1 + (worker + 1) * each)]
        for worker in range(workers)
    ]
    with local_client(workers) as client:
        train_batches(client, groups, store, "workers")
    return [store.load(train.key_of(config)) for group in groups for config in group[1:]]
