"""New rows: what cannot be read is said with its line, and every other row is there, in the order of the file."""

import json

import pytest

from bilstm_dropout.datasets.new.rows import new_series, new_texts
from bilstm_dropout.datasets.own.limits import LIMITS, Limit, most
from bilstm_dropout.errors import UserError


def write(folder, content, name="new.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def said(found):
    return dict(found.left_out)


BAD_ROWS = [
    (b"  ,9", "'text' is empty"),
    (b"three,cells,here", "has 3 cells, the header 2"),
    (b"one", "has 1 cells, the header 2"),
    (b"caf\xe9,9", "is not UTF-8 (byte 0xe9)"),
    (b"nul\0byte,9", "NUL byte"),
    (b"x" * (most("characters") + 1) + b",9", "more than 200,000 characters"),
    (b"fine,", "'name' is empty"),
    (b"fine," + b"y" * (most("id") + 1), "more than 200 characters"),
    (b'"quoted" badly,9', "double quote"),
    (b'"never closed,9', "double quote"),
    (b"z" * (most("line") + 5), "more than 16,000,000 bytes"),
]


@pytest.mark.parametrize("row, reason", BAD_ROWS, ids=[reason for _, reason in BAD_ROWS])
def test_a_bad_row_is_said_and_the_others_are_there(tmp_path, row, reason):
    file = write(tmp_path, b"text,name\nfirst one,1\n" + row + b"\n\nlast one,2\n")
    found = new_texts(file, "text", "name")
    there = [(each.row, each.id, each.content) for each in found.examples]
    assert there == [(2, "1", "first one"), (5, "2", "last one")]
    assert list(said(found)) == [3] and reason in said(found)[3]


def test_all_of_them_at_once_and_texts_of_several_lines(tmp_path):
    rows = b"\n".join(row for row, _ in BAD_ROWS)
    file = write(tmp_path, b'"name","te\nxt"\n' + b'1,"two\nlines, here"\n' + rows + b"\n" + b"2,last\n")
    found = new_texts(file, "te\nxt")
    assert found.examples[0].row == 3 and found.examples[-1].content == "last"
    assert found.examples[0].content == "two\nlines, here"
    assert said(found)[8] == "it is not UTF-8 (byte 0xe9); save the file in UTF-8"


def test_what_quotes_break_ends(tmp_path):
    found = new_texts(write(tmp_path, "text,n\n" + '"a"b,1\n' * 150 + "fine,2\n"), "text")
    assert len(found.left_out) == 101 and "the rest was not read" in found.left_out[-1][1] and not found.examples


@pytest.mark.parametrize(
    "content, name, says",
    [
        ("", "new.csv", "is empty"),
        ("text\n", "new.csv", "has no rows to answer"),
        ("words\na\n", "new.csv", "no text column 'text'. "),
        (b"te\0xt\na\n", "new.csv", "header of 'new.csv' cannot be read: it holds a NUL byte"),
        ("text\na\n".encode("utf-16"), "new.csv", "UTF-16"),
        (b"PK\x03\x04 ...", "new.csv", "ZIP archive"),
        ("text\na\n", "new.txt", "neither .csv"),
        ("text\n" * 200_010, "new.csv", "more than 200,000 rows"),
        ('{"text": "a"}', "new.json", "no list of objects"),
        ("[" * 100_000, "new.json", "no list of objects"),
        ("[]", "new.json", "has no rows to answer"),
        ("text\na\n", "new.jsonl", ""),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_one_line(tmp_path, content, name, says):
    file = write(tmp_path, content, name)
    if says:
        with pytest.raises(UserError, match=says) as caught:
            new_texts(file, "text")
        assert "\n" not in str(caught.value)
    else:
        assert len(new_texts(file, "text").left_out) == 2


def test_json_in_lines_and_in_a_list(tmp_path):
    objects = [{"text": "a"}, {"text": ""}, {"word": "b"}, {"text": None}, ["c"], {"text": "d", "more": 1}]
    broken = ['{"text": "e', '{"text": "x", "text": "y"}', "[" * 100_000, '{"text": "f"}']
    lines = "\n".join([*map(json.dumps, objects), *broken])
    found = new_texts(write(tmp_path, lines.encode() + b'\n{"text": "\xff"}\n', "new.jsonl"), "text")
    assert [(each.row, each.content) for each in found.examples] == [(1, "a"), (6, "d"), (10, "f")]
    assert list(said(found)) == [2, 3, 4, 5, 7, 8, 9, 11] and "given twice" in said(found)[8]
    assert "no JSON" in said(found)[7] and "not UTF-8" in said(found)[11] and "too deeply" in said(found)[9]
    listed = new_texts(write(tmp_path, json.dumps(objects), "new.json"), "text")
    assert [(each.row, each.content) for each in listed.examples] == [(1, "a"), (6, "d")]
    assert said(listed)[3] == "it has no 'text'" and len(listed.left_out) == 4


def test_half_of_a_character_as_json_may_spell_it_spoils_its_own_row(tmp_path):
    found = new_texts(write(tmp_path, '{"text": "\\ud800"}\n{"text": "a"}\n{"text": "\\udc00"}\n', "new.jsonl"), "text")
    assert [each.content for each in found.examples] == ["a"]
    assert all("half of a surrogate pair" in why for why in said(found).values()) and len(said(found)) == 2


def test_a_list_that_is_too_long_to_be_read_at_once_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "line", Limit(100, "bytes of a line"))
    path = write(tmp_path, json.dumps([{"text": "abc"}] * 20), "new.json")
    with pytest.raises(UserError, match=r"more than 100 bytes, .* Write an object on each line of a \.jsonl file"):
        new_texts(path, "text")


def series_of(*rows, header="run,second,speed,load"):
    return "\n".join([header, *rows]) + "\n"


def read(folder, *rows):
    return new_series(write(folder, series_of(*rows)), "run", "second", ["load", "speed"])


def test_series_are_put_in_order_and_values_by_name(tmp_path):
    found = read(tmp_path, "b,2,1,10", "a,0,5,6", "b,1,3,30", "a,1,7,8")
    assert [(each.row, each.id, each.content.tolist()) for each in found.examples] == [
        (2, "b", [[30, 3], [10, 1]]), (3, "a", [[6, 5], [8, 7]]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row, reason",
    [
        ("b,3,fast,1", "'speed' holds no number up to 1e100 ('fast')"),
        ("b,3,1,", "'load' is empty"),
        ("b,3,nan,1", "holds no number"),
        ("b,3,1e200,1", "holds no number"),
        ("b,,1,1", "'second' is empty"),
        ("b,soon,1,1", "'second' holds no step ('soon')"),
        ("b,1.0,1,1", "its step stands on line 3, too"),
        ("b,3,1", "has 3 cells"),
        ('b,3,"1.234,5",1', "Write decimals with a point"),
        ("b,2024-03-01,1,1", "no order together"),
    ],
)
def test_a_series_with_a_bad_row_is_left_out_whole(tmp_path, row, reason):
    found = read(tmp_path, "a,1,1,1", "b,1,1,1", "a,2,1,1", row, "b,2,1,1")
    assert [each.id for each in found.examples] == ["a"]
    ((line, wrong),) = found.left_out
    assert reason in wrong and "so the series 'b' is left out" in wrong and line in (3, 5)


def test_series_of_too_few_or_too_many_steps_and_rows_without_a_series(tmp_path):
    long = [f"long,{step},1,1" for step in range(most("steps") + 1)]
    found = read(tmp_path, "a,1,1,1", "a,2,1,1", "short,1,1,1", ",1,1,1", *long)
    assert [each.id for each in found.examples] == ["a"]
    assert list(said(found)) == [4, 5, 6 + most("steps")]
    assert "this one has 1" in said(found)[4] and said(found)[5] == "'run' is empty"


def test_series_as_json(tmp_path):
    rows = [{"run": name, "second": step, "speed": 1.5, "load": step} for name in "ab" for step in (2, 1)]
    rows[3]["speed"] = None
    found = new_series(write(tmp_path, json.dumps(rows), "new.json"), "run", "second", ["load", "speed"])
    assert [(each.id, each.content.tolist()) for each in found.examples] == [("a", [[1, 1.5], [2, 1.5]])]
    assert list(said(found)) == [4]
