"""What the tuning arm found: the best setting of each placement on each data set, and what a wrong setting costs.

From part a1's published rows (published.SCHEMA's columns). The score is what tuning goes by: the raw test NLL on fold
1 at the checkpoint that validation chose, in nats, infinite for a run without one.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from . import grid
from .config import RunConfig


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """A run a row: dataset, placement, learning_rate, rate, seed, score (nats)."""
    frame = rows[["dataset", "placement", "learning_rate", "rate", "seed"]].reset_index(drop=True)
    score = rows["nll_best"].to_numpy(dtype=float)
    return frame.assign(score=np.where(np.isfinite(score), score, math.inf))


def first_stage(rows: pd.DataFrame) -> pd.DataFrame:
    """`scored` runs of the sixteen random configurations, those of `none` by the configurations they share.

    Adds `configuration`, the number of a setting in grid.settings. Only placements of which all sixteen are there:
    the best of a few is no best.
    """
    frame = scored(rows)
    frame = frame[frame["seed"] == grid.FIRST_SEED]
    numbers = {
        (placement, *setting): number
        for placement in grid.PLACEMENTS
        for number, setting in enumerate(grid.settings(placement))
    }
    names = zip(frame["placement"], frame["learning_rate"], frame["rate"], strict=True)
    frame = frame.assign(configuration=[numbers.get(name, -1) for name in names])
    frame = frame[frame["configuration"] >= 0]
    counts = frame.groupby(["dataset", "placement"])["configuration"].transform("nunique")
    return frame[counts == grid.CONFIGURATIONS].reset_index(drop=True)


def best(rows: pd.DataFrame) -> pd.DataFrame:
    """What tuning chose, a row a data set and placement with all of its first stage, in the grid's order.

    Columns: dataset, placement, learning_rate, rate, score (of the setting, mean over its seeds), seeds (1, or 3 where
    the finalists are done and the choice is final), median (score over the sixteen).
    """
    runs = {tuple(values): score for *values, score in scored(rows)[[*_RUN, "score"]].itertuples(index=False)}

    def score(config: RunConfig) -> float | None:
        return runs.get(tuple(getattr(config, name) for name in _RUN))

    medians, found = first_stage(rows).groupby(["dataset", "placement"])["score"].median(), []
    for dataset, placement in itertools.product(grid.TUNED, grid.PLACEMENTS):
        if not (finalists := grid.finalists(dataset, placement, score)):
            continue
        final = grid.chosen(dataset, placement, score)
        setting, seeds = final or finalists[0], [grid.FIRST_SEED, *(grid.MORE_SEEDS if final else ())]
        scores = [score(grid.run_of(dataset, placement, setting, seed, grid.TUNING_FOLD)) for seed in seeds]
        found.append(
            {
                "dataset": dataset, "placement": placement, "learning_rate": setting.learning_rate,
                "rate": setting.rate, "score": sum(scores) / len(scores), "seeds": len(seeds),
                "median": float(medians[dataset, placement]),
            }
        )  # fmt: skip
    return pd.DataFrame(found, columns=_BEST)


_RUN = ("dataset", "placement", "learning_rate", "rate", "seed")
_BEST = ("dataset", "placement", "learning_rate", "rate", "score", "seeds", "median")


def borrowed(rows: pd.DataFrame) -> pd.DataFrame:
    """What it costs to take over the setting that was best on another data set: a row a placement and pair.

    Columns: placement, tuned_on, used_on, cost (nats): the first-stage score there of the setting that is best on
    tuned_on, less the lowest score there. Never below 0, and above 0 by chance alone too: every score is one run.
    Left out: a placement that has no finite score on one of the two.
    """
    tables = {
        dataset: runs.pivot(index="configuration", columns="placement", values="score")
        for dataset, runs in first_stage(rows).groupby("dataset", sort=False)
    }
    found = [
        {
            "placement": placement, "tuned_on": there, "used_on": here,
            "cost": float(tables[here][placement][tables[there][placement].idxmin()] - tables[here][placement].min()),
        }
        for there in tables
        for here in tables
        if here != there
        for placement in grid.PLACEMENTS
        if all(placement in table and np.isfinite(table[placement]).any() for table in (tables[there], tables[here]))
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["placement", "tuned_on", "used_on", "cost"])


def spreads(rows: pd.DataFrame) -> pd.DataFrame:
    """On each data set, what lies between placements at their best and what between settings of one placement: nats.

    Columns: dataset, placements (how many have all sixteen runs), between (the highest of their lowest scores less the
    lowest), within (the mean over placements of the median score less the lowest). Scores that are not finite are not
    in these differences.
    """
    found = []
    for dataset, runs in first_stage(rows).groupby("dataset", sort=False):
        finite = runs[np.isfinite(runs["score"])].groupby("placement")["score"]
        between, within = np.ptp(finite.min()), (finite.median() - finite.min()).mean()
        count = runs["placement"].nunique()
        found.append({"dataset": dataset, "placements": count, "between": float(between), "within": float(within)})
    return pd.DataFrame(found, columns=["dataset", "placements", "between", "within"])
