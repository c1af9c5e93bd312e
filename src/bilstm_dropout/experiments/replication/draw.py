"""Which published runs are trained again, and how far apart published runs lie that differ in nothing but the seed."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ...results import published
from ...results.rows import config_of, rows_of
from ...runs.store import RESULTS_VERSION


def candidates(parts: Iterable[str]) -> list[dict]:
    """The published rows of these parts that today's code may repeat; a run that parts share counts for the first."""
    rows = (row for part in parts for row in rows_of(published.read(part)))
    return list({row["key"]: row for row in reversed([*rows]) if row["results_version"] == RESULTS_VERSION}.values())


def drawn(rows: list[dict], count: int, seed: int) -> list[dict]:
    """So many of the rows at random, or all where there are fewer: from every part and data set in turn.

    The same rows and seed give the same draw, in whatever order the rows come.
    """
    names = ["key", "part", "dataset"]
    frame = pd.DataFrame([[row[name] for name in names] for row in rows], columns=names)
    order = np.random.default_rng(seed).permutation(len(frame))
    frame = frame.sort_values("key").iloc[order]
    turns = frame.assign(turn=frame.groupby(["part", "dataset"]).cumcount()).sort_values("turn", kind="stable")
    by_key = {row["key"]: row for row in rows}
    found = [by_key[key] for key in turns["key"].head(count)]
    return sorted(found, key=lambda row: (row["part"], row["dataset"], row["placement"], row["key"]))


def spreads(rows: list[dict], column: str) -> dict[str, float]:
    """The standard deviation of a measure over seeds on the same test part, by cell; NaN where no part has two.

    rows: as `candidates` gives them. A cell is all of a configuration but seed and fold; its folds' variances are
    pooled, because folds differ in their test part, which a repeat has too.
    """
    frame = pd.DataFrame({
        "cell": [cell(row) for row in rows], "options": [row["dataset_options"] for row in rows],
        "value": [row[column] for row in rows],
    }).astype({"value": float}).dropna()  # fmt: skip
    groups = frame.groupby(["cell", "options"])["value"].agg(["var", "count"]).reset_index()
    groups["freedom"] = groups["count"] - 1
    groups["squares"] = groups["var"].fillna(0) * groups["freedom"]
    sums = groups.groupby("cell")[["squares", "freedom"]].sum()
    return np.sqrt(sums["squares"] / sums["freedom"].where(sums["freedom"] > 0)).to_dict()


def cell(row: dict) -> str:
    """What the runs of a cell have in common, as text."""
    values = config_of(row).model_dump(exclude={"seed", "dataset_options"})
    options = {name: value for name, value in json.loads(row["dataset_options"]).items() if name != "fold"}
    return json.dumps([values, options], sort_keys=True)
