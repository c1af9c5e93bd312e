"""A data set of the reader's own: forty texts in two classes, imported into a project of its own."""

import pytest
from support.own_study import keep


@pytest.fixture
def own_texts(tmp_path, monkeypatch):
    """The name of the data set, own-texts."""
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    return keep(root)
