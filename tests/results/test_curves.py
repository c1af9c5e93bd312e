"""Published learning curves: written once, and doubted until each was compared with its row."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.text_sets import stand_in

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.files import sha256
from bilstm_dropout.results import curves, manifest, published
from bilstm_dropout.results.manifest import MANIFEST
from bilstm_dropout.runs.train import record_of

COLUMNS = ["key", "epoch", "train_nll", "watch_nll", "watch_accuracy", "unmasked_train_nll"]


def record(seed=1, dataset="mr", diverged=False, luck=0, watching=False):
    """A record of a run that nobody trained, whose curve fits it."""
    config = plan.run_of(dataset, "none", plan.Setting(1e-3, 0.0), seed, 2 if dataset == "mr" else None)
    config = config.model_copy(update={"watch_training": watching})
    data = datasets.load(dataset, **config.dataset_options)
    rng = np.random.default_rng([luck, seed])
    splits = {name: split for name, split in data.splits().items() if name != "train"}
    p = {name: rng.dirichlet(np.ones(len(data.classes)), len(split)) for name, split in splits.items()}
    watched = "validation" if data.validation is not None else "test"
    right = float(np.mean(p[watched].argmax(1) == splits[watched].labels))
    points = [
        dict(epoch=0.25 * step, train_nll=rng.random(), watch_nll=rng.random() + (step != 3), watch_accuracy=right)
        for step in range(1, 9)
    ]
    for point in points[3::4] if watching else ():
        point["unmasked_train_nll"] = rng.random()
    probabilities = {f"{name}_last": values for name, values in p.items()}
    if diverged:
        points[-1] |= {"train_nll": np.nan, "watch_nll": np.inf}
        probabilities = {name: values * np.nan for name, values in probabilities.items()}
    if watched == "validation":
        probabilities |= {f"{name}_best": values for name, values in p.items()}
    outcome = SimpleNamespace(
        probabilities=probabilities, curves=points, best_epoch=0.75 if watched == "validation" else None,
        last_epoch=2.0, diverged=diverged, seconds=9.0,
    )  # fmt: skip
    return record_of(config, data, outcome)


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    stand_in(monkeypatch)


@pytest.fixture
def some():
    """Four records: chosen on validation, without a validation part, and one of each that diverged."""
    return [record(), record(2, diverged=True), record(3, "japanese_vowels"), record(4, "japanese_vowels", True)]


def publish(records, folder, part="u"):
    published.publish(part, records, folder)
    return curves.publish(part, records, folder)


@pytest.fixture
def folder(some, tmp_path):
    publish(some, tmp_path)
    return tmp_path


@pytest.fixture
def file(folder):
    return folder / "curves" / "u.001.parquet"


def relist(file):
    """Say in the manifest that a file is what it is now."""
    where = file.parent / MANIFEST
    content = json.loads(where.read_text()) if where.is_file() else {"files": {}}
    content["files"].setdefault(file.name, {})["sha256"] = sha256(file.read_bytes())
    where.write_text(json.dumps(content))


def test_what_is_published_is_read_back(some, folder, file):
    frame = curves.read("u", folder)
    assert [*frame.columns] == COLUMNS and len(frame) == 4 * 8
    for each in some:
        found = frame[frame["key"] == each.key].drop(columns="key").to_numpy()
        told = np.array([[point.get(name, np.nan) for name in COLUMNS[1:]] for point in each.curves])
        assert np.array_equal(found, np.where(np.isfinite(told), told, np.nan), equal_nan=True)
    listed = json.loads((file.parent / MANIFEST).read_text())["files"]
    assert [*listed] == ["u.001.parquet"] and listed[file.name]["rows"] == 32
    assert listed[file.name]["sha256"] == sha256(file.read_bytes()) and len(listed[file.name]["method"]["sha256"]) == 64


def test_nothing_published_is_an_empty_frame(tmp_path):
    assert [*curves.read("q", tmp_path / "absent").columns] == COLUMNS and curves.read("q", tmp_path / "absent").empty
    assert curves.publish("q", [], tmp_path / "absent") is None and not (tmp_path / "absent").exists()


def test_a_second_time_adds_only_what_is_new_and_touches_nothing_old(some, tmp_path):
    one = publish(some[:2], tmp_path)
    before, listed = one.read_bytes(), json.loads((one.parent / MANIFEST).read_text())["files"][one.name]
    assert publish(some[:2], tmp_path) is None
    two, other = publish(some, tmp_path), publish(some[:1], tmp_path, "q")
    assert [each.name for each in (one, two, other)] == ["u.001.parquet", "u.002.parquet", "q.001.parquet"]
    assert one.read_bytes() == before
    assert json.loads((one.parent / MANIFEST).read_text())["files"][one.name] == listed
    assert curves.read("u", tmp_path)["key"].nunique() == 4 and curves.read("q", tmp_path)["key"].nunique() == 1


def test_a_file_that_an_interrupted_call_left_is_listed_by_the_next(some, folder, file):
    (file.parent / MANIFEST).unlink()
    with pytest.raises(UserError, match="does not list"):
        curves.read("u", folder)
    assert curves.publish("u", some, folder) is None
    assert len(curves.read("u", folder)) == 32


@pytest.mark.parametrize("part", ["a2", "b", "memory", "", None])
def test_other_parts_have_no_curves(part, tmp_path):
    for call in (lambda: curves.publish(part, [], tmp_path), lambda: curves.read(part, tmp_path)):
        with pytest.raises(UserError, match="Allowed: q, u, s"):
            call()


def test_a_curve_that_is_not_its_row_s_is_not_published(some, folder, file):
    before = file.read_bytes()
    with pytest.raises(UserError, match="no published row"):
        curves.publish("u", [record(5)], folder)
    published.publish("u", [record(5)], folder)
    wrong = record(5)
    wrong.curves[4]["watch_nll"] = 0.0
    with pytest.raises(UserError, match="chose another epoch"):
        curves.publish("u", [wrong], folder)
    assert [path.name for path in file.parent.glob("*.parquet")] == [file.name] and file.read_bytes() == before


def test_curves_count_towards_the_limit_of_all_published_files(some, tmp_path, monkeypatch):
    published.publish("u", some, tmp_path)
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    monkeypatch.setattr(manifest, "MOST_BYTES", size + 100)
    with pytest.raises(UserError, match="would take"):
        curves.publish("u", some, tmp_path)
    assert not [*(tmp_path / "curves").glob("*")]


def of(frame, each):
    return frame.index[frame["key"] == each.key]


def put(frame, rows, name, value):
    frame.loc[rows, name] = value


# What is done to a frame of points, given the four records, and why that is refused.
DAMAGE = {
    "unknown run": (lambda f, some: put(f, of(f, some[0]), "key", "0" * 20), "no published row"),
    "no key": (lambda f, some: put(f, of(f, some[0])[-1], "key", None), "a key or an epoch is missing"),
    "no epoch": (lambda f, some: put(f, of(f, some[0])[2], "epoch", np.nan), "a key or an epoch is missing"),
    "infinite": (lambda f, some: put(f, of(f, some[0])[2], "train_nll", np.inf), "infinite"),
    "negative": (lambda f, some: put(f, of(f, some[0])[2], "watch_nll", -1.0), "below 0"),
    "accuracy": (lambda f, some: put(f, of(f, some[0])[2], "watch_accuracy", 1.5), "above 1"),
    "epoch twice": (lambda f, some: put(f, of(f, some[0])[2], "epoch", 0.5), "order of runs and epochs"),
    "in two pieces": (lambda f, some: put(f, of(f, some[0])[2], "key", some[1].key), "order of runs and epochs"),
    "not finite": (lambda f, some: put(f, of(f, some[0])[2], "train_nll", np.nan), "not finite"),
    "not finite before it diverged": (lambda f, some: put(f, of(f, some[1])[2], "watch_nll", np.nan), "not finite"),
    "cut": (lambda f, some: f.drop(of(f, some[0])[-1], inplace=True), "another last epoch"),
    "longer": (lambda f, some: put(f, of(f, some[2])[-1], "epoch", 3.0), "another last epoch"),
    "least elsewhere": (lambda f, some: put(f, of(f, some[0])[4], "watch_nll", 0.0), "chose another epoch"),
    "last accuracy": (lambda f, some: put(f, of(f, some[2])[-1], "watch_accuracy", 0.999), "another last accuracy"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_curve_that_cannot_be_is_refused_by_the_file_s_name(damage, some, folder, file):
    change, reason = DAMAGE[damage]
    frame = pq.read_table(file).to_pandas()
    change(frame, some)
    pq.write_table(pa.Table.from_pandas(frame, schema=curves.SCHEMA, preserve_index=False), file)
    relist(file)
    for call in (lambda: curves.read("u", folder), lambda: curves.publish("u", [], folder)):
        with pytest.raises(UserError, match=reason) as caught:
            call()
        assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_run_of_two_files_is_refused(folder, file):
    shutil.copy(file, second := file.with_name("u.002.parquet"))
    relist(second)
    with pytest.raises(UserError, match=r"u\.002\.parquet.*there twice"):
        curves.read("u", folder)


def test_a_file_that_changed_or_has_other_columns_is_refused(folder, file):
    frame = pq.read_table(file).to_pandas()
    pq.write_table(pa.Table.from_pandas(frame.drop(columns="train_nll"), preserve_index=False), file)
    with pytest.raises(UserError, match="not what the manifest says"):
        curves.read("u", folder)
    relist(file)
    with pytest.raises(UserError, match="its columns are others"):
        curves.read("u", folder)


def test_the_training_loss_without_masks_is_kept_where_it_was_measured(tmp_path):
    each = record(watching=True)
    told = [each.curves[place]["unmasked_train_nll"] for place in (3, 7)]
    publish([each, record(2, watching=True, diverged=True)], tmp_path, "s")
    frame = curves.read("s", tmp_path)
    found = frame.loc[frame["key"] == each.key].set_index("epoch")["unmasked_train_nll"]
    assert found.loc[[1.0, 2.0]].tolist() == told and found.count() == 2 and len(found) == 8
    assert published.read("s", tmp_path)["watch_training"].all()


@pytest.mark.parametrize("place", [2, 3, 7])
def test_a_training_loss_without_masks_stands_where_the_row_says(place, tmp_path):
    each = record(watching=True)
    published.publish("s", [each], tmp_path)
    point = each.curves[place]
    if point.pop("unmasked_train_nll", None) is None:
        point["unmasked_train_nll"] = 0.5
    with pytest.raises(UserError, match="without masks where"):
        curves.publish("s", [each], tmp_path)


def test_a_file_from_before_it_was_measured_is_read_and_stays(some, folder, file):
    table = pq.read_table(file).drop_columns("unmasked_train_nll")
    pq.write_table(table, file)
    relist(file)
    before = file.read_bytes()
    publish([record(9)], folder)
    frame = curves.read("u", folder)
    assert [*frame.columns] == COLUMNS and frame["unmasked_train_nll"].isna().all() and len(frame) == 5 * 8
    assert file.read_bytes() == before and frame["unmasked_train_nll"].dtype == float


@pytest.mark.parametrize("part", curves.PARTS_WITH_CURVES)
def test_every_published_run_of_a_part_has_its_curve(part):
    frame, rows = curves.read(part), published.read(part)
    assert set(frame["key"]) == set(rows["key"]) and isinstance(frame, pd.DataFrame)
