"""The real notebooks on a tiny profile: killed and resumed, on a cluster whose workers die, with one record gone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PROFILE = """
placements: [none, input, output]
datasets: [recall]
dataset_options: {recall: {steps: 5, train: 40, validation: 20, test: 40}}
rates: [0.1, 0.3]
seeds: [1, 2]
units: 4
epochs: 1
"""
RECORDS = 2 + 2 * 4


@pytest.fixture
def project(tmp_path):
    """The project's notebooks in a folder of their own, and the environment that makes commands use it."""
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    # They train nothing.
    left_out = shutil.ignore_patterns("study", "keras", "predictions", "understand", "numbers.ipynb")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=left_out)
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book" / "references.bib", tmp_path / "book")
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    environment = {**os.environ, "BILSTM_DROPOUT_ROOT": str(tmp_path), "BILSTM_DROPOUT_RUNS": str(tmp_path / "runs")}
    return tmp_path, environment


def _records(folder):
    return {file.stem: file.stat().st_mtime_ns for file in folder.glob("runs/v*/*.json")}


def _wait(condition, seconds=240):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def _study(folder, environment, *arguments):
    command = [BIN / "bilstm-dropout", "study", "--profile", "tiny.yaml", "--workers", "2", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500)


def _states(folder, environment):
    command = [BIN / "bilstm-dropout", "status", "--profile", "tiny.yaml", "--json"]
    listed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return {row["name"]: row["state"] for row in json.loads(listed.stdout)["notebooks"]}


def test_a_killed_study_goes_on_where_it_was_and_one_lost_record_is_trained_alone(project):
    folder, environment = project
    command = [BIN / "bilstm-dropout", "study", "--profile", "tiny.yaml", "--workers", "1"]
    first = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait(lambda: len(_records(folder)) >= 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    time.sleep(3)  # a kernel may still write the record that it had begun
    kept = _records(folder)
    assert 1 <= len(kept) < RECORDS
    second = _study(folder, environment)
    assert second.returncode == 0, second.stderr
    after = _records(folder)
    assert len(after) == RECORDS and {key: after[key] for key in kept} == kept, "a finished run was trained again"
    assert set(_states(folder, environment).values()) == {"done"}

    nothing = _study(folder, environment)
    assert nothing.returncode == 0 and "up to date" in nothing.stdout and _records(folder) == after
    lost = next(key for key in after if '"placement": "output"' in next(folder.glob(f"runs/v*/{key}.json")).read_text())
    next(folder.glob(f"runs/v*/{lost}.json")).unlink()
    assert _study(folder, environment).returncode == 0
    again = _records(folder)
    assert [key for key in again if again[key] != after.get(key)] == [lost]


def test_two_dead_workers_of_a_running_cluster_of_four_cost_nothing_that_is_finished(project):
    folder, environment = project
    (folder / "tiny.yaml").write_text(PROFILE.replace("output]", "output, recurrent]"))  # a notebook a worker
    file = folder / "scheduler.json"
    quiet = dict(cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    scheduler = [
        BIN / "dask",
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        file,
    ]
    worker = [BIN / "dask", "worker", "--scheduler-file", file, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    started = [subprocess.Popen(scheduler, **quiet)]
    try:
        _wait(file.is_file, 60)
        address = json.loads(file.read_text())["address"]
        started += [subprocess.Popen(worker, **quiet) for _ in range(4)]
        time.sleep(12)
        command = [BIN / "bilstm-dropout", "study", "--profile", "tiny.yaml", "--scheduler", address]
        study = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(study)
        _wait(lambda: len(_records(folder)) >= 3)  # none is done, and every worker has a notebook
        for dying in started[1:3]:
            dying.send_signal(signal.SIGKILL)
        kept = _records(folder)
        said = study.communicate(timeout=400)[0]
        assert study.returncode == 0, said
        after = _records(folder)
        assert len(after) == RECORDS + 4 and set(_states(folder, environment).values()) == {"done"}
        assert {key: after[key] for key in kept} == kept, "a finished run was trained again"
    finally:
        for process in started:
            process.kill()
            process.wait()
