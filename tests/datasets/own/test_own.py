"""The reader's own data: sound files become data sets, kept in a checked form, and hostile texts stay text."""

import csv
import errno
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.datasets.own import imported as own
from bilstm_dropout.datasets.own.content import training
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.errors import UserError

HOSTILE = ["<script>alert(1)</script>", "{{ 1/0 }} {% raw %}", "$\\frac{", "[a](javascript:b) `c` *d*", "| # ~"]


pytestmark = pytest.mark.usefixtures("project")


def write(path, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def text_rows(count=40, classes=("good", "bad")):
    return [[f"This film, number {n}, is {label} {'indeed ' * n}", label] for n in range(count) for label in classes]


def series_rows(count=40):
    """Series s0, s1, … of 3 or 4 steps, the rows of the last step first; x grows with the class, y is far from 0."""
    rows = [
        [f"s{n}", step, n % 2, n % 2 + np.sin(n + step), 1e9 + n + step / 8, "words"]
        for n in range(count)
        for step in range(3 + n % 2)
    ]
    return sorted(rows, key=lambda row: -row[1])


@pytest.fixture
def reviews(project):
    return write(project / "My Reviews (1).csv", [["re view", "stars"], *text_rows()])


@pytest.fixture
def series(project):
    return write(project / "runs.tsv", [["name", "t", "class", "x", "y", "note"], *series_rows()], "\t")


# ---- texts ----
def test_a_file_of_texts_becomes_a_data_set(reviews):
    assert import_file(reviews, text="re view", label="stars").name == "own-my-reviews-1"
    assert datasets.names() == (*datasets.NAMES, "own-my-reviews-1")
    data = datasets.load("own-my-reviews-1")
    assert data.kind == "tokens" and data.classes == ("bad", "good")
    assert [len(part) for part in data.splits().values()] == [64, 8, 8]
    row = data.test.inputs[0]
    assert " ".join(data.token_names[each] for each in row[:3]) == "this film ,"


def test_every_text_is_in_the_test_of_one_fold(reviews):
    import_file(reviews, text="re view", label="stars")
    ids = [name for fold in range(10) for name in datasets.load("own-my-reviews-1", fold=fold).test.ids]
    assert sorted(ids) == [f"row-{number:06d}" for number in range(1, 81)]


def test_equal_texts_lie_in_one_part(project):
    rows = text_rows(12) + [["  The SAME   film", "good"], ["the same film", "bad"]] * 6
    import_file(write(project / "a.csv", [["text", "label"], *rows]), text="text", label="label")
    for fold in range(10):
        parts = datasets.load("own-a", fold=fold).splits().values()
        assert sum(any(name > "row-000024" for name in part.ids) for part in parts) == 1
    flaws = datasets.describe("own-a").flaws
    assert "11 texts repeat another" in flaws and "1 texts stand there under different classes" in flaws


def test_the_options_fit_the_file_and_are_checked(reviews):
    import_file(reviews, text="re view", label="stars")
    options = datasets.canonical_options("own-my-reviews-1")
    lengths = sorted(8 + n for n in range(40) for _ in range(2))  # this film , number n , is good, and n times indeed
    assert options["max_tokens"] == np.percentile(lengths, 95, method="higher") and options["fold"] == 0
    assert f"and {options['max_tokens']} are read" in datasets.describe("own-my-reviews-1").what
    assert datasets.load("own-my-reviews-1", max_tokens=5, keep="last").train.inputs.shape[1] == 5
    with pytest.raises(UserError, match=r"fold = '10'.*from 0 to 9"):
        datasets.load("own-my-reviews-1", fold=10)


def test_long_texts_are_read_up_to_400_tokens(project):
    rows = [[f"{n} {'word ' * 900}", label] for n in range(10) for label in "ab"]
    import_file(write(project / "a.csv", [["text", "label"], *rows]), text="text", label="label")
    assert datasets.canonical_options("own-a")["max_tokens"] == 400


def test_a_byte_order_mark_line_breaks_and_outer_blanks_do_no_harm(project):
    rows = [[f" first line\nsecond, {text}", f" {label} "] for text, label in text_rows(10)]
    file = write(project / "a.csv", [["text ", "label"], *rows, []], encoding="utf-8-sig")
    import_file(file, text="text", label="label")
    data = datasets.load("own-a")
    assert data.classes == ("bad", "good") and "second" in data.token_names


def test_numbers_as_classes_are_names_in_the_order_of_their_values(project):
    rows = [[text, str(2 + 8 * (label == "good"))] for text, label in text_rows(10)]
    import_file(write(project / "a.csv", [["text", "stars"], *rows]), text="text", label="stars")
    assert datasets.load("own-a").classes == ("2", "10")
    assert "treated as names, not as amounts" in datasets.describe("own-a").flaws


def test_ids_of_texts_are_kept(project):
    rows = [[f"review/{n}", *row] for n, row in enumerate(text_rows(10))]
    import_file(write(project / "a.csv", [["key", "text", "label"], *rows]), text="text", label="label", id="key")
    assert all(name.startswith("review/") for name in datasets.load("own-a").test.ids)


# ---- series ----
def test_a_file_of_series_becomes_a_data_set(series):
    assert import_file(series, id="name", step="t", label="class").name == "own-runs"
    data = datasets.load("own-runs")
    assert data.kind == "series" and data.features == 2 and data.classes == ("0", "1")
    assert [len(part) for part in data.splits().values()] == [32, 4, 4]
    row = data.train.ids.index(next(name for name in data.train.ids if int(name[1:]) % 2))
    assert data.train.lengths[row] == 4
    # y grows by an eighth a step: the steps were put in order, and float32 did not swallow a feature far from 0.
    assert (np.diff(data.train.inputs[row, :4, 1]) > 0).all()
    real = np.arange(4) < data.train.lengths[:, None]
    assert data.train.inputs[real].mean(axis=0) == pytest.approx([0, 0], abs=1e-5)
    assert data.train.inputs[real].std(axis=0) == pytest.approx([1, 1], abs=1e-5)
    assert "“note”" in datasets.describe("own-runs").flaws


def test_features_can_be_chosen_and_unnamed_columns_are_left_alone(series):
    import_file(series, id="name", step="t", label="class", features=["y"])
    assert datasets.load("own-runs").features == 1
    rows = [[number, *row] for number, row in enumerate(series_rows())]
    import_file(write(series, [["", "name", "t", "class", "x", "y", "note"], *rows], "\t"), id="name", step="t",
                label="class")
    assert own.kept("own-runs").columns["features"] == ["x", "y"]


def test_a_feature_that_does_not_vary_in_training_is_said(project):
    rows = [[f"s{n}", step, n % 2, n + step, 7 * (n == 3) + 1.5] for n in range(30) for step in range(3)]
    file = write(project / "a.csv", [["id", "t", "c", "x", "y"], *rows])
    with pytest.raises(UserError, match=r"'y' \(other values on lines 11, 12, 13\).*FEATURES=x, or --feature-column"):
        import_file(file, id="id", step="t", label="c")
    assert not own.names()  # not where series s3 is in the test part, nor in the validation part


# ---- keeping ----
def test_the_same_content_is_not_kept_again(reviews):
    def files():
        return {file: file.stat().st_mtime_ns for file in (own.own_folder() / "own-my-reviews-1").iterdir()}

    assert import_file(reviews, text="re view", label="stars").state == "new"
    before = files()
    assert import_file(reviews, text="re view", label="stars").state == "unchanged"
    assert files() == before and len(before) == 2


def test_what_is_kept_has_the_mode_that_the_umask_gives_and_unreadable_is_not_called_damaged(reviews, monkeypatch):
    before = os.umask(0o022)
    try:
        import_file(reviews, text="re view", label="stars")
    finally:
        os.umask(before)
    files = [*(own.own_folder() / "own-my-reviews-1").iterdir()]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o644, 0o644]
    for method, look in (("read_text", datasets.describe), ("read_bytes", datasets.load)):
        with monkeypatch.context() as patch:
            patch.setattr(Path, method, _refused)
            with pytest.raises(UserError, match=r"own-my-reviews-1/.* cannot be read \(Permission denied\)") as caught:
                look("own-my-reviews-1")
        assert "damaged" not in str(caught.value) and "\n" not in str(caught.value)


