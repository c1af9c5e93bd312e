"""The files under data/published: their names, what the manifest lists, and how large they may be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..datasets import NAMES
from ..errors import UserError
from ..files import sha256, write_text
from ..paths import published_folder
from .method import method_stamp

MOST_BYTES = 40 * 2**20  # everything under data/published together
MANIFEST = "manifest.json"
PART = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
FILE = re.compile(rf"({PART.pattern})\.(\d{{3}})\.parquet")


def part_of(file: Path) -> str:
    """The part that a published file's name says: 'a1' of a1.001.parquet."""
    return FILE.fullmatch(file.name)[1]


def checked_files(folder: Path, unlisted: bool = False) -> list[Path]:
    """A folder's Parquet files in order, each with the hash that the folder's manifest lists.

    unlisted: also those that it does not list. UserError, naming the file, for whatever else there is.
    """
    files = sorted(file for file in folder.glob("*.parquet"))
    for file in files:
        if not FILE.fullmatch(file.name) or file.is_symlink() or not file.is_file():
            raise unsound(file, "its name is not one that publish gives, or it is no plain file")
    check_size(folder)
    listed = listing(folder / MANIFEST)
    for name in listed:
        if not (folder / name).is_file():
            raise unsound(folder / name, "the manifest lists it, and it is not there")
    for file in files:
        if file.name not in listed:
            if not unlisted:
                raise unsound(file, "the manifest does not list it")
        elif listed[file.name] != sha256(file.read_bytes()):
            raise unsound(file, "it is not what the manifest says")
    return files


def listing(manifest: Path, entry: str = "sha256") -> dict:
    """File name to hash, or to another entry, as a manifest lists them; nothing where there is no manifest."""
    if not manifest.is_file():
        return {}
    try:
        if manifest.stat().st_size > MOST_BYTES:
            raise ValueError("it is too long")
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        if not all(FILE.fullmatch(name) and isinstance(file["sha256"], str) for name, file in files.items()):
            raise ValueError("it lists what publish does not write")
        return {name: file[entry] for name, file in files.items() if entry in file}
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(manifest, f"it cannot be read: {type(error).__name__}") from None


def parts_of(dataset: str, folder: Path | None = None) -> tuple[str, ...]:
    """The parts with published runs on a data set, by name. folder: data/published unless given."""
    return tuple(part for part, sets in sorted(_sets(folder).items()) if dataset in sets)


def published_sets(folder: Path | None = None) -> tuple[str, ...]:
    """The data sets with published runs, in the order of the registry. folder: data/published unless given."""
    there = {name for sets in _sets(folder).values() for name in sets}
    return tuple(name for name in NAMES if name in there)


def _sets(folder: Path | None) -> dict[str, list[str]]:
    """By part the data sets that the manifest names; nothing where there is no manifest."""
    file = (folder or published_folder()) / MANIFEST
    if not file.is_file():
        return {}
    try:
        return {part: list(about["data"]) for part, about in json.loads(file.read_text("utf-8"))["parts"].items()}
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, f"it cannot be read: {type(error).__name__}") from None


def next_file(folder: Path, part: str, files: Iterable[Path]) -> Path:
    """The name of a part's next file beside those that are there."""
    number = 1 + max((int(FILE.fullmatch(file.name)[2]) for file in files if part_of(file) == part), default=0)
    return folder / f"{part}.{number:03d}.parquet"


def write_manifest(folder: Path, rows: Mapping[Path, int]) -> None:
    """List a folder's files of the study, each with its hash, its number of rows, and the method page of its day.

    A file that is listed already keeps its date and the page's hash.
    """
    methods = listing(folder / MANIFEST, "method")
    files = {
        file.name: {
            "sha256": sha256(file.read_bytes()), "rows": rows[file],
            "method": methods.get(file.name) or method_stamp(),
        }
        for file in sorted(rows)
    }  # fmt: skip
    text = json.dumps({"files": files}, indent=1, sort_keys=True) + "\n"
    write_text(folder / MANIFEST, text)


def check_size(folder: Path) -> None:
    """UserError where everything in a folder, those below it included, takes more than MOST_BYTES."""
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise UserError(
            f"Published results would take {size / 2**20:.1f} MB, and {MOST_BYTES / 2**20:.0f} MB are allowed. "
            "Publish fewer runs."
        )


def unsound(file: Path, reason: str) -> UserError:
    """The error for a published file that cannot be believed. reason: what is wrong, without a full stop."""
    return UserError(
        f"The published file {file} cannot be used ({' '.join(reason.split())[:160]}). Restore it from a release, or "
        "take it away together with its lines in the manifest."
    )
