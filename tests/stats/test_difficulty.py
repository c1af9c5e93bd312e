"""Differences by difficulty: a loop by hand; nothing planted gives no trend, and what is planted is found."""

import numpy as np
import pytest

from bilstm_dropout.stats.difficulty import PARTS, by_difficulty


def losses(seed, helped=0.0, seeds=5, n=1000):
    """Losses (S, N) of two placements: hard examples have more; helped: how much less of it the first has."""
    generator = np.random.default_rng(seed)
    hard = np.random.default_rng(7).exponential(size=n)
    noise = generator.normal(size=(2, seeds, n))
    return hard * (1 - helped) + noise[0], hard + noise[1]


def test_it_is_what_a_loop_gives():
    loss, other = losses(0, n=53)
    found = by_difficulty(loss, other, parts=4)
    for seed in range(5):
        rest = [each for each in range(5) if each != seed]
        hard = np.concatenate([loss[rest], other[rest]]).mean(axis=0)
        groups = np.array_split(np.argsort(hard, kind="stable"), 4)
        assert found[seed] == pytest.approx([(loss[seed, group] - other[seed, group]).mean() for group in groups])


def test_without_an_effect_there_is_no_trend_and_a_planted_one_is_found():
    none = np.array([by_difficulty(*losses(seed)).mean(axis=0) for seed in range(40)])
    error = none.std(axis=0, ddof=1) / np.sqrt(len(none))
    assert none.shape[1] == PARTS and (np.abs(none.mean(axis=0)) < 3.5 * error).all()
    helped = np.array([by_difficulty(*losses(seed, helped=0.3)).mean(axis=0) for seed in range(10)]).mean(axis=0)
    assert helped[-1] < -0.5 < helped[0] < 0.05


@pytest.mark.parametrize("shapes", [((1, 9), (1, 9)), ((3, 9), (3, 8)), ((9,), (9,))])
def test_what_does_not_fit_is_refused(shapes):
    with pytest.raises(ValueError, match="two seeds or more"):
        by_difficulty(*(np.zeros(shape) for shape in shapes))
