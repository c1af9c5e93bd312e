"""A command with nothing to do says so at once, and never where something was changed."""

import subprocess
import sys
from pathlib import Path

import pytest

from bilstm_dropout.cli import whole

FILES = {
    "pyproject.toml": "[project]", "requirements.lock": "numpy==1", "CITATION.cff": "title: x",
    "notebooks/one.ipynb": "{}", "notebooks/profiles/quick.yaml": "seeds: [1]", "data/README.md": "# Data",
    "data/published/a.001.parquet": "rows", "data/published/manifest.json": "{}", "data/runs/v1/a.json": "{}",
    "data/runs/v1/a.parquet": "p", "data/executions/quick/00-none.ipynb": "{}", "data/executions/pages/x/y.ipynb": "{}",
    "data/own/pens/card.json": "{}", "book/_toc.yml": "root: index", "book/index.md": "# Home",
    "book/references.bib": "", "book/_static/a.css": "p {}", "book/generated/00-none.ipynb": "{}",
    "book/generated/claims.md": "x", "book/_build/html/index.html": "<p>", "book/_build/html/_static/a.css": "p {}",
}  # fmt: skip
# What each file, changed, has done again: the study, the compiled pages, the site.
STUDY = ("requirements.lock", "CITATION.cff", "notebooks/", "data/", "pyproject.toml", "book/references.bib")
COMPILED = (*STUDY, "book/generated/")


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    for name in ("RUNS", "PUBLISHED"):
        monkeypatch.delenv(f"BILSTM_DROPOUT_{name}", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(whole.__file__).parents[2]))
    whole.keep_study("quick", "studied")
    whole.keep_compiled("quick", "compiled")
    whole.keep_book("quick", "built")
    return tmp_path


def said(profile="quick"):
    return whole.nothing_to_study(profile), whole.nothing_to_compile(profile), whole.nothing_to_build(profile)


def test_nothing_changed_is_nothing_to_do(project):
    assert said() == ("studied", "compiled", "built") == said()
    assert said("other") == ("", "", "")


@pytest.mark.parametrize("name", FILES)
def test_whatever_changes_is_looked_at_again(project, name):
    (project / name).write_text(f"{FILES[name]} more")
    studied, compiled = not name.startswith(STUDY), not name.startswith(COMPILED)
    assert said() == ("studied" * studied, "compiled" * compiled, "")
    (project / name).unlink()
    assert said() == ("studied" * studied, "compiled" * compiled, "")


NEW = ["notebooks/two.ipynb", "book/new.md", "data/runs/v1/b.json", "book/_build/html/b.html"]


@pytest.mark.parametrize("name", NEW)
def test_a_new_file_is_seen(project, name):
    (project / name).write_text("new")
    assert not whole.nothing_to_build("quick")
    assert bool(whole.nothing_to_study("quick")) == name.startswith("book/")


def test_what_programs_leave_aside_changes_nothing(project):
    for name in ("notebooks/.ipynb_checkpoints/one.ipynb", "data/runs/v1/locks/a.lock", "data/executions/quick/a.log",
                 "data/cache/x.json", "data/executions/quick/running/a.ipynb"):  # fmt: skip
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x")
    assert said() == ("studied", "compiled", "built")


def test_settings_libraries_and_folders_count(project, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert said() == ("", "", "")
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(project / "elsewhere"))
    assert said() == ("", "", "")
    monkeypatch.delenv("BILSTM_DROPOUT_RUNS")
    monkeypatch.setenv("BILSTM_DROPOUT_OWN_MINUTES", "")  # as make exports it
    assert said() == ("studied", "compiled", "built")
    libraries = project / "site-packages"
    (libraries / "numpy-1.dist-info").mkdir(parents=True)
    monkeypatch.setattr(whole.sysconfig, "get_paths", lambda: {"purelib": str(libraries)})
    assert said() == ("", "", "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"state": 3}', '{"said": ["x"], "state": "y"}', "[" * 100_000])
def test_a_broken_stamp_says_nothing(project, text):
    (project / "data/executions/quick/up-to-date").write_text(text)
    assert whole.nothing_to_study("quick") == ""


def test_a_command_with_nothing_to_do_loads_no_library_of_the_study(project):
    code = (
        "import sys; from bilstm_dropout.cli import main; sys.argv = ['bilstm-dropout', 'study'];\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('sklearn', 'papermill', 'distributed', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project)
    assert done.stdout.splitlines() == ["studied", "[]"], done.stdout + done.stderr
