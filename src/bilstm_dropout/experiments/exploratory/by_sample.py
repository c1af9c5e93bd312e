"""Part r, by sample: how much of a network's answers its training rows decide, and how much its seed.

Fixed before any of its runs. Two networks differ because they start apart and because they saw other rows, and dropout
is said to average over both, as an ensemble of seeds or of bootstrap samples does (arXiv 2605.13826; Breiman 1996). So
on one fold of MR each of PLACEMENTS is trained on each of SAMPLES bootstrap samples of the training rows with the same
SEEDS, with a3's network and setting. Test and validation part are the same in all runs, and the vocabulary is that of
all training rows, so that a seed gives a word the same first vector on every sample.

What is concluded are estimates with intervals, samples by seeds crossed: the variance of the predicted probabilities
that samples, seeds and both together bring, for each placement, and what averaging over samples or over seeds gains in
loss and accuracy. It tests nothing. One fold of one data set is all that it speaks of, and five samples are few.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory import plan

PART, OF = "r", "a3"
DATASET, FOLD = "mr", 2
PLACEMENTS = ("none", "input", "recurrent-tied")
SAMPLES, SEEDS = (1, 2, 3, 4, 5), tuple(range(1, 21))


def runs() -> list[RunConfig]:
    """Every run: the first seeds of all samples and placements before the later ones, so that a part of them is crossed
    too.
    """
    return [
        plan.changed(run, dataset_options={**run.dataset_options, "resample": sample})
        for seeds in (SEEDS[:5], SEEDS[5:10], SEEDS[10:])
        for placement in PLACEMENTS
        for sample in SAMPLES
        for run in (plan.run_of(DATASET, placement, _setting(placement), seed, FOLD) for seed in seeds)
    ]


def _setting(placement: str) -> plan.Setting:
    return plan.Setting(plan.FIXED_LEARNING_RATE, 0.0 if placement == "none" else plan.FIXED_RATE)
