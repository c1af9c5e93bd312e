"""The study: a profile's runs are trained, and notebooks that show them executed, on Dask's workers.

An execution is reused while its notebook, its parameters, the package's source and its records are unchanged. What
fails is listed with its reason and stops nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from ..errors import UserError
from ..files import is_locked
from ..loading import check_backend
from ..progress import bar
from ..runs.cluster import client_of
from ..runs.config import RunConfig, programme
from ..runs.processes import ENVIRONMENT, default_workers
from ..runs.provenance import device_class, foreign
from ..runs.store import Record, Store
from ..runs.train import key_of, missing
from . import cost, pace
from .execute import RUNNING
from .executing import execute_all, is_stale, pages_alone, remove_stale, stamp_of
from .notebooks import Execution, pages, pages_folder, pages_lock, stamp_text
from .profile_files import is_remembered, load_profile, profile_files, remember
from .profiles import CHAPTER, OWN, Profile, record_keys
from .training import train_lacking


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
            fresh = stamp == json.loads(stamp_text(stamp_of(profile, execution)))
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
    learned, programs = pace.pace(), len(set(map(programme, lacking)))
    seconds = sum(known.seconds(config)[0] for config in lacking) + programs * learned.seconds(pace.PROGRAM)
    seconds += sum(learned.seconds(pace.place_of(each.notebook)) for each in [*first, *last, *of_book])
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
    remove_stale(profile.folder, profile.executions())
    first, last, of_book = _todo(profile, status(profile, store))
    if not first + last + of_book:
        say(f"{profile.name}: all {len(profile.executions()) + len(pages())} notebooks are up to date")
        return
    workers = min(workers or default_workers(), len(first + last + of_book))
    with client_of(scheduler, workers) as client:
        answer, last = [each for each in last if each.name == OWN], [each for each in last if each.name != OWN]
        execute_all(client, answer, profile, lambda _: None, say)  # what the reader waits for
        for each in answer:
            if each.output.is_file():
                answered(each.output)
        train_lacking(client, missing(wanted(profile).values(), store, say), workers, store, profile.name, say)
        with bar(len(first + last + of_book), f"{profile.name}: notebooks") as advance:
            if of_book:
                with pages_alone(say):  # another profile's study may have done them meanwhile
                    execute_all(client, [each for each in of_book if is_stale(profile, each)], profile, advance, say)
            for group in (first, last):
                execute_all(client, group, profile, advance, say)


def _todo(profile: Profile, rows: list[Row]) -> tuple[list[Execution], list[Execution], list[Execution]]:
    """What has to be executed, by the status of each: what trains, what shows what others train, the book's pages."""
    todo, executions = {row.name for row in rows if row.state != "done"}, profile.executions()
    first = [each for each in executions if each.name in todo and each.sweep is not None]
    # Chapters, experiments and the comparison show runs that the others train.
    resting = [each for each in executions if each.sweep is None]
    last = [each for each in resting if each.name in todo or _rests_on(profile, each, first)]
    return first, last, [each for each in pages() if each.name in todo]


def _rests_on(profile: Profile, execution: Execution, others: list[Execution]) -> bool:
    """Whether a chapter, an experiment or the comparison may show runs of one of these executions."""
    return bool(others) and (execution.notebook.stem != CHAPTER or profile.lies_over(execution) in others)


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
