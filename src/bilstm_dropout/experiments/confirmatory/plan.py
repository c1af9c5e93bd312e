"""The confirmatory study's runs: tuning (a1), confirmation at the tuned settings (a2), and one fixed rate (a3).

Which runs a stage needs can depend on what earlier ones gave. So functions take `score`: a function from a RunConfig to
the score of its run, or None while that run is not done. Everything else here is fixed before any run; book/method.md
says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...runs.config import RunConfig

PLACEMENTS = ("none", "input", "input-spatial", "recurrent", "recurrent-tied", "output", "combined", "variational")
CELL = "input+recurrent"  # the cell that the interaction needs beside the placements; at the fixed rate only
TUNED = ("mr", "trec", "phrasebank")
EPOCHS = {"mr": 8, "trec": 20, "phrasebank": 12, "subj": 8, "japanese_vowels": 40}
# So that results can be read where the texts are not; a run without a checkpoint counts as uniform over them.
NETWORK = {"units": 64, "embedding_dim": 100, "batch_size": 32}
VOCABULARY = 8_000  # small enough that rare words of the training part train the unknown word

# Tuning: folds and seeds of its own. Fold 1 scores it; the fold after a test fold is its validation part.
TUNING_SEED = 20_240  # of the random configurations
CONFIGURATIONS, FINALISTS = 16, 4
LEARNING_RATES, RATES = (1e-4, 3e-3), (0.05, 0.7)
TUNING_FOLD, FIRST_SEED, MORE_SEEDS = 1, 101, (102, 103)
# Confirmation: 8 folds x 5 seeds = 40 paired units a data set.
FOLDS, SEEDS = tuple(range(2, 10)), (1, 2, 3, 4, 5)
# The fixed rate: 20 paired units a data set; JapaneseVowels keeps its own split, with 20 seeds.
FIXED_FOLDS, FIXED_SEEDS_OF_SERIES = (2, 3, 4, 5), tuple(range(1, 21))
FIXED_RATE, FIXED_LEARNING_RATE = 0.25, 1e-3

Score = Callable[[RunConfig], float | None]


class Setting(NamedTuple):
    """What tuning chooses: Adam's learning rate and the drop rate (0 for none)."""

    learning_rate: float
    rate: float


def settings(placement: str, seed: int = TUNING_SEED) -> list[Setting]:
    """The random configurations of a placement, always the same: learning rates log-uniform in LEARNING_RATES, rates
    uniform in RATES. Every placement has the same; `none` has their learning rates. seed: another one draws others.
    """
    shares = np.random.default_rng(seed).random((CONFIGURATIONS, 2))
    lowest, highest = np.log(LEARNING_RATES)
    # Rounded, so that a configuration is spelt the same everywhere.
    learning_rates = [float(f"{math.exp(lowest + share * (highest - lowest)):.3g}") for share in shares[:, 0]]
    rates = [round(RATES[0] + float(share) * (RATES[1] - RATES[0]), 3) for share in shares[:, 1]]
    return [
        Setting(learning_rate, 0.0 if placement == "none" else rate)
        for learning_rate, rate in zip(learning_rates, rates, strict=True)
    ]


def run_of(dataset: str, placement: str, setting: Setting, seed: int, fold: int | None) -> RunConfig:
    """A run of the study. fold: the test fold, 0 to 9; None for JapaneseVowels, which keeps its own split."""
    options = {} if fold is None else {"fold": fold, "vocabulary": VOCABULARY}
    if dataset == "trec":
        options["test"] = "fold"
    return RunConfig(
        dataset=dataset, dataset_options=options, placement=placement, rate=setting.rate,
        learning_rate=setting.learning_rate, seed=seed, epochs=EPOCHS[dataset],
        evaluations_per_epoch=1 if fold is None else 4, **NETWORK,
    )  # fmt: skip


def changed(run: RunConfig, **fields) -> RunConfig:
    """A run with other fields. Made anew rather than copied: only that checks that they fit, and spells runs alike."""
    return RunConfig(**{**run.model_dump(), **fields})


def tuning(score: Score) -> list[RunConfig]:
    """Part a1: every configuration with one seed, and the best four with two more where all of these are done."""
    first = [run_of(*each, setting, FIRST_SEED, TUNING_FOLD) for each in _tuned() for setting in settings(each[1])]
    return first + [
        run_of(*each, setting, seed, TUNING_FOLD)
        for each in _tuned()
        for setting in finalists(*each, score)
        for seed in MORE_SEEDS
    ]


def finalists(dataset: str, placement: str, score: Score) -> list[Setting]:
    """The four settings with the lowest score, best first; none of them while a run of the sixteen is not done."""
    return _best(dataset, placement, settings(placement), [FIRST_SEED], score)[:FINALISTS]


def ranked(dataset: str, placement: str, score: Score) -> list[Setting]:
    """The finalists by their mean score over three seeds, lowest first; none while one of their runs is not done."""
    return _best(dataset, placement, finalists(dataset, placement, score), [FIRST_SEED, *MORE_SEEDS], score)


def chosen(dataset: str, placement: str, score: Score) -> Setting | None:
    """The finalist with the lowest mean score over its three seeds; None while one of its runs is not done."""
    found = ranked(dataset, placement, score)
    return found[0] if found else None


def confirmation(score: Score) -> list[RunConfig]:
    """Part a2: each placement at the setting tuned for it on each data set, where that is chosen."""
    found = {each: chosen(*each, score) for each in _tuned()}
    return [
        run_of(*each, setting, seed, fold)
        for each, setting in found.items()
        if setting is not None
        for fold in FOLDS
        for seed in SEEDS
    ]


def fixed_rate() -> list[RunConfig]:
    """Part a3: every placement at one rate on every data set, and CELL where the placements are tuned."""
    found = []
    for dataset in EPOCHS:
        units = [(seed, fold) for fold in FIXED_FOLDS for seed in SEEDS]
        if dataset == "japanese_vowels":
            units = [(seed, None) for seed in FIXED_SEEDS_OF_SERIES]
        for placement in (*PLACEMENTS, *([CELL] if dataset in TUNED else [])):
            setting = Setting(FIXED_LEARNING_RATE, 0.0 if placement == "none" else FIXED_RATE)
            found += [run_of(dataset, placement, setting, *unit) for unit in units]
    return found


def planned(part: str) -> dict[str, int]:
    """How many runs a1 or a2 has on each data set once all of them are known."""
    tuned = CONFIGURATIONS + FINALISTS * len(MORE_SEEDS)
    return dict.fromkeys(TUNED, len(PLACEMENTS) * (tuned if part == "a1" else len(FOLDS) * len(SEEDS)))


def _tuned() -> list[tuple[str, str]]:
    return [(dataset, placement) for dataset in TUNED for placement in PLACEMENTS]


def _best(dataset, placement, among: list[Setting], seeds, score: Score) -> list[Setting]:
    return best(among, lambda each: [run_of(dataset, placement, each, seed, TUNING_FOLD) for seed in seeds], score)


def best(among: list[Setting], runs: Callable[[Setting], list[RunConfig]], score: Score) -> list[Setting]:
    """Settings by their mean score, lowest first, the earlier one first on a tie; none if a run is not done.

    runs: of a setting, those that its score is the mean of.
    """
    means = []
    for setting in among:
        scores = [score(config) for config in runs(setting)]
        if None in scores:
            return []
        means.append(sum(scores) / len(scores))
    # A run without a finite checkpoint scores infinity, so its setting comes last.
    return [among[place] for place in sorted(range(len(among)), key=lambda place: (means[place], place))]
