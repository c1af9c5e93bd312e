"""What a module depends on, and what it prints in a process of its own.

Whatever is kept because it takes long (examined claims, crossed intervals, executed notebooks, run records) is kept by
the source that made it. Which source that is follows from the import statements; nobody keeps a list.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from .errors import UserError
from .paths import cache_folder

PACKAGE = Path(__file__).parent
_NAME = PACKAGE.name
_LIBRARIES = ("keras", "tensorflow", "numpy", "papermill")


def sources_of(*modules: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """The files of this package that some of its modules import, directly or not, their own among them; sorted.

    modules: full names, 'bilstm_dropout.claims'. Imports inside functions and under TYPE_CHECKING count, and so does
    each folder's __init__ on the way. package: the folder that is read. ValueError for a module that is not there.
    """
    found: set[Path] = set()
    todo = [file for name in modules for file in _files_of(name, package, required=True)]
    while todo:
        file = todo.pop()
        if file not in found:
            found.add(file)
            inside = file.relative_to(package).parent.parts
            todo += _imported(file.read_text(encoding="utf-8"), ".".join((_NAME, *inside)), package)
    return tuple(sorted(found))


def sources_of_code(code: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """The same for what a piece of code imports."""
    direct = _imported(code, "", package)
    names = {".".join((_NAME, *file.relative_to(package).with_suffix("").parts)) for file in direct}
    return sources_of(*(name.removesuffix(".__init__") for name in names), package=package)


def sources_of_notebook(notebook: Path) -> tuple[Path, ...]:
    """The same for what the code cells of a notebook import."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return sources_of_code("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))


def hash_of(files: Iterable[Path], package: Path = PACKAGE) -> str:
    """SHA-256, 16 hexadecimal digits, over places in the package and contents of files, in sorted order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def _parsed(code: str) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """The import statements of a piece of code, wherever they stand: module, dots in front, names."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.level, tuple(each.name for each in node.names)))
        elif isinstance(node, ast.Import):
            found += [(each.name, 0, ()) for each in node.names]
    return tuple(found)


def _imported(code: str, folder: str, package: Path) -> list[Path]:
    """The package's files that code imports; folder: the full name of the one that it stands in."""
    files = []
    for module, level, names in _parsed(code):
        if level:
            above = folder.split(".")
            module = ".".join([*above[: len(above) - level + 1], *([module] if module else [])])
        if module.partition(".")[0] == _NAME:
            files += _files_of(module, package)
            for name in names:
                files += _files_of(f"{module}.{name}", package)
    return files


def _files_of(module: str, package: Path, required: bool = False) -> list[Path]:
    """A module's file and the __init__ of each folder above it; nothing for a name that is no module."""
    inside = module.split(".")[1:]
    place = package.joinpath(*inside)
    own = next((file for file in (place / "__init__.py", place.with_suffix(".py")) if inside and file.is_file()), None)
    if own is None and inside:
        if required:
            raise ValueError(f"There is no module {module}.")
        return []
    folders = [package.joinpath(*inside[:depth]) / "__init__.py" for depth in range(len(inside))]
    return [file for file in (*folders, own) if file is not None and file.is_file()]


def output_of(module: str, *arguments: str, files: Iterable[Path] = ()):
    """What `python -m module` prints as JSON; kept in data/cache by all that it depends on.

    module: a full name. files: data that it reads, beside the source that it imports and the libraries. UserError
    where it fails, with the last thing that it said.
    """
    sources = hash_of(sources_of(module))
    depends = [f"{name} {version(name)}" for name in _LIBRARIES] + [sources, *arguments]
    depends += [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    key = hashlib.sha256("\n".join(depends).encode()).hexdigest()[:16]
    kept = cache_folder() / f"{module.removeprefix(_NAME + '.')}-{key}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.with_suffix(".lock")):
        if not kept.is_file():
            command = [sys.executable, "-m", module, *arguments]
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise UserError(f"`{' '.join(command[1:])}` failed: {last[:300]}. Run it by itself to see all it says.")
            temporary = kept.with_suffix(".writing")
            temporary.write_text(json.dumps(json.loads(done.stdout), indent=1), "utf-8")
            temporary.replace(kept)
    return json.loads(kept.read_text("utf-8"))
