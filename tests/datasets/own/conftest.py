"""A project for files of the reader's own."""

import pytest

from bilstm_dropout import datasets


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of the test's own, so that data/own is empty."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    datasets._make.cache_clear()
    return tmp_path
