"""Published results: append-only Parquet files under data/published/, one row a run, under version control.

A part is a named set of runs, such as 'memory'. `publish` adds a file `part.001.parquet`, `part.002.parquet`, … with
the runs that the part lacks and never touches an older one. manifest.json lists every file with its hash. Whatever is
read back is doubted until it was checked: a published number must belong to the run it claims.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from .. import datasets
from ..errors import UserError
from ..paths import cache_folder, project_root
from ..runs.config import RIVALS, RunConfig
from ..runs.store import Record, run_key
from .method import in_study, method_stamp

MOST_BYTES = 20 * 2**20  # everything under data/published together
MOST_ROWS = 200_000  # in a file; checked in its footer, before its rows are read
MANIFEST = "manifest.json"
MEASURES = ("accuracy", "nll", "brier", "macro_f1", "epoch")
_PART = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FILE = re.compile(rf"({_PART.pattern})\.(\d{{3}})\.parquet")

_TYPES = {"str": pa.string(), "float": pa.float64(), "int": pa.int64(), "bool": pa.bool_()}
_CONFIG = {
    "placement": "str", "rate": "float", "schedule": "str", "seed": "int", "dropout_stream": "int", "dataset": "str",
    "dataset_options": "str", "train_rows": "int", "units": "int", "layers": "int", "embedding_dim": "int",
    "bidirectional": "bool", "epochs": "int", "batch_size": "int", "learning_rate": "float",
    "evaluations_per_epoch": "int", "weight_decay": "float", "label_smoothing": "float", "permuted_labels": "bool",
}  # fmt: skip
_METRICS = [f"{measure}_{selected}" for selected in ("best", "last") for measure in MEASURES]
# Of the confirmatory study's runs, after temperature scaling on validation; None elsewhere.
_SCALED = [f"{name}_{selected}" for selected in ("best", "last") for name in ("temperature", "nll_scaled")]
_LATER = {*_CONFIG, *_SCALED}  # columns that a file from before they existed lacks
SCHEMA = pa.schema(
    [("key", pa.string()), ("part", pa.string())]
    + [(name, _TYPES[kind]) for name, kind in _CONFIG.items()]
    + [("fingerprint", pa.string()), ("results_version", pa.int64()), ("watch", pa.string()), ("diverged", pa.bool_())]
    + [(name, pa.float64()) for name in _METRICS + _SCALED]
    + [("seconds", pa.float64()), ("provenance", pa.string())]
)


def published_folder() -> Path:
    """Published results: data/published."""
    return project_root() / "data" / "published"


def config_of(row: dict) -> RunConfig:
    """The configuration of a row (a dictionary of SCHEMA's columns). UserError for values that no run can have."""
    return RunConfig(**_given(row))


def _given(row: dict) -> dict:
    """The configuration as a row has it. One from before a field existed lacks that field, and so does its key."""
    values = {name: row[name] for name in _CONFIG if name in row and RIVALS.get(name, ...) != row[name]}
    return values | {"dataset_options": json.loads(values["dataset_options"])}


def row_of(part: str, record: Record) -> dict:
    """A record as a row. What does not exist (the best epoch without a validation part) or is not finite is None."""
    row = {"key": record.key, "part": part, **RIVALS, **record.config.model_dump()}
    row["dataset_options"] = json.dumps(row["dataset_options"], sort_keys=True)
    row |= {name: getattr(record, name) for name in ("fingerprint", "results_version", "watch", "diverged", "seconds")}
    for name in _METRICS:
        measure, _, selected = name.rpartition("_")
        value = record.metrics.get(selected, {}).get(measure, math.nan)
        row[name] = float(value) if math.isfinite(value) else None
    row |= _scaled(record) if in_study(part) else dict.fromkeys(_SCALED)
    return row | {"provenance": json.dumps(record.provenance, sort_keys=True)}


def _scaled(record: Record) -> dict[str, float | None]:
    """A record's temperatures, fitted on validation, and its test NLL after them; None where no validation part is."""
    from ..stats.calibration import split_nll  # SciPy's optimizers and scikit-learn are imported here

    found, p = dict.fromkeys(_SCALED), record.probabilities
    data = datasets.load(record.config.dataset, **record.config.dataset_options)
    for selected in ("best", "last"):
        names = (f"test_{selected}", f"validation_{selected}")
        if all(name in p and np.isfinite(p[name]).all() for name in names):
            split = split_nll(p[names[0]], data.test.labels, p[names[1]], data.validation.labels)
            found |= {f"temperature_{selected}": split.temperature, f"nll_scaled_{selected}": split.refinement}
    return found


def rows_of(frame: pd.DataFrame) -> list[dict]:
    """A frame of SCHEMA's columns as dictionaries, with whole numbers and None where pandas has floats and NaN."""
    return pa.Table.from_pandas(frame, schema=SCHEMA, preserve_index=False).to_pylist()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Have one process publish after the other: a manifest lists what its writer saw, and a file's number is taken."""
    lock = cache_folder() / "published.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield


@one_at_a_time()
def publish(
    part: str, records: Iterable[Record], folder: Path | None = None, shared: Collection[str] = ()
) -> Path | None:
    """Add the runs that a part lacks, as a new file, and write the manifest. Give the file, or None for nothing new.

    part: lower-case letters and digits, joined by '-'. records: from the store. folder: data/published unless given.
    shared: keys of the part's runs; where another part of the study has published one of them, its row is taken over.
    A run that is published stays as it is. UserError for another name, for more than MOST_BYTES in all, and for
    whatever is wrong with the files that are there.
    """
    folder = folder or published_folder()
    if not isinstance(part, str) or not _PART.fullmatch(part):
        raise UserError(
            f"The part {str(part)[:80]!r} is not allowed. Allowed: lower-case letters and digits, joined by '-'."
        )
    # A file that no manifest lists yet is what an interrupted call left: sound rows count, and are listed below.
    frames = {file: _read(file) for file in checked_files(folder, unlisted=True)}
    methods = listing(folder / MANIFEST, "method")
    there = {key for frame in frames.values() for key in frame.loc[frame["part"] == part, "key"]}
    rows = {
        row["key"]: {**row, "part": part}
        for file, frame in frames.items()
        if in_study(part) and in_study(_part_of(file))
        for row in rows_of(frame[frame["key"].isin(set(shared) - there)])
    }
    rows |= {record.key: row_of(part, record) for record in records if record.key not in there}
    target = None
    if rows:
        number = 1 + max((int(_FILE.fullmatch(file.name)[2]) for file in frames if _part_of(file) == part), default=0)
        target = folder / f"{part}.{number:03d}.parquet"
        table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=SCHEMA)
        write_whole(target, lambda name: pq.write_table(table, name, compression="zstd"))
        try:
            frames[target] = _read(target)
            check_size(folder)
        except UserError:
            target.unlink()
            raise
    text = json.dumps(summary(frames, methods), indent=1, sort_keys=True) + "\n"
    write_whole(folder / MANIFEST, lambda name: Path(name).write_text(text, encoding="utf-8"))
    return target


