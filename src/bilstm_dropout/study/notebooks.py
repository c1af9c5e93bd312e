"""The notebooks to execute: each with its parameters, and with what it depends on.

A profile has those of its placements; the pages of the book, in sub-folders of notebooks/, belong to no profile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from ..dropout.uses import EVERY
from ..files import Lock, hash_files, write_text
from ..files.reading import read_json
from ..isolated import PACKAGE, sources_of_notebook, state
from ..paths import executions_folder, project_root, published_folder
from ..results.manifest import published_sets
from ..runs.config import RunConfig
from ..runs.sweep import Sweep
from .source import hash_without_table

PAGES = "pages"  # the folder of the pages' executions, beside those of profiles
KERAS = "keras"  # folder of the pages on the installed Keras
NUMBERS = "numbers"  # the notebook that is a page for each data set with published runs, and their folder
_NOT_PAGES = ("profiles",)  # what else lies in notebooks/


@dataclass(frozen=True)
class Execution:
    """One notebook to execute.

    name: below `folder`, without suffix: '02-input', or 'study/early_stopping' of a page. notebook: its source.
    parameters: what papermill hands over. sweep: the runs of a placement's chapter, else None. folder: where it lies
    once executed. runs: those that it shows besides, and does not train.
    """

    name: str
    notebook: Path
    parameters: dict
    sweep: Sweep | None
    folder: Path
    runs: tuple[RunConfig, ...] = ()

    @property
    def output(self) -> Path:
        """The executed notebook."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def is_page(self) -> bool:
        """Whether it belongs to no profile."""
        return self.folder == pages_folder()

    def configs(self) -> list:
        """The runs whose records it needs."""
        return [*self.sweep.baselines(), *self.sweep.runs()] if self.sweep else list(self.runs)

    def stamp(self) -> dict:
        """What it was executed with, and why it failed where it did (`failed`); {} where nothing says so."""
        try:
            content = read_json(self.output.with_suffix(".json").read_text(encoding="utf-8"))
            return content if isinstance(content, dict) else {}
        except (OSError, ValueError):
            return {}

    def used(self) -> dict[str, str]:
        """What it read of the table when it was executed, by `executing.placements_read`; all where nothing says."""
        found = self.stamp().get("placements")
        return found if isinstance(found, dict) else {EVERY: ""}

    def keep_stamp(self, stamp: dict, reason: str = "") -> None:
        """Note what it was executed with. reason: why it failed, '' where it did not."""
        write_text(self.output.with_suffix(".json"), stamp_text({**stamp, **({"failed": reason} if reason else {})}))


def stamp_text(content: dict) -> str:
    """A stamp as it is written: JSON with sorted keys."""
    return json.dumps(content, indent=1, sort_keys=True)


def pages_folder() -> Path:
    """Where the executed pages lie."""
    return executions_folder() / PAGES


def pages_lock() -> Lock:
    """Held while pages are executed, by whatever profile's study."""
    return Lock(pages_folder() / "study.lock")


def pages() -> list[Execution]:
    """The pages of the book: every notebook in a folder below notebooks/, by name, with its own defaults; and the
    numbers of each data set with published runs.
    """
    notebooks = project_root() / "notebooks"
    files = [file for file in sorted(notebooks.glob("*/*.ipynb")) if file.parent.name not in _NOT_PAGES]
    numbers = notebooks / f"{NUMBERS}.ipynb"
    of_sets = [
        Execution(f"{NUMBERS}/{name}", numbers, {"dataset": name}, None, pages_folder()) for name in published_sets()
    ]
    return (of_sets if numbers.is_file() else []) + [
        Execution(file.relative_to(notebooks).with_suffix("").as_posix(), file, {}, None, pages_folder())
        for file in files
        if ".ipynb_checkpoints" not in file.parts
    ]


def source_of(page: str) -> str:
    """The notebook of a page by its name, below notebooks/: 'study/gallery.ipynb'."""
    return f"{NUMBERS if page.startswith(f'{NUMBERS}/') else page}.ipynb"


def shown_by(notebook: Path) -> dict[str, str]:
    """The part of a stamp that every notebook has: its own hash, and that of the source which it imports.

    A page that shows what the installed Keras does depends on its version, too.
    """
    found = dict(_shown_by(notebook, _state(notebook), state(PACKAGE)))
    if notebook.parent.name == KERAS:
        found["keras"] = ", ".join(f"{name} {version(name)}" for name in ("keras", "tensorflow", "papermill"))
    return found


@lru_cache(maxsize=256)
def _shown_by(notebook: Path, _notebook: tuple, _package: tuple) -> dict[str, str]:
    """Worked out once as long as notebook and source stay: a study asks several times for dozens of notebooks."""
    return {"notebook": hash_files([notebook]), "pages": hash_without_table(sources_of_notebook(notebook))}


def published_hash() -> str:
    """A hash over everything under data/published, on which pages rest."""
    folder = published_folder()
    files = sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else []
    return _hash_of_files(tuple((file, *_state(file)) for file in files)) if files else ""


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _hash_of_files(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Their hash, computed once as long as names, times and sizes stay: some dozen executions ask for it."""
    return hash_files([file for file, *_ in files])
