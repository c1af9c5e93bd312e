"""What came of a study of one's own data: runs, paired differences, their intervals, rivals and single predictions.

records ─► runs (a row a run) ─► differences (a row a run with dropout, less none) ─► effects (a row an arm and measure)
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import scipy

from ... import datasets
from ...datasets import own
from ...datasets.dataset import Dataset
from ...datasets.folds import FOLDS
from ...experiments.rivals import rivals
from ...results import answers, read
from ...runs.config import RunConfig
from ...runs.store import Record, Store
from ...runs.train import key_of
from ...stats import Crossed, estimate, holm, metrics, over_folds, power
from ...stats.crossed import OVERLAP
from .design import MOST_TRIALS, Design, kind_of
from .pace import shows

NONE = "none"
STOPS = {"best": "stopped early", "last": "last epoch"}
MEASURES = {"loss": "test loss (nats)", "points": "accuracy (points)", "gap": "confidence less accuracy (points)"}
ALPHA = 0.05
_ARM = ["placement", "rate"]
_RIVAL = ["loss", "points", "none_loss", "none_points"]
ALIKE = {
    "short texts": ("u", "mr"), "texts of many classes": ("a3", "trec"), "long texts": ("c", "imdb"),
    "series": ("u", "japanese_vowels"),
}  # fmt: skip


def runs(design: Design, store: Store | None = None) -> pd.DataFrame:
    """A row a run and checkpoint: trial, fold, repeat, seed, layers, placement, rate, stop ('best': the epoch that
    validation chose; 'last'), epoch, diverged, loss (nats), points (accuracy, of 100), gap (mean confidence less
    accuracy, points; above zero the network is over-confident).
    """
    rows = []
    for number, record in records(design, store):
        for stop in STOPS:
            p = record.probabilities.get(f"test_{stop}")
            if p is None:
                continue
            labels, config = data_of(record.config).test.labels, record.config
            finite = bool(np.isfinite(p).all())
            values = metrics.nll(p, labels), 100 * metrics.accuracy(p, labels), 100 * metrics.calibration_gap(p, labels)
            rows.append(
                {"trial": number, **config.dataset_options, "seed": config.seed, "layers": config.layers,
                 "placement": config.placement, "rate": config.rate, "stop": stop,
                 "epoch": record.metrics[stop]["epoch"], "diverged": record.diverged,
                 **dict(zip(MEASURES, map(float, values) if finite else [np.nan] * 3, strict=True))}
            )  # fmt: skip
    columns = ["trial", "fold", "repeat", "seed", "layers", *_ARM, "stop", "epoch", "diverged", *MEASURES]
    return pd.DataFrame(rows, columns=columns)


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Each run with dropout less the run of none with its rows, seed and layers: the rows of `runs`, measures replaced.
    """
    shared = ["trial", "layers", "stop"]
    dropped, none = frame[frame["placement"] != NONE], frame[frame["placement"] == NONE]
    pairs = dropped.merge(none[[*shared, *MEASURES]], on=shared, suffixes=("", "_none"), validate="many_to_one")
    less = {name: pairs[name] - pairs[f"{name}_none"] for name in MEASURES}
    return pairs.assign(**less).drop(columns=[f"{name}_none" for name in MEASURES])


