"""Execute notebooks of a study on Dask's workers, with what each was executed with kept beside it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from ..dropout.placements import TABLE
from ..dropout.uses import told
from ..files import hash_files, sha256
from ..paths import project_root, published_folder, runs_folder
from ..runs.cluster import results
from ..runs.provenance import run_sources
from ..runs.store import Store
from . import pace
from .execute import MEMORY, RUNNING, execute, used_by
from .notebooks import Execution, pages, pages_folder, pages_lock, published_hash, shown_by, stamp_text
from .profiles import CHAPTER, CHAPTERS, Profile, record_keys
from .source import hash_without_table


def stamp_of(profile: Profile, execution: Execution, used: Iterable[str] | None = None) -> dict:
    """What an execution depends on: it is reused while notebook, parameters, imported source and data stay.

    The data are published files for a page, and records for what a profile executes. used: what it reads of the table
    of placements, as `dropout/uses.py` has it; what it read when it was executed unless given.
    """
    used = execution.used() if used is None else used
    stamp = {"parameters": execution.parameters, "placements": placements_read(used), **shown_by(execution.notebook)}
    if execution.sweep is None:  # it shows published results
        stamp |= {"published": published_hash()}
    if execution.is_page:
        return stamp
    if execution.notebook.stem == CHAPTER:
        below = profile.lies_over(execution)
        store = Store()
        return stamp | {"keys": [key for key in (record_keys(below) if below else ()) if store.has(key)]}
    keys = list(record_keys(execution))
    if execution.name in CHAPTERS:
        keys = CHAPTERS[execution.name].depends_on()
    elif execution.sweep is None:
        keys = sorted({key for each in profile.executions() for key in record_keys(each)})
    bibliography = hash_files([project_root() / "book/references.bib"])
    return stamp | {"keys": keys, "source": hash_without_table(run_sources()), "bibliography": bibliography}


def placements_read(used: Iterable[str]) -> dict[str, str]:
    """By name, as `dropout/uses.py` has it, a hash of what was read of the table of placements."""
    return {name: sha256(text.encode())[:16] for name, text in TABLE.state(used).items()}


def execute_all(client, group: list[Execution], profile: Profile, advance, say) -> None:
    """Execute notebooks on the workers, keep what each was executed with, and say which failed."""
    if not group:
        return
    stamps = {execution.name: stamp_of(profile, execution, []) for execution in group}
    store, learned = Store(), pace.pace()
    # One that has to train itself, because that failed before, tells nothing of how long a notebook takes.
    shows = {execution.name for execution in group if all(map(store.has, record_keys(execution)))}
    for execution, reason, seconds in _spread(client, group):
        note = used_by(execution.output)
        used = {"placements": placements_read(told(note))}
        note.unlink(missing_ok=True)
        execution.keep_stamp(stamps[execution.name] | used, reason)
        advance(1)
        if reason:
            say(f"  {execution.name} failed after {seconds:.0f} s: {reason}")
        elif execution.name in shows:
            learned.learn(pace.place_of(execution.notebook), pace.took(execution.output))
    learned.keep()


@contextmanager
def pages_alone(say) -> Iterator[None]:
    """Hold the lock of the pages, however long another study needs for them: some seconds. Stale ones go."""
    try:
        held = pages_lock().acquire(timeout=2)
    except Timeout:
        say("Another study executes the pages of the book; waiting for it")
        held = pages_lock().acquire()
    with held:
        remove_stale(pages_folder(), pages())
        yield


def is_stale(profile: Profile, execution: Execution) -> bool:
    fresh = execution.stamp() == json.loads(stamp_text(stamp_of(profile, execution)))
    return not (fresh and execution.output.is_file())


def remove_stale(folder: Path, executions: list[Execution]) -> None:
    """Remove what a killed study left, and executions of notebooks that there are no longer."""
    for running in (folder / RUNNING, *folder.glob(f"*/{RUNNING}")):
        shutil.rmtree(running, ignore_errors=True)
    kept = {execution.output.with_suffix("") for execution in executions}
    for file in (*folder.glob("*.*"), *folder.glob("*/*.*")):
        if file.suffix in (".ipynb", ".json") and file.with_suffix("") not in kept:
            file.unlink()


def _spread(client, group: list[Execution]):
    """Execute notebooks on the workers; yield each with the reason it failed ('' if it did not) and its seconds."""
    from distributed.scheduler import KilledWorker

    environment = {
        "BILSTM_DROPOUT_ROOT": str(project_root()), "BILSTM_DROPOUT_RUNS": str(runs_folder()),
        "BILSTM_DROPOUT_PUBLISHED": str(published_folder()),
    }  # fmt: skip
    started = time.monotonic()
    # Keys of one name make a group, which the scheduler hands out as workers get free; others it would share out first.
    futures = {
        client.submit(execute, str(each.notebook), str(each.output), each.parameters, environment,
                      key=("execute", each.name, time.time_ns()), pure=False, retries=2): each
        for each in group
    }
    for future, reason, error in results(client, futures):
        if isinstance(error, KilledWorker):
            reason = f"its worker process was killed whenever it was tried; {MEMORY}"
        elif error is not None:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        yield futures[future], reason, time.monotonic() - started
