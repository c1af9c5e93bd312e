"""Double quotes: in a TSV file they are text unless the file plainly quotes, and no cell swallows rows unseen."""

import csv
import io

import pytest

from bilstm_dropout.datasets.own.content import unpacked
from bilstm_dropout.datasets.own.series import read_series
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.errors import UserError

POS = [[f"plain text number {n}", "pos"] for n in range(15)]
NEG = [[f"plain text number {n}x", "neg"] for n in range(15)]
SWALLOWS = [['"so warm and funny', "pos"], ["flat from start to end", "neg"], ['I left happy"', "neg"]]


def joined(rows, delimiter="\t", header=("text", "label"), end="\n") -> str:
    """Rows as lines, cells as they stand."""
    return "".join(delimiter.join(row) + end for row in (header, *rows))


def quoted(rows, delimiter="\t", header=("text", "label"), **style) -> str:
    """Rows as Python's csv writes them."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n", **style).writerows([header, *rows])
    return buffer.getvalue()


def read(tmp_path, content, name="a.tsv", text="text", label="label"):
    """The texts and classes that a file comes to."""
    (tmp_path / name).write_text(content, "utf-8", newline="")
    found = read_texts(tmp_path / name, text, label)
    return unpacked(found.arrays["texts"]), [found.classes[each] for each in found.arrays["labels"]], found


def refused(tmp_path, content, name="a.tsv") -> str:
    with pytest.raises(UserError) as caught:
        read(tmp_path, content, name)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 500
    return str(caught.value)


# ---- text ----
@pytest.mark.parametrize("ending", ["a.tsv", "a.tab", "A.TSV"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quote_at_the_start_of_a_cell_swallows_nothing(ending, end, tmp_path):
    texts, classes, _ = read(tmp_path, joined([*POS, *SWALLOWS, *NEG], end=end), ending)
    assert len(texts) == 33 and texts[15:18] == [row[0] for row in SWALLOWS]
    assert classes[15:18] == ["pos", "neg", "neg"]


RAW = {
    "a quote within": '"good" film',
    "quoted as a whole": '"good film"',
    "an inch sign": '27" screen, 3" feet',
    "never closed": '"never closed',
    "closing alone": 'closes only"',
    "three": '"""',
    "doubled, but not around": '""good"" film',
    "apostrophes": "it's 'so' \"so\"",
    "a backslash": '\\"hm\\"',
}


@pytest.mark.parametrize("case", RAW)
def test_quotes_in_a_tsv_file_are_text(case, tmp_path):
    texts, classes, _ = read(tmp_path, joined([*POS, [RAW[case], "pos"], *NEG]))
    assert len(texts) == 31 and texts[15] == RAW[case] and classes[15] == "pos"


def test_the_class_may_stand_first(tmp_path):
    rows = [row[::-1] for row in (*POS, *SWALLOWS, *NEG)]
    texts, classes, _ = read(tmp_path, joined(rows, header=("label", "text")))
    assert len(texts) == 33 and texts[15] == '"so warm and funny' and classes[15:18] == ["pos", "neg", "neg"]


