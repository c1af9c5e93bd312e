"""Passes with masks: the average by hand, and each doubt against a loop or scikit-learn."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from bilstm_dropout.stats import metrics, selection
from bilstm_dropout.stats.monte_carlo import aurc, averaged, entropy, measured, monotone, points_at_errors


def probabilities(*shape, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), shape[:-1])


def test_the_average_of_passes_by_hand():
    draws = np.array([[[0.9, 0.1]], [[0.1, 0.9]]], np.float32)
    mean, information = averaged(iter(draws))
    assert mean == pytest.approx(np.array([[0.5, 0.5]]))
    entropy = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert information == pytest.approx(np.array([[np.log(2) - entropy]]), abs=1e-6)
    mean, information = averaged(iter(np.array([[[1.0, 0.0]], [[0.0, 1.0]]])))
    assert information == pytest.approx(np.array([[np.log(2)]]))  # the most there can be
    assert averaged([draws[0]] * 7)[1] == 0


def test_no_passes_have_no_mean():
    with pytest.raises(ValueError, match="no passes"):
        averaged([])


def test_the_average_is_that_of_all_passes_at_once():
    draws = probabilities(20, 7, 3)
    mean, information = averaged(iter(draws))
    assert mean == pytest.approx(draws.mean(axis=0), abs=1e-6)
    of_all = draws[:, 4].mean(axis=0)
    apart = [np.sum(p * np.log(p / of_all)) for p in draws[:, 4]]
    assert information[4, 0] == pytest.approx(np.mean(apart), abs=1e-6)  # the mean divergence from the mean


def test_doubt_points_at_errors_as_scikit_learn_has_it():
    p, y = probabilities(2, 60, 3), np.random.default_rng(1).integers(0, 3, 60)
    doubt = np.round(entropy(p), 1)  # with ties
    found = points_at_errors(doubt, p, y)
    assert found == pytest.approx([roc_auc_score(p[s].argmax(1) != y, doubt[s]) for s in (0, 1)])


def test_the_risk_curve_by_loop():
    p, y = probabilities(40, 4), np.random.default_rng(1).integers(0, 4, 40)
    doubt = entropy(p)
    ranked = sorted(range(40), key=lambda row: doubt[row])
    wrong = [p[row].argmax() != y[row] for row in ranked]
    assert aurc(doubt, p, y) == pytest.approx(np.mean([np.mean(wrong[:k]) for k in range(1, 41)]))
    assert aurc(-metrics.confidence(p), p, y) == pytest.approx(selection.aurc(p, y))


def test_accuracy_by_decile_of_doubt():
    p, y = probabilities(3, 57, 3), np.random.default_rng(1).integers(0, 3, 57)
    doubt = entropy(p)
    for s in range(3):
        order = np.argsort(doubt[s], kind="stable")
        shares = [np.mean(p[s, rows].argmax(1) == y[rows]) for rows in np.array_split(order, 10)]
        assert monotone(doubt, p, y)[s] == pytest.approx(spearmanr(range(10), shares).statistic)
    # An accuracy that falls from decile to decile: of ten examples each, 10, 9, … are right.
    right = np.concatenate([np.arange(10) < 10 - tenth for tenth in range(10)])
    sure = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    assert monotone(np.arange(100), sure, np.zeros(100, int)) == pytest.approx(-1)
    assert monotone(-np.arange(100), sure, np.zeros(100, int)) == pytest.approx(1)
    assert np.isnan(monotone(np.arange(100), np.tile([0.9, 0.1], (100, 1)), np.zeros(100, int)))
    assert np.isnan(monotone(np.zeros(100), sure, np.zeros(100, int)))  # no doubt is told from another
    with pytest.raises(ValueError, match="10 bins"):
        monotone(np.arange(9), sure[:9], np.zeros(9, int))


def test_what_passes_tell_beside_one_without_masks():
    draws, y = probabilities(5, 30, 3), np.random.default_rng(1).integers(0, 3, 30)
    plain = probabilities(30, 3, seed=2)
    mean, information = averaged(draws)
    found = measured(plain, mean, information[:, 0], y)
    assert found["gain"] == pytest.approx(found["nll"] - found["nll_mean"]) and found["gain"] != 0
    assert found["nll_mean"] == pytest.approx(metrics.nll(mean, y)) and found["nll"] == metrics.nll(plain, y)
    assert found["points"] == pytest.approx(100 * (np.mean(mean.argmax(1) == y) - np.mean(plain.argmax(1) == y)))
    assert found["auroc_plain"] == points_at_errors(entropy(plain), plain, y)
    assert found["auroc_entropy"] == points_at_errors(entropy(mean), mean, y)
    assert found["aurc_information"] == aurc(information[:, 0], mean, y)
    assert found["monotone_information"] == monotone(information[:, 0], mean, y)
    assert 0 < found["information"] < found["entropy"] < np.log(3)
    both = measured(np.stack([plain, plain]), np.stack([mean, mean]), np.stack([information[:, 0]] * 2), y)
    assert all(both[name] == pytest.approx([value, value]) for name, value in found.items())
