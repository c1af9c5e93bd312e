"""Rows that belong together lie in one fold, whatever the dealing; own sets have one size for all of them."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout import datasets
from bilstm_dropout.datasets.own import imported as own
from bilstm_dropout.datasets.own.content import to_bytes
from bilstm_dropout.datasets.own.groups import joined
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.errors import UserError
from bilstm_dropout.files import sha256

WORDS = ["anna", "bert", "carl", "dora", "emil", "finn", "gina", "hans", "ida", "jana", "kurt", "lena", "mona"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


pytestmark = pytest.mark.usefixtures("project")


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def text_rows():
    """120 texts of 24 authors, each with words that no other text has, and with texts of both classes."""
    return [
        [f"{WORDS[n % 13]} said {'so ' * (n % 7)} w{LETTERS[n % 26]}{LETTERS[n // 26]}", f"a{n % 24}", "xy"[n % 5 == 0]]
        for n in range(120)
    ]


def series_rows(lengths=(3, 4, 7)):
    """60 series of 20 devices; the device is a number, which would pass for a feature."""
    return [
        [f"s{n}", 100 + n % 20, step, "ab"[n % 2], round(np.sin(n * n + step), 4)]
        for n in range(60)
        for step in range(lengths[n % len(lengths)])
    ]


def keep_texts(project, rows=None, **named):
    file = write(project / "a.csv", [["text", "who", "label"], *(rows or text_rows())])
    return import_file(file, text="text", label="label", **named).name


def keep_series(project, rows=None, **named):
    file = write(project / "s.csv", [["id", "device", "t", "label", "x"], *(rows or series_rows())])
    return import_file(file, id="id", step="t", label="label", **named).name


# ---- what belongs together ----
def test_without_a_column_equal_examples_are_a_group():
    assert joined(["p", "q", "p", "r"]).tolist() == [0, 1, 0, 2]


def test_equal_texts_join_the_groups_that_hold_them():
    assert joined(["p", "q", "p", "r", "s"], ["A", "B", "B", "C", "A"]).tolist() == [0, 0, 0, 1, 0]
    assert joined(["p", "q", "r"], ["A", "B", "A"]).tolist() == [0, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=30))
@settings(deadline=None)
def test_groups_are_what_equal_texts_or_values_connect(rows):
    texts, values = zip(*rows, strict=True)
    found = joined(texts, values)
    want = list(range(len(rows)))  # the least row that can be reached, step by step
    for _ in rows:
        for one, row in enumerate(rows):
            for other, each in enumerate(rows):
                if row[0] == each[0] or row[1] == each[1]:
                    want[one] = want[other] = min(want[one], want[other])
    assert [found.tolist().index(number) for number in found] == want


# ---- texts ----
@pytest.mark.parametrize("repeat", [0, 1, 7])
def test_rows_of_one_author_lie_in_one_fold(project, repeat):
    rows = [*text_rows(), ["anna said", "a0", "x"], ["Anna  said", "a5", "x"]]  # which join two authors
    name = keep_texts(project, rows, group="who")
    kept = own.kept(name).rows().assign(who=[row[1] for row in rows])
    parts = []
    for fold in range(10):
        test = datasets.load(name, fold=fold, repeat=repeat).test
        parts.append(set(kept.who[kept.id.isin(test.ids)]))
    assert sum(map(len, parts)) == len(set().union(*parts)) == 24
    assert any({"a0", "a5"} <= part for part in parts)
    assert not any(each.name == "dependence" for each in own.kept(name).report)
    said = next(each for each in own.kept(name).report if each.name == "groups")
    assert (said.count, said.of, said.warning) == (23, 12, False) and "“who”" in said.said("tokens", str)
    assert "rows of one “who” lie in one fold" in datasets.describe(name).source


def test_without_the_column_authors_are_torn_apart_and_that_is_said(project):
    name = keep_texts(project)
    ids = own.kept(name).rows().id[::24]
    folds = [fold for fold in range(10) for each in ids if each in datasets.load(name, fold=fold).test.ids]
    assert len(set(folds)) > 1 and "depend on each other" in datasets.describe(name).flaws
    assert "lie in one fold" not in datasets.describe(name).source


def test_a_group_larger_than_a_fold_is_a_warning(project):
    rows = [[text, "everyone" if n < 40 else f"a{n}", label] for n, (text, _, label) in enumerate(text_rows())]
    said = next(each for each in own.kept(keep_texts(project, rows, group="who")).report if each.name == "groups")
    assert said.warning and said.of == 40 and "folds differ in size" in said.said("tokens", str)


def test_too_few_groups_of_a_class_are_refused_and_named(project):
    rows = [[text, f"a{n % 9}", label] for n, (text, _, label) in enumerate(text_rows())]
    with pytest.raises(UserError, match=r"at least 10 texts in different groups of 'who'.*'x' 9.*smaller"):
        keep_texts(project, rows, group="who")
    keep_texts(project, rows)


def test_an_empty_group_is_refused_with_its_line(project):
    rows = text_rows()
    rows[6][1] = "  "
    with pytest.raises(UserError, match=r"'who' is empty on line 8. Every row needs a group.*leave the group column"):
        keep_texts(project, rows, group="who")


@pytest.mark.parametrize("group", ["text", "label", " label "])
def test_a_group_needs_a_column_of_its_own(project, group):
    with pytest.raises(UserError, match=r"was named twice \((text|label), group\)"):
        keep_texts(project, group=group)
    with pytest.raises(UserError, match=r"no group column 'whom'.*Did you mean 'who'"):
        keep_texts(project, group="whom")


# ---- series ----
def test_series_of_one_device_lie_in_one_fold_and_the_device_is_no_feature(project):
    name = keep_series(project, group="device")
    for repeat in (0, 3):
        folds = {}
        for fold in range(10):
            for each in datasets.load(name, fold=fold, repeat=repeat).test.ids:
                folds.setdefault(int(each[1:]) % 20, set()).add(fold)
        assert len(folds) == 20 and all(len(each) == 1 for each in folds.values())
    assert own.kept(name).columns == {"id": "id", "step": "t", "label": "label", "group": "device", "features": ["x"]}
    assert "device" not in datasets.describe(name).flaws.replace("in “device” lie in one fold", "")


def test_a_series_lies_in_one_group(project):
    rows = series_rows()
    rows[5][1] = 999
    with pytest.raises(UserError, match=r"lies in one group, and some change 'device': 's1' on line 7 to '999'"):
        keep_series(project, rows, group="device")
    with pytest.raises(UserError, match=r"'id' was named twice \(id, group\)"):
        keep_series(project, group="id")


# ---- one size for all folds and repeats ----
CASES = [(fold, repeat) for fold in (0, 4, 9) for repeat in (0, 2)]


def test_texts_have_one_size_whatever_the_fold_and_no_id_for_a_word_of_the_test_alone(project):
    name = keep_texts(project)
    made = [datasets.load(name, fold=fold, repeat=repeat) for fold, repeat in CASES]
    assert len({each.test.ids for each in made}) == len(CASES)
    for each in made:
        assert each.room == 120 and each.classes == ("x", "y")
        assert {part.inputs.shape[1] for part in each.splits().values()} == {made[0].train.inputs.shape[1]}
        assert each.vocabulary == made[0].vocabulary == 2 + len({w for row in text_rows() for w in row[0].split()})
        used = set(np.unique(each.train.inputs).tolist()) - {0, 1}
        named = {number for number, token in enumerate(each.token_names) if not token.startswith("unused-")}
        assert used == named - {0, 1} and set(np.unique(each.test.inputs)) - {0, 1} <= used
        assert 1 in each.test.inputs  # the words that the test's texts alone have
        assert all(each.token_names[number] == f"unused-{number}" for number in range(max(used) + 1, each.vocabulary))
    small = [datasets.load(name, fold=fold, vocabulary=9, max_tokens=4) for fold in (0, 5)]
    assert {(each.vocabulary, each.train.inputs.shape[1]) for each in small} == {(9, 4)}


def test_series_have_the_steps_of_the_longest_in_all_parts(project):
    rows = series_rows()
    rows += [["long", 1, step, "a", step % 5] for step in range(31)]  # in one part alone
    name = keep_series(project, rows, features=["x"])
    for fold, repeat in CASES:
        made = datasets.load(name, fold=fold, repeat=repeat)
        assert {part.inputs.shape[1:] for part in made.splits().values()} == {(31, 1)} and made.room == 61


def test_the_room_and_the_names_of_ids_are_no_part_of_the_fingerprint(project):
    from dataclasses import replace

    made = datasets.load(keep_texts(project))
    assert replace(made, room=0).fingerprint == made.fingerprint
    with pytest.raises(ValueError, match="room is 0 or enough"):
        replace(made, room=5)


def test_a_repeat_is_a_whole_number_and_its_fold_0_is_another(project):
    name = keep_texts(project)
    assert datasets.canonical_options(name)["repeat"] == 0
    tests = [set(datasets.load(name, repeat=repeat).test.ids) for repeat in range(3)]
    assert all(len(one & other) < 8 for one, other in ((tests[0], tests[1]), (tests[1], tests[2])))
    with pytest.raises(UserError, match=r"repeat = '100'; allowed is a whole number from 0 to 99"):
        datasets.load(name, repeat=100)


# ---- rows of the file ----
def test_rows_lead_back_to_the_lines_of_the_file(project):
    rows = [[f"{text}\nsecond line" if n % 3 == 0 else text, *rest] for n, (text, *rest) in enumerate(text_rows())]
    file = write(project / "a.csv", [["text", "who", "label"], *rows])
    lines = file.read_text("utf-8").split("\n")
    kept = own.kept(import_file(file, text="text", label="label").name).rows()
    assert list(kept.columns) == ["row", "id", "text", "label"] and kept.row.dtype == np.int64
    assert kept.label.tolist() == [row[2] for row in rows] and kept.text.tolist() == [row[0].strip() for row in rows]
    for line, text in zip(kept.row, kept.text, strict=True):
        assert lines[line - 1].lstrip('"').startswith(text.split("\n")[0])
    test = datasets.load("own-a", fold=3, repeat=1).test
    assert set(test.ids) < set(kept.id)


def test_rows_of_series_name_the_first_line_of_each(project):
    rows = sorted(series_rows(), key=lambda row: -row[2])  # the last steps first
    kept = own.kept(keep_series(project, rows)).rows()
    for line, name, text, label in kept.itertuples(index=False):
        first = next(n for n, row in enumerate(rows, start=2) if row[0] == name)
        assert (line, text, label) == (first, "", rows[first - 2][3])
    assert kept.row.is_monotonic_increasing and len(kept) == 60


# ---- what an earlier version kept ----
@pytest.mark.parametrize("keep", [keep_texts, keep_series], ids=["texts", "series"])
def test_format_2_is_read_with_equal_examples_as_groups_and_without_lines(project, keep):
    name = keep(project)
    now = [datasets.load(name, fold=2, repeat=repeat).fingerprint for repeat in (0, 1)]
    file, described = own.folder(name) / own.kept(name).file, own.folder(name) / own.DESCRIPTION
    with np.load(file) as arrays:
        arrays = {each: arrays[each] for each in arrays.files if each not in ("groups", "lines")}
    file.write_bytes(to_bytes(arrays))
    content = json.loads(described.read_text()) | {"format": 2, "sha256": sha256(file.read_bytes())}
    del content["checksum"], content["facts"]["grouped"]
    for each in content["report"]:
        del each["rule"]
    described.write_text(json.dumps(content | {"checksum": own.checksum_of(content)}))
    datasets._make.cache_clear()
    assert [datasets.load(name, fold=2, repeat=repeat).fingerprint for repeat in (0, 1)] == now
    with pytest.raises(UserError, match=r"kept without the numbers of its lines. Import the file again"):
        own.kept(name).rows()
