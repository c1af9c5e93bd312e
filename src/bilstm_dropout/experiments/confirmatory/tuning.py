"""What the tuning arm found: the best setting of each placement on each data set, and what a wrong setting costs.

From part a1's published rows (rows.SCHEMA's columns); `fixed` compares a2 and a3. The score is what tuning goes
by: the raw test NLL on fold 1 at the checkpoint that validation chose, in nats, infinite for a run without one.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from ...results.rows import nll
from ...runs.config import RunConfig
from . import plan


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """A run a row: dataset, placement, learning_rate, rate, seed, score (nats)."""
    frame = rows[["dataset", "placement", "learning_rate", "rate", "seed"]].reset_index(drop=True)
    return frame.assign(score=nll(rows, "best", "worst"))


def first_stage(rows: pd.DataFrame) -> pd.DataFrame:
    """`scored` runs of the sixteen random configurations, those of `none` by the configurations they share.

    Adds `configuration`, the number of a setting in plan.settings. Only placements of which all sixteen are there:
    the best of a few is no best.
    """
    frame = scored(rows)
    frame = frame[frame["seed"] == plan.FIRST_SEED]
    numbers = {
        (placement, *setting): number
        for placement in plan.PLACEMENTS
        for number, setting in enumerate(plan.settings(placement))
    }
    names = zip(frame["placement"], frame["learning_rate"], frame["rate"], strict=True)
    frame = frame.assign(configuration=[numbers.get(name, -1) for name in names])
    frame = frame[frame["configuration"] >= 0]
    counts = frame.groupby(["dataset", "placement"])["configuration"].transform("nunique")
    return frame[counts == plan.CONFIGURATIONS].reset_index(drop=True)


def best(rows: pd.DataFrame) -> pd.DataFrame:
    """What tuning chose, a row a data set and placement with all of its first stage, in the plan's order.

    Columns: dataset, placement, learning_rate, rate, score (of the setting, mean over its seeds), seeds (1, or 3 where
    the finalists are done and the choice is final), median (score over the sixteen).
    """
    runs = {tuple(values): score for *values, score in scored(rows)[[*_RUN, "score"]].itertuples(index=False)}

    def score(config: RunConfig) -> float | None:
        return runs.get(tuple(getattr(config, name) for name in _RUN))

    medians, found = first_stage(rows).groupby(["dataset", "placement"])["score"].median(), []
    for dataset, placement in itertools.product(plan.TUNED, plan.PLACEMENTS):
        if not (finalists := plan.finalists(dataset, placement, score)):
            continue
        final = plan.chosen(dataset, placement, score)
        setting, seeds = final or finalists[0], [plan.FIRST_SEED, *(plan.MORE_SEEDS if final else ())]
        scores = [score(plan.run_of(dataset, placement, setting, seed, plan.TUNING_FOLD)) for seed in seeds]
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


def borrowed_by_all(rows: pd.DataFrame) -> pd.DataFrame:
    """One setting for all placements with a rate: the one whose mean first-stage score over them is lowest.

    A row a pair of data sets and placement: tuned_on, used_on, placement, borrowed (the score on used_on with the
    setting of tuned_on) and own (with its own), in nats. Only data sets on which every such score is finite.
    """
    tables = {
        dataset: runs[runs["placement"] != "none"].pivot(index="placement", columns="configuration", values="score")
        for dataset, runs in first_stage(rows).groupby("dataset", sort=False)
    }
    tables = {name: each for name, each in tables.items() if np.isfinite(each.to_numpy()).all() and each.size}
    chosen = {name: each.mean().idxmin() for name, each in tables.items()}
    found = [
        pd.DataFrame({"borrowed": tables[here][chosen[there]], "own": tables[here][chosen[here]]})
        .reset_index()
        .assign(tuned_on=there, used_on=here)
        for there in tables
        for here in tables
        if here != there
    ]
    return pd.concat(found) if found else pd.DataFrame(columns=["placement", "borrowed", "own", "tuned_on", "used_on"])


def decides(rows: pd.DataFrame) -> pd.DataFrame:
    """What the score of the first stage depends on: shares of its variance over placements with a rate, by data set.

    Columns: dataset, placement, setting, rest (these three add up to 1), learning_rate, rate (what a parabola in the
    logarithm of one, or in the other, explains of the settings' means, as shares of the whole), chance (what of rest
    seeds alone make: from how a finalist varies over its three seeds, without what a seed adds to all finalists alike).
    Only data sets with every run of tuning, all of them with a finite score.
    """
    stage, every, found = first_stage(rows), scored(rows), []
    settings = plan.settings(plan.PLACEMENTS[-1])
    axes = {
        "learning_rate": np.log([setting.learning_rate for setting in settings]),
        "rate": np.array([setting.rate for setting in settings]),
    }
    with_rate = [placement for placement in plan.PLACEMENTS if placement != "none"]
    for dataset in plan.TUNED:
        mine, runs = stage[stage["dataset"] == dataset], every[every["dataset"] == dataset]
        table = mine.pivot(index="placement", columns="configuration", values="score").reindex(with_rate).to_numpy()
        names = ["placement", "learning_rate", "rate"]
        runs = runs[runs["placement"].isin(with_rate)].pivot(index=names, columns="seed", values="score")
        seeds = runs.reindex(columns=[plan.FIRST_SEED, *plan.MORE_SEEDS]).dropna().to_numpy()
        complete = len(seeds) == plan.FINALISTS * len(with_rate) and table.shape[1] == plan.CONFIGURATIONS
        if not complete or not np.isfinite(table).all() or not np.isfinite(seeds).all():
            continue
        whole = table.var()
        places, means = table.mean(axis=1) - table.mean(), table.mean(axis=0) - table.mean()
        row = {"dataset": dataset, "placement": np.mean(places**2) / whole, "setting": np.mean(means**2) / whole}
        row["rest"] = 1 - row["placement"] - row["setting"]
        for name, axis in axes.items():
            explained = np.polyval(np.polyfit(axis, means, 2), axis)
            row[name] = np.mean((explained - explained.mean()) ** 2) / whole
        varied = seeds - seeds.mean(axis=1, keepdims=True) - seeds.mean(axis=0) + seeds.mean()
        variance = np.sum(varied**2) / ((seeds.shape[0] - 1) * (seeds.shape[1] - 1))
        # Chance in the rest has as many degrees of freedom as the rest, out of as many numbers as the table has.
        row["chance"] = variance * (table.shape[0] - 1) * (table.shape[1] - 1) / table.size / whole
        found.append(row)
    return pd.DataFrame(found, columns=_SHARES)


_SHARES = ("dataset", "placement", "setting", "rest", "learning_rate", "rate", "chance")
