"""Everything wrong with a file is said at once, with its lines: one bad item does not hide the rest."""

import pytest
from support.own_files import as_series, as_texts, finding, refusal, series, texts, write

from bilstm_dropout.datasets.own.faults import ITEMS, MOST_ITEMS, Faults
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.errors import UserError


def test_faults_are_numbered_and_their_cases_stand_together():
    faults = Faults("'a.csv'")
    faults.unsound(f"empty on {ITEMS}. Fill them.", "line 3")
    assert str(faults.error()) == "'a.csv': empty on line 3. Fill them."
    faults.unsound("no header.")
    for line in range(4, 30):
        faults.unsound(f"empty on {ITEMS}. Fill them.", f"line {line}")
    said = str(faults.error())
    assert said.startswith("'a.csv' has 2 faults. (1) empty on line 3, line 4, ") and said.endswith("(2) no header.")
    assert said.count("line") == MOST_ITEMS and "line 22 and 7 more. Fill them." in said
    with pytest.raises(UserError):
        faults.raise_all()
    Faults("f").raise_all()


def test_all_faults_of_a_file_of_texts(tmp_path):
    rows = [*texts("good", "bad"), ["", "good"], ["x", ""], ["y", "long " * 30], ["only", "Good"], ["one", "a", "b"],
            [" ", "bad"], ["z", ""]]  # fmt: skip
    said = refusal(as_texts, tmp_path, rows)
    for piece in (
        "has 6 faults", "'text' is empty on line 26, line 31", "'label' is empty: line 27, line 32", "line 30 (3",
        "at most 80 characters", "line 28 ('long long", "'good' (line 2) and 'Good' (line 29)", "'Good' 1 (first on",
    ):  # fmt: skip
        assert piece in said, (piece, said)


def test_all_faults_of_a_file_of_series(tmp_path):
    rows = series(["y", "z"], lambda s, k: [s + k / 7, 3])
    rows[3][3], rows[4][4], rows[5][1] = "nan", "", "x"
    rows[9][2] = "b"  # of series s1
    rows += [["lone", 0, "a", 1, 1, 3], ["s5", 2, "a", 5, 5, 3]]
    said = refusal(as_series, tmp_path, rows)
    for piece in (
        "line 4 ('nan', series 's0')", "line 5 ('', series 's0')", "line 6 ('x')", "'s1' on line 10 from 'a' to 'b'",
        "'lone' 1 (line 146)", "2 of 's5' on line 147 (and on line 34)", "so that they tell nothing: 'z'",
        "FEATURES=x,y",
    ):  # fmt: skip
        assert piece in said, (piece, said)


def test_all_columns_that_are_not_there(tmp_path):
    said = refusal(as_texts, tmp_path, texts("a", "b"), text="texts", label="lable", group="who")
    assert "has no text column 'texts', no label column 'lable', no group column 'who'. Did you mean 'text'" in said
    assert "'label'?" in said and "Columns there: 'text', 'label'." in said
    assert "no feature column 'y', no feature column 'z'" in refusal(
        as_series, tmp_path, series(), features=["x", "y", "z"]
    )


def test_all_constant_features_and_the_line_that_would_do(tmp_path):
    said = refusal(as_series, tmp_path, series(["c1", "c, 2", "c3"], lambda s, k: [1, 2, -3.5]))
    assert "'c1' (1), 'c, 2' (2), 'c3' (-3.5). Name the feature columns without them: FEATURES=x, or" in said
    rows = series(["c1", "y, too"], lambda s, k: [1, (s * 7 + k * k) % 11])
    assert "FEATURES='x,\"y, too\"'" in refusal(as_series, tmp_path, rows)
    assert as_series(tmp_path, rows, features=["x", "y, too"]).columns["features"] == ["x", "y, too"]
    rows = [["id", "step", "label", "c"], *([*row[:3], 1] for row in series()[1:])]
    assert "No other feature is left." in refusal(as_series, tmp_path, rows)


def test_all_series_of_one_step_or_of_too_many(tmp_path):
    said = refusal(as_series, tmp_path, series(steps=1))
    assert "'s0' 1 (line 2), 's1' 1 (line 3)" in said and "'s19' 1 (line 21) and 4 more" in said
    long = [["long", k, "a", k] for k in range(2001)]
    assert "'long' 2,001 (line 146)" in refusal(as_series, tmp_path, [*series(), *long])


def test_all_classes_with_too_few(tmp_path):
    rows = [*texts("a1", "b1"), *texts("r1", "r2", "r3", count=3)[1:]]
    said = refusal(as_texts, tmp_path, rows)
    assert "'r1' 3 (first on line 26), 'r2' 3 (first on line 29), 'r3' 3 (first on line 32)" in said


