"""Measures of predictions, and what paired differences of them can decide."""

from .intervals import Estimate, bootstrap_interval, estimate, mean_interval, summary
from .paired import ALPHA, LEAST_PAIRS, Difference, paired_difference, verdict
from .tests import equivalence_p, holm

__all__ = [
    "ALPHA",
    "LEAST_PAIRS",
    "Difference",
    "Estimate",
    "bootstrap_interval",
    "equivalence_p",
    "estimate",
    "holm",
    "mean_interval",
    "paired_difference",
    "summary",
    "verdict",
]
