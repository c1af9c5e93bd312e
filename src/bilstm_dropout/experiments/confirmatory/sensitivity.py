"""The confirmatory contrasts with seeds and test folds as crossed random factors: the stated sensitivity of the tests.

The published test takes a fold with a seed as its unit, 40 of them. But a seed recurs in every fold and a fold with
every seed, so units are not independent (a dated note on book/method.md says so). Here each data set has its mean of
runs that share seeds and folds, and data sets, whose texts and vocabularies have nothing in common, are independent.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...stats import Crossed, crossed, heterogeneity, holm, mean_of, over_folds
from . import plan
from .contrasts import CONTRASTS, MARGIN, MEASURES, POST_HOC, units, values

ACCURACY = "accuracy"


def measured(parts: Mapping[str, pd.DataFrame], measure: str) -> dict[str, pd.DataFrame]:
    """A measure of every run, by part, as contrasts.values gives it. parts: published rows of a2 and a3.

    measure: of MEASURES (nats), or ACCURACY (points, higher is better), both at the checkpoint that validation chose.
    """
    if measure != ACCURACY:
        return {part: values(rows, measure) for part, rows in parts.items()}
    points = {part: 100 * rows["accuracy_best"].to_numpy(dtype=float) for part, rows in parts.items()}
    return {part: values(rows).assign(value=points[part]) for part, rows in parts.items()}


def of_sets(found: Mapping[str, pd.DataFrame], contrast: str) -> dict[str, Crossed]:
    """What a contrast gives on each data set of plan.TUNED. found: from `measured`.

    contrast: of CONTRASTS or POST_HOC. ValueError where a run is missing or there twice.
    """
    part, _ = (CONTRASTS | POST_HOC)[contrast]
    return {name: crossed(units(found[part], contrast, [name]).unstack("fold").to_numpy()) for name in plan.TUNED}


def tests(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a contrast and measure: those of the planned family first, then POST_HOC. parts: as in `measured`.

    Columns: contrast, measure, planned, mean, low, high (95 %, crossed), df, p, p_holm (over the 16 planned),
    p_holm_all (over these and the post hoc ones), p_equivalent (two one-sided tests, MARGIN), p_equivalent_overlap (the
    same with the variance for overlapping training parts, over units) and p_heterogeneity (that the data sets have one
    mean).
    """
    of = {measure: measured(parts, measure) for measure in MEASURES}
    found = []
    for planned, contrasts in ((True, CONTRASTS), (False, POST_HOC)):
        for measure in MEASURES:
            for contrast, (part, _) in contrasts.items():
                sets = of_sets(of[measure], contrast)
                whole = mean_of(sets.values())
                each = units(of[measure][part], contrast).to_numpy()
                found.append({
                    "contrast": contrast, "measure": measure, "planned": planned, "mean": whole.mean,
                    "low": whole.low, "high": whole.high, "df": whole.df, "p": whole.p,
                    "p_equivalent": whole.equivalent(MARGIN),
                    "p_equivalent_overlap": over_folds(each).equivalent(MARGIN),
                    "p_heterogeneity": heterogeneity(sets.values()),
                })  # fmt: skip
    frame = pd.DataFrame(found)
    frame.loc[frame["planned"], "p_holm"] = holm(frame.loc[frame["planned"], "p"])
    return frame.assign(p_holm_all=holm(frame["p"]))
