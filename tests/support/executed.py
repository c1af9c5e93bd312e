"""The pages of the book, executed once for all tests that need them."""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_output

from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.study.execute import execute
from bilstm_dropout.study.notebooks import Execution, pages, pages_folder
from support import perturbed
from support.forked import run_cells

MOVED = {"permuted": perturbed.permuted, "reversed": perturbed.reversed_order}
_LOADED = "loaded"


def concluding() -> list[Execution]:
    """The notebooks with findings on published results: pages, and those that a profile executes."""
    return [each for each in _all() if any(rests_on(call) == "published" for call in findings_called(each.notebook))]


def _all() -> list[Execution]:
    folder, others = project_root() / "notebooks", ("comparison", "mechanisms", "memory")
    own = [page for page in pages() if not page.parameters]
    return [*own, *(Execution(name, folder / f"{name}.ipynb", {}, None, pages_folder()) for name in others)]


def findings_called(notebook: Path) -> list[ast.Call]:
    """The calls of `finding` in a notebook's source."""
    cells = nbformat.read(notebook, as_version=4).cells
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in nodes if isinstance(node.func, ast.Name) and node.func.id == "finding"]


def rests_on(call: ast.Call) -> str:
    """What a finding rests on: 'published' unless it says otherwise."""
    return next((ast.literal_eval(each.value) for each in call.keywords if each.arg == "rests_on"), "published")


def moved_results(tmp_path_factory, name: str) -> Path:
    """A copy of the published results in which placements changed places, made once; several workers share it.

    name: how they did, of MOVED.
    """
    folder = _base(tmp_path_factory) / f"results-{name}"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)  # of one that stopped half-way
            perturbed.write(published_folder(), making, MOVED[name]).rename(folder)
    return folder


def _base(tmp_path_factory) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def executed_pages(
    tmp_path_factory, name: str = "published", results: Path | None = None, only: Iterable[str] | None = None
) -> dict[str, Path]:
    """Where the pages lie executed, by name; several workers share them.

    name: of the published results that they rest on. results: where these lie; by default those of the project, on
    which papermill executes them, as for the book; on others their cells are run without a kernel. only: the pages to
    execute, or the comparison; by default all pages.
    """
    folder = _base(tmp_path_factory) / "pages" / name
    run = execute if results is None else _run
    results = published_folder() if results is None else results
    environment = {  # no run of whoever tests is laid over
        "BILSTM_DROPOUT_ROOT": str(project_root()), "BILSTM_DROPOUT_PUBLISHED": str(results),
        "BILSTM_DROPOUT_RUNS": str(folder / "runs"),
    }  # fmt: skip
    wanted = pages() if only is None else [each for each in _all() if each.name in only]
    found = {page.name: folder / f"{page.name}.ipynb" for page in wanted}
    for page in wanted:
        found[page.name].parent.mkdir(parents=True, exist_ok=True)
        # A page at a time: who needs one does not wait for another's whole list.
        with FileLock(found[page.name].with_suffix(".lock")):
            if not found[page.name].is_file():
                reason = run(str(page.notebook), str(found[page.name]), page.parameters, environment)
                if reason:  # nobody else takes it for a page
                    found[page.name].unlink(missing_ok=True)
                    pytest.fail(f"{page.name}: {reason}")
    return found


def loaded_by(page: Path) -> set[str]:
    """The modules that were imported when a page had run without a kernel, on results other than the project's."""
    return set(nbformat.read(page, as_version=4).metadata[_LOADED])


def _run(notebook: str, output: str, parameters: dict, environment: dict[str, str]) -> str:
    """What study.execute.execute does, of a notebook without parameters to set, and of what is displayed alone."""
    assert not parameters
    page = nbformat.read(notebook, as_version=4)
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    environment = {**environment, "BILSTM_DROPOUT_NOTEBOOK": notebook}
    answer = run_cells([cell.source for cell in cells], environment, Path(environment["BILSTM_DROPOUT_ROOT"]))
    if answer["error"]:
        return ": ".join(answer["error"])
    for cell, displayed in zip(cells, answer["displayed"], strict=True):
        cell.outputs = [new_output("display_data", **each) for each in displayed]
    page.metadata[_LOADED] = answer["loaded"]
    nbformat.write(page, output)
    return ""
