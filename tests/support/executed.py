"""The pages of the book, executed once for all tests that need them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from filelock import FileLock

from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.study.execute import execute
from bilstm_dropout.study.notebooks import Execution, pages, pages_folder


def concluding() -> list[Execution]:
    """The notebooks with findings on published results: the pages, and the comparison, which a profile executes."""
    notebook = project_root() / "notebooks" / "comparison.ipynb"
    return [*pages(), Execution("comparison", notebook, {}, None, pages_folder())]


def made_results(tmp_path_factory, name: str, published: Callable[[Path], Path]) -> Path:
    """A folder of published results, made once; several workers share it. published: makes it where it is not yet."""
    folder = _base(tmp_path_factory) / f"results-{name}"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)  # of one that stopped half-way
            published(making).rename(folder)
    return folder


def _base(tmp_path_factory) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def executed_pages(
    tmp_path_factory, name: str = "published", results: Path | None = None, only: Iterable[str] | None = None
) -> dict[str, Path]:
    """Where the pages lie executed, by name; several workers share them.

    name: of the published results that they rest on. results: where these lie; by default those of the project. only:
    the pages to execute, or others of `concluding`; by default all pages.
    """
    folder = _base(tmp_path_factory) / "pages" / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        results = published_folder() if results is None else results
        environment = {  # no run of whoever tests is laid over
            "BILSTM_DROPOUT_ROOT": str(project_root()), "BILSTM_DROPOUT_PUBLISHED": str(results),
            "BILSTM_DROPOUT_RUNS": str(folder / "runs"),
        }  # fmt: skip
        wanted = pages() if only is None else [each for each in concluding() if each.name in only]
        found = {page.name: folder / f"{page.name}.ipynb" for page in wanted}
        for page in wanted:
            if not found[page.name].is_file():
                found[page.name].parent.mkdir(parents=True, exist_ok=True)
                reason = execute(str(page.notebook), str(found[page.name]), {}, environment)
                if reason:  # nobody else takes it for a page
                    found[page.name].unlink(missing_ok=True)
                    pytest.fail(f"{page.name}: {reason}")
    return found
