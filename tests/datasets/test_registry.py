"""Loading by name: options, their errors, caching, the same data in every process, and the data cards."""

import ast
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.datasets.__main__ import row
from bilstm_dropout.errors import UserError

README = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")


def test_the_names_are_those_that_others_rely_on():
    assert datasets.NAMES == ("japanese_vowels", "digits", "recall", "order")


@pytest.mark.parametrize("name", datasets.NAMES)
def test_every_set_agrees_with_its_card(name):
    made, card = datasets.load(name), datasets.describe(name)
    assert made.name == card.name == name
    assert made.kind == card.kind
    assert made.options == {option: default for option, (default, _) in card.options.items()}
    for text in (card.title, card.what, card.source, card.licence, card.flaws):
        assert text.strip()
    for _, meaning in card.options.values():
        assert re.search(r"; (a whole number from|a number from|one of) ", meaning)


@pytest.mark.parametrize("name", datasets.NAMES)
def test_padding_is_zero_after_every_end(name):
    for split in datasets.load(name).splits().values():
        after = np.arange(split.inputs.shape[1]) >= split.lengths[:, None]
        assert not split.inputs[after].any()
        assert split.lengths.max() == split.inputs.shape[1]


def test_equal_options_give_the_same_object_however_they_are_spelt():
    made = datasets.load("recall")
    assert datasets.load("recall", steps=20, noise=0.1) is made
    assert datasets.load("recall", noise=np.float64(0.1), steps=np.int64(20)) is made
    assert datasets.load("recall", steps=21) is not made
    assert datasets.load("recall", steps=21).fingerprint != made.fingerprint
    assert datasets.load("order", noise=-0.0).options == datasets.load("order", noise=0).options


def test_canonical_options_fill_in_defaults_as_plain_values():
    filled = datasets.canonical_options("recall", {"position": "last", "noise": 0, "steps": np.int64(30)})
    assert json.dumps(filled) == (
        '{"steps": 30, "train": 250, "validation": 250, "test": 1000, "noise": 0.0, '
        '"data_seed": 0, "position": "last"}'
    )
    assert json.dumps(datasets.canonical_options("order", {"noise": -0.0})["noise"]) == "0.0"
    assert datasets.canonical_options("order") == datasets.canonical_options("order", {"steps": 24})
    assert datasets.canonical_options("digits", {}) == {}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("japanese_vowel", "Did you mean japanese_vowels"),
        ("Recall", "Did you mean recall"),
        ("imdb", "Allowed: "),
    ],
)
def test_an_unknown_data_set_is_named_with_near_matches_and_all_names(name, hint):
    for call in (datasets.load, datasets.describe, datasets.canonical_options):
        with pytest.raises(UserError, match=hint) as caught:
            call(name)
        assert "japanese_vowels, digits, recall, order" in str(caught.value)


@pytest.mark.parametrize("name", [None, 3, ["recall"]])
def test_a_name_that_is_no_text_is_unknown(name):
    with pytest.raises(UserError, match="Unknown data set"):
        datasets.load(name)


@pytest.mark.parametrize(
    ("name", "option", "message"),
    [
        (
            "recall",
            "step",
            "Did you mean steps.*Allowed: steps, train, validation, test, noise, data_seed, position",
        ),
        ("order", "position", "Allowed: steps, train, validation, test, noise, data_seed"),
        ("digits", "steps", "digits has no options"),
        ("japanese_vowels", "resplit", "japanese_vowels has no options"),
    ],
)
def test_an_unknown_option_is_refused(name, option, message):
    with pytest.raises(UserError, match=message):
        datasets.load(name, **{option: 3})


WHOLE = [2.5, 20.0, "20", True, np.True_, None, [20], math.nan, -1]
SHARE = [math.nan, math.inf, -0.01, "0.1", True, None, [0.1], 1]


