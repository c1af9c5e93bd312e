"""Temperatures that are known, the split of a difference, and a calibration error without the bias of bins."""

import numpy as np
import pytest
from scipy import special

from bilstm_dropout.stats import metrics
from bilstm_dropout.stats.calibration import fit_temperature, scaled, split_nll


def sample(rows, classes=3, seed=0):
    """Logits, and labels drawn from their softmax: calibrated at temperature 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, size=(rows, classes))
    labels = np.array([rng.choice(classes, p=row) for row in special.softmax(logits, axis=1)])
    return logits, labels


@pytest.mark.parametrize("hotter", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found(hotter):
    logits, labels = sample(4_000)
    p = special.softmax(logits * hotter, axis=1)
    assert fit_temperature(p, labels) == pytest.approx(hotter, rel=0.06)


def test_the_fit_is_the_best_of_a_fine_grid():
    logits, labels = sample(200, seed=4)
    p = special.softmax(logits * 2, axis=1)
    grid = np.geomspace(0.05, 20, 4_001)
    losses = [metrics.nll(scaled(p, each), labels) for each in grid]
    assert fit_temperature(p, labels) == pytest.approx(grid[int(np.argmin(losses))], rel=2e-3)


def test_scaling_by_1_changes_nothing_and_keeps_leading_axes():
    p = special.softmax(np.random.default_rng(1).normal(size=(2, 5, 4)), axis=-1)
    assert scaled(p, 1.0) == pytest.approx(p)
    assert (np.argmax(scaled(p, 3.0), -1) == np.argmax(p, -1)).all()
    assert fit_temperature(np.full((6, 2), 0.5), np.array([0, 1, 1, 1, 1, 1])) == 1.0


def test_certain_and_right_or_wrong_stays_finite():
    p, y = np.eye(2)[[0, 1, 0, 1]], np.array([0, 1, 0, 1])
    assert np.isfinite(metrics.nll(scaled(p, fit_temperature(p, y)), y))
    wrong = split_nll(p, 1 - y, p, 1 - y)
    assert wrong.temperature > 15 and wrong.refinement < wrong.raw


def test_a_difference_is_refinement_plus_calibration():
    """b is a made over-confident: all of the difference is calibration."""
    logits, labels = sample(3_000)
    halves = slice(0, 1_500), slice(1_500, None)

    def split(logits):
        p = special.softmax(logits, axis=1)
        return split_nll(p[halves[0]], labels[halves[0]], p[halves[1]], labels[halves[1]])

    a, b = split(logits), split(3 * logits)
    assert b.raw - a.raw > 0.1 and abs(b.refinement - a.refinement) < 1e-4
    worse = split(logits + np.random.default_rng(2).normal(0, 2, size=logits.shape))
    assert worse.refinement - a.refinement > 0.1  # noise is no matter of temperature
