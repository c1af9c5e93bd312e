"""Seeds and examples drawn together: the interval of a mean is the known one, and it sees what seeds alone do not."""

import numpy as np
import pytest

from bilstm_dropout.stats import selection
from bilstm_dropout.stats.crosswise import each_beside


def beside(measure, mine, other, *how):
    """The estimate of one placement alone."""
    (found,) = each_beside(measure, [np.asarray(each)[None] for each in mine], other, *how)
    return found


def mean(values):
    return values.mean(axis=-1)


def test_of_examples_that_vary_it_is_as_wide_as_their_standard_error():
    generator = np.random.default_rng(0)
    examples = np.tile(generator.normal(0.3, 1, 400), (5, 1))  # seeds are alike, so only examples vary
    found = beside(mean, [examples], [np.zeros_like(examples)], generator, 2_000)
    error = 1.96 * examples[0].std(ddof=1) / 20
    assert found.mean == pytest.approx(examples.mean()) and found.n == 5
    assert (found.high - found.low) / 2 == pytest.approx(error, rel=0.1)


def test_of_seeds_that_vary_it_is_as_wide_as_theirs_less_the_missing_share():
    generator = np.random.default_rng(1)
    seeds = np.tile(generator.normal(0, 1, (12, 1)), (1, 50))
    found = beside(mean, [seeds], [np.zeros_like(seeds)], generator, 4_000)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * seeds[:, 0].std() / np.sqrt(12), rel=0.1)


def test_what_both_share_cancels_and_a_measure_need_not_be_a_mean():
    generator = np.random.default_rng(2)
    shared = generator.normal(size=(4, 300))
    found = beside(mean, [shared + 0.1], [shared], generator, 200)
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    right = generator.random((4, 300)) < 0.8
    knows, guesses = right + generator.normal(size=right.shape), generator.normal(size=right.shape)
    ranked = beside(selection.ranked, [knows, right], [guesses, right], generator, 400)
    others = generator.permutation(guesses)
    alike = beside(selection.ranked, [guesses, right], [others, right], generator, 400)
    assert ranked.low > 0.1 and alike.low < 0 < alike.high


def test_several_beside_one_have_the_same_draws_as_each_alone():
    generator = np.random.default_rng(3)
    many, other = generator.random((4, 5, 60)), generator.random((5, 60))
    found = each_beside(mean, [many], [other], np.random.default_rng(1), 200)
    alone = [beside(mean, [each], [other], np.random.default_rng(1), 200) for each in many]
    assert len(found) == 4 and np.array(found) == pytest.approx(np.array(alone))


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="need the shapes"):
        each_beside(mean, [np.zeros((3, 4))], [np.zeros((3, 4))], np.random.default_rng(0))
    with pytest.raises(ValueError, match="need the shapes"):
        beside(mean, [np.zeros((3, 4))], [np.zeros((3, 5))], np.random.default_rng(0))
    with pytest.raises(ValueError, match="two seeds"):
        beside(mean, [np.zeros((1, 4))], [np.zeros((1, 4))], np.random.default_rng(0))
