"""What a3's fixed rate and parts d and g show: for each cell, the paired difference in NLL to its baseline.

Nothing is tested here. A unit is a seed, with its test fold on texts; a cell is shown once all its units are there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from ...results.rows import fold_of, nll
from ...runs.config import CONTROLS
from ...runs.schedules import SCHEDULES, mean_until
from ...stats.intervals import bootstrap_interval, mean_interval
from ...stats.paired import Difference, paired_difference
from ..confirmatory import plan
from . import plan as grid_exploring

# What two runs of one unit may differ in; the rest of a configuration is network, training and data.
_CELL = ["placement", "rate", "schedule", "dropout_stream", "units", *CONTROLS]
_COLUMNS = ["dataset", "layers", "row", "series", "n", "mean", "low", "high"]  # of effects
LEAST_FOR_BOOTSTRAP = 20  # units


# Part to what tells its cells of one placement apart, in words.
SERIES: dict[str, Callable[[pd.Series], str]] = {
    "a3": lambda run: "",
    "d": lambda run: f"{int(run['train_rows']):,} rows",
}


def effects(part: str, rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Paired differences to the baseline, a row a cell: _COLUMNS, in nats, in the order of the plan.

    part: of SERIES. rows: its published rows. The baseline has no dropout, no control and the study's units, and all
    else of the run, permuted labels included. Cells that lack a unit are left out. The 95 % interval is a t interval
    below LEAST_FOR_BOOTSTRAP units, where BCa would be too narrow, else BCa. seed: of the bootstrap.
    """
    if rows.empty:
        return pd.DataFrame(columns=_COLUMNS)
    planned = _units(part)
    frame = rows.drop_duplicates("key").reset_index(drop=True)
    frame = frame.assign(value=nll(frame), unit=frame["dataset_options"].map(fold_of))
    same = ["dataset", "unit", "seed", "layers", "train_rows", "epochs", "permuted_labels"]
    frame["train_rows"] = frame["train_rows"].fillna(0).astype(int)
    base = (frame["placement"] == "none") & (frame["units"] == plan.NETWORK["units"])
    base &= (frame["weight_decay"] == 0) & (frame["label_smoothing"] == 0)
    against = frame[base].set_index(same)["value"]
    others = frame[~base]
    difference = others["value"] - against.reindex(pd.MultiIndex.from_frame(others[same])).to_numpy()
    others = others.assign(difference=difference).dropna(subset="difference")
    found = {}
    for _, each in others.groupby(["dataset", "layers", "train_rows", *_CELL], sort=False):
        first = each.iloc[0]
        cell = _cell(first)
        if len(each) != planned.get(cell):
            continue
        values = each["difference"].to_numpy()
        few = len(values) < LEAST_FOR_BOOTSTRAP
        mean, low, high = mean_interval(values) if few else bootstrap_interval(values, np.random.default_rng(seed))
        labels = (first["placement"], SERIES[part](first))
        found[cell] = (first["dataset"], int(first["layers"]), *labels, len(each), mean, low, high)
    return pd.DataFrame([found[cell] for cell in planned if cell in found], columns=_COLUMNS)


def _cell(run) -> tuple:
    rows = run["train_rows"]
    return (run["dataset"], run["layers"], 0 if rows is None else int(rows), *(run[name] for name in _CELL))


def _units(part: str) -> dict[tuple, int]:
    """How many units each cell of a part has."""
    found: dict[tuple, int] = {}
    for config in plan.fixed_rate() if part == "a3" else grid_exploring.PARTS[part]():
        cell = _cell({name: getattr(config, name) for name in ("dataset", "layers", "train_rows", *_CELL)})
        found[cell] = found.get(cell, 0) + 1
    return found


def against_constant(rows: pd.DataFrame, last: bool = False) -> dict[tuple[str, str, str], Difference]:
    """Part g: test NLL under a schedule less that under the constant rate of equal mean, nats.

    rows: its published rows. last: at the last epoch wherever, not where validation chose. By data set, placement and
    schedule; only what has every unit on both sides. Intervals are t intervals, as `effects` has them for so few.
    """
    if rows.empty:
        return {}
    frame = rows[rows["placement"] != "none"].drop_duplicates("key")
    frame = frame.assign(watch="test") if last else frame
    frame = frame.assign(value=nll(frame), fold=frame["dataset_options"].map(fold_of))
    found = {}
    for dataset, placement in product(grid_exploring.SCHEDULE_EPOCHS, grid_exploring.SCHEDULED):
        mine = frame[(frame["dataset"] == dataset) & (frame["placement"] == placement)]
        table = mine.pivot(index=["fold", "seed"], columns="schedule", values="value").reindex(columns=list(SCHEDULES))
        for schedule in SCHEDULES:
            both = table[[schedule, "constant"]].dropna() if schedule != "constant" else ()
            if len(both) == grid_exploring.UNITS:
                each = paired_difference(both[schedule], both["constant"], np.random.default_rng(0))
                _, low, high = mean_interval((both[schedule] - both["constant"]).to_numpy())
                found[dataset, placement, schedule] = replace(each, low=low, high=high)
    return found


def until_checkpoint(rows: pd.DataFrame, dataset: str) -> dict[str, tuple[float, float]]:
    """Part g: how much of a schedule had acted at the checkpoints that validation chose, means over runs, by schedule.

    (share of training done, mean multiplier of the rate until then); nothing where there is no validation.
    """
    mine = rows[(rows["dataset"] == dataset) & (rows["watch"] == "validation") & rows["epoch_best"].notna()]
    mine = mine[mine["placement"] != "none"]
    shares = mine["epoch_best"].astype(float) / mine["epochs"]
    acted = [mean_until(*each) for each in zip(mine["schedule"], shares, strict=True)]
    table = pd.DataFrame({"schedule": mine["schedule"], "share": shares, "acted": acted}).groupby("schedule").mean()
    return {name: (table.loc[name, "share"], table.loc[name, "acted"]) for name in SCHEDULES if name in table.index}
