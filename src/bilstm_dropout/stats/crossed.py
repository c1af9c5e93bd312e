"""The interval of a mean over runs that share seeds, test folds or training rows.

Five seeds on eight folds are 40 runs and not 40 independent ones: a seed is one set of initial weights in every fold,
and a fold one test part for every seed. Both count as random, crossed with each other: the variance of the mean is
taken from the mean squares of a two-way layout without replication, its degrees of freedom after Satterthwaite (1946).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from .intervals import LEVEL, Estimate, all_equal

OVERLAP = 1 / 8  # test rows over training rows, where one fold of ten tests, one validates and eight train


class Crossed(NamedTuple):
    """A mean of runs that share seeds and folds.

    mean; variance: of that mean; df: its degrees of freedom; n: how many values it rests on, runs unless said
    otherwise.
    """

    mean: float
    variance: float
    df: float
    n: int

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval."""
        return self._end(-1)

    @property
    def high(self) -> float:
        """The upper end of the 95 % interval."""
        return self._end(1)

    @property
    def p(self) -> float:
        """Two-sided p of a mean of zero; 1 where nothing varies around zero."""
        if self.variance == 0:
            return 0.0 if self.mean else 1.0
        return float(2 * scipy.stats.t.sf(abs(self.mean) / math.sqrt(self.variance), self.df))

    def equivalent(self, margin: float) -> float:
        """p of the two one-sided tests that the mean lies within plus and minus a margin, in the mean's own unit."""
        if self.variance == 0:
            return 0.0 if abs(self.mean) < margin else 1.0
        return float(scipy.stats.t.sf((margin - abs(self.mean)) / math.sqrt(self.variance), self.df))

    def estimate(self) -> Estimate:
        """The mean and the ends of its 95 % interval."""
        return Estimate(self.mean, self.low, self.high, self.n)

    def _end(self, side: int) -> float:
        return float(self.mean + side * scipy.stats.t.ppf((1 + LEVEL) / 2, self.df) * math.sqrt(self.variance))


def crossed(values: np.ndarray) -> Crossed:
    """The mean of values (S, F), at [s, f] what seed s gives on fold f, finite; two seeds and two folds or more.

    The variance is (MS_seeds + MS_folds - MS_rest) / (S F), where a factor whose mean square is below the rest's has no
    part in it. ValueError for other shapes and for values that are not finite.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values need the shape (S, F), two seeds and two folds or more, finite; got {values.shape}")
    seeds, folds = values.shape
    mean, by_seed, by_fold = values.mean(), values.mean(axis=1), values.mean(axis=0)
    rest = values - by_seed[:, None] - by_fold[None, :] + mean
    of_rest = (seeds - 1) * (folds - 1)
    within = float(np.sum(rest**2) / of_rest)
    factors = [
        (folds * np.sum((by_seed - mean) ** 2) / (seeds - 1), seeds - 1),
        (seeds * np.sum((by_fold - mean) ** 2) / (folds - 1), folds - 1),
    ]
    terms = [(float(square), df) for square, df in factors if square > within]
    # Each mean square holds the rest's once; the mean is to hold it once, however many factors have a part.
    if (more := 1 - len(terms)) and within:
        terms.append((more * within, of_rest))
    total = sum(square for square, _ in terms)
    spread = sum(square**2 / df for square, df in terms)
    df = total**2 / spread if spread else math.inf
    return Crossed(float(mean), float(total / values.size), float(df), values.size)


def over_folds(values: np.ndarray, dealings: np.ndarray | None = None, overlap: float = OVERLAP) -> Crossed:
    """The mean of a difference over test folds of the same rows, whose training parts share rows.

    values: (n,), finite, two or more. dealings: (n,), which dealing of the rows to folds, and so which seed, a value
    belongs to; one by default. overlap: test rows over training rows, 0 or more. The variance is MS/n + s² overlap: MS
    is the mean square between dealings where that is above the one within them, else s²; the second part is for
    training parts that share rows (Nadeau and Bengio 2003, Bouckaert and Frank 2004). Degrees of freedom after
    Satterthwaite. ValueError for fewer than two values, and for an overlap below 0.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.size < 2:
        raise ValueError(f"an interval needs two values or more, got {values.size}")
    if not 0 <= overlap < math.inf:
        raise ValueError(f"the overlap is test rows over training rows, 0 or more, got {overlap}")
    if all_equal(values):
        return Crossed(float(values.mean()), 0.0, values.size - 1, values.size)
    square, count = float(np.var(values, ddof=1)), values.size
    variance, df = square * (1 / count + overlap), count - 1
    groups = pd.Series(values).groupby(np.zeros(count) if dealings is None else np.asarray(dealings))
    if 1 < groups.ngroups < count:
        spread = (groups.mean() - values.mean()).to_numpy()
        between = float(np.sum(groups.size().to_numpy() * spread**2) / (groups.ngroups - 1))
        within = float(((pd.Series(values) - groups.transform("mean")) ** 2).sum() / (count - groups.ngroups))
        if between > within:
            parts = [(between / count, groups.ngroups - 1), (square * overlap, count - 1)]
            variance = sum(part for part, _ in parts)
            df = variance**2 / sum(part**2 / freedom for part, freedom in parts)
    return Crossed(float(values.mean()), variance, df, count)