def _refused(file, *_, **__):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))


def test_other_content_replaces_and_the_fingerprint_tells(reviews):
    import_file(reviews, text="re view", label="stars")
    before = datasets.load("own-my-reviews-1")
    write(reviews, [["re view", "stars"], *text_rows(30)])
    assert import_file(reviews, text="re view", label="stars").state == "replaced"
    after = datasets.load("own-my-reviews-1")
    assert after.fingerprint != before.fingerprint and len(after.train) == 48
    write(reviews, [["re view", "stars"], *[[text, label.upper()] for text, label in text_rows(30)]])
    assert import_file(reviews, text="re view", label="stars").state == "replaced"
    assert datasets.load("own-my-reviews-1").classes == ("BAD", "GOOD")  # the arrays are the same, the names are not


def test_a_bad_file_changes_nothing(reviews):
    import_file(reviews, text="re view", label="stars")
    before = datasets.load("own-my-reviews-1").fingerprint
    write(reviews, [["re view", "stars"], *text_rows(3)])
    with pytest.raises(UserError, match="at least 10"):
        import_file(reviews, text="re view", label="stars")
    assert datasets.load("own-my-reviews-1").fingerprint == before


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a": ' * 100_000, b"\xff\xfe", b"[]", b"1" * 5000], ids=len)
def test_a_hostile_description_is_damage_in_one_line_and_mended_by_importing(reviews, content):
    import_file(reviews, text="re view", label="stars")
    (own.folder("own-my-reviews-1") / own.DESCRIPTION).write_bytes(content)
    with pytest.raises(UserError, match=r"is damaged .*Import the file again") as caught:
        datasets.describe("own-my-reviews-1")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert import_file(reviews, text="re view", label="stars").state == "replaced"
    assert datasets.describe("own-my-reviews-1").kind == "tokens"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("facts", {}), ("facts", []), ("columns", None), ("kind", "x"), ("classes", ["a"]), ("file", None), ("file", 3),
        ("file", "/dev/zero"), ("file", "../other/data-1.npz"),
    ],
)
def test_a_description_of_another_form_is_damage_though_its_checksum_is_right(reviews, part, value):
    import_file(reviews, text="re view", label="stars")
    file = own.folder("own-my-reviews-1") / own.DESCRIPTION
    content = {name: each for name, each in json.loads(file.read_text()).items() if name != "checksum"} | {part: value}
    file.write_text(json.dumps(content | {"checksum": own.checksum_of(content)}))
    for use in (datasets.describe, datasets.load):
        with pytest.raises(UserError, match=r"is damaged .*Import the file again"):
            use("own-my-reviews-1")
    import_file(reviews, text="re view", label="stars")
    assert datasets.describe("own-my-reviews-1").kind == "tokens"


