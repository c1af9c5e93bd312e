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


def same_seed_churn(p, q) -> np.ndarray:
    """Share of the S seeds with which ``p`` and ``q`` predict different classes, from 0 to 1: (N,)."""
    _both(p, q)
    return np.mean(metrics.predicted(p) != metrics.predicted(q), axis=0)


def other_seed_churn(p, q) -> np.ndarray:
    """Share of the S (S - 1) ordered pairs of different seeds, one of ``p`` and one of ``q``, that differ: (N,)."""
    first, second = _both(p, q)
    seeds = first[0].sum()
    alike = np.sum(first * second, axis=1) - seeds * (1 - same_seed_churn(p, q))  # pairs of one seed are taken out
    return 1 - alike / (seeds * (seeds - 1))


def energy_distance(p, q) -> np.ndarray:
    """What of the changes between ``p`` and ``q`` is no seed's: `other_seed_churn` less half of both own churns: (N,).

    Its expectation is half the squared distance between the two distributions of the predicted class of an example, so
    0 only where they are one; a value can be below 0 (Székely and Rizzo 2013, with the distance 1 of two classes).
    """
    return other_seed_churn(p, q) - (own_churn(p) + own_churn(q)) / 2


def beside(p, q) -> dict[str, np.ndarray]:
    """All of these in one pass, each (N,): 'own', 'own_less' (less that of ``q``), 'same', 'other' and 'energy'."""
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


def _both(p, q) -> tuple[np.ndarray, np.ndarray]:
    if np.shape(p) != np.shape(q):
        raise ValueError(f"both need the same seeds, examples and classes, got {np.shape(p)} and {np.shape(q)}")
    return _counts(p), _counts(q)
