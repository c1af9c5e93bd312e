"""Runs that leave records: train what the store lacks, read what it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np

from .. import datasets
from ..loading import check_backend
from ..stats import metrics
from .config import RunConfig, network, programme
from .provenance import provenance
from .store import RESULTS_VERSION, DamagedRecord, Record, Store, run_key
from .sweep import Sweep


def key_of(config: RunConfig) -> str:
    """The key under which a run's record is kept."""
    return run_key(config, datasets.load(config.dataset, **config.dataset_options).fingerprint)


def missing(configs: Iterable[RunConfig], store: Store, say: Callable[[str], None] = print) -> list[RunConfig]:
    """The runs without a sound record, in order and each once. A damaged one is said.

    UserError for a run that wants more training rows than its data set has: it could not be trained.
    """
    lacking = {}
    for config in configs:
        key = key_of(config)
        try:
            if not store.has(key):
                lacking[key] = config
            else:
                store.check(key)
        except DamagedRecord as error:
            say(str(error))
            lacking[key] = config
    check_rows(lacking.values())
    return list(lacking.values())


def check_rows(configs: Iterable[RunConfig]) -> None:
    """Raise UserError, one line, for a training subset that cannot be drawn. Loads the data, and nothing heavier.

    A configuration alone cannot tell: how many rows there are depends on files, folds and options.
    """
    alike = {(c.dataset, str(c.dataset_options), c.train_rows): c for c in configs if c.train_rows}
    for config in alike.values():
        datasets.load(config.dataset, **config.dataset_options).subset_rows(config.train_rows, config.seed)


def run_sweep(
    sweep: Sweep, store: Store | None = None, progress=None, say: Callable[[str], None] = print
) -> list[Record]:
    """The records of a sweep and of the baselines it is compared with, in the order baselines, runs.

    What the store lacks is trained, one compiled program for each data set and placement. progress(done, total,
    seconds) is called after every run that was trained. Every record is kept as soon as its run ends.
    """
    store = store or Store()
    store.check_writable()
    found = wanted(sweep)
    todo = missing(found, store, say)
    if todo:
        train(todo, store, progress)
    return [store.load(key_of(config)) for config in found]


def wanted(sweep: Sweep) -> list[RunConfig]:
    """The runs of a sweep and those it is compared with, each once: those of `none` are their own baselines."""
    return list({key_of(config): config for config in [*sweep.baselines(), *sweep.runs()]}.values())


def train(todo: list[RunConfig], store: Store, progress=None) -> None:
    """Train these runs, each program compiled once, and keep each record as soon as its run ends.

    UserError, before anything is trained, where Keras is set up in a way that would give other numbers.
    """
    check_backend()
    from .trainer import Trainer

    provenance()  # reads the source now, before anything is trained: it may change meanwhile
    trainer, started = None, time.monotonic()
    todo = sorted(todo, key=programme)
    for done, config in enumerate(todo, start=1):
        key = key_of(config)
        with store.claim(key):
            if missing([config], store, say=lambda _: None):  # another process may have finished it meanwhile
                dataset = datasets.load(config.dataset, **config.dataset_options)
                if trainer is None or trainer.network != network(config):
                    trainer = Trainer(dataset, config)
                elif trainer.dataset is not dataset:
                    trainer.take(dataset)
                store.save(record_of(config, dataset, trainer.run(config)))
        if progress:
            progress(done, len(todo), time.monotonic() - started)


def record_of(config: RunConfig, dataset, outcome) -> Record:
    """A record of a trainer.Outcome: its measures on the test part, and where it was made."""
    measured = {}
    for selected, epoch in (("best", outcome.best_epoch), ("last", outcome.last_epoch)):
        p = outcome.probabilities.get(f"test_{selected}")
        if p is None:
            continue
        finite = bool(np.isfinite(p).all())
        values = (
            metrics.measures(p, dataset.test.labels)
            if finite
            else dict.fromkeys(metrics.MEASURES, float("nan"))
        )
        measured[selected] = {**values, "epoch": float(epoch)}
    return Record(
        key=run_key(config, dataset.fingerprint),
        config=config,
        fingerprint=dataset.fingerprint,
        results_version=RESULTS_VERSION,
        metrics=measured,
        curves=outcome.curves,
        watch="validation" if dataset.validation is not None else "test",
        diverged=outcome.diverged,
        seconds=round(outcome.seconds, 3),
        provenance=provenance(),
        probabilities=outcome.probabilities,
    )