def mean_of(parts: Iterable[Crossed]) -> Crossed:
    """The plain mean of independent means, such as those of several data sets. ValueError for none."""
    parts = list(parts)
    if not parts:
        raise ValueError("there is no mean of nothing")
    variance = sum(part.variance for part in parts)
    spread = sum(part.variance**2 / part.df for part in parts)
    return Crossed(
        float(np.mean([part.mean for part in parts])),
        variance / len(parts) ** 2,
        variance**2 / spread if spread else math.inf,
        sum(part.n for part in parts),
    )


def crossed_of(frame: pd.DataFrame, column: str, seed: str = "seed", fold: str = "fold") -> Crossed:
    """`crossed` of a frame's column; each pair of a seed and a fold once. ValueError where one is missing or twice."""
    if frame.duplicated([seed, fold]).any():
        raise ValueError(f"{column}: a seed stands twice on a fold; take one placement, rate and data set at a time")
    return crossed(frame.pivot(index=seed, columns=fold, values=column).to_numpy())


def heterogeneity(parts: Iterable[Crossed]) -> float:
    """p of the hypothesis that independent means are one, whose variances are estimates themselves (Welch 1951).

    Against an F distribution with the parts' own degrees of freedom: Cochran's Q against chi-square, which takes the
    variances as known, gives a p that is too small between few of them. ValueError for fewer than two parts, or one
    without variance.
    """
    parts = list(parts)
    if len(parts) < 2 or any(part.variance <= 0 for part in parts):
        raise ValueError("heterogeneity needs two means or more, each with a variance")
    weights, means, df = (np.array(each) for each in zip(*((1 / part.variance, part.mean, part.df) for part in parts),
                                                         strict=True))  # fmt: skip
    count = len(parts)
    between = np.sum(weights * (means - np.average(means, weights=weights)) ** 2) / (count - 1)
    doubt = np.sum((1 - weights / weights.sum()) ** 2 / df)
    ratio = between / (1 + 2 * (count - 2) / (count**2 - 1) * doubt)
    return float(scipy.stats.f.sf(ratio, count - 1, (count**2 - 1) / (3 * doubt) if doubt else math.inf))


def mean_of_runs(frame: pd.DataFrame, column: str) -> Crossed:
    """The mean of a column over runs, by the study's one rule.

    frame: a row a run, with `seed` and `fold`, each seed once on each fold. Three folds or more: seeds and folds are
    crossed. One or two, which say nothing of folds in general: a seed's mean over its folds, then t over the seeds.
    ValueError where a pair is missing or twice, for fewer than two seeds, and for values that are not finite.
    """
    (found,) = _of_runs(frame[[column]].to_numpy(dtype=np.float64), frame["seed"].to_numpy(), frame["fold"].to_numpy())
    return found


def means_of_runs(frame: pd.DataFrame, by: list[str], columns: Iterable[str]) -> pd.DataFrame:
    """`mean_of_runs` of each group and column: `by`, `measure` (the column), `mean`, `low`, `high`, `p`, `n`.

    frame: as there. by: two or more columns that tell the groups apart. A column that a group lacks altogether gives it
    no row. ValueError as there.
    """
    columns = list(columns)
    values, seed, fold = frame[columns].to_numpy(dtype=np.float64), frame["seed"].to_numpy(), frame["fold"].to_numpy()
    groups = frame.groupby(by, sort=False).indices
    found = []
    for group in sorted(groups, key=lambda group: groups[group][0]):
        mine = groups[group]
        there = [place for place in range(len(columns)) if not np.isnan(values[mine, place]).all()]
        means = _of_runs(values[np.ix_(mine, there)], seed[mine], fold[mine])
        found += [(*group, columns[place], each.mean, each.low, each.high, each.p, each.n)
                  for place, each in zip(there, means, strict=True)]  # fmt: skip
    return pd.DataFrame(found, columns=[*by, "measure", "mean", "low", "high", "p", "n"])


def _of_runs(values: np.ndarray, seed: np.ndarray, fold: np.ndarray) -> list[Crossed]:
    """A mean for each column of values (N, K). seed, fold: (N,)."""
    seeds, folds = len(np.unique(seed)), len(np.unique(fold))
    if len(values) != seeds * folds or len(set(zip(seed, fold, strict=True))) != len(values):
        raise ValueError("each seed has to stand once on each fold: take one placement, rate and data set at a time")
    table = values[np.lexsort((fold, seed))].reshape(seeds, folds, -1)
    return [mean_of_table(table[:, :, place]) for place in range(values.shape[1])]


def mean_of_table(values: np.ndarray) -> Crossed:
    """`mean_of_runs` of values (S, F), at [s, f] what seed s gives on fold f. ValueError as there."""
    if values.shape[1] > 2:
        return crossed(values)
    by_seed = values.mean(axis=1)
    if len(by_seed) < 2 or not np.isfinite(by_seed).all():
        raise ValueError(f"two seeds or more are needed, with finite values; got {by_seed}")
    return Crossed(float(by_seed.mean()), float(by_seed.var(ddof=1) / len(by_seed)), len(by_seed) - 1, values.size)
