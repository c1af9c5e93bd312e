"""Robustness: what trained networks answer, and how sure they are, when their inputs get worse than in training.

`bilstm-dropout measure robustness` trains networks of part a3 anew, spoils the test parts of JapaneseVowels and TREC
in several ways, and prints what is in data/published/shift.json. What is spoilt is drawn once for each way, the same
for all networks that share a test part.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
import pydantic

from .. import datasets
from ..datasets.dataset import PADDING, UNKNOWN
from ..progress import bar
from ..results.measurement import Measurement
from ..runs.provenance import provenance
from ..stats import metrics, reliability, selection
from ..stats.folds import deciding
from .confirmatory import plan

PLACEMENTS = ("none", "input", "recurrent", "output", "combined", "variational")
# Data set to (seeds, test folds); one that has a split of its own is the fold 0.
OWN_SPLIT = 0
SETS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "japanese_vowels": (tuple(range(1, 11)), (OWN_SPLIT,)),
    "trec": (plan.SEEDS, plan.FIXED_FOLDS),
}
SHARES = (0.0, 0.1, 0.25, 0.5)
# Ways to spoil a data set, with their levels: shares, but for noise, which is in standard deviations of a feature.
WAYS: dict[str, dict[str, tuple[float, ...]]] = {
    "japanese_vowels": {
        "missing features": SHARES, "missing steps": SHARES, "cut short": SHARES, "noise": (0.0, 0.25, 0.5, 1.0),
    },
    "trec": {"missing words": SHARES, "unknown words": SHARES, "cut short": SHARES},
}

# What is measured at each level, of probabilities (N, C) and labels (N,).
ALONG = {
    "nll": metrics.nll, "accuracy": metrics.accuracy, "gap": metrics.calibration_gap,
    "calibration": reliability.calibration_error_squared, "auroc": selection.auroc,
}  # fmt: skip
_Loss = Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]
_Share = Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)]
_Signed = Annotated[float, pydantic.Field(ge=-1, le=1, allow_inf_nan=False)]


class Spoilt(pydantic.BaseModel, extra="forbid", frozen=True):
    """What a network gives, a value a level of the way, the first of which leaves the test part as it is.

    fold: of the test part, OWN_SPLIT for a data set that has one of its own. nll: in nats. accuracy: a share. gap: mean
    confidence less accuracy, a share with its sign. calibration: the squared calibration error, debiased, so that it
    can be below 0. auroc: of confidence for being right.
    """

    dataset: str
    way: str
    placement: str
    fold: int
    seed: int
    nll: tuple[_Loss, ...]
    accuracy: tuple[_Share, ...]
    gap: tuple[_Signed, ...]
    calibration: tuple[_Signed, ...]
    auroc: tuple[_Share, ...]


class Shift(Measurement):
    """What was measured: every network and way once."""

    FILE = "shift.json"
    COMMAND = "bilstm-dropout measure robustness"

    networks: tuple[Spoilt, ...]
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _whole(self):
        found = [
            (each.dataset, each.way, each.placement, each.fold, each.seed, len(each.nll))
            for each in self.networks
            if len({len(getattr(each, name)) for name in ALONG}) == 1
        ]
        wanted = [
            (dataset, way, placement, fold, seed, len(levels))
            for dataset, ways in WAYS.items()
            for way, levels in ways.items()
            for placement in PLACEMENTS
            for fold, seed in runs_of(dataset)
        ]
        if sorted(found) != sorted(wanted):
            raise ValueError("networks needs every data set, way, placement, fold and seed once, with a value a level")
        return self

    def frame(self, dataset: str, way: str, measure: str = "nll") -> pd.DataFrame:
        """What was measured, of ALONG: a column a placement and a level (a MultiIndex), a row a fold and seed."""
        mine = [each for each in self.networks if (each.dataset, each.way) == (dataset, way)]
        levels = WAYS[dataset][way]
        columns = pd.MultiIndex.from_product([PLACEMENTS, levels], names=["placement", "level"])
        rows = pd.MultiIndex.from_tuples(runs_of(dataset), names=["fold", "seed"])
        table = pd.DataFrame(index=rows, columns=columns, dtype=float)
        for each in mine:
            table.loc[(each.fold, each.seed), each.placement] = getattr(each, measure)
        return table

    def slopes(self, dataset: str, way: str) -> pd.DataFrame:
        """By how much the NLL rises for a whole unit of the level, by least squares, in nats: a row a fold and seed."""
        table, levels = self.frame(dataset, way), np.array(WAYS[dataset][way])
        centred = levels - levels.mean()
        return pd.DataFrame(
            {name: table[name].to_numpy() @ centred / (centred @ centred) for name in PLACEMENTS}, index=table.index
        )


def means(frame: pd.DataFrame, by: list[str], columns: list[str]) -> pd.DataFrame:
    """Means over the runs of each data set, with the wider of two intervals and the other (`stats.folds.deciding`).

    frame: a row a run and group, with `dataset`, `fold`, `seed`, `by` and `columns`. JapaneseVowels has one interval,
    over seeds, its test part given. A row a data set and group, with `runs`, how many it rests on.
    """
    found = []
    for name, mine in frame.groupby("dataset", sort=False):
        runs = len(mine[["fold", "seed"]].drop_duplicates())
        found.append(deciding(mine, by, columns, np.random.default_rng(0)).assign(runs=runs))
        found[-1].insert(0, "dataset", name)
    return pd.concat(found, ignore_index=True)


def runs_of(dataset: str) -> list[tuple[int, int]]:
    """Which (fold, seed) each placement has on a data set."""
    seeds, folds = SETS[dataset]
    return [(fold, seed) for fold in folds for seed in seeds]


def spoil(inputs: np.ndarray, lengths: np.ndarray, way: str, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (N, T) or (N, T, F) and lengths (N,), spoilt: arrays of the same shapes and types.

    Missing features are 0 in the whole series, which is their mean; missing steps and words are taken out, and
    what follows moves up; what is cut short ends earlier; one is always left. Unknown words become the unknown one.
    Draws are seeded by the way alone, so that what is missing at a low level is missing at a higher one, too.
    """
    stream = np.random.default_rng([len(way), *way.encode()])
    inputs, lengths = inputs.copy(), lengths.copy()
    real = np.arange(inputs.shape[1]) < lengths[:, None]
    if way == "noise":
        inputs += np.where(real[..., None], level * stream.standard_normal(inputs.shape), 0).astype(inputs.dtype)
    elif way == "missing features":
        ranks = stream.random((len(inputs), inputs.shape[2])).argsort(axis=1).argsort(axis=1)
        inputs *= (ranks >= round(level * inputs.shape[2]))[:, None, :]
    elif way == "unknown words":
        inputs[real & (stream.random(real.shape) < level)] = UNKNOWN
    elif way == "cut short":
        # Rounded up or down by chance, so that the level is the mean share that goes, of short texts as well.
        whole = np.floor((1 - level) * lengths + stream.random(len(lengths)))
        lengths = np.maximum(whole, 1).astype(lengths.dtype)
        inputs[np.arange(inputs.shape[1]) >= lengths[:, None]] = PADDING
    elif way in ("missing steps", "missing words"):
        draws = np.where(real, stream.random(real.shape), -1.0)
        # Whatever the level, the step with the highest draw stays.
        kept = real & ((draws >= level) | (draws == draws.max(axis=1, keepdims=True)))
        for row, keep in enumerate(kept):
            left = inputs[row][keep]
            inputs[row] = PADDING
            inputs[row, : len(left)], lengths[row] = left, len(left)
    else:
        raise ValueError(f"unknown way {way!r}")
    return inputs, lengths


