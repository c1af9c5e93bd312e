"""Planted features: how much they tell, how alike they are, what is spurious, and that the posterior is the truth."""

import numpy as np
import pytest
from scipy.stats import norm

from bilstm_dropout import datasets

MANY = {"train": 20_000, "validation": 4, "test": 20_000}
SHAPES = [
    {"informative": 1},
    {"informative": 1, "distractors": 20},
    {"informative": 16},
    {"informative": 16, "correlation": 0.8},
    {"informative": 3, "distractors": 2, "steps": 7, "correlation": 0.5, "spurious": 0.6},
]


def logit(split):
    posterior = split.posterior.astype(float)
    return np.log(posterior[:, 1]) - np.log(posterior[:, 0])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_error_is_the_same_however_many_features_tell_the_class(shape):
    test = datasets.load("planted", **shape, **MANY).test
    wrong = (test.posterior.argmax(axis=1) != test.labels).mean()
    best = norm.cdf(-1.5)
    assert wrong == pytest.approx(best, abs=4 * np.sqrt(best * (1 - best) / 20_000))


@pytest.mark.parametrize("shape", SHAPES)
def test_labels_follow_the_posterior(shape):
    """In each tenth of the rows by posterior, the share of plus is its mean."""
    made = datasets.load("planted", **shape, **MANY)
    for split in (made.train, made.test):
        plus = split.posterior[:, 1].astype(float)
        for rows in np.array_split(np.argsort(plus), 10):
            spread = np.sqrt((plus[rows] * (1 - plus[rows])).sum()) / len(rows)
            assert split.labels[rows].mean() == pytest.approx(plus[rows].mean(), abs=4 * spread + 1e-6)


def test_every_feature_has_a_variance_of_one_and_the_stated_correlation():
    made = datasets.load("planted", informative=4, distractors=2, correlation=0.6, spurious=0.5, **MANY)
    test = made.test
    assert made.features == 7 and test.inputs.shape == (20_000, 12, 7)
    # Within a class, over rows and steps: standard errors of the entries are below .003.
    within = test.inputs[test.labels == 1] - test.inputs[test.labels == 1].mean(axis=0)
    found = np.corrcoef(within.reshape(-1, 7).T)
    stated = np.eye(7)
    stated[:4, :4] += 0.6 * (1 - np.eye(4))
    assert np.abs(found - stated).max() < 0.015
    assert np.abs(within.reshape(-1, 7).var(axis=0) - 1).max() < 0.02
    # Other features than the informative ones have no mean.
    means = test.inputs[test.labels == 1].mean(axis=(0, 1))
    assert (means[:4] > 0.1).all() and np.abs(means[4:]).max() < 0.02


@pytest.mark.parametrize("steps", [6, 7])
def test_neighbours_tell_the_class_in_training_rows_alone(steps):
    made = datasets.load("planted", steps=steps, spurious=0.7, **{**MANY, "validation": 20_000})
    for name, split in made.splits().items():
        last = split.inputs[:, :, -1].astype(float)
        sign = 2 * split.labels - 1
        for first in range(steps - 1):
            with_class = np.mean(sign * last[:, first] * last[:, first + 1])
            paired = first % 2 == 0
            assert with_class == pytest.approx(0.7 if paired and name != "test" else 0, abs=0.05)
        # In test rows the two are as strongly related, only not by the class.
        assert np.mean(np.abs(last[:, 0] * last[:, 1])) == pytest.approx(
            np.mean(np.abs(made.train.inputs[:, 0, -1] * made.train.inputs[:, 1, -1])), rel=0.05
        )
        assert np.abs((sign[:, None] * last).mean(axis=0)).max() < 0.04  # by itself no step tells anything
    # What is planted beside it is the same data with and without.
    plain = datasets.load("planted", steps=steps, **{**MANY, "validation": 20_000})
    assert np.array_equal(plain.test.inputs, made.test.inputs[:, :, :1])
    assert np.array_equal(plain.test.posterior, made.test.posterior)
    assert np.abs(logit(made.train)).mean() > np.abs(logit(plain.train)).mean()


def test_the_size_of_one_split_changes_no_other():
    one, other = datasets.load("planted"), datasets.load("planted", train=400, test=50)
    assert np.array_equal(one.validation.inputs, other.validation.inputs)
    assert (len(other.train), len(other.test)) == (400, 50)
    assert not np.array_equal(one.train.inputs, one.validation.inputs)
    assert not np.array_equal(one.train.inputs, datasets.load("planted", data_seed=1).train.inputs)
