"""Measures of all seeds of a placement together, such as churn and ensembles, with an interval that seeds may widen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from ..stats.folds import over_folds_of_sets
from ..stats.jackknife import over_examples, over_seeds, wider
from .stacks import Stack
from .tidy import NONE

Together = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
FEWEST_FOLDS = 3  # of a data set, for folds to be the sample


def between(
    folds: Iterable[Stack], measures: Mapping[str, Together], placements: Iterable[str], generator
) -> pd.DataFrame:
    """A row a placement: each measure, its mean over the folds of a data set and then over data sets.

    measures: from probabilities (S, N, C) of a placement, those of `none` and labels (N,) to a value an example (N,),
    or a number. placements: those to take, on every fold. generator: numpy.random.Generator. Gives `placement`, and for
    a measure loss `loss`, `loss_low`, `loss_high` and `loss_p`, of the wider of two 95 % intervals: seeds left out one
    by one (`over_seeds`), and as samples the test folds (`over_folds_of_sets`) or, where a data set has fewer than
    three, its test examples. The second takes the seeds as they are, the first the folds. ValueError as there.
    """
    folds, found, names = list(folds), [], list(placements)
    sizes = pd.Series([each.dataset for each in folds]).value_counts()
    weights = [1 / sizes[each.dataset] / len(sizes) for each in folds]
    by_fold = pd.DataFrame([
        {"dataset": each.dataset, "fold": each.fold, "placement": name}
        | {of: np.mean(measure(each.p[name], each.p[NONE], each.labels)) for of, measure in measures.items()}
        for each in folds for name in names
    ])  # fmt: skip
    many = sizes.min() >= FEWEST_FOLDS
    drawn = over_folds_of_sets(by_fold, ["placement"], measures, generator).set_index("placement") if many else None
    for name in names:
        runs = [each for fold in folds for each in (fold.p[name], fold.p[NONE])]
        row = {"placement": name}
        for of, measure in measures.items():

            def pooled(*runs, measure=measure) -> float:
                pairs = zip(runs[::2], runs[1::2], folds, weights, strict=True)
                return sum(weight * np.mean(measure(p, base, fold.labels)) for p, base, fold, weight in pairs)

            decides = over_seeds(pooled, *runs)
            if not many:
                values = [np.atleast_1d(measure(fold.p[name], fold.p[NONE], fold.labels)) for fold in folds]
                if min(map(len, values)) > 1:
                    decides = wider(decides, over_examples(np.concatenate(values)))
            ends = (decides.low, decides.high, decides.p)
            if many:
                others = tuple(drawn.loc[name, [f"{of}_low", f"{of}_high", f"{of}_p"]])
                ends = max(ends, others, key=lambda each: each[1] - each[0])
            row |= {of: decides.mean} | dict(zip((f"{of}_low", f"{of}_high", f"{of}_p"), ends, strict=True))
        found.append(row)
    return pd.DataFrame(found)
