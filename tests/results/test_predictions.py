"""Published test predictions, doubted as published rows are, and the crossed interval that is made from them."""

import hashlib
import json
import math
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.passes import record as with_passes
from support.text_sets import CLASSES, stand_in

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import training
from bilstm_dropout.experiments.confirmatory import contrasts, plan
from bilstm_dropout.experiments.confirmatory import crossed as crossing
from bilstm_dropout.results import encoding, manifest, predictions, published
from bilstm_dropout.results.manifest import MANIFEST
from bilstm_dropout.runs.train import record_of
from bilstm_dropout.stats import metrics
from bilstm_dropout.stats.calibration import fit_temperature, scaled
from bilstm_dropout.stats.intervals import mean_interval

SETTING = plan.Setting(1e-3, 0.25)


def softmax(logits):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def record(dataset="mr", placement="input", seed=1, fold=2, best=True, luck=0):
    """A record of a run that nobody trained. Every fifth example is as sure as float32 can be, some of them wrongly."""
    setting = SETTING._replace(rate=0.0) if placement == "none" else SETTING
    config = plan.run_of(dataset, placement, setting, seed, fold)
    data = datasets.load(dataset, **config.dataset_options)
    rng = np.random.default_rng([luck, seed, fold, len(placement), len(dataset)])
    probabilities = {}
    for selected in ("best", "last") if best else ("last",):
        for split in ("test", "validation"):
            labels = getattr(data, split).labels
            logits = rng.normal(size=(len(labels), len(data.classes))) + 0.8 * np.eye(len(data.classes))[labels]
            logits[::5] *= 40
            probabilities[f"{split}_{selected}"] = softmax(logits).astype(np.float32)
    epoch = 3.0 if best else None
    outcome = SimpleNamespace(
        probabilities=probabilities, curves=[], best_epoch=epoch, last_epoch=8.0, diverged=not best, seconds=9.0
    )
    return record_of(config, data, outcome)


def publish(records, folder):
    published.publish("a2", records, folder)
    return predictions.publish("a2", records, folder)


