"""Which test examples a placement changes: flips, the examples that change most, and the words that go with it.

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

# How often the changes are dealt out anew among the examples of a class, and the share of deals a word must beat.
DEALS = 199
LEVEL = 0.95


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


def spread(change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far P placements lie apart on each example, and how far they would if only chance parted them.

    change: (P, S, N), each run's change of the true class' probability; P and S at least 2. Returns two arrays (N,):
    the standard deviation, over the placements, of the mean over the seeds; and its expectation where no placement
    differs, from what is left of each run after its placement's and its seed's mean are taken off (the residual of
    the two-way layout).
    """
    placements, seeds = change.shape[:2]
    means = change.mean(axis=1)
    rest = change - means[:, None] - change.mean(axis=0) + change.mean(axis=(0, 1))
    variance = np.sum(rest**2, axis=(0, 1)) / ((placements - 1) * (seeds - 1))
    return means.std(axis=0, ddof=1), np.sqrt(variance / seeds)


@dataclass(frozen=True)
class Word:
    """A token, the test examples that hold it, and their mean change beyond the mean change of their class."""

    token: int
    examples: int
    change: float


def words(inputs: np.ndarray, labels: np.ndarray, change: np.ndarray, least: int = 20) -> tuple[list[Word], int]:
    """Tokens whose presence goes with a change, and how many tokens were looked at.

    inputs: token ids (N, T), 0 for padding. labels, change: (N,). A token counts once an example, and has to stand in
    ``least`` examples and be missing from as many. Its change is the mean over its examples, each less its class'
    mean. It is returned where that mean, times the root of the examples, is beyond what the most extreme of all tokens
    reaches in LEVEL of DEALS shuffles of the changes within the classes (a permutation test with the maximum as its
    statistic): of thousands of tokens some lie far out by number alone. Sorted from the largest rise to the largest
    fall.
    """
    from scipy import sparse

    rows = np.repeat(np.arange(len(inputs)), inputs.shape[1])
    present = sparse.csc_array((np.ones(rows.size), (rows, inputs.ravel())))
    present.data[:] = 1.0  # a token that stands twice in an example counts once
    count = np.diff(present.indptr)
    looked = np.flatnonzero((count >= least) & (count <= len(inputs) - least))
    looked = looked[looked > 0]
    if not looked.size:
        return [], 0
    beyond = change.astype(np.float64)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    for group in groups:
        beyond[group] -= beyond[group].mean()
    present = present[:, looked].T.tocsr()
    root = np.sqrt(count[looked])
    generator, largest = np.random.default_rng(0), np.empty(DEALS)
    for deal in range(DEALS):
        dealt = beyond.copy()
        for group in groups:
            dealt[group] = beyond[generator.permutation(group)]
        largest[deal] = np.max(np.abs(present @ dealt) / root)
    score = present @ beyond / root
    kept = np.flatnonzero(np.abs(score) > np.quantile(largest, LEVEL, method="higher"))
    found = [Word(int(looked[each]), int(count[looked[each]]), float(score[each] / root[each])) for each in kept]
    return sorted(found, key=lambda word: (-word.change, word.token)), int(looked.size)
