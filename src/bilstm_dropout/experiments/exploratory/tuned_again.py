"""Part n, tuning again: how far what is concluded rests on the settings that one tuning happened to try.

Fixed before any of its runs. The tuning of part a1 tried sixteen settings on one fold, and its winners led by less than
a standard error. So it is done a second time, by the same rule, with sixteen other settings (SEED) and on the fold that
was spare (FOLD): on the confirmation's three data sets, and on SUBJ, which was never tuned. The winners are trained on
20 units of a2. On IMDB, whose test part is its own, five placements have ten settings with one seed each, scored on a
tenth of the training part, and the best of each is trained with ten seeds and tested on the test part. JapaneseVowels
is not among them: its own split has no rows to score on.

What is concluded are paired differences to `none` by unit, with intervals, beside a2's on the same units, and of each
data set and placement how much the second winner differs from the first in setting and in loss; it tests nothing.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory import plan
from .plan import IMDB_OPTIONS, MANY, UNITS, runs_of, units

PART, OF = "n", "a2"
SEED = 20_247  # of the random settings; a1's is plan.TUNING_SEED
FOLD = 0  # scores the settings
TEXTS = (*plan.TUNED, "subj")
REVIEWS = "imdb"
REVIEW_PLACEMENTS, REVIEW_SETTINGS = ("none", "input", "recurrent-tied", "output", "variational"), 10


def runs(score: plan.Score) -> list[RunConfig]:
    """Every run that is known; those of a data set are once all of the one before are, so one is whole before the next.

    score: of runs of this part.
    """
    found = []
    for dataset, count in planned().items():
        own = reviews(score) if dataset == REVIEWS else texts(dataset, score)
        found += own
        if len(own) < count:
            break
    return found


def planned() -> dict[str, int]:
    """How many runs each data set has once all of them are known, in the order of training."""
    tuned = plan.CONFIGURATIONS + plan.FINALISTS * len(plan.MORE_SEEDS)
    counts = dict.fromkeys(TEXTS, len(plan.PLACEMENTS) * (tuned + MANY))
    return counts | {REVIEWS: len(REVIEW_PLACEMENTS) * (REVIEW_SETTINGS + UNITS)}


def settings(placement: str) -> list[plan.Setting]:
    """The sixteen settings of this tuning."""
    return plan.settings(placement, SEED)


def texts(dataset: str, score: plan.Score) -> list[RunConfig]:
    """Tuning and confirmation on a text set of TEXTS, as far as earlier stages are done."""
    first, more, confirmed = [], [], []
    for placement in plan.PLACEMENTS:
        first += [tuning_run(dataset, placement, setting, plan.FIRST_SEED) for setting in settings(placement)]
        more += [
            tuning_run(dataset, placement, setting, seed)
            for setting in finalists(dataset, placement, score)
            for seed in plan.MORE_SEEDS
        ]
        if best := chosen(dataset, placement, score):
            confirmed += [plan.run_of(dataset, placement, best, *unit) for unit in units(dataset, MANY)]
    return [*first, *more, *confirmed]


def finalists(dataset: str, placement: str, score: plan.Score) -> list[plan.Setting]:
    """The four settings with the lowest score, best first; none of them while a run of the sixteen is not done."""
    return plan.best(
        settings(placement), lambda each: [tuning_run(dataset, placement, each, plan.FIRST_SEED)], score
    )[: plan.FINALISTS]


def chosen(dataset: str, placement: str, score: plan.Score) -> plan.Setting | None:
    """The finalist with the lowest mean score over its three seeds; None while one of its runs is not done."""
    seeds = (plan.FIRST_SEED, *plan.MORE_SEEDS)
    ranked = plan.best(
        finalists(dataset, placement, score),
        lambda each: [tuning_run(dataset, placement, each, seed) for seed in seeds],
        score,
    )
    return ranked[0] if ranked else None


def tuning_run(dataset: str, placement: str, setting: plan.Setting, seed: int) -> RunConfig:
    """A run that scores a setting on a text set of TEXTS."""
    return plan.run_of(dataset, placement, setting, seed, FOLD)


def reviews(score: plan.Score) -> list[RunConfig]:
    """IMDB: every setting once, and those that won where that is known."""
    first, confirmed = [], []
    for placement in REVIEW_PLACEMENTS:
        tried = settings(placement)[:REVIEW_SETTINGS]
        first += [review_run(placement, setting) for setting in tried]
        if best := plan.best(tried, lambda each, placement=placement: [review_run(placement, each)], score):
            confirmed += runs_of(REVIEWS, UNITS, [(placement, best[0].rate)], learning_rate=best[0].learning_rate)
    return [*first, *confirmed]


def review_run(placement: str, setting: plan.Setting) -> RunConfig:
    """A run that scores a setting on IMDB, on a tenth of the training part; the test part is left aside."""
    (run,) = runs_of(REVIEWS, 1, [(placement, setting.rate)], learning_rate=setting.learning_rate)
    return plan.changed(run, seed=plan.FIRST_SEED, dataset_options={**IMDB_OPTIONS, "fold": FOLD, "test": "fold"})
