"""Folders that cannot be written or read are said in one line, before anything is changed; looking writes nothing."""

import nbformat
import pytest
from support.permissions import bound

from bilstm_dropout.files import Lock, is_locked
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.train import key_of

TINY = "placements: [none, output]\ndatasets: [recall]\nrates: [0.1]\nseeds: [1]\n"
RUN = ["run", "none", "--dataset", "recall", "--set", "epochs=1"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = tmp_path / "project"
    (root / "notebooks" / "profiles").mkdir(parents=True)
    (root / "book").mkdir()
    (root / "book" / "references.bib").touch()
    (root / "pyproject.toml").touch()
    (root / "notebooks" / "profiles" / "tiny.yaml").write_text(TINY)
    (root / "mine.yaml").write_text(TINY)
    rows = [f"This is text number {n},{'ab'[n % 2]}\n" for n in range(60)]
    (root / "ok.csv").write_text("text,label\n" + "".join(rows))
    for name in ("placement", "comparison"):
        nbformat.write(nbformat.v4.new_notebook(), root / "notebooks" / f"{name}.ipynb")
    for folder in ("executions/tiny/running", "executions/own-ok", "runs/v1/locks", "cache"):
        (root / "data" / folder).mkdir(parents=True)
    (root / "data" / "executions" / "tiny" / "study.lock").touch()
    key = key_of(RunConfig(dataset="recall", epochs=40))
    (root / "data" / "runs" / "v1" / f"{key}.json").write_text("{}")
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(root))
    monkeypatch.delenv("BILSTM_DROPOUT_RUNS")
    return root


def content(root):
    skipped = ("cache", "locks")  # what was computed once, and who held a lock, is no result
    return sorted(str(file) for file in (root / "data").rglob("*") if not set(skipped) & set(file.parts))


def test_what_cannot_be_written_or_read_is_one_line_and_changes_nothing(project, tmp_path):
    data = project / "data"
    own = ["study", "--data", str(project / "ok.csv"), "--text-column", "text", "--label-column", "label"]
    refused = [
        (data / "executions", 0o555, ["study", "--profile", str(project / "mine.yaml")], "executions/mine"),
        (data / "executions", 0o555, ["book", "--profile", str(project / "mine.yaml")], "executions/mine"),
        (data / "executions/tiny", 0o555, ["study", "--profile", "tiny"], "executions/tiny"),
        (data / "executions/tiny/running", 0o555, ["study", "--profile", "tiny"], "executions/tiny/running"),
        (data / "executions/tiny/study.lock", 0o444, ["study", "--profile", "tiny"], "study.lock"),
        (data / "executions/own-ok", 0o555, [*own, "--plan"], "executions/own-ok"),
        (data / "executions", 0o000, [*own, "--plan"], "executions/own-ok"),
        (data / "runs/v1/locks", 0o555, RUN, "runs/v1/locks"),
        (data / "runs/v1", 0o555, ["study", "--profile", "tiny"], "runs/v1"),
        (data / "runs", 0o000, ["status", "--profile", "tiny"], "runs/v1"),
        (data / "runs", 0o000, ["study", "--profile", "tiny"], "runs/v1"),
        *((file, 0o000, ["status", "--profile", "tiny"], file.name) for file in (data / "runs/v1").glob("*.json")),
    ]
    assert len(refused) == 12
    before = content(project)
    found = bound([case[:3] for case in refused], tmp_path / "probe")
    for (path, _, arguments, names), (code, _, said, heavy) in zip(refused, found, strict=True):
        assert code == 2 and said.count("\n") == 1 and "Traceback" not in said, (path, arguments, said)
        assert names in said and "Permission denied" in said and "damaged" not in said, (path, arguments, said)
        assert "writable" in said or "readable" in said, said
        assert not heavy
    assert content(project) == before


def test_looking_at_a_study_needs_no_leave_to_write(project, tmp_path):
    data = project / "data"
    for file in (data / "runs" / "v1").glob("*.json"):
        file.unlink()
    paths = [data / "executions", data / "executions/tiny", data / "executions/tiny/study.lock", data / "runs",
             data / "runs/v1", data / "runs/v1/locks", data / "cache", data]  # fmt: skip
    cases = [(path, 0o444 if path.suffix else 0o555, ["status", "--all", "--profile", "tiny"]) for path in paths]
    cases.append((data / "executions", 0o000, ["status", "--all", "--profile", "tiny"]))
    for code, out, said, _ in bound(cases, tmp_path / "probe"):
        assert code == 0 and "00-none" in out and not said, said


def test_a_file_where_a_folder_should_be_is_said(project, tmp_path):
    (project / "data" / "executions").rename(project / "elsewhere")
    (project / "data" / "executions").touch()
    cases = [(project / "data", 0o755, [command, "--profile", "tiny"]) for command in ("study", "status")]
    (code, _, said, _), (seen, *_) = bound(cases, tmp_path / "probe")
    assert code == 2 and "Not a directory" in said and said.count("\n") == 1 and seen == 0


def test_a_lock_is_seen_by_those_who_may_only_read(tmp_path):
    file = tmp_path / "new" / "one.lock"
    assert not is_locked(file) and not file.exists()
    with Lock(file):
        assert is_locked(file)
    assert not is_locked(file)
