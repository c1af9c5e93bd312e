"""A measure is one entry of a table: records, rows, tables, commands and the book's numbers take it from there.

The table is read when modules are imported, so the entry is made in a process of its own before they are.
"""

import json
import subprocess
import sys

import pytest

ENTRY = """
import json, sys
import numpy as np
from types import SimpleNamespace
from bilstm_dropout.stats import metrics

metrics.MEASURES["surprise"] = metrics.Measure(
    lambda p, y: float(p.max(axis=1).mean()), "mean confidence", "higher", later=True
)
from pathlib import Path
from bilstm_dropout import datasets
from bilstm_dropout.results import published, rows, tidy
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.train import record_of

config = RunConfig(dataset="recall", dataset_options={"steps": 5}, epochs=1, units=4)
dataset = datasets.load("recall", steps=5)
p = np.random.default_rng(0).dirichlet(np.ones(4), len(dataset.test)).astype(np.float32)
outcome = SimpleNamespace(probabilities={"test_best": p, "test_last": p}, best_epoch=1.0, last_epoch=1.0, curves=[],
                          diverged=False, seconds=1.0)
record = record_of(config, dataset, outcome)
expected = float(p.max(axis=1).mean())
"""
REACHES = """

row, frame = rows.row_of("tiny", record), tidy.tidy([record], lambda _: dataset.test.labels)
assert record.metrics["best"]["surprise"] == row["surprise_best"] == row["surprise_last"] == expected
assert "surprise_best" in rows.SCHEMA.names and frame["surprise"].iloc[0] == expected
assert "surprise_difference" in frame and tidy.frame([record])["surprise"].iloc[0] == expected
"""
OLDER = """
older = {name: {key: value for key, value in values.items() if key != "surprise"}
         for name, values in record.metrics.items()}
old = record.model_copy(update={"metrics": older})
assert rows.measured(old, "best")["surprise"] == expected and rows.measured(old, "never") == {}
assert rows.row_of("tiny", old)["surprise_last"] == expected
"""
PUBLISHED = """
folder = Path(sys.argv[1])
assert published.read("a3")["surprise_last"].isna().all() and len(published.read("a3")) > 800  # files from before
file = published.publish("tiny", [record], folder)
assert published.read("tiny", folder)["surprise_last"].tolist() == [expected]
"""
COMMAND = """
from bilstm_dropout.cli import main

sys.argv[1:] = ["run", "none", "--dataset", "recall", "--seed", "1", "--set", "epochs=1", "--set", "units=2", "--json",
                "--set", 'dataset_options={"recall": {"steps": 3}}']
main()
"""


CODES = {"records and tables": REACHES, "older records": OLDER, "published": PUBLISHED}


def ran(code, *arguments):
    command = [sys.executable, "-c", ENTRY + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_one_entry_is_enough(code, tmp_path):
    ran(code, str(tmp_path))


def test_the_command_prints_it():
    rows = json.loads(ran(COMMAND))
    assert len(rows) == 2 and all(0.25 < row["surprise"] <= 1 for row in rows)
