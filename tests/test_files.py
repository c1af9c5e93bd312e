"""Files appear whole, with the mode that the umask gives, wherever the project writes one."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.files import check_writable, write_text, write_whole

SOURCES = Path(__file__).parents[1] / "src"


@pytest.mark.parametrize("umask, mode", [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_the_umask_gives_the_mode(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "new" / "file", "é")
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "file").read_text("utf-8") == "é"
    assert (tmp_path / "new" / "file").stat().st_mode & 0o777 == mode
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["file"]


def test_what_fails_or_is_killed_while_it_writes_leaves_what_was_there(tmp_path):
    target = tmp_path / "file"
    target.write_text("before")

    def fails(name):
        Path(name).write_text("half")
        raise ValueError("made to fail")

    with pytest.raises(ValueError, match="made to fail"):
        write_whole(target, fails)
    assert target.read_text() == "before" and [*tmp_path.iterdir()] == [target]
    code = (
        "import sys, time, pathlib; from bilstm_dropout.files import write_whole\n"
        "def slow(name):\n    pathlib.Path(name).write_text('half'); print('now', flush=True); time.sleep(60)\n"
        "write_whole(pathlib.Path(sys.argv[1]), slow)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"now\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert target.read_text() == "before"


def test_a_folder_is_looked_at_without_making_it(tmp_path):
    check_writable(tmp_path / "a" / "b", "Results", "go")
    assert not (tmp_path / "a").exists()
    (tmp_path / "a").touch()
    with pytest.raises(UserError, match=r"Results cannot be written to .*/a/b \(Not a directory\).*, or go\."):
        check_writable(tmp_path / "a" / "b", "Results", "go")


def test_there_is_one_way_to_write_and_to_hash():
    """Other modules neither invent temporary names of their own nor hash bytes by themselves."""
    ways = re.compile(r"mkstemp|\.writing|os\.replace|hashlib\.sha256\(.+\)\.hexdigest\(\)")
    for file in SOURCES.rglob("*.py"):
        if file.relative_to(SOURCES / "bilstm_dropout").as_posix() not in ("files/__init__.py", "datasets/files.py"):
            assert not ways.search(file.read_text("utf-8")), file
