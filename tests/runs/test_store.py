"""Records are whole or not there, verified when read, and older ones stay readable."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.results.tidy import frame
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.provenance import provenance
from bilstm_dropout.runs.store import DamagedRecord, Record, Store, run_key
from bilstm_dropout.runs.train import key_of, missing

CONFIG = RunConfig(dataset="recall", placement="input", rate=0.1)


def made_up(config=CONFIG, nan=False, version=1):
    fingerprint = datasets.load("recall").fingerprint
    p = np.full((1000, 4), np.nan if nan else 0.25, np.float32)
    measures = dict(accuracy=0.25, nll=float("nan") if nan else 1.39, brier=0.75, macro_f1=0.1, epoch=3.0)
    return Record(
        key=run_key(config, fingerprint, version),
        config=config,
        fingerprint=fingerprint,
        results_version=version,
        metrics={"last": measures},
        curves=[dict(epoch=1.0, train_nll=1.4, watch_nll=1.5, watch_accuracy=0.2)],
        watch="validation",
        diverged=nan,
        seconds=1.0,
        provenance=provenance(),
        probabilities={"test_last": p},
    )


def test_a_record_comes_back_as_it_was():
    store, record = Store(), made_up()
    store.save(record)
    back = store.load(record.key)
    assert back.model_dump(exclude={"probabilities"}) == record.model_dump(exclude={"probabilities"})
    assert np.array_equal(back.probabilities["test_last"], record.probabilities["test_last"])
    assert store.keys() == [record.key] == [key_of(CONFIG)] and not missing([CONFIG], store)


def test_a_diverged_run_is_a_record_too():
    store, record = Store(), made_up(nan=True)
    store.save(record)
    assert np.isnan(store.load(record.key).metrics["last"]["nll"])
    json.loads((store.folder / f"{record.key}.json").read_text(), parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-40],
        lambda text: text.replace('"seconds": 1.0', '"seconds": 9.0'),
        lambda _: "[1]",
        lambda _: "",
        lambda _: "{}",
        lambda _: '{"checksum": 3}',
        lambda _: "\x00" * 9,
        lambda _: "[" * 100000,
    ],
)
def test_a_damaged_record_is_noticed_said_and_missing(damage):
    store, record = Store(), made_up()
    store.save(record)
    file = store.folder / f"{record.key}.json"
    file.write_text(damage(file.read_text()))
    with pytest.raises(DamagedRecord, match="trained again"):
        store.load(record.key)
    said = []
    assert missing([CONFIG], store, said.append) == [CONFIG] and record.key in said[0]
    store.save(record)
    assert not missing([CONFIG], store)


def test_damaged_or_foreign_probabilities_are_noticed():
    store, record = Store(), made_up()
    store.save(record)
    file = store.folder / f"{record.key}.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedRecord):
        store.load(record.key)
    file.unlink()
    with pytest.raises(DamagedRecord):
        store.load(record.key)


def test_records_have_the_mode_that_the_umask_gives_and_leave_nothing_else():
    store, record, before = Store(), made_up(), os.umask(0o022)
    try:
        store.save(record)
    finally:
        os.umask(before)
    assert {file.name: file.stat().st_mode & 0o777 for file in store.folder.iterdir()} == {
        f"{record.key}.json": 0o644, f"{record.key}.parquet": 0o644
    }  # fmt: skip


@pytest.mark.parametrize("method, suffix", [("read_text", "json"), ("read_bytes", "parquet")])
def test_a_record_that_may_not_be_read_is_not_called_damaged_and_not_trained_again(method, suffix, monkeypatch):
    store, record = Store(), made_up()
    store.save(record)
    refused = store.folder / f"{record.key}.{suffix}"
    real = getattr(Path, method)

    def read(self, *arguments, **options):
        if self == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, method, read)
    for look in (lambda: store.load(record.key), lambda: missing([CONFIG], store), lambda: list(store.records())):
        with pytest.raises(UserError, match=rf"{refused} \(Permission denied\).*readable") as caught:
            look()
        assert not isinstance(caught.value, DamagedRecord) and "\n" not in str(caught.value)


def test_more_training_rows_than_there_are_are_refused_before_anything_heavy_is_imported():
    rows = len(datasets.load("recall").train)
    fits, too_many = (RunConfig(dataset="recall", train_rows=number) for number in (rows, rows + 1))
    assert missing([fits], Store()) == [fits]
    with pytest.raises(UserError, match=f"to {rows} .all there are.*Change train_rows"):
        missing([fits, too_many], Store())
    parsed = "sweep_of(placement='input', datasets=['recall'], train_rows=1000000)"
    code = (
        "import sys\nfrom bilstm_dropout.book.chapters.parameters import sweep_of\n"
        f"try:\n    {parsed}\nexcept ValueError as error:\n    print(error, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Change train_rows" in done.stdout and done.stdout.endswith("False\n")


def test_a_record_under_another_key_is_refused():
    store, record = Store(), made_up()
    store.save(record)
    for suffix in ("json", "parquet"):
        (store.folder / f"{record.key}.{suffix}").rename(store.folder / f"{'0' * 20}.{suffix}")
    with pytest.raises(DamagedRecord, match="another run"):
        store.load("0" * 20)


def test_keys_depend_on_configuration_data_and_version():
    keys = {
        run_key(CONFIG, "a"),
        run_key(CONFIG, "b"),
        run_key(CONFIG, "a", 2),
        run_key(CONFIG.model_copy(update={"seed": 2}), "a"),
    }
    assert len(keys) == 4


def test_older_results_stay_readable_and_apart():
    store = Store(version=2)
    Store(version=1).save(made_up())
    assert list(store.records()) == []
    assert [record.results_version for record in Store(version=1).records(placement="input")] == [1]


def test_a_folder_that_cannot_be_written_is_said_first(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="BILSTM_DROPOUT_RUNS"):
        Store(tmp_path / "file").check_writable()


def test_a_frame_has_a_row_for_each_record():
    rows = frame([made_up()])
    assert list(rows["placement"]) == ["input"] and rows["nll"][0] == 1.39 and rows["selected"][0] == "last"
    assert len(frame([])) == 0 and "nll" in frame([])


def test_a_record_is_verified_once_until_its_files_change(monkeypatch):
    store, record = Store(), made_up()
    store.save(record)
    loaded, load = [], Store.load
    monkeypatch.setattr(Store, "load", lambda self, key: loaded.append(key) or load(self, key))
    store.check(record.key)
    Store().check(record.key)
    assert loaded == [record.key]
    file = store.folder / f"{record.key}.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    for _ in range(2):  # what was damaged is not taken for verified
        with pytest.raises(DamagedRecord):
            store.check(record.key)
    file.unlink()
    with pytest.raises(DamagedRecord):
        store.check(record.key)
    assert missing([CONFIG], store, say=lambda _: None) == [CONFIG]
