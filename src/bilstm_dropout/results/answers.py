"""What runs answered: confidence and changed answers of published runs, from their predictions.

Every run is set beside the run of `none` with which it shares data, test fold, seed, number of layers and training.
Checkpoints are 'best', the one that validation chose, and 'last', the last epoch.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ..paths import published_folder
from ..stats import metrics
from . import predictions, published
from .about import file_name

NONE = "none"
CHECKPOINTS = ("best", "last")
# What a run and the run of `none` beside it share. Rate and placement are what differs.
SETTING = (
    "dataset", "dataset_options", "seed", "layers", "units", "embedding_dim", "bidirectional", "epochs", "batch_size",
    "learning_rate",
)  # fmt: skip


def answered(part: str, placements: Iterable[str] | None = None) -> pd.DataFrame:
    """A part's published rows with four more columns, NaN where nothing is published to compute them from.

    placements: those to take, and `none`; by default all. gap_best, gap_last: mean confidence less accuracy on the test
    part. churn_best, churn_last: the share of its examples whose predicted class differs from that of `none` beside the
    run. UserError for a part without predictions.
    """
    rows, found = runs_and_predictions(part)
    if placements is not None:
        rows = rows[rows["placement"].isin([NONE, *placements])]
    rows = rows.reset_index(drop=True)
    none = _none(rows)
    for at, p in zip(CHECKPOINTS, (found.probabilities, found.last), strict=True):
        gaps, churn = [], []
        for row in rows.itertuples():
            mine, base = p.get(row.key), p.get(none.get(setting(row), ""))
            labels = found.labels.get(row.fingerprint)
            gaps.append(np.nan if mine is None else float(metrics.calibration_gap(mine, labels)))
            usable = row.placement != NONE and mine is not None and base is not None
            churn.append(float(metrics.churn(mine, base)) if usable else np.nan)
        rows[f"gap_{at}"], rows[f"churn_{at}"] = gaps, churn
    return rows


def beside_none(
    rows: pd.DataFrame, measures: list[str], keep: tuple[str, ...] = (), apart: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Differences of runs to `none`, a row a run with dropout: placement, rate, SETTING, `keep`, and each measure's.

    rows: published rows. keep: further columns, as they are. apart: what of SETTING may differ, as the learning rate of
    tuned recipes does. A run without `none` beside it is left out.
    ValueError where two runs of `none` have one setting.
    """
    rows = rows.drop_duplicates("key")
    without = rows[rows["placement"] == NONE]
    others = rows[rows["placement"] != NONE]
    shared = [name for name in SETTING if name not in apart]
    both = others.merge(without[[*shared, *measures]], on=shared, suffixes=("", "_none"), validate="m:1")
    differences = {each: both[each] - both[f"{each}_none"] for each in measures}
    return both[["placement", "rate", *SETTING, *keep]].assign(**differences)


def changes(part: str, placement: str, dataset: str, at: str) -> pd.DataFrame:
    """Which answers change, as shares of the test part: a row a pair of runs.

    Columns: beside ('none, same seed' for runs of the placement, 'none, other seed' for every two runs of `none` on one
    fold, which says what a seed alone changes), dataset_options, seed, becomes_right, becomes_wrong and other_mistake.
    at: of CHECKPOINTS. Placements that have two layers are set beside `none` of two;
    `none` itself is taken with one. Empty without predictions.
    """
    rows, found = runs_and_predictions(part)
    rows = rows[rows["dataset"] == dataset]
    p = found.probabilities if at == "best" else found.last
    none = _none(rows)
    pairs = []
    for row in rows[rows["placement"] == placement].itertuples():
        base = none.get(setting(row), "")
        if row.placement != NONE and row.key in p and base in p:
            pairs.append(("none, same seed", row, p[base], p[row.key]))
    layers = {1} if placement == NONE else {row.layers for row in rows[rows["placement"] == placement].itertuples()}
    bare = [row for row in rows[rows["placement"] == NONE].itertuples() if row.layers in layers and row.key in p]
    for number, row in enumerate(bare):
        for other in bare[number + 1 :]:
            if other.dataset_options == row.dataset_options and other.layers == row.layers:
                pairs.append(("none, other seed", row, p[row.key], p[other.key]))
    columns = ["beside", "dataset_options", "seed", "becomes_right", "becomes_wrong", "other_mistake"]
    return pd.DataFrame(
        [
            (beside, row.dataset_options, row.seed, *changed(before, after, found.labels[row.fingerprint]))
            for beside, row, before, after in pairs
        ],
        columns=columns,
    )


def changed(before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """Shares of N examples whose class becomes right, becomes wrong, or is another mistake.

    before, after: probabilities (N, C). labels: (N,). The three add up to the churn.
    """
    first, second = metrics.predicted(before), metrics.predicted(after)
    was, now = first == labels, second == labels
    other = ~was & ~now & (first != second)
    return float(np.mean(~was & now)), float(np.mean(was & ~now)), float(np.mean(other))


def setting(row) -> tuple:
    """The SETTING of a row, an object with these attributes."""
    return tuple(getattr(row, name) for name in SETTING)


def runs_and_predictions(part: str) -> tuple[pd.DataFrame, predictions.Predictions]:
    """A part's rows, each run once, and predictions; not to be changed, since they are read once a process."""
    part, folder = file_name(part), published_folder()
    files = sorted(file for file in folder.rglob(f"{part}.*.parquet"))
    return _read(part, folder, tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=2)
def _read(part: str, folder: Path, state: tuple) -> tuple[pd.DataFrame, predictions.Predictions]:
    return published.read(part, folder).drop_duplicates("key"), predictions.read(part, folder)


def _none(rows: pd.DataFrame) -> dict[tuple, str]:
    """The key of `none` by setting."""
    return {setting(row): row.key for row in rows[rows["placement"] == NONE].itertuples()}
