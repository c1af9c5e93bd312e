"""The exploring parts b to g and i to k: lists of runs beside the confirmatory study, fixed before any of them is done.

They are estimated with intervals and test nothing. `none` is among the runs of every part, for each unit, number of
layers, length of training and option of the data. A run that a3 has, too, is the same run here, trained once. Part h is
what experiments.memory has.

Not in j: planted features, which experiments.planted has; temperature scaling, which needs no run; linear rivals,
which are in rivals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations

from ...dropout.placements import TABLE, resolve
from ...runs.config import RunConfig, applies
from ...runs.schedules import SCHEDULES
from ..confirmatory import plan
from . import doses

Cell = tuple[str, float]  # a placement and its rate
NONE: Cell = ("none", 0.0)
SITES = ("input", "recurrent", "output")
FEW, UNITS, MANY = 5, 10, 20  # paired units, see units()

# b. JapaneseVowels is small enough for a fourth rate.
DOSES = {"japanese_vowels": (0.1, 0.25, 0.5, 0.75), "mr": (0.1, 0.25, 0.5)}
# c and d. IMDB keeps its own test part, and one fold of its training part is for validation, so only seeds differ.
IMDB_OPTIONS = {"vocabulary": plan.VOCABULARY, "max_tokens": 100}
IMDB_EPOCHS, IMDB_EVALUATIONS, HIGH_RATE = 4, 4, 0.5
# d. Training rows, about so many updates at each size, and about so many evaluations, which choose the checkpoint.
SIZES = {"mr": (250, 500, 1000, 2000, 4000), "imdb": (1000, 4000, 12_000)}
SIZED = {"mr": ("none", *SITES, "variational"), "imdb": ("none", *SITES)}
UPDATES = {"mr": 1000, "imdb": 1500}
# As many as an evaluation an epoch gives the second smallest of MR and the smallest of IMDB. The 250 rows of MR need
# 125 epochs, and an epoch has at least one, so there validation chooses among twice as many.
EVALUATIONS = {"mr": 64, "imdb": 48}
# e.
FACTORIAL = ("mr", "trec", "japanese_vowels")
# f.
SHARED_AXES, SHARING_RATES = ("sample", "step", "feature"), (0.25, 0.5)
# g. The fixed rate is the mean of every schedule. The highest peak is the triangle's: .625, which all four allow.
SCHEDULED = (*SITES, "combined")
SCHEDULE_EPOCHS = {"trec": 25, "japanese_vowels": 40}
# i.
DEPTH = ("none", "input", "between", "between-spatial", "recurrent", "output", "input+between+output")
# j. 60 seeds of `none` are halved at random for A/A.
CONTROLLED, AA_SEEDS = ("japanese_vowels", "mr"), 60
# Controls without dropout. At the fixed rate's learning rate a decay of 1 takes a thousandth of a weight an update.
CONTROL_SETTINGS = [{"weight_decay": 0.1}, {"weight_decay": 1.0}, {"label_smoothing": 0.1}]
GAUSSIAN = [f"{TABLE[site].terms[0].text}:gaussian" for site in SITES]  # dropout's noise without its zeros


def units(dataset: str, count: int) -> list[tuple[int, int | None]]:
    """Pairs of a seed and a test fold: those that a3 has first. count: any number where the data have their own test
    part (JapaneseVowels and IMDB, whose fold is None), else 5, 10 or 20.
    """
    if dataset in ("japanese_vowels", "imdb"):
        return [(seed, None) for seed in range(1, count + 1)]
    return [(seed, fold) for fold in plan.FIXED_FOLDS[: count // len(plan.SEEDS)] for seed in plan.SEEDS]


def _baseline(dataset: str, seed: int, fold: int | None) -> RunConfig:
    """`none` with the settings of the fixed rate. IMDB, which is in no confirmatory part, has them here."""
    if dataset == "imdb":
        return RunConfig(
            dataset=dataset, dataset_options=IMDB_OPTIONS, learning_rate=plan.FIXED_LEARNING_RATE, seed=seed,
            epochs=IMDB_EPOCHS, evaluations_per_epoch=IMDB_EVALUATIONS, **plan.NETWORK,
        )  # fmt: skip
    return plan.run_of(dataset, "none", plan.Setting(plan.FIXED_LEARNING_RATE, 0.0), seed, fold)


def runs_of(dataset: str, count: int, cells: Iterable[Cell], **changes) -> list[RunConfig]:
    """Every cell on every unit. changes: fields of RunConfig that differ from the fixed rate's runs."""
    baselines = [_baseline(dataset, *unit) for unit in units(dataset, count)]
    return [
        plan.changed(baseline, placement=placement, rate=rate, **changes)
        for placement, rate in cells
        for baseline in baselines
    ]


def at(placements: Iterable[str], rate: float = plan.FIXED_RATE) -> list[Cell]:
    """Cells of these placements at a rate, which `none` has not."""
    return [(each, rate) if resolve(each).terms else NONE for each in placements]


def dose_response() -> list[RunConfig]:
    """Part b: every placement of the table that the data allow, at every rate that the placement allows.

    Those that need a second layer have two, and a `none` with two beside them.
    """
    return [
        config
        for dataset, rates in DOSES.items()
        for layers in (1, 2)
        for config in runs_of(dataset, UNITS, [NONE, *doses_of(dataset, layers, rates)], layers=layers)
    ]


