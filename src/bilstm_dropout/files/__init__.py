"""Files: one way to hash them, to write them so that nobody sees half of one, and to have one process at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import UserError

_looking: list[bool] = []


@contextmanager
def looking() -> Iterator[None]:
    """Within the block this process only looks: what is kept is read, and nothing is kept anew or downloaded."""
    _looking.append(True)
    try:
        yield
    finally:
        _looking.pop()


def is_looking() -> bool:
    """Whether this process only looks, so that nothing may change on disk."""
    return bool(_looking)


def sha256(content: bytes) -> str:
    """SHA-256 of bytes, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def hash_files(files: Iterable[Path]) -> str:
    """SHA-256, 16 hexadecimal digits, over names and contents of files in sorted order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def write_whole(target: Path, write: Callable[[str], object]) -> None:
    """Have `write(name)` fill a file that then appears whole, with the mode that the umask gives.

    The folder is made where it is not there. Whatever ends the process meanwhile leaves the target as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # A folder of its own, not mkstemp: that one makes files which nobody else may read.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        name = Path(folder) / target.name
        write(str(name))
        name.replace(target)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text that appears whole; see write_whole."""
    write_whole(target, lambda name: Path(name).write_text(text, encoding="utf-8"))


def check_writable(folder: Path, what: str, instead: str) -> None:
    """Raise UserError, one line, unless files can be made in a folder, or the folder itself; nothing is left behind.

    what: what is to be written there, in the plural ('Results'). instead: what else one can do, after "Make it
    writable, or".
    """
    try:
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise UserError(
            f"{what} cannot be written to {folder} ({error.strerror}). Make it writable, or {instead}."
        ) from None


class Lock(FileLock):
    """A file that one process at a time holds; the system lets go of it even where the process is killed.

    Its folder is made. UserError, one line, where either cannot be written; filelock.Timeout as usual.
    """

    def acquire(self, *args, **options):
        """As FileLock has it."""
        file = Path(self.lock_file)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return super().acquire(*args, **options)
        except Timeout:
            raise
        except OSError as error:
            raise UserError(
                f"The lock {file} cannot be written ({error.strerror}). Make it and its folder writable for you."
            ) from None


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock of that file, found out without writing anything."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _is_locked_by_trying(file)
    with suppress(OSError), file.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_locked_by_trying(file: Path) -> bool:
    try:
        with Lock(file).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except UserError:
        return False
