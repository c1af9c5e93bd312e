"""Part p, size: is what placements do a matter of the network's size?

Fixed before any of its runs. All that was confirmed has 64 units and one layer. Here MR and TREC have a quarter, all
and four times as many units, each at three learning rates, so that no size is shown at the rate of another alone; at
64 units and a3's learning rate the runs are a3's. Then two layers on TREC are tuned: a1's sixteen settings of each
placement with its fold and first seed, and the setting with the lowest score on 20 units.

What is concluded are paired differences to `none` by unit, with intervals, at each size and learning rate, at the best
learning rate of each placement and size, and of two tuned layers beside a2's tuned single one; it tests nothing.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory import plan
from .plan import MANY, UNITS, at, runs_of, units

PART, OF = "p", "a3"
DATASETS = ("mr", "trec")
PLACEMENTS = ("none", "input", "recurrent-tied", "variational")
# The fixed rate's learning rate is first, and of the sizes the ends are, so that a part of the runs says something.
LEARNING_RATES = (plan.FIXED_LEARNING_RATE, 5e-4, 2e-3)
SIZES = (16, 256, 64)
DEEP, LAYERS = "trec", 2


def runs(score: plan.Score) -> list[RunConfig]:
    """Every run that is known, in the order of training. score: of this part's runs with two layers."""
    return [*widths(), *depths(score)]


def planned() -> dict[str, int]:
    """How many runs each data set has once all of them are known."""
    counts = dict.fromkeys(DATASETS, len(PLACEMENTS) * len(SIZES) * len(LEARNING_RATES) * UNITS)
    counts[DEEP] += len(PLACEMENTS) * (plan.CONFIGURATIONS + MANY)
    return counts


def widths() -> list[RunConfig]:
    """Units a direction by learning rate by placement on ten units."""
    return [
        run
        for learning_rate in LEARNING_RATES
        for size in SIZES
        for dataset in DATASETS
        for run in runs_of(dataset, UNITS, at(PLACEMENTS), units=size, learning_rate=learning_rate)
    ]


def depths(score: plan.Score) -> list[RunConfig]:
    """Two layers: every setting once, and those that won on 20 units where that is known."""
    first, confirmed = [], []
    for placement in PLACEMENTS:
        first += [_scoring(placement, setting) for setting in plan.settings(placement)]
        if best := chosen(placement, score):
            confirmed += [_deep(placement, best, *unit) for unit in units(DEEP, MANY)]
    return [*first, *confirmed]


def chosen(placement: str, score: plan.Score) -> plan.Setting | None:
    """The setting with the lowest score in a network of two layers; None while one of the sixteen is not done."""
    ranked = plan.best(plan.settings(placement), lambda each: [_scoring(placement, each)], score)
    return ranked[0] if ranked else None


def _scoring(placement: str, setting: plan.Setting) -> RunConfig:
    return _deep(placement, setting, plan.FIRST_SEED, plan.TUNING_FOLD)


def _deep(placement: str, setting: plan.Setting, seed: int, fold: int) -> RunConfig:
    return plan.changed(plan.run_of(DEEP, placement, setting, seed, fold), layers=LAYERS)
