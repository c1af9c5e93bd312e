"""The pages of the book, executed once for all tests that need them."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock

from bilstm_dropout.paths import project_root
from bilstm_dropout.study.execute import execute
from bilstm_dropout.study.notebooks import pages


def executed_pages(tmp_path_factory) -> dict[str, Path]:
    """Where the pages lie executed on the published results, by name; several workers share them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "executed-pages"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        found = {page.name: folder / f"{page.name}.ipynb" for page in pages()}
        for page in pages():
            if not found[page.name].is_file():
                found[page.name].parent.mkdir(parents=True, exist_ok=True)
                environment = {"BILSTM_DROPOUT_ROOT": str(project_root())}
                reason = execute(str(page.notebook), str(found[page.name]), {}, environment)
                assert not reason, f"{page.name}: {reason}"
    return found