@pytest.mark.parametrize(
    ("name", "option", "values", "allowed"),
    [
        ("recall", "steps", [*WHOLE, 2, 2001], "a whole number from 3 to 2000"),
        ("order", "steps", [*WHOLE, 8, 2001], "a whole number from 9 to 2000"),
        ("recall", "train", [*WHOLE, 3, 100_001], "a whole number from 4 to 100000"),
        ("recall", "validation", [*WHOLE, 0], "a whole number from 4 to 100000"),
        ("order", "test", [*WHOLE, 1], "a whole number from 2 to 100000"),
        ("recall", "data_seed", [*WHOLE, 2**32], "a whole number from 0 to 4294967295"),
        ("recall", "noise", [*SHARE, 0.75], "a number from 0 to below 0.75"),
        ("order", "noise", [*SHARE, 0.5], "a number from 0 to below 0.5"),
        ("recall", "position", ["center", "", None, 1, True, ["first"]], "one of first, middle, last"),
    ],
)
def test_bad_values_are_refused_naming_what_is_allowed(name, option, values, allowed):
    for value in values:
        with pytest.raises(
            UserError, match=f"{name} cannot take {option} = .*; allowed is {allowed}"
        ) as caught:
            datasets.load(name, **{option: value})
        assert "\n" not in str(caught.value)


def test_the_limits_themselves_are_allowed():
    low = {
        "steps": 3,
        "train": 4,
        "validation": 4,
        "test": 4,
        "noise": 0.0,
        "data_seed": 0,
        "position": "first",
    }
    assert datasets.canonical_options("recall", low) == low
    high = {"steps": 2000, "train": 100_000, "noise": 0.7499, "data_seed": 2**32 - 1}
    assert high.items() <= datasets.canonical_options("recall", high).items()
    assert datasets.load("recall", **low).train.inputs.shape == (4, 3)
    assert datasets.load("order", steps=9, train=2, validation=2, test=2).train.inputs.shape == (2, 9)


@pytest.mark.parametrize("options", [["steps"], "steps=3", 7])
def test_options_that_are_no_mapping_are_refused(options):
    with pytest.raises(UserError, match="allowed is a mapping"):
        datasets.canonical_options("recall", options)


def test_another_process_makes_the_same_data_without_tensorflow():
    """Also under another hash seed; importing alone must not bring in the libraries that hold data either."""
    script = (
        "import sys\n"
        "from bilstm_dropout import datasets\n"
        "early = [m for m in ('aeon', 'sklearn', 'tensorflow', 'keras') if m in sys.modules]\n"
        "prints = {name: datasets.load(name).fingerprint for name in datasets.NAMES}\n"
        "rows = datasets.load('digits').subset_rows(40, 3).tolist()\n"
        "late = [m for m in ('tensorflow', 'keras') if m in sys.modules]\n"
        "print((early, late, prints, rows))\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        timeout=120,
    )
    early, late, prints, rows = ast.literal_eval(done.stdout.strip().splitlines()[-1])
    assert (early, late) == ([], [])
    assert prints == {name: datasets.load(name).fingerprint for name in datasets.NAMES}
    assert rows == datasets.load("digits").subset_rows(40, 3).tolist()


def test_the_readme_has_every_row_as_it_is_printed():
    """Where this fails the data have changed: stored results no longer belong to them."""
    table = [line for line in README.splitlines() if re.match(r"\| [a-z_]+ \| \d", line)]
    assert table == [row(datasets.load(name)) for name in datasets.NAMES]


@pytest.mark.parametrize("name", datasets.NAMES)
def test_the_readme_has_a_card_with_the_true_class_counts(name):
    section = README.split(f"\n## {name}\n")[1].split("\n## ")[0]
    section = " ".join(section.split())
    for part, split in datasets.load(name).splits().items():
        counts = np.bincount(split.labels)
        stated = ", ".join(str(count) for count in counts)
        if len(set(counts)) == 1:
            stated = f"{counts[0]} of each"
        if name == "digits" and part != "train":
            assert (counts.min(), counts.max()) == (35, 37)
            stated = "35 to 37 of each"
        assert stated in section, (part, stated)
    for option in datasets.describe(name).options:
        assert f"`{option}`" in section