def files_of(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    stand_in(monkeypatch)


@pytest.fixture(scope="module")
def some():
    """Five records of three test parts; one has no finite checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch)
        return [
            record(), record(seed=2), record(placement="none"), record("trec", fold=3),
            record("phrasebank", seed=4, best=False),
        ]  # fmt: skip


@pytest.fixture(scope="module")
def made(some, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch)
        publish(some, folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A published folder of the records `some`, for this test alone."""
    return shutil.copytree(made, tmp_path / "published")


@pytest.fixture
def file(folder):
    return folder / "predictions" / "a2.001.parquet"


def relist(file):
    """Say in the manifest that a file is what it is now."""
    where = file.parent / MANIFEST
    content = json.loads(where.read_text())
    entry = content["files"].setdefault(file.name, {})
    entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    where.write_text(json.dumps(content))


# What is kept


def test_what_is_published_is_read_back(some, folder, file):
    found, rows = predictions.read("a2", folder), published.read("a2", folder).set_index("key")
    *finite, without = some
    assert without.key in rows.index and math.isnan(rows.at[without.key, "nll_best"])
    assert set(found.probabilities) == {each.key for each in finite}
    assert set(found.labels) == {each.fingerprint for each in some} == set(found.classes)
    for each in some:
        data = datasets.load(each.config.dataset, **each.config.dataset_options)
        assert np.array_equal(found.labels[each.fingerprint], data.test.labels)
        assert found.classes[each.fingerprint] == CLASSES[each.config.dataset]
    for each in finite:
        p, labels, row = found.probabilities[each.key], found.labels[each.fingerprint], rows.loc[each.key]
        assert p == pytest.approx(each.probabilities["test_best"], abs=4e-4) and p.sum(axis=1) == pytest.approx(1)
        assert metrics.nll(p, labels) == pytest.approx(each.metrics["best"]["nll"], abs=1e-3)
        assert metrics.accuracy(p, labels) == each.metrics["best"]["accuracy"]
        bound = 2 * encoding.NLL_ERROR / row["temperature_best"]
        assert metrics.nll(scaled(p, row["temperature_best"]), labels) == pytest.approx(
            row["nll_scaled_best"], abs=bound
        )
    assert pq.read_schema(file).names == ["key", "selected", "rows", "classes", "values"]  # neither ids nor texts
    assert pq.read_metadata(file).num_rows == 4 + 3


def test_nothing_published_is_nothing_read(tmp_path):
    assert predictions.read("a2", tmp_path / "absent") == predictions.Predictions()
    assert predictions.publish("a2", [], tmp_path / "absent") is None
    assert not (tmp_path / "absent").exists()


def test_a_second_time_adds_only_what_is_new_and_touches_nothing_old(some, tmp_path):
    one = publish(some[:1], tmp_path)
    before = one.read_bytes()
    assert publish(some[:1], tmp_path) is None
    stamp = json.loads((one.parent / MANIFEST).read_text())["files"][one.name]["method"]
    two = publish(some, tmp_path)
    assert (one.name, two.name) == ("a2.001.parquet", "a2.002.parquet") and one.read_bytes() == before
    # The first test part's labels are there already.
    assert [pq.read_metadata(each).num_rows for each in (one, two)] == [1 + 1, 3 + 2]
    assert len(predictions.read("a2", tmp_path).probabilities) == 4
    manifest = json.loads((one.parent / MANIFEST).read_text())
    assert list(manifest["files"]) == [one.name, two.name] and manifest["files"][one.name]["method"] == stamp
    assert stamp["sha256"] and [each["rows"] for each in manifest["files"].values()] == [2, 5]
    assert [path.name for path in tmp_path.glob("*.parquet")] == ["a2.001.parquet", "a2.002.parquet"]
    assert set(json.loads((tmp_path / MANIFEST).read_text())["files"]) == {one.name, two.name}


def test_a_file_that_an_interrupted_call_left_is_listed_by_the_next(some, folder, file):
    (file.parent / MANIFEST).unlink()
    with pytest.raises(UserError, match="does not list"):
        predictions.read("a2", folder)
    assert predictions.publish("a2", some, folder) is None
    assert len(predictions.read("a2", folder).probabilities) == 4


def test_publishing_a_part_writes_rows_and_predictions(some, tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    monkeypatch.setattr(training, "records", lambda part, store=None: some)
    assert training.publish("a1") == tmp_path / "a1.001.parquet"
    assert not (tmp_path / "predictions").exists()
    assert training.publish("a2") == tmp_path / "a2.001.parquet"
    assert len(published.read("a2")) == 5 and len(predictions.read("a2").probabilities) == 4
    # Rows whose predictions a stopped call did not get to.
    shutil.rmtree(tmp_path / "predictions")
    assert training.publish("a2") is None and len(predictions.read("a2").probabilities) == 4


# What is refused


@pytest.mark.parametrize("part", ["a1", "memory", "", None])
def test_other_parts_have_no_predictions(part, tmp_path):
    for call in (lambda: predictions.publish(part, [], tmp_path), lambda: predictions.read(part, tmp_path)):
        with pytest.raises(UserError, match="Allowed: a2, a3, q, r, u"):
            call()


def test_a_record_that_is_not_the_one_of_its_row_is_not_published(some, folder, monkeypatch):
    before = files_of(folder)
    with pytest.raises(UserError, match="no published row"):
        predictions.publish("a2", [record(seed=5)], folder)
    published.publish("a2", [record(seed=5)], folder)
    before = files_of(folder)
    with pytest.raises(UserError, match="trained again"):
        predictions.publish("a2", [record(seed=5, luck=1)], folder)
    other = record("trec", fold=4)
    published.publish("a2", [other], folder)
    before = files_of(folder)
    monkeypatch.setattr(predictions.datasets, "load", lambda *_, **__: SimpleNamespace(fingerprint="other"))
    with pytest.raises(UserError, match="not the one that the run"):
        predictions.publish("a2", [other], folder)
    assert files_of(folder) == before


def of(rows, kind):
    return next(row for row in rows if row["selected"] == kind)


def codes(row):
    return np.frombuffer(row["values"], "<u2").reshape(row["rows"], -1).copy()


def unnormalised(rows):
    row = of(rows, "best")
    values = codes(row)
    values[3] += 2  # every probability of an example is 5 in 10,000 too low
    row["values"] = values.tobytes()


def swapped(rows):
    one, two = [row for row in rows if row["selected"] == "best" and row["classes"] == 2][:2]
    one["values"], two["values"] = two["values"], one["values"]


def exchanged(rows):
    """Two labels that differ change places, where they change the NLL."""
    row = next(row for row in rows if row["selected"] == "labels" and row["classes"] == 2)
    labels = codes(row)[:, 0]
    row["values"] = labels[::-1].tobytes()


DAMAGE = {
    "unknown run": (lambda rows: of(rows, "best").update(key="0" * 20), "no published row"),
    "no key": (lambda rows: of(rows, "best").update(key="x"), "a key"),
    "no key at all": (lambda rows: of(rows, "best").update(key=None), "cannot be used"),
    "run twice": (lambda rows: rows.append(dict(of(rows, "best"))), "key twice"),
    "another checkpoint": (lambda rows: of(rows, "best").update(selected="last"), "selected"),
    "labels as a run": (lambda rows: of(rows, "labels").update(selected="best"), "selected"),
    "one example more": (lambda rows: of(rows, "best").update(rows=17), "one a class and example"),
    "other shape": (lambda rows: (row := of(rows, "best")).update(rows=row["rows"] * row["classes"] // 4, classes=4),
                    "sum to 1|does not fit"),
    "no example": (lambda rows: of(rows, "best").update(rows=0, values=b""), "examples or classes"),
    "negative": (lambda rows: of(rows, "best").update(rows=-16, classes=-2), "examples or classes"),
    "too many": (lambda rows: of(rows, "best").update(rows=10**12), "examples or classes"),
    "one class": (lambda rows: of(rows, "best").update(classes=1), "examples or classes"),
    "no size": (lambda rows: of(rows, "labels").update(rows=None), "cannot be used"),
    "cut": (lambda rows: (row := of(rows, "best")).update(values=row["values"][:-1]), "one a class and example"),
    "no values": (lambda rows: of(rows, "best").update(values=None), "cannot be used"),
    "sum": (unnormalised, "sum to 1"),
    "of another run": (swapped, "another NLL"),
    "label too high": (lambda rows: (row := of(rows, "labels")).update(values=row["values"][:-2] + b"\xff\x00"),
                       "one class an example"),
    "labels cut": (lambda rows: (row := of(rows, "labels")).update(values=row["values"][:-2]), "one class an example"),
    "labels of other data": (lambda rows: of(rows, "labels").update(key="labels/" + "0" * 16), "this data|labels"),
    "no labels": (lambda rows: rows.remove(of(rows, "labels")), "labels of its data"),
    "other labels": (exchanged, "another NLL"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_row_that_cannot_be_is_refused_by_the_file_s_name(damage, folder, file):
    change, reason = DAMAGE[damage]
    rows = [row for row in pq.read_table(file).to_pylist() if "phrasebank" not in row["key"]]
    # The labels of the part without a checkpoint matter to no other run.
    rows = [row for row in rows if not (row["selected"] == "labels" and row["classes"] == 3)]
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=predictions.SCHEMA), file)
    relist(file)
    for call in (lambda: predictions.read("a2", folder), lambda: predictions.publish("a2", [], folder)):
        with pytest.raises(UserError, match=reason) as caught:
            call()
        assert str(file) in str(caught.value) and "\n" not in str(caught.value)
        assert "Restore it" in str(caught.value)


@pytest.mark.parametrize("kind", ["best", "labels"])
def test_a_key_of_two_files_is_refused(kind, folder, file):
    rows = [row for row in pq.read_table(file).to_pylist() if row["selected"] == kind]
    second = file.with_name("a2.002.parquet")
    pq.write_table(pa.Table.from_pylist(rows, schema=predictions.SCHEMA), second)
    relist(second)
    with pytest.raises(UserError, match=r"a2\.002\.parquet.*there twice"):
        predictions.read("a2", folder)


def test_predictions_of_a_run_without_a_checkpoint_are_refused(some, folder, file):
    rows = pq.read_table(file).to_pylist()
    labels = next(row for row in rows if row["selected"] == "labels" and row["classes"] == 3)
    p = np.full((labels["rows"], 3), 1 / 3)
    rows.append(dict(key=some[-1].key, selected="best", rows=len(p), classes=3, values=encoding.encode(p)))
    pq.write_table(pa.Table.from_pylist(rows, schema=predictions.SCHEMA), file)
    relist(file)
    with pytest.raises(UserError, match="another NLL"):
        predictions.read("a2", folder)


def test_a_changed_missing_or_unlisted_file_is_refused(folder, file):
    content = file.read_bytes()
    pq.write_table(pq.read_table(file), file, compression="none")
    assert file.read_bytes() != content
    for call in (lambda: predictions.read("a2", folder), lambda: predictions.publish("a2", [], folder)):
        with pytest.raises(UserError, match="not what the manifest says"):
            call()
    file.unlink()
    with pytest.raises(UserError, match="not there"):
        predictions.read("a2", folder)
    file.write_bytes(content)
    stray = file.with_name("a2.002.parquet")
    stray.write_bytes(content)
    with pytest.raises(UserError, match="does not list"):
        predictions.read("a2", folder)
    stray.rename(file.with_name("stray.parquet"))
    with pytest.raises(UserError, match="its name"):
        predictions.read("a2", folder)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", b"PAR1" + bytes(200) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(content, folder, file):
    file.write_bytes(content)
    relist(file)
    with pytest.raises(UserError, match=r"predictions/a2\.001\.parquet"):
        predictions.read("a2", folder)


def test_other_columns_types_and_too_many_rows_are_refused(folder, file, monkeypatch):
    monkeypatch.setattr(predictions, "MOST_ROWS", 6)
    with pytest.raises(UserError, match="too large"):
        predictions.read("a2", folder)
    monkeypatch.undo()
    stand_in(monkeypatch)
    table = pq.read_table(file)
    others = (
        table.drop_columns(["classes"]),
        table.append_column("text", pa.array(["a text"] * len(table))),
        table.set_column(2, "rows", table["rows"].cast(pa.float64())),
    )
    for other in others:
        pq.write_table(other, file)
        relist(file)
        with pytest.raises(UserError, match="columns"):
            predictions.read("a2", folder)


@pytest.mark.parametrize("text", ["", "[]", '{"files": []}', '{"files": {"../x": {"sha256": ""}}}'])
def test_a_broken_manifest_is_refused(text, folder, file):
    (file.parent / MANIFEST).write_text(text)
    with pytest.raises(UserError, match=r"predictions/manifest\.json"):
        predictions.read("a2", folder)


def test_predictions_count_towards_the_limit_of_all_published_files(some, folder, monkeypatch):
    more = record(seed=3)
    published.publish("a2", [more], folder)
    before = files_of(folder)
    size = sum(map(len, before.values()))
    monkeypatch.setattr(manifest, "MOST_BYTES", size + 100)
    with pytest.raises(UserError, match="MB are allowed"):
        predictions.publish("a2", [more], folder)
    assert files_of(folder) == before
    assert len(published.read("a2", folder)) == 6
    monkeypatch.setattr(manifest, "MOST_BYTES", size - 1)
    for call in (lambda: published.read("a2", folder), lambda: predictions.read("a2", folder)):
        with pytest.raises(UserError, match="MB are allowed"):
            call()


@pytest.mark.parametrize("part", predictions.PARTS_WITH_PREDICTIONS)
def test_the_project_s_own_predictions_are_sound_and_complete(part):
    rows, found = published.read(part), predictions.read(part)
    chosen, last = (set(rows.loc[rows[name].notna(), "key"]) for name in ("nll_best", "nll_last"))
    kinds = predictions.PARTS_WITH_PREDICTIONS[part]
    assert set(found.probabilities) == chosen and set(found.last) == (last if "last" in kinds else set())
    assert set(found.validation) == (chosen if "validation_best" in kinds else set())
    for kind in kinds:
        assert set(found.of(kind)) == (last if kind.startswith("last") else chosen)


# What parts have beside the test part at the chosen checkpoint


@pytest.fixture
def wide(some, tmp_path):
    """A folder with part u: two records of MR, and one of JapaneseVowels, which has no validation part."""
    config = plan.run_of("japanese_vowels", "input", SETTING, 1, None)
    data = datasets.load("japanese_vowels")
    p = np.random.default_rng(3).dirichlet(np.ones(9), len(data.test)).astype(np.float32)
    outcome = SimpleNamespace(
        probabilities={"test_last": p}, curves=[], best_epoch=None, last_epoch=40.0, diverged=False, seconds=9.0
    )
    records = [*some[:2], record_of(config, data, outcome)]
    published.publish("u", records, tmp_path)
    assert predictions.publish("u", records, tmp_path).name == "u.001.parquet"
    return records, tmp_path


def test_the_last_epoch_and_the_validation_part_are_read_back(wide):
    records, folder = wide
    found, rows = predictions.read("u", folder), published.read("u", folder).set_index("key")
    names = {"best": "test_best", "last": "test_last", "validation_best": "validation_best"}
    for each in records:
        data = datasets.load(each.config.dataset, **each.config.dataset_options)
        assert {selected for selected in names if each.key in found.of(selected)} == {
            selected for selected, name in names.items() if name in each.probabilities
        }
        for selected, name in names.items():
            if name in each.probabilities:
                assert found.of(selected)[each.key] == pytest.approx(each.probabilities[name], abs=4e-4)
        assert np.array_equal(found.labels[each.fingerprint], data.test.labels)
        last = metrics.nll(found.last[each.key], found.labels[each.fingerprint])
        assert last == pytest.approx(rows.at[each.key, "nll_last"], abs=encoding.NLL_ERROR)
    one, _, series = records
    validation = datasets.load("mr", **one.config.dataset_options).validation
    assert np.array_equal(found.validation_labels[one.fingerprint], validation.labels)
    assert set(found.validation_labels) == {one.fingerprint} and set(found.last) == {each.key for each in records}
    assert series.key not in found.probabilities and series.key not in found.validation
    fitted = fit_temperature(found.validation[one.key], validation.labels)
    assert fitted == pytest.approx(rows.at[one.key, "temperature_best"], rel=0.01)
    assert predictions.publish("u", records, folder) is None


def test_what_a_part_has_does_not_change_another_s(wide, some, made):
    _, folder = wide
    publish(some, folder)
    file = "predictions/a2.001.parquet"
    assert (folder / file).read_bytes() == (made / file).read_bytes()
    found = predictions.read("a2", folder)
    assert len(found.probabilities) == 4 and found.last == found.validation == found.validation_labels == {}


def warmed(rows):
    """Validation probabilities that are far less sure."""
    row = of(rows, "validation_best")
    p = encoding.decode(row["values"], row["rows"], row["classes"])
    row["values"] = encoding.encode(scaled(p, 10))


WIDE = {
    "last of another run": (lambda rows: swap(rows, "last"), "another NLL"),
    "last as chosen": (lambda rows: exchange(rows, "last", "best"), "another NLL"),
    "less sure on validation": (warmed, "another temperature"),
    "no labels of validation": (lambda rows: rows.remove(of(rows, "validation_labels")), "labels of its data"),
    "fewer on validation": (lambda rows: (row := of(rows, "validation_best")).update(
        rows=row["rows"] - 1, values=row["values"][: -2 * row["classes"]]), "labels of its data"),
    "other classes": (lambda rows: of(rows, "validation_labels").update(classes=3), "number of classes"),
    "last as labels": (lambda rows: of(rows, "last").update(selected="labels"), "selected"),
    "twice": (lambda rows: rows.append(dict(of(rows, "last"))), "key twice"),
}  # fmt: skip


def swap(rows, kind):
    one, two = [row for row in rows if row["selected"] == kind and row["classes"] == 2][:2]
    one["values"], two["values"] = two["values"], one["values"]


def exchange(rows, kind, other):
    one = next(row for row in rows if row["selected"] == other)
    two = next(row for row in rows if row["selected"] == kind and row["key"] == one["key"])
    one["values"], two["values"] = two["values"], one["values"]


def refuses(part, folder, change, reason):
    """Assert that predictions of a part, changed so, are refused for this reason, and that the file is named."""
    file = folder / "predictions" / f"{part}.001.parquet"
    rows = pq.read_table(file).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=predictions.SCHEMA), file)
    relist(file)
    with pytest.raises(UserError, match=reason) as caught:
        predictions.read(part, folder)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("damage", WIDE)
def test_what_a_part_has_beside_is_doubted_too(damage, wide):
    refuses("u", wide[1], *WIDE[damage])


def test_a_file_of_a_part_without_predictions_is_refused(folder, file):
    shutil.copy(file, other := file.with_name("b.001.parquet"))
    relist(other)
    with pytest.raises(UserError, match=r"b\.001\.parquet.*no predictions"):
        predictions.publish("a2", [], folder)


# The crossed interval

SIZES = {"mr": (7, 9), "trec": (5, 6), "phrasebank": (6, 4)}  # examples of the two test folds
UNIFORM = ("trec", 3, "none", 2)


@pytest.fixture
def two_folds(monkeypatch):
    for part in contrasts.FOLDS:
        monkeypatch.setitem(contrasts.FOLDS, part, (2, 3))


def invented(placements=("none", "input", "recurrent", "combined"), uniform=()):
    """Predictions on folds of different sizes, and rows with the NLL that they have. uniform: runs without any."""
    rng, found, rows = np.random.default_rng(7), predictions.Predictions(), []
    for dataset, sizes in SIZES.items():
        for fold, size in zip(contrasts.FOLDS["a2"], sizes, strict=True):
            fingerprint, classes = f"{dataset}-{fold}", CLASSES[dataset]
            labels = found.labels[fingerprint] = rng.integers(classes, size=size)
            found.classes[fingerprint] = classes
            for placement in placements:
                for seed in plan.SEEDS:
                    key, temperature = f"{dataset}-{fold}-{placement}-{seed}", rng.uniform(0.5, 2)
                    p = softmax(rng.normal(size=(size, classes)) * 2)
                    row = {
                        "key": key, "fingerprint": fingerprint, "dataset": dataset, "placement": placement,
                        "rate": 0.25, "learning_rate": 1e-3, "seed": seed, "temperature_best": temperature,
                        "dataset_options": json.dumps({"fold": fold, "vocabulary": 8_000}),
                        "nll_best": float(metrics.nll(p, labels)),
                        "nll_scaled_best": float(metrics.nll(scaled(p, temperature), labels)),
                    }  # fmt: skip
                    if (dataset, fold, placement, seed) in uniform:
                        row |= dict.fromkeys(("nll_best", "nll_scaled_best", "temperature_best"), math.nan)
                    else:
                        found.probabilities[key] = p
                    rows.append(row)
    return found, pd.DataFrame(rows)


CELLS = {"combined": 1, "input": -1, "recurrent": -1, "none": 1}


@pytest.mark.parametrize("measure", contrasts.MEASURES)
@pytest.mark.parametrize("contrast", ["input - none", "four"])
def test_the_mean_is_that_of_the_units(contrast, measure, two_folds, monkeypatch):
    monkeypatch.setitem(contrasts.CONTRASTS, "four", ("a2", CELLS))
    found, rows = invented(uniform=[UNIFORM])
    mean, low, high = crossing.crossed(found, rows, contrast, np.random.default_rng(0), measure, resamples=200)
    units = contrasts.units(contrasts.values(rows, measure), contrast)
    assert len(units) == 10 and mean == pytest.approx(units.mean(), abs=1e-12)
    assert low < mean < high
    # Folds of different sizes: the plain mean over all examples is another number.
    blocks = crossing.differences(found, rows, contrast, measure)
    assert abs(np.mean([values.mean() for values, _ in blocks]) - mean) > 1e-4
    for (values, weights), sizes in zip(blocks, SIZES.values(), strict=True):
        assert values.shape == (5, sum(sizes)) and weights.sum() == pytest.approx(1)


def test_the_mean_of_published_predictions_is_that_of_their_rows(tmp_path, monkeypatch):
    monkeypatch.setitem(contrasts.FOLDS, "a2", (2,))
    records = [
        record(dataset, placement, seed, best=(dataset, placement, seed) != ("trec", "input", 3))
        for dataset in plan.TUNED for placement in ("none", "input") for seed in plan.SEEDS
    ]  # fmt: skip
    publish(records, tmp_path)
    found, rows = predictions.read("a2", tmp_path), published.read("a2", tmp_path)
    assert len(found.probabilities) == 29
    for measure in contrasts.MEASURES:
        mean = crossing.crossed(found, rows, "input - none", np.random.default_rng(0), measure, resamples=10)[0]
        expected = contrasts.units(contrasts.values(rows, measure), "input - none").mean()
        assert mean == pytest.approx(expected, abs=1e-3) and mean != 0


def test_the_measurement_has_every_contrast(two_folds, monkeypatch):
    parts = {part: invented([*plan.PLACEMENTS, *([plan.CELL] if part == "a3" else [])]) for part in ("a2", "a3")}
    monkeypatch.setattr(crossing, "read", lambda part: parts[part][0])
    monkeypatch.setattr(published, "read", lambda part: parts[part][1])
    said = crossing.measure().intervals
    assert list(said) == list(contrasts.CONTRASTS)
    for contrast, measures in said.items():
        for measure, (mean, low, high) in measures.items():
            _, rows = parts[contrasts.CONTRASTS[contrast][0]]
            expected = contrasts.units(contrasts.values(rows, measure), contrast).mean()
            assert mean == pytest.approx(expected, abs=1e-9) and low < mean < high


def test_differences_by_loop(two_folds):
    found, rows = invented(uniform=[UNIFORM])
    for measure in contrasts.MEASURES:
        blocks = crossing.differences(found, rows, "input - none", measure, ["phrasebank", "trec"])
        for dataset, (values, _) in zip(["phrasebank", "trec"], blocks, strict=True):
            column = 0
            for fold, size in zip(contrasts.FOLDS["a2"], SIZES[dataset], strict=True):
                for example in range(size):
                    label = found.labels[f"{dataset}-{fold}"][example]
                    for place, seed in enumerate(plan.SEEDS):
                        each = {}
                        for name in ("input", "none"):
                            key = f"{dataset}-{fold}-{name}-{seed}"
                            if (dataset, fold, name, seed) == UNIFORM:
                                each[name] = math.log(6)
                                continue
                            p = found.probabilities[key][example]
                            if measure == "after temperature":
                                p = p ** (1 / rows.set_index("key").at[key, "temperature_best"])
                            each[name] = -math.log(p[label] / p.sum())
                        assert values[place, column] == pytest.approx(each["input"] - each["none"])
                    column += 1


def test_what_is_missing_or_does_not_fit_stops_the_analysis(two_folds):
    found, rows = invented()
    generator = np.random.default_rng(0)

    def stops(match, found=found, rows=rows, contrast="input - none"):
        with pytest.raises(ValueError, match=match):
            crossing.crossed(found, rows, contrast, generator, resamples=10)

    gone = rows["key"] == "mr-3-input-4"
    stops("1 of 60 runs of a2 are missing", rows=rows[~gone])
    stops("20 of 60 runs of a2 are missing", rows=rows[rows["dataset"] != "trec"])
    stops("duplicate", rows=pd.concat([rows, rows[gone]]))
    without = {key: p for key, p in found.probabilities.items() if key != "mr-3-input-4"}
    stops("predictions or labels", predictions.Predictions(without, found.labels, found.classes))
    labels = {key: each for key, each in found.labels.items() if key != "trec-2"}
    stops("predictions or labels", predictions.Predictions(found.probabilities, labels, found.classes))
    stops("different data", rows=rows.assign(fingerprint=rows["fingerprint"].where(~gone, "mr-2")))
    stops("30 of 120 runs of a3 are missing", contrast="input x recurrent")
    # What the contrast does not need may be absent.
    assert crossing.crossed(found, rows[rows["placement"].isin(["none", "input"])], "input - none", generator)[0]


def test_the_pooled_interval_is_what_plain_loops_give():
    rng = np.random.default_rng(4)
    seeds = rng.normal(size=(6, 1))
    blocks = [seeds + rng.normal(size=(1, size)) * spread + rng.normal(size=(6, size)) for size, spread in
              ((9, 2.0), (25, 0.5))]  # fmt: skip
    weights = [rng.uniform(0.2, 2, size=9), rng.uniform(0.2, 2, size=25)]
    means = []
    for _ in range(4_000):
        drawn, total = rng.integers(6, size=6), 0.0
        for values, weight in zip(blocks, weights, strict=True):
            examples = rng.integers(len(weight), size=len(weight))
            of_seeds = [np.sum(values[seed, examples] * weight[examples]) / np.sum(weight[examples]) for seed in drawn]
            total += np.mean(of_seeds) / 2
        means.append(total)
    mean, low, high = crossing.pooled_interval(blocks, weights, np.random.default_rng(0), resamples=4_000)
    both = zip(blocks, weights, strict=True)
    by_hand = [np.sum(values.mean(axis=0) * weight) / weight.sum() for values, weight in both]
    assert mean == pytest.approx(np.mean(by_hand))
    assert (low, high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.06)


def test_all_sets_get_the_same_draw_of_seeds():
    """Where only the seeds vary, three sets tell no more than one: draws of their own would narrow it by √3."""
    values = np.random.default_rng(5).normal(size=(5, 1)) * np.ones((1, 12))
    weight = np.full(12, 1 / 12)
    one = crossing.pooled_interval([values], [weight], np.random.default_rng(0))
    three = crossing.pooled_interval([values] * 3, [weight] * 3, np.random.default_rng(0))
    assert three[2] - three[1] == pytest.approx(one[2] - one[1], rel=0.1)


def test_a_constant_has_no_spread_whatever_the_weights():
    weights = np.random.default_rng(6).uniform(0.1, 3, size=12)
    found = crossing.pooled_interval([np.full((5, 12), 0.3)], [weights], np.random.default_rng(0), resamples=50)
    assert found == pytest.approx((0.3, 0.3, 0.3))


def test_the_pooled_interval_covers_where_units_alone_do_not():
    """Five seeds, three sets: seeds, examples and pairs of them all vary, the examples most, as in test parts."""
    rng, true, sizes = np.random.default_rng(11), 0.3, (60, 35, 25)
    weights = [np.ones(size) / size for size in sizes]
    covered, alone = [], []
    for _ in range(400):
        seeds = rng.normal(size=(5, 1)) * 0.06
        blocks = [true + seeds + rng.normal(size=(1, size)) + rng.normal(size=(5, size)) * 0.5 for size in sizes]
        _, low, high = crossing.pooled_interval(blocks, weights, rng, resamples=300)
        covered.append(low <= true <= high)
        _, low, high = mean_interval(np.mean([values.mean(axis=1) for values in blocks], axis=0))
        alone.append(low <= true <= high)
    assert 0.92 <= np.mean(covered) <= 0.99 and np.mean(alone) < 0.85


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ([np.zeros((1, 5))], [np.ones(5)]),
        ([np.zeros((5, 1))], [np.ones(1)]),
        ([np.zeros(5)], [np.ones(5)]),
        ([np.zeros((5, 4)), np.zeros((4, 4))], [np.ones(4), np.ones(4)]),
        ([np.zeros((5, 4))], [np.ones(3)]),
        ([], []),
    ],
)
def test_shapes_that_do_not_fit_are_refused(values, weights):
    with pytest.raises(ValueError, match="shape"):
        crossing.pooled_interval(values, weights, np.random.default_rng(0))