def test_no_pickle_is_read_and_a_damaged_file_is_noticed(reviews):
    import_file(reviews, text="re view", label="stars")
    kept = own.kept("own-my-reviews-1")
    file = own.folder(kept.name) / kept.file
    with np.load(file, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "iufb" for name in arrays.files)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"damaged \(its hash is another\).*Import the file again"):
        datasets.load(kept.name, fold=3)
    assert import_file(reviews, text="re view", label="stars").state == "new"
    datasets.load(kept.name, fold=3)
    file = own.folder(kept.name) / own.DESCRIPTION
    file.write_text(json.dumps(json.loads(file.read_text()) | {"kind": "series"}))
    with pytest.raises(UserError, match=r"damaged \(its checksum does not match\)"):
        datasets.describe(kept.name)


@pytest.mark.parametrize("name", ["own-", "own-../../etc", "own-a/b", "own-A", "own-nothing", "own-" + "a" * 300, ""])
def test_a_name_that_is_not_there_is_unknown(name):
    with pytest.raises(UserError, match="Unknown data set") as refused:
        datasets.describe(name)
    assert ("bilstm-dropout study --data FILE" in str(refused.value)) == bool(name)  # what to do for one of your own


@pytest.mark.parametrize("columns", [{}, {"text": "a"}, {"label": "b"}, {"id": "a", "label": "b"}])
def test_columns_that_are_not_named_are_asked_for(columns, reviews):
    with pytest.raises(UserError, match=r"--text-column and --label-column.*TEXT= LABEL="):
        import_file(reviews, **columns)


@pytest.mark.parametrize("stem, name", [
    ("Ä ö", "own-a-o"), ("a" * 99, f"own-{'a' * 47}-13284468"), ("--X__y--", "own-x-y"), ("--", "own-data-d8156bae"),
])
def test_every_file_name_gives_a_name(stem, name, project):
    assert own.name_for(project / f"{stem}.csv") == name
    import_file(write(project / f"{stem}.csv", [["t", "l"], *text_rows(10)]), text="t", label="l")
    assert datasets.describe(name).name == name


@pytest.mark.parametrize("rows, epochs", [(20, 40), (2_000, 40), (10_000, 10), (25_000, 4), (200_000, 4)])
def test_training_is_about_2500_updates(rows, epochs):
    found = training("tokens", rows)
    assert found["epochs"] == epochs and found["evaluations_per_epoch"] == (1 if epochs > 10 else 4)
    assert "embedding_dim" not in training("series", rows)


# ---- hostile ----
def test_hostile_texts_are_text_in_the_card(project):
    rows = [[f"{text} {n}", text] for n in range(10) for text in HOSTILE]
    file = write(project / "<b>.csv", [["$x^2$ <i>", "{{ label }}"], *rows])
    card = datasets.describe(import_file(file, text="$x^2$ <i>", label="{{ label }}").name)
    for text in (card.title, card.what, card.source, card.flaws):
        bare = re.sub(r"\\.", "", text)  # without the characters that a backslash makes plain
        assert not set("<{}[]$*#~|") & set(bare) and bare.count("`") == 2 * len(re.findall("option `|`max", text))
    assert "alert" in card.what and datasets.load(card.name).classes == tuple(sorted(HOSTILE))