def test_a_file_that_ends_with_an_open_quote_says_what_was_before(tmp_path):
    rows = "text,label\n,good\n" + "".join(f"t {n},good\n" for n in range(12)) + '"never,bad\n'
    said = refusal(as_texts, tmp_path, rows)
    assert "(1) 'text' is empty on line 2" in said and "(2) line 15: a double quote opens here" in said


def test_all_lines_that_are_not_utf_8(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"text,label\n" + "".join(f"caf\u00e9 {n},good\n" for n in range(30)).encode("latin-1"))
    said = refusal(as_texts, tmp_path, file.read_text("latin-1").replace("\u00e9", "e"), label="no")  # sound bytes
    assert "no label column" in said
    file.write_bytes(b"text,label\n" + "".join(f"caf\u00e9 {n},good\n" for n in range(30)).encode("latin-1"))
    said = refusal(read_texts, file, "text", "label")
    assert "line 2 is not UTF-8: byte 0xe9; nor are lines 3, 4, 5" in said and "22 and 9 more. The file was" in said


# ---- features that vary in few series ----
def test_a_feature_that_some_training_part_would_not_see_vary_is_refused_with_its_line(tmp_path):
    rows = series(["rare", "often"], lambda s, k: [float((s, k) == (5, 3)), (s * 5 + k) % 3])
    said = refusal(as_series, tmp_path, rows)
    assert "do not vary in the training part of some of the ten folds: 'rare' (other values on line 35)" in said
    assert "FEATURES=x,often, or --feature-column" in said
    assert as_series(tmp_path, rows, features=["x", "often"]).columns["features"] == ["x", "often"]


def test_one_that_other_dealings_may_not_see_vary_is_a_warning_and_never_an_error(tmp_path):
    rows = series(["rare"], lambda s, k: [float(s % 6 == 0 and k == 3)])
    said = finding(as_series(tmp_path, rows), "hardly")
    assert said.startswith("Warning: “rare” has another value than its commonest in 4 of 24 series only (first on")
    assert finding(as_series(tmp_path, series(["fine"], lambda s, k: [float(k == 3 + s % 2)])), "hardly") is None


def test_separators_of_a_spreadsheet_are_read(tmp_path):
    for sign, line in ((",", "sep=,"), (";", "sep=;"), ("\t", "sep=\t"), (";", '"sep=;"'), ("|", "SEP=|")):
        body = "\n".join(sign.join(row) for row in texts("good", "bad"))
        content = as_texts(tmp_path, f"\ufeff{line}\n{body}\n")
        assert content.facts["examples"] == 24 and content.arrays["lines"][0] == 3
    body = "\n".join(";".join(row) for row in [*texts("good", "bad"), ["x", ""]])
    assert "'label' is empty: line 27" in refusal(as_texts, tmp_path, f"sep=;\n{body}\n")


@pytest.mark.parametrize(
    ("header", "rows", "columns", "says"),
    [
        ("review, full;label", texts("a", "b"), ("review, full", "label"), "header has semicolons"),
        ("text;label", texts("a", "b"), ("text", "label"), "header has semicolons"),
        ("text|label, of it", texts("a", "b"), ("text", "label, of it"), "header has bars"),
        ("text\tlabel", texts("a", "b"), ("text", "label"), "name it .tsv"),
    ],
)
def test_another_separator_is_seen_in_any_cell_of_the_header(header, rows, columns, says, tmp_path):
    file = "\n".join([header, *(";".join(row) for row in rows[1:])])
    said = refusal(as_texts, tmp_path, file, text=columns[0], label=columns[1])
    assert says in said and (".tsv" in says or "above the header" in said)


def test_the_advice_on_separators_works(tmp_path):
    file = "\n".join(["review, full;label", *(";".join(row) for row in texts("good", "bad")[1:])])
    said = refusal(as_texts, tmp_path, file, text="review, full")
    assert "write the line sep=; above the header" in said
    assert as_texts(tmp_path, f"sep=;\n{file}", text="review, full").facts["examples"] == 24


def test_a_header_with_commas_of_another_separator_is_seen_in_series(tmp_path):
    file = "\n".join(["id;step;label;x,y", *(";".join(map(str, row)) for row in series()[1:])])
    said = refusal(as_series, tmp_path, file)
    assert "no id column 'id', no step column 'step'" in said and "its header has semicolons" in said


def test_a_comma_in_every_number_is_the_reason(tmp_path):
    rows = series()
    rows = [rows[0], *([*row[:3], str(row[3]).replace(".", ",")] for row in rows[1:])]
    said = refusal(as_series, tmp_path, rows)
    assert "written otherwise: '0," in said and "in 'x' (line 2). Write decimals with a point" in said


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "x.csv", texts("good", "bad"))
    assert read_texts("~/x.csv", "text", "label").facts["examples"] == 24
    assert "no file" in refusal(read_texts, "~/y.csv", "text", "label")
    assert "no file '~nobody-of-this-name/y.csv'" in refusal(read_texts, "~nobody-of-this-name/y.csv", "text", "label")
