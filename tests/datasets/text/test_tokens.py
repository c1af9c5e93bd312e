"""Texts become token ids by stated rules: what a token is, whose vocabulary, which part of a long text is read."""

import numpy as np
import pytest

from bilstm_dropout.datasets.folds import fold_numbers, fold_rows
from bilstm_dropout.datasets.text.tokens import TEXT_OPTIONS, Texts, text_dataset, without_shared
from bilstm_dropout.errors import UserError


def texts(*given: str, prefix: str = "row") -> Texts:
    labels = np.arange(len(given), dtype=np.int32) % 2
    return Texts(given, labels, tuple(f"{prefix}-{row}" for row in range(len(given))))


def encode(train, validation="a", test="a", **limits):
    parts = [texts(*([part] if isinstance(part, str) else part)) for part in (train, validation, test)]
    parts = [Texts(each.texts, each.labels, tuple(f"{n}{i}" for i in each.ids)) for n, each in enumerate(parts)]
    limits = {"vocabulary": 50, "max_tokens": 10, "keep": "first"} | limits
    return text_dataset("tiny", *parts, ("no", "yes"), **limits)


def test_the_vocabulary_is_of_the_training_part_by_frequency_and_then_the_alphabet():
    made = encode(["b b c a", "a d"], validation="e a a a", test="c e e")
    assert made.token_names == ("<padding>", "<unknown>", "a", "b", "c", "d")
    assert made.train.inputs.tolist() == [[3, 3, 4, 2], [2, 5, 0, 0]]
    assert (made.validation.inputs.tolist(), made.test.inputs.tolist()) == ([[1, 2, 2, 2]], [[4, 1, 1]])
    assert (made.vocabulary, made.train.lengths.tolist()) == (6, [4, 2])
    small = encode(["b b c a", "a d"], vocabulary=3)
    assert small.token_names[2:] == ("a",) and small.train.inputs.tolist() == [[1, 1, 1, 2], [2, 1, 0, 0]]


def test_long_texts_are_cut_and_what_is_cut_off_is_not_in_the_vocabulary():
    first, last = (encode("a b c d", test="a b c d", max_tokens=3, keep=keep) for keep in ("first", "last"))
    assert first.token_names[2:] == ("a", "b", "c") and last.token_names[2:] == ("b", "c", "d")
    assert first.test.inputs.tolist() == last.test.inputs.tolist() == [[2, 3, 4]]


def test_a_text_of_no_tokens_is_one_unknown_token():
    made = encode(["a b", " "], test="\x00")
    assert made.train.inputs.tolist()[1] == [1, 0] and made.train.lengths.tolist() == [2, 1]
    assert made.test.inputs.tolist() == [[1]]


def test_a_part_without_texts_is_refused():
    with pytest.raises(UserError, match="validation part of tiny has no texts"):
        encode("a", validation=[])


def test_texts_that_others_hold_are_dropped_whatever_their_case_and_spacing():
    train = texts("A  cat sat.", "a dog sat.", "Cafe\u0301", "a cat sat")
    kept = without_shared(train, texts("a cat\n sat.", "CAFÉ"))
    assert (kept.texts, kept.ids, kept.labels.tolist()) == (("a dog sat.", "a cat sat"), ("row-1", "row-3"), [1, 1])


def test_texts_labels_and_ids_belong_together():
    for labels, ids in ((np.zeros(1, np.int32), ("x", "y")), (np.zeros(2), ("x", "y")), (np.zeros(2, np.int32), "xx")):
        with pytest.raises(ValueError, match="2 texts need"):
            Texts(("a", "b"), labels, tuple(ids))


def test_the_options_have_limits():
    assert TEXT_OPTIONS["max_tokens"].accept(1000) == 1000 and TEXT_OPTIONS["max_tokens"].accept(1001) is None
    assert TEXT_OPTIONS["vocabulary"].default == 20_000 and TEXT_OPTIONS["keep"].accept("middle") is None


def test_folds_are_the_same_everywhere():
    """Another rule, or another scikit-learn's, would silently give stored results other data."""
    assert fold_numbers(range(12), np.arange(12) % 2, folds=3).tolist() == GOLDEN


GOLDEN = [0, 2, 1, 1, 1, 0, 2, 1, 2, 0, 0, 2]


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
