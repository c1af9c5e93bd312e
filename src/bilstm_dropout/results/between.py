"""Measures of all seeds of a placement together, such as churn and ensembles, with an interval that seeds may widen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from ..stats.crossed import Crossed
from ..stats.folds import FEWEST_FOLDS, Ends, ends_of, over_folds_of_sets
from ..stats.jackknife import of_left_out, over_examples
from .stacks import Stack
from .tidy import NONE

Together = Callable[[np.ndarray, np.ndarray, np.ndarray], Mapping[str, np.ndarray | float]]


def between(folds: Iterable[Stack], measured: Together, placements: Iterable[str], generator) -> pd.DataFrame:
    """A row a placement: each measure, its mean over the folds of a data set and then over data sets.

    folds: of the same three seeds or more. measured: from probabilities (S, N, C) of a placement, those of `none` and
    labels (N,) to measures by name, each a value an example (N,), or a number. placements: those to take, on every
    fold. generator: numpy.random.Generator. Gives `placement`, each measure, and its ends (`folds.ends_of`) of two 95 %
    intervals: seeds left out one by one (`jackknife`), and as samples the test folds (`over_folds_of_sets`) or, where a
    data set has fewer than three, its test examples; these only of measures that have a value an example. The second
    takes the seeds as they are, the first the folds. ValueError as in those.
    """
    folds, names = list(folds), list(placements)
    sizes = pd.Series([each.dataset for each in folds]).value_counts()
    weights = np.array([1 / sizes[each.dataset] / len(sizes) for each in folds])
    whole = {name: [measured(each.p[name], each.p[NONE], each.labels) for each in folds] for name in names}
    by_fold = pd.DataFrame([
        {"dataset": each.dataset, "fold": each.fold, "placement": name} | _means(of_fold)
        for name, of_folds in whole.items() for each, of_fold in zip(folds, of_folds, strict=True)
    ])  # fmt: skip
    columns = list(by_fold.columns[3:])
    many = sizes.min() >= FEWEST_FOLDS
    drawn = over_folds_of_sets(by_fold, ["placement"], columns, generator).set_index("placement") if many else None
    rows = []
    for name in names:
        means = weights @ by_fold.loc[by_fold["placement"] == name, columns].to_numpy()
        left = _left_out(folds, measured, name, weights)
        rows.append({"placement": name})
        for place, column in enumerate(columns):
            other = None
            values = [np.atleast_1d(each[column]) for each in whole[name]]
            if many:
                other = tuple(drawn.loc[name, [f"{column}_low", f"{column}_high", f"{column}_p"]])
            elif min(map(len, values)) > 1:
                other = _ends(over_examples(np.concatenate(values)))
            of_seeds = _ends(of_left_out(means[place], left[:, place]))
            rows[-1] |= {column: means[place]} | ends_of(column, of_seeds, other)
    return pd.DataFrame(rows)


def _ends(mean: Crossed) -> Ends:
    return mean.low, mean.high, mean.p


def _means(measures: Mapping[str, np.ndarray | float]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in measures.items()}


def _left_out(folds: list[Stack], measured: Together, name: str, weights: np.ndarray) -> np.ndarray:
    """The measures of a placement without one of the S seeds, over all folds: (S, measures)."""
    seeds = {len(each.p[run]) for each in folds for run in (name, NONE)}
    if len(seeds) != 1 or min(seeds) < 3:
        raise ValueError(f"folds need the same seeds, three or more; got {sorted(seeds)}")
    found = []
    for out in range(*seeds):
        runs = [(np.delete(each.p[name], out, axis=0), np.delete(each.p[NONE], out, axis=0)) for each in folds]
        rows = [_means(measured(*pair, each.labels)) for pair, each in zip(runs, folds, strict=True)]
        found.append(weights @ np.array([list(row.values()) for row in rows]))
    return np.array(found)