def read(part: str, folder: Path | None = None) -> pd.DataFrame:
    """A part's rows in SCHEMA's columns; none where it was not published yet.

    Every file is checked: listed in the manifest with its hash, of these columns (a field of the configuration that
    came later has its default), each key recomputed from configuration, data fingerprint and results version, measures
    finite unless the run diverged. UserError, naming the file, for anything else.
    """
    files = checked_files(folder or published_folder())
    frames = [_read(file) for file in files if _part_of(file) == part]
    if not frames:
        return SCHEMA.empty_table().to_pandas(use_threads=False)
    frame = pd.concat(frames, ignore_index=True)
    if frame["key"].duplicated().any():
        raise UserError(f"Published results: the part {part} has a run twice. Restore data/published from a release.")
    return frame


def summary(frames: dict[Path, pd.DataFrame], methods: dict[str, dict]) -> dict:
    """What the manifest says of checked files: hashes, and by part runs, seconds, versions, devices and data.

    A file of the confirmatory study has the date on which it was listed and the hash of the method page of that day.
    methods: those of files that are listed already, by name; they stay.
    """
    parts = {}
    for name in sorted({_part_of(file) for file in frames}):
        rows = pd.concat([frame for file, frame in frames.items() if _part_of(file) == name])
        made = [json.loads(text) for text in rows["provenance"].unique()]
        parts[name] = {
            "runs": len(rows),
            "diverged": int(rows["diverged"].sum()),
            "seconds": round(float(rows["seconds"].sum()), 1),
            "results_versions": sorted({int(version) for version in rows["results_version"]}),
            "devices": _different(each.get("device") for each in made),
            "python": _different(each.get("python") for each in made),
            "sources": _different(each.get("source") for each in made),
            "data": {
                dataset: sorted(set(group["fingerprint"])) for dataset, group in rows.groupby("dataset", sort=True)
            },
        }
    files = {file.name: {"sha256": _hash(file.read_bytes()), "rows": len(frames[file])} for file in sorted(frames)}
    for file in frames:
        if in_study(_part_of(file)):
            files[file.name]["method"] = methods.get(file.name) or method_stamp()
    return {"files": files, "parts": parts}


