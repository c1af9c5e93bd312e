"""Tests on paired differences: sign flips, Holm's correction, equivalence; and two sizes of an effect.

Differences are a - b, one a pair, shape (n,), finite. One that draws takes a generator (``numpy.random.Generator``).
"""

import math

import numpy as np
import scipy

from .intervals import ALPHA, LEVEL, RESAMPLES, all_equal

MOST_PAIRS_EXACT = 20  # 2**20 sign patterns


def sign_flip_p(differences, generator, resamples=RESAMPLES):
    """Two-sided p of the sign-flip (paired permutation) test that the mean difference is 0.

    Exact (all 2**n sign patterns) up to 20 pairs; beyond that ``resamples`` patterns drawn from ``generator``, where
    the observed one counts too, so p is never 0. Differences that are all 0 give 1.
    """
    differences = np.asarray(differences, dtype=np.float64)
    if not np.any(differences):
        return 1.0
    # Sums are rounded, so that sign patterns equal on paper are equal here: without this, rounding of the order of
    # summation can push the observed pattern outside its own null distribution.
    scaled = differences / np.max(np.abs(differences))
    observed = np.round(abs(np.sum(scaled)), 10)
    if scaled.size > MOST_PAIRS_EXACT:
        signs = generator.integers(0, 2, size=(resamples, scaled.size), dtype=np.int8) * 2.0 - 1
        return float((1 + np.sum(np.round(np.abs(signs @ scaled), 10) >= observed)) / (1 + resamples))
    sums = np.zeros(1)
    for each in scaled:
        sums = np.concatenate([sums + each, sums - each])
    return float(np.mean(np.round(np.abs(sums), 10) >= observed))


def holm(p):
    """p values (m,) of one family, adjusted by Holm's method: (m,), in the same order.

    Rejecting where the adjusted p is below α keeps the chance of any false rejection in the family below α. A NaN (a
    test that could not be made) stays in the family, as p = 1.
    """
    from statsmodels.stats.multitest import multipletests  # takes a second to import

    p = np.asarray(p, dtype=np.float64)
    return multipletests(np.where(np.isnan(p), 1.0, p), method="holm")[1] if p.size else p


def clear(found, column, alpha=ALPHA, apart_from="none"):
    """Which rows of a table are clearly not zero: what Benjamini and Hochberg's procedure keeps of the column's p.

    found: a pandas DataFrame, a row a comparison, with `loss_p` for a column loss. alpha: the share of the rows kept
    that may be false. apart_from: a label of the index whose row is no comparison; neither is one whose p is NaN.
    Gives a boolean Series, False for those.
    """
    p = found[f"{column}_p"]
    compared = p.notna() & (found.index != apart_from)
    kept = compared.copy()
    kept[compared] = scipy.stats.false_discovery_control(p[compared].to_numpy(dtype=np.float64)) <= alpha
    return kept


def equivalence_p(differences, margin):
    """p of two one-sided t tests (TOST) that the mean difference lies within ±margin.

    margin: above 0, in the differences' unit. A p below α says that the two are equivalent up to the margin. NaN with
    fewer than two pairs; without any spread 0 or 1, by where the mean lies.
    """
    differences = np.asarray(differences, dtype=np.float64)
    if not 0 < margin < math.inf:
        raise ValueError(f"the margin must be above 0, got {margin}")
    if differences.size < 2:
        return math.nan
    mean = abs(float(np.mean(differences)))
    if all_equal(differences):
        return 0.0 if mean < margin else 1.0
    error = float(np.std(differences, ddof=1)) * math.sqrt(1 / differences.size)
    return float(scipy.stats.t.sf((margin - mean) / error, differences.size - 1))


def probability_above(differences):
    """P(A > B) over pairs, as (share, low, high): the share of differences above 0, ties half, and its Wilson interval.

    For a loss, a share below 1/2 says that ``a`` is more often the better one. NaN without a pair.
    """
    from statsmodels.stats.proportion import proportion_confint  # takes a second to import

    differences = np.asarray(differences, dtype=np.float64)
    if not differences.size:
        return math.nan, math.nan, math.nan
    above = float(np.sum(differences > 0) + np.sum(differences == 0) / 2)
    low, high = proportion_confint(above, differences.size, alpha=1 - LEVEL, method="wilson")
    return above / differences.size, float(low), float(high)


def effect_size(differences):
    """Mean difference over the standard deviation of the differences (d_z), with Hedges' correction for few pairs.

    It counts in units of the spread over pairs, which pairing makes small: no measure of what matters. NaN with fewer
    than three pairs, for which the correction is not defined, or without any spread.
    """
    differences = np.asarray(differences, dtype=np.float64)
    if differences.size < 3 or all_equal(differences):
        return math.nan
    freedom = differences.size - 1
    log_ratio = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)
    correction = math.exp(log_ratio) / math.sqrt(freedom / 2)
    return float(np.mean(differences) / np.std(differences, ddof=1)) * correction


def pairing_correlation(a, b):
    """Pearson's correlation of two sides of pairs, each (n,): what pairing bought. NaN where one side has no spread.

    With equal spreads, the variance of a mean difference is 1 - correlation times that of unpaired runs.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"pairs need two arrays of one length, got the shapes {a.shape} and {b.shape}")
    if a.size < 2 or all_equal(a) or all_equal(b):
        return math.nan
    return float(scipy.stats.pearsonr(a, b).statistic)
