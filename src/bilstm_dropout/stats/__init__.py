"""Measures of predictions, and what paired differences of them can decide."""

from .crossed import Crossed, crossed, crossed_of, heterogeneity, mean_of, mean_of_runs, means_of_runs
from .intervals import Estimate, bootstrap_interval, estimate, mean_interval, summary
from .paired import ALPHA, LEAST_PAIRS, Difference, paired_difference, verdict
from .tests import equivalence_p, holm

__all__ = [
    "ALPHA",
    "LEAST_PAIRS",
    "Crossed",
    "Difference",
    "Estimate",
    "bootstrap_interval",
    "crossed",
    "crossed_of",
    "equivalence_p",
    "estimate",
    "heterogeneity",
    "holm",
    "mean_interval",
    "mean_of",
    "mean_of_runs",
    "means_of_runs",
    "paired_difference",
    "summary",
    "verdict",
]
