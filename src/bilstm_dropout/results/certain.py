"""How far published networks can be believed: measures of `stats.certainty`, run by run, from published predictions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..stats import certainty
from ..stats.calibration import scaled
from . import answers
from .rows import fold_of

AFTER = "_tempered"  # ends the name of a column after the run's own temperature


def certain(
    part: str, at: str = "best", names: Iterable[str] | None = None, layers: int | None = 1, tempered: bool = False
) -> pd.DataFrame:
    """A part's published rows that have predictions, with `fold` and a column a measure, as fractions.

    at: of answers.CHECKPOINTS. names: of certainty.CERTAINTY, all by default. layers: of the networks, None for all.
    tempered: adds columns as `gap_tempered`, of probabilities after the temperature that was fitted on the run's
    validation part; NaN for a run without one. UserError for a part without predictions.
    """
    names = list(certainty.CERTAINTY if names is None else names)
    rows, found = answers.runs_and_predictions(part)
    p = found.probabilities if at == "best" else found.last
    rows = rows[rows["key"].isin(p) & (rows["layers"].isin([layers]) if layers is not None else True)]
    tables = []
    for fingerprint, mine in rows.groupby("fingerprint", sort=False):
        y, stacked = found.labels[fingerprint], np.stack([p[key] for key in mine["key"]])
        values = certainty.measured(stacked, y, names)
        if tempered:
            by_run = mine[f"temperature_{at}"].to_numpy(dtype=np.float64)
            fitted = np.isfinite(by_run)
            after = scaled(stacked, np.where(fitted, by_run, 1.0)[:, None, None])
            values |= {
                f"{name}{AFTER}": np.where(fitted, each, np.nan)
                for name, each in certainty.measured(after, y, names).items()
            }
        tables.append(pd.DataFrame(values, index=mine.index))
    folds = [fold_of(options) for options in rows["dataset_options"]]
    return rows.assign(fold=folds).join(pd.concat(tables)).reset_index(drop=True)
