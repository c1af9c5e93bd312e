"""Differences of losses by difficulty: against loops, and what regression to the mean would feign."""

import numpy as np
import pytest

from bilstm_dropout.stats import difficulty


def test_parts_are_of_equal_size_from_easy_to_hard():
    assert difficulty.parts_of([5, 1, 3, 2, 4], 5).tolist() == [4, 0, 2, 1, 3]
    assert np.bincount(difficulty.parts_of(np.random.default_rng(0).random(23), 5)).tolist() == [5, 5, 5, 4, 4]
    assert difficulty.parts_of(np.zeros(4), 2).tolist() == [0, 0, 1, 1]


def test_it_is_what_loops_give():
    generator = np.random.default_rng(1)
    loss, base, other, other_base = generator.random((4, 4, 33))
    expected, of_others = np.zeros((4, 5)), np.zeros((4, 5))
    for seed in range(4):
        hard = np.zeros(33)
        for rest in set(range(4)) - {seed}:
            hard += loss[rest] / 6 + base[rest] / 6
        for part, examples in enumerate(np.array_split(np.argsort(hard, kind="stable"), 5)):
            expected[seed, part] = np.mean([loss[seed, n] - base[seed, n] for n in examples])
            of_others[seed, part] = np.mean([other[seed, n] - other_base[seed, n] for n in examples])
    assert difficulty.by_difficulty(loss, base) == pytest.approx(expected)
    assert difficulty.by_difficulty(loss, base, shown=other, shown_base=other_base) == pytest.approx(of_others)


def simulated(generator, change=lambda hard: 0 * hard):
    hard = generator.gamma(1, 0.5, size=400)
    base, loss = (hard + generator.gamma(1, 0.5, size=(5, 400)) for _ in range(2))
    return loss + change(hard), base


def test_nothing_is_feigned_where_both_sides_are_one_and_sorting_by_one_side_would_feign_it():
    generator = np.random.default_rng(2)
    found, naive = [], []
    for _ in range(200):
        loss, base = simulated(generator)
        found.append(difficulty.by_difficulty(loss, base).mean(axis=0))
        part = difficulty.parts_of(base[0])
        naive.append([np.mean((loss - base)[0, part == each]) for each in range(5)])
    found, naive = np.array(found), np.array(naive)
    assert (np.abs(found.mean(axis=0)) < 3.5 * found.std(axis=0) / np.sqrt(200)).all()
    assert naive.mean(axis=0)[4] < -0.2 and naive.mean(axis=0)[0] > 0.05


def test_a_planted_change_of_hard_examples_is_found_there():
    loss, base = simulated(np.random.default_rng(3), change=lambda hard: 0.5 * (hard > np.quantile(hard, 0.8)))
    found = difficulty.by_difficulty(loss, base).mean(axis=0)
    assert found[4] > 0.3 and (np.abs(found[:3]) < 0.1).all()


@pytest.mark.parametrize("shapes", [((1, 9), (1, 9)), ((3, 9), (3, 8)), ((9,), (9,))])
def test_shapes_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError):
        difficulty.by_difficulty(*(np.ones(shape) for shape in shapes))
    with pytest.raises(ValueError, match="parts"):
        difficulty.parts_of(np.ones(4), 5)
