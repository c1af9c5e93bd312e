"""Training experiments on memory: how far a signal can lie back, and where it lies, for which dropout.

Two parts, each a list of sweeps whose records the store keeps. `memory`: accuracy against the sequence's length for
each form of dropout. `position`: LSTM against BiLSTM with the signal first, in the middle, last and at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from .. import datasets
from ..errors import unknown
from ..results.rows import config_of, rows_of
from ..runs.config import RunConfig
from ..runs.store import Store
from ..runs.sweep import Sweep
from ..runs.train import key_of
from ..stats import metrics

PARTS = ("memory", "position")
NETWORKS = {False: "LSTM", True: "BiLSTM"}
SIGNALS = ("first", "middle", "last", "both ends")
# Six pairs are the fewest that a test can decide. In part `memory`, 4 to 6 were added after 1 to 3 had been looked at.
SEEDS = [1, 2, 3, 4, 5, 6]
STEPS = [10, 20, 60]
BOTH_STEPS = [20, 60]
# The rates p of each form. `none` takes one, which it ignores. Trials at single rates came before. The forms that wipe
# the cell have a low rate instead of a high one: at p = .25 three of a thousand memories last 20 steps.
FORMS: dict[str, list[float]] = {
    "none": [0.25],
    "input": [0.25],
    "lstm-dropout": [0.25],
    "recurrent": [0.25, 0.5],
    "recurrent-tied": [0.25],
    "recurrent-stepwise": [0.25, 0.5],
    "candidate": [0.25],
    "gates": [0.1, 0.25],
    "cell": [0.25],
    "cell-stepwise": [0.1, 0.25],
    "zoneout": [0.25],
}
# `none` did not learn this length in trials with up to 4,000 rows. One task and two forms are enough to
# say so, and whether recurrent dropout, which lets more gradient through, learns it.
LONG_STEPS = 180
LONG_FORMS = {"none": [0.25], "recurrent": [0.5]}

# Forms whose masks zero the cell at a step, or the forget gate: there a unit's memory survives each step with 1 - p.
WIPING = ("gates", "cell-stepwise")
TRAINING = {"units": 32, "learning_rate": 2e-3}
ROWS = {"validation": 256, "test": 1000}
TRAINING_ROWS = {"recall": 2000, "order": 1000}
# 120 was added after the shorter ones: there both networks reach what can be reached, or neither learns.
POSITION_STEPS = [20, 60, 120]
# In the six seeds, some LSTMs and no BiLSTM failed with the signal first at the longest: too few pairs to tell, so
# that case got seeds that nobody had seen, which are tested alone (claims.evidence.position_of_the_signal).
CONFIRMED_CASE, CONFIRMING_SEEDS = ("first", 120), list(range(7, 19))
_OF_CASE, _OF_RUN = ("task", "signal", "network", "steps", "distance"), ("placement", "rate", "seed")
_REACHED = ("epoch", "accuracy", "nll")
COLUMNS = (
    *_OF_CASE, *_OF_RUN, "diverged", *_REACHED, "chance", "best_accuracy", "best_nll", "retained", "survival",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A task for a network. signal: where the cue of recall stands; 'middle third' for order."""

    task: str
    signal: str
    bidirectional: bool
    steps: int

    @property
    def network(self) -> str:
        """'LSTM' or 'BiLSTM'."""
        return NETWORKS[self.bidirectional]

    @property
    def options(self) -> dict:
        """The data set's options."""
        options = {"steps": self.steps, "train": TRAINING_ROWS[self.task], **ROWS}
        return options | ({"position": self.signal} if self.task == "recall" else {})

    @property
    def distance(self) -> int:
        """How many steps, its own included, the signal must be kept by the direction that reads it later.

        At each of them the cell is written once. Of two directions the nearer counts; for `order` the least that any
        row asks for: one marker at the edge of the middle third. Both ends: one cue is always the length away.
        """
        first = {"first": 0, "middle": self.steps // 2, "last": self.steps - 1, "both ends": 0}
        if self.task == "order":
            return self.steps // 3 + 1
        place = first[self.signal]
        forward, backward = self.steps - place, place + 1
        return min(forward, backward) if self.bidirectional and self.signal != "both ends" else forward

    def sweep(self, placement: str, rates: list[float], seeds: list[int], epochs: int) -> Sweep:
        """The runs of a placement on this case."""
        return Sweep(
            placement=placement, datasets=[self.task], rates=rates, seeds=seeds, epochs=epochs,
            dataset_options={self.task: self.options}, bidirectional=self.bidirectional, **TRAINING,
        )  # fmt: skip


def cases(part: str, lengths: list[int]) -> list[Case]:
    """The cases of a part at these numbers of steps. UserError for an unknown part."""
    if part == "memory":
        tasks = [("recall", "first", False), ("recall", "middle", True), ("order", "middle third", True)]
        # The shortest and the longest length are for the LSTM alone: a BiLSTM's distance is at most half the length.
        return [Case(*task, steps) for steps in lengths for task in tasks if steps in BOTH_STEPS or not task[2]]
    if part == "position":
        return [Case("recall", signal, both, steps) for steps in lengths for signal in SIGNALS for both in NETWORKS]
    raise unknown("part", part, PARTS)


def epochs(case: Case) -> int:
    """Epochs of a case.

    Rows, epochs and learning rate are those with which trials of `none` alone learned the tasks of up to 60 steps, as
    validation accuracy said: in 2 to 16 epochs, and in 12 to 20 with two cues at the ends of 20 steps.
    """
    return 30 if case.signal == "both ends" else 20


def planned(part: str) -> list[tuple[Case, Sweep]]:
    """A part's sweeps in the order in which they are trained: a form on every case, then the next form."""
    grid = [(FORMS, SEEDS, cases(part, STEPS)), (LONG_FORMS, SEEDS, cases(part, [LONG_STEPS]))]
    if part == "position":
        every = cases(part, POSITION_STEPS)
        confirmed = [case for case in every if (case.signal, case.steps) == CONFIRMED_CASE]
        grid = [({"none": [0.25]}, SEEDS, every), ({"none": [0.25]}, CONFIRMING_SEEDS, confirmed)]
    return [
        (case, case.sweep(form, rates, seeds, epochs(case)))
        for forms, seeds, of_grid in grid
        for form, rates in forms.items()
        for case in of_grid
    ]


def runs(part: str) -> dict[str, tuple[RunConfig, Case]]:
    """Every run of a part by its record's key, with its case, in the order of training."""
    return {
        key_of(config): (config, case)
        for case, sweep in planned(part)
        for config in (*sweep.baselines(), *sweep.runs())
    }


@cache
def limits(task: str, options: tuple[tuple[str, object], ...]) -> tuple[float, float, float]:
    """Chance accuracy, and accuracy and NLL (nats) of the known class probabilities on the test part."""
    data = datasets.load(task, **dict(options))
    truth = data.test.posterior
    best = float(metrics.accuracy(truth, data.test.labels)), float(metrics.nll(truth, data.test.labels))
    return 1 / len(data.classes), *best


def survival(placement: str, rate: float, distance: int) -> float:
    """(1 - p)^distance where a form's masks wipe the cell at each step; 1 for `none`; NaN where it says nothing."""
    if placement == "none":
        return 1.0
    return (1 - rate) ** distance if placement in WIPING else float("nan")


def measured(part: str, rows: pd.DataFrame) -> pd.DataFrame:
    """A tidy frame, a row a run of the part that `rows` has: what it reached, and what could be reached.

    rows: published.read(part) or own_rows(part); those of other configurations are left out, and of several results
    versions the newest counts. Columns: task, signal, network, steps, distance, placement, rate, seed, diverged, epoch,
    accuracy, nll (nats), chance, best_accuracy, best_nll, retained, survival. The epoch with the least validation NLL
    counts. retained: accuracy above chance as a share of the most that can be had above chance; what an
    all-or-nothing memory that is kept with that probability, and guesses otherwise, would give.
    """
    # By configuration and data, not by key: a key names a results version too, and the fields there were at its time.
    by_run = {
        (config_of(row).model_dump_json(), row["fingerprint"]): row
        for row in rows_of(rows.sort_values("results_version"))
    }
    found = []
    for config, case in runs(part).values():
        data = datasets.load(config.dataset, **config.dataset_options)
        row = by_run.get((config.model_dump_json(), data.fingerprint))
        if row is None:
            continue
        chance, best_accuracy, best_nll = limits(config.dataset, tuple(config.dataset_options.items()))
        diverged = bool(row["diverged"])
        reached = {name: np.nan if diverged else float(row[f"{name}_best"]) for name in _REACHED}
        found.append(
            {name: getattr(case, name) for name in _OF_CASE}
            | {name: getattr(config, name) for name in _OF_RUN}
            | {"diverged": diverged, **reached}
            | {"chance": chance, "best_accuracy": best_accuracy, "best_nll": best_nll}
            | {"retained": (reached["accuracy"] - chance) / (best_accuracy - chance)}
            | {"survival": survival(config.placement, config.rate, case.distance)}
        )
    return pd.DataFrame(found, columns=COLUMNS)


def depends_on() -> list[str]:
    """What its notebook has to be executed anew for beside published results: the runs that the store has."""
    store = Store()
    return [key for key in _keys() if store.has(key)]


@cache
def _keys() -> tuple[str, ...]:
    """The keys of all its runs: a study asks for them several times."""
    return tuple(key for part in PARTS for key in runs(part))
