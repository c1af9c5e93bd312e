"""Intervals of means over test folds, each data set's folds resampled: the fold is the sample.

For measures that take all seeds of a fold at once, such as churn and ensembles: they are given these seeds. With eight
folds such an interval is a little narrow, since resampled values vary by (F - 1) / F of what they should.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from .crossed import Crossed, mean_of, mean_of_table
from .intervals import LEVEL

RESAMPLES = 4_000

FEWEST_FOLDS = 3  # of a data set, for folds to be the sample
Ends = tuple[float, float, float]  # of an interval, with the p of a mean of zero


def ends_of(name: str, one: Ends, another: Ends | None = None) -> dict[str, float]:
    """What a table has of a mean: of its intervals, one or two, the wider one, its p, and the ends of the other.

    For a column loss `loss_low`, `loss_high`, `loss_p`, `loss_other_low` and `loss_other_high`, the last two NaN where
    there is no other.
    """
    another = another or (math.nan, math.nan, math.nan)
    if another[1] - another[0] > one[1] - one[0]:
        one, another = another, one
    ends = ("low", "high", "p", "other_low", "other_high")
    return {f"{name}_{end}": value for end, value in zip(ends, (*one, *another[:2]), strict=True)}


def over_folds_of_sets(
    frame: pd.DataFrame, by: list[str], columns: Iterable[str], generator, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """Means over folds, then over data sets, with 95 % percentile intervals: a row a group of `by`, in their order.

    frame: a row a data set, fold and group, with `dataset`, `fold`, `by` and `columns`; each group has the same folds.
    generator: numpy.random.Generator; every group and column is given the same resamples, so that what differs between
    them is not the draw. Gives `by`, and for a column loss `loss`, `loss_low`, `loss_high` and `loss_p`, twice the
    smaller share of resampled means on one side of zero, at least 2 / (resamples + 1).
    ValueError where a group lacks a fold or has one twice, and for values that are not finite.
    """
    columns = list(columns)
    cells = pd.MultiIndex.from_frame(frame[by]) if len(by) > 1 else pd.Index(frame[by[0]])
    groups = cells.unique()
    means, drawn = 0, 0
    sets = list(frame.groupby("dataset", sort=False))
    for _, mine in sets:
        folds = mine["fold"].unique()
        places = groups.get_indexer(pd.MultiIndex.from_frame(mine[by]) if len(by) > 1 else pd.Index(mine[by[0]]))
        values = np.full((len(folds), len(groups), len(columns)), np.nan)
        values[pd.Index(folds).get_indexer(mine["fold"]), places] = mine[columns].to_numpy(dtype=np.float64)
        if len(mine) != len(folds) * len(groups) or not np.isfinite(values).all():
            raise ValueError("each group needs each fold of a data set once, with finite values")
        counts = generator.multinomial(len(folds), np.full(len(folds), 1 / len(folds)), size=resamples) / len(folds)
        means = means + values.mean(axis=0) / len(sets)
        drawn = drawn + np.tensordot(counts, values, axes=1) / len(sets)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    beyond = np.minimum((drawn <= 0).sum(axis=0), (drawn >= 0).sum(axis=0))
    p = np.minimum(2 * (beyond + 1) / (resamples + 1), 1)
    found = groups.to_frame(index=False, name=by[0] if len(by) == 1 else by)
    parts = (("", means), ("_low", low), ("_high", high), ("_p", p))
    return found.assign(**{
        f"{name}{end}": each[:, place] for place, name in enumerate(columns) for end, each in parts
    })  # fmt: skip


def deciding(
    frame: pd.DataFrame, by: list[str], columns: Iterable[str], generator, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """For values of single runs: of two intervals the wider one and its p, and the other (`ends_of`).

    frame: a row a data set, fold, seed and group. One interval takes the folds as samples, of means over their seeds;
    the other crosses folds and seeds within each data set (`crossed.mean_of_table`, then `mean_of`). Where a data set
    has fewer than FEWEST_FOLDS there is the second alone, which then is of seeds, the folds given. Gives `by`, each
    column and its ends. ValueError where a run has no value.
    """
    columns = list(columns)
    folds = frame.groupby([*by, "dataset", "fold"], sort=False)[columns].mean().reset_index()
    found = over_folds_of_sets(folds, by, columns, generator, resamples).set_index(by)
    drawn = folds.groupby("dataset")["fold"].nunique().min() >= FEWEST_FOLDS
    for name in columns:
        found[[f"{name}_other_low", f"{name}_other_high"]] = math.nan
    tables = frame.pivot(index=[*by, "dataset", "seed"], columns="fold", values=columns)
    for group, mine in tables.groupby(level=by, sort=False):
        group = group[0] if len(by) == 1 and isinstance(group, tuple) else group
        for name in columns:
            whole: Crossed = mean_of(
                mean_of_table(each[name].dropna(axis=1, how="all").to_numpy())  # folds that other data sets have
                for _, each in mine.groupby(level="dataset")
            )
            of_folds = tuple(found.loc[group, [f"{name}_low", f"{name}_high", f"{name}_p"]])
            ends = ends_of(name, (whole.low, whole.high, whole.p), of_folds if drawn else None)
            found.loc[[group], list(ends)] = list(ends.values())
    return found.reset_index()
