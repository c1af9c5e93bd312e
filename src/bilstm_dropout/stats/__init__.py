"""Measures of predictions, and what paired differences of them can decide."""

from .intervals import bootstrap_interval, mean_interval
from .paired import ALPHA, LEAST_PAIRS, Difference, paired_difference, verdict
from .tests import equivalence_p, holm

__all__ = [
    "ALPHA",
    "LEAST_PAIRS",
    "Difference",
    "bootstrap_interval",
    "equivalence_p",
    "holm",
    "mean_interval",
    "paired_difference",
    "verdict",
]
