"""Published learning curves: append-only Parquet files under data/published/curves/, beside the published rows.

`PART.001.parquet`, … hold a row an evaluation of a run: SCHEMA's columns, sorted by key and epoch. What a run watches
is in its published row (`watch`): validation where the data have such a part, else test; and, at the end of each epoch,
the training part without masks where that row says so (`watch_training`). What was not measured is null there and NaN
where it is read, and so is a measure that is not finite, which only the last evaluation of a run that diverged can
have. A file from before UNMASKED was measured lacks that column. A manifest of their own lists the files.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import UserError, unknown
from ..files import write_whole
from ..paths import published_folder
from ..runs.store import Record
from . import manifest, published
from .about import file_name
from .manifest import check_size, checked_files, part_of, unsound

PARTS_WITH_CURVES = ("q", "u", "s", "m")
FOLDER = "curves"
MOST_POINTS = 2_000_000  # in a file; checked in its footer, before its rows are read
POINT = ("epoch", "train_nll", "watch_nll", "watch_accuracy")
UNMASKED = "unmasked_train_nll"
SCHEMA = pa.schema([("key", pa.string()), *((name, pa.float64()) for name in (*POINT, UNMASKED))])
_BEFORE = SCHEMA.remove(SCHEMA.get_field_index(UNMASKED))
ACCURACY_ERROR = 1e-6  # two ways to take the same mean


@published.one_at_a_time()
def publish(part: str, records: Iterable[Record], folder: Path | None = None) -> Path | None:
    """Add the curves that a part lacks, as a new file, and write the manifest. Give the file, or None for nothing new.

    part: of PARTS_WITH_CURVES; its rows are published already. records: from the store. folder: data/published unless
    given. UserError for another part, for a record that is not the one of its row, for more than manifest.MOST_BYTES in
    all, and for whatever is wrong with files that are there.
    """
    folder, rows = folder or published_folder(), _rows(part, folder)
    # A file that no manifest lists yet is what an interrupted call left: sound ones count, and are listed below.
    frames = {file: _read(file) for file in checked_files(folder / FOLDER, unlisted=True)}
    there = set(_matched(part, frames, rows)["key"])
    new = {record.key: record.curves for record in records if record.key not in there}
    target = None
    if new:
        points = [
            {"key": key, **{name: value if math.isfinite(value) else None for name, value in point.items()}}
            for key in sorted(new)
            for point in new[key]
        ]
        target = manifest.next_file(folder / FOLDER, part, frames)
        write_whole(target, lambda name: _write(pa.Table.from_pylist(points, schema=SCHEMA), name))
        try:
            frames[target] = _read(target)
            _matched(part, frames, rows)
            check_size(folder)
        except UserError:
            target.unlink()
            raise
    if frames:
        manifest.write_manifest(folder / FOLDER, {file: len(frame) for file, frame in frames.items()})
    return target


def read(part: str, folder: Path | None = None) -> pd.DataFrame:
    """A part's learning curves, a row an evaluation; none where it was not published yet.

    Columns: key, epoch (from above 0, ascending within a run), train_nll (nats, the mean since the evaluation before,
    masks on), watch_nll (nats), watch_accuracy (0 to 1), unmasked_train_nll (nats, masks off; NaN but at the end of an
    epoch of a run that watches its training). Every file is checked: listed in the manifest with its hash, of these
    columns, keys of the part's published rows, each in one file, finite unless the run diverged, and each curve fits
    its row: it ends at the row's last epoch, validation is least at the row's chosen epoch, and where the test part is
    watched, the last accuracy is the row's. UserError, naming the file, for anything else, and for another part.
    """
    part, folder = file_name(part), folder or published_folder()
    rows = _rows(part, folder)
    files = [file for file in checked_files(folder / FOLDER) if part_of(file) == part]
    return _matched(part, {file: _read(file) for file in files}, rows)


def _rows(part: str, folder: Path) -> pd.DataFrame:
    """A part's published rows, by their keys."""
    if part not in PARTS_WITH_CURVES:
        raise unknown("part with learning curves", part, PARTS_WITH_CURVES)
    return published.read(part, folder).set_index("key")


