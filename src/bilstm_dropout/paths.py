"""Where the project keeps things, found from the project's root whatever folder a kernel runs in."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import UserError


def project_root() -> Path:
    """The folder that holds pyproject.toml and notebooks/.

    Looked for upwards from $BILSTM_DROPOUT_ROOT if set, else from the working folder, else from this file.
    Raises UserError where none of them lies inside the project.
    """
    starts = [os.environ.get("BILSTM_DROPOUT_ROOT"), Path.cwd(), Path(__file__)]
    for start in filter(None, starts):
        start = Path(start).resolve()
        for folder in (start, *start.parents):
            if (folder / "pyproject.toml").is_file() and (folder / "notebooks").is_dir():
                return folder
    raise UserError(
        "The project's folder was not found from here; it holds pyproject.toml and notebooks/. "
        "Change into it, or set BILSTM_DROPOUT_ROOT to it."
    )


def runs_folder() -> Path:
    """Run records: data/runs, or $BILSTM_DROPOUT_RUNS."""
    given = os.environ.get("BILSTM_DROPOUT_RUNS")
    return Path(given).resolve() if given else project_root() / "data" / "runs"


def executions_folder() -> Path:
    """Executed notebooks: data/executions."""
    return project_root() / "data" / "executions"


def cache_folder() -> Path:
    """What is downloaded, and what is kept because it takes long to make: data/cache."""
    return project_root() / "data" / "cache"


def published_folder() -> Path:
    """Published results: data/published, or $BILSTM_DROPOUT_PUBLISHED."""
    given = os.environ.get("BILSTM_DROPOUT_PUBLISHED")
    return Path(given).resolve() if given else project_root() / "data" / "published"


def book_folder() -> Path:
    """The book's sources."""
    return project_root() / "book"
