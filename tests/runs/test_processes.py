"""Many runs at once: batches, processes of their own on Dask's workers, and what happens when something dies."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.runs import processes
from bilstm_dropout.runs.cluster import local_client
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of


def tiny(placement="none", rate=0.0, **others):
    return RunConfig(placement=placement, rate=rate, dataset="recall", dataset_options={"train": 40, "steps": 10},
                     units=4, epochs=1, **others)  # fmt: skip


def test_batches_keep_runs_of_a_program_together():
    todo = [tiny(seed=seed) for seed in range(5)]
    todo += [tiny("input", rate, seed=1, learning_rate=slow) for rate in (0.1, 0.5) for slow in (1e-3, 1e-2)]
    todo += [tiny("output", 0.5), tiny("cell", 0.5), tiny("output", 0.5, layers=2)]
    found = processes.batches(todo, workers=2)
    # One layer without masks; with them outside the loop, which input and output share; in the cell; two layers.
    assert sorted(map(len, found)) == [1, 1, 5, 5]
    assert sorted(key_of(config) for batch in found for config in batch) == sorted(map(key_of, todo))
    of_two = processes.batches(todo, workers=1)
    assert sorted(map(len, of_two)) == [6, 6]
    assert [config.layers for batch in of_two for config in batch] == 11 * [1] + [2]  # a network's lie side by side
    many = [tiny("input", 0.1, batch_size=each) for each in range(1, 61)]
    assert max(map(len, processes.batches(many, workers=2))) == 8


def test_runs_train_in_processes_of_their_own(capfd):
    store, todo = Store(), [tiny(seed=1), tiny(seed=2), tiny("input", 0.25, seed=1)]
    processes.train_in_processes(todo, store, 2, "tiny")
    records = [store.load(key_of(config)) for config in todo]
    assert [record.config for record in records] == todo
    assert {record.provenance["device"]["threads"] for record in records} == {"1"}
    said = capfd.readouterr()
    assert "tiny: 3 of 3" in said.err and not re.search("oneDNN|absl|retracing|WARNING", said.err + said.out)


def test_a_batch_that_fails_is_said_in_one_line():
    no_run = SimpleNamespace(model_dump_json=lambda: "no JSON")
    with (
        pytest.raises(UserError, match=r"tiny: a training process ended early \(.*JSONDecodeError") as caught,
        local_client(1) as client,
    ):
        processes.train_batches(client, [[no_run]], Store(), "tiny")
    assert "\n" not in str(caught.value) and "the same command goes on from there" in str(caught.value)


def test_a_process_that_something_killed_is_tried_again(monkeypatch):
    killed = SimpleNamespace(returncode=-9, stderr="")
    monkeypatch.setattr(processes.subprocess, "run", lambda *_, **__: killed)
    with pytest.raises(RuntimeError, match="killed by signal 9; lack of memory is the usual cause"):
        processes.train_apart([], "nowhere", {})


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def until(true, seconds=90):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def test_a_training_process_ends_with_the_worker_that_started_it(tmp_path):
    config = tiny().model_copy(update={"epochs": 100_000})
    code = "import sys; from bilstm_dropout.runs import processes as p; p.train_apart(sys.argv[1:2], sys.argv[2], {})"
    worker = subprocess.Popen([sys.executable, "-c", code, config.model_dump_json(), str(tmp_path)])
    until(lambda: children(worker.pid))
    (training,) = children(worker.pid)
    until(lambda: list(tmp_path.rglob("*.lock")))  # it trains
    worker.kill()
    worker.wait()
    until(lambda: not runs(training))


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_runs_of_a_killed_worker_are_trained_by_another_and_none_twice(tmp_path):
    groups = [[tiny(seed=10 * group + seed) for seed in (1, 2)] for group in range(3)]
    store, seen = Store(tmp_path), {}

    def files():
        return {file.name: file.stat().st_mtime_ns for file in store.folder.glob("*.json")}

    with local_client(2) as client, ThreadPoolExecutor(1) as pool:
        training = pool.submit(processes.train_batches, client, groups, store, "tiny")
        until(files)
        os.kill(client.run(os.getpid).popitem()[1], signal.SIGKILL)
        while not training.done():
            seen |= {name: seen.get(name, made) for name, made in files().items()}
            time.sleep(0.05)
        training.result()
    assert store.keys() == sorted(key_of(config) for group in groups for config in group)
    assert {name: files()[name] for name in seen} == seen  # no record was written a second time


def test_a_terminated_training_ends_what_it_started():
    code = (
        "import os, signal\nfrom bilstm_dropout.runs import processes\n"
        "try:\n    with processes._ended_by_signal():\n        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        signal.pause()\nfinally:\n    print('ended what it started')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "ended what it started\n" and done.returncode == 128 + 15
