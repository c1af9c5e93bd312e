"""Ranking by confidence: scikit-learn's AUROC, curves by hand, and the ends of what can be."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bilstm_dropout.stats import selection


def made(seed=0, n=211, classes=4):
    generator = np.random.default_rng(seed)
    p = generator.dirichlet(np.ones(classes), size=n).round(1)  # with ties
    p[:, 0] += 1 - p.sum(axis=1)
    return np.clip(p, 0, None), generator.integers(0, classes, n)


def test_auroc_is_scikit_learn_s_with_ties_and_keeps_leading_axes():
    p, y = made()
    expected = roc_auc_score(p.argmax(axis=1) == y, p.max(axis=1))
    assert selection.auroc(p, y) == pytest.approx(expected)
    assert selection.auroc(np.stack([p, p]), y) == pytest.approx([expected] * 2)
    sure = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]])
    assert selection.auroc(sure, [0, 1, 0]) == 1.0 and selection.auroc(sure, [1, 0, 1]) == 0.0
    assert np.isnan(selection.auroc(sure, [0, 0, 0])) and np.isnan(selection.auroc(sure, [1, 1, 1]))


def test_the_curve_and_its_area_are_those_of_a_loop():
    p, y = made(seed=3)
    order = sorted(range(len(y)), key=lambda row: -p[row].max())  # stable
    wrong = [p[row].argmax() != y[row] for row in order]
    curve = [np.mean(wrong[: k + 1]) for k in range(len(y))]
    assert selection.risk_coverage(p, y) == pytest.approx(curve)
    assert selection.aurc(p, y) == pytest.approx(np.mean(curve))
    perfect = sorted(wrong)
    best = np.mean([np.mean(perfect[: k + 1]) for k in range(len(y))])
    assert selection.excess_aurc(p, y) == pytest.approx(np.mean(curve) - best)
    assert selection.risk_at_coverage(p, y) == pytest.approx(curve[169 - 1])  # .8 of 211 is 168.8
    assert selection.risk_at_coverage(p, y, 1.0) == pytest.approx(np.mean(wrong))


def test_a_perfect_ranking_has_no_excess_and_confidence_at_random_is_not_called_better():
    n = 1000
    generator = np.random.default_rng(1)
    y = (generator.random(n) < 0.3).astype(int)  # class 0 is predicted throughout
    c = np.where(y == 0, 0.9, 0.6) + 0.05 * generator.random(n)
    assert selection.excess_aurc(np.stack([c, 1 - c], axis=1), y) == pytest.approx(0)
    at_random = 0.5 + 0.5 * generator.random(n)
    chance = np.stack([at_random, 1 - at_random], axis=1)
    assert selection.auroc(chance, y) == pytest.approx(0.5, abs=0.06)
    assert selection.risk_at_coverage(chance, y) == pytest.approx(y.mean(), abs=0.03)
    assert selection.excess_aurc(chance, y) > 0.1


@pytest.mark.parametrize("coverage", [0, 1.01, -1, float("nan")])
def test_coverage_is_a_share(coverage):
    with pytest.raises(ValueError, match="share above 0"):
        selection.risk_at_coverage(*made(), coverage)


def test_ten_examples_at_eight_tenths_are_eight():
    p = np.full((10, 2), [0.9, 0.1])
    y = np.array([0] * 8 + [1] * 2)
    assert selection.risk_at_coverage(p, y) == 0.0