# ---- quoting ----
@pytest.mark.parametrize("style", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("cell", ['say "good" film', "with a\ttab", "two\nlines", 'ends with "'])
def test_a_tsv_file_that_is_plainly_quoted_is_read_so(cell, style, tmp_path):
    texts, classes, _ = read(tmp_path, quoted([*POS, [cell, "pos"], *NEG], quoting=style))
    assert len(texts) == 31 and texts[15] == cell and classes[15] == "pos" and texts[0] == "plain text number 0"


def test_a_header_in_quotes_is_quoting(tmp_path):
    rows = [[f'"{text}"', f'"{label}"'] for text, label in (*POS, *NEG)]
    texts, classes, _ = read(tmp_path, joined(rows, header=('"text"', '"label"')))
    assert texts[0] == "plain text number 0" and classes[0] == "pos"
    rows[3][0] = '"say \\"hi\\" to it"'  # as R writes it
    assert "line 5" in refused(tmp_path, joined(rows, header=('"text"', '"label"')))


def test_a_row_of_another_width_is_refused_whatever_the_quotes(tmp_path):
    assert "not so on line 17 (3 cells)" in refused(tmp_path, joined([*POS, ["a", "b", "pos"], *SWALLOWS, *NEG]))
    rows = [*POS, ["two\nlines", "pos"], *NEG, ["a", "b", "neg"]]
    assert "not so on line 34 (3 cells)" in refused(tmp_path, quoted(rows))


# ---- cells that swallowed rows ----
def test_a_cell_with_a_tab_and_a_line_break_is_refused_with_the_line_it_begins_on(tmp_path):
    rows = [*POS, ["two\nlines", "pos"], ["a\ttab and\nlines", "pos"], *NEG]
    said = refused(tmp_path, quoted(rows))
    assert "line 19" in said and "'text'" in said and "a tab and a line break" in said
    rows = [["x\ny", "plain", "pos"], *[["c", *row] for row in POS], *[["c", *row] for row in NEG]]
    rows[4] = ["one\ntwo", "a\tb\nc", "pos"]
    assert "line 8" in refused(tmp_path, quoted(rows, header=("comment", "text", "label")))  # the row begins on line 7


SWALLOWED = {
    "two rows between": ([*POS, *SWALLOWS, *NEG], ("text", "label"), 17),
    "no row between": ([*POS, SWALLOWS[0], SWALLOWS[2], *NEG], ("text", "label"), 17),
    "many rows between": ([SWALLOWS[0], *POS, *NEG, SWALLOWS[2], *POS, *NEG], ("text", "label"), 2),
    "the class first": ([row[::-1] for row in (*POS, *SWALLOWS, *NEG)], ("label", "text"), 17),
    "a column after": ([[*row, "7"] for row in (*POS, *SWALLOWS, *NEG)], ("text", "label", "n"), 17),
    "a column between": ([[row[0], "7", row[1]] for row in (*POS, *SWALLOWS, *NEG)], ("text", "n", "label"), 17),
    "in a column that is not read": ([["ok", "note", "pos"], *([f"{row[1]} {n}", *row] for n, row in enumerate(
        (*POS, *SWALLOWS, *NEG)))], ("text", "comment", "label"), 18),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("case", SWALLOWED)
def test_a_quote_that_swallows_rows_of_a_csv_file_is_refused_with_the_line_it_stands_on(case, end, tmp_path):
    rows, header, line = SWALLOWED[case]
    said = refused(tmp_path, joined(rows, ",", header, end), "a.csv")
    assert f"from line {line} to" in said and "lines that end as rows do" in said
    assert "each one inside them twice" in said


def test_rows_of_series_are_not_swallowed_either(tmp_path):
    rows = [[f"s{n}", str(t), "ab"[n % 2], str(n * t + t), "-"] for n in range(24) for t in range(4)]
    rows[5][4], rows[9][4] = '"first', 'last"'
    (tmp_path / "a.csv").write_text(joined(rows, ",", ("id", "step", "label", "x", "note")))
    with pytest.raises(UserError, match="'note' from line 7 to line 11"):
        read_series(tmp_path / "a.csv", "id", "step", "label")


@pytest.mark.parametrize(
    "text",
    [
        "Great film, truly.\n\nI loved it, all of it.\nGo, see it",
        "Nice, warm,\nand funny",
        "pos,\nor neg, who knows",
        "A list:\n1, a\n2, b",
        "first line\r\nsecond, line",
        "he said: \"good\", and\nshe said: \"bad\"",
    ],
)  # fmt: skip
def test_texts_of_several_lines_with_commas_are_sound_in_a_csv_file_and_said(text, tmp_path):
    rows = [*POS, [text, "pos"], *NEG, [text + "!", "neg"]]
    texts, classes, found = read(tmp_path, quoted(rows, ","), "a.csv")
    assert texts[15] == text and classes[15] == "pos" and len(texts) == 32
    said = next(each for each in found.report if each.name == "broken")
    assert said.count == 2 and said.lines[0] == 17 and not said.warning
    assert "2 cells hold commas and line breaks (on lines 17, " in said.said("tokens", str)
