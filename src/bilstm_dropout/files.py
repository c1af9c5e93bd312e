"""Files: one way to hash them, and one way to write them so that nobody sees half of one."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


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
    """Have `write(name)` fill a file that then appears whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        name = Path(folder) / target.name
        write(str(name))
        name.replace(target)
