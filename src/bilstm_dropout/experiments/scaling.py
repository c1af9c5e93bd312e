"""How long a run takes as sequences, units or training rows grow: a part of experiments on a task that needs no file.

Only seconds are taken from these runs. Each size has several seeds, because the first run of a process compiles.
"""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd

from ..runs.config import RunConfig

PART = "growth"
SEEDS = (1, 2, 3, 4, 5)
BASE = {"steps": 40, "units": 64, "rows": 1000}
AXES = {"steps": (20, 40, 80, 160, 320), "units": (16, 32, 64, 128, 256), "rows": (500, 1000, 2000, 4000, 8000)}
TITLES = {"steps": "steps T", "units": "units U", "rows": "training rows n"}
HELD_OUT = 100  # rows for validation and for testing, few, so that seconds are those of training
EPOCHS = 2


def runs() -> list[RunConfig]:
    """Every size, one axis at a time from BASE, with each seed."""
    sizes = [BASE | {axis: value} for axis, values in AXES.items() for value in values]
    return [run_of(size, seed) for size in {tuple(each.values()): each for each in sizes}.values() for seed in SEEDS]


def run_of(size: dict[str, int], seed: int) -> RunConfig:
    options = {"steps": size["steps"], "train": size["rows"], "validation": HELD_OUT, "test": HELD_OUT}
    return RunConfig(
        placement="recurrent", rate=0.25, seed=seed, dataset="recall", dataset_options=options, units=size["units"],
        embedding_dim=100, epochs=EPOCHS,
    )  # fmt: skip


def seconds(rows: pd.DataFrame) -> pd.DataFrame:
    """Median seconds of a run by size: axis, value, seconds. rows: of this part. Only sizes with every seed."""
    frame = rows.drop_duplicates("key")
    options = frame["dataset_options"].map(json.loads)
    frame = frame.assign(steps=[each["steps"] for each in options], rows=[each["train"] for each in options])
    found = []
    for axis, values in AXES.items():
        for value in values:
            size = BASE | {axis: value}
            mine = frame[np.logical_and.reduce([frame[name] == number for name, number in size.items()])]
            if len(mine) == len(SEEDS):
                found.append((axis, value, float(mine["seconds"].median())))
    return pd.DataFrame(found, columns=["axis", "value", "seconds"])


def exponent(values, found) -> float:
    """b of seconds = a · valueᵇ, by least squares on logarithms: 1 for what grows in proportion. NaN below two."""
    if len(values) < 2:
        return math.nan
    return float(np.polyfit(np.log(values), np.log(found), 1)[0])
