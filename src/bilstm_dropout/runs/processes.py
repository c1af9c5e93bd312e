"""Train many runs at once: batches of runs that share compiled programs, handed to Dask's workers.

A worker trains a batch in a process of its own, so that what TensorFlow says, keeps or breaks stays there. Every run
leaves its record as soon as it ends, so whatever interrupts a batch costs the run it was at and no more.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UserError
from ..loading import check_backend
from ..paths import project_root
from ..progress import bar
from . import compiled, train
from .cluster import client_of, results
from .config import RunConfig, programme
from .store import Store

PROGRAMS_A_BATCH = 8  # a process keeps the memory of what it compiled
WAIT_SECONDS = 5.0  # between two looks at what is finished

# How a training process runs: on one thread, because two such processes train more than one with two threads. Without
# threads of its own XLA makes the loop's small products itself, in registers of the width that it is told to prefer.
# With 256 bits, its own choice, a run on JapaneseVowels took a fifth longer on a processor with registers of 512; where
# those are lacking, narrower ones serve. TensorFlow reads these variables when it starts.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false --xla_cpu_prefer_vector_width=512",
}  # fmt: skip


def default_workers() -> int:
    """One single-thread worker a core: two of them train more than one process with two threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def train_in_processes(
    todo: list[RunConfig], store: Store, workers: int, label: str, scheduler: str | None = None,
    groups: list[list[RunConfig]] | None = None,
) -> None:  # fmt: skip
    """Train runs, so many at a time, with progress and time to go on the error stream.

    groups: the runs in lots, a process each; as `batches` makes them by default. scheduler: the address of a running
    Dask scheduler, whose workers are used instead and see the project's folder. UserError where a batch fails or no
    worker is left; records of finished runs are kept. An interrupt ends the processes too.
    """
    check_backend()
    keys = [train.key_of(config) for config in todo]
    with (
        _ended_by_signal(), client_of(scheduler, workers) as client, bar(len(todo), label) as advance,
        watched(store, keys, advance),
    ):  # fmt: skip
        train_batches(client, batches(todo, workers) if groups is None else groups, store, label)


def train_batches(client, groups: list[list[RunConfig]], store: Store, label: str) -> None:
    """Have a client's workers train batches, each in a process of its own. Errors as of train_in_processes."""
    for reason in trained(client, groups, store, label):
        if reason:
            raise UserError(
                f"{label}: a training process ended early ({reason}). Finished runs are kept; the same command goes on "
                "from there."
            )


def trained(client, groups: list[list[RunConfig]], store: Store, label: str) -> Iterator[str]:
    """The same, and for each batch that has ended '', or in a few words why it ended early. UserError where no worker
    is left.
    """
    environment = {"BILSTM_DROPOUT_ROOT": str(project_root())}
    futures = [
        client.submit(train_apart, [config.model_dump_json() for config in group], str(store.folder.parent),
                      environment, key=f"{label}-{number}-{time.time_ns()}", pure=False, retries=2)
        for number, group in enumerate(groups)
    ]  # fmt: skip
    for _, reason, error in results(client, futures):
        reason = reason if error is None else f"{type(error).__name__}: {error}"
        yield " ".join(reason.split())[:300]


@contextmanager
def watched(store: Store, keys: list[str], advance) -> Iterator[None]:
    """Advance a bar by the runs that have a record, every WAIT_SECONDS and once more at the end."""
    already = sum(map(store.has, keys))  # damaged ones, which are trained anew
    shown, ended = 0, threading.Event()

    def look() -> None:
        nonlocal shown
        finished = sum(map(store.has, keys)) - already
        if finished > shown:
            advance(finished - shown)
            shown = finished

    def watch() -> None:
        while not ended.wait(WAIT_SECONDS):
            look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        look()


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM end this process the way an interrupt does, so that it takes its training processes with it."""
    if threading.current_thread() is not threading.main_thread():  # only there can a signal be handled
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def batches(todo: Iterable[RunConfig], workers: int) -> list[list[RunConfig]]:
    """Runs in batches, one a process; runs that share a compiled program stay together, and programs of a network lie
    side by side, because a process compiles what predicts once for them all.
    """
    programs: dict[str, list[RunConfig]] = {}
    for config in todo:
        programs.setdefault(programme(config), []).append(config)
    size = max(1, min(PROGRAMS_A_BATCH, len(programs) // (2 * workers)))  # small enough to keep every process busy
    groups = [programs[text] for text in sorted(programs)]
    return [[*itertools.chain(*groups[first : first + size])] for first in range(0, len(groups), size)]


# ---- on a worker ----
def train_apart(configs: list[str], folder: str, environment: dict[str, str]) -> str:
    """Train runs, given as JSON, in a process of its own; '', or in a line why it ended early.

    folder: of the records. environment: added to the process's. RuntimeError where something killed the process, so
    that the batch is tried again: what it finished is not trained twice.
    """
    start = f"from {__name__} import serve; serve()"
    done = subprocess.run(
        [sys.executable, "-c", start], input=json.dumps([configs, folder, os.getpid()]), capture_output=True, text=True,
        errors="replace", env={**os.environ, **ENVIRONMENT, **environment},
    )  # fmt: skip
    if done.returncode < 0:
        raise RuntimeError(f"the process was killed by signal {-done.returncode}; lack of memory is the usual cause")
    said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
    return said[-1][:300] if done.returncode else ""


def serve() -> None:
    """What the process does: train what its input says. It ends when the process that started it has ended."""
    configs, folder, parent = json.load(sys.stdin)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    compiled.keep()
    train.train([RunConfig(**json.loads(config)) for config in configs], Store(Path(folder)))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
