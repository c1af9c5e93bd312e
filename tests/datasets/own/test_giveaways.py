"""What makes a test easier, or too small, is said before anything is trained: numbers, near copies, few rows."""

import csv
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout.datasets.own.giveaways import first_number, letters, near_copies, number_rule
from bilstm_dropout.datasets.own.report import Finding, least_points, read
from bilstm_dropout.datasets.own.series import read_series
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.datasets.text.tokenizer import tokenize

WORDS = ["blue", "green", "red", "slow", "fast", "warm", "cold", "late", "soon", "old", "new", "big", "small", "near"]


def report(tmp_path, rows, header=("text", "label"), **named) -> dict:
    """The findings of a file of texts by name."""
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return {each.name: each for each in read_texts(tmp_path / "a.csv", "text", "label", **named).report}


def sentence(rng) -> str:
    return " ".join(rng.choices(WORDS, k=8))


# ---- a number that tells the class ----
@pytest.mark.parametrize(
    "text, number",
    [
        ("ticket 00123 is open", 123),
        ("ab12cd34", 12),
        ("rated 4.5 of 5", 4.5),
        ("1,200 people", 1),
        ("-3 degrees", 3),
        ("9" * 400, 10.0**18),
        ("none", None),
    ],
)
def test_the_first_number_of_a_text(text, number):
    assert first_number(text) == pytest.approx(number) if number is not None else np.isnan(first_number(text))


def test_an_id_within_the_text_that_tells_the_class_is_a_warning_that_names_the_rule(tmp_path):
    rng = random.Random(1)
    rows = [[f"Ticket {n:05d}: {sentence(rng)}", "open" if n < 200 else "closed"] for n in range(400)]
    rng.shuffle(rows)
    found = report(tmp_path, rows)["number"]
    assert (found.warning, found.count, found.of, found.rule) == (True, 400, 400, ("open", "200", "closed"))
    said = found.said("tokens", str)
    assert said.startswith("Warning: The first number of a text tells its class: below 200 “open”, from 200 “closed”;")
    assert "right for 400 of 400 texts" in said


@pytest.mark.parametrize(
    "make",
    [
        lambda n, label, rng: f"{n} {sentence(rng)}",  # in no order of the classes
        lambda n, label, rng: sentence(rng),  # no numbers
        lambda n, label, rng: f"{(label == 'a') * 500 if n % 5 < 2 else ''} {sentence(rng)}",  # few texts have one
        lambda n, label, rng: f"{(label == 'a') * 500 + rng.randrange(600)} {sentence(rng)}",  # right for 90 % at most
    ],
    ids=["no order", "no numbers", "numbers in few texts", "a weak rule"],
)
def test_numbers_that_do_not_tell_the_class_are_not_said(make, tmp_path):
    rng = random.Random(2)
    rows = [[make(n, "ab"[n % 2], rng), "ab"[n % 2]] for n in range(400)]
    assert "number" not in report(tmp_path, rows)


def test_a_rule_has_to_beat_always_naming_the_largest_class(tmp_path):
    labels = np.array([0] * 90 + [1] * 10)
    assert number_rule("number", map(str, range(100)), labels, ("a", "b")) is None
    labels = np.array([0] * 70 + [1] * 30)
    assert number_rule("number", map(str, range(100)), labels, ("a", "b")).rule == ("a", "70", "b")


def test_several_classes_in_ranges_are_found_and_long_numbers_are_told_apart():
    labels = np.repeat([2, 0, 1], 40)
    start = 1_700_000_000_000
    found = number_rule("number", [f"at {start + n}" for n in range(120)], labels, ("a", "b", "c"))
    assert found.rule == ("c", str(start + 40), "a", str(start + 80), "b") and found.count == 120
    assert "below 1700000000040 “c”, from 1700000000040 “a”" in found.said("tokens", str)


@given(st.integers(0, 10**6), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_numbers_without_a_bearing_on_the_class_never_make_a_rule(seed, classes):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 12)
    assert number_rule("number", map(str, rng.permutation(len(labels))), labels, list("abcdef")) is None


def test_classes_in_a_rule_are_quoted():
    found = number_rule("number", map(str, range(40)), np.repeat([0, 1], 20), ("<b>", "x"))
    assert "<b>" not in found.said("tokens", lambda text: text.replace("<", "&lt;"))


def test_many_ranges_are_cut_short():
    found = Finding("number", True, 9, 9, rule=("a", "1", "b", "2", "c", "3", "d", "4", "e"))
    assert "from 3 “d”, and so on;" in found.said("tokens", str) and "“e”" not in found.said("tokens", str)
    assert read([found.plain()]) == (found,)


