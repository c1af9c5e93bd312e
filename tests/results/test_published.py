"""Published results: written once, and doubted until every row was checked."""

import hashlib
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.files import sha256
from bilstm_dropout.paths import published_folder
from bilstm_dropout.results import manifest, method, published
from bilstm_dropout.results.manifest import MANIFEST, part_of
from bilstm_dropout.results.rows import _CONFIG, SCHEMA, config_of, rows_of
from bilstm_dropout.runs.config import CONTROLS, RunConfig
from bilstm_dropout.runs.store import Record, run_key


def record(seed=1, dataset="recall", diverged=False, version=3, **config):
    """A made-up record of a run that could exist."""
    config = RunConfig(placement="input", rate=0.25, seed=seed, dataset=dataset, **config)
    fingerprint = datasets.load(dataset, **config.dataset_options).fingerprint
    number = np.nan if diverged else 0.5
    measures = dict.fromkeys(("accuracy", "nll", "brier", "macro_f1"), number) | {"epoch": 7.0}
    both = dataset == "recall" and not diverged
    return Record(
        key=run_key(config, fingerprint, version), config=config, fingerprint=fingerprint, results_version=version,
        metrics={"last": measures, **({"best": measures | {"epoch": 3.0}} if both else {})}, curves=[],
        watch="validation" if dataset == "recall" else "test", diverged=diverged, seconds=1.5,
        provenance={"python": "3.11", "source": "abc", "device": {"system": "Linux"}}, probabilities={},
    )  # fmt: skip


def rewrite(file, change, manifest=True):
    """Change the rows of a published file, and its hash in the manifest too."""
    rows = pq.read_table(file).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file)
    if manifest:
        relist(file)


def relist(file):
    where = file.parent / MANIFEST
    content = json.loads(where.read_text())
    content["files"][file.name]["sha256"] = sha256(file.read_bytes())
    where.write_text(json.dumps(content))


def test_a_row_is_found_by_its_key_or_how_it_begins():
    rows = published.read("a3")
    key = rows["key"].iloc[5]
    for given in (key, key[:8], key[:13]):
        assert published.row_named(given)["key"] == key
    for given in (key[:7], key.upper(), "", key + "0", f"{key[:9]}\n"):
        with pytest.raises(UserError, match="is no key of a run"):
            published.row_named(given)
    with pytest.raises(UserError, match="No published runs have a key that begins with 0000"):
        published.row_named("0" * 12)


def test_the_columns_are_those_of_a_configuration():
    """A field that RunConfig gains must be published too."""
    assert list(_CONFIG) == list(RunConfig.model_fields)


def test_a_file_from_before_a_field_existed_is_read_with_its_default(tmp_path):
    file = published.publish("memory", [record(1), record(2)], tmp_path)
    rows = pq.read_table(file).to_pylist()
    later = {"schedule", *CONTROLS}
    for row in rows:
        for name in later:
            row.pop(name)
        old = {name: row[name] for name in _CONFIG if name not in later}
        old["dataset_options"] = json.loads(old["dataset_options"])
        identity = {"config": old, "fingerprint": row["fingerprint"], "results_version": row["results_version"]}
        row["key"] = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:20]
    schema = pa.schema([field for field in SCHEMA if field.name not in later])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    relist(file)
    frame = published.read("memory", tmp_path)
    assert list(frame["schedule"]) == ["constant"] * 2 and list(frame["permuted_labels"]) == [False] * 2
    assert list(frame.columns) == SCHEMA.names
    found = [config_of(row) for row in rows_of(frame)]
    assert sorted(config.seed for config in found) == [1, 2] and found[0].train_rows is None
    rows[0]["key"] = record(rows[0]["seed"]).key  # what its key would be today
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    relist(file)
    with pytest.raises(UserError, match="another run"):
        published.read("memory", tmp_path)


