"""What decides a run's NLL: how its spread over the runs of a part goes with placement, drop rate, training rows, unit.

A unit is a seed, with its test fold on texts. Each data set is taken by itself, once all its runs of the part are
there. Every cell has the same units, so this is a randomised block design, with the unit random. Nothing is tested.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from ...results.rows import fold_of, nll
from ...stats.intervals import mean_interval
from ...stats.variance import Estimate, by_chance, components, shares
from ..confirmatory import plan
from . import plan as grid_exploring

# Part to what it crosses with the placement; in a2 each placement has its one tuned setting.
LEVELS = {"a2": None, "b": "rate", "d": "train_rows"}
SETS = {"a2": plan.TUNED, "b": tuple(grid_exploring.DOSES), "d": tuple(grid_exploring.SIZES)}
CONTROL = "input-samples"  # the negative control among the placements
_INDEX = ["layers", "placement", "level", "fold", "seed"]
_TERMS = {"placement": (0,), "level": (1,), "together": (0, 1), "unit": (2,)}
_OF_FOLDS = {"placement": (0,), "fold": (1,), "seed": (2,), "together": (0, 1)}


@dataclass(frozen=True)
class Grid:
    """A balanced table of test NLL on one data set.

    values: (placements, levels, units), nats. levels: drop rates in b, training rows in d, one 0 in a2. left_out:
    placements that lack a level, so that they cannot be in it.
    """

    dataset: str
    layers: int
    placements: tuple[str, ...]
    levels: tuple[float, ...]
    left_out: tuple[str, ...]
    values: np.ndarray

    def without_last_level(self) -> Grid:
        """The same placements and units without the last level."""
        return replace(self, levels=self.levels[:-1], values=self.values[:, :-1])

    def without_control(self) -> Grid:
        """The same levels and units without CONTROL; itself where that is not in it."""
        kept = [number for number, name in enumerate(self.placements) if name != CONTROL]
        return replace(self, placements=tuple(self.placements[number] for number in kept), values=self.values[kept])


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
        left_out = tuple(name for name in places if name not in whole)
        tables.append(Grid(dataset, int(layers), whole, levels, left_out, values))
    return tables


@dataclass(frozen=True)
class Decomposition:
    """Where the spread of a Grid's runs comes from.

    placement, level, together (placement × level), unit, rest: shares of the sum of squares, which add up to 1. chance:
    the share that `together` would be expected to have if only the rest made cells differ (stats.variance).
    between and within: standard deviations of the mixed model between units and of the rest, nats, with 95 % intervals.
    levels and cells: the level, and the placement and level, whose runs have the largest part of the sum of squares,
    with that part.
    """

    placement: float
    level: float
    together: float
    unit: float
    rest: float
    chance: float
    between: Estimate
    within: Estimate
    levels: tuple[float, float]
    cells: tuple[str, float, float]


def decomposed(table: Grid, seed: int = 0) -> Decomposition:
    """What a Grid shows. seed: of what is drawn for the interval between units."""
    values = table.values
    found = shares(values, _TERMS)
    of_cells = np.sum((values - values.mean()) ** 2, axis=2) / np.sum((values - values.mean()) ** 2)
    level, (place, within) = of_cells.sum(axis=0).argmax(), np.unravel_index(of_cells.argmax(), of_cells.shape)
    spread = components(values.reshape(-1, values.shape[2]), np.random.default_rng(seed))
    return Decomposition(
        **found, chance=by_chance(values.shape, _TERMS, "together", found["rest"]), between=spread["unit"],
        within=spread["rest"], levels=(table.levels[level], float(of_cells.sum(axis=0)[level])),
        cells=(table.placements[place], table.levels[within], float(of_cells[place, within])),
    )  # fmt: skip


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
