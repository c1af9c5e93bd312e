"""Part m, Monte Carlo dropout: what fifty passes with the masks on tell that one pass without them does not.

Fixed before any of its runs. Gal and Ghahramani (2016) average predictions over passes with masks, and read how far
passes disagree as doubt. It is said that masks before the head give the best of it. So a2's own configurations are
trained again on folds 2 to 5, because their networks were not kept, and each network predicts so many times with the
masks that it was trained with, at the chosen and at the last checkpoint; and at the chosen one with masks at the output
alone, at each of OUTPUT_RATES, whatever it was trained with. A run repeats one of a2, but last digits that moved since
grow until the last epoch, so what passes give is compared with the pass without masks of the same network.

What is concluded are estimates with intervals, by placement: the loss of the average less that of the pass without
masks; how entropy and mutual information point at errors, beside the entropy of that pass and of an average of seeds;
and how accuracy falls from decile to decile of doubt. It tests nothing.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory import plan

PART, OF = "m", "a2"
PASSES = 50
FOLDS = plan.FIXED_FOLDS


def runs(score: plan.Score) -> list[RunConfig]:
    """Every run that is known: every placement and data set on one fold with one seed before the next fold, and all
    folds before the next seed, so that what is finished is always comparable. score: of tuning's runs.
    """
    units = {}
    for run in plan.confirmation(score):
        units.setdefault((run.seed, run.dataset_options["fold"]), []).append(plan.changed(run, passes=PASSES))
    return [run for seed in plan.SEEDS for fold in FOLDS for run in units.get((seed, fold), ())]


def planned() -> dict[str, int]:
    """How many runs each data set has once tuning is done."""
    return dict.fromkeys(plan.TUNED, len(plan.PLACEMENTS) * len(FOLDS) * len(plan.SEEDS))


def lot(run: RunConfig) -> tuple:
    """What runs share that are trained together, before the next ones."""
    return run.seed, run.dataset_options["fold"], run.dataset
