"""Projects for tests: with a data set of the reader's own, forty texts in two classes, or with notebooks alone."""

import shutil
from pathlib import Path

import pytest
from support.own_study import keep

ROOT = Path(__file__).parents[3]


@pytest.fixture
def own_texts(tmp_path, monkeypatch):
    """The name of the data set, own-texts."""
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    return keep(root)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the notebooks and none of the results."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "book").mkdir()
    shutil.copy(ROOT / "book" / "references.bib", root / "book")
    (root / "pyproject.toml").touch()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(root / "data" / "runs"))
    monkeypatch.chdir(root)
    return root
