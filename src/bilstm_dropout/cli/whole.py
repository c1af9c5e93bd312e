"""Whether anything is to do at all: stamps over all that a study and a book rest on, compared in a moment.

What a person edits is told by its content; what the project itself writes by names, times and sizes, since it was
verified when it was written. Nothing here imports a library of the study's, so that a command with nothing to do ends
before these are loaded.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..files import sha256, write_text
from ..paths import book_folder, executions_folder, project_root, published_folder, runs_folder

_ASIDE = {"__pycache__", ".ipynb_checkpoints", "_build", "generated", "running", "locks"}
_EXECUTED = (".ipynb", ".json", ".yaml")
_SETTINGS = ("BILSTM_DROPOUT_", "KERAS_", "TF_", "XLA_FLAGS", "PYTHONPATH")
_OF_PROGRAMS = ("BILSTM_DROPOUT_OWN_", "TF_CPP_MIN_LOG_LEVEL")  # what a command is given, and how much libraries say
_PACKAGE = Path(__file__).parents[1]


def sources(profile: str) -> str:
    """A hash over what a profile's executed notebooks rest on, as far as people write it. profile: name or path."""
    root, file = project_root(), Path(profile)
    single = ("requirements.lock", "pyproject.toml", "CITATION.cff", "book/references.bib", "data/README.md")
    return _hash([
        profile, *_of_machine(), *_contents(_PACKAGE, root / "notebooks", published_folder()),
        *_contents_of([*(root / name for name in single), file]),
    ])  # fmt: skip


def nothing_to_study(profile: str) -> str:
    """What to say of a study with nothing to do; '' where there may be something."""
    return _said(_study_stamp(profile), _of_study(profile))


def keep_study(profile: str, said: str) -> None:
    """Note that a profile's study has nothing to do as things are. said: what to say as long as they stay so."""
    _keep(_study_stamp(profile), said, _of_study(profile))


def nothing_to_compile(profile: str) -> str:
    """What was said of its runs when the book's pages were compiled from a profile's study as it is now, or ''."""
    return _said(_compiled_stamp(), _of_compiled(profile))


def keep_compiled(profile: str, said: str) -> None:
    """Note that they are."""
    _keep(_compiled_stamp(), said, _of_compiled(profile))


def nothing_to_build(profile: str) -> str:
    """What to say of a book that is built from a profile's study as it is now; '' where it may not be."""
    return _said(_book_stamp(), _of_book(profile))


def keep_book(profile: str, said: str) -> None:
    """Note that a book is. said: what to say as long as things stay so."""
    _keep(_book_stamp(), said, _of_book(profile))


def _study_stamp(profile: str) -> Path:
    return executions_folder() / Path(profile).stem / "up-to-date"  # beside the executions, and gone with them


def _compiled_stamp() -> Path:
    return book_folder() / "generated" / "up-to-date"


def _book_stamp() -> Path:
    return book_folder() / "_build" / "up-to-date"


def _of_study(profile: str) -> str:
    data, executions = project_root() / "data", executions_folder()
    return _hash([
        sources(profile), *_listed(runs_folder(), ".json", ".parquet"), *_listed(data / "own"),
        *_listed(executions / Path(profile).stem, *_EXECUTED), *_listed(executions / "pages", *_EXECUTED),
    ])  # fmt: skip


def _of_compiled(profile: str) -> str:
    return _hash([_of_study(profile), *_listed(book_folder() / "generated", ".ipynb", ".md", ".csv")])


def _of_book(profile: str) -> str:
    root, book = project_root(), book_folder()
    single = sorted(file for file in root.iterdir() if file.suffix in (".md", ".cff", ".toml"))
    built = _listed(book / "_build" / "html", aside=())
    return _hash([_of_compiled(profile), *_contents(book), *_contents_of(single), *built])


def _keep(stamp: Path, said: str, state: str) -> None:
    with suppress(OSError):  # what cannot be noted is looked at again
        write_text(stamp, json.dumps({"said": said, "state": state}, indent=1))


def _said(stamp: Path, state: str) -> str:
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(stamp.read_text("utf-8"))
        if isinstance(content, dict) and content.get("state") == state and isinstance(content.get("said"), str):
            return content["said"]
    return ""


def _of_machine() -> list[str]:
    """Python, the installed libraries, the processor, and the settings that programs read from the environment."""
    libraries = Path(sysconfig.get_paths()["purelib"])
    installed = sorted(file.name for file in libraries.glob("*.dist-info")) if libraries.is_dir() else []
    processor = [platform.processor()]
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        processor = sorted({line for line in lines if line.startswith(("model", "flags", "vendor", "Features"))})
    settings = sorted(f"{name}={value}" for name, value in os.environ.items()
                      if name.startswith(_SETTINGS) and not name.startswith(_OF_PROGRAMS))  # fmt: skip
    return [sys.version, *installed, *processor, *settings]


def _contents(*folders: Path) -> list[str]:
    return _contents_of(file for folder in folders if folder.is_dir() for file in _files(folder))


def _contents_of(files: Iterable[Path]) -> list[str]:
    return [f"{file} {sha256(file.read_bytes())}" for file in files if file.is_file()]


def _listed(folder: Path, *endings: str, aside: Iterable[str] = _ASIDE) -> list[str]:
    """Names, times and sizes of a folder's files with one of these endings, all of them without any."""
    found = []
    for file in _files(folder, aside) if folder.is_dir() else ():
        if not endings or file.suffix in endings:
            with suppress(FileNotFoundError):
                state = file.stat()
                found.append(f"{file} {state.st_mtime_ns} {state.st_size}")
    return found


def _files(folder: Path, aside: Iterable[str] = _ASIDE) -> Iterable[Path]:
    """All files below a folder, sorted, without those in folders of these names."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - set(aside))
        yield from (Path(place, name) for name in sorted(names))


def _hash(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "surrogateescape"))
