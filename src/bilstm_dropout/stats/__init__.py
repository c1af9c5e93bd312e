"""Measures of predictions, and what paired differences of them can decide."""

from .crossed import Crossed, crossed, crossed_of, heterogeneity, mean_of, mean_of_runs, means_of_runs, over_folds
from .intervals import ALPHA, Estimate, bootstrap_interval, estimate, mean_interval, summary
from .paired import LEAST_PAIRS, Difference, paired_difference, verdict
from .tests import clear, equivalence_p, holm
