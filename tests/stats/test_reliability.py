"""Calibration and the Brier score's parts: known cases, loops by hand, and networks that are planted to be too sure."""

import numpy as np
import pytest

from bilstm_dropout.stats import metrics, reliability
from bilstm_dropout.stats.calibration import scaled


def drawn(n=4000, classes=3, seed=0, sharpness=1.0):
    """Probabilities (n, classes), and labels that are drawn from them: a network that is right about itself."""
    generator = np.random.default_rng(seed)
    logits = 1.5 * generator.normal(size=(n, classes))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)
    return scaled(p, 1 / sharpness), y


def by_loop(p, y, bins):
    c, r = p.max(axis=1), p.argmax(axis=1) == y
    total = 0.0
    for part in np.array_split(np.argsort(c, kind="stable"), bins):
        mean = r[part].mean()
        total += len(part) / len(c) * ((c[part].mean() - mean) ** 2 - mean * (1 - mean) / (len(part) - 1))
    return total


def brier_by_loop(p, y, bins):
    parts = [0.0, 0.0]
    for label in range(p.shape[1]):
        o = (y == label).astype(float)
        u = o.mean() * (1 - o.mean())
        groups = np.array_split(np.argsort(p[:, label], kind="stable"), bins)
        v = sum(len(g) / len(o) * o[g].mean() * (1 - o[g].mean()) / (len(g) - 1) for g in groups)
        parts[0] += sum(len(g) / len(o) * (p[g, label].mean() - o[g].mean()) ** 2 for g in groups) - v
        parts[1] += sum(len(g) / len(o) * (o[g].mean() - o.mean()) ** 2 for g in groups) - v + u / (len(o) - 1)
    return parts


@pytest.mark.parametrize("bins", [1, 7, 15])
def test_they_are_what_a_loop_gives_and_keep_leading_axes(bins):
    p, y = drawn(n=331)
    other = scaled(p, 3.0)
    both = np.stack([p, other])
    for function, loop in (
        (reliability.calibration_error_squared, by_loop),
        (reliability.brier_reliability, lambda *given: brier_by_loop(*given)[0]),
        (reliability.brier_resolution, lambda *given: brier_by_loop(*given)[1]),
    ):
        expected = [loop(each, y, bins) for each in (p, other)]
        assert function(both, y, bins) == pytest.approx(expected, abs=1e-12)
        assert function(p, y, bins) == pytest.approx(expected[0], abs=1e-12) and np.ndim(function(p, y, bins)) == 0


def test_a_network_that_is_right_about_itself_has_no_error_on_average_and_one_that_is_too_sure_has():
    right, sure = [], []
    for seed in range(60):
        p, y = drawn(n=600, seed=seed)
        right.append(reliability.calibration_error_squared(p, y))
        sure.append(reliability.calibration_error_squared(scaled(p, 0.3), y))
        assert metrics.calibration_gap(scaled(p, 0.3), y) > 0.05 > abs(metrics.calibration_gap(p, y))
    error = np.std(right, ddof=1) / np.sqrt(len(right))
    assert abs(np.mean(right)) < 3 * error and min(right) < 0 < max(right)
    assert reliability.root(np.mean(sure)) > 0.1 > abs(reliability.root(np.mean(right)))
    # Without the correction chance alone makes an error of about 1 / root of the examples in a bin.
    assert np.mean([reliability.expected_calibration_error(*drawn(n=600, seed=seed)) for seed in range(9)]) > 0.02


def test_random_probabilities_resolve_nothing():
    generator = np.random.default_rng(5)
    found = []
    for _ in range(60):
        p = generator.dirichlet([1, 1], size=500)
        found.append(reliability.brier_resolution(p, generator.integers(0, 2, 500)))
    assert abs(np.mean(found)) < 3 * np.std(found, ddof=1) / np.sqrt(len(found))
    p, y = drawn()
    assert reliability.brier_resolution(p, y) > 0.1


def test_guo_s_error_is_the_mean_gap_over_bins_of_equal_width():
    p, y = drawn(n=500)
    c, r = p.max(axis=1), p.argmax(axis=1) == y
    part = np.minimum((15 * c).astype(int), 14)
    expected = sum((part == k).mean() * abs(c[part == k].mean() - r[part == k].mean()) for k in set(part))
    assert reliability.expected_calibration_error(np.stack([p, p]), y) == pytest.approx([expected] * 2)
    sure = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])  # a confidence of 1 belongs to the last bin
    assert reliability.expected_calibration_error(sure, [0, 0, 0]) == pytest.approx((0.5 * 2 + 0.5) / 3)


def test_sure_and_wrong_counts_all_examples():
    p = np.array([[0.95, 0.05], [0.95, 0.05], [0.9, 0.1], [0.05, 0.95]])
    assert reliability.sure_and_wrong(p, [1, 0, 1, 1]) == 0.25
    assert reliability.sure_and_wrong(p, [1, 0, 1, 1], above=0.8) == 0.5


def test_a_diagram_rises_along_the_diagonal_where_a_network_is_right_about_itself():
    p, y = drawn(n=30_000)
    sure, right = reliability.reliability_diagram(p, y, bins=10)
    assert sure.shape == (10,) and (np.diff(sure) > 0).all() and np.abs(sure - right).max() < 0.04
    assert sure.mean() == pytest.approx(p.max(axis=1).mean())


def test_a_root_keeps_its_sign_and_too_few_examples_are_refused():
    assert reliability.root([0.04, -0.09, 0.0]) == pytest.approx([0.2, -0.3, 0.0])
    with pytest.raises(ValueError, match="15 bins need 30 examples"):
        reliability.calibration_error_squared(*(each[:29] for each in drawn(n=40)))