def test_what_is_published_is_read_back(tmp_path):
    records = [record(1), record(2, dataset="japanese_vowels", units=16), record(3, diverged=True)]
    records.append(record(4, train_rows=40, dataset_options={"steps": 30}))
    records.append(record(5, weight_decay=0.1, permuted_labels=True))
    file = published.publish("memory", records, tmp_path)
    assert file.name == "memory.001.parquet"
    frame = published.read("memory", tmp_path)
    assert set(frame["key"]) == {each.key for each in records} and list(frame.columns) == SCHEMA.names
    for row in pq.read_table(file).to_pylist():
        original = next(each for each in records if each.key == row["key"])
        assert config_of(row) == original.config
        assert json.loads(row["provenance"]) == original.provenance
        assert row["epoch_best"] == (3.0 if "best" in original.metrics else None)
        assert row["nll_last"] == (None if original.diverged else 0.5)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    part = manifest["parts"]["memory"]
    assert part["runs"] == 5 and part["diverged"] == 1 and part["seconds"] == 7.5
    assert part["devices"] == [{"system": "Linux"}] and part["results_versions"] == [3]
    assert len(part["data"]["recall"]) == 2 and list(manifest["files"]) == [file.name]


def test_a_second_time_adds_only_what_is_new_and_touches_nothing_old(tmp_path):
    one = published.publish("memory", [record(1)], tmp_path)
    before = one.read_bytes()
    assert published.publish("memory", [record(1)], tmp_path) is None
    two = published.publish("memory", [record(1), record(2)], tmp_path)
    other = published.publish("position", [record(1)], tmp_path)
    assert (two.name, other.name) == ("memory.002.parquet", "position.001.parquet")
    assert one.read_bytes() == before and pq.read_metadata(two).num_rows == 1
    assert len(published.read("memory", tmp_path)) == 2 and len(published.read("position", tmp_path)) == 1


def test_a_run_that_another_part_of_the_study_has_published_is_taken_over(tmp_path):
    runs = [record(seed) for seed in (1, 2, 3)]
    keys = [run.key for run in runs]
    published.publish("a3", runs[:2], tmp_path)
    published.publish("memory", [record(4)], tmp_path)
    published.publish("e", runs[2:], tmp_path, shared=[keys[1], keys[2], record(4).key])
    theirs, own = published.read("a3", tmp_path).set_index("key"), published.read("e", tmp_path).set_index("key")
    assert {*own.index} == {*keys[1:]} and set(own["part"]) == {"e"}
    assert own.loc[keys[1]].drop("part").equals(theirs.loc[keys[1]].drop("part"))
    assert published.publish("e", [], tmp_path, shared=keys[1:]) is None
    assert published.publish("claims", [], tmp_path, shared=keys) is None


def test_nothing_published_is_an_empty_frame(tmp_path):
    frame = published.read("memory", tmp_path / "absent")
    assert frame.empty and list(frame.columns) == SCHEMA.names


