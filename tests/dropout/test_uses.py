"""What a process notes of its reading, and who reads that."""

import subprocess
import sys

import pytest

from bilstm_dropout.dropout import uses


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(uses, "_noted", {})
    file = tmp_path / "page.used"
    file.write_text("")
    monkeypatch.setenv(uses.VARIABLE, str(file))
    return file


def test_what_is_read_is_told_once(file):
    for name in ("input", "cell", "input", "odd\nname"):
        uses.note(name)
    assert uses.told(file) == ["cell", "input", "odd\nname"]
    assert len(file.read_text().splitlines()) == 3


def test_every_stands_for_all(file):
    for name in ("input", uses.EVERY):
        uses.note(name)
    assert uses.told(file) == [uses.EVERY]


def test_what_was_read_before_anybody_asked_is_told_on_request(file, monkeypatch):
    monkeypatch.delenv(uses.VARIABLE)
    uses.note("cell")
    assert uses.told(file) == []
    monkeypatch.setenv(uses.VARIABLE, str(file))
    uses.tell()
    assert uses.told(file) == ["cell"]


def test_what_is_read_apart_is_not_told(file):
    with uses.apart():
        uses.note("cell")
    uses.note("input")
    assert uses.told(file) == ["input"]


def test_a_file_that_is_gone_stops_nobody(file):
    file.unlink()
    uses.note("cell")
    assert not file.exists() and uses.told(file) == [uses.EVERY]


@pytest.mark.parametrize("text", ["input", "[1]", "3", "[" * 100_000, '"a"\n{}', "null", "\udcff"])
def test_what_cannot_be_read_may_be_all(file, text):
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert uses.told(file) == [uses.EVERY]


def test_processes_write_beside_each_other(file):
    code = "import sys; from bilstm_dropout.dropout.uses import note; [note(f'{sys.argv[1]}-{i}') for i in range(300)]"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in range(3)]
    assert [each.wait() for each in writers] == [0, 0, 0]
    assert uses.told(file) == sorted(f"{number}-{other}" for number in range(3) for other in range(300))