def doses_of(dataset: str, layers: int, rates: Iterable[float]) -> list[Cell]:
    """Placements that drop, in a network of as many layers as each needs, with those of the rates that it allows."""
    return [
        (name, rate)
        for name, entry in TABLE.items()
        if entry.terms and applies(name, dataset, layers) and layers == entry.layers
        for rate in rates
        if rate <= entry.maximum_rate
    ]


def reviews() -> list[RunConfig]:
    """Part c: the placements on longer texts, and the three sites at a high rate too."""
    return runs_of("imdb", UNITS, [*at(plan.PLACEMENTS), *at(SITES, HIGH_RATE)])


def data_size() -> list[RunConfig]:
    """Part d: fewer training rows with about equally many updates, so that size alone differs."""
    return [
        config
        for dataset, sizes in SIZES.items()
        for rows in sizes
        for config in runs_of(dataset, MANY if dataset == "mr" else UNITS, at(SIZED[dataset]), train_rows=rows,
                            **equal_updates(dataset, rows))
    ]  # fmt: skip


def equal_updates(dataset: str, rows: int) -> dict[str, int]:
    """Epochs and evaluations an epoch that come nearest to UPDATES and EVALUATIONS. dataset: 'mr' or 'imdb'."""
    epochs = round(UPDATES[dataset] / math.ceil(rows / plan.NETWORK["batch_size"]))
    return {"epochs": epochs, "evaluations_per_epoch": max(1, round(EVALUATIONS[dataset] / epochs))}


def factorial() -> list[RunConfig]:
    """Part e: two and three sites at once, without the cells that a3 has. The sites one by one are in a3 too."""
    joined = ["+".join(sites) for count in (2, 3) for sites in combinations(SITES, count)]
    return [
        config
        for dataset in FACTORIAL
        for config in runs_of(
            dataset, MANY, at(["none", *(cell for cell in joined if cell != plan.CELL or dataset not in plan.TUNED)])
        )
    ]


def sharing() -> list[RunConfig]:
    """Part f: at the input every way to share draws over samples, steps and features, at equal rates."""
    return runs_of("mr", UNITS, [NONE, *(cell for rate in SHARING_RATES for cell in at(sharings(), rate))])


def equal_dose() -> list[RunConfig]:
    """Part f2: placements at rates that were found to move the logits of a trained `none` equally far (doses)."""
    found = [(each.placement, each.rate) for each in doses.Doses.published().matched]
    return runs_of(doses.DATASET, UNITS, [NONE, *found])


def sharings() -> list[str]:
    """Masks at the input by which of SHARED_AXES draw for themselves; at least one must. The table's names first."""
    own = [f"input:{','.join(axes)}" for count in (1, 2, 3) for axes in combinations(SHARED_AXES, count)]
    return [TABLE.name_of(resolve(each).terms) or each for each in own]


def schedules() -> list[RunConfig]:
    """Part g: rates that change while a network trains, with a constant one of equal mean beside them."""
    return [
        config
        for dataset, epochs in SCHEDULE_EPOCHS.items()
        for schedule in SCHEDULES
        for config in runs_of(
            # `none` has no schedule, so it stands there once.
            dataset, UNITS, at([*(["none"] if schedule == "constant" else []), *SCHEDULED]), epochs=epochs,
            schedule=schedule,
        )
    ]  # fmt: skip


def depth() -> list[RunConfig]:
    """Part i: two recurrent layers."""
    return [run for dataset in ("trec", "japanese_vowels") for run in runs_of(dataset, UNITS, at(DEPTH), layers=2)]


def controls() -> list[RunConfig]:
    """Part j, controls: `none` of many seeds for A/A; rate 0; other masks for the same seeds (a3 has the first ones);
    negative controls, whole samples dropped and labels that mean nothing; and other regularisers.
    """
    found = []
    for dataset in CONTROLLED:
        found += runs_of(dataset, AA_SEEDS if dataset == "japanese_vowels" else UNITS, [NONE])
        found += runs_of(dataset, FEW, [(each, 0.0) for each in plan.PLACEMENTS if each != "none"])
        found += runs_of(dataset, UNITS, at(["input", "recurrent"]), dropout_stream=1)
        found += runs_of(dataset, UNITS, at(["input-samples"]))
        found += runs_of(dataset, UNITS, at(["none", *SITES]), permuted_labels=True)
        found += runs_of(dataset, UNITS, [NONE], units=plan.NETWORK["units"] // 2)
        found += [config for control in CONTROL_SETTINGS for config in runs_of(dataset, UNITS, [NONE], **control)]
        found += runs_of(dataset, UNITS, at(GAUSSIAN))
    return found


def official_test() -> list[RunConfig]:
    """Part k: the placements on TREC's own test part, which no other part touches. The fold is for validation."""
    return [
        plan.changed(run, dataset_options={**run.dataset_options, "test": "official"})
        for run in runs_of("trec", UNITS, at(plan.PLACEMENTS))
    ]


PARTS: dict[str, Callable[[], list[RunConfig]]] = {
    "b": dose_response, "c": reviews, "d": data_size, "e": factorial, "f": sharing, "f2": equal_dose, "g": schedules,
    "i": depth, "j": controls, "k": official_test,
}  # fmt: skip
