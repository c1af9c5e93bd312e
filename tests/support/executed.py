"""The pages of the book, executed once for all tests that need them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from bilstm_dropout.paths import project_root, published_folder
from bilstm_dropout.study.execute import execute
from bilstm_dropout.study.notebooks import pages


def executed_pages(tmp_path_factory, name: str = "published", published: Callable[[Path], Path] | None = None) -> dict:
    """Where the pages lie executed, by name; several workers share them.

    name: of the published results that they rest on. published: makes these in a folder that is not there yet; those of
    the project by default.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, results = base / "pages" / name, base / f"results-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if published is None:
            results = published_folder()
        elif not results.is_dir():
            published(results)
        environment = {"BILSTM_DROPOUT_ROOT": str(project_root()), "BILSTM_DROPOUT_PUBLISHED": str(results)}
        found = {page.name: folder / f"{page.name}.ipynb" for page in pages()}
        for page in pages():
            if not found[page.name].is_file():
                found[page.name].parent.mkdir(parents=True, exist_ok=True)
                reason = execute(str(page.notebook), str(found[page.name]), {}, environment)
                assert not reason, f"{page.name}: {reason}"
    return found
