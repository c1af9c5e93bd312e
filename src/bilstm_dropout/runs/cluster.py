"""Dask clients: local single-thread worker processes, or a scheduler that is already running; and what tasks gave."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

from ..errors import UserError

ANSWER_SECONDS = 10  # a scheduler that has not said what it is by then is dead, or the port belongs to something else
PATIENCE = 110.0  # seconds without any worker, after which results gives up
LOOK_SECONDS = 5.0  # between two looks at the workers
FETCH_SECONDS = 30.0  # for a value, which is small; where its worker died meanwhile it is waited for anew
# So long a killed worker may take to come back, for a machine that has run out of memory is slow. Dask gives it 15 s.
RESTART_SECONDS = 600.0


def client_of(scheduler: str | None, workers: int):
    """A client of a running scheduler at that address or, for None, of so many local workers that end with it."""
    return remote_client(scheduler) if scheduler else local_client(workers)


@contextlib.contextmanager
def local_client(workers: int):
    """A client of so many local worker processes, one thread each; they end with it. One that dies is replaced, also
    while it starts. UserError, one line, where none comes up.
    """
    import dask
    from dask.distributed import Client, LocalCluster

    for name in ("distributed", "tornado.application"):  # of a worker that dies as it starts the latter has a traceback
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # A kernel's memory counts as its worker's; pausing workers for it would only stop the study.
    settings = {"distributed.worker.memory.pause": False, "distributed.worker.memory.terminate": False,
                "distributed.worker.memory.spill": False, "distributed.worker.memory.target": False,
                "distributed.deploy.lost-worker-timeout": f"{RESTART_SECONDS:.0f}s"}  # fmt: skip
    # Port 0 takes any free one: even without a dashboard Dask listens, and warns where its usual port is taken.
    # It starts without workers: one that died before all of them are there would end it.
    with dask.config.set(settings), LocalCluster(
        n_workers=0, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1",
        silence_logs=logging.CRITICAL,
    ) as cluster, Client(cluster) as client:
        cluster.scale(workers)
        _until_there(client, workers)
        yield client


def _until_there(client, workers: int) -> None:
    """Wait until so many local workers are there; after PATIENCE one is enough, and more may come."""
    began = time.monotonic()
    while (there := _workers(client)) < workers:
        waited = time.monotonic() - began
        if waited > (PATIENCE if there else RESTART_SECONDS):
            break
        _starting(client)  # replaces those that died
        time.sleep(0.2)
    if not there:
        raise UserError(
            f"No worker process came up within {RESTART_SECONDS:.0f} s. Lack of memory is the usual cause: close other "
            "programs, or take fewer workers."
        )


@contextlib.contextmanager
def remote_client(address: str):
    """A client of a running scheduler. Its workers need this package and the project's folder (shared files)."""
    from dask.distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        # Client itself waits for ever where something listens that is no scheduler, whatever its timeout. A thread of
        # its own, because a caller may have an event loop that runs already.
        with ThreadPoolExecutor(1) as thread:
            kind = thread.submit(asyncio.run, asyncio.wait_for(_kind(address), ANSWER_SECONDS)).result()
        if kind != "Scheduler":
            raise ValueError(f"a {kind} answers there")
        client = Client(address, timeout=ANSWER_SECONDS)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        reason = " ".join(str(error).split())[:160] or f"nothing was heard for {ANSWER_SECONDS} s"
        raise UserError(
            f"No Dask scheduler answers at {address!r} ({reason}). Start one with `dask scheduler`, give its address "
            "as tcp://host:port, or leave the scheduler out to use this machine."
        ) from None
    try:
        if not client.scheduler_info().get("workers"):
            raise UserError(
                f"The Dask scheduler at {address!r} has no workers. Start some: dask worker {address} --nthreads 1."
            )
        yield client
    finally:
        client.close()


async def _kind(address: str) -> str:
    """What answers at an address, by its own word: 'Scheduler' is what a study needs."""
    from distributed.core import connect

    comm = await connect(address, timeout=ANSWER_SECONDS)
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await comm.read()
    finally:
        comm.abort()
    return str(answer.get("type", "stranger")) if isinstance(answer, dict) else "stranger"


def results(
    client, futures: Iterable, patience: float | None = None
) -> Iterator[tuple[Any, Any, BaseException | None]]:
    """What tasks gave, as they finish: the future, its value (None where it failed), its error (None where not).

    client: the one that the futures come from. patience: seconds without any worker that are borne, PATIENCE unless
    given; a local worker that is seen to be starting has RESTART_SECONDS. UserError, one line, after that, and as soon
    as the scheduler is lost; whatever had finished was yielded before. Local workers that ended for good are replaced.
    The futures are let go of one by one, so that what a worker held when it died is not done again. A task whose
    workers died again and again fails with Dask's KilledWorker.
    """
    patience = PATIENCE if patience is None else patience
    waiting, gone, starting = list(futures), None, set()
    while waiting:
        _until_one_ended(waiting)
        for future in [each for each in waiting if each.status in ("finished", "error")]:
            try:
                value, error = _outcome(future)
            except (TimeoutError, asyncio.CancelledError, CancelledError):  # lost with its worker, or the scheduler
                continue
            waiting.remove(future)
            future.release()
            yield future, value, error
        if client.status not in ("running", "connecting") or any(each.cancelled() for each in waiting):
            raise UserError(f"The Dask scheduler is gone, {_left(waiting)}. {_GOES_ON}")
        before, starting = starting, _starting(client)
        if not waiting or _workers(client):
            gone = None
            continue
        gone = gone or time.monotonic()
        limit = max(patience, RESTART_SECONDS) if starting & before else patience
        if time.monotonic() - gone > limit:
            local = getattr(client, "cluster", None) is not None
            todo = "take fewer workers" if local else "start some again, fewer on a machine"
            raise UserError(
                f"No worker is left, and none came back within {limit:.0f} s, {_left(waiting)}. Lack of memory is the "
                f"usual cause: {todo}. {_GOES_ON}"
            )


_GOES_ON = "What had finished is kept; the same command goes on from there."


def _left(waiting: list) -> str:
    return f"with {len(waiting)} task{'s' if len(waiting) > 1 else ''} to do"


def _until_one_ended(futures: list) -> None:
    """Wait until one of them has ended, but no longer than LOOK_SECONDS."""
    # Dask's own `wait` asks whichever client is the newest of the process.
    until = time.monotonic() + LOOK_SECONDS
    while time.monotonic() < until and all(each.status in ("pending", "lost") for each in futures):
        time.sleep(0.1)


def _outcome(future) -> tuple[Any, BaseException | None]:
    if future.status == "error":
        return None, future.exception(timeout=FETCH_SECONDS)
    return future.result(timeout=FETCH_SECONDS), None


def _workers(client) -> int:
    """How many workers there are; 0 where the scheduler does not say."""
    try:
        told = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_SECONDS)
        return len(told["workers"])
    except (OSError, ValueError, AttributeError, RuntimeError):  # lost, or being lost
        return 0


def _starting(client) -> set[int]:
    """Processes of local workers that are on their way. Where one ended for good, another is asked for."""
    cluster = getattr(client, "cluster", None)
    if not hasattr(cluster, "worker_spec"):  # the workers are another's
        return set()
    found = set()
    for name, nanny in list(cluster.workers.items()):
        if nanny.status.name in ("closed", "failed"):
            del cluster.workers[name]
        elif nanny.pid:
            found.add(nanny.pid)
    if cluster.worker_spec.keys() - cluster.workers.keys():
        cluster.scale(len(cluster.worker_spec))
    return found
