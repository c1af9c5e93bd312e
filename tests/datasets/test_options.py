"""Identities: the options of every data set, byte for byte, however their values are spelt.

Keys of published runs are made of these texts; where one changes, results no longer belong to their runs.
"""

import json
from fractions import Fraction

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError

DEFAULTS = {
    "japanese_vowels": "{}",
    "digits": "{}",
    "pendigits": '{"fold": 0}',
    "recall": '{"steps": 20, "train": 250, "validation": 250, "test": 1000, "noise": 0.1, "data_seed": 0, '
    '"position": "middle"}',
    "order": '{"steps": 24, "train": 250, "validation": 250, "test": 1000, "noise": 0.1, "data_seed": 0}',
    "planted": '{"steps": 12, "informative": 1, "distractors": 0, "correlation": 0.0, "spurious": 0.0, "train": 250, '
    '"validation": 250, "test": 1000, "data_seed": 0}',
    "imdb": '{"vocabulary": 20000, "max_tokens": 100, "keep": "last", "fold": 0}',
    "mr": '{"vocabulary": 20000, "max_tokens": 60, "keep": "first", "fold": 0}',
    "trec": '{"vocabulary": 20000, "max_tokens": 40, "keep": "first", "fold": 0, "test": "official"}',
    "subj": '{"vocabulary": 20000, "max_tokens": 60, "keep": "first", "fold": 0}',
    "phrasebank": '{"vocabulary": 20000, "max_tokens": 60, "keep": "first", "fold": 0}',
    "phrasebank-allagree": '{"vocabulary": 20000, "max_tokens": 60, "keep": "first", "fold": 0}',
}


class Number(int):
    """A whole number of a class of its own, as an enumeration's members are."""


def spellings(value: int | float | str) -> list:
    """The value as callers have it: plain, and as NumPy and others hand it over."""
    if isinstance(value, str):
        return [value, np.str_(value)]
    if isinstance(value, int):
        return [value, np.int64(value), np.uint32(value), Number(value)]
    whole = [int(value), np.int8(value)] if value == int(value) else []
    signed = [-0.0, np.float32(-0.0)] if value == 0 else []
    return [value, np.float64(value), np.longdouble(value), Fraction(value), *whole, *signed]


def test_every_data_set_is_here():
    assert list(DEFAULTS) == list(datasets.NAMES)


@pytest.mark.parametrize("name", DEFAULTS)
def test_options_are_the_same_text_however_they_are_spelt(name):
    assert json.dumps(datasets.canonical_options(name)) == DEFAULTS[name]
    values = json.loads(DEFAULTS[name])
    assert json.dumps(datasets.canonical_options(name, dict(reversed(values.items())))) == DEFAULTS[name]
    for option, default in values.items():
        for value in spellings(default):
            found = datasets.canonical_options(name, {option: value})
            assert json.dumps(found) == DEFAULTS[name], (option, value)
            assert {key: type(each) for key, each in found.items()} == {key: type(each) for key, each in values.items()}


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("recall", {"noise": np.float32(0.1)}, '"noise": 0.10000000149011612,'),
        ("recall", {"noise": Fraction(1, 3)}, '"noise": 0.3333333333333333,'),
        ("recall", {"position": np.str_("both ends")}, '"position": "both ends"}'),
        ("order", {"data_seed": np.uint64(2**32 - 1)}, '"data_seed": 4294967295}'),
        ("planted", {"spurious": 0.999}, '"spurious": 0.999,'),
        ("trec", {"test": "fold", "fold": np.int16(9)}, '"fold": 9, "test": "fold"}'),
    ],
)
def test_other_values_are_the_same_text_too(name, given, text):
    assert text in json.dumps(datasets.canonical_options(name, given))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(10**5000, id="more digits than Python writes"),
        *(np.True_, False, "0", "", b"0", None, [0], {}, 0.0, 1j, np.array([0]), -1, float("inf"), float("nan")),
    ],
)
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(UserError, match=r"fold = .*; allowed is a whole number from 0 to 9") as caught:
        datasets.canonical_options("mr", {"fold": value})
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
