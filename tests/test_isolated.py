"""What a module depends on follows from its import statements: nothing stale is taken for fresh."""

import shutil
from pathlib import Path

import pytest

from bilstm_dropout import isolated
from bilstm_dropout.isolated import PACKAGE, hash_of, sources_of, sources_of_code, sources_of_notebook
from bilstm_dropout.paths import project_root
from bilstm_dropout.runs.provenance import run_sources


def places(files, package=PACKAGE):
    return {file.relative_to(package).as_posix() for file in files}


def made(folder: Path, **files: str) -> Path:
    """A package of invented modules; '__' in a name stands for a folder's end."""
    package = folder / "bilstm_dropout"
    for name, code in {"__init__": "", **files}.items():
        file = package / f"{name.replace('__of__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
    return package


def test_imports_are_followed_wherever_they_stand(tmp_path):
    package = made(
        tmp_path,
        a="def f():\n    from .sub.b import g",
        sub__of____init__="if TYPE_CHECKING:\n    from .c import lazy, other as another",
        sub__of__b="from .. import d\nimport json",
        sub__of__c="", d="import bilstm_dropout.e", e="from .d import x", unused="",
    )  # fmt: skip
    found = places(sources_of("bilstm_dropout.a", package=package), package)
    assert found == {"__init__.py", "a.py", "sub/__init__.py", "sub/b.py", "d.py", "e.py"}
    for name in ("lazy", "another", "c"):  # what a folder's __init__ hands on counts by where it comes from
        found = places(sources_of_code(f"from bilstm_dropout.sub import {name}", package), package)
        assert found == {"__init__.py", "sub/__init__.py", "sub/c.py"}
    assert "sub/c.py" in places(sources_of_code("import bilstm_dropout.sub", package), package)
    with pytest.raises(ValueError, match=r"no module bilstm_dropout\.gone"):
        sources_of("bilstm_dropout.gone", package=package)


def test_the_hash_moves_with_place_and_content(tmp_path):
    one, other = (made(tmp_path / name, a="x = 1") for name in ("one", "other"))
    assert hash_of(sources_of("bilstm_dropout.a", package=one), one) == hash_of(
        sources_of("bilstm_dropout.a", package=other), other
    )
    before = hash_of([one / "a.py"], one)
    (one / "sub").mkdir()
    (one / "a.py").rename(one / "sub" / "a.py")
    assert hash_of([one / "sub" / "a.py"], one) != before


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(PACKAGE, tmp_path / "bilstm_dropout", ignore=shutil.ignore_patterns("__pycache__")))


def test_a_changed_test_of_differences_examines_the_ledger_anew(copied):
    before = hash_of(sources_of("bilstm_dropout.claims.__main__", package=copied), copied)
    (file,) = [path for path in copied.rglob("*.py") if "\ndef mean_of_runs(" in path.read_text("utf-8")]
    file.write_text(file.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert hash_of(sources_of("bilstm_dropout.claims.__main__", package=copied), copied) != before


def test_the_ledger_depends_on_the_networks_whose_gradients_it_quotes():
    found = sources_of("bilstm_dropout.claims.__main__")
    for needed in ("def draw_masks(", "class DropoutLSTM(", "class Trainer", "def mask_shapes("):
        assert any(needed in file.read_text("utf-8") for file in found), needed


def test_a_run_depends_on_every_data_set_in_whatever_folder_and_on_what_measures_it():
    found = places(run_sources())
    registered = {file for file in places(sources_of("bilstm_dropout.datasets")) if "/" in file}
    assert registered <= found and {"datasets/text/corpora.py", "datasets/own/table.py"} <= registered
    assert {"runs/trainer.py", "stats/metrics.py", "dropout/lstm.py", "runs/config.py"} <= found
    assert not any("book" in file or "figures" in file or "cli" in file for file in found)


def test_a_data_set_in_a_sub_folder_counts(copied):
    (copied / "datasets" / "more").mkdir()
    (copied / "datasets" / "more" / "__init__.py").write_text("")
    (copied / "datasets" / "more" / "waves.py").write_text("CARD = 1\n")
    registry = copied / "datasets" / "__init__.py"
    registry.write_text(registry.read_text("utf-8") + "\nfrom .more import waves\n", "utf-8")
    found = places(sources_of("bilstm_dropout.runs.trainer", package=copied), copied)
    assert {"datasets/more/waves.py", "datasets/more/__init__.py"} <= found


NOTEBOOKS = sorted((project_root() / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_notebook_depends_on_what_it_imports(notebook):
    found = sources_of_notebook(notebook)
    assert len(found) > 10 and isolated.PACKAGE / "__init__.py" in found


def test_modules_that_code_may_import_are_named():
    code = "import numpy as np\nfrom bilstm_dropout import stats\nfrom .here import x\ndef f():\n    import json"
    assert isolated.modules_of_code(code) == ["numpy", "bilstm_dropout", "bilstm_dropout.stats", "json"]
    assert isolated.modules_of_code("if:") == []


def test_a_text_is_kept_by_its_source_and_by_what_it_rests_on(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated, "cache_folder", lambda: tmp_path)
    made = []

    def text():
        made.append("x")
        return "a text"

    text.__module__ = "bilstm_dropout.wording"
    assert [isolated.kept_text(text, "one") for _ in range(3)] == ["a text"] * 3 and len(made) == 1
    isolated.kept_text(text, "two")
    monkeypatch.setattr(isolated, "hash_of", lambda files: "another source")
    isolated.kept_text(text, "one")
    assert len(made) == 3
    text.__module__ = "elsewhere"
    assert [isolated.kept_text(text, "one") for _ in range(2)] == ["a text"] * 2 and len(made) == 5
    text.__module__ = "bilstm_dropout.wording"
    for file in (tmp_path / "texts").iterdir():
        file.write_text("{")
    assert isolated.kept_text(text, "one") == "a text" and len(made) == 6


def test_what_is_changed_is_read_again(tmp_path):
    package = made(tmp_path, a="from . import b", b="", c="")
    before = hash_of(sources_of("bilstm_dropout.a", package=package), package)
    (package / "b.py").write_text("from . import c")
    found = sources_of("bilstm_dropout.a", package=package)
    assert "c.py" in places(found, package) and hash_of(found, package) != before
