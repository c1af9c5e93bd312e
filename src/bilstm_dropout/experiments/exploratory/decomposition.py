"""What decides a run's NLL: how its spread over the runs of a part goes with placement, drop rate, training rows, unit.

A unit is a seed, with its test fold on texts. Each data set is taken by itself, once all its runs of the part are
there. Every cell has the same units, so this is a randomised block design, with the unit random. Nothing is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ...results.rows import fold_of, nll
from ...stats.intervals import mean_interval
from ...stats.variance import Estimate, by_chance, shares
from ..confirmatory import plan
from . import plan as grid_exploring

# Part to what it crosses with the placement; in a2 each placement has its one tuned setting.
LEVELS = {"a2": None, "d": "train_rows"}
_INDEX = ["layers", "placement", "level", "fold", "seed"]
_OF_FOLDS = {"placement": (0,), "fold": (1,), "seed": (2,), "together": (0, 1)}


@dataclass(frozen=True)
class Grid:
    """A balanced table of test NLL on one data set.

    values: (placements, levels, units), nats. levels: training rows in d, one 0 in a2.
    """

    dataset: str
    layers: int
    placements: tuple[str, ...]
    levels: tuple[float, ...]
    values: np.ndarray


def runs(part: str, rows: pd.DataFrame, dataset: str) -> pd.Series:
    """Test NLL (rows.nll, nats) of every planned run of a part on a data set, NaN where it is not there.

    part: of LEVELS. rows: its published rows. The index has layers, placement, level, fold (0 without folds) and seed.
    ValueError where two runs stand in one place.
    """
    name = LEVELS[part]
    planned = pd.MultiIndex.from_tuples(_planned(part, dataset), names=_INDEX)
    if rows.empty:
        return pd.Series(np.nan, planned)
    mine = rows[rows["dataset"] == dataset]
    places = pd.DataFrame(
        {
            "layers": mine["layers"], "placement": mine["placement"], "level": 0 if name is None else mine[name],
            "fold": mine["dataset_options"].map(fold_of), "seed": mine["seed"],
        }
    )  # fmt: skip
    found = pd.Series(nll(mine), index=pd.MultiIndex.from_frame(places[_INDEX]), dtype=float)
    if found.index.has_duplicates:
        raise ValueError(f"{int(found.index.duplicated().sum())} runs of {part} on {dataset} are there twice")
    return found.reindex(planned)


def _planned(part: str, dataset: str) -> list[tuple]:
    name = LEVELS[part]
    if name is None:
        return [(1, placement, 0, fold, seed) for placement, fold, seed in
                product(plan.PLACEMENTS, plan.FOLDS, plan.SEEDS)]  # fmt: skip
    return [
        (config.layers, config.placement, getattr(config, name), config.dataset_options.get("fold") or 0, config.seed)
        for config in grid_exploring.PARTS[part]()
        if config.dataset == dataset
    ]


def grids(dataset: str, found: pd.Series) -> list[Grid]:
    """The balanced tables of a data set, one for each number of layers: the placements that have every level.

    found: from `runs`. `none` is in it where it has every level, too: in a2 and d, not in b, where it has no rate.
    ValueError where a run is missing.
    """
    if found.isna().any():
        raise ValueError(f"{int(found.isna().sum())} of {len(found)} runs on {dataset} are missing")
    tables = []
    for layers in found.index.unique("layers"):
        table = found.loc[layers].unstack(["fold", "seed"])
        places = found.loc[layers].index.unique("placement")
        levels = tuple(sorted({level for name, level in table.index if name != "none"}))
        whole = tuple(name for name in places if all((name, level) in table.index for level in levels))
        values = table.loc[[*product(whole, levels)]].to_numpy().reshape(len(whole), len(levels), -1)
        tables.append(Grid(dataset, int(layers), whole, levels, values))
    return tables


def of_folds(found: pd.Series) -> dict[str, float]:
    """Shares of the sum of squares of a2 on a data set with fold and seed apart: placement, fold, seed, together
    (placement × fold), rest; and chance, of together. found: from `runs`. ValueError where a run is missing.
    """
    levels = [found.index.unique(name) for name in ("placement", "fold", "seed")]
    values = found.droplevel(["layers", "level"]).reindex(pd.MultiIndex.from_product(levels)).to_numpy()
    values = values.reshape([len(each) for each in levels])
    split = shares(values, _OF_FOLDS)
    return split | {"chance": by_chance(values.shape, _OF_FOLDS, "together", split["rest"])}


def slopes(table: Grid) -> dict[str, Estimate]:
    """How each placement's paired difference to `none` changes with a doubling of the level, nats: with t intervals.

    table: of part d, with `none`. In every unit a straight line is fitted to the differences on log2 of the training
    rows; the mean slope over units and its interval are given. Above 0 the difference rises with more rows.
    """
    doublings = np.log2(table.levels) - np.mean(np.log2(table.levels))
    weights = doublings / np.sum(doublings**2)
    none = table.values[table.placements.index("none")]
    return {
        name: mean_interval(weights @ (values - none))
        for name, values in zip(table.placements, table.values, strict=True)
        if name != "none"
    }