def _write(table: pa.Table, name: str) -> None:
    """Few epochs and accuracies differ, hardly two losses do: those by dictionary, these byte by byte."""
    losses = ["train_nll", "watch_nll", UNMASKED]
    pq.write_table(
        table, name, compression="zstd", use_dictionary=[each for each in SCHEMA.names if each not in losses],
        use_byte_stream_split=losses,
    )  # fmt: skip


def _read(file: Path) -> pd.DataFrame:
    """A file's points, checked by themselves."""
    try:
        parquet = pq.ParquetFile(file)
        if parquet.metadata.num_rows > MOST_POINTS:
            raise ValueError("it is too large")
        if not any(parquet.schema_arrow.equals(known) for known in (SCHEMA, _BEFORE)):
            raise ValueError("its columns are others")
        frame = parquet.read(use_threads=False).to_pandas(use_threads=False).reindex(columns=SCHEMA.names)
        measured = frame.drop(columns="key").astype(float)
        if frame[["key", "epoch"]].isna().any(axis=None) or np.isinf(measured).any(axis=None):
            raise ValueError("a key or an epoch is missing, or a value is infinite")
        if (measured < 0).any(axis=None) or (frame["watch_accuracy"] > 1).any():
            raise ValueError("a value is below 0, or an accuracy above 1")
        changes = (frame["key"] != frame["key"].shift()).to_numpy()
        if changes.sum() != frame["key"].nunique() or not (changes | (frame["epoch"].diff() > 0)).all():
            raise ValueError("its points are not in the order of runs and epochs")
        return frame
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, str(error) or type(error).__name__) from None


def _matched(part: str, frames: dict[Path, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """The points in files of a part, compared with its published rows."""
    found, seen, published_rows = [SCHEMA.empty_table().to_pandas(use_threads=False)], set(), rows.to_dict("index")
    for file, frame in frames.items():
        if part_of(file) != part:
            continue
        columns = {name: frame[name].to_numpy() for name in SCHEMA.names}
        keys = columns.pop("key")
        starts = np.flatnonzero((frame["key"] != frame["key"].shift()).to_numpy())  # a run's points follow each other
        for first, end in pairwise([*starts, len(frame)]):
            key = keys[first]
            if key in seen or key not in published_rows:
                raise unsound(file, f"the run {key} is there twice, or has no published row in {part}")
            curve = {name: values[first:end] for name, values in columns.items()}
            if reason := _misfit(curve, published_rows[key]):
                raise unsound(file, f"the run {key} {reason}")
            seen.add(key)
        found.append(frame)
    return pd.concat([frame for frame in found if len(frame)] or found, ignore_index=True)


def _misfit(curve: dict[str, np.ndarray], row: dict) -> str | None:
    """What in a run's curve, arrays by column, does not fit its published row, if anything."""
    whole = slice(-1) if row["diverged"] else slice(None)  # training ends with the first measure that is not finite
    if any(np.isnan(curve[name][whole]).any() for name in POINT):
        return "has a measure that is not finite before it diverged, or did not diverge"
    watched = (curve["epoch"][whole] % 1 == 0) & row["watch_training"]
    if (~np.isnan(curve[UNMASKED][whole]) != watched).any():
        return "has a loss without masks where its published row says otherwise"
    if curve["epoch"][-1] != row["epoch_last"]:
        return "has another last epoch than its published row"
    if row["watch"] == "validation" and not np.isnan(row["epoch_best"]):
        finite = np.where(np.isnan(curve["watch_nll"]), np.inf, curve["watch_nll"])
        least = curve["epoch"][finite.argmin()]
        return None if least == row["epoch_best"] else "chose another epoch than its published row"
    if row["watch"] == "test" and abs(curve["watch_accuracy"][-1] - row["accuracy_last"]) > ACCURACY_ERROR:
        return "has another last accuracy than its published row"
    return None
