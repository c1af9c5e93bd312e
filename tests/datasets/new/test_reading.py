"""New rows are read as the rows of training were: the same numbers, for every kind of data set."""

import csv

import numpy as np
import pytest
from pydantic import ValidationError
from support.own_files import series, texts, write

from bilstm_dropout import datasets
from bilstm_dropout.datasets.new.reading import SeriesReading, TextReading, reading_of
from bilstm_dropout.datasets.new.rows import new_series, new_texts
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.datasets.series import _vowel_split
from bilstm_dropout.datasets.text.tokenizer import PUBLISHED
from bilstm_dropout.errors import UserError


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    return tmp_path


def same(reading, contents, split, rows):
    inputs, lengths = reading.read(contents)
    wide = min(inputs.shape[1], split.inputs.shape[1])
    np.testing.assert_array_equal(lengths, split.lengths[rows])
    np.testing.assert_array_equal(inputs[:, :wide], split.inputs[rows][:, :wide])


def test_texts_of_ones_own(project):
    file = write(project / "a.csv", texts("good", "bad", count=20))
    name = import_file(file, text="text", label="label").name
    data = datasets.load(name, vocabulary=20, max_tokens=3, keep="last", fold=2)
    reading = reading_of(data)
    assert reading.column == "text" and reading.max_tokens == 3
    found = {f"row-{place:06d}": each.content for place, each in enumerate(new_texts(file, "text").examples, 1)}
    for split in data.splits().values():
        same(reading, [found[id] for id in split.ids], split, range(len(split)))
    assert reading.read(["unused-19 unused-18"])[0].tolist() == [[1, 1, 0]]  # names that only fill up are no words


def test_series_of_ones_own(project):
    file = write(project / "a.csv", series(["y"], lambda s, k: [100 * s + k]))
    name = import_file(file, id="id", step="step", label="label", features=["y", "x"]).name
    data = datasets.load(name, fold=1)
    reading = reading_of(data)
    assert (reading.id, reading.step, reading.features) == ("id", "step", ("y", "x"))
    found = {each.id: reading.scaled(each.content) for each in new_series(file, "id", "step", ["y", "x"]).examples}
    for split in data.splits().values():
        same(reading, [found[id] for id in split.ids], split, range(len(split)))


def test_japanese_vowels_from_its_raw_values(tmp_path):
    data, raw = datasets.load("japanese_vowels"), _vowel_split("test")
    reading = reading_of(data)
    with (tmp_path / "new.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "step", *reading.features])
        writer.writerows(
            [raw.ids[row], step, *map(float, raw.inputs[row, step])]
            for row in range(9)
            for step in range(raw.lengths[row])
        )
    found = new_series(tmp_path / "new.csv", reading.id, reading.step, reading.features)
    inputs, lengths = reading.read([reading.scaled(each.content) for each in found.examples])
    np.testing.assert_array_equal(lengths, data.test.lengths[:9])
    np.testing.assert_allclose(inputs, data.test.inputs[:9, : inputs.shape[1]], atol=1e-6)


def test_digits_and_what_is_made_by_a_program():
    reading = reading_of(datasets.load("digits"))
    assert reading.scaled(np.full((8, 8), 8.0)).max() == 0.5
    with pytest.raises(UserError, match="recall is made by a program"):
        reading_of(datasets.load("recall"))


def test_published_texts_are_read_by_their_own_rule_and_reviews_without_breaks(monkeypatch):
    data = datasets.load("recall")
    for name, breaks in (("imdb", True), ("mr", False)):
        object.__setattr__(data, "name", name)
        monkeypatch.setitem(data.options, "max_tokens", 5)
        monkeypatch.setitem(data.options, "keep", "last")
        reading = reading_of(data)
        assert reading.rule == PUBLISHED and reading.breaks is breaks and reading.keep == "last"
    object.__setattr__(data, "name", "recall")
    known = TextReading(rule=PUBLISHED, max_tokens=4, keep="first", tokens=["a", "b"], breaks=True)
    assert known.read(["a<br />b"])[0].tolist() == [[2, 3, 0, 0]]


@pytest.mark.parametrize("changed", [{"mean": [1.0]}, {"spread": [-1.0, 1.0]}, {"features": ["a", "a"]}, {"steps": 0}])
def test_rules_that_fit_no_network_are_refused(changed):
    fits = {"features": ["a", "b"], "mean": [0.0, 0.0], "spread": [1.0, 1.0], "steps": 4}
    SeriesReading(**fits)
    with pytest.raises(ValidationError):
        SeriesReading(**fits | changed)


def test_a_feature_that_never_varied_reads_zero():
    reading = SeriesReading(features=["a", "b"], mean=[1.0, 1.0], spread=[2.0, 0.0], steps=4)
    assert reading.scaled(np.array([[5.0, 9.0]])).tolist() == [[2.0, 0.0]]
