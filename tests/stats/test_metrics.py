"""Prediction measures against values worked out by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from bilstm_dropout.stats import metrics

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.5, 0.4, 0.1], [0.2, 0.3, 0.5]])
Y = np.array([0, 1, 1, 2])


def random_probabilities(*shape, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def test_known_values():
    assert metrics.accuracy(P, Y) == 0.75
    assert metrics.nll(P, Y) == pytest.approx(-np.mean(np.log([0.7, 0.6, 0.4, 0.5])))
    squares = [0.09 + 0.04 + 0.01, 0.01 + 0.16 + 0.09, 0.25 + 0.36 + 0.01, 0.04 + 0.09 + 0.25]
    assert metrics.brier(P, Y) == pytest.approx(np.mean(squares))
    # predictions 0, 1, 0, 2: F1 is 2/3 for classes 0 and 1, and 1 for class 2
    assert metrics.macro_f1(P, Y) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert metrics.calibration_gap(P, Y) == pytest.approx(np.mean([0.7, 0.6, 0.5, 0.5]) - 0.75)


def test_agree_with_scikit_learn():
    p, y = random_probabilities(50, 4), np.arange(50) % 4
    assert metrics.nll(p, y) == pytest.approx(log_loss(y, p))
    assert metrics.brier(p, y) == pytest.approx(brier_score_loss(y, p, scale_by_half=False))


@pytest.mark.parametrize(
    "measure", [metrics.accuracy, metrics.nll, metrics.brier, metrics.macro_f1, metrics.calibration_gap]
)
def test_leading_axes_are_kept(measure):
    p, y = random_probabilities(2, 3, 20, 4), np.arange(20) % 4
    values = measure(p, y)
    assert values.shape == (2, 3)
    assert values[1, 2] == pytest.approx(measure(p[1, 2], y))
    assert np.ndim(measure(p[0, 0], y)) == 0


def test_a_certain_mistake_costs_the_clipped_amount():
    assert metrics.nll([[1.0, 0.0]], [1]) == pytest.approx(-np.log(metrics.EPSILON))
    assert metrics.nll([[1.0, 0.0]], [0]) == 0


def test_a_class_never_seen_nor_predicted_counts_zero_and_warns_of_nothing(recwarn):
    assert metrics.macro_f1([[0.9, 0.1, 0.0]], [0]) == pytest.approx(1 / 3)
    assert not recwarn.list


def test_churn_counts_changed_predictions_only():
    q = P.copy()
    q[0] = [0.1, 0.8, 0.1]
    q[1] = [0.1, 0.5, 0.4]  # less sure, but the same class
    assert metrics.churn(P, q) == 0.25
    assert metrics.churn(np.stack([P, q]), P).tolist() == [0.0, 0.25]


def test_pairwise_churn_names_every_pair_once():
    p = np.stack([P, P, P[:, ::-1]])
    assert metrics.pairwise_churn(p)[0] == 0
    assert metrics.pairwise_churn(p).tolist() == [0, metrics.churn(P, p[2]), metrics.churn(P, p[2])]
    assert metrics.pairwise_churn(p[:1]).size == 0


def test_measures_are_plain_floats():
    measures = metrics.measures(P, Y)
    assert list(measures) == ["accuracy", "nll", "brier", "macro_f1"]
    assert all(type(value) is float for value in measures.values())


@pytest.mark.parametrize("y", [[0, 1, 1], [0, 1, 1, 3], [0, 1, 1, -1]])
def test_labels_that_do_not_fit_are_refused(y):
    with pytest.raises(ValueError, match="labels"):
        metrics.accuracy(P, y)
