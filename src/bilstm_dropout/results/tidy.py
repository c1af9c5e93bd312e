"""Records as tidy tables: what the figures and the text beside them are drawn from.

Each run is set against its own baseline: the run of ``none`` that agrees with it in everything else, seed
included.
"""

from collections.abc import Callable, Iterable
from dataclasses import astuple, fields

import numpy as np
import pandas as pd

from ..runs.store import Record
from ..stats import metrics, paired
from .rows import checkpoint_of, measured

NONE = "none"
MEASURES = tuple(metrics.MEASURES)
_OF_RUN = ("dataset", "placement", "rate", "seed", "layers")


def baseline_config(config):
    """The run that a run is compared with: the same in everything but the placement."""
    without = {"placement": NONE, "rate": 0.0, "schedule": "constant", "dropout_stream": 0}
    return config.model_copy(update=without)


def _values(record, selected: str) -> dict[str, float]:
    values = measured(record, selected)
    return {name: values.get(name, np.nan) for name in MEASURES}


def tidy(records: Iterable, labels: Callable) -> pd.DataFrame:
    """One row a run: measures, differences from its baseline, churn against it, and the signed calibration
    gap.

    Parameters: ``records``, run records, baselines among them; ``labels``, a function from a run's config to
    the test labels (N,). Columns: dataset, placement, rate (0 for ``none``), seed, layers, selected,
    diverged, the MEASURES, the same with '_difference' (run minus baseline), churn, gap. What a diverged run
    or a missing baseline cannot give is NaN.
    """
    records = list(records)
    baselines = {record.config.model_dump_json(): record for record in records if record.config.placement == NONE}
    rows = []
    for record in records:
        config, chosen = record.config, checkpoint_of(record)
        base = baselines.get(baseline_config(config).model_dump_json()) if config.placement != NONE else None
        row = {name: getattr(config, name) for name in _OF_RUN} | {"selected": chosen, "diverged": record.diverged}
        row |= dict.fromkeys(MEASURES, np.nan) if record.diverged else _values(record, chosen)
        usable = base is not None and not base.diverged and not record.diverged
        against = _values(base, chosen) if usable else {}
        for name in MEASURES:
            row[f"{name}_difference"] = row[name] - against[name] if usable else np.nan
        p = None if record.diverged else record.probabilities[f"test_{chosen}"]
        row["churn"] = float(metrics.churn(p, base.probabilities[f"test_{chosen}"])) if usable else np.nan
        row["gap"] = np.nan if p is None else float(metrics.calibration_gap(p, labels(config)))
        rows.append(row)
    differences = [f"{name}_difference" for name in MEASURES]
    return pd.DataFrame(rows, columns=[*_OF_RUN, "selected", "diverged", *MEASURES, *differences, "churn", "gap"])


def seed_churn(records: Iterable) -> dict[str, np.ndarray]:
    """For each data set the churn between every two seeds of ``none``: what another seed alone changes."""
    by_dataset: dict[str, list] = {}
    for record in records:
        if record.config.placement == NONE and not record.diverged:
            by_dataset.setdefault(record.config.dataset, []).append(
                record.probabilities[f"test_{checkpoint_of(record)}"]
            )
    return {
        name: metrics.pairwise_churn(np.stack(each)) for name, each in by_dataset.items() if len(each) > 1
    }


def curves(records: Iterable, dataset: str) -> pd.DataFrame:
    """Learning curves of one data set in long form: rate, seed, epoch, train_nll, watch_nll."""
    rows = [
        {"rate": record.config.rate, "seed": record.config.seed} | dict(point)
        for record in records
        if record.config.dataset == dataset
        for point in record.curves
    ]
    return pd.DataFrame(rows, columns=["rate", "seed", "epoch", "train_nll", "watch_nll"])


def summary(frame: pd.DataFrame, measure: str = "nll", seed: int = 0) -> pd.DataFrame:
    """One row a data set, placement and rate: the mean paired difference from ``none``, interval, p, pairs
    and verdict.

    Parameters: ``frame``, with the column ``<measure>_difference`` (from tidy or differences), rows of
    ``none`` ignored; ``seed``, of the generator behind intervals and p. Columns: dataset, placement, rate,
    mean, low, high, p, n, verdict.
    """
    rows = []
    frame = frame[frame["placement"] != NONE]
    for (dataset, placement, rate), group in frame.groupby(["dataset", "placement", "rate"], sort=False):
        values = group[f"{measure}_difference"].to_numpy(dtype=float)
        found = paired.paired_difference(values, np.zeros(values.size), np.random.default_rng(seed))
        rows.append((dataset, placement, rate, *astuple(found), paired.verdict(found)))
    columns = ["dataset", "placement", "rate", *(part.name for part in fields(paired.Difference)), "verdict"]
    return pd.DataFrame(rows, columns=columns)


def frame(records: Iterable[Record]) -> pd.DataFrame:
    """A row for each record and selected epoch ('last', and 'best' where there is one)."""
    columns = ("placement", "rate", "schedule", "seed", "dropout_stream", "dataset", "layers", "units", "epochs",
               "train_rows")
    rows = [
        {
            "key": record.key,
            **{name: getattr(record.config, name) for name in columns},
            "selected": selected,
            **measured(record, selected),
            "seconds": record.seconds,
            "diverged": record.diverged,
        }
        for record in records
        for selected in record.metrics
    ]
    empty = ["key", *columns, "selected", *MEASURES, "seconds", "diverged"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=empty)
