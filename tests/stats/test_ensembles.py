"""Averages of networks: against loops, known cases and Jensen's inequality."""

import numpy as np
import pytest

from bilstm_dropout.stats import ensembles, metrics
from bilstm_dropout.stats.calibration import fit_temperature, scaled


def random_runs(seed, *shape):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def test_a_known_case():
    p = np.array([[[0.9, 0.1]], [[0.3, 0.7]]])
    assert ensembles.averaged(p) == pytest.approx(np.array([[0.6, 0.4]]))
    loss = ensembles.of_measure(metrics.nll, p, [0])
    assert loss.single == pytest.approx(-(np.log(0.9) + np.log(0.3)) / 2)
    assert loss.ensemble == pytest.approx(-np.log(0.6))
    assert ensembles.of_measure(metrics.accuracy, p, [0]) == (0.5, 1.0)


def test_the_average_has_never_more_loss_than_its_members_and_the_same_where_they_are_one():
    y = np.arange(60) % 3
    for seed in range(20):
        loss = ensembles.of_measure(metrics.nll, random_runs(seed, 5, 60, 3), y)
        assert loss.ensemble < loss.single
    p = random_runs(0, 1, 60, 3)
    assert ensembles.of_measure(metrics.nll, np.repeat(p, 5, axis=0), y) == pytest.approx([metrics.nll(p[0], y)] * 2)


def test_temperatures_are_those_of_each_network_and_of_their_average():
    p, watched = random_runs(1, 3, 50, 3), random_runs(2, 3, 40, 3)
    y, labels = np.arange(50) % 3, np.arange(40) % 3
    single = [metrics.nll(scaled(p[s], fit_temperature(watched[s], labels)), y) for s in range(3)]
    mean, mean_watched = sum(p) / 3, sum(watched) / 3
    found = ensembles.tempered(p, y, watched, labels)
    assert found.single == pytest.approx(np.mean(single))
    assert found.ensemble == pytest.approx(metrics.nll(scaled(mean, fit_temperature(mean_watched, labels)), y))
    assert ensembles.tempered(p, y, watched, labels, [1, 1, 1]).single == pytest.approx(np.mean(metrics.nll(p, y)))


def test_a_temperature_sharpens_an_average_of_calibrated_networks():
    # Each knows the true chance but for noise of its own; their mean is less sure than what they know together.
    generator = np.random.default_rng(4)
    truth, noise = generator.normal(0, 2, size=4000), generator.normal(0, 2, size=(5, 4000))
    y = (generator.random(4000) < 1 / (1 + np.exp(-truth))).astype(int)
    chance = 1 / (1 + np.exp(-(truth + noise) / 2))  # shrunk, as who knows their noise would say it
    p = np.stack([1 - chance, chance], axis=-1)
    after = ensembles.tempered(p[:, :2000], y[:2000], p[:, 2000:], y[2000:])
    before = ensembles.of_measure(metrics.nll, p[:, :2000], y[:2000])
    assert after.ensemble < before.ensemble - 0.01 and fit_temperature(ensembles.averaged(p), y) < 0.9


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="seeds"):
        ensembles.averaged(np.ones((3, 2)))


@pytest.mark.parametrize("vary", ["seeds", "rows", "both"])
def test_every_network_is_in_one_group_and_what_varies_differs(vary):
    found = ensembles.teams(5, 20, vary)
    assert sorted(pair for group in found for pair in group) == [(r, s) for r in range(5) for s in range(20)]
    for group in found:
        assert len({r for r, _ in group}) == (1 if vary == "seeds" else 5) and len(group) == 5
        assert len({s for _, s in group}) == (1 if vary == "rows" else 5)


def test_groups_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="by 5s"):
        ensembles.teams(5, 12, "rows")
    with pytest.raises(ValueError, match="not 'all'"):
        ensembles.teams(5, 20, "all")
