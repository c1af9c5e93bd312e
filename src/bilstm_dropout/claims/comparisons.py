"""Differences that the ledger quotes: how they are taken, their intervals, and how a row writes them.

Runs of one split of the data are paired by seed, with a t interval over the seeds; where each seed has two test folds,
its two differences are averaged first. Runs of five seeds on four folds or more have seeds and folds as crossed random
factors (stats.crossed). A difference is lower or higher where its 95 % interval leaves zero out, and else unclear.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..experiments.confirmatory import plan
from ..results.rows import fold_of, nll
from ..stats import Crossed, Estimate, crossed_of, estimate
from ..wording import rate_text, signed
from .claim import Evidence, Side

LOSS, POINTS = "nll", "accuracy"  # nats, and points of accuracy
SERIES, TEXTS = "japanese_vowels", "mr"  # the two data sets on which every placement has runs at one setting


def word(found: Estimate | Crossed) -> str:
    """'lower', 'higher' or 'unclear'."""
    if found.high < 0:
        return "lower"
    return "higher" if found.low > 0 else "unclear"


def in_nats(found: Estimate | Crossed) -> str:
    """'−0.014 nats [−0.021 to −0.008]'."""
    return _written(found, 3, "nats")


def in_points(found: Estimate | Crossed) -> str:
    """'+0.6 points [+0.3 to +1.0]'."""
    return _written(found, 1, "points")


def line(label: str, found: Estimate | Crossed) -> str:
    """One line of evidence on a loss: what it is of, the difference, and the verdict."""
    return f"{label}: {in_nats(found)}, {word(found)}"


def paired(a: pd.Series, b: pd.Series) -> Estimate:
    """The mean of a - b over what both have, such as seeds, with its t interval."""
    both = a.index.intersection(b.index)
    return estimate((a[both] - b[both]).to_numpy())


def over_folds(rows: pd.DataFrame, a: str, b: str, measure: str = LOSS) -> dict[str, Crossed]:
    """How a placement differs from another on each data set, over seeds crossed with folds, in nats or points.

    rows: published, each placement once for each data set, fold and seed. A run without a finite checkpoint has the
    loss of one that predicts every class alike. ValueError where a run is missing.
    """
    found = {}
    for name in plan.TUNED:
        mine = rows[rows["dataset"] == name]
        table = mine.assign(value=_values(mine, measure, "best"), fold=mine["dataset_options"].map(fold_of)).pivot(
            index=["seed", "fold"], columns="placement", values="value"
        )
        found[name] = crossed_of((table[a] - table[b]).rename("value").reset_index(), "value")
    return found


def at_one_setting(
    evidence: Evidence, a: Side, b: Side, dataset: str, measure: str = LOSS, at: str = "last"
) -> Estimate:
    """How a placement at its rate differs from another where all have one network and learning rate.

    dataset: SERIES (ten seeds) or TEXTS (five seeds, two folds, averaged). at: 'best' or 'last' epoch.
    """
    rows = evidence.runs("b")
    rows = rows[rows["dataset"] == dataset]
    sides = [rows[(rows["placement"] == name) & np.isclose(rows["rate"], rate)] for name, rate in (a, b)]
    depth = max(side["layers"].min() for side in sides)  # of none there are runs of one layer and of two
    first, second = (
        side.assign(value=_values(side, measure, at))[side["layers"] == depth].groupby("seed")["value"].mean()
        for side in sides
    )
    return paired(first, second)


def worth_of(evidence: Evidence, a: Side, b: Side) -> tuple[str, list[str]]:
    """What one of two placements changes: a sentence on series, and lines on texts for whoever wants to know more."""

    def said(dataset: str, at: str) -> str:
        loss, points = (at_one_setting(evidence, a, b, dataset, measure, at) for measure in (LOSS, POINTS))
        return f"{in_nats(loss)}, {in_points(points)}"

    (first, rate), (second, other) = a, b
    names = f"`{first}` less `{second}`"
    if first == second:
        names = f"`{first}` at {rate_text(rate)} less at {rate_text(other)}"
    whens = {"best": "stopped early", "last": "last epoch"}
    texts = [f"{names} on film reviews (MR), {when}: {said(TEXTS, at)}" for at, when in whens.items()]
    return f"{names}: {said(SERIES, 'last')}", texts


def _values(rows: pd.DataFrame, measure: str, at: str) -> np.ndarray:
    return nll(rows, at, "uniform") if measure == LOSS else 100 * rows[f"{measure}_{at}"].to_numpy(dtype=float)


def _written(found: Estimate | Crossed, digits: int, unit: str) -> str:
    return f"{signed(found.mean, digits)} {unit} [{signed(found.low, digits)} to {signed(found.high, digits)}]"
