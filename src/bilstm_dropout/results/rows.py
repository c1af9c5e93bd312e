"""A run as a row: the columns that published files have, from a record to a row and back."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from .. import datasets
from ..datasets import CLASSES
from ..runs.config import CONTROLS, RunConfig
from ..runs.store import Record, run_key
from ..stats import metrics
from ..stats.calibration import split_nll
from .method import in_study

# What a row says of each checkpoint; measures that came later stand last.
MEASURES = (*(name for name, measure in metrics.MEASURES.items() if not measure.later), "epoch")
_NEWER = tuple(name for name, measure in metrics.MEASURES.items() if measure.later)
_TYPES = {"str": pa.string(), "float": pa.float64(), "int": pa.int64(), "bool": pa.bool_()}
_CONFIG = {
    "placement": "str", "rate": "float", "schedule": "str", "seed": "int", "dropout_stream": "int", "dataset": "str",
    "dataset_options": "str", "train_rows": "int", "units": "int", "layers": "int", "embedding_dim": "int",
    "bidirectional": "bool", "epochs": "int", "batch_size": "int", "learning_rate": "float",
    "evaluations_per_epoch": "int", "weight_decay": "float", "label_smoothing": "float", "permuted_labels": "bool",
    "watch_training": "bool", "passes": "int",
}  # fmt: skip
_METRICS = [f"{measure}_{selected}" for selected in ("best", "last") for measure in MEASURES]
# Of the confirmatory study's runs, after temperature scaling on validation; None elsewhere.
_SCALED = [f"{name}_{selected}" for selected in ("best", "last") for name in ("temperature", "nll_scaled")]
_ADDED = [f"{measure}_{selected}" for selected in ("best", "last") for measure in _NEWER]
LATER = {*_CONFIG, *_SCALED, *_ADDED}  # columns that a file from before they existed lacks
SCHEMA = pa.schema(
    [("key", pa.string()), ("part", pa.string())]
    + [(name, _TYPES[kind]) for name, kind in _CONFIG.items()]
    + [("fingerprint", pa.string()), ("results_version", pa.int64()), ("watch", pa.string()), ("diverged", pa.bool_())]
    + [(name, pa.float64()) for name in _METRICS + _SCALED]
    + [("seconds", pa.float64()), ("provenance", pa.string())]
    + [(name, pa.float64()) for name in _ADDED]
)


def config_of(row: dict) -> RunConfig:
    """The configuration of a row (a dictionary of SCHEMA's columns). UserError for values that no run can have."""
    return RunConfig(**configuration(row))


def configuration(row: dict) -> dict:
    """The configuration as a row has it. One from before a field existed lacks that field, and so does its key."""
    values = {name: row[name] for name in _CONFIG if name in row and CONTROLS.get(name, ...) != row[name]}
    return values | {"dataset_options": json.loads(values["dataset_options"])}


def row_of(part: str, record: Record) -> dict:
    """A record as a row. What does not exist (the best epoch without a validation part) or is not finite is None."""
    row = {"key": record.key, "part": part, **CONTROLS, **record.config.model_dump()}
    row["dataset_options"] = json.dumps(row["dataset_options"], sort_keys=True)
    row |= {name: getattr(record, name) for name in ("fingerprint", "results_version", "watch", "diverged", "seconds")}
    values = {selected: measured(record, selected) for selected in ("best", "last")}
    for name in _METRICS + _ADDED:
        measure, _, selected = name.rpartition("_")
        value = values[selected].get(measure, math.nan)
        row[name] = float(value) if math.isfinite(value) else None
    row |= _scaled(record) if in_study(part) else dict.fromkeys(_SCALED)
    return row | {"provenance": json.dumps(record.provenance, sort_keys=True)}


def _scaled(record: Record) -> dict[str, float | None]:
    """A record's temperatures, fitted on validation, and its test NLL after them; None where no validation part is."""
    found, p = dict.fromkeys(_SCALED), record.probabilities
    data = datasets.load(record.config.dataset, **record.config.dataset_options)
    for selected in ("best", "last"):
        names = (f"test_{selected}", f"validation_{selected}")
        if all(name in p and np.isfinite(p[name]).all() for name in names):
            split = split_nll(p[names[0]], data.test.labels, p[names[1]], data.validation.labels)
            found |= {f"temperature_{selected}": split.temperature, f"nll_scaled_{selected}": split.refinement}
    return found


def rows_of(frame: pd.DataFrame) -> list[dict]:
    """A frame of SCHEMA's columns as dictionaries, with whole numbers and None where pandas has floats and NaN."""
    return pa.Table.from_pandas(frame, schema=SCHEMA, preserve_index=False).to_pylist()


def checked(row: dict, part: str) -> dict:
    """A row of `part`, with the defaults of fields that its file does not know yet. ValueError if anything is off."""
    given, config = configuration(row), config_of(row).model_dump()
    if given != {name: config[name] for name in given}:
        raise ValueError("a configuration is not spelt as this package spells it")
    # run_key hashes what model_dump gives, and this run was named when there was no more to give.
    named = SimpleNamespace(model_dump=lambda: given)
    if row["part"] != part or row["key"] != run_key(named, row["fingerprint"], row["results_version"]):
        raise ValueError("a row belongs to another run or part")
    if not row["diverged"]:
        chosen = row["watch"] == "validation" or row["epoch_best"] is not None
        needed = [name for name in _METRICS if name.endswith("last") or chosen]
        if not all(row[name] is not None and math.isfinite(row[name]) and row[name] >= 0 for name in needed):
            raise ValueError("a measure is not finite, and the run did not diverge")
        if any(row[name] > 1 for name in needed if name.startswith(("accuracy", "macro_f1"))):
            raise ValueError("a share is above 1")
    if not all(math.isfinite(row[name]) and row[name] >= 0 for name in _SCALED if row.get(name) is not None):
        raise ValueError("what temperature scaling gave is not finite")
    if row["watch"] not in ("validation", "test") or not math.isfinite(row["seconds"]) or row["seconds"] < 0:
        raise ValueError("the watched part or the seconds are none")
    if not isinstance(json.loads(row["provenance"]), dict):
        raise ValueError("its provenance is none")
    return {**CONTROLS, **config, **row}


def fold_of(options: str) -> int:
    """The test fold of a row's dataset_options (JSON); 0 without folds."""
    return json.loads(options).get("fold") or 0


def measured(record: Record, selected: str) -> dict[str, float]:
    """What a record says of a checkpoint ('best' or 'last'), on the test part: every measure, and the epoch.

    A measure that the record was made before is computed from the probabilities that it keeps. Nothing for a checkpoint
    that the run does not have; of a run that diverged, only what the record says.
    """
    known = dict(record.metrics.get(selected, {}))
    p = record.probabilities.get(f"test_{selected}")
    lacking = metrics.MEASURES.keys() - known.keys()
    if known and lacking and p is not None and np.isfinite(p).all():
        labels = datasets.load(record.config.dataset, **record.config.dataset_options).test.labels
        known |= {name: float(metrics.MEASURES[name].function(p, labels)) for name in lacking}
    return known


def checkpoint_of(record: Record) -> str:
    """Which checkpoint of a run counts: 'best' by validation NLL where there is a validation part, else 'last'."""
    return "best" if record.watch == "validation" and "best" in record.metrics else "last"


def nll(
    rows: pd.DataFrame,
    checkpoint: Literal["chosen", "best", "last"] = "chosen",
    lacking: Literal["uniform", "worst", "missing"] = "uniform",
    column: str = "nll",
) -> np.ndarray:
    """Test NLL (N,) of runs, nats: the one rule of which one counts, and what a run without one counts as.

    rows: N of them, in SCHEMA's columns. checkpoint: 'chosen' is that of the least validation NLL, or the last epoch
    where no validation part can choose. A run that diverged keeps the checkpoint that was chosen before, and has no
    last epoch (book/method.md, Exclusions). lacking: such a run counts as one that predicts every class alike,
    ln(classes) nats, as infinitely bad, or as NaN. column: 'nll', or 'nll_scaled' for that after temperature.
    """
    if checkpoint == "best":
        found = rows[f"{column}_best"].to_numpy(dtype=float)
    else:
        found = np.where(rows["diverged"].to_numpy(dtype=bool), np.nan, rows[f"{column}_last"].to_numpy(dtype=float))
    if checkpoint == "chosen":
        found = np.where(rows["watch"] == "validation", rows[f"{column}_best"].to_numpy(dtype=float), found)
    if lacking == "uniform":
        instead = np.log(rows["dataset"].map(CLASSES).to_numpy(dtype=float))
    else:
        instead = {"worst": np.inf, "missing": np.nan}[lacking]
    return np.where(np.isfinite(found), found, instead)
