"""Files from outside: where they are looked for, that another file is refused, and one line where there is none."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from bilstm_dropout.datasets import files
from bilstm_dropout.datasets.files import SourceFile, fetch, find
from bilstm_dropout.errors import UserError

CONTENT = b"0 a sentence\n"
SUM = hashlib.sha256(CONTENT).hexdigest()
FILE = SourceFile("part/tiny.all", "https://example.org/tiny.all", SUM, 100)
ZIPPED = SourceFile("part/tiny.all", "https://example.org/tiny.zip", SUM, 100, member="inside/tiny.all")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(files, "cache_folder", lambda: folder)
    monkeypatch.delenv("BILSTM_DROPOUT_DATA", raising=False)
    return folder


@pytest.fixture
def network(monkeypatch):
    """What an address gives, by address; everything else is an unreachable network."""
    import pooch

    given = {}

    def download(url, output_file, pooch, **_):
        if url not in given:
            raise OSError("no route\nto host")
        Path(output_file).write_bytes(given[url])

    monkeypatch.setattr(pooch, "HTTPDownloader", lambda **_: download)
    return given


def put(folder, content=CONTENT):
    (folder / "part").mkdir(parents=True, exist_ok=True)
    (folder / "part" / "tiny.all").write_bytes(content)


def test_the_named_folder_comes_before_the_cache(cache, tmp_path, monkeypatch):
    put(cache)
    assert fetch(FILE) == cache / "part" / "tiny.all"
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))
    assert fetch(FILE) == cache / "part" / "tiny.all"
    put(tmp_path)
    assert find(FILE) == fetch(FILE) == tmp_path / "part" / "tiny.all"
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path / "absent"))
    with pytest.raises(UserError, match=r"BILSTM_DROPOUT_DATA names .*absent.*no folder"):
        find(FILE)


@pytest.mark.parametrize(("content", "message"), [(b"1 another\n", f"expected {SUM}"), (b"x" * 101, "at most 100")])
def test_another_file_is_refused(cache, content, message):
    put(cache, content)
    with pytest.raises(UserError, match=message) as caught:
        fetch(FILE)
    assert "\n" not in str(caught.value) and "Remove it" in str(caught.value)


def test_without_a_network_one_line_says_what_to_put_where(cache, network):
    with pytest.raises(UserError) as caught:
        fetch(FILE)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("part/tiny.all", str(cache), SUM, "https://example.org/tiny.all", "no route to host"):
        assert part in message
    assert find(FILE) is None


def test_a_file_is_downloaded_once_and_checked(cache, network):
    network[FILE.address] = b"0 something else\n"
    with pytest.raises(UserError, match="did not give it"):
        fetch(FILE)
    assert find(FILE) is None
    network[FILE.address] = CONTENT
    assert fetch(FILE).read_bytes() == CONTENT
    network.clear()
    assert fetch(FILE).read_bytes() == CONTENT
    assert {path.name for path in (cache / "part").iterdir()} <= {"tiny.all", "tiny.all.lock"}


def zipped(tmp_path, content, name="inside/tiny.all"):
    with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil", b"x")
        archive.writestr(name, content)
    return (tmp_path / "made.zip").read_bytes()


def test_one_member_of_an_archive_is_taken_and_nothing_else(cache, network, tmp_path):
    network[ZIPPED.address] = zipped(tmp_path, CONTENT)
    assert fetch(ZIPPED).read_bytes() == CONTENT
    assert not list(tmp_path.rglob("evil"))
    assert {path.name for path in (cache / "part").iterdir()} <= {"tiny.all", "tiny.all.lock"}


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"0 another\n", "inside/tiny.all", "another content"),
        (b"x" * 1_000_000, "inside/tiny.all", "larger than expected"),
        (CONTENT, "elsewhere/tiny.all", "no item named"),
    ],
)
def test_an_archive_of_something_else_is_refused(cache, network, tmp_path, content, name, reason):
    network[ZIPPED.address] = zipped(tmp_path, content, name)
    with pytest.raises(UserError, match=reason):
        fetch(ZIPPED)
    network[ZIPPED.address] = b"no archive"
    with pytest.raises(UserError, match="not a zip file"):
        fetch(ZIPPED)
    assert find(ZIPPED) is None
