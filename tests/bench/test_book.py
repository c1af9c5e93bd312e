"""What a build costs, of a made-up project whose book is written in no time."""

import subprocess
import sys

import pytest

from bench import book
from bilstm_dropout.errors import UserError

MAKEFILE = """
.PHONY: book
book: .venv/.ready
	@echo "$(PROFILE) $$(grep -c Edited book/data.md) $$BILSTM_DROPOUT_ROOT [$$BILSTM_DROPOUT_RUNS]" >> $(LOG)
	@i=0; while [ $$i -lt 100000 ]; do i=$$((i + 1)); done
	@test $(PROFILE) != broken || { echo "no such profile" >&2; exit 2; }
.venv/.ready: Makefile
	@false
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = tmp_path / "project"
    (root / "book").mkdir(parents=True)
    (root / ".venv").mkdir()
    (root / ".venv" / ".ready").touch()
    (root / "Makefile").write_text(f"LOG := {tmp_path / 'log'}\n{MAKEFILE}")
    (root / book.PAGE).write_text("# Data\n")
    as_someone = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    for command in (["init", "-q"], ["add", "Makefile", "book"], [*as_someone, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    monkeypatch.setattr(book, "ROOT", root)
    return root


def test_a_build_is_measured_cold_warm_and_after_an_edit_in_a_clone(project, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(project))
    (project / book.PAGE).write_text("# Data\n\nEdited, and not committed.\n")
    said = []
    table = book.measure("read", said.append)
    assert list(table.index) == ["cold", "nothing to do", "a Markdown page edited"]
    assert (table > 0).all(axis=None) and len(said) == 4
    builds = [line.split() for line in (project.parent / "log").read_text().splitlines()]
    assert [build[:2] for build in builds] == [["read", "0"], ["read", "0"], ["read", "1"]]
    assert all(build[2] != str(project) and build[3] == "[]" for build in builds)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody inherits such a process")
def test_a_process_that_outlives_its_parent_is_counted(project):
    count = "import sys, time; sum(range(80_000_000)); open(sys.argv[1], 'a').write(f'{time.process_time()} ')"
    used = project.parent / "used"
    orphan = f'@{sys.executable} -c "{count}" {used} > /dev/null 2>&1 &\n\t@i=0;'
    makefile = (project / "Makefile").read_text()
    (project / "Makefile").write_text(makefile.replace("@i=0;", orphan))
    as_someone = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *as_someone, "commit", "-q", "-a", "-m", "More"], cwd=project, check=True)
    table = book.measure("read", lambda _: None)
    orphans = [float(each) for each in used.read_text().split()]
    assert len(orphans) == 3 and (table["cpu_seconds"] > min(orphans)).all()
    (project / "Makefile").write_text(makefile)
    subprocess.run(["git", *as_someone, "commit", "-q", "-a", "-m", "Less"], cwd=project, check=True)
    assert (book.measure("read", lambda _: None)["cpu_seconds"] < min(orphans)).all()  # so it was the orphans'


def test_a_build_that_fails_is_said_in_one_line(project):
    with pytest.raises(UserError, match=r"make book failed: .*") as caught:
        book.measure("broken", lambda _: None)
    assert "\n" not in str(caught.value)


def test_the_edited_page_is_one_of_the_book(project):
    assert (book.Path(book.__file__).parents[1] / book.PAGE).is_file()
