"""How the spread of the tuned runs' NLL goes with placement, test fold and seed. Nothing is tested.

Every placement has the same folds and seeds, so on each data set this is a balanced table.
"""

from __future__ import annotations

from itertools import product

import pandas as pd

from ...results.rows import fold_of, nll
from ...stats.variance import by_chance, shares
from ..confirmatory import plan

_INDEX = ["placement", "fold", "seed"]
_OF_FOLDS = {"placement": (0,), "fold": (1,), "seed": (2,), "together": (0, 1)}


def runs(rows: pd.DataFrame, dataset: str) -> pd.Series:
    """Test NLL (rows.nll, nats) of every planned run of part a2 on a data set, NaN where it is not there.

    rows: its published rows. The index has placement, fold and seed. ValueError where two runs stand in one place.
    """
    mine = rows[rows["dataset"] == dataset]
    places = mine[["placement", "seed"]].assign(fold=mine["dataset_options"].map(fold_of))
    found = pd.Series(nll(mine), index=pd.MultiIndex.from_frame(places[_INDEX]), dtype=float)
    if found.index.has_duplicates:
        raise ValueError(f"{int(found.index.duplicated().sum())} runs on {dataset} are there twice")
    planned = product(plan.PLACEMENTS, plan.FOLDS, plan.SEEDS)
    return found.reindex(pd.MultiIndex.from_tuples(planned, names=_INDEX))


def of_folds(found: pd.Series) -> dict[str, float]:
    """Shares of the sum of squares on a data set: placement, fold, seed, together (placement × fold) and rest; and
    chance, of together. found: from `runs`. ValueError where a run is missing.
    """
    values = found.to_numpy().reshape([len(found.index.unique(name)) for name in _INDEX])
    split = shares(values, _OF_FOLDS)
    return split | {"chance": by_chance(values.shape, _OF_FOLDS, "together", split["rest"])}
