"""Churn between runs and what of it is a placement's: against loops, known cases and planted differences."""

from itertools import combinations, permutations

import numpy as np
import pytest

from bilstm_dropout.stats import agreement, metrics


def one_hot(classes, count=3):
    return np.eye(count)[np.asarray(classes)]


def drawn(shares, seeds, generator):
    """Runs (S, N, C) that predict class c of an example with its chance: shares (N, C)."""
    return one_hot((generator.random((seeds, len(shares), 1)) > shares.cumsum(axis=1)).sum(axis=-1), shares.shape[1])


def random_runs(seed, *shape):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def test_known_cases():
    p = one_hot([[0, 0, 1], [0, 1, 1], [0, 2, 2]])
    assert agreement.own_churn(p) == pytest.approx([0, 1, 2 / 3])
    q = one_hot([[1, 0, 1], [1, 1, 1], [1, 2, 2]])
    assert agreement.beside(p, q)["same"] == pytest.approx([1, 0, 0])
    assert agreement.beside(p, q)["other"] == pytest.approx([1, 1, 2 / 3])
    assert agreement.beside(p, q)["energy"] == pytest.approx([1, 0, 0])
    assert agreement.beside(p, p)["energy"] == pytest.approx([0, 0, 0])


def test_they_are_the_pairs_counted_one_by_one():
    p, q = random_runs(1, 5, 40, 4), random_runs(2, 5, 40, 4)
    pairs = [metrics.churn(p[s], p[t]) for s, t in combinations(range(5), 2)]
    assert agreement.own_churn(p).mean() == pytest.approx(np.mean(pairs))
    assert agreement.own_churn(p).mean() == pytest.approx(metrics.pairwise_churn(p).mean())
    ordered = [metrics.churn(p[s], q[t]) for s, t in permutations(range(5), 2)]
    assert len(ordered) == 20 and agreement.beside(p, q)["other"].mean() == pytest.approx(np.mean(ordered))
    assert agreement.beside(p, q)["same"].mean() == pytest.approx(np.mean([*map(metrics.churn, p, q)]))
    sure = np.repeat(p[:1], 5, axis=0)  # does not change from seed to seed, and q does
    expected = agreement.beside(sure, q)["other"].mean() - metrics.pairwise_churn(q).mean() / 2
    assert agreement.beside(sure, q)["energy"].mean() == pytest.approx(expected)
    assert agreement.beside(q, sure)["energy"].mean() == pytest.approx(expected)
    for example in range(40):  # each example by itself
        mine = p[:, example : example + 1]
        assert agreement.own_churn(p)[example] == pytest.approx(metrics.pairwise_churn(mine).mean())


def test_own_churn_stands_beside_that_of_the_other():
    p, q = random_runs(8, 5, 40, 3), random_runs(9, 5, 40, 3)
    found = agreement.beside(p, q)
    assert found["own"] == pytest.approx(agreement.own_churn(p))
    assert found["own_less"] == pytest.approx(agreement.own_churn(p) - agreement.own_churn(q))


def test_two_samples_of_one_distribution_are_no_distance_apart_and_a_planted_difference_is_its_own():
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(3), size=30)
    other = np.roll(shares, 1, axis=1)
    alike, apart = [], []
    for _ in range(400):
        p = drawn(shares, 5, generator)
        alike.append(agreement.beside(p, drawn(shares, 5, generator))["energy"].mean())
        apart.append(agreement.beside(p, drawn(other, 5, generator))["energy"].mean())
    planted = np.mean(np.sum((shares - other) ** 2, axis=1)) / 2
    assert abs(np.mean(alike)) < 3 * np.std(alike) / 20 and np.std(alike) > 0
    assert np.mean(apart) == pytest.approx(planted, abs=3 * np.std(apart) / 20) and planted > 0.1


def test_seeds_that_go_together_do_not_make_a_distance():
    # As initial weights do: what a seed of one predicts, the same seed of the other predicts, mostly.
    generator = np.random.default_rng(3)
    shares = generator.dirichlet(np.ones(2), size=50)
    found = []
    for _ in range(300):
        p = drawn(shares, 5, generator)
        again = drawn(shares, 5, generator)
        q = np.where(generator.random((5, 1, 1)) < 0.7, p, again)
        found.append(agreement.beside(p, q)["energy"].mean())
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(300)


def test_errors_that_never_coincide_give_one_and_errors_on_the_same_examples_none():
    y = np.zeros(10, dtype=int)
    first, second, third = np.zeros((3, 10), dtype=int)
    first[:2], second[2:4], third[4:6] = 1, 1, 1
    assert agreement.coincidence(one_hot([first, second, third]), y) == pytest.approx(1)
    assert agreement.coincidence(one_hot([first, first, first]), y) == 0
    assert np.isnan(agreement.coincidence(one_hot([y, y]), y))
    p = random_runs(5, 4, 30, 3)
    labels = np.arange(30) % 3
    errors = [1 - metrics.accuracy(each, labels) for each in p]
    pairs = [(metrics.churn(p[s], p[t]), errors[s] + errors[t]) for s, t in combinations(range(4), 2)]
    assert agreement.coincidence(p, labels) == pytest.approx(np.sum(pairs, axis=0)[0] / np.sum(pairs, axis=0)[1])


def test_variance_over_seeds_is_summed_over_classes():
    p = random_runs(7, 5, 20, 3)
    by_hand = [sum(p[:, n, c].var(ddof=1) for c in range(3)) for n in range(20)]
    assert agreement.seed_variance(p) == pytest.approx(by_hand)
    assert agreement.seed_variance(np.stack([p[0], p[0]])) == pytest.approx(np.zeros(20))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: agreement.own_churn(p[:1]),
        lambda p: agreement.own_churn(p[0]),
        lambda p: agreement.seed_variance(p[:1]),
        lambda p: agreement.beside(p, p[:2])["other"],
        lambda p: agreement.beside(p, p[:, :3])["same"],
    ],
)
def test_shapes_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match="seeds"):
        wrong(random_runs(1, 3, 5, 2))
