"""Dask clients: local single-thread worker processes, or a scheduler that is already running."""

from __future__ import annotations

import contextlib
import logging

from .errors import UserError


@contextlib.contextmanager
def local_client(workers: int):
    """A client of so many local worker processes, one thread each; they end with it."""
    import dask
    from dask.distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # A kernel's memory counts as its worker's; pausing workers for it would only stop the study.
    settings = {"distributed.worker.memory.pause": False, "distributed.worker.memory.terminate": False,
                "distributed.worker.memory.spill": False, "distributed.worker.memory.target": False}
    with dask.config.set(settings), LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1",
        silence_logs=logging.CRITICAL,
    ) as cluster, Client(cluster) as client:
        yield client


@contextlib.contextmanager
def remote_client(address: str):
    """A client of a running scheduler. Its workers need this package and the project's folder (a shared file system)."""
    from dask.distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise UserError(
            f"No Dask scheduler answers at {address!r} ({reason}). Start one with `dask scheduler`, give its address as "
            "tcp://host:port, or leave the scheduler out to use this machine."
        ) from None
    try:
        if not client.scheduler_info().get("workers"):
            raise UserError(
                f"The Dask scheduler at {address!r} has no workers. Start some: dask worker {address} --nthreads 1."
            )
        yield client
    finally:
        client.close()
