"""Texts become token ids by stated rules: what a token is, whose vocabulary, which part of a long text is read."""

import numpy as np
import pytest

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


def test_sizes_can_be_those_of_all_parts_and_ids_yet_be_of_the_training_part():
    parts = [texts("b b a", "a"), texts("e", prefix="v"), texts("a c d d", prefix="t")]
    made = text_dataset("tiny", *parts, ("no", "yes"), vocabulary=50, max_tokens=10, keep="first", same_sizes=True)
    assert made.token_names == ("<padding>", "<unknown>", "a", "b", "unused-4", "unused-5", "unused-6")
    assert [part.inputs.shape for part in made.splits().values()] == [(2, 4), (1, 4), (1, 4)]
    assert made.test.inputs.tolist() == [[2, 1, 1, 1]] and made.test.lengths.tolist() == [4]
    few = text_dataset("tiny", *parts, ("no", "yes"), vocabulary=5, max_tokens=3, keep="last", same_sizes=True)
    assert few.vocabulary == 5 and few.token_names[4:] == ("unused-4",) and few.test.inputs.tolist() == [[1, 1, 1]]
