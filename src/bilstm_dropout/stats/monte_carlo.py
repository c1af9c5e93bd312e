"""Monte Carlo dropout: predictions averaged over passes with masks, and how well their doubt points at errors.

Gal and Ghahramani (2016) read passes with masks as draws of a network. The entropy of their mean is all doubt about an
answer; the mutual information of answer and draw is the part of it in which draws disagree, the rest is what each draw
says by itself (Houlsby and others 2011; Gal 2016, Uncertainty in Deep Learning). Axes as in metrics: p (..., N, C),
y (N,); every function keeps the leading axes. Entropy and information are in nats, from 0 to ln C.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy
from numpy.typing import ArrayLike

from . import metrics, selection

DECILES = 10


def averaged(draws: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The mean (N, C) of probabilities over passes, and the mutual information (N, 1), never below 0; both float32.

    draws: at least one, each (N, C), used up one by one, so memory does not grow with their number. ValueError for
    none.
    """
    count, total, entropies = 0, 0.0, 0.0
    for draw in draws:
        p = np.asarray(draw, dtype=np.float64)
        count, total, entropies = count + 1, total + p, entropies + entropy(p)
    if not count:
        raise ValueError("there is no mean of no passes")
    mean = total / count
    information = np.maximum(entropy(mean) - entropies / count, 0)
    return mean.astype(np.float32), information[:, None].astype(np.float32)


def entropy(p: ArrayLike) -> np.ndarray:
    """The entropy of each example's probabilities: (..., N)."""
    return scipy.special.entr(np.asarray(p, dtype=np.float64)).sum(axis=-1)


def points_at_errors(doubt: ArrayLike, p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """How often a wrong answer of p has more doubt (..., N) than a right one, ties half: the AUROC of doubt for errors.

    NaN where all answers are right, or all wrong.
    """
    return selection.ranked(-np.asarray(doubt), metrics.predicted(p) == np.asarray(y))


def aurc(doubt: ArrayLike, p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """The area under the risk-coverage curve where the answers of p with the least doubt (..., N) are given first."""
    return selection.risks(-np.asarray(doubt), metrics.predicted(p) == np.asarray(y)).mean(axis=-1)


def monotone(doubt: ArrayLike, p: ArrayLike, y: ArrayLike, bins: int = DECILES) -> np.ndarray:
    """Spearman's correlation between the decile of doubt (..., N) and the accuracy of p in it: -1 where accuracy falls
    from each to the next.

    Deciles have equally many examples, or one more, in stable order. NaN where doubt is the same for all examples, or
    accuracy in all deciles. ValueError for fewer examples than bins.
    """
    doubt, right = np.asarray(doubt), metrics.predicted(p) == np.asarray(y)
    if doubt.shape[-1] < bins:
        raise ValueError(f"{bins} bins need as many examples, got {doubt.shape[-1]}")
    ordered = np.take_along_axis(right, np.argsort(doubt, axis=-1, kind="stable"), axis=-1)
    by_bin = np.stack([part.mean(axis=-1) for part in np.array_split(ordered, bins, axis=-1)], axis=-1)
    told = (np.ptp(by_bin, axis=-1) > 0) & (np.ptp(doubt, axis=-1) > 0)
    found = [
        scipy.stats.spearmanr(range(bins), each).statistic if there else np.nan
        for each, there in zip(by_bin.reshape(-1, bins), np.ravel(told), strict=True)
    ]
    return np.reshape(found, by_bin.shape[:-1])[()]


def measured(plain: ArrayLike, mean: ArrayLike, information: ArrayLike, y: ArrayLike) -> dict[str, np.ndarray]:
    """What passes tell beside the pass without masks, by name, each of the leading shape.

    plain, mean: (..., N, C), without masks and averaged over passes. information: (..., N). `nll` and `nll_mean`, nats,
    `gain`, the first less the second; `points` of accuracy more for the mean; `entropy` of the mean, and `information`,
    means over examples; and of each doubt, `plain` (entropy without masks), `entropy` and `information`: `auroc_…` for
    errors, `aurc_…`, as shares, and `monotone_…`. Errors are those of the answers that the doubt is about.
    """
    total = entropy(mean)
    found = {
        "nll": metrics.nll(plain, y),
        "nll_mean": metrics.nll(mean, y),
        "points": 100 * (metrics.accuracy(mean, y) - metrics.accuracy(plain, y)),
        "entropy": total.mean(axis=-1),
        "information": np.asarray(information).mean(axis=-1),
    }
    found["gain"] = found["nll"] - found["nll_mean"]
    doubts = {"plain": (entropy(plain), plain), "entropy": (total, mean), "information": (information, mean)}
    for name, (doubt, p) in doubts.items():
        found |= {
            f"auroc_{name}": points_at_errors(doubt, p, y),
            f"aurc_{name}": aurc(doubt, p, y),
            f"monotone_{name}": monotone(doubt, p, y),
        }
    return found
