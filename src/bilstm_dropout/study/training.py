"""What a profile's notebooks show is trained before they are executed, in a few processes.

    runs without a record ─► batches of runs that share programs ─► a process each ─► records ─► notebooks show them

A notebook that is executed by itself trains its own runs, with programs of its own. Two dozen of them in a study would
compile each program again and again, and that takes longer than the training.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress

from ..progress import bar
from ..runs.config import RunConfig, programme
from ..runs.processes import batches, trained, watched
from ..runs.store import DamagedRecord, Store
from ..runs.train import key_of
from . import pace


def train_lacking(
    client, lacking: Iterable[RunConfig], workers: int, store: Store, label: str, say: Callable[[str], None]
) -> None:
    """Train runs on a client's workers, with progress. What fails is said and stops nothing: its notebook says more.

    lacking: runs without a record. UserError where no worker is left; finished runs are kept.
    """
    todo = {key_of(config): config for config in lacking}
    if not todo:
        return
    with bar(len(todo), f"{label}: runs") as advance, watched(store, list(todo), advance):
        for reason in trained(client, batches(todo.values(), workers), store, label):
            if reason:
                say(f"  A training process ended early ({reason}); its notebooks train what is left")
    learn(store, todo)


def learn(store: Store, runs: dict[str, RunConfig]) -> None:
    """Take in how long these runs' programs took to compile: what the first run of each took more than the quickest."""
    by_program = defaultdict(list)
    for key, config in runs.items():
        with suppress(DamagedRecord, FileNotFoundError):
            by_program[programme(config)].append(store.load(key).seconds)
    compiling = [max(each) - min(each) for each in by_program.values() if len(each) > 1]
    if compiling:
        learned = pace.pace()
        learned.learn(pace.PROGRAM, sum(compiling) / len(compiling))
        learned.keep()
