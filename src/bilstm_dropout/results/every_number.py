"""Every number of a part on one data set: each run, what they came to, and what differs from none, by one rule.

A setting is whatever runs share but their seed, test fold and draw of the data. Its baseline is the unregularised
`none` of the same part that agrees with it in all of BASE; where the part has none, that of another part.
"""

from __future__ import annotations

import json
from typing import Literal

import numpy as np
import pandas as pd
import scipy

from ..dropout.placements import TABLE
from ..stats import ALPHA, Crossed
from ..stats.crossed import mean_of_table
from ..wording import minus
from .about import about
from .rows import fold_of

# Column of a row to what it is called here; accuracy is in percent, a difference of it in points.
MEASURES = {
    "nll_best": "loss, chosen", "nll_last": "loss, last", "nll_scaled_best": "scaled loss, chosen",
    "nll_scaled_last": "scaled loss, last", "accuracy_best": "accuracy, chosen", "accuracy_last": "accuracy, last",
}  # fmt: skip
ENDS = (" less none", " low", " high", " verdict")  # of a measure's columns that say how it differs
SEARCH = "a1"  # its runs are trials, so that a placement is all that they share
_UNIT = ("seed", "fold", "data_seed")  # what the runs of a setting differ in
# Column of a row to what it is called where a run is a line; measures as in MEASURES, but for the scaled losses.
_OF_A_RUN = {
    "key": "key", "part": "part", "placement": "placement", "rate": "rate", "setting": "setting", "seed": "seed",
    "fold": "fold", "data_seed": "draw", "train_rows": "rows", "layers": "layers", "learning_rate": "learning rate",
    "epochs": "epochs", "epoch_best": "chosen epoch",
}  # fmt: skip
_PLAIN = {"schedule": "constant", "dropout_stream": 0, "weight_decay": 0.0, "label_smoothing": 0.0}
_NETWORK = ("train_rows", "units", "layers", "embedding_dim", "bidirectional", "epochs", "permuted_labels")
BASE = ("options", *_NETWORK, *_UNIT)  # and the learning rate, where there are runs of none at several
_SAID = (*_NETWORK, "learning_rate", *_PLAIN)
_WORDS = {"train_rows": "rows", "permuted_labels": "shuffled labels", "dropout_stream": "other masks"}


def paired_mean(values: np.ndarray) -> Crossed | None:
    """The mean of differences (S, F) over seeds, or draws of the data, and test folds, with its interval, by one rule.

    Three folds or more: seeds and folds crossed. Two: averaged over a seed's folds, then t over seeds. One: t over
    seeds. Rows that are not finite are left out; None where fewer than two are left.
    """
    values = values[np.isfinite(values).all(axis=1)]
    return mean_of_table(values) if len(values) > 1 else None


