"""Numbers that people write otherwise than programs read them, and columns whose first cell says nothing."""

import pytest
from support.own_files import as_series, finding, refusal, series

ARABIC = str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")
ODD = [
    "{:,.1f}".format, "{}%".format, "${}".format, "\u2212{}".format, "{} €".format,
    lambda value: str(value).translate(ARABIC), lambda value: str(value).replace(".", ","),
]  # fmt: skip


@pytest.mark.parametrize("write", ODD, ids=lambda write: ascii(write(1250.5)))
def test_a_number_that_is_written_otherwise_is_told_how(write, tmp_path):
    rows = series()
    for place, row in enumerate(rows[1:]):
        row[3] = write(1250.5 + place)
    said = refusal(as_series, tmp_path, rows)
    assert "written otherwise" in said and "without signs of thousands, percent or currency" in said
    rows = series()
    rows[4][3] = rows[5][1] = write(1250.5)
    said = refusal(as_series, tmp_path, rows)
    assert said.count("with a hyphen as minus") == 2 and "line 5" in said and "line 6" in said


@pytest.mark.parametrize("sign", ["", "-", "?", ".", "#N/A", "inf"])
def test_a_first_value_that_is_missing_hides_no_column(sign, tmp_path):
    rows = series(["y"], lambda s, k: [s * 7 % 5 + k])
    rows[1][4] = sign
    said = refusal(as_series, tmp_path, rows)
    assert "'y' holds others on line 2" in said and "line 3" not in said


def test_a_column_of_notes_that_is_mostly_empty_is_no_feature(tmp_path):
    rows = series(["note", "none"], lambda s, k: ["sensor moved" if s == 9 and not k else "", ""])
    content = as_series(tmp_path, rows)
    assert content.columns["features"] == ["x"] and "“note”, “none”" in finding(content, "unread")
