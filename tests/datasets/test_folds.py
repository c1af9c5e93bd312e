"""Folds: the same everywhere, dealt anew by each repeat, with equal shares of each class, and no group in two."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout.datasets.folds import FOLDS, fold_numbers, fold_rows, numbered
from bilstm_dropout.errors import UserError
from bilstm_dropout.files import sha256


def test_folds_are_the_same_everywhere():
    """Another rule, or another scikit-learn's, would silently give stored results other data."""
    assert fold_numbers(range(12), np.arange(12) % 2, folds=3).tolist() == GOLDEN


GOLDEN = [0, 2, 1, 1, 1, 0, 2, 1, 2, 0, 0, 2]


def test_dealing_0_is_what_it_always_was():
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 800, 1000)
    numbers = fold_numbers(groups.tolist(), (groups % 5 == 0).astype(int))
    assert sha256(numbers.astype("<i8").tobytes()) == (
        "3fbc72c10c69cf437957e03d5ca14c76ec3ae10179e0e76e463adfff7a1c073b"
    )
    assert np.array_equal(numbers, fold_numbers(groups.tolist(), (groups % 5 == 0).astype(int), repeat=0))


def test_folds_have_equal_shares_and_keep_copies_together():
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 800, 1000)
    labels = (groups % 5 == 0).astype(int)
    numbers = fold_numbers([f"text {group}" for group in groups], labels)
    for group in np.unique(groups):
        assert len(set(numbers[groups == group])) == 1
    counts = np.array([np.bincount(labels[numbers == fold], minlength=2) for fold in range(10)])
    assert np.abs(counts - np.bincount(labels) / 10).max() <= 3
    assert np.array_equal(numbers, fold_numbers([f"another {group}" for group in groups], labels))


def test_the_folds_of_training_validation_and_test():
    numbers = np.array([0, 1, 2, 9, 0, 9, *range(10)])
    train, validation, test = fold_rows(numbers, 9)
    assert set(numbers[test]) == {9} and set(numbers[validation]) == {0}
    assert sorted([*train, *validation, *test]) == list(range(16))


def test_too_few_different_examples_of_a_class_are_refused():
    labels = np.repeat([0, 1], [20, 12])
    groups = [*range(20), *[100] * 4, *range(200, 208)]
    with pytest.raises(UserError, match="Class 1 has 9 different examples, and 10 folds need at least 10"):
        fold_numbers(groups, labels)


# ---- repeats ----
@st.composite
def examples(draw):
    """(groups, labels) of 2 or 3 classes with at least ten groups each, most or few of them with one row."""
    seed, classes, mean = draw(st.tuples(st.integers(0, 10**6), st.integers(2, 3), st.sampled_from([1, 1.3, 4])))
    rng = np.random.default_rng(seed)
    pure = np.arange(12 * classes)
    groups = np.concatenate((pure, rng.integers(0, int(60 * classes / mean), 60 * classes)))
    return groups.tolist(), np.concatenate((pure % classes, rng.integers(0, classes, 60 * classes)))


@given(examples(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_no_group_is_ever_split_and_no_fold_is_empty(given_, repeat):
    groups, labels = given_
    numbers = fold_numbers(groups, labels, repeat=repeat)
    of_group = {}
    assert all(of_group.setdefault(group, fold) == fold for group, fold in zip(groups, numbers, strict=True))
    assert set(numbers.tolist()) == set(range(FOLDS))


@pytest.mark.parametrize("rows", [1, 3], ids=["single rows", "a few groups of several rows"])
def test_a_repeat_deals_anew_and_always_the_same(rows):
    groups, labels = np.repeat(np.arange(300 // rows), rows).tolist(), np.repeat(np.arange(300 // rows) % 3, rows)
    dealings = [tuple(fold_numbers(groups, labels, repeat=repeat)) for repeat in range(4)]
    assert len(set(dealings)) == 4
    assert dealings == [tuple(fold_numbers(groups, labels, repeat=repeat)) for repeat in range(4)]
    for first in range(4):
        for second in range(first):  # a tenth of the rows stays where it was, by chance alone
            assert np.mean(np.array(dealings[first]) == dealings[second]) < 0.3


def test_single_rows_are_dealt_in_equal_shares_of_each_class_and_of_large_groups():
    labels = np.random.default_rng(1).integers(0, 3, 2000)
    numbers = fold_numbers(range(2000), labels, repeat=5)
    counts = np.array([np.bincount(labels[numbers == fold], minlength=3) for fold in range(10)])
    assert (np.ptp(counts, axis=0) <= 1).all()
    groups = np.concatenate((np.repeat(np.arange(20), 20), np.arange(20, 620)))  # twenty groups of twenty rows
    numbers = fold_numbers(groups.tolist(), np.zeros(len(groups), int), repeat=2)
    assert np.bincount(numbers).tolist() == [100] * 10


def test_a_class_that_is_rare_within_every_group_still_leaves_no_fold_empty():
    groups = [*np.repeat(np.arange(10), 3), *range(10, 21)]  # ten groups hold class 1, and class 0 is their commonest
    labels = np.array([0, 0, 1] * 10 + [0] * 11)
    for repeat in range(5):
        numbers = fold_numbers(groups, labels, repeat=repeat)
        assert all(1 in labels[numbers == fold] for fold in range(10))


def test_equal_values_have_one_number_in_the_order_of_appearance():
    assert numbered(["b", "a", "b", "c", "a"]).tolist() == [0, 1, 0, 2, 1]
