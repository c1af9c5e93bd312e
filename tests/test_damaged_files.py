"""What is kept because it takes long is made again, or said in a line, where its file was damaged meanwhile."""

import pytest

from bilstm_dropout import isolated
from bilstm_dropout.book import notebooks
from bilstm_dropout.study.notebooks import Execution

DEEP = "[" * 100_000


@pytest.mark.parametrize("content", [DEEP, '{"a": 1', "\xff", ""])
def test_what_a_module_printed_is_asked_for_anew(tmp_path, monkeypatch, content):
    asked = []
    monkeypatch.setattr(isolated, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(isolated, "_said", lambda module: asked.append(module) or [7])
    assert [isolated.output_of("bilstm_dropout.errors") for _ in range(2)] == [[7], [7]] and len(asked) == 1
    (file,) = tmp_path.glob("*.json")
    file.write_text(content, encoding="latin-1")
    assert [isolated.output_of("bilstm_dropout.errors") for _ in range(2)] == [[7], [7]] and len(asked) == 2


@pytest.mark.parametrize("content", [DEEP, '{"a": 1', "\xff", "", "[]"])
def test_an_execution_whose_note_is_damaged_has_none(tmp_path, content):
    (tmp_path / "x.json").write_text(content, encoding="latin-1")
    assert Execution("x", tmp_path / "x.ipynb", {}, None, tmp_path).stamp() == {}
    assert notebooks.failure(tmp_path / "x.ipynb") == ""


@pytest.mark.parametrize("content", [DEEP, '{"a": 1', "\xff", "", "[]", '{"nbformat": 4, "cells": 7}'])
def test_a_damaged_execution_is_said_in_a_line(tmp_path, content):
    (tmp_path / "x.ipynb").write_text(content, encoding="latin-1")
    reason = notebooks.failure(tmp_path / "x.ipynb")
    assert "cannot be read" in reason and "\n" not in reason and len(reason) <= 500
