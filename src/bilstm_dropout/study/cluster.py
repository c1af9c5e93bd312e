"""Dask clients: local single-thread worker processes, or a scheduler that is already running."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor

from ..errors import UserError

ANSWER_SECONDS = 10  # a scheduler that has not said what it is by then is dead, or the port belongs to something else


@contextlib.contextmanager
def local_client(workers: int):
    """A client of so many local worker processes, one thread each; they end with it."""
    import dask
    from dask.distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # A kernel's memory counts as its worker's; pausing workers for it would only stop the study.
    settings = {"distributed.worker.memory.pause": False, "distributed.worker.memory.terminate": False,
                "distributed.worker.memory.spill": False, "distributed.worker.memory.target": False}
    # Port 0 takes any free one: even without a dashboard Dask listens, and warns where its usual port is taken.
    with dask.config.set(settings), LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1",
        silence_logs=logging.CRITICAL,
    ) as cluster, Client(cluster) as client:
        yield client


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
