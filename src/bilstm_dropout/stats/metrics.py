"""Prediction measures: pure functions on arrays of probabilities.

Axes, the same everywhere: ``p`` and ``q`` are probabilities of shape (..., N, C): N examples, C classes, and
any number of leading axes (seeds, rates, checkpoints) that every function keeps. ``y`` holds the labels as
whole numbers from 0 to C - 1, shape (N,). Where nothing else is said a function returns an array of the
leading shape, so a single (N, C) array gives a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

# A probability of exactly 0 given to the true class would make the mean NLL infinite and hide every other
# example. Probabilities below this are raised to it, so that one example adds at most -ln(1e-7) = 16.1 nats
# before averaging.
EPSILON = 1e-7


def _checked(p, y=None):
    """Return ``p`` as float64 (..., N, C) and ``y`` as integers (N,), or raise ValueError where they do not
    fit.
    """
    p = np.asarray(p, dtype=np.float64)
    if p.ndim < 2 or p.shape[-2] == 0:
        raise ValueError(f"probabilities need the shape (..., N, C) with N > 0, got {p.shape}")
    if y is None:
        return p, None
    y = np.asarray(y)
    if y.shape != (p.shape[-2],):
        raise ValueError(f"labels need the shape ({p.shape[-2]},), got {y.shape}")
    if y.min() < 0 or y.max() >= p.shape[-1]:
        raise ValueError(f"labels must lie between 0 and {p.shape[-1] - 1}, got {y.min()} to {y.max()}")
    return p, y.astype(np.int64)


def predicted(p):
    """The most probable class of each example (the first one on a tie): (..., N, C) to integers (..., N)."""
    return np.argmax(_checked(p)[0], axis=-1)


def accuracy(p, y):
    """Share of examples whose most probable class is the label; 1 is best."""
    p, y = _checked(p, y)
    return np.mean(np.argmax(p, axis=-1) == y, axis=-1)


def true_class_probability(p, y):
    """The probability each example gives to its own label: (..., N, C) to (..., N)."""
    p, y = _checked(p, y)
    return p[..., np.arange(y.size), y]


def nll(p, y):
    """Mean negative log-likelihood of the labels in nats; 0 is best. Probabilities are clipped below at
    EPSILON.
    """
    return -np.mean(np.log(np.clip(true_class_probability(p, y), EPSILON, 1.0)), axis=-1)


def brier(p, y):
    """Brier score: the squared distance between probabilities and the one-hot label, summed over the classes
    and averaged over the examples. 0 is best and 2 is worst (Brier 1950, the form with all classes in the
    sum)."""
    p, y = _checked(p, y)
    one_hot = np.eye(p.shape[-1])[y]
    return np.mean(np.sum((p - one_hot) ** 2, axis=-1), axis=-1)


def macro_f1(p, y):
    """F1 averaged over all C classes with equal weight; a class that is neither present nor predicted counts 0."""
    # Written out: importing scikit-learn takes every process that measures something longer than this ever does.
    p, y = _checked(p, y)
    predicted, classes = np.argmax(p, axis=-1)[..., None], np.arange(p.shape[-1])
    hits = np.sum((predicted == classes) & (y[:, None] == classes), axis=-2)
    named = np.sum(predicted == classes, axis=-2) + np.sum(y[:, None] == classes, axis=-2)
    return np.mean(np.where(named > 0, 2 * hits / np.maximum(named, 1), 0.0), axis=-1)[()]


def churn(p, q):
    """Share of examples whose predicted class differs between ``p`` and ``q``; leading axes broadcast.

    0 says that two models predict the same class everywhere, also where both are wrong.
    """
    return np.mean(predicted(p) != predicted(q), axis=-1)


def pairwise_churn(p):
    """Churn between every two of S models: (S, N, C) to (S (S - 1) / 2,), in the order (0,1), (0,2), ...,
    (1,2), ...
    """
    classes = predicted(p)
    if classes.ndim != 2:
        raise ValueError(f"pairwise churn needs the shape (S, N, C), got {np.shape(p)}")
    first, second = np.triu_indices(classes.shape[0], k=1)
    return np.mean(classes[first] != classes[second], axis=-1)


def confidence(p):
    """The probability of the predicted class: (..., N, C) to (..., N)."""
    return np.max(_checked(p)[0], axis=-1)


def calibration_gap(p, y):
    """Mean confidence minus accuracy, with its sign: above 0 is over-confident, below 0 under-confident."""
    return np.mean(confidence(p), axis=-1) - accuracy(p, y)


@dataclass(frozen=True)
class Measure:
    """What a run is measured by.

    function: from probabilities (N, C) and labels (N,) to a number. words: its name in a sentence. better: 'lower',
    'higher', or 'zero' for one with a sign. unit: how a difference is written, '' for a plain number. scale: from the
    number to that unit. later: whether it came after files were published, which then lack its columns. short: its name
    on axes and in tables, where that is another.
    """

    function: Callable[[np.ndarray, np.ndarray], float]
    words: str
    better: Literal["lower", "higher", "zero"]
    unit: str = ""
    scale: float = 1.0
    later: bool = False
    short: str = ""

    @property
    def label(self) -> str:
        """Its name on axes and in tables."""
        return self.short or self.words


# The one list of them: records, published rows, tables, figures, commands and notebooks take theirs from here. Of an
# older record, a measure that its stored probabilities can give is computed when it is read (results.rows.measured).
MEASURES: dict[str, Measure] = {
    "accuracy": Measure(accuracy, "accuracy", "higher", "points", 100.0),
    "nll": Measure(nll, "negative log-likelihood", "lower", "nats", short="NLL"),
    "brier": Measure(brier, "Brier score", "lower"),
    "macro_f1": Measure(macro_f1, "macro F1", "higher", "points", 100.0),
}


def measures(p, y) -> dict[str, float]:
    """Every measure of MEASURES of probabilities (N, C) against labels (N,), by name."""
    return {name: float(measure.function(p, y)) for name, measure in MEASURES.items()}
