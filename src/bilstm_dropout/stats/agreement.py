"""How many answers change between runs, and how many of the changes are a placement's and not a seed's.

Axes: ``p`` and ``q`` are probabilities (S, N, C) of S seeds, N examples and C classes; the same place on the first axis
is the same seed, which means the same initial weights and order of texts. Every function but `coincidence` gives a
value for each example (N,), whose mean over the examples is the share (Milani Fard et al. 2016; Bhojanapalli et al.
2021). ValueError for fewer than two seeds, and for shapes that do not fit.
"""

from __future__ import annotations

import numpy as np

from . import metrics


def own_churn(p) -> np.ndarray:
    """Share of the S (S - 1) / 2 pairs of seeds that predict different classes, from 0 to 1: (N,)."""
    counts = _counts(p)
    seeds = counts[0].sum()
    return 1 - np.sum(counts * (counts - 1), axis=1) / (seeds * (seeds - 1))


def beside(p, q) -> dict[str, np.ndarray]:
    """What changes between runs of ``p`` and of ``q``, in one pass: shares from 0 to 1, each (N,).

    own: `own_churn` of ``p``. own_less: that, less the one of ``q``. same: of the S seeds, those with which ``p`` and
    ``q`` predict different classes. other: the same of the S (S - 1) ordered pairs of different seeds. energy: what of
    the changes is no seed's, other less half of both own churns. Its expectation is half the squared distance between
    the two distributions of the predicted class of an example, so 0 only where they are one; a value can be below 0
    (Székely and Rizzo 2013, with the distance 1 of two classes).
    """
    if np.shape(p) != np.shape(q):
        raise ValueError(f"both need the same seeds, examples and classes, got {np.shape(p)} and {np.shape(q)}")
    answers = metrics.predicted(p), metrics.predicted(q)  # once: a page asks for some thousand of these
    first, second = (_counts(p, each) for each in answers)
    seeds = len(p)
    pairs = seeds * (seeds - 1)
    own, base = (1 - np.sum(counts * (counts - 1), axis=1) / pairs for counts in (first, second))
    same = np.mean(answers[0] != answers[1], axis=0)
    other = 1 - (np.sum(first * second, axis=1) - seeds * (1 - same)) / pairs
    return {"own": own, "own_less": own - base, "same": same, "other": other, "energy": other - (own + base) / 2}


def coincidence(p, y) -> float:
    """Own churn over the errors of two seeds: 1 where errors never fall on one example, 0 where they are the same.

    y: labels (N,). With three classes or more two seeds can err on an example in two ways, which counts as a change.
    NaN where no seed errs.
    """
    errors = 2 * (1 - float(np.mean(metrics.accuracy(p, y))))
    return float(own_churn(p).mean()) / errors if errors > 0 else float("nan")


def seed_variance(p) -> np.ndarray:
    """Variance of the probabilities over seeds (ddof 1), summed over classes: (N,)."""
    if np.ndim(p) != 3 or len(p) < 2:
        raise ValueError(f"seeds need the shape (S, N, C) with two seeds or more, got {np.shape(p)}")
    return np.var(np.asarray(p, dtype=np.float64), axis=0, ddof=1).sum(axis=-1)


def _counts(p, answers=None) -> np.ndarray:
    """How many seeds predict each class: (N, C). answers: the predicted classes, where they are known."""
    if np.ndim(p) != 3 or len(p) < 2:
        raise ValueError(f"seeds need the shape (S, N, C) with two seeds or more, got {np.shape(p)}")
    answers = metrics.predicted(p) if answers is None else answers
    return np.stack([np.sum(answers == each, axis=0) for each in range(np.shape(p)[-1])], axis=-1)
