"""Names of classes, ids, groups, columns and steps: what is one name is one thing, and what is two stays two."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.own_files import as_series, as_texts, finding, refusal, series, texts

from bilstm_dropout.datasets.own.alike import alike, cleaned, exact, reads_missing, seen, shown, unfit
from bilstm_dropout.datasets.own.content import unpacked
from bilstm_dropout.wording import printable

ZWNJ, HEART = "بی\u200cطرف", "❤\ufe0f"
FIT = [
    ZWNJ, HEART, "👩\u200d💻", "très\u00a0bon", "co\u00adop", "a\u200eb", "a\ufeffb", "co\u3000op",
    "🏴\U000e0067\U000e0062\U000e007f",
]  # fmt: skip


@pytest.mark.parametrize("name", FIT, ids=ascii)
def test_format_signs_inside_a_class_are_kept_and_shown(name, tmp_path):
    content = as_texts(tmp_path, texts(name, "other"))
    assert name in content.classes and printable(name) == name.replace("\ufeff", "")


@pytest.mark.parametrize("sign", ["\ufeff", "\u200e", "\u200f", "\u200b", "\u00a0", "\u2060 "], ids=ascii)
def test_unseen_signs_at_the_ends_of_a_class_are_taken_off(sign, tmp_path):
    rows = texts("good", "bad", f"{sign}good", f"bad{sign}")
    content = as_texts(tmp_path, rows)
    assert content.classes == ("bad", "good") and content.facts["class_counts"] == [24, 24]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("go\nod", "U+000A"), ("\x1b[2Jx", "U+001B"), ("a\u2028b", "U+2028 (LINE SEPARATOR)"),
        ("a\u202eb", "U+202E (RIGHT-TO-LEFT OVERRIDE)"), ("\u2066a", "U+2066"), ("a\ue000", "U+E000"),
    ],
    ids=ascii,
)  # fmt: skip
def test_what_no_class_may_hold_is_named_with_its_line(name, says, tmp_path):
    said = refusal(as_texts, tmp_path, texts("good", name))
    assert says in said and "line 14" in said and "80 characters" not in said
    assert unfit(name)


PAIRS = [
    ("Positive", "positive"), ("TRUE", "True"), ("straße", "STRASSE"), (HEART, "❤"), ("café", "cafe\u0301"),
    (ZWNJ, "بیطرف"), ("a b", "a  b"), ("a\u00a0b", "a b"), ("ｇｏｏｄ", "good"), ("1", "1.0"), ("1e3", "1000"),
    ("-0", "0"), ("co\u00adop", "coop"), ("１２", "12"), ("١", "1"), ("۲۰", "20.0"), ("①", "1"), ("\u22121", "-1"),
    ("don't", "don’t"), ("a\u2010b", "a-b"), ("pro–con", "pro-con"), ("یک", "يك"), ("مـثبت", "مثبت"),
    ("x\u3164", "x"), ("x\U000e0100", "x"), ("\U000e0041yes", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=ascii)
def test_classes_that_differ_in_spelling_alone_are_refused_with_both_lines(one, other, tmp_path):
    said = refusal(as_texts, tmp_path, texts(one, other, "third"))
    assert "differ in spelling alone" in said and "(line 2)" in said and "(line 14)" in said
    first, second = said.split("alone: ")[1].split(" and ")
    assert first.split(" (")[0] != second.split(" (")[0]  # a reader sees what differs


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=ascii)
def test_so_are_ids_of_series(one, other, tmp_path):
    rows = series()
    rows[1][0], rows[2][0] = one, other
    said = refusal(as_series, tmp_path, rows)
    assert "'id' has ids that differ in spelling alone" in said and "(line 2)" in said and "(line 3)" in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0064\U000e0065\U000e007f"), ("—", "-"), ("½", "1/2"),
        ("co-op", "coop"), ("yes!", "yes"), ("3²", "3.2"), ("على", "علي"),
    ],
    ids=ascii,
)  # fmt: skip
def test_what_is_seen_to_be_another_is_another_class(one, other, tmp_path):
    assert set(as_texts(tmp_path, texts(one, other)).classes) == {one, other}


@pytest.mark.parametrize("sign", ["\u3164", "\u2800", "\u115f", "\u200b\u2060", "\U000e0041"], ids=ascii)
def test_a_name_of_which_nothing_is_seen_is_an_empty_cell(sign, tmp_path):
    rows = series()
    rows[1][0] = rows[2][2] = sign
    said = refusal(as_series, tmp_path, rows)
    assert "'id' has others on line 2 (empty)" in said and "'label' is empty: line 3" in said


def test_one_series_under_two_spellings_is_never_two(tmp_path):
    rows = series(id=lambda s: f"s{s}")
    for place, row in enumerate(rows[1:]):
        row[0] = row[0].upper() if place % 2 else row[0]
    said = refusal(as_series, tmp_path, rows)
    assert "'s3' (line 20) and 'S3' (line 21)" in said and "and 4 more" in said


def test_all_that_are_spelt_alike_are_said_at_once(tmp_path):
    said = refusal(as_texts, tmp_path, texts("Yes", "yes", "No", "no", "YES"))
    assert "'Yes' (line 2) and 'yes' (line 14), 'No' (line 26) and 'no' (line 38), 'Yes' (line 2) and 'YES'" in said


def test_letters_may_be_classes_in_both_sizes_and_this_is_said(tmp_path):
    content = as_texts(tmp_path, texts("a", "A", "b"))
    assert content.classes == ("A", "a", "b")
    assert "differ in capitals alone: “a”, “A” (on lines 2, 14)" in finding(content, "capitals")
    assert finding(as_texts(tmp_path, texts("a", "B", "c")), "capitals") is None
    assert finding(as_texts(tmp_path, texts("ß", "ss")), "capitals") is None


def test_spellings_of_one_group_lie_in_one_fold(tmp_path):
    rows = [["text", "who", "label"]]
    rows += [[f"some text {n} of {n % 7}", f"{'Ann' if n % 2 else 'ann '} {n // 4}", "xy"[n % 2]] for n in range(120)]
    content = as_texts(tmp_path, rows, group="who")
    assert len(np.unique(content.arrays["groups"])) == 30


def test_columns_are_found_whatever_is_not_seen_of_them(tmp_path):
    rows = texts("good", "bad")
    rows[0] = ["cafe\u0301\u200b text", "la\u00adbel"]
    assert [*as_texts(tmp_path, rows, text="café text").columns.values()] == rows[0]
    rows[0] = ["Text", "label"]
    assert "no text column 'text'. Did you mean 'Text'?" in refusal(as_texts, tmp_path, rows)
    rows[0] = ["text", "te\u200bxt"]
    assert "several columns named 'text'" in refusal(as_texts, tmp_path, rows)


# ---- missing values ----
@pytest.mark.parametrize("name", ["nan", "None", "NULL", "N/A", "<NA>", "#N/A", "NaT", "nil"])
def test_labels_that_read_like_missing_values_are_a_warning_with_their_lines(name, tmp_path):
    said = finding(as_texts(tmp_path, texts("good", "bad", name)), "missing")
    assert said.startswith(f"Warning: 12 of 36 labels read like missing values: “{name}” (first on lines 26, 27, 28)")
    assert "Take these rows out" in said


def test_labels_of_series_too(tmp_path):
    said = finding(as_series(tmp_path, series(label=["nan", "b"])), "missing")
    assert "72 of 144 labels read like missing values: “nan” (first on lines 2, 3, 4)" in said


def test_texts_that_read_like_missing_values_are_a_warning_unless_they_are_few(tmp_path):
    said = finding(as_texts(tmp_path, [*texts("pos", "neg"), *[["nan", "pos"]] * 12]), "missing-texts")
    assert said.startswith("Warning: 12 of 36 texts (33%) read like missing values (first on lines 26, 27, 28)")
    few = finding(as_texts(tmp_path, [*texts("pos", "neg", count=60), ["None", "pos"]]), "missing-texts")
    assert few == "1 of 121 texts (1%) read like missing values (on line 122)."
    assert finding(as_texts(tmp_path, texts("pos", "neg")), "missing") is None


@pytest.mark.parametrize(
    "spoil",
    [lambda text: text.encode().decode("cp1252"), lambda text: text.replace("é", "\ufffd")],
    ids=["read as Windows-1252", "lost"],
)
def test_garbled_letters_are_a_warning_with_their_lines(spoil, tmp_path):
    rows = texts("good", "bad")
    for row in rows[1:]:
        row[0] = f"très bon café {row[0]}"
    assert finding(as_texts(tmp_path, rows), "garbled") is None
    for row in rows[3:6]:
        row[0] = spoil(row[0])
    said = finding(as_texts(tmp_path, rows), "garbled")
    assert said.startswith("Warning: 3 of 24 texts (12%)") and "(on lines 4, 5, 6)" in said


# ---- numbers ----
@pytest.mark.parametrize("first", [20240101123045100, 1_700_000_000_000_000_000, 2**53, 10**90])
def test_long_steps_are_told_apart_and_put_in_order(first, tmp_path):
    rows = series(step=lambda k: first + (k * 5) % 6)
    content = as_series(tmp_path, rows)
    assert content.facts["lengths"] == [6, 6, 6]
    noise = [row[3] for row in rows[1:7]]
    assert content.arrays["values"][:6, 0].tolist() == [noise[place] for place in (0, 5, 4, 3, 2, 1)]


def test_a_long_step_given_twice_is_written_as_it_stands(tmp_path):
    rows = series(step=lambda k: 20240101123045100 + k)
    rows[4][1] = 20240101123045101
    said = refusal(as_series, tmp_path, rows)
    assert "20240101123045101 of 's0' on line 5 (and on line 3)" in said


def test_long_numbers_as_classes_are_told_apart(tmp_path):
    content = as_series(tmp_path, series(label=["20240101123045124", "20240101123045123"]))
    assert content.classes == ("20240101123045123", "20240101123045124") and content.facts["classes_are_numbers"]


DATES = {  # what is written at place k, and the places in the order of time
    "days": (lambda k: f"2024-02-{28 + k}" if k < 2 else f"2024-03-0{k - 1}", range(6)),
    "minutes": (lambda k: f"2024-03-01 10:{50 - 3 * (k * 5 % 6):02d}", (1, 2, 3, 4, 5, 0)),
    "nanoseconds": (lambda k: f"2024-03-01T10:00:00.12345678{9 - k}", (5, 4, 3, 2, 1, 0)),
    "zones": (lambda k: f"2024-03-01T{12 - k:02d}:00:00-0{2 * k % 10}:00", (5, 0, 1, 2, 3, 4)),
    "before 1970": (lambda k: f"1969-12-31T23:59:5{k}.5Z", range(6)),
}


@pytest.mark.parametrize("case", DATES)
def test_dates_are_steps(case, tmp_path):
    written, order = DATES[case]
    rows = series(step=written)
    noise = [row[3] for row in rows[1:7]]
    content = as_series(tmp_path, rows)
    assert content.arrays["values"][:6, 0].tolist() == [noise[place] for place in order]


def test_a_date_given_twice_is_written_as_a_date(tmp_path):
    rows = series(step=lambda k: f"2024-03-01T10:00:0{k // 2}.250")
    assert "2024-03-01T10:00:00.25 of 's0' on line 3 (and on line 2)" in refusal(as_series, tmp_path, rows)


@pytest.mark.parametrize("cell", ["third", "2024-13-01", "2024-02-30", "12:30", "", "nan", "1e101", "2024-03-01T25:00"])
def test_what_is_no_step_is_told_what_one_is(cell, tmp_path):
    rows = series()
    rows[3][1] = rows[9][1] = cell
    said = refusal(as_series, tmp_path, rows)
    assert "a step is a number that rises, for instance seconds since the start, or a date" in said
    assert f"line 4 ({shown(cell)}), line 10 (" in said and "1e100" not in said


def test_steps_are_all_numbers_or_all_dates(tmp_path):
    rows = series(step=lambda k: f"2024-03-0{k + 1}")
    rows[5][1] = 20240305
    said = refusal(as_series, tmp_path, rows)
    assert "'step' holds dates on line 2 ('2024-03-01'), numbers on line 6 ('20240305')" in said


# ---- properties ----
@given(st.integers(-(10**40), 10**40), st.integers(0, 30))
def test_numbers_are_compared_exactly(number, zeros):
    assert alike(str(number)) == alike(f"{number}.{'0' * zeros}") != alike(str(number + 1))
    assert exact(f" {number} ") == Decimal(number)


@given(st.text())
def test_a_name_is_alike_itself_however_it_was_written(text):
    assert alike(text) == alike(cleaned(text)) == alike(f"\ufeff {text}\u200f")
    assert cleaned(cleaned(text)) == cleaned(text) and seen(seen(text)) == seen(text)
    assert shown(text).isprintable()
    assert reads_missing(text) == reads_missing(text.upper())


@pytest.mark.parametrize("text", ["1e99999999999999999999", "9" * 5000, "1_000", "٣", "0x10", "infinity", "1e"])
def test_what_is_no_number_of_a_file_is_a_name(text):
    assert exact(text) is None or len(text) == 5000
    assert alike(text) is not None


def test_ids_are_kept_as_they_are_written(tmp_path):
    content = as_series(tmp_path, series(id="S{} é".format))
    assert unpacked(content.arrays["ids"])[:2] == ["S0 é", "S1 é"]
