"""A card of each placement: what it does to loss, accuracy, confidence, answers, memory and time, at one rate.

Loss and accuracy are those of part b on MR, film reviews, where validation stops training early and where it goes on to
the last epoch; confidence gap, churn and what averaging the seeds of a fold gains those of the same runs trained again,
with predictions (part u); what the mean of fifty passes with masks gains is that of tuned recipes (part m); memory is
the loss on `recall` (parts q and memory); seconds are measured apart (experiments/speed/cost.py). The intervals are
95 % t intervals over seeds: the folds in which a seed recurs are averaged first; of part m, of four folds, they cross
seeds and folds. All of it explores.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

import pandas as pd

from ...dropout.placements import TABLE
from ...results import answers, passes, published
from ...results.stacks import stacks
from ...stats import Estimate, ensembles, estimate, mean_of_runs, metrics
from ...wording import minus
from .. import memory, recall
from ..confirmatory.plan import FIXED_RATE
from ..speed import cost
from . import trained_again

DATASET = "mr"
STOPS = {"best": "stopped early", "last": "last epoch"}
# Measure to its column in `answers.answered`, the factor and the unit of what a card shows.
MEASURES = {
    "loss": ("nll", 1, "nats"), "accuracy": ("accuracy", 100, "points"), "confidence gap": ("gap", 100, "points"),
    "churn": ("churn", 100, "%"), "averaging": ("nll", 1, "nats"), "passes": ("nll", 1, "nats"),
    "memory": ("nll", 1, "nats"), "seconds": ("ratio", 1, "times"),
}  # fmt: skip
_ONCE = ("loss", "accuracy")
# What a card calls them: a level of accuracy is in per cent, a difference in points.
_LABELS = {
    "loss": "loss (nats)", "accuracy": "accuracy (points)", "confidence gap": "confidence gap (points)",
    "churn": "churn (%)", "averaging": "averaging saves (nats)", "passes": "passes save, tuned (nats)",
    "memory": "memory: recall loss (nats)", "seconds": "seconds of a step (× none)",
}  # fmt: skip
_LABELS_OF_NONE = _LABELS | {"accuracy": "accuracy (%)", "churn": "churn to another seed (%)"}
_DIGITS = {"nats": 3, "points": 1, "%": 1, "times": 2}
COLUMNS = ["placement", "measure", "at", "unit", "mean", "low", "high", "n"]


def cards(placements: Iterable[str] | None = None) -> pd.DataFrame:
    """COLUMNS, a row a placement, measure of MEASURES and stop of STOPS; NaN where nothing was measured.

    placements: those to make a card of, all of the table without it. Differences to `none` at the rate FIXED_RATE, but
    for churn, the share of answers that differ from those of `none` with the same seed; averaging, the mean loss of a
    fold's seeds less that of their mean probabilities, without an interval because there are two folds; passes, the
    same of the mean of one network's passes with masks; and seconds, which are a multiple of those of `none`. `none`
    itself has its levels, and a churn that another seed alone brings. Memory has one row, at the checkpoint that
    validation chose, and seconds have one; passes have none but for tuned recipes.
    """
    placements = list(TABLE if placements is None else placements)
    once = published.read(trained_again.OF)
    once = once[(once["dataset"] == DATASET) & once["rate"].isin([0, FIXED_RATE])]
    again = answers.answered(trained_again.PART, placements)
    again = again[again["dataset"] == DATASET]
    pairs = {measure: answers.beside_none(once, [f"{MEASURES[measure][0]}_{at}" for at in STOPS]) for measure in _ONCE}
    pairs["confidence gap"] = answers.beside_none(again, [f"gap_{at}" for at in STOPS])
    pairs["churn"] = again
    other_seed = {at: _churn_between_seeds(at) for at in STOPS} if answers.NONE in placements else {}
    remembered, bare_memory = _recall()
    gains, by_passes = _averaged(placements), _passes(placements)
    seconds = cost.read(placements)
    seconds = seconds[seconds["kind"] == "tokens"].sort_values("layers").drop_duplicates("placement")
    seconds = seconds.set_index("placement")[["ratio", "low", "high", "n"]]
    found = []
    for name in placements:
        for measure, (column, factor, unit) in list(MEASURES.items())[:4]:
            rows = pairs[measure] if name != answers.NONE else once if measure in _ONCE else again
            mine = rows[(rows["placement"] == name) & ((rows["layers"] == 1) | (name != answers.NONE))]
            for at, stop in STOPS.items():
                values = factor * mine.groupby("seed")[f"{column}_{at}"].mean()
                level = other_seed[at] if measure == "churn" and name == answers.NONE else estimate(values)
                found.append((name, measure, stop, unit, *level))
        for at, stop in STOPS.items():
            found.append((name, "averaging", stop, "nats", gains.get((name, at), math.nan), math.nan, math.nan, 1))
        found += [(name, "passes", stop, "nats", *by_passes[name, at]) for at, stop in STOPS.items()
                  if (name, at) in by_passes]  # fmt: skip
        column, factor, unit = MEASURES["memory"]
        mine = remembered[remembered["placement"] == name]["nll_best"] if name != answers.NONE else bare_memory
        found.append((name, "memory", STOPS["best"], unit, *estimate(factor * mine)))
        if name in seconds.index:
            each = seconds.loc[name]
            found.append((name, "seconds", STOPS["best"], MEASURES["seconds"][2], *each))
    return pd.DataFrame(found, columns=COLUMNS)


def _averaged(placements: list[str]) -> dict[tuple[str, str], float]:
    """By placement and checkpoint, what averaging the seeds of a fold takes off their mean loss: nats, over the folds.

    Placements between layers have networks of two, all others of one.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for at in STOPS:
        for layers in (2, 1):
            for fold in stacks(trained_again.PART, [DATASET], at, layers):
                for name in fold.p.keys() & set(placements):
                    if layers == 1 or name != answers.NONE:
                        single, ensemble = ensembles.of_measure(metrics.nll, fold.p[name], fold.labels)
                        found.setdefault((name, at), []).append(single - ensemble)
    return {key: sum(gains) / len(gains) for key, gains in found.items()}