def measure() -> Shift:
    """Train every network and measure it: half an hour or more. UserError where a data set cannot be had."""
    cells = [(dataset, place, *run) for dataset in SETS for place in PLACEMENTS for run in runs_of(dataset)]
    found: list[Spoilt] = []
    with bar(len(cells), "networks") as advance:
        for cell in cells:
            found += measured(*cell)
            advance(1)
    return Shift(networks=tuple(found), provenance=provenance())


def measured(dataset: str, placement: str, fold: int, seed: int) -> list[Spoilt]:
    """One network, trained, under every way of its data set."""
    import tensorflow as tf

    from ..runs import networks as trained

    rate = 0.0 if placement == "none" else plan.FIXED_RATE
    setting = plan.Setting(plan.FIXED_LEARNING_RATE, rate)
    config = plan.run_of(dataset, placement, setting, seed, None if fold == OWN_SPLIT else fold)
    test = datasets.load(dataset, **config.dataset_options).test
    model = trained.network(config)
    once = tf.function(lambda inputs, lengths: tf.nn.softmax(model(inputs, lengths, rate=rate)))
    found = []
    for way, levels in WAYS[dataset].items():
        p = np.stack([once(*spoil(test.inputs, test.lengths, way, level)).numpy() for level in levels])
        values = {name: function(p, test.labels).tolist() for name, function in ALONG.items()}
        found.append(Spoilt(dataset=dataset, way=way, placement=placement, fold=fold, seed=seed, **values))
    return found
