"""Power before the runs: how many pairs a difference or an equivalence needs, given the spread over pairs.

spread: the standard deviation of paired differences, in their unit, above 0. Differences are taken as normal. A power
from an estimated spread is an estimate too, so it belongs beside the spread's degrees of freedom.
"""

import math

import numpy as np
import scipy

from .intervals import ALPHA

POWER = 0.8
SIMULATIONS = 4_000


def _checked(**values):
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be above 0, got {value}")


def pooled_spread(groups):
    """(spread, degrees of freedom) from groups of differences, each (n,), whose means may differ.

    The mean of the groups' variances, weighted by their degrees of freedom n - 1. (NaN, 0) where no group has two.
    """
    groups = [np.asarray(group, dtype=np.float64) for group in groups]
    freedom = sum(max(group.size - 1, 0) for group in groups)
    squares = sum(float(np.sum((group - np.mean(group)) ** 2)) for group in groups if group.size > 1)
    return (math.sqrt(squares / freedom), freedom) if freedom else (math.nan, 0)


def difference_found(n, spread, power=POWER, alpha=ALPHA):
    """The true mean difference that a two-sided paired t test with n pairs (2 or more) finds with this power."""
    from statsmodels.stats.power import TTestPower  # takes half a second to import

    _checked(spread=spread)
    return float(TTestPower().solve_power(effect_size=None, nobs=n, alpha=alpha, power=power)) * spread


def sign_flip_power(n, difference, spread, generator, alpha=ALPHA, simulations=SIMULATIONS, resamples=4_999):
    """Power of the two-sided sign-flip test with n pairs, by simulation: (power, its standard error).

    The same sign patterns, drawn from ``generator``, serve every simulated study; the observed one counts too, so
    with few pairs p can be no smaller than 2 / 2**n, as in the test.
    """
    _checked(spread=spread, n=n)
    exact = 2**n <= resamples
    if exact:
        signs = 1 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        signs = 2.0 * generator.integers(0, 2, size=(resamples, n)) - 1
    patterns, rejected = len(signs) + (not exact), 0
    drawn = generator.normal(difference, spread, size=(simulations, n))
    for block in np.array_split(drawn, max(1, simulations // 200)):  # in blocks, for memory
        reached = np.abs(block @ signs.T) >= np.abs(block.sum(axis=1, keepdims=True)) * (1 - 1e-9)
        rejected += int(np.sum(reached.sum(axis=1) + (not exact) < alpha * patterns))
    return _share(rejected, simulations)


def equivalence_power(n, margin, spread, generator, difference=0.0, alpha=ALPHA, simulations=SIMULATIONS):
    """Power of the two one-sided tests with n pairs (2 or more) to show equivalence up to ±margin, by simulation.

    difference: the true mean difference. Gives (power, its standard error).
    """
    _checked(margin=margin, spread=spread)
    drawn = generator.normal(difference, spread, size=(simulations, n))
    error = np.std(drawn, axis=1, ddof=1) / math.sqrt(n)
    inside = np.abs(drawn.mean(axis=1)) + scipy.stats.t.ppf(1 - alpha, n - 1) * error < margin
    return _share(int(inside.sum()), simulations)


def _share(count, total):
    share = count / total
    return share, math.sqrt(share * (1 - share) / total)