def test_a_part_may_have_the_last_epoch_and_no_validation(some, tmp_path):
    """Part r: what is not selected is not stored, nor are the labels that only it needs."""
    records = some[:2]
    published.publish("r", records, tmp_path)
    predictions.publish("r", records, tmp_path)
    found = predictions.read("r", tmp_path)
    keys = {each.key for each in records}
    assert set(found.probabilities) == set(found.last) == keys
    assert not found.validation and not found.validation_labels
    assert predictions.publish("r", records, tmp_path) is None


# Averages of passes


@pytest.fixture
def passed(tmp_path):
    """A folder with part m: input and none of one fold."""
    records = [with_passes("mr", placement) for placement in ("input", "none")]
    published.publish("m", records, tmp_path)
    assert predictions.publish("m", records, tmp_path).name == "m.001.parquet"
    return records, tmp_path


def test_averages_of_passes_are_read_back(passed):
    records, folder = passed
    found = predictions.read("m", folder)
    assert published.read("m", folder)["passes"].tolist() == [50, 50] and len(found.passes) == 11
    for each in records:
        for kind, what in predictions.SELECTED.items():
            if kind != "validation_best":  # its average is published, itself is not
                assert found.of(kind)[each.key] == pytest.approx(each.probabilities[what.name], abs=5e-4)
    assert not found.validation and set(found.validation_labels) == {records[0].fingerprint}
    assert not found.passes["best_information"][records[1].key].any()
    assert found.passes["best_information"][records[0].key].max() > 0.1
    assert predictions.publish("m", records, folder) is None