def _different(values) -> list:
    """Each value once, in the order of its JSON text."""
    return [json.loads(text) for text in sorted({json.dumps(value, sort_keys=True) for value in values})]


def _part_of(file: Path) -> str:
    return _FILE.fullmatch(file.name)[1]


def checked_files(folder: Path, unlisted: bool = False) -> list[Path]:
    """A folder's Parquet files in order, each with the hash that the folder's manifest lists.

    unlisted: also those that it does not list. UserError, naming the file, for whatever else there is.
    """
    files = sorted(file for file in folder.glob("*.parquet"))
    for file in files:
        if not _FILE.fullmatch(file.name) or file.is_symlink() or not file.is_file():
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
        elif listed[file.name] != _hash(file.read_bytes()):
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
        if not all(_FILE.fullmatch(name) and isinstance(file["sha256"], str) for name, file in files.items()):
            raise ValueError("it lists what publish does not write")
        return {name: file[entry] for name, file in files.items() if entry in file}
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(manifest, f"it cannot be read: {type(error).__name__}") from None


def check_size(folder: Path) -> None:
    """UserError where everything in a folder, those below it included, takes more than MOST_BYTES."""
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise UserError(
            f"Published results would take {size / 2**20:.1f} MB, and {MOST_BYTES / 2**20:.0f} MB are allowed. "
            "Publish fewer runs."
        )


def _read(file: Path) -> pd.DataFrame:
    """A file's rows, every one checked."""
    try:
        parquet = pq.ParquetFile(file)
        unpacked = sum(parquet.metadata.row_group(number).total_byte_size for number in range(parquet.num_row_groups))
        if parquet.metadata.num_rows > MOST_ROWS or unpacked > 10 * MOST_BYTES:
            raise ValueError("it is too large")
        names = parquet.schema_arrow.names
        known = pa.schema([field for field in SCHEMA if field.name in names or field.name not in _LATER])
        if not parquet.schema_arrow.equals(known):
            raise ValueError("its columns are others")
        rows = [_checked(row, _part_of(file)) for row in parquet.read(use_threads=False).to_pylist()]
        return pa.Table.from_pylist(rows, schema=SCHEMA).to_pandas(use_threads=False)
    except UserError as error:
        raise unsound(file, str(error)) from None
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, str(error) or type(error).__name__) from None


def _checked(row: dict, part: str) -> dict:
    """A row of `part`, with the defaults of fields that its file does not know yet. ValueError if anything is off."""
    given, config = _given(row), config_of(row).model_dump()
    if given != {name: config[name] for name in given}:
        raise ValueError("a configuration is not spelt as this package spells it")
    # run_key hashes what model_dump gives, and this run was named when there was no more to give.
    named = SimpleNamespace(model_dump=lambda: given)
    if row["part"] != part or row["key"] != run_key(named, row["fingerprint"], row["results_version"]):
        raise ValueError("a row belongs to another run or part")
    if not row["diverged"]:
        chosen = row["watch"] == "validation" or row["epoch_best"] is not None
        needed = [name for name in _METRICS if name.endswith("last") or chosen]
        if not all(row[name] is not None and math.isfinite(row[name]) and row[name] >= 0 for name in needed):
            raise ValueError("a measure is not finite, and the run did not diverge")
        if any(row[name] > 1 for name in needed if name.startswith(("accuracy", "macro_f1"))):
            raise ValueError("a share is above 1")
    if not all(math.isfinite(row[name]) and row[name] >= 0 for name in _SCALED if row.get(name) is not None):
        raise ValueError("what temperature scaling gave is not finite")
    if row["watch"] not in ("validation", "test") or not math.isfinite(row["seconds"]) or row["seconds"] < 0:
        raise ValueError("the watched part or the seconds are none")
    if not isinstance(json.loads(row["provenance"]), dict):
        raise ValueError("its provenance is none")
    return {**RIVALS, **config, **row}


def unsound(file: Path, reason: str) -> UserError:
    return UserError(
        f"The published file {file} cannot be used ({' '.join(reason.split())[:160]}). Restore it from a release, or "
        "take it away together with its lines in the manifest."
    )


def write_whole(target: Path, write) -> None:
    """Have `write(name)` fill a file that then appears whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        name = Path(folder) / target.name
        write(str(name))
        name.replace(target)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
