"""A data set of the reader's own: forty texts in two classes, imported into a project of its own."""

import csv

import pytest

from bilstm_dropout.datasets.own.importing import import_file


@pytest.fixture
def own_texts(tmp_path, monkeypatch):
    """The name of the data set, own-texts."""
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").touch()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    with (tmp_path / "texts.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = [[f"word{n} and thing{n % 5} {('fine', 'poor')[n % 2]}", "ab"[n % 2]] for n in range(40)]
        csv.writer(stream).writerows([["text", "label"], *rows])
    return import_file(tmp_path / "texts.csv", text="text", label="label").name
