"""Runs on planted features: controls of which it is known what dropout does, and claims that real data cannot settle.

The runs were fixed before any of them, after trials with other seeds (101 to 103) and shorter lists, which chose sizes
at which networks learn. A run was to count at the checkpoint that validation chose; the last epoch was looked at
afterwards. All runs have one draw of the data, so intervals are over initial weights, batches and masks alone.
Differences pair runs by seed; where the two sides have other numbers of features, their initial weights differ, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..results.rows import nll
from ..runs.config import RunConfig
from ..wording import rate_text

PART = "planted"
SEEDS = tuple(range(1, 11))
RATES = (0.25, 0.5)
SITES = ("input", "input-spatial", "recurrent", "output")
STATE = ("input", "recurrent", "recurrent-tied", "recurrent-stepwise", "output")
UNITS = 32
HELD_OUT = {"validation": 500, "test": 2000}
# Training rows and the epochs that give about 500 updates in batches of 32; with a spurious feature 640.
MANY, FEW = (2000, 8), (100, 126)
SPURIOUS_ROWS = (1000, 20)
DISTRACTORS = (0, 15, 63, 255)


@dataclass(frozen=True)
class Task:
    """What is planted. options: of the data set planted, beside the rows. rows, epochs: of training."""

    options: tuple[tuple[str, float], ...]
    rows: int
    epochs: int

    def run(self, placement: str, rate: float, seed: int) -> RunConfig:
        """One run of it."""
        return RunConfig(
            placement=placement, rate=rate, seed=seed, dataset="planted", units=UNITS, epochs=self.epochs,
            dataset_options={**dict(self.options), **HELD_OUT, "train": self.rows},
        )  # fmt: skip

    def rows_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The published rows of it, on whatever draw of the data. rows: of a part, published.read(part)."""
        wanted = self.run("none", 0.0, 1).dataset_options
        draw = {"data_seed": wanted["data_seed"]}
        return rows[np.array([json.loads(text) | draw == wanted for text in rows["dataset_options"]], dtype=bool)]


def _task(size: tuple[int, int], **options) -> Task:
    # An option of 0 is the default: said or not, it is the same task.
    return Task(tuple(sorted((name, value) for name, value in options.items() if value)), *size)


# Positive controls. One feature knows everything, and masks can only hide it; or many share what there is to know, so
# that masks leave enough and keep the network from leaning on chance.
ALONE, REDUNDANT = _task(MANY, informative=1), _task(MANY, informative=64)
# Claim 2: noise features beside the same signal, with few rows and with many.
DIMENSIONS = {
    (rows, distractors): _task(size, informative=1, distractors=distractors)
    for rows, size in (("few", FEW), ("many", MANY))
    for distractors in DISTRACTORS
}
# Claim 9: few rows of features that say the same, with noise that is alike or not.
ALIKE, APART = _task(FEW, informative=64, correlation=0.9), _task(FEW, informative=64)
# Claim 4: neighbouring steps that go together in training and validation rows by the class, and in test rows do not.
SPURIOUS, PLAIN = _task(SPURIOUS_ROWS, informative=4, spurious=0.9), _task(SPURIOUS_ROWS, informative=4)

PLACED: dict[Task, tuple[str, ...]] = {
    ALONE: SITES, REDUNDANT: SITES, ALIKE: ("input", "recurrent"), APART: ("input", "recurrent"),
    SPURIOUS: STATE, PLAIN: STATE,
}  # fmt: skip


def runs() -> list[RunConfig]:
    """Every run, those that share a compiled program side by side."""
    cells = [(task, "none", 0.0) for task in dict.fromkeys([*PLACED, *DIMENSIONS.values()])]
    cells += [(task, place, rate) for task, places in PLACED.items() for place in places for rate in RATES]
    return [task.run(place, rate, seed) for task, place, rate in cells for seed in SEEDS]


def losses(rows: pd.DataFrame, task: Task, placement: str = "none", rate: float = 0.0, when: str = "best") -> pd.Series:
    """Test NLL (nats) by seed. rows: published.read(PART), or records in that form. when: 'best' or 'last'.

    A run without a finite one is NaN. ValueError unless every seed is there once.
    """
    mine = task.rows_of(rows)
    chosen = mine[(mine["placement"] == placement) & np.isclose(mine["rate"], rate)].set_index("seed")
    if sorted(chosen.index) != sorted(SEEDS):
        what = f"{placement} at {rate_text(rate)} on {dict(task.options)} with {task.rows} rows"
        raise ValueError(f"{what} is not there once a seed")
    return pd.Series(nll(chosen, when, "missing"), index=chosen.index).sort_index()


def harm(rows: pd.DataFrame, placement: str = "none", rate: float = 0.0) -> pd.Series:
    """By seed, how much higher the test NLL is with the spurious feature in training than without it."""
    return losses(rows, SPURIOUS, placement, rate) - losses(rows, PLAIN, placement, rate)
