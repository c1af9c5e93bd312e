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
from typing import NamedTuple

from .errors import UserError
from .files import Lock, sha256, write_text
from .loading import check_backend
from .paths import cache_folder

PACKAGE = Path(__file__).parent
_NAME = PACKAGE.name
_LIBRARIES = ("keras", "tensorflow", "numpy", "papermill")


def sources_of(*modules: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """The files of this package that some of its modules import, directly or not, their own among them; sorted.

    modules: full names, 'bilstm_dropout.claims'. Imports inside functions count, and so does each folder's __init__ on
    the way, but not what else that one imports: of a name that a folder's __init__ hands on, only where it comes from.
    package: the folder that is read. ValueError for a module that is not there.
    """
    return _closure([_file_of(name, package, required=True) for name in modules], package)


def sources_of_code(code: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """The same for what a piece of code imports."""
    return _closure(_imported(code, "", package), package)


def _closure(todo: list[Path], package: Path) -> tuple[Path, ...]:
    found: set[Path] = set()
    while todo:
        file = todo.pop()
        if file not in found:
            found.add(file)
            inside = file.relative_to(package).parent.parts
            todo += _imported(file.read_text(encoding="utf-8"), ".".join((_NAME, *inside)), package)
    folders = {package.joinpath(*file.relative_to(package).parts[:depth]) / "__init__.py"
               for file in found for depth in range(len(file.relative_to(package).parts))}  # fmt: skip
    return tuple(sorted(found | {file for file in folders if file.is_file()}))


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


class _Import(NamedTuple):
    """An import statement: `from {dots}module import names as bound`, or `import module`."""

    module: str
    level: int
    names: tuple[str, ...]
    bound: tuple[str, ...]


@cache
def _parsed(code: str) -> tuple[_Import, ...]:
    """The import statements of a piece of code, wherever they stand."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            names = tuple(each.name for each in node.names)
            bound = tuple(each.asname or each.name for each in node.names)
            found.append(_Import(node.module or "", node.level, names, bound))
        elif isinstance(node, ast.Import):
            found += [_Import(each.name, 0, (), ()) for each in node.names]
    return tuple(found)


def _imported(code: str, folder: str, package: Path) -> list[Path]:
    """The package's files that code imports; folder: the full name of the one that it stands in."""
    return [file for statement in _parsed(code) for file in _named(statement, statement.names, folder, package)]


def _named(statement: _Import, names: Iterable[str], folder: str, package: Path) -> list[Path]:
    """The files that some of a statement's names come from."""
    module = statement.module
    if statement.level:
        above = folder.split(".")
        module = ".".join([*above[: len(above) - statement.level + 1], *([module] if module else [])])
    if module.partition(".")[0] != _NAME:
        return []
    own = _file_of(module, package)
    if not statement.names:
        return [own] if own else []
    files = []
    for name in names:
        inner = _file_of(f"{module}.{name}", package)
        files += [inner] if inner else _handed_on(own, module, name, package)
    return files


def _handed_on(file: Path | None, module: str, name: str, package: Path) -> list[Path]:
    """Where a name comes from that a module gives: from the module, or from where its __init__ imports it."""
    if file is None:
        return []
    if file.name == "__init__.py":
        for statement in _parsed(file.read_text(encoding="utf-8")):
            if name in statement.bound:
                return _named(statement, [statement.names[statement.bound.index(name)]], module, package)
    return [file]


def _file_of(module: str, package: Path, required: bool = False) -> Path | None:
    """A module's file; None for a name that is no module."""
    place = package.joinpath(*module.split(".")[1:])
    for file in (place / "__init__.py", place.with_suffix(".py")):
        if file.is_file():
            return file
    if required:
        raise ValueError(f"There is no module {module}.")
    return None


def output_of(module: str, *arguments: str, files: Iterable[Path] = ()):
    """What `python -m module` prints as JSON; kept in data/cache by all that it depends on.

    module: a full name. files: data that it reads, beside the source that it imports and the libraries. UserError
    where it fails, with the last thing that it said, where Keras is set up in another way, and where data/cache cannot
    be written.
    """
    run = [name for name in (module, f"{module}.__main__") if _file_of(name, PACKAGE)]
    sources = hash_of(sources_of(*run))
    depends = [f"{name} {version(name)}" for name in _LIBRARIES] + [sources, *arguments]
    depends += [sha256(file.read_bytes()) for file in files]
    key = sha256("\n".join(depends).encode())[:16]
    file = cache_folder() / f"{module.removeprefix(_NAME + '.')}-{key}.json"
    found = _kept(file)
    if found is None:
        with Lock(file.with_suffix(".lock")):
            found = _kept(file)  # another process may have made it meanwhile
            if found is None:
                found = _said(module, *arguments)
                write_text(file, json.dumps(found, indent=1))
    return found


def _kept(file: Path):
    """What was printed before, or None where nothing was or it cannot be read: then it is made again."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _said(module: str, *arguments: str):
    check_backend()  # what is kept is not kept by Keras' settings
    command = [sys.executable, "-m", module, *arguments]
    # What is kept is kept by TensorFlow's version: nobody's choice of another backend may end in it.
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UserError(f"`{' '.join(command[1:])}` failed: {last[:300]}. Run it by itself to see all it says.")
    return json.loads(done.stdout)
