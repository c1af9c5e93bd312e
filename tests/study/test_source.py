"""The hash of source without the table's entries."""

import pytest

from bilstm_dropout.isolated import PACKAGE, hash_of
from bilstm_dropout.study import source

FILES = [PACKAGE / "dropout/terms.py", PACKAGE / "dropout/placements.py"]


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A copy of the table's file, in its place."""
    copy = tmp_path / "placements.py"
    copy.write_text(source.TABLE.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(source, "TABLE", copy)
    return copy


def hashed(table) -> str:
    source._code.cache_clear()
    return source.hash_without_table([FILES[0], table])


def test_entries_and_comments_do_not_count_and_code_does(table):
    before, text = hashed(table), table.read_text("utf-8")
    table.write_text(text.replace("A fresh mask", "Another sentence").replace("_ENTRIES = [", "_ENTRIES = [  # here"))
    assert table.read_text("utf-8") != text and hashed(table) == before
    table.write_text(text.replace("'@own'.\")", "'@own'!\")"))
    assert table.read_text("utf-8") != text and hashed(table) != before


def test_other_files_count_whole(table, monkeypatch):
    before = hashed(table)
    monkeypatch.setattr(source, "hash_of", lambda files: hash_of(files)[::-1])
    assert hashed(table) != before
    assert source.hash_without_table(FILES[:1]) != source.hash_without_table([])


def test_a_table_that_lies_elsewhere_is_an_error(table):
    table.write_text("ENTRIES = []\n")
    with pytest.raises(ValueError, match="has no list _ENTRIES"):
        hashed(table)
