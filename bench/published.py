"""How many seconds a published result took, as its record says: what a run costs on the machines that made them."""

from __future__ import annotations

import pandas as pd

from bilstm_dropout import results
from bilstm_dropout.results.about import ABOUT


def seconds() -> pd.DataFrame:
    """Published runs by data set: how many, seconds of the fastest tenth, the median and the slowest tenth, and hours.

    A run's seconds are from its first weights to its last prediction, on one thread of a machine that did other things
    beside; the first run of a program has its compilation among them. A run that several parts publish counts once.
    """
    runs = pd.concat([results.read(part)[["key", "dataset", "seconds"]] for part in ABOUT]).drop_duplicates("key")
    groups = pd.concat([runs, runs.assign(dataset="all")]).groupby("dataset", sort=False)["seconds"]
    table = groups.quantile([0.1, 0.5, 0.9]).unstack().set_axis(["fast", "median", "slow"], axis=1).round(1)
    return table.assign(runs=groups.size(), hours=(groups.sum() / 3600).round(1)).rename_axis("published, seconds")