def effects(pairs: pd.DataFrame) -> pd.DataFrame:
    """The mean difference of each arm at each stop: placement, rate, stop, measure, mean, low, high, p, p_holm, n, and
    narrow_low, narrow_high, the interval without the part for training parts that share rows.

    Holm's correction is for all arms at one stop and measure. An arm with fewer than two trials has no row. Equal
    differences have a p of 1: of few trials accuracies are often equal by chance, which says nothing of their spread.
    """
    rows = []
    for (place, rate, stop), group in pairs.groupby([*_ARM, "stop"], sort=False):
        for measure in MEASURES:
            mine = group.dropna(subset=[measure])
            if len(mine) > 1:
                found, plain = of_trials(mine, measure), of_trials(mine, measure, overlap=0)
                p = found.p if found.variance else 1.0
                rows.append((place, rate, stop, measure, found.mean, found.low, found.high, p, found.n,
                             plain.low, plain.high))  # fmt: skip
    columns = [*_ARM, "stop", "measure", "mean", "low", "high", "p", "n", "narrow_low", "narrow_high"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(8, "p_holm", table.groupby(["stop", "measure"])["p"].transform(holm))
    return table


def of_trials(frame: pd.DataFrame, column: str, overlap: float = OVERLAP) -> Crossed:
    """`over_folds` of a frame's column, with its trials' dealings in the column `repeat`."""
    return over_folds(frame[column], frame["repeat"], overlap)


def told(table: pd.DataFrame, stop: str, measure: str) -> pd.DataFrame:
    """Arms whose difference from none stays after Holm's correction at this stop and measure, the largest first.

    table: as `effects` gives it.
    """
    mine = table[(table["stop"] == stop) & (table["measure"] == measure) & (table["p_holm"] < ALPHA)]
    return mine.sort_values("mean", key=abs, ascending=False, kind="stable")


def largest(table: pd.DataFrame, stop: str, measure: str) -> pd.Series:
    """The arm that differs most from none, sure or not: its row of `effects`."""
    mine = table[(table["stop"] == stop) & (table["measure"] == measure)]
    return mine.loc[mine["mean"].abs().idxmax()]


def excluded(pairs: pd.DataFrame, stop: str, measure: str) -> float:
    """What no arm moves the measure by: the farthest end of simultaneous 95 % intervals (Bonferroni) of all arms."""
    mine = pairs[pairs["stop"] == stop].dropna(subset=[measure])
    groups = [group for _, group in mine.groupby(_ARM)]
    ends = []
    for found in (of_trials(group, measure) for group in groups if len(group) > 1):
        half = scipy.stats.t.ppf(1 - ALPHA / 2 / len(groups), found.df) * math.sqrt(found.variance)
        ends.append(abs(found.mean) + half)
    return float(max(ends, default=math.inf))


def spread(pairs: pd.DataFrame, stop: str, measure: str) -> float:
    """The standard deviation of a paired difference over trials, pooled over the arms; NaN with one trial."""
    mine = pairs[pairs["stop"] == stop].dropna(subset=[measure])
    return power.pooled_spread([group[measure].to_numpy() for _, group in mine.groupby(_ARM)])[0]


def trials_needed(size: float, spread: float) -> int | None:
    """How many trials, in whole tens, show a difference of this size in four of five studies; None where no number
    does, because their training parts share rows: then it takes more rows.
    """
    wanted = (number for number in range(FOLDS, MOST_TRIALS + 1, FOLDS) if shows(number, spread) <= size)
    return next(wanted, None)


def rows_needed(size: float, spread: float, rows: int) -> int:
    """About how many rows in place of `rows` show a difference of this size with MOST_TRIALS trials, in whole hundreds.

    The spread over test parts is taken to fall with the root of their rows.
    """
    return math.ceil(rows * (shows(MOST_TRIALS, spread) / size) ** 2 / 100) * 100 if size > 0 else 0


def alike(design: Design) -> str:
    """Which of ALIKE an own data set is like."""
    kind = kind_of(design.dataset)
    many = kind == "short texts" and len(own.kept(design.dataset).classes) > 2
    return "texts of many classes" if many else kind


def study_alike(design: Design) -> pd.DataFrame:
    """What the published study found at a drop rate of a quarter on data of the same kind, for the placements of the
    design: row, mark (STOPS), loss and points with `_low` and `_high`, less none.

    Short texts: film reviews (MR), or questions (TREC) where there are more classes than two; long ones: IMDB; series:
    JapaneseVowels, which has no validation part. A placement of which nothing is published there has no row.
    """
    part, name = ALIKE[alike(design)]
    rows = read(part)
    rows = rows[rows["dataset"] == name]
    stops = [stop for stop in STOPS if rows[f"nll_{stop}"].notna().any()]
    columns = [f"{measure}_{stop}" for stop in stops for measure in ("nll", "accuracy")]
    pairs = answers.beside_none(rows[rows["placement"].isin([NONE, *design.placements])], columns)
    found = []
    for place in design.placements:
        for stop in stops:
            mine = pairs[(pairs["placement"] == place) & (pairs["rate"] == 0.25)]
            if mine["seed"].nunique() > 1:
                loss = estimate(mine.groupby("seed")[f"nll_{stop}"].mean())
                points = estimate(100 * mine.groupby("seed")[f"accuracy_{stop}"].mean())
                found.append({"row": place, "mark": STOPS[stop], **_ends("loss", loss), **_ends("points", points)})
    return pd.DataFrame(found)


def _ends(name: str, found) -> dict[str, float]:
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def early_stopping(frame: pd.DataFrame) -> dict[str, Crossed]:
    """What the last epoch is, less the one that validation chose, of none: an estimate for each of MEASURES."""
    none = frame[(frame["placement"] == NONE) & (frame["layers"] == frame["layers"].min())]
    wide = none.pivot(index="trial", columns="stop", values=list(MEASURES)).dropna()
    dealings = wide.index // FOLDS
    return {name: over_folds(wide[name, "last"] - wide[name, "best"], dealings) for name in MEASURES}


def compare_rivals(design: Design, frame: pd.DataFrame, store: Store | None = None) -> pd.DataFrame:
    """Rivals that need no dropout, beside none stopped early: rival, loss, points, none_loss and none_points (of none
    on the same trials), the estimates of the rival less none (less_loss, less_points), and n, the number of trials.

    The class shares and a linear model on the first ten trials; five networks of none, their probabilities averaged,
    where the design has them.
    """
    none = frame[(frame["placement"] == NONE) & (frame["stop"] == "best")].groupby("trial")[["loss", "points"]].first()
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for number in range(min(design.trials, FOLDS)):
        data = data_of(design.trial(number)[0])
        for rival in rivals(data):
            found.setdefault(rival.name, {})[number] = (rival.nll, 100 * rival.accuracy)
    for number in range(design.trials):
        if not design.ensemble(number):
            continue
        records = _there([design.trial(number)[0], *design.ensemble(number)], store)
        if len(records) == 1 + len(design.ensemble(number)):
            p = np.mean([record.probabilities["test_best"].astype(float) for record in records], axis=0)
            labels = data_of(records[0].config).test.labels
            name = f"{len(records)} networks without dropout, averaged"
            found.setdefault(name, {})[number] = (metrics.nll(p, labels), 100 * metrics.accuracy(p, labels))
    rows = []
    for name, values in found.items():
        mine = pd.DataFrame.from_dict(values, orient="index", columns=["loss", "points"])
        mine = mine[mine.index.isin(none.index)]
        if len(mine) > 1:
            there = none.loc[mine.index]
            less = mine - there
            rows.append({"rival": name, **mine.mean(), **there.add_prefix("none_").mean(),
                         "less_loss": over_folds(less["loss"]),
                         "less_points": over_folds(less["points"]), "n": len(mine)})  # fmt: skip
    return pd.DataFrame(rows, columns=["rival", *_RIVAL, "less_loss", "less_points", "n"])


def records(design: Design, store: Store | None = None) -> Iterator[tuple[int, Record]]:
    """Number of the trial and record, of all runs that are there, but those that only an ensemble is made of."""
    for number in range(design.trials):
        for record in _there(design.trial(number), store):
            yield number, record


def _there(configs: list[RunConfig], store: Store | None) -> list[Record]:
    store = store or Store()
    return [store.load(key) for key in map(key_of, configs) if store.has(key)]


def data_of(config: RunConfig) -> Dataset:
    """The data of a run, as its trial deals them."""
    return datasets.load(config.dataset, **config.dataset_options)
