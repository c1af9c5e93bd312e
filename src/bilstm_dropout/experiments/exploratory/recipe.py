"""Part l, recipe: what of a tuned placement's difference is its place, and what the settings that tuning gave it.

Fixed before any of its runs. In a2 the learning rate and the drop rate of a placement were tuned together with its
place, so what differs from `none` there is a recipe. And tuning stopped at a length of training that may be too short.
Four lists, the most telling first:

longer: PhraseBank, variational and `none`, EPOCHS instead of 12, at the settings that tuning ranked first and second.
  At 12 epochs 21 of the 40 tuned runs of variational were best in the last one.
at_none_s: variational with its own tuned rate, at the learning rate that was tuned for `none`.
none_at: `none` at every learning rate that tuning chose for another placement on the set. At its own it is in a2.
long_tuning: TREC, the sixteen settings of both on the fold and with the first seed of tuning, three times as long.

What is concluded are paired differences by unit, with intervals, to runs of this part and of a2; of long_tuning, which
has one run a setting, whether the ranks change. It tests nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...runs.config import RunConfig
from ..confirmatory import plan
from .plan import MANY, units

PART, OF = "l", "a2"
BOTH = ("variational", "none")
LONGER, BEST = "phrasebank", 2
LONG_TUNED = "trec"
EPOCHS = {LONGER: 36, LONG_TUNED: 60}
# How many learning rates tuning chose on a set beside that of `none`: known since a1 is published.
OTHER_RATES = {"mr": 5, "trec": 4, "phrasebank": 4}


def runs(score: plan.Score) -> list[RunConfig]:
    """Every run that is known, in the order of training. score: of tuning's runs."""
    return [*longer(score), *at_none_s(score), *none_at(score), *long_tuning()]


def planned() -> dict[str, int]:
    """How many runs each data set has once tuning is done."""
    confirmed = len(plan.FOLDS) * len(plan.SEEDS)
    found = {dataset: (count + 1) * confirmed for dataset, count in OTHER_RATES.items()}
    found[LONGER] += len(BOTH) * BEST * MANY
    found[LONG_TUNED] += len(BOTH) * plan.CONFIGURATIONS
    return found


def longer(score: plan.Score) -> list[RunConfig]:
    """PhraseBank trained three times as long, at the best settings of tuning; nothing while those are not known."""
    return [
        _for_longer(plan.run_of(LONGER, placement, setting, *unit))
        for placement in BOTH
        for setting in plan.ranked(LONGER, placement, score)[:BEST]
        for unit in units(LONGER, MANY)
    ]


def at_none_s(score: plan.Score) -> list[RunConfig]:
    """variational at its tuned rate and the learning rate of `none`; nothing for a set whose settings are not known."""
    return [
        run
        for dataset in plan.TUNED
        if (own := plan.chosen(dataset, "variational", score)) and (none := plan.chosen(dataset, "none", score))
        for run in _confirmed(dataset, "variational", own._replace(learning_rate=none.learning_rate))
    ]


def none_at(score: plan.Score) -> list[RunConfig]:
    """`none` at each other placement's tuned learning rate, where it differs from its own, lowest first."""
    return [
        run
        for dataset in plan.TUNED
        for learning_rate in other_rates(dataset, score)
        for run in _confirmed(dataset, "none", plan.Setting(learning_rate, 0.0))
    ]


def other_rates(dataset: str, score: plan.Score) -> list[float]:
    """The learning rates that tuning chose on a set for placements, ascending, but for that of `none`."""
    found = {placement: plan.chosen(dataset, placement, score) for placement in plan.PLACEMENTS}
    rates = {setting.learning_rate for setting in found.values() if setting}
    return sorted(rates - {found["none"].learning_rate}) if found["none"] else []


def long_tuning() -> list[RunConfig]:
    """TREC's settings as tuning first trained them, three times as long."""
    return [
        _for_longer(plan.run_of(LONG_TUNED, placement, setting, plan.FIRST_SEED, plan.TUNING_FOLD))
        for placement in BOTH
        for setting in plan.settings(placement)
    ]


def lot(run: RunConfig) -> tuple:
    """What runs share that are trained together, before the next ones."""
    return run.dataset, run.placement, run.epochs, run.learning_rate


def _confirmed(dataset: str, placement: str, setting: plan.Setting) -> Iterator[RunConfig]:
    """A setting on the units of confirmation."""
    return (plan.run_of(dataset, placement, setting, seed, fold) for fold in plan.FOLDS for seed in plan.SEEDS)


def _for_longer(run: RunConfig) -> RunConfig:
    return plan.changed(run, epochs=EPOCHS[run.dataset])
