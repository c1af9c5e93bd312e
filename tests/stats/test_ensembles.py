"""Averaged networks: known cases, and what always holds."""

import numpy as np
import pytest

from bilstm_dropout.stats import ensembles, metrics
from bilstm_dropout.stats.calibration import fit_temperature, scaled


def members(seed=0, n=300, classes=3, seeds=5):
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, n)
    logits = 1.2 * np.eye(classes)[y] + generator.normal(size=(seeds, n, classes))
    p = np.exp(logits)
    return p / p.sum(axis=-1, keepdims=True), y


def test_the_average_gains_what_is_written_out():
    p = np.array([[[0.8, 0.2], [0.4, 0.6]], [[0.4, 0.6], [0.8, 0.2]]])
    y = np.array([0, 0])
    assert ensembles.averaged(p) == pytest.approx(np.full((2, 2), [0.6, 0.4]))
    single = -(np.log(0.8) + np.log(0.4)) / 2
    assert ensembles.gain(p, y) == pytest.approx(single + np.log(0.6))
    assert ensembles.accuracy_gain(p, y) == pytest.approx(0.5)
    assert ensembles.scatter(p) == pytest.approx(2 * 0.08)  # each class's variance with one degree of freedom


@pytest.mark.parametrize("seed", range(3))
def test_an_average_never_loses_loss_and_members_that_agree_gain_nothing(seed):
    p, y = members(seed)
    assert ensembles.gain(p, y) > 0.01
    same = np.repeat(p[:1], 5, axis=0)
    assert ensembles.gain(same, y) == pytest.approx(0, abs=1e-12) and ensembles.accuracy_gain(same, y) == 0
    assert ensembles.scatter(same) == pytest.approx(0, abs=1e-20)


def test_the_temperature_is_fitted_after_averaging():
    p, y = members(1)
    validation, labels = members(2)
    mean = validation.mean(axis=0)
    expected = scaled(p.mean(axis=0), fit_temperature(mean, labels))
    found = ensembles.tempered(p, validation, labels)
    assert found == pytest.approx(expected)
    assert metrics.nll(found, y) < metrics.nll(p.mean(axis=0), y)  # the average is less sure than it may be


def test_what_is_no_ensemble_is_refused():
    p, _ = members()
    with pytest.raises(ValueError, match="shape"):
        ensembles.averaged(p[0])
    with pytest.raises(ValueError, match="two seeds"):
        ensembles.scatter(p[:1])
