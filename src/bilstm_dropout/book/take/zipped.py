"""Zip files that are the same bytes for the same content: names in order, one time, one mode, nobody's name."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from ...files import write_whole

_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold
_MODE, _RUNS = 0o100644 << 16, 0o100755 << 16
_UNIX = 3


def write_zip(
    target: Path, files: Iterable[tuple[str, bytes]], *, plain: int = 0, programs: Iterable[str] = ()
) -> None:
    """Write a zip file that appears whole.

    files: name and content of each, in the order in which they are to stand. plain: how many of the first are not
    compressed, as the first of an EPUB may not be. programs: names of those that may be run.
    """
    programs = set(programs)

    def write(name: str) -> None:
        with zipfile.ZipFile(name, "w") as whole:
            for number, (path, content) in enumerate(files):
                entry = zipfile.ZipInfo(path, _TIME)
                entry.external_attr, entry.create_system = (_RUNS if path in programs else _MODE), _UNIX
                entry.compress_type = zipfile.ZIP_STORED if number < plain else zipfile.ZIP_DEFLATED
                whole.writestr(entry, content, compresslevel=9)

    write_whole(target, write)
