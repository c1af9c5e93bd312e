"""Which test examples a placement changes: flips, and the examples that change most.

Pure functions on arrays. P placements, S seeds, N examples, C classes; probabilities are paired by seed with those of
``none``, and what counts is the probability of the true class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..stats import metrics
from . import tidy
from .rows import checkpoint_of


@dataclass(frozen=True)
class Pairs:
    """A placement at one rate beside ``none`` of the same seeds.

    seeds: S numbers. layers: how many the networks have. p, base: probabilities (S, N, C) of the placement and of
    ``none``.
    """

    seeds: tuple[int, ...]
    layers: int
    p: np.ndarray
    base: np.ndarray

    def flips(self) -> np.ndarray:
        """In how many seeds each example's predicted class differs from that of ``none``: (N,)."""
        return np.sum(metrics.predicted(self.p) != metrics.predicted(self.base), axis=0)

    def change(self, labels: np.ndarray) -> np.ndarray:
        """Probability of the true class minus that under ``none``, a row a seed: (S, N)."""
        return metrics.true_class_probability(self.p, labels) - metrics.true_class_probability(self.base, labels)


def probabilities(record) -> np.ndarray:
    """The test probabilities (N, C) of the checkpoint that counts."""
    return record.probabilities[f"test_{checkpoint_of(record)}"]


def paired(records: Iterable, dataset: str) -> dict[tuple[str, float], Pairs]:
    """By placement and rate the runs on a data set, each with ``none`` of the same seed.

    Runs that diverged, or whose ``none`` diverged or is missing, are left out; so is a rate with no pair at all.
    """
    records = [record for record in records if record.config.dataset == dataset and not record.diverged]
    none = {record.config.model_dump_json(): record for record in records if record.config.placement == tidy.NONE}
    found: dict[tuple[str, float], list] = {}
    for record in records:
        base = none.get(tidy.baseline_config(record.config).model_dump_json())
        if base is not None and record is not base:
            found.setdefault((record.config.placement, record.config.rate), []).append((record, base))
    return {
        key: Pairs(
            tuple(record.config.seed for record, _ in pairs),
            pairs[0][0].config.layers,
            np.stack([probabilities(record) for record, _ in pairs]),
            np.stack([probabilities(base) for _, base in pairs]),
        )
        for key, pairs in sorted(found.items())
    }


def flipped(pairs: Pairs) -> np.ndarray:
    """Whether the predicted class changes in more than half of the seeds: (N,)."""
    return pairs.flips() * 2 > len(pairs.seeds)


def most_changed(change: np.ndarray, among: np.ndarray, most: int = 5) -> np.ndarray:
    """The row numbers with the largest changes, at most ``most`` upwards and then as many downwards.

    change: (N,), ``among``: (N,) of truth values, the rows to choose from. Equal changes keep the rows' order.
    """
    rows = np.flatnonzero(among)
    up = rows[np.argsort(-change[rows], kind="stable")]
    down = rows[np.argsort(change[rows], kind="stable")]
    return np.concatenate([up[change[up] > 0][:most], down[change[down] < 0][:most]]).astype(np.int64)
