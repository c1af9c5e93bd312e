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
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from .errors import UserError
from .files import Lock, is_looking, sha256, write_text
from .loading import check_backend
from .paths import cache_folder

PACKAGE = Path(__file__).parent
_NAME = PACKAGE.name
_WRITES = ("numpy", "pandas", "scipy", "matplotlib")  # what numbers and figures of a text rest on
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
    return _known_closure(frozenset(todo), package, state(package))


@lru_cache(maxsize=256)
def _known_closure(todo: frozenset[Path], package: Path, state: tuple) -> tuple[Path, ...]:
    """Every file that these import; worked out once as long as the package's files stay as they are."""
    waiting, found = list(todo), set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported_by(file, package, state)
    folders = {package.joinpath(*file.relative_to(package).parts[:depth]) / "__init__.py"
               for file in found for depth in range(len(file.relative_to(package).parts))}  # fmt: skip
    return tuple(sorted(found | {file for file in folders if file.is_file()}))


@lru_cache(maxsize=2048)
def _imported_by(file: Path, package: Path, _state: tuple) -> tuple[Path, ...]:
    """What one of the package's files imports."""
    inside = file.relative_to(package).parent.parts
    return tuple(_imported(file.read_text(encoding="utf-8"), ".".join((_NAME, *inside)), package))


def state(package: Path) -> tuple:
    """The files of a package, each with what tells that it was changed."""
    return tuple((file, *_changed(file)) for file in sorted(package.rglob("*.py")))


def _changed(file: Path) -> tuple[int, int]:
    """What tells that a file was changed: its time in nanoseconds and its size in bytes."""
    found = file.stat()
    return found.st_mtime_ns, found.st_size


def modules_of_code(code: str) -> list[str]:
    """The modules that a piece of code imports, and names that may be modules of theirs.

    [] for what is no Python.
    """
    try:
        statements = _parsed(code)
    except SyntaxError:
        return []
    return [full for each in statements if not each.level
            for full in (each.module, *(f"{each.module}.{name}" for name in each.names))]  # fmt: skip


def sources_of_notebook(notebook: Path) -> tuple[Path, ...]:
    """The same for what the code cells of a notebook import."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return sources_of_code("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))


def hash_of(files: Iterable[Path], package: Path = PACKAGE) -> str:
    """SHA-256, 16 hexadecimal digits, over places in the package and contents of files, in sorted order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + _content(file, *_changed(file)) + b"\0")
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1024)
def _content(file: Path, *_changed: int) -> bytes:
    """A file's bytes, read once as long as it was not changed: dozens of notebooks rest on the same source."""
    return file.read_bytes()


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


def kept_text(make: Callable[[], str], rests_on: str) -> str:
    """The text that a function of this package makes, kept in data/cache by its source, what it rests on and libraries.

    make: without arguments; pure but for what `rests_on`, a hash, stands for.
    """
    if _file_of(make.__module__, PACKAGE) is None or not make.__module__.startswith(_NAME):
        return make()  # no source of this package's says when it changes
    depends = [hash_of(sources_of(make.__module__)), rests_on, *(f"{name} {version(name)}" for name in _WRITES)]
    key = sha256("\n".join(depends).encode())[:16]
    file = cache_folder() / "texts" / f"{make.__module__.removeprefix(_NAME + '.')}.{make.__name__}-{key}.json"
    found = _kept(file)
    if not isinstance(found, str):
        found = make()
        if not is_looking():
            with suppress(OSError):  # what cannot be kept is made again
                write_text(file, json.dumps(found))
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
