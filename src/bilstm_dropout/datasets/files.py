"""Files of data sets that come from outside: where they lie, how they get here, and that they are the right ones.

Looked for in the folder that $BILSTM_DROPOUT_DATA names, if it is set, then in data/cache; downloaded to data/cache
where they are in neither. Nothing of a file is used before its content was checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from filelock import FileLock

from ..errors import UserError
from ..files import is_looking
from ..paths import cache_folder


@dataclass(frozen=True)
class SourceFile:
    """A file that a data set is read from.

    path: where it lies in the data folder, with / between parts. address: where it is downloaded from. sha256: of the
    whole file, 64 hexadecimal digits, or '' where the reader checks the content itself. largest: more bytes than this
    are refused. member: where the address gives a ZIP archive, the file's name inside. archive_hash: as pooch takes
    it, 'sha256:...' or 'md5:...', of what the address gives; '' where only the file inside is known.
    """

    path: str
    address: str
    sha256: str
    largest: int
    member: str = ""
    archive_hash: str = ""


def data_folders() -> list[Path]:
    """The folders that are searched, in order. UserError where $BILSTM_DROPOUT_DATA names no folder."""
    given = os.environ.get("BILSTM_DROPOUT_DATA")
    if not given:
        return [cache_folder()]
    if not Path(given).is_dir():
        raise UserError(
            f"BILSTM_DROPOUT_DATA names {given[:200]!r}, which is no folder. Name the folder that holds the data "
            "sets' files, or unset it."
        )
    return [Path(given).resolve(), cache_folder()]


def find(file: SourceFile) -> Path | None:
    """The first folder's copy of the file, or None where there is none. Nothing is downloaded or checked."""
    return next((folder / file.path for folder in data_folders() if (folder / file.path).is_file()), None)


def fetch(file: SourceFile) -> Path:
    """The path of the file, downloaded if it is not here, with its size and SHA-256 checked.

    UserError, in one line, where it is not here and cannot be downloaded (which file, into which folder, which
    SHA-256) and where what is here is another file; and where it is not here and this process only looks.
    """
    path = find(file)
    if path is None and is_looking():
        raise UserError(
            f"The file {file.path} is not here, and nothing is downloaded by looking; whatever needs it will have it "
            f"from {file.address}."
        )
    if path is None:
        path = cache_folder() / file.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{path}.lock"):
                if not path.is_file():
                    _download(file, path)
        except (OSError, ValueError, KeyError, RuntimeError, EOFError, BadZipFile, LZMAError, zlib.error) as error:
            raise _absent(file, error) from None
    size = path.stat().st_size
    if size > file.largest:
        raise UserError(_another(path, f"{size:,} bytes, and at most {file.largest:,} are expected"))
    if file.sha256:
        found = sha256(path)
        if found != file.sha256:
            raise UserError(_another(path, f"sha256 {found}, expected {file.sha256}"))
    return path


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def _download(file: SourceFile, path: Path) -> None:
    """Bring the file to `path`, whole or not at all; an archive lives in a temporary folder and is not unpacked."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="download-") as folder:
        expected = file.archive_hash or (None if file.member else f"sha256:{file.sha256}")
        # Progress is shown where it takes a while.
        shown = pooch.HTTPDownloader(progressbar=file.largest > 20_000_000, timeout=30)
        got = Path(pooch.retrieve(file.address, expected, fname="download", path=folder, downloader=shown))
        if file.member:
            got = _member(got, file, Path(folder) / "member")
        got.replace(path)


def _member(archive: Path, file: SourceFile, target: Path) -> Path:
    with ZipFile(archive) as opened, opened.open(file.member) as reading, target.open("wb") as writing:
        # The size that an archive states may be wrong, so what comes out is bounded too.
        shutil.copyfileobj(_Bounded(reading, file.largest), writing)
    if sha256(target) != file.sha256:
        raise ValueError(f"{file.member} in the archive has another content than expected")
    return target


class _Bounded:
    """Reads from a file, and refuses to go on after so many bytes."""

    def __init__(self, reading, most: int) -> None:
        self.reading, self.left = reading, most

    def read(self, size: int) -> bytes:
        block = self.reading.read(size)
        self.left -= len(block)
        if self.left < 0:
            raise ValueError("the file in the archive is larger than expected")
        return block


def _absent(file: SourceFile, error: Exception) -> UserError:
    reason = " ".join(str(error).split())[:120]
    if not reason or type(error).__module__.startswith("requests"):  # whose messages repeat the address
        reason = type(error).__name__
    sum_text = f"; its sha256 is {file.sha256}" if file.sha256 else ""
    return UserError(
        f"The file {file.path} is not here, and {file.address} did not give it ({reason}). Put it into "
        f"{data_folders()[0]} under that name{sum_text}; BILSTM_DROPOUT_DATA can name another folder."
    )


def _another(path: Path, what: str) -> str:
    return f"{path} is another file than expected: {what}. Remove it to have it downloaded, or put the right one there."