def test_ids_that_tell_the_class_are_a_note_since_no_network_reads_them(tmp_path):
    rng = random.Random(3)
    rows = [[f"r-{n}", sentence(rng), "ab"[n >= 200]] for n in range(400)]
    found = report(tmp_path, rows, ("key", "text", "label"), id="key")
    assert not found["ids"].warning and found["ids"].rule == ("a", "200", "b") and "number" not in found
    assert "A network is not given ids" in found["ids"].said("tokens", str)
    # Sorted by class and without ids: the order of rows is no input, and nothing is said of it.
    assert "ids" not in report(tmp_path, [row[1:] for row in rows])


def test_ids_of_series_that_tell_the_class_are_a_note(tmp_path):
    rng = random.Random(4)
    rows = [[f"s{n}", step, "ab"[n >= 15], rng.random()] for n in range(30) for step in range(3)]
    with (tmp_path / "s.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "t", "label", "x"], *rows])
    found = {each.name: each for each in read_series(tmp_path / "s.csv", "id", "t", "label").report}
    assert found["ids"].rule == ("a", "15", "b") and not found["ids"].warning


# ---- near copies ----
@pytest.mark.parametrize(
    "one, other",
    [
        ("Room 12 is free.", "Room 37 is free!"),
        ("don't go", "dont  go"),
        ("twenty-two", "twentytwo"),
        ("यह फिल्म १ है", "यह फिल्म २ है।"),
        ("A – b", "a b"),
    ],
)
def test_near_copies_differ_in_digits_and_signs_alone(one, other):
    assert letters(tokenize(one)) == letters(tokenize(other)) != ""


@pytest.mark.parametrize("one, other", [("a cat", "a dog"), ("यह फिल्म", "यह फल्म"), ("ab c", "a bc")])
def test_other_words_are_no_near_copies(one, other):
    assert letters(tokenize(one)) != letters(tokenize(other))


def test_near_copies_count_across_folds_alone_and_empty_ones_never():
    bare, folds = ["p", "p", "q", "q", "", "", "r"], np.array([0, 1, 2, 2, 3, 4, 5])
    (found,) = near_copies(bare, folds, range(10, 17))
    assert (found.count, found.of, found.lines, found.warning) == (2, 7, (10, 11), True)
    assert near_copies(["p", "q"], np.array([0, 1]), [2, 3]) == ()


def test_texts_from_one_template_are_a_warning_with_lines_and_a_way_out(tmp_path):
    rng = random.Random(5)
    rows = [[f"{sentence(rng)} {n}", "ab"[n % 2]] for n in range(100)]
    rows[10:50] = [[f"Order {n} has arrived ({n}).", "ab"[n % 2]] for n in range(40)]
    found = report(tmp_path, rows)["near"]
    assert (found.warning, found.count, found.of, found.lines) == (True, 40, 100, (12, 13, 14))
    assert "first on lines 12, 13, 14" in found.said("tokens", str) and "GROUP=" in found.said("tokens", str)
    rows[13:50] = [[f"{sentence(rng)} {n}", "ab"[n % 2]] for n in range(37)]
    few = report(tmp_path, rows)["near"]
    assert (few.warning, few.count) == (False, 3)


def test_a_group_column_that_holds_the_copies_together_leaves_none(tmp_path):
    rng = random.Random(6)
    rows = [[f"{sentence(rng)}", "ab"[n % 2], f"g{n}"] for n in range(100)]
    rows += [[f"Order {n} has arrived.", "ab"[n % 2], "orders"] for n in range(10)]
    header = ("text", "label", "kind")
    assert report(tmp_path, rows, header)["near"].warning
    assert "near" not in report(tmp_path, rows, header, group="kind")


# ---- too few rows ----
def test_the_least_difference_that_a_file_can_show():
    """The spread of a difference of two accuracies on the same rows, drawn at random with errors half shared."""
    rng = np.random.default_rng(7)
    both, one = 0.2 * 0.2 + 0.5 * 0.16, 0.5 * 0.16  # both wrong, and one alone, where errors correlate by a half
    drawn = rng.multinomial(400, [both, one, one, 1 - both - 2 * one], size=20_000)
    assert least_points(400) == pytest.approx(196 * (drawn[:, 1] / 400 - drawn[:, 2] / 400).std(), rel=0.03)
    assert least_points(100) == 2 * least_points(400) and least_points(0) == np.inf


def test_few_rows_are_a_warning_with_the_least_difference(tmp_path):
    rng = random.Random(8)
    rows = [[sentence(rng), "ab"[n % 2]] for n in range(300)]
    few, enough = report(tmp_path, rows[:299])["resolution"], report(tmp_path, rows)["resolution"]
    assert few.warning and not enough.warning
    assert few.said("tokens", str).startswith("Warning: With all 299 texts tested, differences in accuracy below ")
    assert "about 4.5 points" in enough.said("tokens", str) and "Give more" not in enough.said("tokens", str)
