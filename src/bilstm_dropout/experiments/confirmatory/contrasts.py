"""The confirmatory contrasts: eight on two measures, one Holm family of 16, from published rows or the store's.

book/method.md fixes all of this before any run. A unit is a test fold with a seed; its value is the mean over the data
sets, each with the same weight, of what a contrast gives there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ...results.rows import fold_of, nll
from ...stats import intervals, over_folds, tests
from ...stats import power as statistics_power
from . import plan

# Measures in nats at the checkpoint that validation chose: raw, and after the temperature fitted on validation.
MEASURES = {"raw": "nll_best", "after temperature": "nll_scaled_best"}
MARGIN = 0.02  # nats, of equivalence
FOLDS = {"a2": plan.FOLDS, "a3": plan.FIXED_FOLDS}  # test folds by part
# Contrast to (the part it is taken from, the weight of each placement's NLL).
CONTRASTS: dict[str, tuple[str, dict[str, int]]] = {
    **{f"{name} - none": ("a2", {name: 1, "none": -1}) for name in (
        "input", "recurrent", "output", "combined", "variational")},
    "input-spatial - input": ("a2", {"input-spatial": 1, "input": -1}),
    "recurrent-tied - recurrent": ("a2", {"recurrent-tied": 1, "recurrent": -1}),
    # How much more, or less, both sites together change than the sum of what each changes alone.
    "input x recurrent": ("a3", {plan.CELL: 1, "input": -1, "recurrent": -1, "none": 1}),
}  # fmt: skip

# In no family: they came out strongest, and nobody had planned to look at them.
POST_HOC = {f"{name} - none": ("a2", {name: 1, "none": -1}) for name in ("input-spatial", "recurrent-tied")}


def values(rows: pd.DataFrame, measure: str = "raw") -> pd.DataFrame:
    """A measure of every run: dataset, placement, rate, learning_rate, fold, seed, value (nats) and uniform.

    rows: of one part, in rows.SCHEMA's columns. A run without a finite checkpoint counts as one that predicts
    every class alike, ln(classes) nats; `uniform` marks it. ValueError for one with a checkpoint but not the measure.
    """
    frame = rows[["dataset", "placement", "rate", "learning_rate", "seed"]].reset_index(drop=True)
    column = MEASURES[measure].removesuffix("_best")
    raw, found = (nll(rows, "best", "missing", name) for name in ("nll", column))
    if (np.isfinite(raw) & ~np.isfinite(found)).any():
        raise ValueError(f"a run has a checkpoint, and nothing of the measure {measure!r}")
    value = nll(rows, "best", "uniform", column)
    return frame.assign(fold=rows["dataset_options"].map(fold_of).to_numpy(), uniform=~np.isfinite(found), value=value)


def units(
    found: pd.DataFrame, contrast: str, sets: Iterable[str] = plan.TUNED, only: Iterable[str] | None = None
) -> pd.Series:
    """What a contrast gives in each unit (fold, seed), the mean over data sets: nats, below 0 for a lower NLL.

    contrast: of CONTRASTS or POST_HOC. found: from `values`, of its part. only: of its placements, those to add up; all
    by default.
    ValueError where a run is missing or there twice: nothing is left out silently.
    """
    (part, weights), sets = (CONTRASTS | POST_HOC)[contrast], list(sets)
    chosen = found[found["placement"].isin(weights) & found["dataset"].isin(sets)]
    table = chosen.pivot(index=["fold", "seed"], columns=["dataset", "placement"], values="value")
    table = table.reindex(
        index=pd.MultiIndex.from_product([FOLDS[part], plan.SEEDS], names=["fold", "seed"]),
        columns=pd.MultiIndex.from_product([sets, weights], names=["dataset", "placement"]),
    )
    if table.isna().any(axis=None):
        raise ValueError(f"{contrast}: {int(table.isna().sum().sum())} of {table.size} runs of {part} are missing")
    taken = weights if only is None else {name: weights[name] for name in only}
    return sum(table[dataset, name] * weight for dataset in sets for name, weight in taken.items()) / len(sets)


def family(parts: dict[str, pd.DataFrame], seed: int = 0) -> pd.DataFrame:
    """The 16 tests, a row each. parts: rows of a2 and a3 in rows.SCHEMA's columns. seed: of what is drawn.

    Columns: contrast, measure, n, mean, low, high (BCa), corrected_low, corrected_high (overlapping folds), p (sign
    flips), p_holm (over the 16), p_equivalent (TOST, MARGIN), above, above_low, above_high (P(A > B)), effect (d_z),
    visible (the true difference that the first of Holm's steps finds with a power of .8, by the spread shown here),
    correlation (between the two sides over units: what pairing bought).
    """
    found = []
    for measure in MEASURES:
        of_part = {part: values(rows, measure) for part, rows in parts.items()}
        for contrast, (part, weights) in CONTRASTS.items():
            each = units(of_part[part], contrast).to_numpy()
            sides = [
                abs(units(of_part[part], contrast, only=[name for name in weights if weights[name] * sign > 0]))
                for sign in (1, -1)
            ]
            row = _summary(each, np.random.default_rng(seed)) | {"correlation": tests.pairing_correlation(*sides)}
            found.append({"contrast": contrast, "measure": measure, **row})
    frame = pd.DataFrame(found)
    return frame.assign(p_holm=tests.holm(frame["p"]))


def _first_step() -> float:
    """α of the first of Holm's steps over the family."""
    return statistics_power.ALPHA / (len(CONTRASTS) * len(MEASURES))


def _summary(each: np.ndarray, generator: np.random.Generator) -> dict[str, float]:
    mean, low, high = intervals.bootstrap_interval(each, generator)
    corrected = over_folds(each)
    above, above_low, above_high = tests.probability_above(each)
    spread = float(np.std(each, ddof=1))
    return {
        "n": len(each), "mean": mean, "low": low, "high": high, "corrected_low": corrected.low,
        "corrected_high": corrected.high, "p": tests.sign_flip_p(each, generator),
        "p_equivalent": tests.equivalence_p(each, MARGIN), "above": above, "above_low": above_low,
        "above_high": above_high, "effect": tests.effect_size(each),
        "visible": statistics_power.difference_found(len(each), spread, alpha=_first_step()) if spread > 0 else 0.0,
    }  # fmt: skip


def tuning_spread(rows: pd.DataFrame, measure: str = "raw") -> tuple[float, int]:
    """(spread, degrees of freedom) of a unit of the a2 contrasts, as the tuning arm lets one expect: nats.

    rows: of part a1. On each data set the four finalists of both sides are paired by rank, and by their three seeds:
    differences within a pair vary over seeds alone. Variances are pooled over ranks and contrasts; a unit is the mean
    over the data sets, so its variance is their sum over the square of their number. All of it lies in one fold, so
    what folds add is not in it. (NaN, 0) where tuning is not complete.
    """
    frame = values(rows, measure).assign(raw=values(rows)["value"])
    variance, freedom = 0.0, 0
    for dataset in plan.TUNED:
        of = {
            placement: _finalists(frame[(frame["dataset"] == dataset) & (frame["placement"] == placement)])
            for placement in plan.PLACEMENTS
        }
        if any(len(each) != plan.FINALISTS for each in of.values()):
            return math.nan, 0
        sides = [tuple(weights) for part, weights in CONTRASTS.values() if part == "a2"]
        spread, more = statistics_power.pooled_spread([pair for a, b in sides for pair in of[a] - of[b]])
        variance, freedom = variance + spread**2 / len(plan.TUNED) ** 2, freedom + more
    return math.sqrt(variance), freedom


def _finalists(runs: pd.DataFrame) -> np.ndarray:
    """A placement's settings that have all three seeds, by their raw score: (4, 3) once tuning is complete."""
    table = runs.pivot(index=["learning_rate", "rate"], columns="seed", values=["value", "raw"])
    seeds = (plan.FIRST_SEED, *plan.MORE_SEEDS)
    if set(seeds) - set(runs["seed"]):
        return np.empty((0, len(seeds)))
    return table.dropna().sort_values(("raw", plan.FIRST_SEED))["value"][list(seeds)].to_numpy()


def power(rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """What the confirmation can be expected to see, from the tuning arm: a row a measure. rows: of part a1.

    Columns: measure, spread and freedom (see tuning_spread), units, visible (the true difference that the first of
    Holm's steps finds with a power of .8, nats), finds_margin (the power of the sign-flip test at MARGIN, α = .05/16)
    and shows_equivalence (the power of TOST where there is no difference, α = .05). NaN while tuning is not complete.
    """
    found, count = [], len(plan.FOLDS) * len(plan.SEEDS)
    first = _first_step()
    for measure in MEASURES:
        spread, freedom = tuning_spread(rows, measure)
        row = {"measure": measure, "spread": spread, "freedom": freedom, "units": count}
        row |= dict.fromkeys(("visible", "finds_margin", "shows_equivalence"), math.nan)
        if spread > 0:
            generator = np.random.default_rng(seed)
            row["visible"] = statistics_power.difference_found(count, spread, alpha=first)
            row["finds_margin"] = statistics_power.sign_flip_power(count, MARGIN, spread, generator, alpha=first)[0]
            row["shows_equivalence"] = statistics_power.equivalence_power(count, MARGIN, spread, generator)[0]
        found.append(row)
    return pd.DataFrame(found)