def information(rows):
    row = next(row for row in rows if row["selected"] == "best_output_0.5_information")
    row["values"] = b"\xff\xff" * row["rows"]


PASSED = {
    "more information than entropy": (information, "more information"),
    "information without its average": (lambda rows: rows.remove(of(rows, "last_mean")), "no average"),
    "none with masks": (lambda rows: exchange_of(rows, "best_mean"), "another NLL on average"),
    "none with information": (lambda rows: exchange_of(rows, "last_information"), "without any masks"),
    "a class too many": (lambda rows: of(rows, "best_mean").update(classes=3), "one a class and example"),
    "information as an average": (lambda rows: of(rows, "last").update(selected="last_mean"), "one a class and"),
}  # fmt: skip


def exchange_of(rows, kind):
    one, two = [row for row in rows if row["selected"] == kind]
    one["values"], two["values"] = two["values"], one["values"]


@pytest.mark.parametrize("damage", PASSED)
def test_averages_of_passes_are_doubted_too(damage, passed):
    refuses("m", passed[1], *PASSED[damage])


def test_a_run_without_passes_has_no_average_of_any(some, tmp_path):
    """A row of m that says so is believed, and the average beside it is not."""
    plain = some[0]
    p = plain.probabilities | {"test_best_mean": plain.probabilities["test_best"]}
    made_up = plain.model_copy(update={"probabilities": p})
    published.publish("m", [made_up], tmp_path)
    with pytest.raises(UserError, match="published row has none"):
        predictions.publish("m", [made_up], tmp_path)
    assert not list((tmp_path / "predictions").glob("*.parquet"))
