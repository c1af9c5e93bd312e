"""Tasks on Dask workers end: workers that die are replaced, and with none left there is a reason, not silence."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.runs import cluster
from bilstm_dropout.runs.cluster import local_client, remote_client, results


# Functions of a function: tests are not importable on workers, so what they run has to travel by value.
def tasks():
    def noted(folder, name, seconds=0.0):
        import os
        import time
        from pathlib import Path

        with Path(folder, name).open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(seconds)
        return name

    def fails_at_first(folder):
        file = Path(folder, "tried")
        if not file.exists():
            file.touch()
            raise RuntimeError("once")
        return "second time"

    def fails():
        raise ValueError("made to fail")

    return noted, fails_at_first, fails


def started(file):
    """The process that noted itself, once it has."""
    for _ in range(600):
        if file.is_file() and file.read_text():
            return int(file.read_text().split()[-1])
        time.sleep(0.1)
    raise AssertionError(f"{file} was never written")


def test_workers_that_die_are_replaced_and_what_was_done_stays_done(tmp_path):
    noted, fails_at_first, fails = tasks()
    with local_client(1) as client:
        assert dask.config.get("distributed.deploy.lost-worker-timeout") == "600s"
        first = [client.submit(noted, str(tmp_path), "first", pure=False)]
        assert [(value, error) for _, value, error in results(client, first)] == [("first", None)]
        second = client.submit(noted, str(tmp_path), "second", 3, pure=False)
        again = client.submit(fails_at_first, str(tmp_path), retries=2, pure=False)
        wrong = client.submit(fails, pure=False)
        os.kill(started(tmp_path / "second"), signal.SIGKILL)
        found = {future.key: (value, error) for future, value, error in results(client, [second, again, wrong])}
        assert found[second.key] == ("second", None) and found[again.key] == ("second time", None)
        assert found[wrong.key][0] is None and str(found[wrong.key][1]) == "made to fail"
        assert len((tmp_path / "first").read_text().split()) == 1  # the dead worker held its value
        assert len(set((tmp_path / "second").read_text().split())) == 2

        # What Dask does with a local worker that has not come back in time: it is closed for good.
        (name, nanny), *_ = client.cluster.workers.items()
        client.sync(nanny.close)
        client.cluster.workers.pop(name, None)
        third = [client.submit(noted, str(tmp_path), "third", pure=False)]
        assert [value for _, value, _ in results(client, third)] == ["third"]


def test_a_worker_that_is_killed_while_it_starts_is_replaced(tmp_path, monkeypatch):
    """Of a cluster that is just coming up, too: there a worker's death would end the whole."""
    from dask.distributed import Nanny

    noted, *_ = tasks()
    killed, instantiate = [], Nanny.instantiate

    async def kill_the_first(nanny):
        starting = asyncio.ensure_future(instantiate(nanny))
        while not killed and not starting.done():
            await asyncio.sleep(0.01)
            if nanny.pid and not killed:
                killed.append(nanny.pid)
                os.kill(nanny.pid, signal.SIGKILL)
        return await starting

    monkeypatch.setattr(Nanny, "instantiate", kill_the_first)
    with local_client(2) as client:
        assert len(killed) == 1 and len(client.scheduler_info(n_workers=-1)["workers"]) == 2
        first = [client.submit(noted, str(tmp_path), "first", pure=False)]
        assert [value for _, value, _ in results(client, first)] == ["first"]


def test_where_no_worker_comes_up_there_is_an_end_with_a_reason(monkeypatch):
    from dask.distributed import Nanny

    async def fails(nanny):
        raise OSError("no memory")

    monkeypatch.setattr(cluster, "RESTART_SECONDS", 1.0)
    monkeypatch.setattr(Nanny, "instantiate", fails)
    says = r"No worker process came up within 1 s.*fewer workers"
    with pytest.raises(UserError, match=says) as caught, local_client(1):
        pass
    assert "\n" not in str(caught.value)


def test_without_any_worker_there_is_an_end_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(cluster, "PATIENCE", 3.0)
    noted, *_ = tasks()
    with local_client(1) as client:
        futures = [client.submit(noted, str(tmp_path), name, pure=False) for name in ("a", "b")]
        found = results(client, futures)
        assert next(found)[1] in ("a", "b") and next(found)[1] in ("a", "b")
        assert next(found, None) is None
        client.cluster.scale(0)
        client.sync(client.cluster._correct_state)
        late, began = [client.submit(noted, str(tmp_path), "late", pure=False)], time.monotonic()
        says = r"No worker is left.*within 3 s, with 1 task to do.*memory.*kept"
        with pytest.raises(UserError, match=says) as caught:
            list(results(client, late))
        assert 3 <= time.monotonic() - began < 20 and "\n" not in str(caught.value)
    assert cluster.PATIENCE < 120


@contextmanager
def dask_process(*arguments):
    process = subprocess.Popen([sys.executable, "-m", "dask", *arguments], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(tmp_path):
    """A running scheduler of its own, with its address, and one worker without a nanny."""
    file = tmp_path / "scheduler.json"
    options = ["--scheduler-file", str(file)]
    with (
        dask_process("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", *options) as process,
        dask_process("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", *options) as worker,
    ):
        for _ in range(600):
            if file.is_file() and file.read_text():
                break
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        for _ in range(60):
            try:
                with remote_client(address):
                    break
            except UserError:
                time.sleep(1)
        yield process, worker, address


@pytest.mark.parametrize(
    "lost, says", [(0, "scheduler is gone, with 1 task to do"), (1, "No worker is left.*start some again")]
)
def test_a_scheduler_or_worker_that_vanishes_ends_the_wait(scheduler, lost, says, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.5)
    noted, *_ = tasks()
    address = scheduler[2]
    with remote_client(address) as client:
        futures = [client.submit(noted, str(tmp_path), name, seconds, pure=False)
                   for name, seconds in (("quick", 0), ("slow", 60))]  # fmt: skip
        found = results(client, futures, patience=2)
        assert next(found)[1] == "quick"
        started(tmp_path / "slow")
        scheduler[lost].kill()
        with pytest.raises(UserError, match=says) as caught:
            next(found)
        assert "\n" not in str(caught.value) and "kept" in str(caught.value)
