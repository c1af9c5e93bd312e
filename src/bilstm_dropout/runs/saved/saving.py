"""Train a run and keep its network: its record where there is none yet, and the file that answers new rows."""

from __future__ import annotations

from pathlib import Path

from ... import datasets
from ...datasets.new.reading import reading_of
from ...errors import UserError
from ...loading import check_backend
from ..config import RunConfig
from ..schedules import multiplier
from ..store import Record, Store
from ..train import check_rows, key_of, missing, record_of


def check_target(target: Path, force: bool) -> None:
    """UserError unless a network may be written there: a .keras file that is new, or may be replaced (force)."""
    if target.suffix != ".keras":
        raise UserError(f"--save {str(target)[-80:]!r} is not allowed: name a file that ends in .keras.")
    if target.is_dir() or (target.exists() and not force):
        raise UserError(f"{str(target)[-80:]!r} is there already. Name another file, or add --force to replace it.")


def train_and_save(config: RunConfig, target: Path, store: Store) -> Record:
    """Train a run, write its network at the chosen epoch to `target`, and give its record.

    A run whose record is kept already is trained again, because a record has no weights. UserError for data that are
    not read from rows (before anything is trained), and for a run that diverged.
    """
    check_backend()
    dataset = datasets.load(config.dataset, **config.dataset_options)
    reading = reading_of(dataset)
    check_rows([config])
    from ..trainer import Trainer
    from .network import description_of, save

    trainer, key = Trainer(dataset, config), key_of(config)
    outcome = trainer.run(config)  # leaves the weights of the chosen epoch, or else of the last one
    with store.claim(key):
        if missing([config], store, say=lambda _: None):
            store.save(record_of(config, dataset, outcome))
    if outcome.diverged:
        raise UserError(
            f"The run {key} diverged, so there is no network to save; its record is kept. Give a smaller "
            "--set learning_rate=, or another drop rate."
        )
    epoch = outcome.last_epoch if outcome.best_epoch is None else outcome.best_epoch
    done = round(epoch * trainer.batches) / (config.epochs * trainer.batches)
    about = description_of(
        config, dataset, reading, rate=float(config.rate * multiplier(config.schedule, done)), key=key,
        selected="last" if outcome.best_epoch is None else "best", epoch=float(epoch),
    )  # fmt: skip
    save(target, about, [variable.numpy() for variable in trainer.variables])
    return store.load(key)
