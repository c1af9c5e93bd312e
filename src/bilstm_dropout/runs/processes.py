"""Train many runs in single-thread processes, each a batch of runs that share compiled programs.

Every run leaves its record as soon as it ends, so whatever interrupts a process costs the run it was at and no more.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait

from ..errors import UserError
from ..progress import bar
from . import train
from .config import RunConfig
from .store import Store

PROGRAMS_A_PROCESS = 8  # a process keeps the memory of what it compiled
WAIT_SECONDS = 5.0  # between two looks at what is finished


def train_in_processes(todo: list[RunConfig], store: Store, workers: int, label: str) -> None:
    """Train runs, so many processes at a time, with progress and time to go on the error stream.

    UserError where a process ends early; records of finished runs are kept. An interrupt ends the processes too.
    """
    # Spawned, not forked: a fork would inherit the state of TensorFlow's threads.
    context = multiprocessing.get_context("spawn")
    waiting, keys = batches(todo, workers), [train.key_of(config) for config in todo]
    running, shown, already = [], 0, sum(map(store.has, keys))  # already there: damaged ones, which are trained anew
    with bar(len(todo), label) as advance, _ended_by_signal():
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    running.append(context.Process(target=train_batch, args=(waiting.pop(0), store), daemon=True))
                    running[-1].start()
                wait([process.sentinel for process in running], WAIT_SECONDS)
                ended = [process for process in running if not process.is_alive()]
                running = [process for process in running if process not in ended]
                finished = sum(map(store.has, keys)) - already
                if finished > shown:
                    advance(finished - shown)
                    shown = finished
                for process in ended:
                    if process.exitcode:
                        raise UserError(
                            f"{label}: a training process ended early (exit code {process.exitcode}; its reason is "
                            "above). Finished runs are kept; the same command goes on from there."
                        )
        finally:
            for process in running:
                process.terminate()
                process.join()


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
    """Runs in batches, one a process; runs that share a compiled program stay together."""
    # See programme.
    apart = {"rate", "schedule", "seed", "dropout_stream", "learning_rate", "epochs", "permuted_labels"}
    programs: dict[str, list[RunConfig]] = {}
    for config in todo:
        programs.setdefault(json.dumps(config.model_dump(exclude=apart), sort_keys=True), []).append(config)
    size = max(1, min(PROGRAMS_A_PROCESS, len(programs) // (2 * workers)))  # small enough to keep every process busy
    groups = list(programs.values())
    return [[*itertools.chain(*groups[first : first + size])] for first in range(0, len(groups), size)]


def train_batch(configs: list[RunConfig], store: Store) -> None:
    """What a training process does. TensorFlow, which reads these settings when imported, must not be there yet."""
    os.environ.update(ENVIRONMENT)
    train.train(configs, store)


def default_workers() -> int:
    """One single-thread worker a core: two of them train more than one process with two threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# The variables of such a process's environment; TensorFlow reads them when it starts. Without threads of its own XLA
# makes the loop's small products itself, in registers of the width that it is told to prefer. With 256 bits, its own
# choice, a run on JapaneseVowels took a fifth longer on a processor with registers of 512; where those are lacking,
# narrower ones serve.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false --xla_cpu_prefer_vector_width=512",
}  # fmt: skip