def _passes(placements: list[str]) -> dict[tuple[str, str], Estimate]:
    """By placement and checkpoint, what the mean of passes with masks takes off the loss of a pass without: nats."""
    found = {}
    masked = {*placements} & {*published.read(passes.PART)["placement"]} - {answers.NONE}
    for at in STOPS if masked else ():  # predictions are many, and of most placements there are none
        runs = passes.passes(at, dataset=[DATASET], placement=masked)
        for name, mine in runs.groupby("placement"):
            each = mean_of_runs(mine.assign(gain=mine["nll"] - mine["nll_mean"]), "gain")
            found[name, at] = Estimate(each.mean, each.low, each.high, each.n)
    return found


def _churn_between_seeds(at: str) -> Estimate:
    """The mean churn between two runs of `none`, in per cent. No interval: pairs share their runs."""
    pairs = answers.changes(trained_again.PART, answers.NONE, DATASET, at)
    churn = 100 * pairs[["becomes_right", "becomes_wrong", "other_mistake"]].sum(axis=1)
    return Estimate(float(churn.mean()), math.nan, math.nan, len(churn))


def text(found: pd.DataFrame) -> pd.DataFrame:
    """A placement's rows of `cards` as text: a row a measure that has a number, a column a stop; '–' where
    nothing was measured.
    """
    rows = {(row.measure, row.at): _written(row) for row in found.itertuples()}
    named = _LABELS_OF_NONE if answers.NONE in set(found["placement"]) else _LABELS
    written = {name: {stop: rows.get((name, stop), "–") for stop in STOPS.values()} for name in MEASURES}
    there = {name for name, _ in rows}
    return pd.DataFrame([{"measure": named[name], **each} for name, each in written.items() if name in there])


def _written(row) -> str:
    """'−0.92 (−0.97 to −0.87)', a difference with its sign; without the interval where there is none."""
    if not math.isfinite(row.mean):
        return "–"
    sign = "" if row.placement == answers.NONE or row.measure in ("churn", "averaging", "passes", "seconds") else "+"
    digits = _DIGITS[row.unit]
    mean, low, high = (f"{value:{sign}z.{digits}f}" for value in (row.mean, row.low, row.high))
    return minus(f"{mean} ({low} to {high})" if math.isfinite(row.low) else mean)


def _recall() -> tuple[pd.DataFrame, pd.Series]:
    """Differences to `none` in loss on `recall` with the cue in the middle, by seed, and the losses of `none`."""
    options = recall.like_memory()[0].dataset_options
    rows = pd.concat([published.read(memory.PARTS[0]), published.read(recall.PART)], ignore_index=True)
    same = pd.Series([json.loads(each) == options for each in rows["dataset_options"]], index=rows.index)
    rows = rows[same & rows["bidirectional"] & rows["rate"].isin([0, FIXED_RATE])]
    none = rows[(rows["placement"] == answers.NONE) & (rows["layers"] == 1)]
    return answers.beside_none(rows, ["nll_best"]), none.drop_duplicates("key")["nll_best"]
