"""Crossed intervals of the confirmatory contrasts: seeds and test examples both count as samples (book/method.md).

The tests of contrasts.py rest on units, a fold with a seed. Here a contrast is split further, into what every test
example gives with every seed, from the published predictions. Examples of all folds of a data set are drawn together;
the training parts are not drawn, so what another training part would change is in neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from ...progress import bar
from ...results import published
from ...results.encoding import losses
from ...results.measurement import Measurement
from ...results.predictions import Predictions, read
from ...results.rows import fold_of
from ...stats.calibration import scaled
from ...stats.intervals import LEVEL
from . import plan
from .contrasts import CONTRASTS, FOLDS, MEASURES

RESAMPLES = 2_000
_BLOCK = 500  # resamples at a time, for memory: their weights take 500 x N numbers


def crossed(
    predictions: Predictions,
    rows: pd.DataFrame,
    contrast: str,
    generator: np.random.Generator,
    measure: str = "raw",
    sets: Iterable[str] = plan.TUNED,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float]:
    """(mean, low, high) of a contrast in nats, 95 %, over seeds and examples crosswise (see `pooled_interval`).

    predictions, rows: of the contrast's part, as results.predictions.read and published.read give them. contrast: of
    contrasts.CONTRASTS. measure: of contrasts.MEASURES. The mean is that of contrasts.units, but for the
    rounding of published predictions. ValueError as in `differences`.
    """
    blocks = differences(predictions, rows, contrast, measure, sets)
    return pooled_interval([values for values, _ in blocks], [each for _, each in blocks], generator, resamples)


def differences(
    predictions: Predictions,
    rows: pd.DataFrame,
    contrast: str,
    measure: str = "raw",
    sets: Iterable[str] = plan.TUNED,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each data set, what a contrast gives by seed and example: values (S, N) in nats and weights (N,), sum 1.

    S: the seeds plan.SEEDS. N: the test examples of all folds, in their order. An example weighs 1 / (folds x examples
    of its fold), so that folds count alike, as units do. A run without a finite checkpoint counts as one that predicts
    every class alike. ValueError where a run or its predictions are missing, where a run is there twice, and where runs
    of a fold have different data.
    """
    (part, weights), sets = CONTRASTS[contrast], list(sets)
    runs = _runs(rows, contrast, MEASURES[measure], sets)
    absent = [run.key for run in runs.itertuples() if not run.uniform and run.key not in predictions.probabilities]
    absent += sorted(set(runs["fingerprint"]) - set(predictions.labels))
    if absent:
        raise ValueError(f"{contrast}: predictions or labels of {part} are missing, {len(absent)} of {len(runs)} runs")

    def loss(run) -> np.ndarray:
        labels = predictions.labels[run.fingerprint]
        if run.uniform:
            return np.full(len(labels), np.log(predictions.classes[run.fingerprint]))
        p = predictions.probabilities[run.key]
        return losses(p if measure == "raw" else scaled(p, run.temperature_best), labels)

    found = []
    for dataset in sets:
        values, shares = [], []
        for fold in FOLDS[part]:
            cell = runs.loc[[(dataset, fold)]]
            if cell["fingerprint"].nunique() != 1:
                raise ValueError(f"{contrast}: runs of {part} on fold {fold} of {dataset} have different data")
            by_unit = {(run.placement, run.seed): loss(run) for run in cell.itertuples()}
            of_fold = sum(
                weight * np.stack([by_unit[name, seed] for seed in plan.SEEDS]) for name, weight in weights.items()
            )
            values.append(of_fold)
            shares.append(np.full(of_fold.shape[1], 1 / (len(FOLDS[part]) * of_fold.shape[1])))
        found.append((np.concatenate(values, axis=1), np.concatenate(shares)))
    return found


