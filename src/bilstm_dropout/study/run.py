"""The study: a profile becomes executed notebooks, one kernel a placement, spread over workers by Dask.

An execution is reused while its notebook, its parameters, the package's source and its records are unchanged. What
fails is listed with its reason and stops nothing else.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from ..errors import UserError
from ..files import hash_files, is_locked
from ..loading import check_backend
from ..paths import project_root, published_folder, runs_folder
from ..progress import bar
from ..runs.cluster import client_of, results
from ..runs.config import RunConfig, programme
from ..runs.processes import ENVIRONMENT, default_workers
from ..runs.provenance import device_class, foreign, source_fingerprint
from ..runs.store import DamagedRecord, Record, Store
from ..runs.train import key_of, missing
from . import cost, pace
from .execute import MEMORY, RUNNING, execute
from .notebooks import Execution, pages, pages_folder, pages_lock, published_hash, shown_by, stamp_text
from .profiles import (
    CHAPTER,
    CHAPTERS,
    OWN,
    Profile,
    is_remembered,
    load_profile,
    profile_files,
    record_keys,
    remember,
)


@dataclass
class Row:
    """An execution's state.

    state: done, running, failed or missing. reason: why it failed. runs_done of runs_total records exist.
    """

    name: str
    placement: str
    state: str
    runs_done: int
    runs_total: int
    reason: str = ""


def _stamp(profile: Profile, execution: Execution) -> dict:
    """What an execution depends on: it is reused while notebook, parameters, imported source and data stay.

    The data are published files for a page, and records for what a profile executes.
    """
    stamp = {"parameters": execution.parameters, **shown_by(execution.notebook)}
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
    return stamp | {"keys": keys, "source": source_fingerprint(), "bibliography": bibliography}


def status(profile: Profile, store: Store | None = None) -> list[Row]:
    """A row for each of the profile's executions, and for each page of the book."""
    store = store or Store()
    locks = {profile.folder: profile.lock, pages_folder(): pages_lock()}
    rows, busy = [], {folder: is_locked(Path(lock.lock_file)) for folder, lock in locks.items()}
    for execution in [*profile.executions(), *pages()]:
        configs = record_keys(execution)
        lacking = len(missing(configs.values(), store, say=lambda _: None))
        stamp, output = execution.stamp(), execution.output
        reason = str(stamp.pop("failed", ""))
        if busy[execution.folder] and (output.parent / RUNNING / output.name).is_file():
            state, reason = "running", ""
        elif reason:  # with or without pages: what was killed leaves none
            state = "failed"
        elif not stamp or not output.is_file():
            state = "missing"
        else:
            fresh = stamp == json.loads(stamp_text(_stamp(profile, execution)))
            state = "done" if fresh and not lacking else "missing"
        placement = execution.parameters.get("placement", execution.name)
        rows.append(Row(execution.name, placement, state, len(configs) - lacking, len(configs), reason))
    return rows


def plan(profile: Profile, workers: int, store: Store | None = None) -> dict:
    """What a run of the study and of the book would do: executions and runs to do, and about how many minutes it takes.

    Returns name, executions, executions_to_do, runs, runs_to_do, programs_to_do (that XLA compiles), minutes on so many
    workers with the site's, datasets: a row each as cost.by_dataset gives it, for one worker, and absent: data sets
    that cannot be had, with what to do. Runs inside experiments are not known here and not counted.
    """
    store = store or Store()
    rows = status(profile, store)
    first, last, of_book = _todo(profile, rows)
    runs = wanted(profile)
    lacking = missing(runs.values(), store, say=lambda _: None)
    known = cost.known_runs(store) if lacking else cost.Known([])
    learned, left = pace.pace(), {key_of(config): config for config in lacking}
    seconds, programs = 0.0, 0
    for execution in [*first, *last, *of_book]:  # a run that several show is trained by the first
        mine = [left.pop(key) for key in record_keys(execution) if key in left] if execution.sweep else []
        compiled = len({_program(config) for config in mine})
        each = [known.seconds(config)[0] for config in mine]
        seconds, programs = seconds + learned.of(pace.place_of(execution.notebook), each, compiled), programs + compiled
    todo = len(first + last + of_book)
    site = learned.seconds(pace.SITE) if todo else 0.0
    minutes = (seconds / max(1, min(workers, todo or 1)) + site) / 60
    return {"name": profile.name, "executions": len(rows), "executions_to_do": todo, "runs": len(runs),
            "runs_to_do": len(lacking), "programs_to_do": programs, "datasets": cost.by_dataset(lacking, known),
            "minutes": round(minutes, 1), "absent": profile.absent}


def run(
    profile_name: str, workers: int | None = None, scheduler: str | None = None, say=print,
    answered: Callable[[Path], None] = lambda path: None,
) -> list[Row]:  # fmt: skip
    """Bring a profile up to date and give its status. Nothing that is done is done again.

    workers: local single-thread workers, one a core by default. scheduler: the address of a running Dask scheduler,
    used instead. answered: called with the executed notebook on the reader's own data as soon as it is there, before
    the rest of the book is executed. UserError for a profile, folder or scheduler that cannot be used, before anything
    is changed; and where no worker is left, with all kept that had finished.
    """
    profile = load_profile(profile_name)
    if workers is not None and workers < 1:
        raise UserError(f"workers: {workers} is not allowed. Allowed: a whole number of at least 1.")
    check_backend()
    store = Store()
    store.check_writable()
    profile.check_writable()
    with _alone(profile):
        remember(profile)
        _bring_up_to_date(profile, store, workers, scheduler, say, answered)
    apart = foreign(finished(profile, store), device_class(ENVIRONMENT))
    if apart:
        say(f"{profile.name}: {len(apart)} records were made on another kind of machine; their last digits may differ")
    return status(profile, store)


