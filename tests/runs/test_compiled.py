"""What XLA compiled is kept for later processes, and never in a way that could stop one."""

import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from bilstm_dropout.runs import compiled

PROGRAM = """
from bilstm_dropout.runs import compiled
compiled.keep()
import tensorflow as tf
for power in (2, 3):
    print(float(tf.function(lambda x: tf.reduce_sum(tf.tanh(x) ** power), jit_compile=True)(tf.ones((4, 4)) / 3)))
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_XLA_FLAGS")
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(compiled, "SYSTEMS", (compiled.device_class()["system"],))
    return tmp_path


def named(monkeypatch) -> Path | None:
    """The folder that `keep` names, forgotten again."""
    compiled.keep()
    flags = os.environ.get("TF_XLA_FLAGS")
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)
    return flags and Path(flags.removeprefix("--tf_xla_persistent_cache_directory="))


def test_a_second_process_loads_what_the_first_compiled_and_makes_anew_what_was_cut_short(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    environment = {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"}
    environment |= {"BILSTM_DROPOUT_ROOT": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}

    def run():
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout, {file: file.stat().st_ino for file in tmp_path.glob("data/cache/xla/*/*.pb")}

    said, entries = run()
    if compiled.device_class()["system"] not in compiled.SYSTEMS:
        assert not entries
        return
    assert len(entries) == 2
    loaded, damaged = sorted(entries)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    again, after = run()
    assert again == said and after.keys() == entries.keys() and after[loaded] == entries[loaded]
    assert damaged.stat().st_size > len(whole) // 2


def test_flags_that_change_what_is_compiled_have_a_folder_of_their_own(cache, monkeypatch):
    folders = []
    for flags in ("--one", "--two", "--one"):
        monkeypatch.setenv("XLA_FLAGS", flags)
        folders.append(named(monkeypatch))
    assert folders[0] == folders[2] != folders[1] and all(each.parent == cache / "xla" for each in folders)
    assert version("tensorflow") in folders[0].name


def test_what_is_old_or_cut_short_is_removed(cache, monkeypatch):
    folder = named(monkeypatch)
    length = bytes([2 << 3 | 2, 5])  # a field of five bytes
    sound, short, empty, old, foreign = (folder / name for name in ("a.pb", "b.pb", "c.pb", "d.pb", "e.tmp"))
    for file, content in ((sound, b"12345"), (short, b"1234"), (old, b"12345"), (foreign, b"1")):
        file.write_bytes(bytes([1 << 3, 200, 1]) + length + content)
    empty.touch()
    long_ago = time.time() - (compiled.MOST_DAYS + 1) * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    assert named(monkeypatch) == folder
    assert sorted(folder.iterdir()) == [sound, foreign]


def test_nothing_is_kept_where_that_could_stop_a_process(cache, monkeypatch):
    monkeypatch.setattr(compiled, "LEAST_BYTES", 2**80)
    assert named(monkeypatch) is None
    monkeypatch.undo()
    monkeypatch.delenv("TF_XLA_FLAGS")
    (cache / "file").touch()
    (cache / "a b").mkdir()
    for folder in (cache / "file", cache / "a b"):
        monkeypatch.setattr(compiled, "cache_folder", lambda folder=folder: folder)
        assert named(monkeypatch) is None
    monkeypatch.setattr(compiled, "SYSTEMS", ())
    monkeypatch.setattr(compiled, "cache_folder", lambda: cache)
    assert named(monkeypatch) is None
    monkeypatch.setattr(compiled, "SYSTEMS", (compiled.device_class()["system"],))
    monkeypatch.setenv("TF_XLA_FLAGS", "--mine")
    compiled.keep()
    assert os.environ["TF_XLA_FLAGS"] == "--mine"