def _runs(rows: pd.DataFrame, contrast: str, column: str, sets: list[str]) -> pd.DataFrame:
    """The runs of a contrast, complete and each once, by data set and fold. `uniform`: as in contrasts.values."""
    part, weights = CONTRASTS[contrast]
    runs = rows[rows["placement"].isin(weights) & rows["dataset"].isin(sets)]
    runs = runs.assign(
        fold=[fold_of(options) for options in runs["dataset_options"]],
        uniform=~np.isfinite(runs[column].to_numpy(dtype=float)),
    )
    order = ["dataset", "fold", "placement", "seed"]
    wanted = pd.MultiIndex.from_product([sets, FOLDS[part], list(weights), plan.SEEDS], names=order)
    there = pd.MultiIndex.from_frame(runs[order])
    if there.has_duplicates:
        raise ValueError(f"{contrast}: duplicate runs of {part}")
    if missing := len(wanted.difference(there)):
        raise ValueError(f"{contrast}: {missing} of {len(wanted)} runs of {part} are missing")
    return runs[there.isin(wanted)].set_index(["dataset", "fold"]).sort_index()


def pooled_interval(
    values: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float]:
    """Interval of a mean over seeds and test examples together, over data sets of the same seeds: (mean, low, high).

    values: for each set (S, N), finite, at [s, i] what seed s gives on example i; S is the same for all sets, N is not.
    weights: for each set (N,), positive, those of its examples. The mean is over sets, alike, of the weighted mean over
    examples and the plain mean over seeds. Each resample draws the seeds once for all sets, and in each set N examples;
    the percentiles of its means are taken (the pigeonhole bootstrap, Owen 2007). What is special to a pair (s, i)
    counts three times, which widens the interval; the seeds' own share is too small by (S - 1) / S, and percentiles
    over few seeds are narrower than Student's t, so where only the seeds vary 5 of them give too narrow an interval.
    ValueError for fewer than two seeds or examples, and for shapes that do not fit.
    """
    values = [np.asarray(each, dtype=np.float64) for each in values]
    seeds = {each.shape[0] for each in values if each.ndim == 2 and min(each.shape) >= 2}
    shapes = [each.shape for each in values]
    if len(seeds) != 1 or any(each[1:] != np.shape(weight) for each, weight in zip(shapes, weights, strict=True)):
        raise ValueError(f"values need the shape (S, N), two of each or more, and weights (N,), got {shapes}")
    (count,) = seeds
    means = np.empty(resamples)
    for first in range(0, resamples, _BLOCK):
        drawn = min(_BLOCK, resamples - first)
        of_seeds = generator.multinomial(count, np.full(count, 1 / count), size=drawn)
        total = 0.0
        for each, weight in zip(values, weights, strict=True):
            size = each.shape[1]
            of_examples = generator.multinomial(size, np.full(size, 1 / size), size=drawn) * weight
            total += np.sum((of_seeds @ each) * of_examples, axis=1) / count / of_examples.sum(axis=1)
        means[first : first + drawn] = total / len(values)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    of_sets = [np.average(each.mean(axis=0), weights=weight) for each, weight in zip(values, weights, strict=True)]
    return float(np.mean(of_sets)), float(low), float(high)


class SeedsAndExamples(Measurement):
    """(mean, low, high) in nats by contrast of CONTRASTS and measure of MEASURES, of what is published."""

    FILE = "seeds-and-examples.json"
    COMMAND = "bilstm-dropout measure seeds-and-examples"
    NAME = "intervals over seeds and examples"

    intervals: dict[str, dict[str, tuple[float, float, float]]]


def measure() -> SeedsAndExamples:
    """Every planned contrast on both measures: a minute."""
    of_part = {part: (read(part), published.read(part)) for part in FOLDS}
    found = {}
    with bar(len(CONTRASTS), "contrasts") as advance:
        for contrast, (part, _) in CONTRASTS.items():
            found[contrast] = {
                each: crossed(*of_part[part], contrast, np.random.default_rng(0), each) for each in MEASURES
            }
            advance()
    return SeedsAndExamples(intervals=found)
