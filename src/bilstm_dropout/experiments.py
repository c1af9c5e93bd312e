"""Experiments beside a profile's grid: named lists of sweeps, trained into the store and published from it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pandas as pd

from . import claims_experiments, published
from .config import RunConfig, Sweep
from .errors import unknown
from .mechanisms import memory
from .runs import key_of, missing, run_sweep
from .store import DamagedRecord, Record, Store

# Part to its sweeps, in the order in which they are trained.
PARTS: dict[str, Callable[[], list[Sweep]]] = {
    claims_experiments.PART: claims_experiments.sweeps,
    **{part: (lambda part=part: [sweep for _, sweep in memory.planned(part)]) for part in memory.PARTS},
}


def sweeps(part: str) -> list[Sweep]:
    """The sweeps of a part. UserError for an unknown one."""
    if part not in PARTS:
        raise unknown("experiment", part, PARTS)
    return PARTS[part]()


def runs(part: str) -> dict[str, RunConfig]:
    """Every run of a part by its record's key, those it is compared with among them, in the order of training."""
    return {key_of(config): config for sweep in sweeps(part) for config in (*sweep.baselines(), *sweep.runs())}


def records(part: str, store: Store | None = None) -> list[Record]:
    """The sound records of a part that the store has."""
    store, found = store or Store(), []
    for key in runs(part):
        with contextlib.suppress(DamagedRecord):
            if store.has(key):
                found.append(store.load(key))
    return found


def train(part: str, store: Store | None = None) -> None:
    """Train what the store lacks of a part, with progress and time to go on the error stream. Resumable at any run."""
    from .progress import bar

    store = store or Store()
    with bar(len(missing(runs(part).values(), store)), part) as advance:
        for sweep in sweeps(part):
            run_sweep(sweep, store, progress=lambda *_: advance(), say=lambda _: None)


def own_rows(part: str, store: Store | None = None) -> pd.DataFrame:
    """The store's finished runs of a part in the form of published.SCHEMA, one row a run."""
    rows = [published.row_of(part, record) for record in records(part, store)]
    return pd.DataFrame(rows, columns=published.SCHEMA.names)


def publish(part: str, store: Store | None = None):
    """Add a part's finished runs to data/published; the new file, or None where nothing is new."""
    return published.publish(part, records(part, store))
