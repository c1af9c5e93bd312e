"""Which placements have a chapter."""

from dataclasses import replace

from bilstm_dropout import results
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.dropout.table import Table
from bilstm_dropout.study import chapters


def test_every_placement_with_published_answers_has_one():
    assert chapters.with_chapter() == tuple(name for name in TABLE if name in set(results.read("u")["placement"]))
    assert set(chapters.with_chapter()) == set(TABLE)


def test_an_entry_that_was_added_has_none(monkeypatch):
    monkeypatch.setattr(chapters, "TABLE", Table([TABLE["input"], replace(TABLE["input"], name="made-up")]))
    chapters._published.cache_clear()
    try:
        assert chapters.with_chapter() == ("input",)
    finally:
        chapters._published.cache_clear()


def test_without_published_results_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    assert chapters.with_chapter() == ()
