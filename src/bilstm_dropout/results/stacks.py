"""Published probabilities of a test fold, its seeds stacked: what measures between runs are computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .answers import runs_and_predictions
from .rows import fold_of


@dataclass(frozen=True)
class Stack:
    """The runs on one test fold.

    dataset; fold: its number, 0 without folds; seeds: S numbers, those that every placement has. labels: (N,). p: by
    placement, test probabilities (S, N, C). temperatures: by placement, (S,), fitted on validation; NaN where there is
    no validation part. validation: by placement, (S, V, C), and validation_labels (V,), empty where not published.
    """

    dataset: str
    fold: int
    seeds: tuple[int, ...]
    labels: np.ndarray
    p: dict[str, np.ndarray]
    temperatures: dict[str, np.ndarray]
    validation: dict[str, np.ndarray] = field(default_factory=dict)
    validation_labels: np.ndarray | None = None


def stacks(part: str, datasets: Iterable[str] | None = None, at: str = "best", layers: int = 1) -> list[Stack]:
    """The published runs of a part, a Stack a data set and fold, in the order of the files.

    datasets: those to take, by default all. at: 'best', the checkpoint that validation chose, or 'last', the last
    epoch, where a part publishes it. layers: of the networks; placements are compared among those of one depth. A
    placement's runs share one rate and learning rate on a data set. A seed that a placement lacks is left out for all;
    a fold without predictions too. UserError for a part without predictions.
    """
    rows, found = runs_and_predictions(part)
    wanted = None if datasets is None else list(datasets)
    mine = rows[(rows["layers"] == layers) & (rows["dataset"].isin(wanted) if wanted is not None else True)]
    test, given = found.of(at), []
    mine = mine[mine["key"].isin(test)]
    for (dataset, options), fold in mine.groupby(["dataset", "dataset_options"], sort=False):
        placements = {name: each.set_index("seed") for name, each in fold.groupby("placement", sort=False)}
        seeds = sorted(set.intersection(*(set(each.index) for each in placements.values())))
        ordered = {name: each.loc[seeds] for name, each in placements.items()}
        fingerprint = fold["fingerprint"].iloc[0]
        watched = at == "best" and all(key in found.validation for each in ordered.values() for key in each["key"])
        given.append(Stack(
            str(dataset), fold_of(str(options)), tuple(seeds), found.labels[fingerprint],
            {name: np.stack([test[key] for key in each["key"]]) for name, each in ordered.items()},
            {name: each[f"temperature_{at}"].to_numpy(dtype=np.float64) for name, each in ordered.items()},
            {name: np.stack([found.validation[key] for key in each["key"]]) for name, each in ordered.items()}
            if watched else {},
            found.validation_labels.get(fingerprint) if watched else None,
        ))  # fmt: skip
    return given