def keep_profile(profile: Profile) -> None:
    """Have a profile found by its name from now on, without a study. UserError while one of that name runs."""
    if not is_remembered(profile) and profile.name not in profile_files():
        profile.check_writable()
        with _alone(profile):
            remember(profile)


@contextmanager
def _alone(profile: Profile) -> Iterator[None]:
    """Hold the profile's lock, which the system lets go of even where a study is killed. UserError where it is held."""
    try:
        held = profile.lock.acquire(timeout=2)
    except Timeout:
        raise UserError(
            f"Another study of the profile {profile.name} is running. Wait for it; "
            "bilstm-dropout status shows how far it is."
        ) from None
    with held:
        yield


def _bring_up_to_date(profile: Profile, store: Store, workers, scheduler, say, answered) -> None:
    _remove_stale(profile.folder, profile.executions())
    first, last, of_book = _todo(profile, status(profile, store))
    if not first + last + of_book:
        say(f"{profile.name}: all {len(profile.executions()) + len(pages())} notebooks are up to date")
        return
    total = len(first + last + of_book)
    with client_of(scheduler, min(workers or default_workers(), max(1, len(first + last + of_book)))) as client, \
            bar(total, f"{profile.name}: notebooks") as advance:
        answer, last = [each for each in last if each.name == OWN], [each for each in last if each.name != OWN]
        _execute(client, answer, profile, advance, say)  # what the reader waits for
        for each in answer:
            if each.output.is_file():
                answered(each.output)
        if of_book:  # first, since they take seconds
            with _pages_alone(say):  # another profile's study may have done them meanwhile
                _execute(client, [each for each in of_book if _is_stale(profile, each)], profile, advance, say)
        for group in (first, last):
            _execute(client, group, profile, advance, say)


def _program(config: RunConfig) -> str:
    """Runs of one text share a compiled program."""
    return programme(config).model_dump_json()


def _todo(profile: Profile, rows: list[Row]) -> tuple[list[Execution], list[Execution], list[Execution]]:
    """What has to be executed, by the status of each: what trains, what shows what others train, the book's pages."""
    todo, executions = {row.name for row in rows if row.state != "done"}, profile.executions()
    # Every other placement is compared with none, so none is handed out first (whoever needs a run that another kernel
    # is training waits for its record).
    first = [each for each in executions if each.name in todo and each.sweep is not None]
    first.sort(key=lambda each: each.parameters["placement"] != "none")
    # Chapters, experiments and the comparison show runs that the others train.
    resting = [each for each in executions if each.sweep is None]
    last = [each for each in resting if each.name in todo or _rests_on(profile, each, first)]
    return first, last, [each for each in pages() if each.name in todo]


def _rests_on(profile: Profile, execution: Execution, others: list[Execution]) -> bool:
    """Whether a chapter, an experiment or the comparison may show runs of one of these executions."""
    return bool(others) and (execution.notebook.stem != CHAPTER or profile.lies_over(execution) in others)


def _execute(client, group: list[Execution], profile: Profile, advance, say) -> None:
    """Execute notebooks on the workers, keep what each was executed with, and say which failed."""
    if not group:
        return
    stamps = {execution.name: _stamp(profile, execution) for execution in group}
    store, learned = Store(), pace.pace()
    before = {key for execution in group if execution.sweep for key in record_keys(execution) if store.has(key)}
    for execution, reason, seconds in _spread(client, group):
        execution.keep_stamp(stamps[execution.name], reason)
        advance(1)
        if reason:
            say(f"  {execution.name} failed after {seconds:.0f} s: {reason}")
        else:
            _learn(learned, execution, store, before)
    learned.keep()


def _learn(learned: pace.Pace, execution: Execution, store: Store, before: set[str]) -> None:
    """Take in how long an execution took. before: keys of runs that were there already; its own join them."""
    made = {key: config for key, config in record_keys(execution).items() if execution.sweep and key not in before}
    before |= set(made)
    by_program = defaultdict(list)
    for key, config in made.items():
        with suppress(DamagedRecord):
            by_program[_program(config)].append(store.load(key).seconds)
    # The first run of a program holds its compilation, which counts apart.
    runs = [min(each) for each in by_program.values() for _ in each]
    learned.learn_execution(pace.place_of(execution.notebook), pace.took(execution.output), runs, len(by_program))


@contextmanager
def _pages_alone(say) -> Iterator[None]:
    """Hold the lock of the pages, however long another study needs for them: some seconds. Stale ones go."""
    try:
        held = pages_lock().acquire(timeout=2)
    except Timeout:
        say("Another study executes the pages of the book; waiting for it")
        held = pages_lock().acquire()
    with held:
        _remove_stale(pages_folder(), pages())
        yield


def _is_stale(profile: Profile, execution: Execution) -> bool:
    fresh = execution.stamp() == json.loads(stamp_text(_stamp(profile, execution)))
    return not (fresh and execution.output.is_file())


def _remove_stale(folder: Path, executions: list[Execution]) -> None:
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


def records(profile_name: str) -> list[Record]:
    """Every record of a profile that is there, in the order of its executions, each once."""
    return finished(load_profile(profile_name))


def wanted(profile: Profile) -> dict[str, RunConfig]:
    """Every run of a profile by its key, in the order of its executions, each once."""
    return {key: config for execution in profile.executions() for key, config in record_keys(execution).items()}


def finished(profile: Profile, store: Store | None = None) -> list[Record]:
    """The records of a profile's runs as far as they are there, in the order of its executions."""
    store, runs = store or Store(), wanted(profile)
    lacking = {key_of(config) for config in missing(runs.values(), store, say=lambda _: None)}
    return [store.load(key) for key in runs if key not in lacking]
