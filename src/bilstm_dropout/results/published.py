"""Published results: append-only Parquet files under data/published/, one row a run, under version control.

A part is a named set of runs, such as 'memory'. `publish` adds a file `part.001.parquet`, `part.002.parquet`, … with
the runs that the part lacks and never touches an older one. manifest.json lists every file with its hash. Whatever is
read back is doubted until it was checked: a published number must belong to the run it claims.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import UserError, unknown
from ..files import Lock, sha256, write_text, write_whole
from ..paths import cache_folder, published_folder
from ..runs.store import Record
from .about import ABOUT, file_name
from .manifest import MANIFEST, MOST_BYTES, PART, check_size, checked_files, listing, next_file, part_of, unsound
from .method import in_study, method_stamp
from .rows import LATER, SCHEMA, checked, row_of, rows_of

LEAST_DIGITS = 8  # of a key, to name a run by
MOST_ROWS = 200_000  # in a file; checked in its footer, before its rows are read


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Have one process publish after the other: a manifest lists what its writer saw, and a file's number is taken."""
    with Lock(cache_folder() / "published.lock"):
        yield


@one_at_a_time()
def publish(
    part: str, records: Iterable[Record], folder: Path | None = None, shared: Collection[str] = ()
) -> Path | None:
    """Add the runs that a part lacks, as a new file, and write the manifest. Give the file, or None for nothing new.

    part: lower-case letters and digits, joined by '-'. records: from the store. folder: data/published unless given.
    shared: keys of the part's runs; where another part of the study has published one of them, its row is taken over,
    from the first part by name where several have trained it.
    A run that is published stays as it is. UserError for another name, for more than MOST_BYTES in all, and for
    whatever is wrong with the files that are there.
    """
    folder = folder or published_folder()
    if not isinstance(part, str) or not PART.fullmatch(part):
        raise UserError(
            f"The part {str(part)[:80]!r} is not allowed. Allowed: lower-case letters and digits, joined by '-'."
        )
    # A file that no manifest lists yet is what an interrupted call left: sound rows count, and are listed below.
    frames = {file: _read(file) for file in checked_files(folder, unlisted=True)}
    methods = listing(folder / MANIFEST, "method")
    there = {key for frame in frames.values() for key in frame.loc[frame["part"] == part, "key"]}
    rows = {}
    for file, frame in frames.items():
        if in_study(part) and in_study(part_of(file)):
            for row in rows_of(frame[frame["key"].isin(set(shared) - there)]):
                rows.setdefault(row["key"], {**row, "part": part})
    rows |= {record.key: row_of(part, record) for record in records if record.key not in there}
    target = None
    if rows:
        target = next_file(folder, part, frames)
        table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=SCHEMA)
        write_whole(target, lambda name: pq.write_table(table, name, compression="zstd"))
        try:
            frames[target] = _read(target)
            check_size(folder)
        except UserError:
            target.unlink()
            raise
    text = json.dumps(summary(frames, methods), indent=1, sort_keys=True) + "\n"
    write_text(folder / MANIFEST, text)
    return target


def read(part: str, folder: Path | None = None) -> pd.DataFrame:
    """A part's rows in SCHEMA's columns; none where it was not published yet.

    part: in words, as about.ABOUT has it ('tuned recipes'), or what its files begin with ('a2'). Every file is checked:
    listed in the manifest with its hash, of these columns (a field of the configuration that came later has its
    default), each key recomputed from configuration, data fingerprint and results version, measures finite unless the
    run diverged. UserError, naming the file, for anything else, and for a part that is not known.
    """
    part, files = file_name(part), checked_files(folder or published_folder())
    frames = [_read(file) for file in files if part_of(file) == part]
    if not frames and part not in ABOUT:
        raise unknown("part", part, ABOUT.values())
    if not frames:
        return SCHEMA.empty_table().to_pandas(use_threads=False)
    frame = pd.concat(frames, ignore_index=True)
    if frame["key"].duplicated().any():
        raise UserError(f"Published results: the part {part} has a run twice. Restore data/published from a release.")
    return frame


def listed(folder: Path | None = None) -> pd.DataFrame:
    """What is published, a row a run: columns key, part, placement and dataset. Each file has the hash that the
    manifest lists; its rows are not checked, as `read` does, and so this takes no time.
    """
    columns = ["key", "part", "placement", "dataset"]
    files = checked_files(folder or published_folder())
    frames = [pq.read_table(file, columns=columns, use_threads=False).to_pandas() for file in files]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def row_named(key: str, folder: Path | None = None) -> dict:
    """The published row of a run by its key, 20 hexadecimal digits, or by the first LEAST_DIGITS of them or more.

    Where several parts have the run, that of the first in the order of ABOUT. UserError for another text, and for one
    that names no run or several.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},20}}", key):
        raise UserError(
            f"{key[:40]!r} is no key of a run. Allowed: its 20 digits or letters from a to f, or the first "
            f"{LEAST_DIGITS} or more, as the files of the pages on numbers have them."
        )
    rows = pd.concat([read(part, folder) for part in ABOUT], ignore_index=True)
    found = rows[rows["key"].str.startswith(key)].drop_duplicates("key")
    if len(found) != 1:
        raise UserError(
            f"{len(found) or 'No'} published runs have a key that begins with {key}. "
            + ("Give more of its digits." if len(found) else "The pages on numbers list every run with its key.")
        )
    return rows_of(found)[0]


def summary(frames: dict[Path, pd.DataFrame], methods: dict[str, dict]) -> dict:
    """What the manifest says of checked files: hashes, and by part runs, seconds, versions, devices and data.

    A file of the confirmatory study has the date on which it was listed and the hash of the method page of that day.
    methods: those of files that are listed already, by name; they stay.
    """
    parts = {}
    for name in sorted({part_of(file) for file in frames}):
        rows = pd.concat([frame for file, frame in frames.items() if part_of(file) == name])
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
    files = {file.name: {"sha256": sha256(file.read_bytes()), "rows": len(frames[file])} for file in sorted(frames)}
    for file in frames:
        if in_study(part_of(file)):
            files[file.name]["method"] = methods.get(file.name) or method_stamp()
    return {"files": files, "parts": parts}


def _different(values) -> list:
    """Each value once, in the order of its JSON text."""
    return [json.loads(text) for text in sorted({json.dumps(value, sort_keys=True) for value in values})]


def _read(file: Path) -> pd.DataFrame:
    """A file's rows, every one checked."""
    try:
        content = file.read_bytes()
        parquet = pq.ParquetFile(pa.BufferReader(content))
        unpacked = sum(parquet.metadata.row_group(number).total_byte_size for number in range(parquet.num_row_groups))
        if parquet.metadata.num_rows > MOST_ROWS or unpacked > 10 * MOST_BYTES:
            raise ValueError("it is too large")
        names = parquet.schema_arrow.names
        known = pa.schema([field for field in SCHEMA if field.name in names or field.name not in LATER])
        if not parquet.schema_arrow.equals(known):
            raise ValueError("its columns are others")
        return _rows(part_of(file), content).copy()
    except UserError as error:
        raise unsound(file, str(error)) from None
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, str(error) or type(error).__name__) from None


@lru_cache(maxsize=128)  # a page reads a part several times; each time its files are the same to the last byte
def _rows(part: str, content: bytes) -> pd.DataFrame:
    """The rows of a file of `part` that has this content, every one checked."""
    table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    rows = [checked(row, part) for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=SCHEMA).to_pandas(use_threads=False)
