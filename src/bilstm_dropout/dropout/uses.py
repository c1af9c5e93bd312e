"""What a process has read of a table, told to whoever executes it: by that a notebook is executed again or not.

A notebook rests on the entries that it looked up, and on all of them where it went through the table. Imports cannot
tell which those are, so the table notes them as they are read (`table.py`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

VARIABLE = "BILSTM_DROPOUT_USED"  # names the file that takes what is read, a JSON text a line
EVERY = "*"  # was gone through, or nobody knows what was read
_noted: dict[str, None] = {}
_apart: list[None] = []


def note(name: str) -> None:
    """Note that an entry was read, or that it was looked for and is not there. name: the entry's, or EVERY."""
    if name not in _noted and not _apart:
        _noted[name] = None
        _write([name])


@contextmanager
def apart() -> Iterator[None]:
    """Note nothing: for what rests on the table only by something else that the executor keeps, as the runs' keys."""
    _apart.append(None)
    try:
        yield
    finally:
        _apart.pop()


def tell() -> None:
    """Write down what was read before VARIABLE was set: by a process from which this one was forked."""
    _write(_noted)


def told(file: Path) -> list[str]:
    """What was noted in a file, in alphabetical order; EVERY alone where it cannot be read."""
    try:
        names = {json.loads(line) for line in file.read_text("utf-8").splitlines()}
    except (OSError, ValueError, TypeError, RecursionError):
        return [EVERY]
    return [EVERY] if EVERY in names or not all(isinstance(name, str) for name in names) else sorted(names)


def _write(names) -> None:
    if file := os.environ.get(VARIABLE):
        lines = "".join(f"{json.dumps(name)}\n" for name in names).encode()
        with suppress(OSError):  # a file that is gone belonged to a notebook that was ended: nobody asks any more
            opened = os.open(file, os.O_WRONLY | os.O_APPEND)  # a kernel's own processes write there, too
            try:
                os.write(opened, lines)
            finally:
                os.close(opened)
