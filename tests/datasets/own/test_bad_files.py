"""Files that cannot be data: each is refused in one line that says what was wrong, where, and what is allowed."""

import csv
import gzip
import io

import pytest

from bilstm_dropout.datasets.own import content as own_content
from bilstm_dropout.datasets.own.faults import Faults
from bilstm_dropout.datasets.own.importing import examine
from bilstm_dropout.datasets.own.limits import LIMITS, Limit, most
from bilstm_dropout.datasets.own.series import read_series
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.errors import UserError

HEADER = ["text", "label"]


def table(rows, delimiter=",") -> bytes:
    """Rows of cells as a file's bytes."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def texts(count=12, classes=("good", "bad")):
    """Sound rows: `count` different texts of each class."""
    return [[f"a {label} text, number {number}", label] for number in range(count) for label in classes]


def steps(count=12, length=3, width=1):
    """Sound rows of series: `count` of each of two classes."""
    return [
        [f"s{series}", step, "ab"[series % 2], *(series + step / 7 + feature for feature in range(width))]
        for series in range(2 * count)
        for step in range(length)
    ]


def changed(rows, row, column, value):
    """The rows with one cell replaced."""
    rows = [list(cells) for cells in rows]
    rows[row][column] = value
    return rows


SOUND = table([HEADER, *texts()])
LONG = ["id", "step", "label", "x"]
# What is wrong: the file's name, its bytes, and pieces of the message, the line's number among them where there is one.
BAD_TEXTS = {
    "empty": ("a.csv", b"", ["is empty", "header"]),
    "blank header": ("a.csv", b"\n" + SOUND, ["no header"]),
    "header of blanks": ("a.csv", b" , \n" + SOUND, ["no header"]),
    "no rows": ("a.csv", b"text,label\n", ["no rows"]),
    "another ending": ("a.xlsx", b"PK", [".csv", ".tsv", "UTF-8"]),
    "no header but data": ("a.csv", table([["a text", "1"], *texts()]), ["'text'", "seems to hold data", "'a text'"]),
    "column missing": ("a.csv", table([["texts", "label"], *texts()]), ["no text column 'text'", "mean 'texts'"]),
    "label missing": ("a.csv", table([["text", "stars"], *texts()]), ["no label column 'label'", "'stars'"]),
    "column twice": ("a.csv", table([["text", "label", "text"]]), ["several columns named 'text'"]),
    "tabs in a .csv": ("a.csv", table([HEADER, *texts()], "\t"), ["has tabs", "name it .tsv"]),
    "commas in a .tsv": ("a.tsv", SOUND, ["has commas", "name it .csv"]),
    "semicolons": ("a.csv", table([HEADER, *texts()], ";"), ["has semicolons", "save it with commas"]),
    "one column": ("a.csv", b"words\na\nb\n", ["one column only", "commas"]),
    "too many columns": ("a.csv", ",".join(f"c{n}" for n in range(1001)).encode(), ["1,001 columns", "1,000"]),
    "one class": ("a.csv", table([HEADER, *texts(classes=("good",))]), ["one class only, 'good'", "two"]),
    "numbers for classes": (
        "a.csv",
        table([HEADER, *([f"text {number}", number / 7] for number in range(150))]),
        ["150 different classes in 150 rows", "100 at most", "amounts"],
    ),
    "texts for classes": (
        "a.csv",
        table([HEADER, *changed(texts(), 0, 1, "long " * 30)]),
        ["line 2", "at most 80 characters", "Name the column"],
    ),
    "line break in a class": ("a.csv", table([HEADER, *changed(texts(), 3, 1, "go\nod")]), ["line 5", "U+000A"]),
    "escape in a class": ("a.csv", table([HEADER, *changed(texts(), 3, 1, "\x1b[2Jx")]), ["U+001B", "\\x1b[2Jx"]),
    "empty texts": (
        "a.csv",
        table([HEADER, *changed(changed(texts(), 4, 0, ""), 9, 0, " ")]),
        ["line 6, line 11"],
    ),
    "empty labels": ("a.csv", table([HEADER, *changed(texts(), 7, 1, " ")]), ["'label' is empty", "line 9"]),
    "few rows of a class": ("a.csv", table([HEADER, *texts(9)]), ["'bad' 9", "'good' 9", "at least 10"]),
    "few different texts": ("a.csv", table([HEADER, *texts(), *[["same", "rare"]] * 20]), ["'rare' 1 (first"]),
    "latin-1": ("a.csv", SOUND + "café noir,good\n".encode("latin-1"), ["line 26", "0xe9", "Latin-1"]),
    "UTF-16": ("a.csv", SOUND.decode().encode("utf-16"), ["UTF-16", "UTF-8"]),
    "UTF-16 without a mark": ("a.csv", SOUND.decode().encode("utf-16-le"), ["line 1", "NUL"]),
    "UTF-32": ("a.csv", SOUND.decode().encode("utf-32"), ["is in UTF-32"]),
    "Excel's": ("a.csv", b"PK\x03\x04\0\0", ["ZIP archive", ".xlsx", "Export"]),
    "old Excel's": ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\0", ["old Excel"]),
    "gzip": ("a.csv", gzip.compress(SOUND), ["gzip", "unpack"]),
    "page": ("a.csv", b"<!doctype html>\n<html>", ["page of the web"]),
    "pointer": ("a.csv", b"version https://git-lfs.github.com/spec/v1\n", ["Git LFS"]),
    "JSON": ("a.csv", b'{"text": "a", "label": "b"}\n', ["JSON"]),
    "Shift-JIS": ("a.csv", SOUND + "良い,はい\n".encode("shift-jis"), ["another encoding", "Shift-JIS"]),
    "stray carriage return": ("a.csv", SOUND + b"one\rtwo,good\n", ["line 26", "carriage return stands outside"]),
    "NUL": ("a.csv", SOUND + b"a\0b,good\n", ["line 26", "NUL"]),
    "row too long": ("a.csv", SOUND + b"one,two,good\n", ["line 26 (3 cells)", "header, 2"]),
    "row too short": ("a.csv", SOUND + b"one\n", ["line 26 (1 cells)", "header, 2"]),
    "quote left open": ("a.csv", SOUND + b'"never closed,good\n', ["line 26", "never closed"]),
    "quote inside": ("a.csv", SOUND + b'"a "loud" text",good\n', ["line 26", "double quote"]),
    "old line ends": ("a.csv", SOUND.replace(b"\n", b"\r"), ["carriage return"]),
    "endless cell": ("a.csv", SOUND + b'"' + b"a" * 200_001 + b'",good\n', ["line 26", "200,000 characters"]),
    "1 and 1.0": ("a.csv", table([HEADER, *texts(classes=("1", "1.0", "2"))]), ["'1'", "'1.0'", "spelling"]),
    "blanks inside a class": ("a.csv", table([HEADER, *texts(classes=("so so", "so  so"))]), ["'so  so'", "spelling"]),
    "two spellings of an accent": (
        "a.csv",
        table([HEADER, *texts(classes=("caf\u00e9", "cafe\u0301"))]),
        ["spelling alone"],
    ),
}
BAD_SERIES = {
    "NaN": (table([LONG, *changed(steps(), 4, 3, "nan")]), ["line 6", "'nan'", "'x'", "'s1'", "NaN"]),
    "infinity": (table([LONG, *changed(steps(), 4, 3, "-inf")]), ["line 6", "'-inf'", "'x'"]),
    "too large": (table([LONG, *changed(steps(), 4, 3, "1e999")]), ["line 6", "1e999", "1e100"]),
    "empty cell": (table([LONG, *changed(steps(), 0, 3, "")]), ["line 2", "''", "'x'", "'s0'"]),
    "no number": (table([LONG, *changed(steps(), 5, 3, "high")]), ["line 7", "'high'", "feature columns"]),
    "Python's number": (table([LONG, *changed(steps(), 5, 3, "1_000")]), ["line 7", "'1_000'"]),
    "decimal comma": (table([LONG, *changed(steps(), 5, 3, "1,5")]), ["line 7", "'1,5'", "with a point"]),
    "no feature": (table([LONG, *([*row[:3], "text"] for row in steps())]), ["no column of numbers"]),
    "step no number": (table([LONG, *changed(steps(), 2, 1, "third")]), ["line 4", "'third'", "no step"]),
    "step twice": (table([LONG, *changed(steps(), 2, 1, "1.0")]), ["line 4", "1.0 of 's0'", "line 3"]),
    "class changes": (table([LONG, *changed(steps(), 2, 2, "b")]), ["line 4", "'s0'", "'a'", "'b'"]),
    "class empty": (table([LONG, *changed(steps(), 2, 2, "")]), ["'label'", "line 4"]),
    "id empty": (table([LONG, *changed(steps(), 2, 0, "")]), ["line 4 (empty)", "'id'"]),
    "other width": (table([LONG, *steps()]) + b"s0,9,a,1,2\n", ["line 74 (5 cells)", "header, 4"]),
    "one step": (table([LONG, *steps(), ["lone", 0, "a", 1]]), ["'lone' 1 (line 74)", "2 to 2,000"]),
    "endless": (table([LONG, *steps(), *(["long", n, "a", n] for n in range(2001))]), ["'long' 2,001 (line 74)"]),
    "constant": (table([LONG, *([*row[:3], 4] for row in steps())]), ["'x' (4)", "one value only"]),
    "few series": (table([LONG, *steps(6)]), ["'a' 6", "series", "at least 10"]),
    "same series": (table([LONG, *([*row[:3], row[1]] for row in steps())]), ["at least 10 different series", "'a' 1"]),
    "step missing": (table([["id", "steps", "label", "x"], *steps()]), ["no step column 'step'", "'steps'"]),
}


def refused(read, tmp_path, name, content, *columns, longest=500, **more) -> str:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read(file, *columns, **more)
    said = str(caught.value)
    assert len(said) < longest and said.isprintable(), said
    return said


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_a_bad_file_of_texts_is_refused_in_a_line(case, tmp_path):
    name, content, pieces = BAD_TEXTS[case]
    said = refused(read_texts, tmp_path, name, content, "text", "label")
    assert all(piece in said for piece in pieces), said


@pytest.mark.parametrize("case", BAD_SERIES)
def test_a_bad_file_of_series_is_refused_in_a_line(case, tmp_path):
    content, pieces = BAD_SERIES[case]
    said = refused(read_series, tmp_path, "a.csv", content, "id", "step", "label")
    assert all(piece in said for piece in pieces), said


@pytest.mark.parametrize("label", ["good, it seems", " ", "go\tod"])
def test_what_follows_from_a_fault_is_no_fault_of_its_own(label, tmp_path):
    rows = "".join(f"text {number},{label}\n" for number in range(12)).encode()
    said = refused(read_texts, tmp_path, "a.csv", b"text,label\n" + rows, "text", "label", longest=600)
    assert "no class" not in said.replace("no class may", "") and "one class" not in said and "faults" not in said


def test_ids_of_texts_stand_there_once(tmp_path):
    rows = [[*row, f"id{number % 20}"] for number, row in enumerate(texts())]
    said = refused(read_texts, tmp_path, "a.csv", table([[*HEADER, "key"], *rows]), "text", "label", id="key")
    assert "'id0' on line 22 (and on line 2)" in said and "'id3' on line 25 (and on line 5)" in said


@pytest.mark.parametrize("read, columns", [(read_texts, ("text", "text")), (read_series, ("text", "label", "label"))])
def test_a_column_has_one_part(read, columns, tmp_path):
    assert "named twice" in refused(read, tmp_path, "a.csv", SOUND, *columns)


def test_what_is_no_file_is_said(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "reviews.csv").write_bytes(SOUND)
    with pytest.raises(UserError, match="is a folder"):
        read_texts(tmp_path / "folder.csv", "text", "label")
    with pytest.raises(UserError, match=r"no file .*mean 'reviews.csv'"):
        read_texts(tmp_path / "review.csv", "text", "label")
    with pytest.raises(UserError, match="no ordinary file"):
        read_texts("/dev/null", "text", "label")


@pytest.mark.parametrize("path", ["a\0.csv", "\ud800.csv"], ids=ascii)
def test_what_can_be_no_path_is_said(path):
    with pytest.raises(UserError, match="is no path of a file") as caught:
        examine(path, text="text", label="label")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("target", ["a.csv", "gone.csv"])
def test_a_link_that_leads_nowhere_is_said(target, tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / target)
    with pytest.raises(UserError, match=r"'a\.csv' is a link that leads to no file"):
        examine(tmp_path / "a.csv", text="text", label="label")


def test_too_large_a_file_is_refused_unread(tmp_path):
    file = tmp_path / "a.csv"
    with file.open("wb") as stream:
        stream.truncate(most("bytes") + 10_000_000)  # a file of holes: reading it would find a NUL
    with pytest.raises(UserError, match=r"1\.01 GB; this program takes 1 GB at most. Take a sample: python -c"):
        read_texts(file, "text", "label")


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "texts", Limit(20, "rows"))
    assert "more than 20 rows" in refused(read_texts, tmp_path, "a.csv", SOUND, "text", "label")
    monkeypatch.setitem(LIMITS, "values", Limit(70, "values"))
    said = refused(read_series, tmp_path, "a.csv", table([LONG, *steps()]), "id", "step", "label")
    assert "24 series of up to 3 steps with 1 features are 72 values" in said and "takes 70 at most" in said


def test_a_line_without_end_is_never_held_whole(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "line", Limit(1000, "bytes"))
    assert "line 26 is longer than 1,000 bytes" in refused(
        read_texts, tmp_path, "a.csv", SOUND + b"a" * 2000, "text", "label"
    )


def test_the_limit_on_cells_is_ours_alone(tmp_path):
    before = csv.field_size_limit()
    refused(read_texts, tmp_path, "a.csv", BAD_TEXTS["endless cell"][1], "text", "label")
    assert csv.field_size_limit() == before


def test_an_id_has_a_limit():
    faults = Faults("f")
    assert own_content.identity(faults, " a ", 3, "id") == "a" and not faults
    own_content.identity(faults, "a" * 201, 3, "id")
    with pytest.raises(UserError, match=r"1 to 200.*line 3"):
        faults.raise_all()