def numbers(rows: pd.DataFrame, others: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row a setting: none first, then as the table of placements has them, by rate.

    rows: of one part on one data set, as `results.read` gives them. others: of other parts on it, for settings whose
    baseline the part lacks. Columns: part, placement, rate, setting (what else not all runs of the part share, in
    words), runs, diverged, and each of MEASURES (nats, percent; means over runs). What has a baseline has each again
    with the ENDS: the difference, the ends of its 95 % interval, and lower, higher or unclear, with '*' where it stays
    after Benjamini and Hochberg's correction over the settings of the part.
    """
    rows = _spelt(rows)
    search = SEARCH in set(rows["part"])
    cells = ["placement"] if search else ["placement", "rate", "setting"]
    differences = {} if search else _differences(rows, _spelt(others) if others is not None else rows, cells)
    found = [
        dict(zip(["part", *cells], [mine["part"].iloc[0], *key], strict=True))
        | {"runs": len(mine), "diverged": int(mine["diverged"].sum())}
        | {name: _factor(name) * mine[column].mean() for column, name in MEASURES.items()}
        | differences.get(key, {})
        for key, mine in rows.groupby(cells, sort=False)
    ]
    order = TABLE.in_order(sorted({each["placement"] for each in found}))
    found.sort(key=lambda each: (order.index(each["placement"]), each.get("rate", 0), each.get("setting", "")))
    return _corrected(pd.DataFrame(found))


def baselines(rows: pd.DataFrame, others: pd.DataFrame | None = None) -> dict[str, str]:
    """By the key of a run with dropout, the key of the run of none beside it, by the same rule; trials have none.

    rows, others: as in `numbers`.
    """
    rows, found = _spelt(rows), {}
    if SEARCH in set(rows["part"]):
        return found
    left, others = rows[~_plain(rows)], _spelt(others) if others is not None else rows
    for base in (rows[_plain(rows)], _of_other_parts(others)):
        if (on := _shared_with(base)) is not None:
            both = left.merge(base[[*on, "key"]], on=on, suffixes=("", "_none"))
            found = dict(zip(both["key"], both["key_none"], strict=True)) | found
    return found


def runs(rows: pd.DataFrame) -> pd.DataFrame:
    """A line a run, for a file: what identifies it, and what it came to.

    rows: of a part on one data set, as `results.read` gives them. Columns: key (that of the published row), part (in
    words), placement, rate, setting (as in `numbers`), seed, fold, draw (of made-up data), rows (empty: all there are),
    layers, learning rate, epochs, chosen epoch, then loss (nats, 5 digits) and accuracy (percent, 3), chosen and last.
    """
    spelt = _spelt(rows)
    found = spelt[[*_OF_A_RUN]].rename(columns=_OF_A_RUN)
    found["part"] = found["part"].map(about)
    found["rows"], found["chosen epoch"] = found["rows"].astype("Int64"), found["chosen epoch"].round(2)
    for column, name in MEASURES.items():
        if not name.startswith("scaled"):
            found[name] = (_factor(name) * spelt[column]).round(3 if name.startswith("accuracy") else 5)
    return found


def _spelt(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with fold, draw and other options of the data apart, and what not all share as a text."""
    options = [json.loads(text) for text in rows["dataset_options"]]
    apart = [{name: value for name, value in each.items() if name not in _UNIT} for each in options]
    rows = rows.assign(
        fold=[fold_of(text) for text in rows["dataset_options"]],
        data_seed=[each.get("data_seed", 0) for each in options],
        options=[json.dumps(each, sort_keys=True) for each in apart],
    )
    several = [name for name in _SAID if rows[name].nunique() > 1]
    given = [
        list(each.items()) + [(_WORDS.get(name, name.replace("_", " ")), row[name]) for name in several]
        for each, row in zip(apart, rows[[*_SAID]].to_dict("records"), strict=True)
    ]
    shared = set.intersection(*map(set, given)) if given else set()
    told = [[each for each in values if each not in shared and each[1] not in (0, "")] for values in given]
    return rows.assign(setting=[", ".join(_said(*each) for each in values) for values in told])


def _said(name: str, value: object) -> str:
    if value is True:
        return name
    return f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"


def _plain(rows: pd.DataFrame) -> pd.Series:
    return (rows["placement"] == "none") & (rows[list(_PLAIN)] == pd.Series(_PLAIN)).all(axis=1)


def _of_other_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Runs of none, each once: those with passes after training repeat runs of another part."""
    return rows[_plain(rows) & (rows["passes"] == 0)].drop_duplicates("key")


def _factor(name: str) -> float:
    return 100.0 if name.startswith("accuracy") else 1.0


def _differences(rows: pd.DataFrame, others: pd.DataFrame, cells: list[str]) -> dict[tuple, dict]:
    """By the key of a setting: its differences to none, with p beside the ENDS."""
    found, columns = {}, list(MEASURES)
    left = rows[~_plain(rows)]
    for base in (rows[_plain(rows)], _of_other_parts(others)):
        if (on := _shared_with(base)) is None:
            continue
        both = left.merge(base, on=on, suffixes=("", "_none"))
        less = both[columns].to_numpy(float) - both[[f"{each}_none" for each in columns]].to_numpy(float)
        for key, places in both.groupby(cells, sort=False).indices.items():
            mine = both.iloc[places]
            units, at = np.unique(mine["seed"] + 1j * mine["data_seed"], return_inverse=True)
            folds, where = np.unique(mine["fold"], return_inverse=True)
            grid = np.full((len(units), len(folds), len(columns)), np.nan)
            grid[at, where] = less[places]
            found[key] = {}
            for number, name in enumerate(MEASURES.values()):
                mean = paired_mean(_factor(name) * grid[..., number])
                if mean is not None:
                    found[key] |= _columns(name, mean)
        lacks = [key not in found for key in left[cells].itertuples(index=False, name=None)]
        left = left[np.array(lacks, dtype=bool)]
    return found


def _shared_with(base: pd.DataFrame) -> list[str] | None:
    """What a run shares with its baseline, one of these; None where several would be, and nothing says which."""
    on = [*BASE, *(["learning_rate"] if base.duplicated(list(BASE)).any() else [])]
    return None if base.duplicated(on).any() else on


def _columns(name: str, mean: Crossed) -> dict[str, float | str]:
    low, high = mean.low, mean.high
    verdict = "lower" if high < 0 else "higher" if low > 0 else "unclear"
    values = (mean.mean, low, high, verdict, mean.p)
    return dict(zip((f"{name}{end}" for end in (*ENDS, " p")), values, strict=True))


def _corrected(found: pd.DataFrame) -> pd.DataFrame:
    """The verdicts with a star where they stay, and without the p that decided."""
    for name in MEASURES.values():
        if f"{name} p" in found:
            there = found.index[found[f"{name} p"].notna()]
            stays = there[scipy.stats.false_discovery_control(found.loc[there, f"{name} p"]) < ALPHA]
            star = stays[found.loc[stays, f"{name} verdict"] != "unclear"]
            found.loc[star, f"{name} verdict"] += "*"
    return found.drop(columns=[f"{name} p" for name in MEASURES.values()], errors="ignore")


def shown(found: pd.DataFrame, what: Literal["levels", "differences"]) -> pd.DataFrame:
    """What `numbers` gives as a table to read. what: what runs came to, or what differs from none, a text each."""
    if what == "differences":
        found = found[found.filter(like=ENDS[0]).notna().any(axis=1)]
    known = [column for column in ("placement", "rate", "setting", "runs") if column in found]
    table = found[known].loc[:, lambda each: each.ne("").any()]
    for name in MEASURES.values():
        digits = 1 if name.startswith("accuracy") else 3
        if what == "levels" and found[name].notna().any():
            table = table.assign(**{name: [_text(value, digits) for value in found[name]]})
        elif what == "differences" and f"{name}{ENDS[0]}" in found:
            parts = found[[f"{name}{end}" for end in ENDS]].itertuples(index=False, name=None)
            table = table.assign(**{name: [
                "–" if np.isnan(mean) else f"{_text(mean, digits, '+')} ({_text(low, digits, '+')} to "
                f"{_text(high, digits, '+')}) {verdict}" for mean, low, high, verdict in parts
            ]})  # fmt: skip
    return table


def _text(value: float, digits: int, sign: str = "") -> str:
    return minus(f"{value:{sign}.{digits}f}") if np.isfinite(value) else "–"
