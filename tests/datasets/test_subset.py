"""Training subsets: stratified, drawn from the seed alone, one within the other, or refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout import datasets
from bilstm_dropout.datasets.dataset import training_rows
from bilstm_dropout.errors import UserError

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def test_the_golden_subset():
    """A change of the rule would silently pair new runs with old ones of other rows."""
    labels = np.arange(12) % 3
    assert training_rows(labels, 3, 6, seed=1).tolist() == [1, 2, 3, 4, 5, 9]


def test_shares_follow_the_classes():
    for seed in range(5):
        rows = training_rows(LABELS, 3, 50, seed)
        assert np.bincount(LABELS[rows]).tolist() == [30, 15, 5]
        assert rows.dtype == np.int64
        assert (np.diff(rows) > 0).all()


def test_other_seeds_give_other_rows_and_the_same_seed_the_same():
    draws = [tuple(training_rows(LABELS, 3, 50, seed)) for seed in range(20)]
    assert len(set(draws)) == 20
    assert draws == [
        tuple(training_rows(LABELS.copy(), 3, np.int64(50), np.int32(seed))) for seed in range(20)
    ]


def test_every_row_is_equally_likely_within_its_class():
    counts = np.zeros(len(LABELS))
    for seed in range(600):
        counts[training_rows(LABELS, 3, 50, seed)] += 1
    # Half the rows are chosen, so a count has mean 300 and standard deviation 12.2; 61 is five of them.
    assert np.abs(counts - 300).max() < 61
    assert counts.std() > 8


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(1, 25), min_size=2, max_size=6),
    seed=st.integers(0, 2**40),
    data=st.data(),
)
def test_a_subset_has_its_size_every_class_and_lies_within_larger_ones(counts, seed, data):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    total = len(labels)
    small = data.draw(st.integers(len(counts), total))
    large = data.draw(st.integers(small, total))
    first = training_rows(labels, len(counts), small, seed)
    second = training_rows(labels, len(counts), large, seed)
    assert len(set(first)) == len(first) == small
    assert set(first) <= set(second)
    chosen = np.bincount(labels[first], minlength=len(counts))
    assert chosen.min() >= 1
    # Every class has a row, so another may be off its share, but by less than a row for each class.
    assert np.abs(chosen - small * np.array(counts) / total).max() < len(counts)
    assert training_rows(labels, len(counts), total, seed).tolist() == list(range(total))


@pytest.mark.parametrize("rows", [2, 0, -1, 101, 50.0, "50", True, None, float("nan")])
def test_impossible_sizes_are_refused(rows):
    with pytest.raises(UserError, match=r"allowed is a whole number from 3 \(one a class\) to 100"):
        training_rows(LABELS, 3, rows, 1)


@pytest.mark.parametrize("seed", [-1, 1.0, "1", True, None])
def test_impossible_seeds_are_refused(seed):
    with pytest.raises(UserError, match=r"seed .* allowed is a whole number from 0"):
        training_rows(LABELS, 3, 50, seed)


def test_a_data_set_with_fewer_training_rows():
    whole = datasets.load("japanese_vowels")
    part = whole.subset(90, seed=7)
    rows = whole.subset_rows(90, seed=7)
    assert np.bincount(part.train.labels).tolist() == [10] * 9
    assert part.train.ids == tuple(whole.train.ids[row] for row in rows)
    assert np.array_equal(part.train.inputs, whole.train.inputs[rows])
    assert part.test is whole.test
    assert part.fingerprint != whole.fingerprint
    assert len(whole.train) == 270
    with pytest.raises(UserError, match=r"from 9 .* to 270"):
        whole.subset(271, seed=7)
