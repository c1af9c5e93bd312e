"""Loading by name: options, their errors, caching, the same data in every process, and the data cards."""

import ast
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.datasets import files
from bilstm_dropout.datasets.__main__ import main, parts_row, row
from bilstm_dropout.errors import UserError

# The sets that need no file from outside; test_real_files.py has the others.
HERE = tuple(name for name in datasets.NAMES if not datasets.describe(name).files)
README = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")


def test_the_names_are_those_that_others_rely_on():
    first = ["japanese_vowels", "digits", "pendigits", "recall", "order", "planted"]
    assert list(datasets.NAMES) == [*first, "imdb", "mr", "trec", "subj", "phrasebank", "phrasebank-allagree"]
    assert HERE == ("japanese_vowels", "digits", "recall", "order", "planted")


@pytest.mark.parametrize("name", HERE)
def test_every_set_agrees_with_its_card(name):
    made, card = datasets.load(name), datasets.describe(name)
    assert made.name == name
    assert made.kind == card.kind
    assert made.options == {option: default for option, (default, _) in card.options.items()}


@pytest.mark.parametrize("name", datasets.NAMES)
def test_every_card_is_complete_without_the_data(name, monkeypatch):
    monkeypatch.setattr(files, "data_folders", lambda: pytest.fail("a file was looked for"))
    card = datasets.describe(name)
    assert card.name == name
    assert card.small != bool(card.files)
    for file in card.files:
        assert f"`{file}`" in card.source
    for text in (card.title, card.what, card.source, card.licence, card.flaws):
        assert text.strip()
    for _, meaning in card.options.values():
        assert re.search(r"; (a whole number from|a number from|one of) ", meaning)


@pytest.mark.parametrize("name", HERE)
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
        ("imbd", "Did you mean imdb"),
        ("nothing", "Allowed: "),
    ],
)
def test_an_unknown_data_set_is_named_with_near_matches_and_all_names(name, hint):
    for call in (datasets.load, datasets.describe, datasets.canonical_options):
        with pytest.raises(UserError, match=hint) as caught:
            call(name)
        assert "japanese_vowels, digits, pendigits, recall, order, planted, imdb" in str(caught.value)


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
        ("mr", "max_token", "Did you mean max_tokens.*Allowed: vocabulary, max_tokens, keep, fold"),
        ("mr", "test", "Allowed: vocabulary, max_tokens, keep, fold"),
        ("pendigits", "folds", "Did you mean fold"),
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
        ("mr", "fold", [*WHOLE, 10], "a whole number from 0 to 9"),
        ("imdb", "max_tokens", [*WHOLE, 0, 1001], "a whole number from 1 to 1000"),
        ("trec", "test", ["own", 1, None], "one of official, fold"),
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
        f"names = {HERE}\n"
        "early = [m for m in ('aeon', 'sklearn', 'tensorflow', 'keras') if m in sys.modules]\n"
        "prints = {name: datasets.load(name).fingerprint for name in names}\n"
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
    assert prints == {name: datasets.load(name).fingerprint for name in HERE}
    assert rows == datasets.load("digits").subset_rows(40, 3).tolist()


def test_the_readme_has_every_row_as_it_is_printed():
    """Where this fails the data have changed: stored results no longer belong to them."""
    table = [line for line in README.splitlines() if re.match(r"\| [a-z_-]+ \| \d", line)]
    assert [line.split()[1] for line in table] == list(datasets.NAMES)
    assert [line for line in table if line.split()[1] in HERE] == [row(datasets.load(name)) for name in HERE]
    parts = [line for line in README.splitlines() if re.match(r"\| [a-z_-]+ \| `[0-9a-f]{16}` \|", line)]
    assert [line.split()[1] for line in parts] == list(datasets.NAMES)
    assert [line for line in parts if line.split()[1] in HERE] == [parts_row(datasets.load(name)) for name in HERE]
    for name in set(datasets.NAMES) - set(HERE):
        (line,) = [line for line in table if line.split()[1] == name]
        assert line.endswith(f"`{datasets.REGISTRY[name].fingerprint}` |")


@pytest.mark.parametrize("name", HERE)
def test_sizes_are_told_without_loading_and_are_those_of_the_data(name):
    made = datasets.load(name)
    sizes, splits = datasets.sizes(name), made.splits()
    assert sizes["rows for training"] == str(len(splits["train"])) and sizes["classes"] == str(len(made.classes))
    assert sizes["rows for validation"] == (str(len(splits["validation"])) if "validation" in splits else "–")


def test_sizes_of_every_set_are_stated_and_an_unknown_name_is_refused():
    assert all(datasets.sizes(name)["rows for the test"].isdigit() for name in datasets.NAMES)
    with pytest.raises(UserError, match="imdbb"):
        datasets.sizes("imdbb")


def stated(counts: np.ndarray) -> str:
    return f"{counts[0]} of each" if len(set(counts)) == 1 else ", ".join(str(count) for count in counts)


@pytest.mark.parametrize("name", HERE)
def test_the_readme_has_a_card_with_the_true_class_counts(name):
    for part, split in datasets.load(name).splits().items():
        counts = np.bincount(split.labels)
        text = stated(counts)
        if name == "digits" and part != "train":
            assert (counts.min(), counts.max()) == (35, 37)
            text = "35 to 37 of each"
        assert text in section(name), (part, text)


@pytest.mark.parametrize("name", datasets.NAMES)
def test_the_readme_names_every_option(name):
    common = README.split("**Options of the text sets.**")[1].split("\n\n")[0]
    text = section(name) + common * (datasets.describe(name).kind == "tokens")
    for option in datasets.describe(name).options:
        assert f"`{option}`" in text


def section(name: str) -> str:
    return " ".join(README.split(f"\n## {name}\n")[1].split("\n## ")[0].split())


def test_what_a_sweep_takes_for_a_set():
    assert datasets.training("imdb") == {"epochs": 4, "embedding_dim": 128, "evaluations_per_epoch": 2}
    assert datasets.training("trec")["epochs"] == 20 and datasets.training("recall") == {}
    datasets.training("mr")["epochs"] = 0
    assert datasets.training("mr")["epochs"] == 8
    with pytest.raises(UserError, match="Did you mean"):
        datasets.training("imdbs")


def test_sets_whose_files_are_absent_are_listed_with_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path)
    monkeypatch.delenv("BILSTM_DROPOUT_DATA", raising=False)
    assert datasets.missing_files("recall") == ()
    assert main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert [row(datasets.load(name)) for name in HERE] == printed[: len(HERE)]
    for name in set(datasets.NAMES) - set(HERE):
        (line,) = [line for line in printed if line.startswith(f"{name}: ")]
        assert all(file.path in line for file in datasets.missing_files(name)) and str(tmp_path) in line


def test_another_fingerprint_than_the_stated_one_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path)
    monkeypatch.delenv("BILSTM_DROPOUT_DATA", raising=False)
    monkeypatch.setitem(datasets.REGISTRY, "order", replace(datasets.REGISTRY["order"], fingerprint="0" * 16))
    assert main() == 1
    assert "order has the fingerprint d32a319032d2486d, stated is 0000" in capsys.readouterr().out
