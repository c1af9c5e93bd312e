"""The run explorer: every published run in one small script, for a page that works without a server or a network.

published Parquet files ─► runs, each with the place of its baseline ─► bytes in base64 ─► generated/runs-data.js
                                                                                         ─► book/assets/runs.js

Measures are rounded to whole numbers of 1 / SCALE; NOTHING stands for one that was not measured.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache

import numpy as np
import pandas as pd
import scipy

from ..datasets import TITLES
from ..figures.colours import family_of
from ..results import every_number, published
from ..results.about import ABOUT, about
from ..study.notebooks import published_hash
from .markdown import table

DATA = "runs-data.js"  # in generated/, and at the top of the built book
SCALE = 10_000
NOTHING = 65_535
MEASURES = {"loss": ("nll_best", "nll_last"), "accuracy": ("accuracy_best", "accuracy_last")}
KEY_DIGITS = 10  # of a run's key, enough to tell all apart
SHOWN = "a3"  # the part that the page starts with and that stands where scripts are off
_CELL = ["part", "dataset", "setting", "rows", "layers", "learning rate", "epochs"]
_UNIT = ["seed", "fold", "draw"]


def every_run() -> pd.DataFrame:
    """A row a published run and part, with what every_number.runs gives, its measures, and `none`: the row number of
    the run of none that it is compared with, -1 without one. `dataset` has the data set's name, `part` that in words.
    Read once a process: not to be changed.
    """
    return _every_run(published_hash())


@lru_cache(maxsize=1)
def _every_run(_state: str) -> pd.DataFrame:
    parts = {part: published.read(part) for part in ABOUT}
    everything = pd.concat(parts.values(), ignore_index=True)
    found = []
    for rows in parts.values():
        for name, mine in rows.groupby("dataset", sort=False):
            others = everything[everything["dataset"] == name].drop_duplicates("key")
            found.append(every_number.runs(mine).assign(
                dataset=name, base=mine["key"].map(every_number.baselines(mine, others)),
                **{column: mine[column] for columns in MEASURES.values() for column in columns},
            ))  # fmt: skip
    whole = pd.concat(found, ignore_index=True)
    own = {pair: row for row, pair in enumerate(zip(whole["part"], whole["key"], strict=True))}
    first = {key: row for row, key in reversed(list(enumerate(whole["key"])))}
    bases = zip(whole["part"], whole["base"], strict=True)
    whole["none"] = [own.get((part, base), first.get(base, -1)) for part, base in bases]
    return whole.drop(columns="base")


def script() -> str:
    """The text of DATA. ValueError where two keys cannot be told apart."""
    return f"window.publishedRuns = {json.dumps(packed(every_run()), separators=(',', ':'))};"


def packed(runs: pd.DataFrame) -> dict:
    """Runs as the script has them: lists of what there is, and for each column its type and bytes in base64."""
    keys = runs["key"].str[:KEY_DIGITS]
    if keys.nunique() != runs["key"].nunique():
        raise ValueError(f"{KEY_DIGITS} digits do not tell the keys of published runs apart")
    cells, cell = _listed(runs[_CELL])
    units, unit = _listed(runs[_UNIT])
    placements, placement = _listed(runs[["placement"]])
    rates, rate = _listed(runs[["rate"]])
    columns = {"cell": cell, "unit": unit, "placement": placement, "rate": rate, "none": runs["none"].to_numpy() + 1}
    for name in (name for names in MEASURES.values() for name in names):
        values = np.rint(SCALE * runs[name].to_numpy(np.float64))
        columns[name] = np.where(np.isfinite(values), np.minimum(values, NOTHING - 1), NOTHING)
    most = int(runs["none"].groupby(runs["none"]).size().max()) + len(runs.groupby(_CELL).size())
    return {
        "cells": cells, "units": units, "rates": [rate for (rate,) in rates],
        "placements": [[name, family_of(name)] for (name,) in placements],
        "datasets": {name: TITLES.get(name, name) for name in runs["dataset"].unique()},
        "parts": [about(part) for part in ABOUT], "start": about(SHOWN), "scale": SCALE, "nothing": NOTHING,
        "keys": _text(np.frombuffer(bytes.fromhex("".join(keys)), np.uint8), np.uint8), "digits": KEY_DIGITS,
        "columns": {name: _text(values, np.uint16) for name, values in columns.items()},
        "quantiles": [round(float(scipy.stats.t.ppf(0.975, df)), 5) for df in range(1, min(most, 400))],
    }  # fmt: skip


def static_part() -> str:
    """Markdown where scripts are off: what the part SHOWN came to beside none, by data set and placement."""
    runs = every_run()
    mine = runs[(runs["part"] == about(SHOWN)) & (runs["none"] >= 0)]
    less = {
        name: mine[name].to_numpy() - runs[name].to_numpy()[mine["none"]]
        for names in MEASURES.values() for name in names
    }  # fmt: skip
    means = mine[["dataset", "placement"]].assign(**less).groupby(["dataset", "placement"], sort=False).mean()
    heads = ["data", "placement", "loss, chosen", "loss, last", "accuracy, chosen", "accuracy, last"]
    lines = [
        [TITLES.get(dataset, dataset), f"`{placement}`", *(_written(row[name], name) for name in less)]
        for (dataset, placement), row in means.iterrows()
    ]
    return table(heads, lines)


def _written(value: float, measure: str) -> str:
    factor, digits = (100, 1) if measure.startswith("accuracy") else (1, 3)
    return f"{factor * value:+z.{digits}f}".replace("-", "−") if np.isfinite(value) else "–"


def _listed(frame: pd.DataFrame) -> tuple[list[list], np.ndarray]:
    """The different rows of a frame, and for each row which one it is. Missing numbers are null."""
    plain = frame.astype(object).where(frame.notna(), None)
    rows = list(plain.itertuples(index=False, name=None))
    numbers = {row: number for number, row in enumerate(dict.fromkeys(rows))}
    return [[_plain(value) for value in row] for row in numbers], np.array([numbers[row] for row in rows])


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def _text(values: np.ndarray, kind: type) -> str:
    if values.min() < 0 or values.max() > np.iinfo(kind).max:
        raise ValueError("a column of published runs has more different values than its type can number")
    return base64.b64encode(values.astype(np.dtype(kind).newbyteorder("<")).tobytes()).decode()
