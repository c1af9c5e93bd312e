"""How far published networks can be believed: measures of `stats.certainty`, run by run, from published predictions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..stats import certainty, metrics
from ..stats.calibration import scaled
from . import answers
from .rows import fold_of

AFTER = "_tempered"  # ends the name of a column after the run's own temperature


def certain(
    part: str, at: str = "best", names: Iterable[str] | None = None, layers: int | None = 1, tempered: bool = False
) -> pd.DataFrame:
    """A row a run with predictions: dataset, fold, seed, placement, layers, key, accuracy, nll, brier, then `names`.

    at: of answers.CHECKPOINTS. names: of certainty.CERTAINTY, all by default. layers: of the networks, None for all.
    Columns after them, as `gap_tempered`, are of probabilities after the temperature that was fitted on the run's
    validation part, where `tempered`; NaN for a run without one, as without a validation part. Runs are in the order of
    their rows. UserError for a part without predictions.
    """
    names = list(certainty.CERTAINTY if names is None else names)
    rows, found = answers.published_of(part)
    p = found.probabilities if at == "best" else found.last
    rows = rows[rows["key"].isin(p) & (rows["layers"].isin([layers]) if layers is not None else True)]
    tables = []
    for fingerprint, mine in rows.groupby("fingerprint", sort=False):
        y, stacked = found.labels[fingerprint], np.stack([p[key] for key in mine["key"]])
        values = {name: function(stacked, y) for name, function in _BASIC.items()}
        values |= certainty.measured(stacked, y, names)
        if tempered:
            by_run = mine[f"temperature_{at}"].to_numpy(dtype=np.float64)[:, None, None]
            after = scaled(stacked, np.where(np.isfinite(by_run), by_run, 1.0))
            missing = np.where(np.isfinite(by_run[:, 0, 0]), 0.0, np.nan)
            values |= {f"{name}{AFTER}": each + missing for name, each in certainty.measured(after, y, names).items()}
        tables.append(mine[["dataset", "seed", "placement", "layers", "key"]].assign(
            fold=fold_of(mine["dataset_options"].iloc[0]), **values
        ))  # fmt: skip
    return pd.concat(tables).loc[rows.index].reset_index(drop=True)


_BASIC = {"accuracy": metrics.accuracy, "nll": metrics.nll, "brier": metrics.brier}
