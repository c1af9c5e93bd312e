"""Data sets as arrays, kept in data/cache so that every notebook's kernel need not read and split the files again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
from filelock import FileLock

from ..files import is_looking, sha256, write_whole
from ..isolated import hash_of, sources_of
from ..paths import cache_folder
from .dataset import Dataset, Split

_PARTS = ("train", "validation", "test")
_ARRAYS = ("inputs", "lengths", "labels")
_NAMES = ("classes", "token_names")
_VALUES = ("name", "kind", "features", "vocabulary")


def kept(
    name: str,
    sources: Sequence[str],
    options: Mapping[str, object],
    code: str,
    make: Callable[[], Dataset],
) -> Dataset:
    """What `make` returns, a data set without posteriors, from data/cache where it is there and sound.

    sources: digests of the files that it is made from, or versions of the libraries. options: all of them. code: full
    name of the module that decides how files become arrays; what it imports counts, too. A copy counts where it was
    made from the same sources, options and code, with the same scikit-learn, and its arrays, ids and token names have
    the digest that was stored with them; anything else is made again. A folder that cannot be written costs the time
    again and nothing else, and so does a process that only looks.
    """
    source = hash_of(sources_of(__name__, code))
    described = json.dumps([name, list(sources), dict(options), source, version("scikit-learn")])
    key = sha256(described.encode())
    file = cache_folder() / "encoded" / f"{name}-{key[:16]}.npz"
    if is_looking():
        return _read(file, key) or make()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{file}.lock").acquire()
    except OSError:
        return make()
    with lock:
        dataset = _read(file, key)
        if dataset is None:
            dataset = make()
            _write(file, key, dataset)
        return dataset


def _read(file: Path, key: str) -> Dataset | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            described = json.loads(stored["described"].tobytes())
            parts = dict.fromkeys(_PARTS) | {
                part: Split(*(stored[f"{part}_{array}"] for array in _ARRAYS), ids=tuple(ids))
                for part, ids in described["ids"].items()
            }
        names = {field: tuple(described[field]) for field in _NAMES}
        dataset = Dataset(**parts, **names, **described["values"])
        sound = described["key"] == key and described["digest"] == _digest(dataset)
    except Exception:  # whatever a damaged file causes: it is made again
        return None
    return dataset if sound else None


def _write(file: Path, key: str, dataset: Dataset) -> None:
    described = {
        "key": key,
        "values": {field: getattr(dataset, field) for field in _VALUES},
        **{field: getattr(dataset, field) for field in _NAMES},
        "ids": {part: split.ids for part, split in dataset.splits().items()},
        "digest": _digest(dataset),
    }
    arrays = {f"{part}_{name}": array for part, split in dataset.splits().items() for name, array in split.arrays()}
    arrays["described"] = np.frombuffer(json.dumps(described).encode(), dtype=np.uint8)
    with suppress(OSError):  # else it is made again next time
        write_whole(file, lambda name: np.savez_compressed(name, **arrays))


def _digest(dataset: Dataset) -> str:
    ids = [split.ids for split in dataset.splits().values()]
    described = json.dumps([dataset.name, dataset.fingerprint, dataset.token_names, ids])
    return sha256(described.encode())
