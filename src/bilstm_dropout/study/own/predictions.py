"""Single predictions of a study of one's own data: every one of them, those that dropout changes, and rows that every
network gets wrong.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from ...datasets import own
from ...runs.store import Store
from ...wording import isolated
from .design import Design
from .results import NONE, STOPS, data_of, records

_PREDICTED = ["row", "id", "text", "class", "trial", "seed", "placement", "rate", "stop", "predicted", "probability",
              "true_probability"]  # fmt: skip



def predictions(design: Design, store: Store | None = None) -> pd.DataFrame:
    """Every prediction on a test row: row (its line in the file), id, text, class, trial, seed, placement, rate, stop,
    predicted, probability (of the predicted class), true_probability (of its own class).
    """
    rows = own.kept(design.dataset).rows().set_index("id")
    parts = []
    for number, record in records(design, store):
        data = data_of(record.config)
        ids, classes = list(data.test.ids), np.array(data.classes)
        mine = rows.loc[ids]
        for stop in STOPS:
            p = record.probabilities.get(f"test_{stop}")
            if p is None or not np.isfinite(p).all():
                continue
            named = p.argmax(axis=1)
            parts.append(pd.DataFrame({
                "row": mine["row"].to_numpy(), "id": ids, "text": mine["text"].to_numpy(),
                "class": classes[data.test.labels], "trial": number, "seed": record.config.seed,
                "placement": record.config.placement, "rate": record.config.rate, "stop": stop,
                "predicted": classes[named], "probability": p.max(axis=1),
                "true_probability": p[np.arange(len(p)), data.test.labels],
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_PREDICTED)


def always_wrong(predicted: pd.DataFrame, most: int = 20) -> pd.DataFrame:
    """Rows whose class every network got wrong, stopped early, most certainly first: labels that are worth a look.

    predicted: as `predictions` gives it. Columns: row, text, class, predicted (what most networks say), networks (how
    many), true_probability (their mean).
    """
    early = predicted[predicted["stop"] == "best"]
    wrong = (early["predicted"] != early["class"]).groupby(early["row"]).transform("all")
    groups = early[wrong].groupby("row")
    table = pd.DataFrame({
        "text": groups["text"].first(), "class": groups["class"].first(),
        "predicted": groups["predicted"].agg(lambda each: Counter(each).most_common(1)[0][0]),
        "networks": groups.size(), "true_probability": groups["true_probability"].mean(),
    })  # fmt: skip
    return table.sort_values("true_probability").head(most).reset_index()


def flips(predicted: pd.DataFrame, placement: str, rate: float, most: int = 10) -> pd.DataFrame:
    """Rows whose predicted class an arm changes in most trials: row, text, class, none and `placement` (what their
    networks say, trial by trial), changed (in how many of the trials that test it), trials; those changed most often
    first.
    """
    early = predicted[predicted["stop"] == "best"]
    arm = early[(early["placement"] == placement) & (early["rate"] == rate)]
    none = early[(early["placement"] == NONE)].drop_duplicates(["row", "trial"])
    both = arm.merge(none[["row", "trial", "predicted"]], on=["row", "trial"], suffixes=("", "_none"))
    both["changed"] = both["predicted"] != both["predicted_none"]
    groups = both.groupby("row")
    table = pd.DataFrame({
        "text": groups["text"].first(), "class": groups["class"].first(),
        NONE: groups["predicted_none"].agg(_listed), placement: groups["predicted"].agg(_listed),
        "changed": groups["changed"].sum(), "trials": groups.size(),
    })  # fmt: skip
    table = table[table["changed"] > table["trials"] / 2]
    return table.sort_values(["changed", "trials"], ascending=False, kind="stable").head(most).reset_index()


def _listed(classes: pd.Series) -> str:
    return ", ".join(map(isolated, classes))