@pytest.mark.parametrize("part", ["", "Memory", "../x", "a.b", "a--b", None, 3])
def test_a_part_has_a_plain_name(part, tmp_path):
    with pytest.raises(UserError, match="lower-case"):
        published.publish(part, [], tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: row.update(accuracy_best=float("nan")), "finite"),
        (lambda row: row.update(nll_last=None), "finite"),
        (lambda row: row.update(nll_best=float("inf")), "finite"),
        (lambda row: row.update(nll_scaled_best=float("nan")), "temperature"),
        (lambda row: row.update(temperature_last=-1.0), "temperature"),
        (lambda row: row.update(accuracy_last=1.5), "above 1"),
        (lambda row: row.update(dict.fromkeys([n for n in row if n.endswith("_best")]), watch="validation"), "finite"),
        (lambda row: row.update(rate=0.5), "another run"),
        (lambda row: row.update(seed=9), "another run"),
        (lambda row: row.update(fingerprint="0" * 16), "another run"),
        (lambda row: row.update(results_version=4), "another run"),
        (lambda row: row.update(part="position"), "another run or part"),
        (lambda row: row.update(placement="recurent"), "Unknown placement"),
        (lambda row: row.update(dataset_options="{}"), "spelt"),
        (lambda row: row.update(dataset_options="[" * 10_000), "cannot be used"),
        (lambda row: row.update(provenance="[]"), "provenance"),
        (lambda row: row.update(seconds=float("nan")), "seconds"),
        (lambda row: row.update(watch="train"), "watched"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_the_file_s_name(change, reason, tmp_path):
    file = published.publish("memory", [record(1), record(2)], tmp_path)
    rewrite(file, lambda rows: change(rows[0]))
    with pytest.raises(UserError, match=reason) as caught:
        published.read("memory", tmp_path)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_changed_missing_or_unlisted_file_is_refused(tmp_path):
    file = published.publish("memory", [record(1)], tmp_path)
    content = file.read_bytes()
    rewrite(file, lambda rows: rows[0].update(accuracy_best=0.75), manifest=False)
    for call in (lambda: published.read("memory", tmp_path), lambda: published.publish("memory", [], tmp_path)):
        with pytest.raises(UserError, match="not what the manifest says"):
            call()
    file.unlink()
    with pytest.raises(UserError, match="not there"):
        published.read("memory", tmp_path)
    file.write_bytes(content)
    stray = tmp_path / "memory.002.parquet"
    stray.write_bytes(content)
    with pytest.raises(UserError, match="does not list"):
        published.read("memory", tmp_path)
    stray.rename(tmp_path / "stray.parquet")
    with pytest.raises(UserError, match="its name"):
        published.read("memory", tmp_path)


def test_what_is_read_twice_is_checked_once_and_is_nobody_s_to_change(tmp_path, monkeypatch):
    file = published.publish("memory", [record(1), record(2)], tmp_path)
    checked, seen = published.checked, []
    monkeypatch.setattr(published, "checked", lambda row, part: seen.append(row["key"]) or checked(row, part))
    first = published.read("memory", tmp_path)
    before, wanted = list(seen), first.copy(deep=True)
    first.loc[:, "seconds"] = -1.0
    first.drop(columns="key", inplace=True)
    pd.testing.assert_frame_equal(published.read("memory", tmp_path), wanted)
    assert seen == before
    # Other content under the same name is checked anew, and the same content of another part, too.
    rewrite(file, lambda rows: rows[0].update(seconds=2.5))
    assert published.read("memory", tmp_path)["seconds"].to_list() == [2.5, 1.5]
    assert seen[len(before) :] == wanted["key"].to_list()
    (tmp_path / MANIFEST).unlink()
    file.rename(tmp_path / "claims.001.parquet")
    with pytest.raises(UserError, match="belongs to another run or part"):
        published.publish("claims", [], tmp_path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", b"PAR1" + bytes(200) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(content, tmp_path):
    file = published.publish("memory", [record(1)], tmp_path)
    file.write_bytes(content)
    relist(file)
    with pytest.raises(UserError, match=r"memory\.001\.parquet"):
        published.read("memory", tmp_path)


def test_other_columns_and_too_many_rows_are_refused(tmp_path, monkeypatch):
    file = published.publish("memory", [record(1), record(2)], tmp_path)
    monkeypatch.setattr(published, "MOST_ROWS", 1)
    with pytest.raises(UserError, match="too large"):
        published.read("memory", tmp_path)
    monkeypatch.undo()
    pq.write_table(pq.read_table(file).drop_columns(["nll_last"]), file)
    relist(file)
    with pytest.raises(UserError, match="columns"):
        published.read("memory", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"files": []}', '{"files": {"../x": {"sha256": ""}}}'])
def test_a_broken_manifest_is_refused(text, tmp_path):
    published.publish("memory", [record(1)], tmp_path)
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(UserError, match=r"manifest\.json"):
        published.read("memory", tmp_path)


def test_more_than_the_limit_is_not_published(tmp_path, monkeypatch):
    published.publish("memory", [record(1)], tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    monkeypatch.setattr(manifest, "MOST_BYTES", sum(map(len, before.values())) + 100)
    with pytest.raises(UserError, match="MB"):
        published.publish("memory", [record(2)], tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_file_that_an_interrupted_call_left_is_listed_by_the_next(tmp_path):
    file = published.publish("memory", [record(1)], tmp_path)
    (tmp_path / MANIFEST).unlink()
    assert published.publish("memory", [record(1)], tmp_path) is None
    assert len(published.read("memory", tmp_path)) == 1 and file.is_file()


def test_files_of_the_study_carry_the_method_page_of_their_day(tmp_path, monkeypatch):
    pages = iter([{"date": "2026-01-01", "sha256": "a" * 64}, {"date": "2026-02-01", "sha256": "b" * 64}])
    monkeypatch.setattr(published, "method_stamp", lambda: next(pages))
    published.publish("memory", [record(1)], tmp_path)
    published.publish("a1", [record(1)], tmp_path)
    published.publish("a1", [record(1), record(2)], tmp_path)
    published.publish("position", [record(1)], tmp_path)
    files = json.loads((tmp_path / MANIFEST).read_text())["files"]
    assert files["a1.001.parquet"]["method"] == {"date": "2026-01-01", "sha256": "a" * 64}
    assert files["a1.002.parquet"]["method"] == {"date": "2026-02-01", "sha256": "b" * 64}
    assert "method" not in files["memory.001.parquet"] and "method" not in files["position.001.parquet"]
    assert len(published.read("a1", tmp_path)) == 2


def test_the_method_s_hash_is_that_of_the_page(tmp_path, monkeypatch):
    for part in ("a1", "a2", "a3", "b", "f2", "k", "l", "q", "t", "u", "v"):
        assert method.in_study(part)
    for part in ("memory", "claims", "w", "a10", "ab", "", "a1\n"):
        assert not method.in_study(part)
    page = method.project_root() / "book" / "method.md"
    expected = hashlib.sha256(page.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    assert method.method_hash() == expected == method.method_stamp()["sha256"]
    (tmp_path / "book").mkdir()
    monkeypatch.setattr(method, "project_root", lambda: tmp_path)
    with pytest.raises(UserError, match="method page"):
        method.method_hash()
    (tmp_path / "book" / "method.md").write_bytes(b"one\r\ntwo\r\n")
    assert method.method_hash() == hashlib.sha256(b"one\ntwo\n").hexdigest()


def test_a_file_from_before_temperatures_were_published_is_read(tmp_path):
    file = published.publish("memory", [record(1)], tmp_path)
    columns = ["nll_scaled_best", "nll_scaled_last", "temperature_best", "temperature_last"]
    pq.write_table(pq.read_table(file).drop_columns(columns), file)
    relist(file)
    frame = published.read("memory", tmp_path)
    assert list(frame.columns) == SCHEMA.names and frame[columns].isna().all(axis=None)


def test_the_project_s_own_published_results_are_sound():
    folder = published_folder()
    for part in {part_of(file) for file in folder.glob("*.parquet")}:
        assert len(published.read(part))


def test_every_published_row_has_the_key_that_it_would_get_today():
    """But for rows from before a field existed, whose key cannot name it; reading re-keys those without it."""
    parts, again = {}, 0
    for file in published_folder().glob("*.parquet"):
        table = pq.read_table(file)
        part = parts[part_of(file)] if part_of(file) in parts else published.read(part_of(file))
        parts[part_of(file)] = part
        if set(_CONFIG) - set(CONTROLS) <= set(table.column_names):
            for row in rows_of(part[part["key"].isin(table["key"].to_pylist())]):
                assert run_key(config_of(row), row["fingerprint"], row["results_version"]) == row["key"]
                again += 1
    assert again > 7000


def test_data_that_are_made_are_what_published_runs_were_trained_on():
    rows = pd.concat([published.read(part) for part in ("planted", "memory", "position")])
    for dataset, options, fingerprint in rows[["dataset", "dataset_options", "fingerprint"]].drop_duplicates().values:
        assert datasets.load(dataset, **json.loads(options)).fingerprint == fingerprint
